"""Rows that are over, while what they linked is there again: linked as before, and nothing is doubled."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.rows import AppointmentPair, Closed, PairStatus
from tests.core.appointments.firm import DAY, MORNING, calendar, from_google, quiet
from tests.core.appointments.world import Calendar, at

KINDS: dict[str, dict[str, Any]] = {
    "plain": {"text": "Arzt"},
    "anonymous": {"text": "Arzt"},
    "private": {"text": "Arzt", "privat": True},
    "long": {"text": "x" * 1500},
}


def with_one(kind: str) -> tuple[Calendar, int]:
    one = calendar(full_content=kind != "anonymous")
    number = one.advoware.enter(**KINDS[kind], **at(DAY))
    one.sync()
    return one, number


def detach(one: Calendar) -> None:
    """As operations.calendars.employees.close_all leaves the rows."""
    for own, pair in list(one.rows.items()):
        kept = pair.intent if pair.fr_nr is None else None
        one.rows[own] = replace(pair.over(Closed.detached), intent=kept)
    one.token = None


def counts(one: Calendar) -> tuple[int, int, int]:
    return len(one.advoware.termine), len(one.google.alive()), len(list(one.open_rows()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_calendar_that_comes_back_is_taken_up_where_it_was_left(kind: str) -> None:
    one, number = with_one(kind)
    before = one.row(number)
    detach(one)
    assert one.sync(daily=True) == 0
    assert one.row(number) == before
    assert counts(one) == (1, 1, 1)
    quiet(one)


def test_what_was_done_meanwhile_is_carried_like_any_edit() -> None:
    one, moved = with_one("plain")
    changed, gone = (one.advoware.enter(text=text, **at(DAY)) for text in ("anders", "weg"))
    one.sync()
    gone_event = one.event(gone).id
    detach(one)
    one.advoware.change(changed, notiz="Akte")
    one.google.change(one.event(changed).id, location="Saal 7")
    one.advoware.change(moved, anwalt="AI")
    del one.advoware.termine[gone]
    one.settle()
    assert (one.advoware.termine[changed].ort, one.event(changed).description) == ("Saal 7", "Akte")
    assert one.google.events[gone_event].cancelled
    assert [event.id for event in one.google.alive()] == [one.event(changed).id]
    assert moved in one.advoware.termine


def test_what_was_made_in_google_and_edited_in_advoware_meanwhile() -> None:
    one, number = from_google()
    detach(one)
    one.advoware.change(number, text="Zahnarzt, verlegt")
    one.settle()
    assert counts(one) == (1, 1, 1)
    assert one.event(number).summary == "Zahnarzt, verlegt"


def test_an_orphan_stays_one() -> None:
    one, number = with_one("plain")
    one.rows.clear()
    one.token = None
    del one.advoware.termine[number]
    one.sync()
    detach(one)
    assert one.sync(daily=True) == 0
    assert (one.told(), counts(one)) == (["orphan"], (0, 1, 1))


def test_a_post_without_an_answer_is_still_looked_for() -> None:
    one = calendar()
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    one.advoware.faults.coming = ["after"]
    one.sync()
    detach(one)
    one.settle()
    assert counts(one) == (1, 1, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_back_on_both_sides_in_one_pass_is_the_pair_that_it_was(kind: str) -> None:
    one, number = with_one(kind)
    termin, event = one.advoware.termine.pop(number), one.event(number)
    one.sync()
    assert one.row(number).status is PairStatus.closed
    one.advoware.termine[number] = termin
    one.google.restore(event)
    assert one.sync() == 0
    assert counts(one) == (1, 1, 1)
    quiet(one)


@pytest.mark.parametrize("write", [True, False])
def test_what_comes_back_in_google_first(write: bool) -> None:
    one, number = with_one("anonymous")
    one.employee = replace(one.employee, write_to_advoware=write)
    termin, event = one.advoware.termine.pop(number), one.event(number)
    one.sync()
    one.google.restore(event)
    one.sync()
    made = max(one.advoware.termine, default=0)
    one.advoware.termine[number] = termin
    one.settle()
    # Written again, it stands for the Termin that was made of it; not written, for the one that it names.
    assert counts(one) == ((2, 2, 2) if write else (1, 1, 1))
    assert one.row(made if write else number).google_id == event.id
    quiet(one)


def test_a_row_without_its_event_or_of_another_employee_stays_over() -> None:
    one, number = with_one("plain")
    event = one.event(number)
    one.google.remove(event.id)
    detach(one)
    one.settle()
    row: AppointmentPair = one.row(number)
    assert (row.generation, row.burnt) == (1, (event.id,))
    assert counts(one) == (1, 1, 1)
