"""First meetings: what becomes of items without a row, row by row."""

import pytest

from syncapp.core.appointments.plan_shapes import NEW
from syncapp.core.appointments.policy import CalendarOwner
from tests.core.appointments.firm import DAY, MORNING, calendar, linked, quiet
from tests.core.appointments.world import Calendar, at, timed


def test_equal_items_are_linked() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", **at(DAY))
    one.google.enter("a", summary="Gericht", **MORNING)
    assert one.sync() == 0
    assert one.row(number).google_id == "a"
    quiet(one)


def test_equal_items_fill_one_another() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", ort="Saal 3", **at(DAY))
    one.google.enter("a", summary="Gericht", description="Akte", **MORNING)
    assert one.sync() == 2
    assert one.advoware.termine[number].notiz == "Akte"
    assert one.event(number).location == "Saal 3"
    quiet(one)


def test_equal_items_that_both_say_something() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", ort="Saal 3", **at(DAY))
    one.google.enter("a", summary="Gericht", location="Saal 4", **MORNING)
    assert one.sync() == 1
    assert one.told() == ["conflict"]
    assert one.event(number).location == "Saal 3"
    quiet(one)


@pytest.mark.parametrize("termine, events", [(2, 1), (1, 2), (2, 2)])
def test_ambiguous_items_wait_and_nothing_else_does(termine: int, events: int) -> None:
    one = calendar()
    numbers = [one.advoware.enter(text="Gericht", **at(DAY)) for _ in range(termine)]
    for index in range(events):
        one.google.enter(f"a{index}", summary="Gericht", **MORNING)
    one.advoware.enter(text="anderes", **at(DAY))
    assert one.sync() == 1
    assert one.asked() == ["ambiguous"] * events
    assert one.questions[0].candidates == tuple(numbers)
    assert one.sync() == 0
    assert one.asked() == ["ambiguous"] * events


def test_ambiguous_items_are_decided_by_a_person() -> None:
    one = calendar()
    first, second = (one.advoware.enter(text="Gericht", **at(DAY)) for _ in range(2))
    one.google.enter("a", summary="Gericht", **MORNING)
    one.sync()
    one.decide(next(one.open_rows()), "ambiguous", str(second))
    assert one.sync() == 1  # the other one is made
    assert one.row(second).google_id == "a"
    assert one.event(first).id != "a"
    quiet(one)


def test_ambiguous_items_are_new_by_decision() -> None:
    one = calendar()
    for _ in range(2):
        one.advoware.enter(text="Gericht", **at(DAY))
    one.google.enter("a", summary="Gericht", **MORNING)
    one.sync()
    one.decide(next(one.open_rows()), "ambiguous", NEW)
    one.sync()
    assert len(one.advoware.termine) == len(one.google.alive()) == 3
    quiet(one)


def test_a_number_that_a_person_chose_is_read_singly() -> None:
    one = calendar()
    far = one.advoware.enter(text="Gericht", **at("2026-03-01"))
    one.google.enter("a", summary="Gericht", **timed("2026-03-01T09:00", "2026-03-01T10:00"))
    one.sync()
    assert one.asked() == ["first_meeting_far_away"]
    one.decide(next(one.open_rows()), "first_meeting_far_away", str(far))
    assert one.sync() == 0
    assert one.row(far).google_id == "a"
    quiet(one)


def test_new_by_decision_counts_for_one_post() -> None:
    """Each further answer that is lost is a further question: nothing is made twice by an old word."""
    one = calendar()
    one.google.enter("a", summary="Gericht", **MORNING)
    one.advoware.faults.coming = ["before"] * 3
    one.sync()
    for _ in range(2):
        one.sync()
        assert one.asked() == ["post_outcome_unknown"]
        one.decide(next(one.open_rows()), "post_outcome_unknown", NEW)
        assert one.sync() == 1
    assert one.sync() == 0
    assert one.asked() == ["post_outcome_unknown"]


