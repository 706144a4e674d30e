"""One row of everything that a page can show, and how each of them is made to say something hostile."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.db import models
from django.utils import timezone

from syncapp.models import (
    Alert,
    Appointment,
    AppointmentChange,
    AppointmentConflict,
    Breaker,
    BulkAction,
    CalendarEmployee,
    CalendarPass,
    Case,
    DriftReport,
    DriftRow,
    Guard,
    StatusChange,
    Sweep,
)
from tests.admin import rooms
from tests.security.addresses import Address

# What nobody without a right may be shown: the person, in whatever is answered.
PERSONAL = ("Frieda", "frieda.mueller@example.org", "+49511123456")


@dataclass
class World:
    """`ids`: of which row a route is about, by the beginning of its name."""

    ids: dict[str, int] = field(default_factory=dict)

    def path(self, address: Address, **other: object) -> str:
        """The address about a row that exists, where it is about one."""
        return address.with_arguments({**self.arguments(address.name), **other})

    def arguments(self, name: str) -> dict[str, object]:
        short = name.removeprefix("admin:")
        about = next(
            (self.ids[start] for start in sorted(self.ids, key=len, reverse=True) if short.startswith(start)), 1
        )
        return {"pk": about, "object_id": about, "id": about, **WORDS.get(short, {})}


WORDS: Mapping[str, Mapping[str, object]] = {
    "ops_charts": {"span": "day"},
    "ops_view_save": {"place": "syncrecord"},
    "ops_record_act": {"code": "pause"},
    "ops_by_hand": {"part": "adressen", "code": "add_address", "entry_id": 0},
    "ops_switch": {"code": "paused"},
    "ops_system": {"name": "advoware"},
    "ops_system_state": {"name": "advoware"},
    "ops_calendar_act": {"code": "pass_now"},
    "ops_queue_pause": {"queue": "sweep"},
    "ops_queue_resume": {"queue": "sweep"},
    "ops_job": {"queue": "webhook", "job_id": "no-such-job"},
    "ops_user_act": {"code": "lock"},
    "ops_guide_picture": {"name": "startseite.png"},
}


def plant() -> World:
    """A firm with one of everything, all of it about Frieda Müller."""
    record = rooms.failed()
    attempt = rooms.history(record, text="Frieda h. c.")
    values = {"espo": "Frieda Prof.", "advo": "Frieda Dr.", "base_espo": "Frieda", "entered": "Frieda"}
    lost, task, child = (
        rooms.conflict(record, open=False, kept="espocrm", **values),
        rooms.deletion(record=record),
        rooms.child_case(record, params={**rooms.SIMILAR, "espo_strasse": "Friedastr. 5", "advo_ort": "Friedaburg"}),
    )
    rooms.conflict(record, **values)
    Case.objects.create(record=record, note="Frieda")
    StatusChange.objects.create(record=record, before="dirty", after="failed", event="failed", cause="tests")
    bulk = BulkAction.objects.create(code="pause", actor="anna", ids=[record.pk], total=1)
    report = DriftReport.objects.create(by="anna", scope="all")
    DriftRow.objects.create(
        report=report, record=record, espo_id=record.espo_id, field="titel", state="differ", reason="x", expected=False
    )
    alert = Alert.objects.create(rule="no_sweep")
    sweep = Sweep.objects.create(started_at=timezone.now(), finished_at=timezone.now(), counts={"due": 1})
    Guard.objects.update_or_create(sort="creates", defaults={"blocked_at": timezone.now()})
    Breaker.objects.update_or_create(
        system="advoware",
        defaults={
            "failures": 3,
            "open_since": timezone.now(),
            "open_until": timezone.now() + timedelta(minutes=5),
            "reason": "x",
        },
    )
    key, call = rooms.proxy_key(), rooms.proxy_call()
    user = User.objects.create_user("johann.vogt", password="geheim")
    ids = {
        "ops_": record.pk, "syncapp_syncrecord": record.pk, "syncapp_attempt": attempt.pk,
        "syncapp_conflict": lost.pk, "ops_restore": lost.pk, "syncapp_deletiontask": task.pk, "ops_deletion": task.pk,
        "syncapp_childcase": child.pk, "ops_child_case": child.pk, "ops_many": bulk.pk, "syncapp_bulkaction": bulk.pk,
        "syncapp_driftreport": report.pk, "syncapp_alert": alert.pk, "ops_acknowledge": alert.pk,
        "syncapp_sweep": sweep.pk, "ops_proxy": key.pk, "syncapp_proxykey": key.pk, "syncapp_proxycall": call.pk,
        "auth_user": user.pk, "auth_group": Group.objects.order_by("pk").values_list("pk", flat=True)[0],
        "syncapp_inboxelement": record.elements.get().pk, "syncapp_notice": record.notices.get().pk,
        "syncapp_operatorlog": record.operator_log.get().pk,
    }  # fmt: skip
    return World({**ids, **_calendars()})


def _calendars() -> dict[str, int]:
    employee = CalendarEmployee.objects.create(
        kuerzel="ZZ", name="Zoe Zander", google_address="zz@kanzlei.example", calendar_id="ZZ@group"
    )
    day = timezone.localdate() + timedelta(days=1)
    said = {"when": [False, f"{day}T09:00", f"{day}T10:00"], "rule": None, "text": "Frieda", "ort": "Saal 2"}
    said |= {"notiz": "", "privat": False}
    appointment = Appointment.objects.create(
        employee=employee, fr_nr=4711, google_id="g4711", base_advoware=said, base_google=said,
        starts_on=day, ends_on=day, status="ask", 
        questions=[{"code": "conflict", "groups": ["text"], "candidates": []}],
    )  # fmt: skip
    one = CalendarPass.objects.create(
        record=employee, kuerzel="ZZ", trigger="update", source="sweep", started_at=timezone.now(), outcome="done"
    )
    AppointmentChange.objects.create(
        record=employee,
        appointment=appointment,
        action="update",
        side="google",
        field="text",
        before="Frieda",
        after="Frieda",
    )
    gave_way = AppointmentConflict.objects.create(
        record=employee,
        appointment=appointment,
        code="both_changed",
        field="text",
        side="google",
        lost="Frieda",
        kept="Frieda",
        value=said,
    )
    return {
        "ops_calendar": employee.pk, "ops_calendar_decide": appointment.pk, "ops_calendar_restore": gave_way.pk,
        "syncapp_appointment": appointment.pk, "syncapp_appointmentconflict": gave_way.pk,
        "syncapp_calendaremployee": employee.pk, "syncapp_calendarpass": one.pk,
    }  # fmt: skip


def spoil(text: str, *, codes: bool) -> None:
    """The text in every column that holds text, and in every text within JSON.

    codes: also where the program writes one of its own words, as another version or a hand in the database might.
    """
    for model in (*apps.get_app_config("syncapp").get_models(), User, Group):
        for row in model._default_manager.all():
            changed = dict(_spoiled(row, text, codes=codes))
            if changed:
                model._default_manager.filter(pk=row.pk).update(**changed)


def _spoiled(row: models.Model, text: str, *, codes: bool) -> Iterator[tuple[str, object]]:
    for column in row._meta.concrete_fields:
        if column.primary_key or column.generated or column.is_relation or column.name in KEPT:
            continue
        if isinstance(column, models.JSONField):
            yield column.name, _within(getattr(row, column.name), text)
        elif isinstance(column, models.CharField | models.TextField) and (codes or not is_code(column)):
            yield column.name, (f"{row.pk}{text}" if column.unique else text)[: column.max_length]


# Without these nobody could look at the page at all.
KEPT = {"password", "username"}
CODES = {
    "status", "kind", "outcome", "event", "action", "code", "result", "rule", "side", "policy", "state", "sort", "mode",
    "mode_after", "trigger", "source", "override", "hold", "case", "kept", "language", "verdict", "direction", "field",
    "before", "after", "status_before", "answer", "origin", "closed", "reason", "shown",
}  # fmt: skip


def is_code(column: "models.Field[Any, Any]") -> bool:
    """Whether the program writes its own words there."""
    return bool(column.choices) or (column.name in CODES and isinstance(column, models.CharField))


# The program's own form of a day or moment within JSON.
MOMENT = re.compile(r"\d{4}-\d\d-\d\d")


def _within(value: object, text: str) -> object:
    if isinstance(value, dict):
        return {key: _within(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [_within(one, text) for one in value]
    return text if isinstance(value, str) and not MOMENT.match(value) else value


def listed_models() -> list[str]:
    """The models that have pages in the admin, without those of the stand-ins."""
    return sorted(model._meta.label_lower for model in site._registry if model._meta.app_label != "sandbox")
