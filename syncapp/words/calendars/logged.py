"""What the operator log keeps of acts on calendars, in words: it holds names of columns and codes.

Invariant: a text that is not understood is shown as it is. To extend: a choice of a calendar is a row of CHOICES, what
an act comes to one of RESULTS.
"""

import re
from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from syncapp.words import Words
from syncapp.words.calendars.cases import QUESTIONS, answer_words
from syncapp.words.calendars.looks import mode_look

CHOICES: Mapping[str, Words] = {
    "mode": _("mode"),
    "active": _("synced"),
    "full_content": _("full content"),
    "write_to_advoware": _("writes to Advoware"),
    "calendar_id": _("calendar in Google"),
    "google_address": _("Google address"),
    "name": _("name"),
    "firm_wide": _("calendar of the whole firm"),
}
VALUES: Mapping[str, Words] = {"True": _("yes"), "False": _("no"), "None": _("as the installation says")}
RESULTS: Mapping[tuple[str, str], Words] = {
    ("calendar_share", "made"): _("newly made"),
    ("calendar_share", "shared"): _("shared anew"),
    ("calendar_capability", "delete=True"): _("Advoware deletes appointments"),
    ("calendar_capability", "delete=False"): _("Advoware deletes no appointments"),
    ("calendar_capability", "delete=None"): _("to be tried again"),
    ("calendar_quota", "allowed"): _("allowed again"),
    ("calendar_quota", "was not stopped"): _("was not stopped"),
}
# Why the reading of Advoware's employees has changed a calendar: kept so, in the place of a person's reason.
NOT_LISTED = "not in Advoware's list of employees"
LISTED_AGAIN = "in Advoware's list of employees again"
REASONS: Mapping[str, Words] = {
    NOT_LISTED: _("not in Advoware's list of employees"),
    LISTED_AGAIN: _("in Advoware's list of employees again"),
}
CHOICE = re.compile(r"(?:^|, )(" + "|".join(CHOICES) + r")=")


def reason_words(action: str, reason: str) -> str:
    """Why it was done: what a program has written in words, what a person has as it is."""
    return str(REASONS.get(reason, reason)) if action == "calendar_change" else reason


def logged_words(action: str, result: str) -> str:
    """What came of an act on a calendar; of other acts, as it is kept."""
    if (action, result) in RESULTS:
        return str(RESULTS[action, result])
    if action == "calendar_change":
        return _changed(result)
    if action == "calendar_decide":
        question, _sign, choice = result.partition(": ")
        return answer_words(question, choice) if question in QUESTIONS else result
    return result


def _changed(result: str) -> str:
    """“Betriebsart: Echtbetrieb, …” of “mode=live, …”. The number of a calendar in Google tells nobody anything."""
    before, *found = CHOICE.split(result)
    if before or not found:
        return result
    said = []
    for name, value in zip(found[::2], found[1::2], strict=True):
        known = mode_look(value)[2] if name == "mode" else VALUES.get(value)
        shown = gettext("set") if name == "calendar_id" and value else str(known or value or "–")
        said.append(f"{CHOICES[name]}: {shown}")
    return ", ".join(said)
