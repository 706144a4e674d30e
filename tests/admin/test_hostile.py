"""Hostile values in everything that is recorded and in every form field: shown as text, never obeyed, never a crash."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.models import (
    Appointment,
    AppointmentChange,
    AppointmentConflict,
    CalendarEmployee,
    CalendarPass,
    Case,
    Conflict,
    OperatorLog,
    SyncRecord,
)
from syncapp.operations.previews import record_preview
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
HOSTILE = {
    "script": "<script>alert('x')</script>",
    "attribute": "\" onmouseover=\"alert('x')\" x='",
    "template": "{{ 7|add:7 }}{% debug %} {0.__class__} %(name)s",
    "right_to_left": "Müller \u202egnp.exe\u202c \u200f\u0645\u0631\u062d\u0628\u0627",
    "long": "ä" * 10_000,
    "controls": "Mül\u0001ler\x0b\u2028\ufeff",
    "emoji": "👩‍⚖️ Z̷̢̛a̸l̴g̶o̷",
}


def plant(text: str) -> SyncRecord:
    """The text in every column that remembers something from outside or from people."""
    values = dict.fromkeys(("name", "vorname", "titel", "geburtsdatum", "zusatz"), text)
    record = rooms.failed(
        name=text[:300],
        base_espo=values,
        base_advo=values,
        fault={"code": "remote_validation", "params": {"system": text, "reason": text, "operation": text}},
        lists={"phoneNumberData": [[text, text, True, False, False]]},
        reports=[{"code": "contact_refused", "params": {"value": text, "fields": [text]}}, {"code": text}],
        lease_holder=text[:120],
        lease_token="x",
        row_id=text[:120],
        assigned_user_id=text[:36],
    )
    attempt = rooms.history(record, text=text)
    type(attempt).objects.filter(pk=attempt.pk).update(
        fault=record.fault,
        traceback=text,
        actor=text[:150],
        fields_changed=[text, f"advoware.{text}"],
        source=text[:16],
    )
    rooms.conflict(record, field=text[:64], base_espo=text, base_advo=text, espo=text, advo=text)
    rooms.conflict(record, open=False, kept="espocrm", espo=text, advo=text)
    record.links.create(entry_id=7, komm_kz=1, base={"espo": text}, item_type=text[:64], type_change_told=text[:64])
    Case.objects.create(record=record, note=text, changed_by=text[:150])
    OperatorLog.objects.create(
        actor=text[:150], action=text[:64], target=text[:200], record=record, reason=text, result=text
    )
    rooms.deletion(record=record, espo_id=text[:36])
    return record


def addresses(record: SyncRecord) -> list[str]:
    lists = ("syncrecord", "conflict", "deletiontask", "attempt", "inboxelement", "notice", "operatorlog")
    lost = record.conflicts.filter(open=False).get()
    return [
        reverse("admin:index"),
        *(reverse(f"admin:syncapp_{name}_changelist") for name in lists),
        reverse("admin:syncapp_attempt_change", args=[record.attempts.get().pk]),
        reverse("admin:syncapp_inboxelement_change", args=[record.elements.get().pk]),
        reverse("admin:syncapp_syncrecord_change", args=[record.pk]),
        reverse("admin:ops_behind", args=[record.pk]),
        reverse("admin:ops_decide", args=[record.pk]),
        reverse("admin:ops_record_act", args=[record.pk, "sync_now"]),
        reverse("admin:ops_record_act", args=[record.pk, "release_lock"]),
        reverse("admin:ops_restore", args=[lost.pk]),
        reverse("admin:ops_deletion", args=[record.deletion_tasks.get().pk]),
        reverse("admin:ops_switches"),
    ]


def plant_calendars(text: str) -> Appointment:
    """The same in every column of the calendars that remembers something from outside or from people."""
    fault = {"code": text, "params": {"system": text, "reason": text, "planned": text, "of": text}}
    row = CalendarEmployee.objects.create(
        kuerzel=text[:32],
        name=text[:200],
        google_address=text[:100],
        calendar_id=text[:200],
        shared_role=text[:40],
        status="failed",
        kind="validation",
        fault=fault,
        planned={"of": {text: 3}},
    )
    when = [False, f"{timezone.localdate().isoformat()}T09:00", f"{timezone.localdate().isoformat()}T10:00"]
    base = {"when": when, "rule": None, "text": text, "ort": text, "notiz": text, "privat": False}
    made = Appointment.objects.create(
        employee=row,
        fr_nr=1,
        google_id=text[:100],
        base_advoware=base,
        base_google={**base, "text": f"{text}2"},
        status="ask",
        error_kind="validation",
        reason="leap_day",
        fault=fault,
        reports=[{"code": "conflict", "detail": text, "count": 1}, {"code": text[:40], "detail": text, "count": 1}],
        notes=[text],
        questions=[{"code": "conflict", "groups": ["text", text], "candidates": [text]}],
        decided={text: text},
        starts_on=timezone.localdate(),
        ends_on=timezone.localdate(),
    )
    told = {"record": row, "appointment": made, "side": text[:10], "field": text[:20]}
    AppointmentConflict.objects.create(**told, code=text[:40], value=text, lost=text, kept=text)
    AppointmentChange.objects.create(**told, action=text[:16], before=text, after=text)
    CalendarPass.objects.create(
        record=row,
        kuerzel=text[:32],
        started_at=timezone.now(),
        outcome=text[:8],
        verdict=text[:16],
        kind=text[:16],
        fault=fault,
        actor=text[:150],
        summary={text: {"done": 1, "failed": 1}},
        calls={text: {text: 1}},
    )
    return made


def calendar_addresses(made: Appointment) -> list[str]:
    lists = ("calendaremployee", "appointment", "appointmentconflict", "calendarpass")
    row = made.employee
    return [
        reverse("admin:index"),
        *(reverse(f"admin:syncapp_{name}_changelist") for name in lists),
        reverse("admin:syncapp_calendaremployee_change", args=[row.pk]),
        reverse("admin:syncapp_appointment_change", args=[made.pk]),
        reverse("admin:ops_calendar_now", args=[row.pk]),
        reverse("admin:ops_calendar_sides", args=[made.pk]),
        reverse("admin:ops_calendar_address", args=[row.pk]),
        reverse("admin:ops_calendar_clean", args=[row.pk]),
        reverse("admin:ops_calendar_untidy", args=[row.pk]),
        reverse("admin:ops_calendar_act", args=[row.pk, "pause"]),
        reverse("admin:ops_calendar_restore", args=[made.conflicts.get().pk]),
    ]


def harmless(text: str) -> None:
    assert "<script>alert" not in text
    assert 'onmouseover="alert' not in text
    assert "14{%" not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_every_recorded_value_is_text_on_every_page(name: str, boss: Client) -> None:
    for address in addresses(plant(HOSTILE[name])):
        answer = boss.get(address)
        assert answer.status_code == 200, address
        harmless(answer.text)
        assert len(answer.content) < 1_500_000, address


@pytest.mark.parametrize("name", HOSTILE)
def test_every_value_of_the_calendars_is_text(name: str, boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    for address in calendar_addresses(plant_calendars(HOSTILE[name])):
        answer = boss.get(address)
        assert answer.status_code == 200, address
        harmless(answer.text)
        assert len(answer.content) < 1_500_000, address


@pytest.mark.parametrize("name", HOSTILE)
def test_every_form_field_of_the_calendars_takes_it_as_text(name: str, boss: Client, settings: Any) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    text = HOSTILE[name]
    row = CalendarEmployee.objects.create(kuerzel="SB", calendar_id="c@group")
    made = Appointment.objects.create(
        employee=row, fr_nr=1, status="ask", questions=[{"code": "conflict", "groups": ["text"], "candidates": []}]
    )
    forms: list[tuple[str, dict[str, Any]]] = [
        (reverse("admin:ops_calendars_add"), {"kuerzel": text, "name": text, "address": text, "reason": text}),
        (reverse("admin:ops_calendar_address", args=[row.pk]), {"address": text, "reason": text}),
        (reverse("admin:ops_calendar_clean", args=[row.pk]), {"events": text, "reason": text}),
        (reverse("admin:ops_calendar_act", args=[row.pk, "pause"]), {"reason": text}),
        (reverse("admin:ops_calendar_decide", args=[made.pk]), {"code": text, "choice": text, "reason": text}),
        (reverse("admin:ops_calendar_decide", args=[made.pk]), {"code": "conflict", "choice": text}),
        (reverse("admin:syncapp_calendaremployee_changelist"), {"action": text, "_selected_action": text, "index": 0}),
    ]
    for address, body in forms:
        answer = boss.post(address, body, follow=True)
        assert answer.status_code == 200, address
        harmless(answer.text)
    for address, query in (
        (reverse("admin:syncapp_calendaremployee_changelist"), {"q": text, "state": text, "mode": text}),
        (reverse("admin:syncapp_appointment_changelist"), {"q": text, "pile": text, "employee__id__exact": text}),
        (reverse("admin:syncapp_calendaremployee_change", args=[row.pk]), {"week": text}),
    ):
        answer = boss.get(address, query, follow=True)
        assert answer.status_code == 200, address
        harmless(answer.text)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_both_systems_answer_is_text(name: str, boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HOSTILE[name]
    line = record_preview.FieldLine(text, text, text, text, text, "x", "y", "check", "wait", True)
    point = record_preview.ElementLine(
        espo=text, espo_kind=text, advo=text, advo_kind=text, remark=text, plan="z", tone="wait"
    )
    child = record_preview.ElementLine(text, text, text, text, text, "warn", (text,))
    group = record_preview.ChildGroup(text, text, (child,), hides=True, stopped=text)
    found = record_preview.RecordPreview(
        summary=text, fields=(line,), contacts=(point,), children=(group,), faults=(text,), notes=(text,)
    )
    for shown in (found, record_preview.RecordPreview(refusal=text)):
        monkeypatch.setattr("syncapp.admin.pages.record.record_preview", lambda record, in_full, shown=shown: shown)
        answer = boss.get(reverse("admin:ops_sides", args=[rooms.record().pk]))
        assert answer.status_code == 200
        harmless(answer.text)


@pytest.mark.parametrize("before", ["2026-13-41T25:00:00+00:00", "2026-02-03T04:05:06", "9" * 5000, "\x00"])
def test_a_moment_that_is_none_shows_the_newest(boss: Client, before: str) -> None:
    record = plant("x")
    answer = boss.get(reverse("admin:ops_earlier", args=[record.pk]), {"before": before})
    assert (answer.status_code, "ops-" in answer.text) == (200, True)
    assert boss.get(reverse("admin:ops_system", args=["advoware"]), {"asked": before}).status_code == 200


def test_a_reason_is_kept_without_what_no_database_keeps(boss: Client) -> None:
    boss.post(reverse("admin:ops_record_act", args=[rooms.failed().pk, "pause"]), {"reason": "wegen\x00 Umzug"})
    assert OperatorLog.objects.latest("pk").reason == "wegen Umzug"


def test_a_value_cannot_turn_the_line_around(boss: Client) -> None:
    record = plant(HOSTILE["right_to_left"])
    text = boss.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "<bdi>Müller \u202e" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_every_form_field_takes_it_as_text(name: str, boss: Client) -> None:
    text = HOSTILE[name]
    record = rooms.failed()
    forms: list[tuple[str, dict[str, Any]]] = [
        (reverse("admin:ops_record_act", args=[record.pk, "pause"]), {"reason": text}),
        (reverse("admin:ops_record_act", args=[record.pk, "link"]), {"reason": text, "betnr": text, "seen": text}),
        (reverse("admin:ops_case", args=[record.pk]), {"assignee": text, "due": text, "note": text}),
        (reverse("admin:ops_decide", args=[rooms.conflict().record_id]), {"whole": text, "reason": text}),
        (reverse("admin:ops_switch", args=["paused"]), {"reason": text, "until": text}),
        (reverse("admin:ops_switch", args=["hold_espocrm"]), {"reason": text}),
        (reverse("admin:ops_deletion", args=[rooms.deletion().pk]), {"reason": text, "reopen": text}),
        (reverse("admin:syncapp_syncrecord_changelist"), {"action": text, "_selected_action": text, "index": text}),
    ]
    for address, body in forms:
        answer = boss.post(address, body)
        assert answer.status_code in (200, 302), address
        harmless(answer.text)
    for address, query in (
        (reverse("admin:ops_link_compare", args=[record.pk]), {"betnr": text}),
        (reverse("admin:ops_earlier", args=[record.pk]), {"before": text}),
        (reverse("admin:syncapp_syncrecord_changelist"), {"q": text}),
        (reverse("admin:syncapp_syncrecord_changelist"), {"status__exact": text, "kind__exact": text, "p": text}),
        (reverse("admin:syncapp_operatorlog_changelist"), {"q": text}),
    ):
        answer = boss.get(address, query)
        assert answer.status_code in (200, 302), address
        harmless(answer.text)


def test_a_reason_of_ten_thousand_characters_is_cut(boss: Client) -> None:
    boss.post(reverse("admin:ops_record_act", args=[rooms.record().pk, "pause"]), {"reason": HOSTILE["long"]})
    assert len(OperatorLog.objects.get().reason) == 2000


def test_json_that_is_not_what_it_should_be(boss: Client) -> None:
    """Rows of an older version, or repaired by hand."""
    record = rooms.failed(fault={"code": "validation", "params": {"faults": [{}]}}, reports=[{}], lists={"x": None})
    Conflict.objects.create(record=record, field="", case="", policy="", kept="?", open=True)
    for address in (
        reverse("admin:syncapp_syncrecord_changelist"),
        reverse("admin:syncapp_syncrecord_change", args=[record.pk]),
    ):
        assert boss.get(address).status_code == 200
    assert json.dumps(record.reports)
