"""Termine and events that no linked row has: what becomes of each, one rule a test.

Purpose: `unlinked.meet` by what it was shown; whole passes stand in test_first_meeting.py.
Invariant: the plans are looked up by the event's id, so that a test says which event it means.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, Group, read_termin
from syncapp.core.appointments.forms.google_ids import FR_NR, OWN_ID, google_id
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.pairs.unlinked import meet
from syncapp.core.appointments.plan_shapes import (
    NEW,
    CalendarSnapshot,
    PairPlan,
    PairReportCode,
    PairRow,
    QuestionCode,
    ReadOutcome,
    SingleRead,
)
from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy, CalendarSide, Private
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair, Closed, PairStatus
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.firm import DAY, MORNING
from tests.core.appointments.world import NOON, at, timed

SB = CalendarOwner("SB", "sb@calendar", write_to_advoware=True)
TERMIN = AdvowareTermin(7, anwalt="SB", text="Gericht", ort="Saal 3", stamp="v1", **at(DAY))
EVENT = CalendarEvent("a", etag='"2"', summary="Gericht", location="Saal 3", **MORNING)
FAR = timed("2026-03-01T09:00", "2026-03-01T10:00")
UNREADABLE = {"recurrence": ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",)}


def form_of(termin: AdvowareTermin) -> Canonical:
    form = read_termin(termin).form
    assert form is not None
    return form


SENT = form_of(TERMIN)
POST = AppointmentIntent(AppointmentAction.post_termin, frozenset(Group), sent=SENT, carried=SENT)


def alone(event: CalendarEvent = EVENT, **more: Any) -> AppointmentPair:
    """The row in which an event waits for its Termin."""
    return AppointmentPair(event.id, id=5, origin=CalendarSide.google, etag="old", waiting=event, **more)


def linked(own: str, fr_nr: int) -> AppointmentPair:
    return AppointmentPair(own, id=fr_nr, fr_nr=fr_nr, anwalt="SB", base_advoware=SENT, base_google=SENT)


def of_ours(own: str, fr_nr: int, **more: Any) -> CalendarEvent:
    """An event that says which Termin it stands for."""
    return replace(EVENT, id=own, properties={OWN_ID: own, FR_NR: str(fr_nr)}, **more)


def met(
    termine: Iterable[AdvowareTermin] = (),
    events: Iterable[CalendarEvent] = (),
    pairs: Iterable[AppointmentPair] = (),
    policy: CalendarPolicy | None = None,
    **more: Any,
) -> dict[str, PairPlan]:
    """The plans by the id of their event."""
    read = {"employee": SB, "policy": policy or CalendarPolicy(), "now": NOON, **more}
    snapshot = CalendarSnapshot(termine=list(termine), events=list(events), pairs=list(pairs), **read)
    plans = meet(IndexedSnapshot(snapshot))
    return {plan.pair.google_id: plan for plan in plans}


def written(plan: PairPlan) -> list[AppointmentAction]:
    return [step.action for step in plan.steps]


def told(plan: PairPlan) -> list[tuple[str, str]]:
    return [(report.code.value, report.detail) for report in plan.reports]


def asked(plan: PairPlan) -> list[tuple[str, tuple[int, ...]]]:
    assert (plan.row, plan.pair.status) == (PairRow.first_meeting, PairStatus.ask)
    return [(question.code.value, question.candidates) for question in plan.questions]


# --- A POST that got no answer ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, termin, is_what_was_sent",
    [
        ("the very same", TERMIN, True),
        ("its text was cut by Advoware", replace(TERMIN, text="Geri"), True),
        ("its place was edited since", replace(TERMIN, ort="Saal 9"), True),
        ("another text", replace(TERMIN, text="Zahnarzt"), False),
        ("without a text", replace(TERMIN, text=""), False),
        ("another time", replace(TERMIN, uhrzeit_von="08:00:00"), False),
        ("another time and another text", replace(TERMIN, uhrzeit_von="08:00:00", text="Zahnarzt"), False),
        ("once, where a series was not sent", replace(TERMIN, dauertermin=True, turnus=1, turnus_art=2), False),
        ("not readable", replace(TERMIN, uhrzeit_von="25:00"), False),
    ],
)
def test_a_termin_that_can_be_what_was_sent_is_adopted_and_no_other(
    name: str, termin: AdvowareTermin, is_what_was_sent: bool
) -> None:
    plan = met([termin], pairs=[alone(intent=POST)])["a"]
    if is_what_was_sent:
        assert plan.pair.fr_nr == 7, name
    else:
        assert asked(plan) == [("post_outcome_unknown", ())], name


def test_what_is_adopted_has_what_was_sent_as_its_bases_so_that_an_edit_since_counts_as_one() -> None:
    row = alone(intent=POST, status=PairStatus.ask, decided={QuestionCode.ambiguous: NEW})
    plan = met([replace(TERMIN, ort="Saal 9")], pairs=[row])["a"]
    assert told(plan) == [("adopted", "")]
    assert [(step.action, step.groups) for step in plan.steps] == [
        (AppointmentAction.patch_event, frozenset({Group.ort}))
    ]
    adopted = plan.pair
    assert (adopted.fr_nr, adopted.anwalt, adopted.status, adopted.intent) == (7, "SB", PairStatus.ok, None)
    assert (adopted.base_advoware, adopted.base_google) == (SENT, SENT)
    assert adopted.decided == {}
    assert plan.before == row


def test_each_post_is_looked_for_whatever_becomes_of_the_events_before_it() -> None:
    never_sent = alone(replace(EVENT, id="b", summary="Feier"))
    made_anew = alone(replace(EVENT, id="c", summary="Zahnarzt"), intent=POST, decided={"post_outcome_unknown": NEW})
    plans = met([TERMIN], pairs=[never_sent, made_anew, alone(intent=POST)])
    assert told(plans["a"]) == [("adopted", "")]
    assert written(plans["b"]) == written(plans["c"]) == [AppointmentAction.post_termin]


def test_only_a_post_can_have_made_a_termin() -> None:
    intent = replace(POST, action=AppointmentAction.patch_event)
    plan = met([TERMIN], pairs=[alone(intent=intent)])["a"]
    assert (plan.row, told(plan)) == (PairRow.first_meeting, [])


@pytest.mark.parametrize("answered", [False, True])
def test_an_event_that_is_gone_is_over_unless_its_post_has_no_answer(answered: bool) -> None:
    gone = CalendarEvent("a", status="cancelled")
    row = alone(intent=POST, decided={QuestionCode.post_outcome_unknown: NEW} if answered else {})
    plan = met(events=[gone], pairs=[row])["a"]
    if answered:
        assert (plan.row, plan.pair.closed) == (PairRow.only_in_google, Closed.unlinked)
    else:
        assert asked(plan) == [("post_outcome_unknown", ())]


# --- What a person chose ----------------------------------------------------------------------------------------------


def chosen(what: str, **more: Any) -> AppointmentPair:
    return alone(decided={QuestionCode.ambiguous: what}, status=PairStatus.ask, **more)


def test_a_chosen_number_that_nobody_has_seen_yet_waits_in_silence() -> None:
    """Neither there nor gone: the choice stands, and nobody is asked a second time."""
    row = chosen("4711")
    plan = met(pairs=[row])["a"]
    assert (plan.row, plan.before) == (PairRow.unseen, row)
    assert plan.pair == replace(row, etag='"2"')
    assert (plan.steps, plan.reports, plan.questions) == ((), (), ())


EMPTY = {4711: SingleRead(ReadOutcome.empty)}


def test_a_chosen_number_that_reads_as_empty_waits_an_hour_from_the_first_time_on() -> None:
    first = met(pairs=[chosen("4711")], termin_reads=EMPTY)["a"]
    assert (first.pair.empty_since, first.questions) == (NOON, ())
    later = {"termin_reads": EMPTY, "now": NOON + timedelta(minutes=59)}
    assert met(pairs=[first.pair], **later)["a"].pair.empty_since == NOON
    an_hour = {"termin_reads": EMPTY, "now": NOON + timedelta(hours=1)}
    assert asked(met(pairs=[first.pair], **an_hour)["a"]) == [("ambiguous", ())]


def test_a_number_that_is_no_longer_empty_is_forgotten_as_such() -> None:
    since = NOON - timedelta(minutes=30)
    waits = chosen("4711", empty_since=since)
    assert met(pairs=[waits], termin_reads={4711: SingleRead(ReadOutcome.found)})["a"].pair.empty_since is None
    assert met(pairs=[waits])["a"].pair.empty_since == since  # nobody has looked


def test_a_choice_that_cannot_be_is_asked_anew_and_forgotten() -> None:
    plan = met(pairs=[chosen("4711")], termin_reads={4711: SingleRead(ReadOutcome.gone)})["a"]
    assert asked(plan) == [("ambiguous", ())]
    assert plan.pair.decided == {}


def test_a_number_that_two_events_were_given_goes_to_the_first() -> None:
    other = replace(chosen("7"), google_id="b", waiting=replace(EVENT, id="b"))
    plans = met([TERMIN], pairs=[chosen("7"), other])
    assert plans["a"].pair.fr_nr == 7
    assert asked(plans["b"]) == [("ambiguous", ())]


def test_new_by_choice_is_a_new_write_and_the_one_without_an_answer_is_over() -> None:
    plan = met(pairs=[alone(intent=POST, decided={QuestionCode.post_outcome_unknown: NEW})])["a"]
    assert (plan.row, written(plan)) == (PairRow.new_in_google, [AppointmentAction.post_termin])
    assert plan.pair.intent is None


# --- Events that say whose they are -----------------------------------------------------------------------------------


def test_an_event_of_ours_is_found_among_others() -> None:
    plans = met([TERMIN], [replace(EVENT, id="b", summary="Feier"), of_ours("a", 7, summary="anders")])
    assert plans["a"].pair.fr_nr == 7
    assert written(plans["b"]) == [AppointmentAction.post_termin]


@pytest.mark.parametrize(
    "why, read",
    [
        ("it is gone", {"termin_reads": {7: SingleRead(ReadOutcome.gone)}}),
        ("its row has the event that it knows", {"pairs": [linked("own", 7)]}),
    ],
)
def test_an_event_of_ours_whose_termin_is_not_to_be_had_is_an_orphan(why: str, read: dict[str, Any]) -> None:
    plan = met(events=[of_ours("a", 7)], **read)["a"]
    assert (plan.row, plan.pair.status) == (PairRow.only_in_google, PairStatus.only_in_google)
    assert told(plan) == [("orphan", "orphan")], why


def test_an_event_of_ours_whose_termin_is_a_colleague_s_is_no_orphan() -> None:
    plan = met([replace(TERMIN, anwalt="AI")], [of_ours("a", 7)])["a"]
    assert (plan.row, plan.pair.status) == (PairRow.only_in_google, PairStatus.only_in_google)
    assert told(plan) == [("only_in_google", "elsewhere")]


@pytest.mark.parametrize("known", [False, True])
def test_an_event_that_was_moved_here_from_the_calendar_that_deleted_its_termin_is_new(known: bool) -> None:
    """Also where it has stood here as somebody else's until the other calendar's pass."""
    moved = of_ours("a", 7)
    shown: dict[str, Any] = {"pairs": [alone(moved)]} if known else {"events": [moved]}
    plan = met(**shown, moved_here=frozenset("a"), termin_reads={7: SingleRead(ReadOutcome.gone)})["a"]
    assert (plan.row, [step.action for step in plan.steps]) == (PairRow.new_in_google, [AppointmentAction.post_termin])


def test_an_event_of_ours_whose_termin_was_not_seen_waits() -> None:
    plan = met(events=[of_ours("a", 7)])["a"]
    assert (plan.row, plan.pair.empty_since, plan.reports) == (PairRow.unseen, None, ())
    empty = met(events=[of_ours("a", 7)], termin_reads={7: SingleRead(ReadOutcome.empty)})["a"]
    assert (empty.row, empty.pair.empty_since, empty.reports) == (PairRow.unseen, NOON, ())


GONE = CalendarEvent("own", status="cancelled")


def test_an_event_that_its_termins_row_may_have_to_follow_gets_no_row_of_its_own() -> None:
    """The row's event is gone; rows beside it, linked or not, say nothing about it."""
    beside = [linked("other", 8), alone(replace(EVENT, id="b", attendees=("gast@example.de",)))]
    plans = met(events=[GONE, of_ours("a", 7)], pairs=[*beside, linked("own", 7)])
    assert "a" not in plans


