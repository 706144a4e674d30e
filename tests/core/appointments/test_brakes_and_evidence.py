"""Brakes and evidence: the rows of both tables by name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from syncapp.core.appointments import evidence
from syncapp.core.appointments.brakes import NEW_EVENTS, NEW_TERMINE
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.plan import plan
from syncapp.core.appointments.plan_shapes import HoldReason, PairReportCode, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import PairStatus, PlannedStep
from syncapp.core.guards import Change
from tests.core.appointments.firm import DAY, MORNING, calendar, from_google, linked, quiet
from tests.core.appointments.world import Calendar, at, timed


def many(count: int) -> tuple[Calendar, list[int]]:
    one = calendar()
    numbers = [one.advoware.enter(text=f"T{index}", **at(DAY)) for index in range(count)]
    while one.sync() or one.last.deferred:
        pass
    return one, numbers


# --- Removals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "linked_rows, removed, held", [(20, 5, False), (20, 6, True), (100, 10, False), (100, 11, True)]
)
def test_too_many_removals(linked_rows: int, removed: int, held: bool) -> None:
    one, numbers = many(linked_rows)
    for number in numbers[:removed]:
        del one.advoware.termine[number]
    one.sync()
    assert (one.last.held is not None) is held
    assert len(one.google.alive()) == linked_rows - (0 if held else removed)
    if one.last.held is not None:
        assert (one.last.held.reason, one.last.held.planned) == (HoldReason.too_many_removals, removed)
        assert one.last.held.of == linked_rows


@pytest.mark.parametrize("anwalt", ["", "ALLE", "17"])
def test_a_list_that_says_of_all_its_termine_that_they_are_not_this_employee_s(anwalt: str) -> None:
    """An Advoware that leaves the kuerzel out, or spells it otherwise from one day on, empties no calendar."""
    one, _ = many(12)
    one.advoware.listing = lambda found: [replace(termin, anwalt=anwalt) for termin in found]
    assert one.sync() == 0
    assert one.last.held is not None
    assert (one.last.held.reason, one.last.held.planned) == (HoldReason.too_many_removals, 12)
    one.advoware.listing = lambda found: found
    quiet(one)


@pytest.mark.parametrize("anwalt, held", [("", True), ("RO", False)])
def test_termine_that_the_list_lacks_and_that_name_nobody(anwalt: str, held: bool) -> None:
    """Those of a colleague may be many at once: somebody has left, and they were handed over."""
    one, numbers = many(12)
    for number in numbers[:6]:
        one.advoware.change(number, anwalt=anwalt)
    one.sync()
    assert (one.last.held is not None) is held
    assert len(one.google.alive()) == (12 if held else 6)


def test_rows_that_rest_allow_no_removals() -> None:
    """Their number grows from year to year: a tenth of them would be all that is still to come."""
    one, _ = many(100)
    one.now += timedelta(days=60)
    coming = [one.advoware.enter(text=f"N{index}", **at("2026-09-01")) for index in range(8)]
    assert one.sync() == 8
    for number in coming:
        del one.advoware.termine[number]
    assert one.sync() == 0
    assert one.last.held is not None
    assert (one.last.held.reason, one.last.held.planned, one.last.held.of) == (HoldReason.too_many_removals, 8, 8)


def test_a_held_employee_goes_on_once_released() -> None:
    one, numbers = many(20)
    for number in numbers[:6]:
        one.google.remove(one.event(number).id)
        del one.advoware.termine[number]
    for number in numbers[6:14]:
        del one.advoware.termine[number]
    one.sync()
    assert one.last.held is not None
    assert len(one.google.alive()) == 14
    one.released = frozenset({HoldReason.too_many_removals})
    one.sync()
    assert len(one.google.alive()) == 6  # what Google had shown before was not forgotten
    quiet(one)


# --- Lists that cannot be believed --------------------------------------------------------------------------------


def test_an_empty_advoware_list_of_many_is_read_again_before_anything_else() -> None:
    one, _ = many(60)
    one.advoware.listing = lambda found: []
    one.advoware.calls.clear()
    assert one.sync() == 0
    assert one.advoware.calls == ["list", "list"] + ["get"] * 50
    assert one.last.held is not None
    assert one.last.held.reason is HoldReason.advoware_list_small
    assert (one.last.held.planned, one.last.held.of) == (60, 60)


def test_a_list_that_is_empty_once_costs_nothing() -> None:
    one, _ = many(60)
    answers = iter([[], list(one.advoware.termine.values()), list(one.advoware.termine.values())])
    one.advoware.listing = lambda found: next(answers, found)
    assert one.sync() == 0
    assert one.last.held is None


def test_less_than_half_of_a_google_list() -> None:
    one, _ = many(60)
    one.token = None
    one.google.list_fault = lambda found: found[:10]
    assert one.sync() == 0
    assert len(one.google.alive()) == 60
    assert one.last.held is not None
    assert one.last.held.reason is HoldReason.google_list_small
    one.google.list_fault = lambda found: found
    quiet(one)


def test_the_honest_last_deletion_passes() -> None:
    one, number = linked()
    del one.advoware.termine[number]
    assert one.sync() == 1
    assert one.last.held is None


def test_termine_of_another_employee_by_now_are_taken_out_of_the_count() -> None:
    one, numbers = many(30)
    for number in numbers:
        one.advoware.change(number, anwalt="AI")
    one.sync()
    assert one.last.held is None
    assert not one.google.alive()


# --- Portions -----------------------------------------------------------------------------------------------------


def test_new_events_go_in_portions_the_nearest_first() -> None:
    one = calendar()
    for index in range(NEW_EVENTS + 5):
        one.advoware.enter(text=f"T{index}", **at((one.now + timedelta(days=index)).date().isoformat()))
    one.advoware.enter(text="gestern", **at((one.now - timedelta(days=1)).date().isoformat()))
    assert one.sync() == NEW_EVENTS
    assert one.last.deferred == 6
    assert "gestern" not in {event.summary for event in one.google.alive()}
    assert one.sync() == 6
    quiet(one)


def test_new_events_wait_while_the_quota_breaker_is_open() -> None:
    one, number = linked()
    one.policy = replace(one.policy, create_in_google=False)
    one.advoware.enter(text="neu", **at(DAY))
    one.google.remove(one.event(number).id)
    assert one.sync() == 0
    assert one.last.deferred == 2
    one.policy = replace(one.policy, create_in_google=True)
    assert one.sync() == 2
    quiet(one)


def test_what_is_put_off_is_told_when_it_happens() -> None:
    one, number = linked()
    one.policy = replace(one.policy, create_in_google=False)
    one.google.remove(one.event(number).id)
    one.sync()
    assert one.told() == []
    one.policy = replace(one.policy, create_in_google=True)
    one.sync()
    assert one.told() == ["restored"]


def test_what_is_for_the_whole_of_today_is_as_near_as_what_comes() -> None:
    one = calendar()
    today, tomorrow = one.now.date().isoformat(), (one.now + timedelta(days=1)).date().isoformat()
    for index in range(NEW_EVENTS):
        one.advoware.enter(text=f"T{index}", **at(tomorrow))
    one.advoware.enter(text="heute", datum=today)
    one.sync()
    assert "heute" in {event.summary for event in one.google.alive()}


def test_many_new_termine_are_asked_about_and_the_others_go_on() -> None:
    one, number = linked()
    for index in range(NEW_TERMINE + 1):
        one.google.enter(f"a{index}", summary=f"T{index}", **MORNING)
    one.google.change(one.event(number).id, location="Saal 4")
    assert one.sync() == 1
    assert one.last.many_new == NEW_TERMINE + 1
    assert len(one.advoware.termine) == 1
    one.released = frozenset({"many_new"})
    assert one.sync() == NEW_TERMINE + 1
    quiet(one)


def test_as_many_as_allowed_are_made_at_once() -> None:
    one = calendar()
    for index in range(NEW_TERMINE):
        one.google.enter(f"a{index}", summary=f"T{index}", **MORNING)
    assert one.sync() == NEW_TERMINE


@pytest.mark.parametrize("held", [frozenset({side}) for side in CalendarSide])
def test_a_held_side_gets_nothing_and_nothing_is_forgotten(held: frozenset[CalendarSide]) -> None:
    one, number = linked()
    one.google.change(one.event(number).id, location="Saal 4")
    one.advoware.change(number, notiz="Akte")
    one.google.enter("neu", summary="neu", **MORNING)
    one.advoware.enter(text="auch neu", **at(DAY))
    one.held_sides = held
    one.sync()
    assert all(step.action.side not in held for step in one.last.steps)
    one.held_sides = frozenset()
    one.sync()
    one.assert_equal()
    assert len(one.advoware.termine) == 3
    quiet(one)


# --- Decided anew in the middle of a pass: what is stopped stays stopped --------------------------------------------


def once(one: Calendar, act: Callable[[str], object]) -> None:
    """Somebody does that right before the next write of the pass; its event is told."""

    def before(step: PlannedStep) -> None:
        one.before_step = lambda step: None
        act(step.google_id)

    one.before_step = before


def test_a_held_advoware_is_not_written_after_an_edit_under_our_hands() -> None:
    one, number = linked()
    one.held_sides = frozenset({CalendarSide.advoware})
    one.advoware.change(number, text="neu")
    once(one, lambda own: one.google.change(own, location="Saal 9"))
    one.sync()
    assert (one.advoware.writes, one.advoware.termine[number].ort) == (0, "Saal 3")
    one.held_sides = frozenset()
    one.settle()
    one.assert_equal()
    assert (one.advoware.termine[number].ort, one.event(number).summary) == ("Saal 9", "neu")


@pytest.mark.parametrize("case", ["not taken", "new in a calendar without contents"])
def test_a_held_google_is_not_written_after_a_write_to_advoware(case: str) -> None:
    one = calendar(full_content=case == "not taken")
    number = one.advoware.enter(text="Gericht", **at(DAY))
    one.sync()
    one.held_sides = frozenset({CalendarSide.google})
    if case == "not taken":
        one.advoware.ignores = frozenset({"text"})
        one.google.change(one.event(number).id, summary="neu")
    else:
        one.google.enter("a", summary="Zahnarzt", **MORNING)
    before = one.google.writes
    one.sync()
    assert (one.advoware.writes, one.google.writes) == (1, before)
    one.held_sides = frozenset()
    one.settle()
    assert {event.summary for event in one.google.alive()} == ({"Gericht"} if case == "not taken" else {"Termin"})


def test_nothing_is_made_again_while_the_quota_is_used_up() -> None:
    one, number = linked()
    one.policy = replace(one.policy, create_in_google=False)
    one.advoware.change(number, text="neu")
    once(one, one.google.remove)
    one.sync()
    assert one.google.alive() == []
    one.policy = replace(one.policy, create_in_google=True)
    one.settle()
    assert one.event(number).summary == "neu"


# --- Back and forth -------------------------------------------------------------------------------------------------


def swung(where: str, **policy: Any) -> tuple[Calendar, int]:
    """The title went back and forth for long; now one side says A, the other one still what both said."""
    one, number = linked(**policy)
    values = ["A", "B"] * 4
    one.changes = {
        one.event(number).id: [
            Change("text", before, after, one.now + timedelta(minutes=index))
            for index, (before, after) in enumerate(pairwise(values))
        ]
    }
    if where == "advoware":
        one.advoware.change(number, text="A")
    else:
        one.google.change(one.event(number).id, summary="A")
    assert (one.sync(), one.asked()) == (0, ["oscillates"])
    return one, number


@pytest.mark.parametrize("choice", ["advoware", "google"])
@pytest.mark.parametrize("where", ["advoware", "google"])
def test_the_side_that_somebody_chose_counts(where: str, choice: str) -> None:
    one, number = swung(where)
    one.decide(one.row(number), "oscillates:text", choice)
    assert one.sync() == 1
    one.assert_equal()
    assert one.event(number).summary == ("A" if where == choice else "Gericht")
    assert one.told() == ([] if where == choice else ["conflict"])  # what gave way can be brought back
    quiet(one)


def test_what_was_chosen_counts_for_what_was_shown_alone() -> None:
    one, number = swung("advoware")
    one.decide(one.row(number), "oscillates:text", "google")
    one.sync()
    one.advoware.change(number, text="Landgericht")
    assert (one.sync(), one.asked()) == (0, ["oscillates"])  # it went back and forth for too long
    assert one.advoware.termine[number].text == "Landgericht"


@pytest.mark.parametrize("where", ["advoware", "google"])
def test_the_answer_is_about_what_goes_back_and_forth_alone(where: str) -> None:
    """Another change to the same appointment, made meanwhile on the other side, is carried as any."""
    one, number = swung(where)
    one.decide(one.row(number), "oscillates:text", "google" if where == "advoware" else "advoware")
    if where == "advoware":
        one.advoware.change(number, ort="Saal 4")
    else:
        one.google.change(one.event(number).id, location="Saal 4")
    one.sync()
    one.assert_equal()
    assert (one.event(number).summary, one.event(number).location) == ("Gericht", "Saal 4")
    quiet(one)


def test_a_side_that_may_not_be_written_cannot_be_made_to_follow() -> None:
    one, number = swung("advoware", write=False)
    one.decide(one.row(number), "oscillates:text", "google")
    one.sync()
    assert (one.advoware.writes, one.event(number).summary) == (0, "A")


def test_oscillation_asks() -> None:
    one, number = linked()
    values = ["A", "B"] * 4
    one.changes = {
        one.event(number).id: [
            Change("text", before, after, one.now + timedelta(minutes=index))
            for index, (before, after) in enumerate(pairwise(values))
        ]
    }
    one.advoware.change(number, text="A")
    assert one.sync() == 0
    assert one.asked() == ["oscillates"]
    one.decide(one.row(number), "oscillates:text", "advoware")
    assert one.sync() == 1


# --- What is read singly ------------------------------------------------------------------------------------------


def needed(one: Calendar, *, daily: bool = False) -> evidence.Needed:
    snapshot, _ = one.snapshot(daily=daily)
    return evidence.needed(replace(snapshot, termin_reads={}, event_reads={}))


def test_nothing_is_read_singly_where_nothing_is_missing() -> None:
    one, _ = many(5)
    assert needed(one) == evidence.Needed()
    assert needed(one, daily=True) == evidence.Needed()


def test_the_termin_of_an_active_row() -> None:
    one, numbers = many(5)
    del one.advoware.termine[numbers[2]]
    assert needed(one).termine == (numbers[2],)


def test_the_termin_of_a_series_in_the_daily_pass() -> None:
    one = calendar()
    one.advoware.lists_old_series = False
    number = one.advoware.enter(
        text="Jour fixe", dauertermin=True, turnus=1, turnus_art=2, **(at(DAY) | {"datum_bis": ""})
    )
    one.sync()
    one.now += timedelta(days=60)
    assert needed(one).termine == ()
    assert needed(one, daily=True).termine == (number,)
    one.google.change(one.event(number).id, location="Saal 4")
    assert needed(one).termine == (number,)  # something is to be decided


def test_the_termin_of_a_row_with_a_write_without_an_answer() -> None:
    one, number = linked()
    one.now += timedelta(days=60)
    one.sync()
    one.google.change(one.event(number).id, location="Saal 4")
    one.advoware.faults.coming = ["after"]
    one.sync()
    assert needed(one).termine == (number,)
    one.sync()
    one.assert_equal()


def test_the_termin_of_a_row_that_has_failed_once_it_is_due() -> None:
    """Else it would have failed for ever once Advoware's list has left it behind."""
    one, number = linked()
    one.now += timedelta(days=60)
    one.sync()
    later = one.now + timedelta(hours=2)
    row = replace(one.row(number), status=PairStatus.failed, wait_until=later)
    assert row.id is not None
    one.rows[row.id] = row
    assert needed(one).termine == ()
    one.now = later
    assert needed(one).termine == (number,)
    one.sync()
    assert one.row(number).status is PairStatus.ok


