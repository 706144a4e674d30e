"""Three employees with calendars, and appointments in every state, as rows: nobody is asked over HTTP."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from syncapp.models import (
    Appointment,
    AppointmentChange,
    AppointmentConflict,
    CalendarEmployee,
    CalendarPass,
)

KEY_FILE = "/etc/advosync/google.json"
WORST = {"code": "too_many_removals", "params": {"planned": 12, "of": 30}}
REFUSED = {"code": "remote_validation", "params": {"system": "google_calendar", "reason": "Google's rule invalid"}}


@dataclass(frozen=True)
class Calendars:
    """What tests open."""

    one: CalendarEmployee
    stopped: CalendarEmployee
    asked: Appointment
    gave_way: AppointmentConflict


def settle_calendars() -> Calendars:
    now = timezone.now()
    one = _calendar("SB", "Sabine Berg", mode="live", write_to_advoware=True, shared_role="writer", last_check=now)
    troubled = {"mode": "live", "status": "failed", "kind": "needs_confirmation", "fault": WORST}
    stopped = _calendar("AI", "Alexander Imhof", google_address="alexander.imhof@imhof-und-partner.example", **troubled)
    _calendar("RO", "Renate Otto", calendar_id="", google_address="")
    fine = _appointment(one, 4711, 0, "Besprechung Neumandat", ort="Kanzlei")
    asked = _appointment(
        one,
        4712,
        1,
        "Verhandlung LG Hannover",
        status="ask",
        questions=[{"code": "conflict", "groups": ["text"], "candidates": []}],
        reports=[{"code": "conflict", "detail": "", "count": 0}],
    )
    _appointment(one, 4713, 2, "Notartermin", status="failed", error_kind="validation", fault=REFUSED)
    _appointment(one, 4714, 3, "Serie", status="unsupported", reason="leap_day")
    _appointment(one, None, 4, "Zahnarzt", status="only_in_google", base_advoware=None)
    _appointment(one, 4715, 5, "Fristablauf", status="awaiting_removal")
    told: dict[str, Any] = {"record": one, "appointment": asked, "code": "conflict", "field": "text", "side": "google"}
    gave_way = AppointmentConflict.objects.create(**told, value="Verhandlung", lost="Verhandlung", kept="Gütetermin")
    AppointmentChange.objects.create(
        record=one, appointment=fine, side="google", action="patch_event", field="ort", before="Saal 2", after="Kanzlei"
    )
    for outcome, verdict in (("done", "full"), ("failed", "light"), ("shadow", "full")):
        CalendarPass.objects.create(
            record=one,
            kuerzel="SB",
            started_at=now - timedelta(minutes=9),
            outcome=outcome,
            verdict=verdict,
            summary={"insert_event": {"done": 2}},
            calls={"advoware": {"GET": 1}, "google_calendar": {"GET": 1, "POST": 2}},
        )
    return Calendars(one, stopped, asked, gave_way)


def _calendar(kuerzel: str, name: str, **columns: Any) -> CalendarEmployee:
    given = {"google_address": f"{kuerzel.lower()}@kanzlei.example", "calendar_id": f"c_{kuerzel}@group", **columns}
    return CalendarEmployee.objects.create(kuerzel=kuerzel, name=name, **given)


def _appointment(row: CalendarEmployee, fr_nr: int | None, days: int, text: str, **columns: Any) -> Appointment:
    day = timezone.localdate() + timedelta(days=days)
    when = [False, f"{day.isoformat()}T09:00", f"{day.isoformat()}T10:00"]
    base = {"when": when, "rule": None, "text": text, "ort": columns.pop("ort", ""), "notiz": "", "privat": False}
    given = {"base_advoware": base, "base_google": base, "starts_on": day, "ends_on": day, **columns}
    given.setdefault("anwalt", row.kuerzel)
    return Appointment.objects.create(employee=row, fr_nr=fr_nr, google_id=f"g{fr_nr or days}", **given)
