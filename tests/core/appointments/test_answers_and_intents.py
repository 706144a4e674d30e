"""Answers, lost answers, and what happens between our read and our write: the rows of both tables by name."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments import answers
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    Closed,
    PairStatus,
    PlannedStep,
)
from syncapp.core.appointments.shapes import TerminChange
from tests.core.appointments.firm import AFTERNOON, DAY, MORNING, calendar, from_google, linked, quiet
from tests.core.appointments.world import Calendar, at

LOST = ("before", "after", "crash_before", "crash_after")


def assert_settles(one: Calendar, count: int) -> None:
    """As many as there should be on either side, equal, and then silence."""
    one.sync()
    one.sync(daily=True)
    one.assert_equal()
    assert len(one.advoware.termine) == len(one.google.alive()) == count
    assert all(row.intent is None and row.waiting is None for row in one.open_rows())
    quiet(one)


@pytest.mark.parametrize("fault", LOST)
def test_insert_without_an_answer(fault: str) -> None:
    one = calendar()
    one.advoware.enter(text="Gericht", **at(DAY))
    one.google.faults.coming = [fault]
    one.sync()
    assert_settles(one, 1)


@pytest.mark.parametrize("went", ["gone", "moved"])
@pytest.mark.parametrize("listed", ["whole", "empty", "changes"])
def test_an_insert_without_an_answer_was_changed_in_google_and_its_termin_goes(went: str, listed: str) -> None:
    """No list shows the event, nothing will make it again: it is read singly; what was typed is not deleted unseen."""
    one = calendar()
    number = one.advoware.enter(text="Gericht", **at(DAY))
    one.google.faults.coming = ["after"]
    one.sync()
    (row,) = one.open_rows()
    one.google.change(row.google_id, summary="wichtig")
    if went == "gone":
        del one.advoware.termine[number]
    else:
        one.advoware.change(number, anwalt="XY")
    one.google.token_expired = listed != "changes"
    one.google.list_fault = {"whole": list, "empty": lambda found: [], "changes": lambda found: []}[listed]
    one.sync()
    one.google.list_fault = lambda found: found
    one.sync(daily=True)
    told = [lost.value for report in one.reports for lost in report.lost]
    if went == "gone":
        assert (one.asked(), one.google.alive()[0].summary) == (["gone_and_changed"], "wichtig")
    else:
        assert (one.google.alive(), "wichtig" in told or one.advoware.termine[number].text == "wichtig") == ([], True)


def test_an_insert_that_arrives_under_the_next_one_is_no_edit() -> None:
    """What it had brought was taken for typed in Google, and written over what Advoware says since."""
    one = calendar()
    number = one.advoware.enter(text="Gericht", **at(DAY))
    one.google.faults.coming = ["late"]
    one.sync()
    one.advoware.change(number, text="Amtsgericht")
    one.before_step = lambda step: one.google.faults.arrive()
    one.sync()
    assert one.advoware.termine[number].text == one.event(number).summary == "Amtsgericht"
    quiet(one)


def test_an_insert_that_never_arrived_is_forgotten_with_its_termin() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", **at(DAY))
    one.google.faults.coming = ["before"]
    one.sync()
    del one.advoware.termine[number]
    one.sync(daily=True)
    assert (list(one.open_rows()), one.google.alive()) == ([], [])
    quiet(one)


@pytest.mark.parametrize("fault", LOST)
def test_patch_without_an_answer(fault: str) -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht", notiz="Akte")
    one.google.faults.coming = [fault]
    one.sync()
    assert_settles(one, 1)


@pytest.mark.parametrize("fault", LOST)
def test_put_without_an_answer(fault: str) -> None:
    one, number = linked()
    one.google.change(one.event(number).id, summary="Amtsgericht", **AFTERNOON)
    one.advoware.faults.coming = [fault]
    one.sync()
    assert_settles(one, 1)
    assert one.advoware.termine[number].text == "Amtsgericht"


@pytest.mark.parametrize("fault", LOST)
def test_delete_event_without_an_answer(fault: str) -> None:
    one, number = linked()
    del one.advoware.termine[number]
    one.google.faults.coming = [fault]
    one.sync()
    assert_settles(one, 0)


@pytest.mark.parametrize("fault", LOST)
def test_delete_termin_without_an_answer(fault: str) -> None:
    one, _ = from_google()
    one.google.remove("made-here")
    one.advoware.faults.coming = [fault]
    one.sync()
    assert_settles(one, 0)


@pytest.mark.parametrize("fault", ["after", "crash_after"])
def test_post_without_an_answer_that_arrived_is_adopted(fault: str) -> None:
    one = calendar()
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    one.advoware.faults.coming = [fault]
    one.sync()
    one.sync()
    assert one.told() == ["adopted"]
    assert_settles(one, 1)


def test_post_without_an_answer_that_was_cut_is_adopted_and_put_back() -> None:
    one = calendar()
    one.advoware.keeps = 5
    one.google.enter("a", summary="Zahnarzttermin", **MORNING)
    one.advoware.faults.coming = ["after"]
    one.sync()
    assert_settles(one, 1)
    assert one.google.events["a"].summary == "Zahna"


@pytest.mark.parametrize("fault", ["before", "crash_before"])
def test_post_without_an_answer_that_is_not_found_asks(fault: str) -> None:
    one = calendar()
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    one.advoware.faults.coming = [fault]
    one.sync()
    assert one.sync() == 0
    assert one.asked() == ["post_outcome_unknown"]
    one.decide(next(one.open_rows()), "post_outcome_unknown", "new")
    assert_settles(one, 1)


def test_post_without_an_answer_and_two_that_could_be_it() -> None:
    one = calendar()
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    one.advoware.faults.coming = ["after"]
    one.sync()
    twin = one.advoware.enter(text="Zahnarzt", **at(DAY))
    one.sync()
    assert one.asked() == ["post_outcome_unknown"]
    assert one.questions[0].candidates == (twin - 1, twin)
    one.decide(next(one.open_rows()), "post_outcome_unknown", str(twin - 1))
    assert_settles(one, 2)


def test_post_without_an_answer_and_the_event_went_meanwhile() -> None:
    one = calendar()
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    one.advoware.faults.coming = ["before"]
    one.sync()
    one.google.remove("a")
    assert one.sync() == 0
    assert one.asked() == ["post_outcome_unknown"]


def test_an_edit_after_a_lost_answer_is_an_edit() -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht")
    one.google.faults.coming = ["after"]
    one.sync()
    one.google.change(one.event(number).id, summary="Landgericht")
    one.sync()
    assert one.told() == ["conflict"]
    assert one.event(number).summary == "Amtsgericht"
    quiet(one)


def test_a_cut_text_after_a_lost_put_puts_google_back() -> None:
    one, number = linked()
    one.advoware.keeps = 8
    one.google.change(one.event(number).id, summary="Amtsgericht")
    one.advoware.faults.coming = ["after"]
    one.sync()
    assert_settles(one, 1)
    assert one.event(number).summary == one.advoware.termine[number].text == "Amtsgeri"


# --- Between our read and our write -------------------------------------------------------------------------------


def once(one: Calendar, action: AppointmentAction, edit: Any) -> None:
    """Somebody edits right before that write."""

    def before(step: PlannedStep) -> None:
        if step.action is action:
            one.before_step = lambda later: None
            edit()

    one.before_step = before


def test_412_is_decided_anew() -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht")
    once(one, AppointmentAction.patch_event, lambda: one.google.change(one.event(number).id, location="Saal 4"))
    assert one.sync() == 3  # refused, then both
    assert one.advoware.termine[number].ort == "Saal 4"
    one.assert_equal()
    quiet(one)


def test_a_termin_that_changed_before_a_put_is_decided_anew() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, location="Saal 4")
    once(one, AppointmentAction.put_termin, lambda: one.advoware.change(number, notiz="Akte"))
    one.sync()
    assert one.event(number).description == "Akte"
    one.assert_equal()
    quiet(one)


def test_a_termin_that_changed_before_its_deletion_stays() -> None:
    one, number = from_google()
    one.google.remove("made-here")
    once(one, AppointmentAction.delete_termin, lambda: one.advoware.change(number, notiz="Akte"))
    one.sync()
    assert number in one.advoware.termine
    one.assert_equal()


def test_an_event_that_changed_before_its_deletion_is_asked_about() -> None:
    one, number = linked()
    del one.advoware.termine[number]
    once(one, AppointmentAction.delete_event, lambda: one.google.change(one.event(number).id, location="Saal 4"))
    one.sync()
    assert one.asked() == ["gone_and_changed"]
    assert len(one.google.alive()) == 1


def test_an_event_that_went_before_its_patch_is_made_again() -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht")
    once(one, AppointmentAction.patch_event, lambda: one.google.remove(one.event(number).id))
    one.sync()
    assert one.event(number).summary == "Amtsgericht"
    one.assert_equal()
    quiet(one)


# --- Answers by themselves ----------------------------------------------------------------------------------------


def test_a_number_without_a_termin_is_compared_later() -> None:
    one = calendar()
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    one.sync()
    posted = one.last.pairs[0]
    number = max(one.advoware.termine)
    one.rows = {1: replace(answers.after_number(posted.steps[0], posted.pair, number).pair, id=1)}
    assert one.row(number).waiting is None
    one.advoware.change(number, ort="Praxis")
    assert_settles(one, 1)


def test_a_refusal_keeps_what_google_showed() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, location="Saal 4")
    row = replace(one.row(number), waiting=one.event(number), intent=AppointmentIntent(AppointmentAction.put_termin))
    answered = answers.after_refusal(row).pair
    assert (answered.intent, answered.status) == (None, PairStatus.failed)
    assert answered.waiting == one.event(number)


def test_a_deletion_of_an_old_generation_closes_nothing() -> None:
    pair = AppointmentPair("new", fr_nr=1, burnt=("old",))
    step = PlannedStep(AppointmentIntent(AppointmentAction.delete_event), "old")
    assert answers.after_deletion(step, pair).pair.is_open
    own = replace(step, google_id="new", closes=Closed.gone)
    assert answers.after_deletion(own, pair).pair.closed is Closed.gone


def test_a_plan_says_what_it_sends() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, location="Saal 4")
    one.sync()
    (step,) = one.last.steps
    assert step.termin == TerminChange(ort="Saal 4")
    assert one.last.count(AppointmentAction.put_termin) == 1
    assert one.last.pairs[0].changes_row
    assert one.last.pairs[0].pair.is_open
