"""Statements that are compiled once say what Django would say each time."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, DateTimeField, F
from django.db.models.functions import Now
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.engine.rows.prepared import Prepared, PreparedForMany, insert, insert_alike, insert_asking, insert_many
from syncapp.models import Attempt, InboxElement, StatusChange, SyncRecord

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
COLUMNS: dict[str, Any] = {
    "name": "O'Brien %s 100%",
    "betnr": None,
    "fault": {"code": "x", "params": {"ü": [1, None]}},
    "create_intent": None,
    "dirty_since": MOMENT,
    "create_released": True,
    "requested": 7,
}


def by_id() -> Prepared[SyncRecord]:
    return Prepared(lambda espo_id: SyncRecord.objects.filter(espo_id=espo_id).order_by("pk"), "espo_id")


@pytest.fixture
def record() -> SyncRecord:
    SyncRecord.objects.create(espo_id="other", betnr=2)
    return SyncRecord.objects.create(espo_id="this", betnr=1, lists={"phoneNumberData": [["+4930", "Office", True]]})


def columns_of(row: Any) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in type(row)._meta.concrete_fields}


def test_a_row_is_the_one_that_django_gives(record: SyncRecord) -> None:
    statement = by_id()
    for _time in range(2):
        found = statement.first(espo_id="this")
        assert found is not None
        assert columns_of(found) == columns_of(SyncRecord.objects.get(pk=record.pk))
        assert not found._state.adding
    assert statement.first(espo_id="nobody") is None


def test_the_next_call_asks_with_its_own_values(record: SyncRecord) -> None:
    statement = by_id()
    assert [statement.rows(espo_id=name)[0].betnr for name in ("this", "other", "this")] == [1, 2, 1]


def test_the_statement_is_djangos(record: SyncRecord) -> None:
    with CaptureQueriesContext(connection) as queries:
        list(SyncRecord.objects.filter(espo_id="this").order_by("pk"))
        by_id().rows(espo_id="this")
    usual, prepared = (query["sql"] for query in queries.captured_queries)
    assert usual == prepared


def test_a_value_cannot_become_part_of_the_statement(record: SyncRecord) -> None:
    assert by_id().rows(espo_id="this' OR '1'='1") == []
    assert by_id().update({"name": "x'; --"}, espo_id="this") == 1
    assert SyncRecord.objects.get(pk=record.pk).name == "x'; --"


def test_times_are_compared_as_the_database_keeps_them(record: SyncRecord) -> None:
    SyncRecord.objects.filter(pk=record.pk).update(dirty_since=MOMENT)
    statement = Prepared(lambda at: SyncRecord.objects.filter(dirty_since__gt=at), at=DateTimeField())
    second = timedelta(seconds=1)
    assert [row.pk for row in statement.rows(at=MOMENT - second)] == [record.pk]
    assert statement.rows(at=MOMENT) == []


def test_deferred_columns_stay_deferred(record: SyncRecord) -> None:
    found = Prepared(lambda pk: SyncRecord.objects.only("espo_id").filter(pk=pk), "pk").first(pk=record.pk)
    assert found is not None
    assert "betnr" in found.get_deferred_fields()
    assert found.betnr == 1


def test_annotations_become_attributes(record: SyncRecord) -> None:
    found = Prepared(lambda: SyncRecord.objects.annotate(next=F("betnr") + 1).order_by("pk")).rows()
    assert [row.next for row in found] == [3, 2]  # type: ignore[attr-defined]


def test_empty_json_is_each_rows_own() -> None:
    SyncRecord.objects.bulk_create(SyncRecord(espo_id=name) for name in ("a", "b"))
    statement = Prepared(lambda: SyncRecord.objects.only("lists", "open_intents", "create_intent").order_by("pk"))
    first, second = statement.rows()
    first.lists["x"] = 1
    first.open_intents.append(1)
    assert (second.lists, second.open_intents, second.create_intent) == ({}, [], None)


def test_columns_are_written_as_django_writes_them(record: SyncRecord) -> None:
    SyncRecord.objects.filter(espo_id="other").update(**{**COLUMNS, "betnr": 5})
    usual = columns_of(SyncRecord.objects.get(espo_id="other"))
    assert by_id().update({**COLUMNS, "betnr": 6}, espo_id="this") == 1
    prepared = columns_of(SyncRecord.objects.get(espo_id="this"))
    assert {name: prepared[name] for name in COLUMNS if name != "betnr"} == {
        name: usual[name] for name in COLUMNS if name != "betnr"
    }


def test_none_and_a_value_share_a_statement(record: SyncRecord) -> None:
    statement = by_id()
    for betnr in (None, 9, None):
        assert statement.update({"betnr": betnr, "create_intent": betnr and {"at": 1}}, espo_id="this") == 1
        found = SyncRecord.objects.get(pk=record.pk)
        assert (found.betnr, found.create_intent) == (betnr, betnr and {"at": 1})
    assert SyncRecord.objects.filter(create_intent__isnull=True).count() == 2


def test_fixed_expressions_are_the_databases(record: SyncRecord) -> None:
    fixed = {"lease_expires": Now() + timedelta(seconds=300)}
    statement = by_id()
    for token in ("a", "b"):
        assert statement.update({"lease_token": token}, fixed, espo_id="this") == 1
    found = SyncRecord.objects.get(pk=record.pk)
    assert found.lease_token == "b"
    assert found.lease_expires is not None
    assert timedelta(seconds=200) < found.lease_expires - timezone.now() < timedelta(seconds=400)


def test_an_expression_among_the_columns_goes_the_usual_way(record: SyncRecord) -> None:
    for expected in (1, 2):
        assert by_id().update({"requested": F("requested") + 1, "name": "n"}, espo_id="this") == 1
        assert SyncRecord.objects.get(pk=record.pk).requested == expected


def test_no_row_is_no_row(record: SyncRecord) -> None:
    assert by_id().update({"name": "n"}, espo_id="nobody") == 0


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_only_within_a_transaction() -> None:
    statement = Prepared(lambda pk: SyncRecord.objects.select_for_update().filter(pk=pk), "pk")
    with transaction.atomic():
        assert statement.rows(pk=1) == []
    with pytest.raises(TransactionManagementError):
        statement.rows(pk=1)


def test_a_new_row_has_its_key_its_defaults_and_its_time(record: SyncRecord) -> None:
    for _time in range(2):
        made = insert(StatusChange(record=record, before="clean", after="dirty", event="changed"))
        kept = StatusChange.objects.get(pk=made.pk)
        assert (kept.record_id, kept.after, kept.cause) == (record.pk, "dirty", "")
        assert timezone.now() - kept.at < timedelta(minutes=1)
    attempt = insert(Attempt(espo_id="this", trigger="update", source="webhook", started_at=MOMENT, calls={"a": {}}))
    kept_attempt = Attempt.objects.get(pk=attempt.pk)
    assert (kept_attempt.record_id, kept_attempt.calls, kept_attempt.fields_changed) == (None, {"a": {}}, [])


@pytest.mark.django_db(transaction=True)
def test_a_row_that_need_not_be_awaited_leaves_every_other_row_awaited() -> None:
    def attempt() -> Attempt:
        return Attempt(espo_id="this", trigger="update", source="webhook", started_at=MOMENT)

    with CaptureQueriesContext(connection) as captured:
        made = insert(attempt(), awaited=False)
        with transaction.atomic():
            within = insert(attempt(), awaited=False)
        awaited = insert(attempt())
    assert set(Attempt.objects.values_list("pk", flat=True)) == {made.pk, within.pk, awaited.pk}
    written = [query["sql"] for query in captured.captured_queries if "INSERT" in query["sql"]]
    is_postgres = connection.vendor == "postgresql"
    assert ["synchronous_commit" in sql for sql in written] == [is_postgres, False, False]
    if is_postgres:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)


def test_many_rows_are_those_that_django_writes(record: SyncRecord) -> None:
    common = {"before": "clean", "after": "dirty", "event": "changed", "at": MOMENT}
    insert_many(StatusChange, common, [{"record_id": record.pk, "cause": cause} for cause in ("ü %s", "b")])
    insert_many(StatusChange, common, [])
    kept = StatusChange.objects.order_by("pk").values_list("record_id", "before", "after", "event", "cause", "at")
    assert list(kept) == [(record.pk, "clean", "dirty", "changed", cause, MOMENT) for cause in ("ü %s", "b")]


def test_many_rows_keep_whatever_a_column_may_hold(record: SyncRecord) -> None:
    """JSON with signs that an array or a statement has a use for, times, numbers and nothing, in their order."""
    told = {"delivery": uuid.UUID(int=7), "webhook_id": "", "kind": "", "action": "update", "received_at": MOMENT}
    odd: list[Any] = [
        {"a": 'b"c\\d,{e}', "ü": [1, None, "%s"]},
        {},
        {"deep": {"er": [[], "'"]}, "\U000f0000": "\U0001f600 %s", "n": [10**20, 1e-7, True]},
    ]
    rows = [
        {"record_id": key, "espo_id": "x", "attributes": attributes, "result": "counted", "judged_at": at}
        for attributes, key, at in zip(odd, (record.pk, None, record.pk), (MOMENT, None, MOMENT), strict=True)
    ]
    insert_many(InboxElement, told, rows)
    names = ("delivery", "received_at", "record_id", "attributes", "judged_at")
    kept = InboxElement.objects.order_by("pk").values_list(*names)
    wanted = [(told["delivery"], MOMENT, *(row[name] for name in names[2:])) for row in rows]
    assert list(kept) == wanted


def test_many_new_rows_are_as_the_defaults_make_them(record: SyncRecord) -> None:
    """Those that are there already stay as they are."""
    insert_alike(SyncRecord, "espo_id", ["this", "new", "newer"])
    by_django = columns_of(SyncRecord.objects.create(espo_id="by Django"))
    own = {"id", "espo_id", "created_at", "updated_at"}
    for espo_id in ("new", "newer"):
        made = columns_of(SyncRecord.objects.get(espo_id=espo_id))
        assert {name: by_django[name] for name in by_django.keys() - own} == {k: made[k] for k in made.keys() - own}
        assert abs(made["created_at"] - by_django["created_at"]).total_seconds() < 60
    assert SyncRecord.objects.get(espo_id="this").betnr == record.betnr == 1


def test_a_column_that_was_not_read_is_read_when_needed(record: SyncRecord) -> None:
    statement = Prepared(lambda espo_id: SyncRecord.objects.filter(espo_id=espo_id).only("espo_id"), "espo_id")
    found = statement.first(espo_id="this")
    assert found is not None
    with CaptureQueriesContext(connection) as queries:
        assert (found, found.espo_id, found._state.adding, found._state.db) == (record, "this", False, "default")
    assert len(queries) == 0
    assert found.get_deferred_fields() == set(columns_of(record)) - {"id", "espo_id"}
    assert found.lists == record.lists


def test_a_list_of_any_length_finds_and_changes_its_rows(record: SyncRecord) -> None:
    these = PreparedForMany(lambda ids: SyncRecord.objects.filter(espo_id__in=ids).order_by("pk"))
    for names in ([], ["this"], ["this", "other"], ["nobody"], ["other", "this", "this' OR '1'='1"]):
        assert [one.espo_id for one in these.rows(names)] == [name for name in ("other", "this") if name in names]
        changed = these.update(names, {"trigger": "x"}, {"requested": F("requested") + 1})
        assert changed == len({*names} & {"this", "other"})
    assert list(SyncRecord.objects.order_by("pk").values_list("requested", flat=True)) == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_a_statement_serves_every_thread() -> None:
    SyncRecord.objects.create(espo_id="this", betnr=1)
    statement, found = by_id(), []

    def read() -> None:
        try:
            found.append(statement.rows(espo_id="this")[0].betnr)
        finally:
            connection.close()

    for _number in range(3):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert found == [1, 1, 1]


def test_an_update_gives_the_rows_as_it_has_left_them(record: SyncRecord) -> None:
    """The same columns in the same form as a look afterwards, the clock of the database among them."""
    statement = by_id()
    with CaptureQueriesContext(connection) as queries:
        changed = statement.updated({**COLUMNS, "status": "clean"}, {"last_check": Now()}, espo_id="this")
    assert len(queries) == 1
    assert [columns_of(one) for one in changed] == [columns_of(SyncRecord.objects.get(pk=record.pk))]
    assert changed[0].last_check is not None
    assert statement.updated({"status": "clean"}, espo_id="nobody") == []


def test_an_insert_answers_questions_about_the_other_rows(record: SyncRecord) -> None:
    question: Prepared[Any] = Prepared(
        lambda cause, since: (
            StatusChange.objects.filter(event="asked", at__gt=since)
            .exclude(cause=cause)
            .order_by()
            .values("event")
            .annotate(number=Count("pk"))
            .values("number")
        ),
        "cause",
        since=DateTimeField(),
    )
    answers = []
    for cause in ("first", "second", "second", "third' OR '1'='1"):
        step = record.step(after="clean", event="asked", cause=cause)
        since = timezone.now() - timedelta(hours=1)
        step, (number, again) = insert_asking(step, question, question, cause=cause, since=since)
        assert number == again
        assert columns_of(step) == columns_of(StatusChange.objects.get(pk=step.pk))
        answers.append(number)
    assert answers == [None, 1, 1, 3]
