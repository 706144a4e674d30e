"""Differences of both sides in words: what differs, and what explains it.

To extend: a reason is a row of REASONS.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

DIFFERS, MISSING = "differs", "missing"
STATES: dict[str, Words] = {DIFFERS: _("differs"), MISSING: _("missing")}


@dataclass(frozen=True, slots=True)
class Reason:
    expected: bool
    words: Words


REASONS: dict[str, Reason] = {
    "not_linked": Reason(True, _("the record has no betNr yet")),
    "held": Reason(True, _("somebody holds the record by hand")),
    "sync_due": Reason(True, _("a sync is due that will settle it")),
    "planned_only": Reason(True, _("planned; nothing is written for it at present (shadow, or not in the pilot)")),
    "seen_once": Reason(True, _("a list is empty, or has lost half of itself at once; it has to be seen twice")),
    "decision": Reason(True, _("the conflict waits for a decision")),
    "failed": Reason(True, _("the sync has failed; the record says why")),
    "changed_since": Reason(True, _("changed on one side since the last sync; the next look will find it")),
    "as_taken": Reason(True, _("one side keeps it shortened or spelled differently, as after the last sync")),
    "company": Reason(True, _("not compared for a company")),
    "no_counterpart": Reason(True, _("the value has no counterpart on the other side")),
    "only_in_advoware": Reason(True, _("EspoCRM cannot hold it")),
    "only_in_espocrm": Reason(True, _("an account without an IBAN, which is not carried")),
    "by_hand": Reason(True, _("people have a task or a question about it")),
    "double": Reason(True, _("one side has it twice, which people know")),
    "gone": Reason(True, _("gone on one side, and known to be")),
    "unexplained": Reason(False, _("nothing explains it")),
    "hidden": Reason(False, _("one side did not show the field")),
    "list_waits": Reason(False, _("the list is left alone; the page of the record says why")),
    "gone_unseen": Reason(False, _("gone on one side, and not known so far")),
    "duplicate": Reason(False, _("another record has the same betNr")),
    "unreadable": Reason(False, _("could not be read")),
}
