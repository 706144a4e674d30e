"""What exactly is committed after each answer: the rows of the table in `answers`, value by value."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from syncapp.core.appointments import answers, brakes
from syncapp.core.appointments.answers import AnsweredWrite
from syncapp.core.appointments.forms.canonical import Canonical, Group, read_event, read_termin
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.pairs.situation import event_id
from syncapp.core.appointments.plan_shapes import (
    CalendarSnapshot,
    HeldEmployee,
    HoldReason,
    PairPlan,
    PairReport,
    PairReportCode,
    PairRow,
    Plan,
    Question,
    QuestionCode,
)
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy, CalendarSide
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    Closed,
    PairStatus,
    PlannedStep,
    SeriesException,
)
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent, EventChange
from tests.core.appointments.world import at, timed

DAY = "2026-06-02"
MORNING = timed(f"{DAY}T09:00", f"{DAY}T10:00")
NOON = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
TERMIN = AdvowareTermin(7, anwalt="SB", text="neu", ort="Saal", stamp="v2", **at(DAY))
FORM = read_termin(TERMIN).form
assert FORM is not None
OLD = replace(FORM, text="alt")
EVENT = CalendarEvent("own", etag='"2"', summary="neu", location="Saal", **MORNING)
TEXT = frozenset({Group.text})
ALL = frozenset(Group)
MOVED = SeriesException("2026-06-09")
PAIR = AppointmentPair(
    "own",
    id=1,
    fr_nr=7,
    anwalt="SB",
    base_advoware=OLD,
    base_google=OLD,
    etag='"1"',
    stamp="v1",
    exceptions=(MOVED,),
    waiting=CalendarEvent("own", summary="waits", **MORNING),
    decided={"conflict:text": "google"},
)
OWNER = CalendarOwner("SB", "sb@calendar", write_to_advoware=True)
UNREADABLE = replace(EVENT, recurrence=("RDATE:20260701",))


def context(**owner: Any) -> IndexedSnapshot:
    return IndexedSnapshot(CalendarSnapshot(replace(OWNER, **owner), CalendarPolicy(), NOON, (), (), ()))


def step(action: AppointmentAction, groups: frozenset[Group] = TEXT, **more: Any) -> PlannedStep:
    intent = AppointmentIntent(action, groups, sent=FORM, carried=FORM, shown=more.pop("shown", None))
    return PlannedStep(intent, "own", **{"fr_nr": 7, **more})


def pending(given: PlannedStep, pair: AppointmentPair = PAIR) -> AppointmentPair:
    """As the row was committed before the write."""
    return replace(pair, intent=given.intent)


class TestAfterEvent:
    def test_a_patch_of_a_text(self) -> None:
        """Its base is what the answer shows; what waited is settled, what was decided is used up."""
        given = step(AppointmentAction.patch_event, event=EventChange(summary="neu"))
        wanted = replace(PAIR, base_advoware=FORM, base_google=FORM, etag='"2"', waiting=None, decided={})
        assert answers.after_event(given, pending(given), EVENT) == AnsweredWrite(wanted)

    def test_an_insert_begins_anew(self) -> None:
        given = step(AppointmentAction.insert_event, ALL, shown=Shown.busy)
        wanted = replace(
            PAIR, base_advoware=FORM, base_google=FORM, etag='"2"', waiting=None, decided={}, exceptions=()
        )
        wanted = replace(wanted, shown=Shown.busy)
        assert answers.after_event(given, pending(given), EVENT) == AnsweredWrite(wanted)

    def test_what_google_made_of_it_is_its_base_and_no_more(self) -> None:
        given = step(AppointmentAction.insert_event, ALL)
        trimmed = replace(EVENT, summary="ne", location="")
        found = answers.after_event(given, pending(given), trimmed).pair
        assert (found.base_advoware, found.base_google) == (FORM, read_event(trimmed).form)

    @pytest.mark.parametrize("change", [EventChange(start=MORNING["start"]), EventChange(recurrence=())])
    def test_a_new_time_or_rule_takes_the_exceptions_along(self, change: EventChange) -> None:
        given = step(AppointmentAction.patch_event, event=change)
        assert answers.after_event(given, pending(given), EVENT).pair.exceptions == ()

    def test_how_it_is_shown_stays_unless_the_write_says_so(self) -> None:
        given = step(AppointmentAction.patch_event, event=EventChange(summary="neu"))
        busy = replace(PAIR, shown=Shown.busy)
        assert answers.after_event(given, pending(given, busy), EVENT).pair.shown is Shown.busy

    def test_an_answer_that_nobody_can_read_is_decided_anew(self) -> None:
        given = step(AppointmentAction.patch_event, event=EventChange(summary="neu"))
        wanted = replace(PAIR, waiting=UNREADABLE, etag='"2"')
        assert answers.after_event(given, pending(given), UNREADABLE) == AnsweredWrite(wanted, again=True)

    def test_what_is_asked_about_waits_on(self) -> None:
        """Another group was written; what Google shows differs from the base, so it is kept, with the decision."""
        given = step(AppointmentAction.patch_event, event=EventChange(summary="neu"))
        elsewhere = replace(EVENT, location="Flur")
        asked = replace(PAIR, status=PairStatus.ask)
        wanted = replace(asked, base_advoware=FORM, base_google=FORM, etag='"2"', waiting=elsewhere)
        assert answers.after_event(given, pending(given, asked), elsewhere) == AnsweredWrite(wanted)

    def test_a_question_keeps_its_answer_although_the_event_is_settled(self) -> None:
        given = step(AppointmentAction.patch_event, event=EventChange(summary="neu"))
        asked = replace(PAIR, status=PairStatus.ask)
        found = answers.after_event(given, pending(given, asked), EVENT).pair
        assert (found.waiting, found.decided) == (None, PAIR.decided)


class TestAfterPut:
    def test_taken(self) -> None:
        given = step(AppointmentAction.put_termin)
        shown = replace(PAIR, waiting=EVENT)
        wanted = replace(shown, base_advoware=FORM, base_google=FORM, stamp="v2", waiting=None, decided={})
        assert answers.after_put(context(), given, pending(given, shown), TERMIN) == AnsweredWrite(wanted)

    def test_what_waits_stays_where_it_says_something_else(self) -> None:
        given = step(AppointmentAction.put_termin)
        wanted = replace(PAIR, base_advoware=FORM, base_google=FORM, stamp="v2")
        assert answers.after_put(context(), given, pending(given), TERMIN) == AnsweredWrite(wanted)

    def test_a_tombstone_that_waits_stays(self) -> None:
        given, gone = step(AppointmentAction.put_termin), CalendarEvent("own", status="cancelled")
        found = answers.after_put(context(), given, pending(given, replace(PAIR, waiting=gone)), TERMIN)
        assert found.pair.waiting == gone

    def test_not_taken(self) -> None:
        """The base says what was sent: so what Advoware shows counts as changed there."""
        given = step(AppointmentAction.put_termin, ALL)
        ignoring = replace(TERMIN, text="alt", ort="Flur")
        found = answers.after_put(context(), given, pending(given), ignoring)
        report = PairReport(PairReportCode.not_taken, groups=frozenset({Group.text, Group.ort}))
        assert (found.again, found.reports, found.pair.base_advoware) == (True, (report,), FORM)

    def test_what_was_not_written_may_differ(self) -> None:
        given = step(AppointmentAction.put_termin)
        assert not answers.after_put(context(), given, pending(given), replace(TERMIN, ort="Flur")).again

    def test_a_termin_that_cannot_be_read_any_more(self) -> None:
        given = step(AppointmentAction.put_termin)
        broken = replace(TERMIN, uhrzeit_von="25:00", anwalt="SB, AI")
        wanted = replace(PAIR, anwalt="SB, AI", stamp="v2")
        assert answers.after_put(context(), given, pending(given), broken) == AnsweredWrite(wanted, again=True)

    def test_whose_it_was_is_remembered_where_it_has_moved(self) -> None:
        given = step(AppointmentAction.put_termin)
        found = answers.after_put(context(), given, pending(given), replace(TERMIN, anwalt="AI"))
        assert found.pair.anwalt == "SB"

    @pytest.mark.parametrize(
        "full_content, shown, again",
        [(True, Shown.full, False), (False, Shown.full, True), (False, Shown.anonymous, False)],
    )
    def test_a_title_goes_in_the_same_pass(self, full_content: bool, shown: Shown, again: bool) -> None:
        """A new appointment in a calendar without contents."""
        given = step(AppointmentAction.post_termin, ALL)
        new = replace(PAIR, fr_nr=None, base_advoware=None, base_google=None, waiting=EVENT, shown=shown)
        found = answers.after_put(context(full_content=full_content), given, pending(given, new), TERMIN)
        assert (found.again, found.pair.fr_nr, found.pair.intent, found.pair.waiting) == (again, 7, None, None)

    def test_a_post_from_an_event_that_moved_on_is_decided_anew(self) -> None:
        given = step(AppointmentAction.post_termin, ALL)
        new = replace(PAIR, fr_nr=None, base_advoware=None, base_google=None)
        assert answers.after_put(context(), given, pending(given, new), TERMIN).again
        put = step(AppointmentAction.put_termin)
        assert not answers.after_put(context(full_content=False), put, pending(put), TERMIN).again


def test_a_number_alone() -> None:
    given = step(AppointmentAction.post_termin, ALL)
    carried = replace(FORM, text="sent to Google") if FORM else None
    given = replace(given, intent=replace(given.intent, carried=carried))
    new = replace(PAIR, fr_nr=None, base_advoware=None, base_google=None)
    wanted = replace(new, fr_nr=9, base_advoware=FORM, base_google=carried)
    assert answers.after_number(given, pending(given, new), 9) == AnsweredWrite(wanted)


class TestAfterDeletion:
    @pytest.mark.parametrize("why", [Closed.gone, Closed.moved])
    def test_it_closes(self, why: Closed) -> None:
        given = step(AppointmentAction.delete_event, closes=why)
        wanted = replace(PAIR, status=PairStatus.closed, closed=why, waiting=None, decided={})
        assert answers.after_deletion(given, pending(given)) == AnsweredWrite(wanted)

    def test_an_old_generation_s_closes_nothing(self) -> None:
        given = replace(step(AppointmentAction.delete_event, closes=Closed.gone), google_id="older")
        assert answers.after_deletion(given, pending(given)) == AnsweredWrite(PAIR)

    def test_one_that_is_not_meant_to_close(self) -> None:
        given = step(AppointmentAction.delete_event)
        assert answers.after_deletion(given, pending(given)) == AnsweredWrite(PAIR)

    def test_refused_by_advoware(self) -> None:
        given = step(AppointmentAction.delete_termin)
        told = replace(PAIR, told=frozenset({"exceptions:"}))
        report = PairReport(PairReportCode.delete_by_hand)
        wanted = replace(told, status=PairStatus.awaiting_removal, told=told.told | {report.key})
        found = answers.after_refused_deletion(pending(given, told))
        assert found == AnsweredWrite(wanted, reports=(report,))


class TestAfterDuplicate:
    def test_alive_it_is_ours(self) -> None:
        given = step(AppointmentAction.insert_event, ALL)
        wanted = replace(PAIR, waiting=EVENT, etag='"2"', intent=given.intent)
        found = answers.after_duplicate(context(), given, replace(PAIR, intent=None), EVENT)
        assert found == AnsweredWrite(wanted, again=True)

    def test_cancelled_its_id_is_burnt(self) -> None:
        given = step(AppointmentAction.insert_event, ALL)
        gone = CalendarEvent("own", status="cancelled")
        found = answers.after_duplicate(context(), given, pending(given), gone)
        fresh = event_id(context(), 7, 1)
        wanted = replace(PAIR, google_id=fresh, generation=1, burnt=("own",), base_google=None, etag="")
        assert found == AnsweredWrite(replace(wanted, waiting=None, exceptions=()), again=True)


def test_a_refusal_takes_the_intent_alone() -> None:
    given = step(AppointmentAction.patch_event)
    assert answers.after_refusal(pending(given)) == AnsweredWrite(replace(PAIR, status=PairStatus.failed))


# --- the brakes, value by value


def made(action: AppointmentAction, number: int, *, removes: bool = False, put_off: bool = True) -> PairPlan:
    pair = replace(PAIR, google_id=f"own{number}", id=number)
    sent = Canonical(When(False, f"2026-06-{number + 1:02}T09:00", f"2026-06-{number + 1:02}T10:00"))
    intent = AppointmentIntent(action, ALL, sent=sent, carried=sent)
    steps = (PlannedStep(intent, pair.google_id, removes=removes),)
    later = replace(pair, stamp="seen") if put_off else None
    return PairPlan(PairRow.new_in_google, None, pair, steps, put_off=later)


def braked(plans: list[PairPlan], pairs: int = 0, **snapshot: Any) -> Plan:
    rows = tuple(replace(PAIR, id=number, fr_nr=number + 1, google_id=f"row{number}") for number in range(pairs))
    termine = tuple(replace(TERMIN, fr_nr=number + 1) for number in range(pairs))
    seen = CalendarSnapshot(OWNER, CalendarPolicy(), NOON, termine, (), rows, **snapshot)
    return brakes.with_brakes(IndexedSnapshot(seen), plans)


def test_a_pair_that_is_decided_anew_knows_no_brake_that_counts() -> None:
    plans = [made(AppointmentAction.post_termin, number) for number in range(25)]
    assert braked(plans, whole=False) == Plan(tuple(plans))
    held = frozenset({CalendarSide.advoware})
    assert not braked(plans, whole=False, held_sides=held).steps


def test_many_new_termine_leave_what_was_seen_and_a_question() -> None:
    plans = [made(AppointmentAction.post_termin, number, put_off=number > 0) for number in range(21)]
    plan = braked(plans)
    assert plan.many_new == 21
    asked = replace(plans[0].pair, status=PairStatus.ask, intent=None)
    question = (Question(QuestionCode.many_new),)
    assert plan.pairs[0] == replace(plans[0], pair=asked, steps=(), questions=question, put_off=None)
    later = replace(plans[1].pair, stamp="seen", status=PairStatus.ask)
    assert plan.pairs[1] == replace(plans[1], pair=later, steps=(), questions=question, put_off=None)


def test_what_was_released_goes() -> None:
    plans = [made(AppointmentAction.post_termin, number) for number in range(21)]
    assert braked(plans, released=frozenset({"many_new"})) == Plan(tuple(plans))


def test_a_tenth_may_go_and_no_more() -> None:
    plans = [made(AppointmentAction.delete_event, number, removes=True) for number in range(7)]
    assert braked(plans[:6], pairs=60) == Plan(tuple(plans[:6]))
    assert braked(plans, pairs=60) == Plan(held=HeldEmployee(HoldReason.too_many_removals, 7, 60))
    assert braked(plans, pairs=60, released=frozenset({"too_many_removals"})) == Plan(tuple(plans))


def test_a_held_side_keeps_what_was_seen() -> None:
    """What was never seen before is planned again by the next pass, and left out until then."""
    plans = [made(AppointmentAction.patch_event, 0), made(AppointmentAction.patch_event, 1, put_off=False)]
    plans.append(made(AppointmentAction.put_termin, 2))
    seen = replace(plans[0], pair=replace(plans[0].pair, stamp="seen"), steps=(), reports=(), put_off=None)
    assert braked(plans, held_sides=frozenset({CalendarSide.google})) == Plan((seen, plans[2]))


def test_the_past_comes_after_what_is_still_to_come() -> None:
    days = [made(AppointmentAction.insert_event, number) for number in (20, 5, 25)]
    key = partial(brakes._distance, "2026-06-10")
    assert [plan.pair.id for plan in sorted(days, key=key)] == [20, 25, 5]
    today = made(AppointmentAction.insert_event, 9)
    assert key(today) == (False, "2026-06-10T09:00")


def test_a_list_in_doubt_comes_before_all_else() -> None:
    plans = [made(AppointmentAction.delete_event, number, removes=True) for number in range(7)]
    rows = tuple(replace(PAIR, id=number, fr_nr=number + 1, google_id=f"row{number}") for number in range(60))
    seen = CalendarSnapshot(OWNER, CalendarPolicy(), NOON, (), (), rows)
    held = HeldEmployee(HoldReason.advoware_list_small, 60, 60)
    assert brakes.with_brakes(IndexedSnapshot(seen), plans) == Plan(read_again=CalendarSide.advoware)
    assert brakes.with_brakes(IndexedSnapshot(replace(seen, second_reading=True)), plans) == Plan(held=held)
    released = replace(seen, released=frozenset({"advoware_list_small", "too_many_removals"}))
    assert brakes.with_brakes(IndexedSnapshot(released), plans) == Plan(tuple(plans))
