"""What stops a calendar or a single appointment: what happened, the likely cause, and what to do.

Invariant: what happened says words/sentences.py, once; here stands, for the codes of passes, what comes of it. No text
says what is in an appointment. To extend: a row of FAULTS, its German in locale/de; docs/CALENDAR.md renders the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from syncapp.core.appointments.plan_shapes import HoldReason
from syncapp.core.faults.errors import ErrorKind
from syncapp.words import Words, sentences


@dataclass(frozen=True, slots=True)
class CalendarFault:
    """Where it comes from, and what to do."""

    cause: Words
    advice: Words


FAULTS: Mapping[str, CalendarFault] = {
    "no_calendar": CalendarFault(
        _("The calendar has not been made, or its making was stopped by Google's limit for new calendars."),
        _("Set the employee's Google address, then choose “Make and share the calendar”."),
    ),
    "calendar_gone": CalendarFault(
        _("Somebody deleted the calendar in Google, or took away the right to change it."),
        _(
            "Restore it from Google's trash and choose “Pass now”, or have a new one made: “Make and share the "
            "calendar”. By itself it is looked at once a day."
        ),
    ),
    "calendar_not_chosen": CalendarFault(
        _("The installation begins with a few calendars, and this is none of them."),
        _("If it is to be synced, have its kuerzel added to CALENDAR_ONLY, or the setting emptied."),
    ),
    "calendar_set_aside": CalendarFault(
        _("The employee has left, or Advoware does not list them as active."),
        _(
            "If they are back, read the employees from Advoware again. Whom somebody has set aside by hand comes back "
            "by python manage.py calendar set KUERZEL active=true."
        ),
    ),
    "calendar_off": CalendarFault(
        _("Somebody has switched this calendar off."),
        _("Choose “Back to shadow” or “Go live”, if it is to be synced."),
    ),
    HoldReason.too_many_removals: CalendarFault(
        _("A mass deletion on one side, a changed kuerzel, or a list that came back incomplete."),
        _("Look into Advoware and Google. If it is meant to be, choose “Let it go on after all”."),
    ),
    HoldReason.advoware_list_small: CalendarFault(
        _("A disturbance of Advoware, a changed kuerzel, or appointments that were really deleted."),
        _("Look into Advoware. If they are really gone, choose “Let it go on after all”."),
    ),
    HoldReason.google_list_small: CalendarFault(
        _("A calendar that was emptied, or an incomplete answer of Google."),
        _("Look into the Google calendar. If they are really gone, choose “Let it go on after all”."),
    ),
    "list_in_doubt": CalendarFault(
        _("A disturbance over there, or many deletions at once."),
        _("Nothing for now: if it looks the same again, the calendar stops and asks."),
    ),
    "pass_not_finished": CalendarFault(
        _("Appointments that were changed while the pass was going on, on both sides or by another pass."),
        _("Nothing: it is tried again by itself."),
    ),
    "pass_stopped": CalendarFault(
        _("A restart, or somebody paused, switched to shadow or stopped the writes to a side meanwhile."),
        _("Nothing: it goes on by itself, after a pause when that is over."),
    ),
    "quota_exceeded": CalendarFault(
        _("Too many were made in a short time; Google does not say how many it allows."),
        _("Nothing: it goes on by itself. What is due next is made first."),
    ),
    "appointments_failed": CalendarFault(
        _("What they contain, or a right that is missing. Each says so itself."),
        _("Look at the list of failed appointments of this calendar."),
    ),
}

# What to do about errors of the remote systems, where the words for records of EspoCRM would mislead.
ADVICE: Mapping[str, Words] = {
    ErrorKind.VALIDATION: _("Correct the appointment where it was entered; the next pass tries again by itself."),
    ErrorKind.FORBIDDEN: _("Have the right granted, then choose “Pass now”. docs/GOOGLE_SETUP.md says how."),
    ErrorKind.AUTH: _(
        "Have the login checked with “doctor”; docs/GOOGLE_SETUP.md has the cure of each error of Google."
    ),
    ErrorKind.CONFIGURATION: _("Have the settings checked with “doctor”; it goes on by itself afterwards."),
    ErrorKind.NEEDS_CONFIRMATION: _("Look at what is asked and decide."),
    ErrorKind.BUG: _(
        "It is tried again by itself. Send the technical detail of the pass to whoever looks after Advosync."
    ),
}


@dataclass(frozen=True, slots=True)
class FaultWords:
    what: str
    cause: str
    advice: str


def explained(kind: str, fault: Mapping[str, Any]) -> FaultWords | None:
    """What is wrong with a calendar or an appointment; None where nothing is."""
    if not kind and not fault:
        return None
    # The words for contents are those of records, and name contact points.
    text = sentences.kind_text(kind, fault if kind == ErrorKind.TRANSIENT else None)
    found = FAULTS.get(str(fault.get("code")))
    what = sentences.sentence(fault) or str(text.meaning)
    if found is None:
        return FaultWords(what, str(text.cause), str(ADVICE.get(kind, text.advice)))
    return FaultWords(what, str(found.cause), str(found.advice))


def fault_words(kind: str, fault: Mapping[str, Any]) -> str:
    """What is wrong, in a sentence; "" where nothing is."""
    found = explained(kind, fault)
    return found.what if found else ""
