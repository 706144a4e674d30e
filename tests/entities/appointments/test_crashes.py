"""A pass that dies before or after each of its writes: the next one ends where an undisturbed one does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from syncapp.entities.appointments import write
from syncapp.models import CalendarEmployee
from tests.support.calendars import LEFT, Office, every_kind_of_write

WRITES = ("insert_event", "patch_event", "put_termin", "post_termin", "delete_event", "delete_termin")


class Died(BaseException):
    """The process is gone: nothing after it is done."""


@contextmanager
def dying(action: str, *, after: bool) -> Iterator[None]:
    true_send = write.send

    def send(*args: Any) -> Any:
        if args[2].action.value != action:
            return true_send(*args)
        if after:
            true_send(*args)
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "send", send)
        yield


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("action", WRITES)
def test_the_process_dies(office: Office, action: str, after: bool) -> None:
    every_kind_of_write(office)
    with dying(action, after=after), pytest.raises(Died):
        office.sync()
    assert office.employee().status == "syncing"
    office.expire_lease()
    for _number in range(4):
        office.due()
        office.sync(full=True)
    expected = list(LEFT)
    if action == "post_termin" and not after:
        # Nobody can know whether it was made: a person is asked, nothing is made twice.
        questions = [one["code"] for row in office.rows().values() for one in row.questions]
        assert questions == ["post_outcome_unknown"]
        expected.remove("neu hier")
        assert sorted(row["text"] for row in office.termine().values()) == expected
        return
    assert sorted(row["text"] for row in office.termine().values()) == expected
    assert sorted(event.summary for event in office.events()) == expected
    office.is_silent()


def test_two_passes_at_once(office: Office) -> None:
    """The second finds the lock, and does nothing."""
    office.hire()
    office.enter()
    seen = []
    true_send = write.send

    def send(*args: Any) -> Any:
        seen.append(office.sync().ended)
        return true_send(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "send", send)
        office.sync()
    assert seen == ["busy"]
    office.sync()
    assert len(office.events()) == 1
    office.is_silent()


def test_a_lease_that_runs_out_in_the_middle(office: Office) -> None:
    """Somebody else takes the calendar while this pass sleeps: it writes no row any more."""
    office.hire()
    office.enter(1)
    office.enter(2)
    true_send, once = write.send, []

    def send(*args: Any) -> Any:
        answered = true_send(*args)
        if not once:
            once.append(True)
            office.expire_lease()
            office.sync()
        return answered

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write, "send", send)
        result = office.sync()
    assert result.ended == "lost"
    office.sync()
    assert len(office.events()) == 2
    office.is_silent()


def test_redis_flushed(office: Office, redis_client: Any) -> None:
    office.hire()
    fr_nr = office.enter()
    office.sync()
    redis_client.flushdb()
    office.edit(fr_nr, text="neu")
    office.sync()
    assert office.event(fr_nr).summary == "neu"
    office.is_silent()


def test_our_rows_are_lost(office: Office) -> None:
    """P3: private properties are a safety net; nothing is doubled."""
    office.hire()
    for number in range(5):
        office.enter(number + 1, text=f"T{number}")
    office.sync()
    CalendarEmployee.objects.all().delete()
    CalendarEmployee.objects.create(
        kuerzel="SB", calendar_id=office.calendars["SB"], mode="live", write_to_advoware=True
    )
    office.settle()
    assert (len(office.events()), len(office.termine())) == (5, 5)
