"""The installation's choices as the plan wants them, and what was found out about the two systems.

Invariant: a fact that was found out (whether Advoware deletes, until when Google takes nothing new) is shared by all
passes and outlives a restart. To extend: a setting is a line of `policy`, a fact a key here.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from syncapp.core.appointments.policy import (
    CalendarOwner,
    CalendarPolicy,
    ConflictRule,
    DeleteInAdvoware,
    FirmWide,
    GoneAndChanged,
    Private,
)
from syncapp.models import CalendarEmployee, Control, RemoteFact

CAN_DELETE = "calendar.advoware_deletes"
CREATES_STOPPED = "calendar.google_creates_stopped"
STOPPED_FOR = timedelta(hours=6)
# How Advoware lists what concerns the whole firm.
FIRM_KUERZEL = "Allgemein"


def policy(control: Control) -> CalendarPolicy:
    facts = dict(RemoteFact.objects.filter(pk__in=(CAN_DELETE, CREATES_STOPPED)).values_list("pk", "value"))
    return CalendarPolicy(
        installation=str(control.installation),
        conflict=ConflictRule(settings.CALENDAR_CONFLICT_POLICY),
        delete_in_advoware=DeleteInAdvoware(settings.CALENDAR_DELETE_IN_ADVOWARE),
        gone_and_changed=GoneAndChanged(settings.CALENDAR_GONE_AND_CHANGED),
        private=Private(settings.CALENDAR_PRIVATE),
        firm_wide=FirmWide(settings.CALENDAR_FIRM_WIDE),
        special=settings.CALENDAR_SPECIAL,
        missing_time=settings.CALENDAR_MISSING_TIME,
        past_days=settings.CALENDAR_PAST_DAYS,
        future_days=settings.CALENDAR_FUTURE_DAYS,
        can_delete=_truth(facts.get(CAN_DELETE)),
        create_in_google=_future(facts.get(CREATES_STOPPED)) is None,
    )


def owner(row: CalendarEmployee) -> CalendarOwner:
    """Whose calendar it is; without texts for one pass where that was asked for."""
    return CalendarOwner(
        kuerzel=row.kuerzel,
        calendar_id=row.calendar_id,
        full_content=row.full_content and not row.wants(row.anonymous_wanted),
        write_to_advoware=row.write_to_advoware,
        firm_wide=row.firm_wide,
    )


def listed_as(row: CalendarEmployee) -> str:
    """By which kuerzel Advoware lists what this calendar holds."""
    return FIRM_KUERZEL if row.firm_wide else row.kuerzel


def somebody() -> str:
    """A kuerzel whose Termine Advoware should list, for questions that are about nobody: of somebody who still works
    there. The whole firm's is known of one interface alone."""
    rows = CalendarEmployee.objects.filter(active=True, firm_wide=False).order_by("pk")
    return rows.values_list("kuerzel", flat=True).first() or FIRM_KUERZEL


def can_delete() -> bool | None:
    """Whether Advoware deletes Termine, as it last showed; None: not tried yet."""
    return _truth(_fact(CAN_DELETE))


def set_can_delete(value: bool | None) -> None:
    if value is None:
        RemoteFact.objects.filter(pk=CAN_DELETE).delete()
    elif can_delete() is not value:
        _keep(CAN_DELETE, value)


def creates_stopped_until() -> datetime | None:
    """Until when Google is asked to make nothing new, after it has said that it was too much; None: no such stop."""
    return _future(_fact(CREATES_STOPPED))


def stop_creates() -> None:
    _keep(CREATES_STOPPED, (timezone.now() + STOPPED_FOR).isoformat())


def allow_creates() -> bool:
    """A person says that the quota is free again; whether there was a stop."""
    return RemoteFact.objects.filter(pk=CREATES_STOPPED).delete()[0] > 0


def _truth(found: Any) -> bool | None:
    return None if found is None else bool(found)


def _future(found: Any) -> datetime | None:
    until = None if found is None else datetime.fromisoformat(found)
    return until if until is not None and until > timezone.now() else None


def _fact(key: str) -> Any:
    return RemoteFact.objects.filter(pk=key).values_list("value", flat=True).first()


def _keep(key: str, value: object) -> None:
    RemoteFact.objects.update_or_create(pk=key, defaults={"value": value, "fetched_at": timezone.now()})