def test_an_event_that_has_a_row_of_its_own_already_stays_an_orphan_there() -> None:
    plans = met(events=[GONE], pairs=[linked("own", 7), alone(of_ours("a", 7))])
    assert told(plans["a"]) == [("orphan", "orphan")]


# --- Linked by what both say ------------------------------------------------------------------------------------------


def test_linked_is_what_waited_and_advoware_counts_as_its_maker() -> None:
    row = alone(status=PairStatus.ask, reason=FormReason.no_date)
    plan = met([TERMIN], pairs=[row])["a"]
    assert (plan.row, plan.before, plan.steps) == (PairRow.first_meeting, row, ())
    pair = plan.pair
    assert (pair.fr_nr, pair.anwalt, pair.origin) == (7, "SB", CalendarSide.advoware)
    assert (pair.status, pair.reason) == (PairStatus.ok, None)
    assert pair.base_advoware == pair.base_google == SENT


@pytest.mark.parametrize(
    "here, there, base_here, base_there, conflict",
    [
        ("Saal 3", "", "", "", False),
        ("", "Saal 4", "", "", False),
        ("Saal 3", "Saal 4", "Saal 4", "Saal 3", True),
    ],
)
def test_the_fuller_one_counts_as_changed_and_both_where_both_say_something(
    here: str, there: str, base_here: str, base_there: str, conflict: bool
) -> None:
    plan = met([replace(TERMIN, ort=here)], [replace(EVENT, location=there)])["a"]
    assert plan.pair.base_advoware is not None
    assert plan.pair.base_google is not None
    assert (plan.pair.base_advoware.ort, plan.pair.base_google.ort) == (base_here, base_there)
    assert (told(plan) == [("conflict", "")]) is conflict
    assert len(plan.steps) == 1