@pytest.mark.parametrize("status", [PairStatus.unsupported, PairStatus.failed])
def test_the_termin_of_a_row_that_was_never_carried(status: PairStatus) -> None:
    """Gone in Advoware, it is over: nothing is said of it any more."""
    one = calendar()
    number = one.advoware.enter(text="Frist", **at(DAY, "25:00:00"))
    one.sync()
    row = replace(one.row(number), status=status, wait_until=one.now + timedelta(days=1))
    assert row.id is not None
    one.rows[row.id] = row
    del one.advoware.termine[number]
    assert needed(one).termine == ()
    one.sync()
    assert one.row(number).status is status
    one.now += timedelta(days=1)
    one.sync(daily=True)
    assert one.row(number).status is PairStatus.closed
    quiet(one)


@pytest.mark.parametrize("was_there", [True, False], ids=["deleted in Google", "never there"])
def test_what_could_not_be_made_before_its_day_passed_is_no_failure_any_more(was_there: bool) -> None:
    one, number = linked()
    own = one.row(number).google_id
    one.google.remove(own)
    row = replace(one.row(number), status=PairStatus.failed, wait_until=one.now + timedelta(days=1))
    if not was_there:
        row = replace(row, base_advoware=None, base_google=None)
        del one.google.events[own], one.google.changed[own]
    assert row.id is not None
    one.rows[row.id] = row
    one.now += timedelta(days=60)
    assert one.sync() == 0
    assert one.row(number).status is PairStatus.ok
    quiet(one)


