"""How many database queries a sync costs: a baseline that nobody raises without noticing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.services.conftest import Firm

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
    from syncapp.services.sync_record import sync_record

    record_id = firm.record(espo_id).pk
    with CaptureQueriesContext(connection) as captured:
        assert sync_record(record_id=record_id, forced=True, **options).ended == "ran"  # type: ignore[arg-type]
    statements = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in statements if not sql.startswith(NOT_COUNTED)]


def at_most(number: int, statements: list[str]) -> None:
    assert len(statements) <= number, "\n".join(sql[:160] for sql in statements)


def test_no_change(firm: Firm, settled: tuple[str, int]) -> None:
    at_most(12, queries(firm, settled[0]))


def test_a_re_check_without_result(firm: Firm, settled: tuple[str, int]) -> None:
    at_most(11, queries(firm, settled[0], source="sweep"))


def test_update_to_advoware(firm: Firm, settled: tuple[str, int]) -> None:
    firm.sandbox.anna.change(settled[0], titel="Prof.")
    at_most(17, queries(firm, settled[0]))


def test_update_to_espocrm(firm: Firm, settled: tuple[str, int]) -> None:
    firm.sandbox.clerk.change(settled[1], titel="Prof.")
    at_most(15, queries(firm, settled[0]))


def test_nothing_to_do_costs_next_to_nothing(firm: Firm, settled: tuple[str, int]) -> None:
    from syncapp.services.sync_record import sync_record

    record_id = firm.record(settled[0]).pk
    with CaptureQueriesContext(connection) as captured:
        assert sync_record(record_id=record_id).ended == "not_due"
    assert len([q for q in captured.captured_queries if not q["sql"].startswith(NOT_COUNTED)]) <= 5