def test_a_termin_that_google_cannot_hold_is_linked_by_choice_and_stays_as_it_is() -> None:
    plan = met([replace(TERMIN, uhrzeit_von="25:00")], pairs=[chosen("7")])["a"]
    assert (plan.pair.fr_nr, plan.pair.status, plan.steps) == (7, PairStatus.unsupported, ())


# --- New in Advoware --------------------------------------------------------------------------------------------------


def test_a_private_termin_that_is_left_out_holds_up_no_other() -> None:
    plans = met([replace(TERMIN, fr_nr=8, privat=True), TERMIN], policy=CalendarPolicy(private=Private.skip))
    assert [plan.pair.fr_nr for plan in plans.values()] == [7]


def own_id(generation: int) -> str:
    return google_id(installation="advosync", calendar_id="sb@calendar", fr_nr=7, generation=generation)


def test_a_new_termin_has_the_first_id_of_its_number() -> None:
    plan = met([TERMIN])[own_id(0)]
    assert (plan.row, written(plan)) == (PairRow.new_in_advoware, [AppointmentAction.insert_event])
    assert (plan.pair.fr_nr, plan.pair.anwalt, plan.pair.generation) == (7, "SB", 0)


def test_a_termin_that_was_here_before_takes_its_row_up_again_under_an_id_that_is_not_burnt() -> None:
    was = replace(linked(own_id(2), 7), generation=2, burnt=("older",)).over(Closed.moved)
    plan = met([TERMIN], closed=[linked("other", 8).over(Closed.gone), was])[own_id(3)]
    assert written(plan) == [AppointmentAction.insert_event]
    pair = plan.pair
    assert (pair.id, pair.fr_nr, pair.anwalt, pair.generation) == (7, 7, "SB", 3)
    assert pair.burnt == ("older", own_id(2))
    assert pair.is_open


