"""Checks of calendars: key file, login, clock, each calendar and its share, quota, Advoware's Termine.

Invariant: none of them is shown where calendars are not set up; nothing is changed.
"""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import QuerySet

from syncapp.core.appointments.policy import FirmWide
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.entities.appointments import configured
from syncapp.entities.appointments.neutral import list_today
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import in_use, sharing
from syncapp.operations.doctor.evidence import Evidence
from syncapp.operations.doctor.reaching import clock_faults, in_words
from syncapp.operations.doctor.shapes import Check, Found
from syncapp.remotes.http.errors import AuthFailed, Misconfigured, RemoteError, Transient
from syncapp.remotes.registry import advoware_client, google_calendar_client
from syncapp.words.time_format import exact


def check_key(evidence: Evidence) -> Iterator[Found]:
    try:
        google_calendar_client().check_key()
    except Misconfigured as error:
        yield Found("google_key", in_words(error))


def check_login(evidence: Evidence) -> Iterator[Found]:
    """A token, and a call that needs it: that the API is off or a scope missing shows there alone."""
    try:
        google_calendar_client().check_login()
        google_calendar_client().calendars()
    except (AuthFailed, Misconfigured) as error:
        yield Found("google_login", in_words(error))
    except Transient as error:
        yield Found("google_unreachable", in_words(error))


def check_clock(evidence: Evidence) -> Iterator[Found]:
    yield from clock_faults(SYSTEM_NAMES[System.GOOGLE_CALENDAR], google_calendar_client().last_server_date)


def _calendars() -> "QuerySet[CalendarEmployee]":
    return CalendarEmployee.objects.filter(active=True).exclude(calendar_id="").order_by("kuerzel")


def check_calendars(evidence: Evidence) -> Iterator[Found]:
    client = google_calendar_client()
    for row in _calendars():
        try:
            client.for_employee(row.kuerzel).calendar(row.calendar_id)
        except RemoteError as error:
            yield Found("google_calendar", {"kuerzel": row.kuerzel, **in_words(error)})


def check_shares(evidence: Evidence) -> Iterator[Found]:
    client = google_calendar_client()
    for row in _calendars():
        if not sharing.readers(row):
            yield Found("google_no_address", {"kuerzel": row.kuerzel})
            continue
        try:
            unseen = sharing.unshared(row, client.for_employee(row.kuerzel))
        except RemoteError:
            continue  # that the calendar cannot be read is another line
        if unseen:
            yield Found("google_not_shared", {"kuerzel": row.kuerzel, "address": ", ".join(unseen)})


def check_quota(evidence: Evidence) -> Iterator[Found]:
    until = configured.creates_stopped_until()
    if until is not None:
        yield Found("google_quota", {"until": exact(until)})


def check_termine(evidence: Evidence) -> Iterator[Found]:
    try:
        list_today(advoware_client(), configured.somebody())
    except RemoteError as error:
        yield Found("termine_unreadable", in_words(error))
    else:
        yield from _firm_wide()


def _firm_wide() -> Iterator[Found]:
    """Passes take a 404 for none at all: everybody's own Termine are carried, those of the firm are not."""
    if FirmWide.copy != settings.CALENDAR_FIRM_WIDE:
        return
    try:
        list_today(advoware_client(), configured.FIRM_KUERZEL)
    except RemoteError as error:
        missing = error.status == 404
        code = "firm_wide_not_listed" if missing else "termine_unreadable"
        yield Found(code, {"kuerzel": configured.FIRM_KUERZEL} if missing else in_words(error))


def check_kuerzel(evidence: Evidence) -> Iterator[Found]:
    """A calendar of somebody whom Advoware does not list stays empty for ever."""
    try:
        listed = {one.kuerzel.casefold() for one in advoware_client().employees()}
    except RemoteError as error:
        yield Found("employees_unreadable", in_words(error))
        return
    rows = CalendarEmployee.objects.filter(active=True, firm_wide=False).order_by("kuerzel")
    unknown = [kuerzel for kuerzel in rows.values_list("kuerzel", flat=True) if kuerzel.casefold() not in listed]
    if listed and unknown:
        yield Found("kuerzel_unknown", {"kuerzel": ", ".join(unknown)})


def check_deletion(evidence: Evidence) -> Iterator[Found]:
    if configured.can_delete() is False:
        yield Found("termine_not_deleted")


KEY, LOGIN = "google_key", "google_login"
CHECKS: tuple[Check, ...] = (
    Check(KEY, check_key, (), in_use),
    Check(LOGIN, check_login, (KEY,), in_use),
    Check("google_clock", check_clock, (LOGIN,), in_use),
    Check("google_calendars", check_calendars, (LOGIN, "migrations"), in_use),
    Check("google_shares", check_shares, (LOGIN, "migrations"), in_use),
    Check("google_quota", check_quota, ("migrations",), in_use),
    Check("advoware_termine", check_termine, ("advoware_token",), in_use),
    Check("advoware_employees", check_kuerzel, ("advoware_token",), in_use),
    Check("advoware_termine_deletion", check_deletion, ("migrations",), in_use),
)
