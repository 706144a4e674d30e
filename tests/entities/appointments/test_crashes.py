"""A pass that dies before or after each of its writes: the next one ends where an undisturbed one does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from syncapp.core.requests import Source
from syncapp.engine import control, job_queue
from syncapp.engine.rows import locks
from syncapp.entities.appointments import due_passes, write
from syncapp.models import Appointment, CalendarEmployee
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import employees
from syncapp.remotes.advoware.client import AdvowareClient
from tests.support.calendars import LEFT, Office, before_write, every_kind_of_write, series_with_a_moved_occurrence

WRITES = ("insert_event", "patch_event", "put_termin", "post_termin", "delete_event", "delete_termin", "reword_event")


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
@pytest.mark.parametrize("action", WRITES[:-1])
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


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_process_dies_while_an_occurrence_loses_its_words(office: Office, after: bool) -> None:
    number, moved = series_with_a_moved_occurrence(office)
    office.edit(number, privat=1)
    office.sync()  # the series alone
    with dying("reword_event", after=after), pytest.raises(Died):
        office.sync(full=True)
    office.expire_lease()
    office.settle()
    assert (office.occurrence(moved).summary, office.occurrence(moved).description) == ("Privat", "")


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


@pytest.mark.django_db(transaction=True)
def test_a_pass_that_is_wanted_meanwhile_is_enqueued_when_the_calendar_is_free(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the job finds no lock: it would drop it, and the pass would wait for the dispatcher."""
    office.hire()
    office.enter()
    held: list[list[str]] = []
    monkeypatch.setattr(job_queue, "_send", lambda *_job: held.append(locks.names()))
    ids = [office.employee().pk]
    with before_write(lambda: due_passes.request_passes(ids, source=Source.PERSON, cause="tests", urgent=True)):
        office.sync()
    assert held == [[]] * 3  # of this pass, of what was wanted meanwhile, and of what follows
    assert office.employee().status == "dirty"


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


def test_redis_forgets_who_writes_a_termin_of_two_calendars(office: Office, redis_client: Any) -> None:
    """Between the read and the PUT of one pass a pass over the other calendar comes: it sees the intent, and waits."""
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
    fr_nr = office.enter(1, "SB,AI")
    for kuerzel in ("SB", "AI"):
        office.sync(kuerzel)
    office.in_google("change", office.row(fr_nr, "SB").google_id, "SB", location="Saal 7")
    office.in_google("change", office.row(fr_nr, "AI").google_id, "AI", description="Akte mitnehmen")
    true_put, seen = AdvowareClient.update_termin, []

    def put(*args: Any) -> Any:
        if not seen:
            redis_client.flushdb()
            seen.append(office.sync("AI"))
        return true_put(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AdvowareClient, "update_termin", put)
        office.sync("SB")
    assert office.employee("AI").fault["code"] == "pass_not_finished"
    for kuerzel in ("AI", "SB"):
        office.due(kuerzel)
        office.sync(kuerzel)
    (termin,) = office.sandbox.state()["termine"]
    assert (termin["ort"], termin["notiz"]) == ("Saal 7", "Akte mitnehmen")
    for kuerzel in ("SB", "AI"):
        event = office.event(fr_nr, kuerzel)
        assert (event.location, event.description) == ("Saal 7", "Akte mitnehmen")


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


def test_our_rows_are_lost_and_what_is_private_stays_hidden(office: Office) -> None:
    """P9: what Google never showed is not shown by being linked again."""
    office.hire()
    fr_nr = office.enter(text="Scheidung Meier", ort="Praxis", privat=1)
    office.sync()
    Appointment.objects.all().delete()
    CalendarEmployee.objects.update(sync_token="", token_of="")
    office.clear()
    office.sync()
    event = office.event(fr_nr)
    assert (event.summary, event.location, event.visibility) == ("Privat", "", "private")
    assert office.writes() == 0
    office.is_silent()


def test_a_calendar_that_is_taken_away_and_comes_back_doubles_nothing(office: Office) -> None:
    office.hire(full_content=False)
    made = [office.enter(number + 1, text=f"T{number}") for number in range(3)]
    office.sync()
    for calendar_id in ("", office.calendars["SB"]):
        employees.change(office.employee(), {"calendar_id": calendar_id}, action_context=ActionContext("jan", "Umzug"))
    office.clear()
    office.sync()
    assert (office.writes(), sorted(office.termine()), len(office.events())) == (0, made, 3)
    assert {row.status for row in office.rows().values()} == {"ok"}
    office.is_silent()


def test_an_edit_under_our_hands_writes_to_no_side_that_is_stopped(office: Office) -> None:
    office.hire()
    fr_nr = office.enter(text="alt", ort="Saal 3")
    office.sync()
    control.hold_side(side="advoware", held=True, by="jan")
    office.edit(fr_nr, text="neu")
    own = office.row(fr_nr).google_id
    with before_write(lambda: office.in_google("change", own, location="Saal 9")):
        office.sync()
    assert (office.termine()[fr_nr]["ort"], office.event(fr_nr).location) == ("Saal 3", "Saal 9")
    control.hold_side(side="advoware", held=False, by="jan")
    office.settle()
    assert (office.termine()[fr_nr]["ort"], office.event(fr_nr).summary) == ("Saal 9", "neu")
