"""Erasing a person: every column that could hold a word of theirs is filled with one, and what is left is read."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from syncapp.models import (
    Case,
    ChildCase,
    ChildLink,
    ContactLink,
    DeletionTask,
    DriftReport,
    DriftRow,
    Export,
    InboxElement,
    KeptAnswer,
    ProxyKey,
    SearchText,
    StatusChange,
    SyncRecord,
)
from syncapp.operations.maintenance.erasure import purge_person, values_of_person
from tests.admin import rooms
from tests.security.world import is_code

pytestmark = pytest.mark.django_db
WORD = "Quendel"
# Erasure goes by these.
UNTOUCHED = {"espo_id", "lease_token", "template", "path_ids", "query"}
STAYS = {
    "names of those who work here": {
        *("Attempt.actor", "OperatorLog.actor", "Conflict.espo_by", "Conflict.advo_by", "Case.changed_by"),
        *("ProxyCall.caller",),
    },
    "what an operator writes": {"OperatorLog.reason", "OperatorLog.result", "OperatorLog.target"},
    "ids, addresses and digests": {
        *("SyncRecord.row_id", "SyncRecord.contacts_marker", "SyncRecord.kommunikation_hash"),
        *("Notice.user_id", "DeletionTask.assigned_user_id", "DeletionTask.used_by", "InboxElement.webhook_id"),
        *("ProxyCall.address", "ProxyCall.idempotency", "ProxyCall.request_id", "SyncRecord.lease_holder"),
    },
    "codes, names of fields, counts and times": {
        *("SyncRecord.create_intent", "SyncRecord.empty_lists_seen", "SyncRecord.not_taken"),
        *("Attempt.fault", "Attempt.fields_changed", "Attempt.summary", "Attempt.calls", "Attempt.call_log"),
        *("Attempt.traceback", "StatusChange.cause", "Notice.params", "Notice.refused"),
        *("ProxyCall.method", "ProxyCall.parameters"),
    },
}
# Of somebody who lives in EspoCRM: what the sync works with, and what people still have to do.
LIVING = {
    "SyncRecord",
    "ContactLink",
    "ChildLink",
    "ChildCase",
    "Conflict",
    "InboxElement",
    "Case",
    "Snooze",
}


def lived(status: str) -> SyncRecord:
    """A record with one row of everything that can be about it, open work and what is done."""
    record = rooms.record(status)
    rooms.history(record)
    StatusChange.objects.create(record=record, before="clean", after="dirty", event="changed")
    for done in (timezone.now(), None):
        rooms.conflict(record, open=done is None, entered=None)
        rooms.child_case(record, closed_at=done)
        element = {"record": record, "action": "update", "attributes": {"titel": ""}, "result": "waiting"}
        InboxElement.objects.create(delivery="1" * 32, espo_id=record.espo_id, judged_at=done, **element)
    DeletionTask.objects.create(record=record, espo_id=record.espo_id, betnr=record.betnr)
    rooms.snoozed(record)
    Case.objects.create(record=record)
    ContactLink.objects.create(record=record, entry_id=7, komm_kz=1)
    ChildLink.objects.create(record=record, kind="bank", state="pair")
    DriftRow.objects.create(report=DriftReport.objects.create(), record=record, espo_id=record.espo_id, expected=False)
    call = rooms.proxy_call(path_ids=[str(record.betnr)])
    key = ProxyKey.objects.create(name="k", prefix="k", rate_per_minute=1, expires_at=timezone.now())
    KeptAnswer.objects.create(key=key, name="n", call=call)
    user = User.objects.create(username="anna")
    for values, query in ((True, ""), (False, f"q={WORD}"), (False, f"o=1&q={WORD}")):
        Export.objects.create(user=user, source="syncrecord", with_values=values, query=query)
    for row in rows():
        fill(row)
    return record


def rows() -> Iterator[models.Model]:
    """Everything about people: records, and what leads to one, calls of other programs and files."""
    for model in apps.get_app_config("syncapp").get_models():
        about = getattr(model, "record", None)
        if model in (SyncRecord, KeptAnswer, Export, rooms.ProxyCall) or (
            about is not None and about.field.related_model is SyncRecord
        ):
            yield from model._default_manager.all()


def columns(row: models.Model) -> "Iterator[models.Field[Any, Any]]":
    for column in row._meta.concrete_fields:
        if column.is_relation or column.generated or column.name in UNTOUCHED:
            continue
        if isinstance(column, models.JSONField) or (
            isinstance(column, models.CharField | models.TextField) and not is_code(column)
        ):
            yield column


def fill(row: models.Model) -> None:
    words = {
        column.name: WORD
        if not isinstance(column, models.JSONField)
        else [WORD]
        if column.get_default() == []
        else {"x": WORD}
        for column in columns(row)
    }
    type(row)._default_manager.filter(pk=row.pk).update(**words)


def left() -> set[str]:
    return {
        f"{type(row).__name__}.{column.name}"
        for row in rows()
        for column in row._meta.concrete_fields
        if WORD in str(getattr(row, column.attname))
    }


def test_of_somebody_who_is_gone_no_column_keeps_a_word() -> None:
    record = lived("deleted_in_espocrm")
    assert len(left()) > 60
    assert purge_person(espo_id=record.espo_id, actor="anna") > 0
    assert sorted(left()) == sorted(set().union(*STAYS.values()))
    assert not rooms.ProxyCall.objects.exclude(path_ids=[]).exists()
    assert values_of_person(espo_id=record.espo_id) == 0


@pytest.mark.parametrize(
    "template, path, found",
    [
        ("Beteiligte/{int}", ["{}"], True),
        ("beteiligte/{id}/Akten/{id}", ["{}", "7"], True),
        ("Akten/{id}/Beteiligte/{int}", ["2026-17", "{}"], True),
        ("*", ["Beteiligte", "{}", "Vollmachten"], True),
        ("*", ["Akten", "7", "beteiligte", "{}"], True),
        ("*", ["Akten", "{}"], False),
        ("Akten/{id}", ["{}"], False),
        ("Beteiligte/{int}", ["{}1"], False),
    ],
)
def test_calls_about_the_person_are_found_in_whatever_row_the_number_stands(
    template: str, path: list[str], found: bool
) -> None:
    record = rooms.record("clean")
    path_ids = [part.format(record.betnr) for part in path]
    call = rooms.ProxyCall.objects.create(method="GET", template=template, path_ids=path_ids)
    purge_person(espo_id=record.espo_id, actor="anna")
    call.refresh_from_db()
    assert call.path_ids == ([] if found else path_ids)


def test_what_one_column_alone_still_holds_is_found() -> None:
    record = rooms.record("deleted_in_espocrm")
    purge_person(espo_id=record.espo_id, actor="anna")
    SyncRecord.objects.update(list_seen={"values": {"name": WORD}})
    assert values_of_person(espo_id=record.espo_id) == 1
    purge_person(espo_id=record.espo_id, actor="anna")
    assert SyncRecord.objects.get(pk=record.pk).list_seen == {}


def test_what_somebody_who_lives_was_called_before_goes_and_the_present_name_is_found_at_once() -> None:
    record = rooms.record("clean", name="Neumann")
    found_by = {"text": "neumann\nquendel", "former": [["2026-11-01", "quendel"]]}
    SearchText.objects.update_or_create(record=record, defaults=found_by)
    assert values_of_person(espo_id=record.espo_id) == 1
    purge_person(espo_id=record.espo_id, actor="anna")
    text = SearchText.objects.get(record=record)
    assert (text.former, "neumann" in text.text, "quendel" in text.text) == ([], True, False)
    assert values_of_person(espo_id=record.espo_id) == 0


@pytest.mark.parametrize(
    "status, lease, rest",
    [("clean", "", True), ("deleted_in_espocrm", "t", True), ("deleted_in_espocrm", "", False)],
)
def test_the_command_says_whether_something_stays(
    status: str, lease: str, rest: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    record = rooms.record(status)
    SyncRecord.objects.filter(pk=record.pk).update(lease_token=lease)
    call_command("purge_person", record.espo_id, "--yes")
    assert ("Its history alone" in capsys.readouterr().out) is rest


def test_of_somebody_who_lives_all_goes_but_what_is_needed() -> None:
    record = lived("clean")
    purge_person(espo_id=record.espo_id, actor="anna")
    more = left() - set().union(*STAYS.values())
    assert {name.partition(".")[0] for name in more} == LIVING
    assert not [one.pk for one in ChildCase.objects.filter(closed_at__isnull=False) if WORD in str(one.params)]
    assert not [one.pk for one in record.conflicts.filter(open=False) if WORD in f"{one.espo}{one.base_advo}"]
    assert not [one.pk for one in InboxElement.objects.filter(judged_at__isnull=False) if WORD in str(one.attributes)]