def test_the_termin_of_a_resting_row_is_not_read() -> None:
    one, _ = linked()
    one.now += timedelta(days=60)
    one.sync()
    assert needed(one, daily=True) == evidence.Needed()


def test_the_event_that_a_complete_list_lacks() -> None:
    one, number = linked()
    own = one.event(number).id
    one.google.keeps_tombstones = False
    one.google.remove(own)
    snapshot, _ = one.snapshot(daily=True)
    assert set(snapshot.event_reads) == {own}


def test_a_light_pass_reads_fifty_and_the_daily_one_all() -> None:
    one, numbers = many(160)
    for number in numbers[:70]:
        one.advoware.change(number, anwalt="AI")
    assert len(needed(one).termine) == evidence.MOST_SINGLE_READS
    assert len(needed(one, daily=True).termine) == 70


def reads_of_passes(one: Calendar, passes: int = 3) -> list[int]:
    """How often each of the next light passes reads a Termin by itself; none of them writes."""
    found = []
    for _ in range(passes):
        one.advoware.calls.clear()
        assert one.sync() == 0
        found.append(one.advoware.calls.count("get"))
    return found


def test_old_events_that_were_deleted_are_read_once_and_then_by_the_daily_pass() -> None:
    """Outside the days that count they are not made again; they used to be read in every pass, before everything."""
    one = calendar()
    old = [one.advoware.enter(text=f"T{number}", **at(DAY)) for number in range(60)]
    living = [one.advoware.enter(text=f"L{number}", **at("2026-07-20")) for number in range(10)]
    one.settle()
    one.now += timedelta(days=45)
    one.settle()
    for number in old:
        one.google.remove(one.event(number).id)
    assert reads_of_passes(one, 4) == [50, 10, 0, 0]  # a further one for those that were left
    del one.advoware.termine[living[0]]
    one.sync()
    assert one.event(living[0]).cancelled
    assert set(needed(one, daily=True).termine) == set(old)
    del one.advoware.termine[old[0]]
    one.sync(daily=True)
    assert one.row(old[0]).status is PairStatus.closed
    quiet(one)