@pytest.mark.parametrize("fault, asked", [("before", ["post_outcome_unknown"]), ("after", [])])
def test_new_among_equal_ones_says_nothing_about_a_lost_answer(fault: str, asked: list[str]) -> None:
    """The one that was made is found; where it was not, a person is asked."""
    one = calendar()
    for _ in range(2):
        one.advoware.enter(text="Gericht", **at(DAY))
    one.google.enter("a", summary="Gericht", **MORNING)
    one.sync()
    one.decide(next(one.open_rows()), "ambiguous", NEW)
    one.advoware.faults.coming = [fault]
    one.sync()
    assert one.sync() == 0
    assert one.asked() == asked
    quiet(one)


def test_gone_before_the_answer_and_chosen_before_the_question() -> None:
    """What somebody chose about equal ones does not answer whether the Termin was made."""
    one = calendar()
    for _ in range(2):
        one.advoware.enter(text="Gericht", **at(DAY))
    one.google.enter("a", summary="Gericht", **MORNING)
    one.sync()
    one.decide(next(one.open_rows()), "ambiguous", NEW)
    one.advoware.faults.coming = ["after"]
    one.sync()
    one.google.remove("a")
    one.sync()
    assert one.asked() == ["post_outcome_unknown"]


@pytest.mark.parametrize("which", ["gone", "taken"])
def test_a_number_that_cannot_be_is_asked_about_again(which: str) -> None:
    one, number = linked()
    one.google.enter("a", summary="Gericht", **MORNING)
    one.advoware.faults.coming = ["before"]
    one.sync()
    one.sync()
    lone = next(row for row in one.open_rows() if row.google_id == "a")
    one.decide(lone, "post_outcome_unknown", str(number) if which == "taken" else "4711")
    for _ in range(2):
        assert one.sync() == 0
        assert one.asked() == ["post_outcome_unknown"]
    assert len(one.advoware.termine) == 1


def test_after_the_loss_of_the_database_our_properties_link() -> None:
    one, number = linked()
    far = one.advoware.enter(text="fern", **at("2026-03-01"))
    one.rows.clear()
    one.token = None
    own = {"advosyncId": "far-away", "advosyncFrNr": str(far)}
    one.google.enter("far-away", summary="fern", properties=own, **timed("2026-03-01T09:00", "2026-03-01T10:00"))
    one.google.change(one.google.alive()[0].id, summary="inzwischen anders")
    one.sync()
    assert one.row(number).google_id != "far-away"
    assert one.row(far).google_id == "far-away"
    assert len(one.advoware.termine) == 2
    assert one.event(number).summary == "Gericht"  # nobody knows who changed it: Advoware leads, told
    assert "conflict" in one.told()
    quiet(one)


def test_an_event_of_ours_whose_termin_is_gone_is_an_orphan() -> None:
    one, number = linked()
    one.rows.clear()
    one.token = None
    del one.advoware.termine[number]
    assert one.sync() == 0
    assert one.told() == ["orphan"]
    assert len(one.google.alive()) == 1
    assert one.sync() == 0
    assert one.told() == []


def test_anonymised_items_are_linked_by_property_alone() -> None:
    one = calendar(full_content=False)
    one.advoware.enter(text="Gericht", **at(DAY))
    one.google.enter("a", summary="Gericht", **MORNING)
    one.sync()
    assert len(one.google.alive()) == len(one.advoware.termine) == 2


def test_an_event_that_was_moved_to_a_colleague_s_calendar_says_that_its_termin_is_alive() -> None:
    """In Google, from one calendar into the other: it is made again where it belongs, and is no orphan where it is."""
    one, number = linked()
    other = Calendar(advoware=one.advoware, employee=CalendarOwner("AI", "ai@calendar", write_to_advoware=True))
    event = one.event(number)
    one.google.remove(event.id)
    other.google._keep(event)
    assert other.sync() == 0
    assert [(report.code.value, report.detail) for report in other.reports] == [("only_in_google", "elsewhere")]
    one.sync()
    assert one.told() == ["restored"]
    assert other.sync(daily=True) == 0
    assert other.told() == []
    one.advoware.change(number, anwalt="AI")
    other.sync()
    assert other.row(number).google_id == event.id
    quiet(other)