# --- New in Google ----------------------------------------------------------------------------------------------------


def test_a_private_event_is_made_in_advoware_unless_private_ones_are_left_out() -> None:
    private = replace(EVENT, visibility="private")
    plan = met(events=[private])["a"]
    assert (plan.row, written(plan)) == (PairRow.new_in_google, [AppointmentAction.post_termin])
    left = met(events=[private, replace(EVENT, id="b")], policy=CalendarPolicy(private=Private.skip))
    assert told(left["a"]) == [("only_in_google", "private")]
    assert written(left["b"]) == [AppointmentAction.post_termin]


def test_an_event_beyond_what_was_read_is_asked_about_in_the_very_first_pass_alone() -> None:
    far = replace(EVENT, **FAR)
    assert asked(met(events=[far])["a"]) == [("first_meeting_far_away", ())]
    later = met(events=[far], pairs=[linked("own", 8)])["a"]
    assert written(later) == [AppointmentAction.post_termin]


def test_what_advoware_cannot_hold_says_why() -> None:
    plan = met(events=[replace(EVENT, **UNREADABLE)])["a"]
    assert (plan.row, plan.pair.status) == (PairRow.only_in_google, PairStatus.only_in_google)
    assert plan.pair.reason is not None
    assert told(plan) == [(PairReportCode.only_in_google, "not_representable")]


@pytest.mark.parametrize("due", [False, True])
def test_a_post_that_failed_is_sent_again_when_its_time_has_come(due: bool) -> None:
    waits = alone(status=PairStatus.failed, wait_until=NOON if due else NOON + timedelta(minutes=1))
    plan = met(pairs=[waits])["a"]
    assert written(plan) == ([AppointmentAction.post_termin] if due else [])
    assert due or (plan.row, plan.pair) == (PairRow.unseen, replace(waits, etag=EVENT.etag))
    assert written(met(pairs=[waits], force=True)["a"]) == [AppointmentAction.post_termin]


def test_what_makes_no_termin_does_not_wait_for_one() -> None:
    """Linked, asked about or left alone in the meantime: then nothing of the failure is left."""
    waits = alone(status=PairStatus.failed, wait_until=NOON + timedelta(hours=1))
    found = met([TERMIN], pairs=[waits])["a"]
    assert (found.row, found.pair.fr_nr, found.pair.wait_until) == (PairRow.first_meeting, 7, None)
    several = met([TERMIN, replace(TERMIN, fr_nr=8)], pairs=[waits])["a"]
    assert (asked(several), several.pair.wait_until) == ([("ambiguous", (7, 8))], None)
    reader = met(pairs=[waits], employee=replace(SB, write_to_advoware=False))["a"]
    assert (reader.pair.status, reader.pair.wait_until) == (PairStatus.only_in_google, None)
    sent = met([TERMIN], pairs=[replace(waits, intent=POST)])["a"]
    assert (sent.pair.fr_nr, sent.pair.wait_until) == (7, None)