def test_what_somebody_has_to_delete_by_hand_is_told_once_and_looked_for_by_the_daily_pass() -> None:
    one = calendar(can_delete=False)
    for number in range(3):
        one.google.enter(f"made{number}", summary=f"Z{number}", **timed(f"{DAY}T09:00", f"{DAY}T10:00"))
    one.settle()
    for number in range(3):
        one.google.remove(f"made{number}")
    one.sync()
    assert one.told() == ["delete_by_hand"] * 3
    one.now += timedelta(days=60)
    one.settle()
    assert reads_of_passes(one) == [0, 0, 0]
    one.sync(daily=True)
    assert one.told() == []
    del one.advoware.termine[min(one.advoware.termine)]
    one.sync(daily=True)
    assert sum(pair.status is PairStatus.closed for pair in one.rows.values()) == 1
    one.policy = replace(one.policy, can_delete=None)
    assert one.sync() == 2  # as soon as Advoware may be asked again


def test_orphans_are_told_once_and_starve_nobody() -> None:
    """After the loss of our database, Termine too: nobody tidies up for weeks."""
    one = calendar()
    for number in range(60):
        one.advoware.enter(text=f"T{number}", **at(DAY))
    one.settle()
    one.rows.clear()
    one.token = None
    one.advoware.termine.clear()
    one.sync(daily=True)
    assert one.told() == ["orphan"] * 60
    living = one.advoware.enter(text="lebt", **at(DAY))
    assert one.sync() == 1
    assert reads_of_passes(one) == [0, 0, 0]
    assert one.told() == []
    del one.advoware.termine[living]
    one.sync()
    assert one.event(living).cancelled
    one.sync(daily=True)
    assert one.told() == []
    own = one.google.alive()[0].id
    one.google.change(own, summary="umbenannt")
    assert needed(one).termine != ()


