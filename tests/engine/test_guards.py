"""The guards count before anything is changed, for all workers together."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.guards import WINDOW, GuardKind
from syncapp.core.states import Status
from syncapp.engine import guards
from syncapp.models import Guard, GuardCount, SyncRecord

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def few(settings: Any) -> None:
    settings.SYNC_GUARD_MAX_CREATES = 3


def a_run(*, writes: bool = True) -> Any:
    return SimpleNamespace(may_write=lambda _context: writes, admitted={})


def admitted(key: str, number: int = 1, *, writes: bool = True, log: Any = None) -> bool:
    """Whether a run of that record, a new one if none is given, may change so much."""
    context: Any = SimpleNamespace(row=SimpleNamespace(key=key))
    blocked = guards.admit(context, log or a_run(writes=writes), sort=GuardKind.CREATES, number=number)
    assert blocked is None or (blocked.kind, blocked.code) == (ErrorKind.BLOCKED, "guard_creates")
    return blocked is None


def counted() -> list[tuple[str, int]]:
    return list(GuardCount.objects.order_by("pk").values_list("key", "number"))


def test_what_is_let_through_is_counted_and_what_is_stopped_is_not() -> None:
    assert [admitted(key) for key in "abcd"] == [True, True, True, False]
    assert counted() == [("a", 1), ("b", 1), ("c", 1)]
    assert Guard.objects.get().blocked_at is not None


def test_the_time_of_the_first_stop_is_kept() -> None:
    assert not admitted("a", 4)
    first = Guard.objects.get().blocked_at
    assert not admitted("b", 4)
    assert Guard.objects.get().blocked_at == first


def stopped(key: str) -> SyncRecord:
    """A record that waits for the guard, and the window since."""
    long_ago = timezone.now() - WINDOW - timedelta(seconds=1)
    GuardCount.objects.update(at=long_ago)
    Guard.objects.update(blocked_at=long_ago)
    fault = {"code": "guard_creates", "params": {}}
    return SyncRecord.objects.create(espo_id=key, status=Status.FAILED, kind=ErrorKind.BLOCKED, fault=fault)


def test_once_nothing_waits_any_more_the_guard_watches_again() -> None:
    """What it had stopped was taken back: nothing is there to confirm, and a single create is nothing unusual."""
    assert [admitted(key) for key in "abcd"] == [True, True, True, False]
    waiting = stopped("d")
    SyncRecord.objects.filter(pk=waiting.pk).update(status=Status.SYNCING)
    assert not admitted("d"), "it is looked at again at this moment, and waits still"
    waiting.delete()
    assert guards.remaining(GuardKind.CREATES) == 3
    assert admitted("e")


def test_what_was_stopped_stays_stopped_after_the_window_until_somebody_confirms() -> None:
    """Else the next portion of a mass change would go through every quarter of an hour."""
    assert [admitted(key) for key in "abcd"] == [True, True, True, False]
    stopped("d")
    assert not admitted("e")
    assert guards.remaining(GuardKind.CREATES) == 0
    guards.confirm(sort=GuardKind.CREATES, by="boss")
    assert guards.remaining(GuardKind.CREATES) is None
    assert admitted("e", 9)
    Guard.objects.update(open_until=timezone.now())
    GuardCount.objects.update(at=timezone.now() - WINDOW - timedelta(seconds=1))
    assert guards.remaining(GuardKind.CREATES) == 3
    assert admitted("f")


def test_a_run_that_is_repeated_is_not_counted_against_itself() -> None:
    assert [admitted("a", 3), admitted("a", 3)] == [True, True]
    assert not admitted("b")


def test_however_often_a_run_is_repeated_it_counts_once_against_the_others() -> None:
    """Each try is about to change the same once more; what was changed before it broke off is no more to do."""
    assert [admitted("a", 2), admitted("a", 2), admitted("a", 1)] == [True, True, True]
    assert guards.remaining(GuardKind.CREATES) == 1
    assert admitted("b")
    assert counted() == [("a", 1), ("a", 1), ("b", 1)]  # two of a
    assert not admitted("c")


def test_what_an_earlier_run_had_more_to_change_ends_with_its_time() -> None:
    """A record that changes one thing again and again does not count for ever with the most that it ever changed."""
    assert admitted("a", 3)
    GuardCount.objects.update(at=timezone.now() - WINDOW + timedelta(minutes=1))
    assert admitted("a", 1)
    assert guards.remaining(GuardKind.CREATES) == 0
    GuardCount.objects.filter(number=2).update(at=timezone.now() - WINDOW - timedelta(seconds=1))
    assert guards.remaining(GuardKind.CREATES) == 2


def test_a_try_that_has_more_to_change_than_the_one_before_counts_with_all_of_it() -> None:
    assert [admitted("a", 1), admitted("a", 3)] == [True, True]
    assert counted() == [("a", 3)]
    assert not admitted("b")


def test_what_one_run_changes_bit_by_bit_adds_up() -> None:
    log = a_run()
    assert [admitted("a", 1, log=log), admitted("a", 2, log=log)] == [True, True]
    assert counted() == [("a", 3)]
    assert not admitted("b")


def test_a_try_that_is_stopped_leaves_what_the_one_before_has_counted() -> None:
    assert [admitted("a"), admitted("b"), admitted("a", 3)] == [True, True, False]
    assert counted() == [("a", 1), ("b", 1)]


def test_a_count_of_long_ago_is_none_that_a_new_try_keeps() -> None:
    assert admitted("a", 3)
    GuardCount.objects.update(at=timezone.now() - WINDOW - timedelta(seconds=1))
    assert [admitted("a"), admitted("b", 2), admitted("c")] == [True, True, False]


def test_what_was_long_ago_and_what_is_of_another_sort_does_not_count() -> None:
    GuardCount.objects.create(sort="removals", key="b", number=9)
    GuardCount.objects.create(sort="creates", key="c", number=9)
    GuardCount.objects.filter(key="c").update(at=timezone.now() - WINDOW - timedelta(seconds=1))
    assert admitted("a", 3)


def test_what_somebody_has_confirmed_goes_through_and_is_counted() -> None:
    Guard.objects.create(sort="creates", open_until=timezone.now() + timedelta(hours=1))
    assert admitted("a", 9)
    Guard.objects.update(open_until=timezone.now())
    assert not admitted("b")
    assert counted() == [("a", 9)]


def test_nothing_is_counted_where_nothing_is_changed() -> None:
    assert admitted("a", 0)
    assert admitted("a", 9, writes=False)
    assert counted() == []


def test_of_two_at_the_same_time_the_second_sees_what_the_first_has_counted() -> None:
    Guard.objects.create(sort="creates")
    both = threading.Barrier(4)

    def try_it(key: str) -> bool:
        try:
            connection.ensure_connection()
            both.wait(timeout=10)
            return admitted(key, 2)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sorted(pool.map(try_it, "abcd")) == [False, False, False, True]
    assert [number for _key, number in counted()] == [2]


def test_of_repeated_runs_at_the_same_time_no_count_is_lost() -> None:
    Guard.objects.create(sort="creates")
    for key in "abc":
        assert admitted(key)
    both = threading.Barrier(3)

    def try_it(key: str) -> bool:
        try:
            connection.ensure_connection()
            both.wait(timeout=10)
            return admitted(key)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=3) as pool:
        assert [*pool.map(try_it, "abc")] == [True, True, True]
    assert sorted(counted()) == [("a", 1), ("b", 1), ("c", 1)]
    assert not admitted("d")


def test_what_is_usual_costs_two_statements() -> None:
    assert admitted("a")
    with CaptureQueriesContext(connection) as captured:
        assert admitted("b")
    statements = [query["sql"] for query in captured.captured_queries]
    assert len([sql for sql in statements if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]) == 2
