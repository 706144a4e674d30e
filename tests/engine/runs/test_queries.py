"""How many database queries a sync costs: a baseline that nobody raises without noticing."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncapp.models import StatusChange, SyncRecord
from tests.support.firm import PERSON, Firm

pytestmark = pytest.mark.django_db(transaction=True)

NOT_COUNTED = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@pytest.fixture
def settled(firm: Firm) -> tuple[str, int]:
    """A pair at rest. Figures are gathered and written by another thread, as in an installation."""
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.settings.COUNTER_FLUSH_SECONDS = 60
    return espo_id, betnr


def queries(firm: Firm, espo_id: str, **options: object) -> list[str]:
    from syncapp.engine.runs.sync_record import Order, sync_record

    record_id = firm.record(espo_id).pk
    with CaptureQueriesContext(connection) as captured:
        assert sync_record(Order(record_id, forced=True, **options)).ended == "ran"  # type: ignore[arg-type]
    statements = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in statements if not sql.startswith(NOT_COUNTED)]


def at_most(number: int, statements: list[str]) -> None:
    assert len(statements) <= number, "\n".join(sql[:160] for sql in statements)


def test_no_change(firm: Firm, settled: tuple[str, int]) -> None:
    at_most(10, queries(firm, settled[0]))


def test_a_re_check_without_result(firm: Firm, settled: tuple[str, int]) -> None:
    at_most(9, queries(firm, settled[0], source="sweep"))


def test_update_to_advoware(firm: Firm, settled: tuple[str, int]) -> None:
    firm.sandbox.anna.change(settled[0], titel="Prof.")
    at_most(15, queries(firm, settled[0]))


def test_update_to_espocrm(firm: Firm, settled: tuple[str, int]) -> None:
    firm.sandbox.clerk.change(settled[1], titel="Prof.")
    at_most(13, queries(firm, settled[0]))


def test_create(firm: Firm, settled: tuple[str, int]) -> None:
    espo_id = firm.new()
    SyncRecord.objects.get_or_create(espo_id=espo_id)
    at_most(16, queries(firm, espo_id))


def test_first_run_of_a_record_that_an_earlier_system_has_linked(firm: Firm, settled: tuple[str, int]) -> None:
    """A first load is made of these. Nothing is known that would have to be forgotten."""
    person = {name: value for name, value in firm.advo(settled[1]).items() if name in PERSON}
    betnr = firm.sandbox.clerk.create(**{**person, "name": "Earlier"})["betNr"]
    espo_id = firm.new(name="Earlier", betnr=betnr)
    SyncRecord.objects.get_or_create(espo_id=espo_id)
    at_most(14, queries(firm, espo_id))


def test_nothing_to_do_costs_next_to_nothing(firm: Firm, settled: tuple[str, int]) -> None:
    from syncapp.engine.runs.sync_record import Order, sync_record

    record_id = firm.record(settled[0]).pk
    with CaptureQueriesContext(connection) as captured:
        assert sync_record(Order(record_id)).ended == "not_due"
    assert len([q for q in captured.captured_queries if not q["sql"].startswith(NOT_COUNTED)]) <= 4


def test_a_delivery_of_fifty_costs_as_many_as_one_of_two(db: None, redis_client: object, settings: Any) -> None:
    from syncapp.entities.beteiligte.intake import store
    from syncapp.entities.beteiligte.probes import remote_metadata

    settings.COUNTER_FLUSH_SECONDS = 60
    remote_metadata.forget()
    costs = []
    for number in (1, 2, 50):
        ids = [f"e{number}n{position}" for position in range(number)]
        SyncRecord.objects.bulk_create(SyncRecord(espo_id=i, status="clean", requested=1, completed=1) for i in ids)
        with CaptureQueriesContext(connection) as captured:
            touched, _results = store(action="update", webhook_id="w", elements=[{"id": i, "titel": "T"} for i in ids])
        assert len(touched) == number
        costs.append(len([q for q in captured.captured_queries if q["sql"].startswith(("SELECT", "UPDATE", "INSERT"))]))
    # The first one asks which fields EspoCRM has. The records (locked), the requests, their steps, and on PostgreSQL
    # the elements; SQLite has a statement of C for these.
    assert costs[0] - 1 == costs[1] == costs[2] <= 4


def test_a_record_that_is_named_twice_counts_twice(db: None, redis_client: object) -> None:
    from syncapp.entities.beteiligte.intake import store

    SyncRecord.objects.create(espo_id="a", betnr=1, status="clean", requested=3, completed=3)
    SyncRecord.objects.create(espo_id="b", betnr=2, status="failed", kind="validation", requested=1, completed=1)
    store(action="update", webhook_id="w", elements=[{"id": i, "titel": "T"} for i in ("a", "b", "a")])
    rows = SyncRecord.objects.order_by("espo_id").values_list("espo_id", "status", "requested", "trigger", "source")
    assert list(rows) == [("a", "dirty", 5, "update", "webhook"), ("b", "dirty", 2, "update", "webhook")]
    steps = StatusChange.objects.order_by("record__espo_id").values_list("record__espo_id", "before", "after", "cause")
    assert list(steps) == [("a", "clean", "dirty", "webhook update"), ("b", "failed", "dirty", "webhook update")]


def test_a_word_before_the_lease_reads_a_few_columns_and_no_more(settled: tuple[str, int], firm: Firm) -> None:
    from syncapp.engine import control
    from syncapp.entities.beteiligte.clients import configured_clients
    from syncapp.entities.beteiligte.links.gone import look_for_restored

    record = firm.record(settled[0])
    with CaptureQueriesContext(connection) as captured:
        _switches, _troubled, row = control.at_the_gate(SyncRecord, record_id=record.pk)
        assert row is not None
        assert row.key == record.key
        look_for_restored(row, clients=configured_clients())
    assert len(captured.captured_queries) == 1
    assert {"base_espo", "base_advo", "lists", "search"} & set(row.__dict__) == set()