def test_single_reads_take_turns() -> None:
    """More than one pass may read, and all of them stay undecided: each has its turn before one has its second."""
    one, numbers = many(160)
    one.advoware.single_is_empty = True
    for number in numbers[:70]:
        del one.advoware.termine[number]
    read = []
    for _ in range(3):
        snapshot, _token = one.snapshot()
        read.append(set(snapshot.termin_reads))
        one.sync(minutes=1)
    assert len(read[0] | read[1]) == 70
    assert len(read[1] & read[2]) <= 30
    one.released = frozenset({"too_many_removals"})
    for _ in range(3):
        one.sync(minutes=61)
    assert len(one.google.alive()) == 90


def test_without_evidence_nothing_goes() -> None:
    """The same snapshot without its single reads decides nothing about what is missing."""
    one, numbers = many(10)
    del one.advoware.termine[numbers[0]]
    snapshot, _ = one.snapshot()
    assert plan(snapshot).steps
    assert plan(replace(snapshot, termin_reads={})).steps == ()
    found = SingleRead(ReadOutcome.empty)
    assert plan(replace(snapshot, termin_reads={numbers[0]: found})).steps == ()


def test_a_termin_that_is_not_shown_singly_stays_and_is_told_once() -> None:
    """A refusal proves nothing, neither that it is gone nor that a short list is right."""
    one, numbers = many(4)
    one.advoware.listing = lambda found: [termin for termin in found if termin.fr_nr != numbers[0]]
    one.advoware.refuses = frozenset(numbers[:1])
    one.advoware.change(numbers[1], text="neu")
    assert one.sync() == 1
    row = one.row(numbers[0])
    assert (row.status, row.reason, len(one.google.alive())) == (PairStatus.unsupported, FormReason.not_shown, 4)
    assert [(told.code, told.detail) for told in one.reports] == [(PairReportCode.unsupported, "not_shown")]
    quiet(one)
    assert not one.reports
    one.advoware.listing = lambda found: [termin for termin in found if termin.fr_nr not in numbers[:3]]
    one.advoware.refuses = frozenset(numbers[:3])
    one.sync()
    assert one.last.held is not None
    assert one.last.held.reason is HoldReason.advoware_list_small
    one.advoware.listing = lambda found: found
    quiet(one)
    assert one.row(numbers[0]).status is PairStatus.ok


def test_a_failed_row_waits_and_remembers() -> None:
    one, number = from_google()
    later = one.now + timedelta(hours=2)
    row = replace(one.row(number), status=PairStatus.failed, wait_until=later)
    assert row.id is not None
    one.rows[row.id] = row
    one.google.change("made-here", **timed(f"{DAY}T15:00", f"{DAY}T16:00"))
    assert one.sync() == 0
    one.now = later
    assert one.sync() == 1  # the feed has not shown it again
    quiet(one)
