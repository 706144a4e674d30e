"""Pairs of which both sides are there: the writes, the row and what people are told, each plan as a whole."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.pairs.linked_pairs import write_changes
from syncapp.core.appointments.pairs.sides import Advoware, Google, GoogleSide, TerminSide
from syncapp.core.appointments.pairs.situation import PairSituation
from syncapp.core.appointments.plan_shapes import Lost, PairPlan, PairReport, PairReportCode, PairRow, Question
from syncapp.core.appointments.plan_shapes import QuestionCode as Code
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, ConflictRule, Private
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    PairStatus,
    PlannedStep,
    SeriesException,
)
from syncapp.core.appointments.shapes import EventChange, TerminChange
from syncapp.core.guards import Change
from tests.core.appointments.firm import calendar, quiet
from tests.core.appointments.linked_pair import (
    FORM,
    FR_NR,
    LATER,
    OURS,
    OWN,
    WHEN,
    decided,
    event,
    row,
    seen,
    seen_row,
    termin,
)
from tests.core.appointments.world import NOON, at, timed

AMTSGERICHT = replace(FORM, text="Amtsgericht")
SAAL_4 = replace(FORM, ort="Saal 4")
PUT, PATCH = AppointmentAction.put_termin, AppointmentAction.patch_event
WEEKLY = replace(FORM, rule=SeriesRule(Freq.weekly, 1, "2026-12-31"))
PRIVATE = replace(FORM, text="Arzt", privat=True)
BUSY = Canonical(WHEN, None, "Privat", "", "", True)
IN_FULL = CalendarPolicy(private=Private.full)


def actions(plan: PairPlan) -> list[AppointmentAction]:
    return [step.action for step in plan.steps]


# --- Writes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "in_advoware, in_google, named",
    [
        (FORM, FORM, PairRow.same),
        (AMTSGERICHT, FORM, PairRow.changed_in_advoware),
        (FORM, SAAL_4, PairRow.changed_in_google),
        (AMTSGERICHT, SAAL_4, PairRow.changed_in_both),
    ],
)
def test_the_plan_says_which_sides_have_changed(in_advoware: Canonical, in_google: Canonical, named: PairRow) -> None:
    assert decided(row(), termin(in_advoware), event(in_google)).row is named


def test_what_changed_in_advoware_is_patched_under_the_version_that_was_seen() -> None:
    intent = AppointmentIntent(PATCH, frozenset({Group.text}), sent=AMTSGERICHT, carried=AMTSGERICHT, shown=Shown.full)
    body = EventChange(summary="Amtsgericht", properties=OURS)
    step = PlannedStep(intent, OWN, '"2"', fr_nr=FR_NR, event=body)
    known = seen_row()
    assert decided(row(), termin(AMTSGERICHT), event()) == PairPlan(
        PairRow.changed_in_advoware, row(), known, (step,), put_off=known
    )


def test_what_changed_in_google_is_put_only_onto_the_termin_that_was_read() -> None:
    intent = AppointmentIntent(PUT, frozenset({Group.ort}), sent=SAAL_4, carried=SAAL_4)
    step = PlannedStep(intent, OWN, fr_nr=FR_NR, termin=TerminChange(ort="Saal 4"), expects=FORM)
    known = seen_row(waiting=event(SAAL_4))
    assert decided(row(), termin(), event(SAAL_4)) == PairPlan(
        PairRow.changed_in_google, row(), known, (step,), put_off=known
    )


def test_each_write_carries_its_own_groups_and_remembers_what_the_other_side_held() -> None:
    put, patch = decided(row(), termin(AMTSGERICHT), event(SAAL_4)).steps
    both = replace(AMTSGERICHT, ort="Saal 4")
    assert put.intent == AppointmentIntent(PUT, frozenset({Group.ort}), sent=both, carried=SAAL_4)
    assert put.expects == AMTSGERICHT
    text = frozenset({Group.text})
    assert patch.intent == AppointmentIntent(PATCH, text, sent=both, carried=AMTSGERICHT, shown=Shown.full)


def test_what_both_say_together_and_nobody_can_hold_is_left_alone_and_named() -> None:
    """The series was ended in Google, and in Advoware it was moved to a day after that end."""
    ended = replace(WEEKLY, rule=SeriesRule(Freq.weekly, 1, "2026-06-30"))
    moved = replace(WEEKLY, when=When(False, "2026-08-04T09:00", "2026-08-04T10:00"))
    known = row(base_advoware=WEEKLY, base_google=WEEKLY, status=PairStatus.failed)
    plan = decided(known, termin(moved), event(ended))
    assert (plan.row, plan.steps, plan.questions) == (PairRow.unsupported, (), ())
    assert (plan.pair.status, plan.pair.reason) == (PairStatus.unsupported, FormReason.ends_before_start)
    assert plan.pair.waiting == event(ended)
    assert (plan.pair.base_advoware, plan.pair.base_google) == (WEEKLY, WEEKLY)
    assert plan.reports == (PairReport(PairReportCode.unsupported, "ends_before_start"),)


@pytest.mark.parametrize("missing", ["form", "termin", "read"])
def test_a_termin_that_could_not_be_read_is_never_merged(missing: str) -> None:
    side: dict[str, Any] = {"form": FORM, "termin": termin(), "read": FORM, missing: None}
    case = PairSituation(
        seen(), row(), row(), TerminSide(Advoware.same, **side), GoogleSide(Google.changed, event(SAAL_4), SAAL_4)
    )
    with pytest.raises(ValueError, match=r"^both sides are merged"):
        write_changes(case)


# --- Back and forth -------------------------------------------------------------------------------------------------


def swing(*texts: str) -> dict[str, list[Change]]:
    """What the sync gave to the title, one after the other, in the last minutes."""
    pairs = itertools.pairwise(texts)
    return {OWN: [Change("text", before, after, NOON - timedelta(minutes=9)) for before, after in pairs]}


BACK_AND_FORTH = swing("Gericht", "Amtsgericht", "Gericht", "Amtsgericht", "Gericht")


def test_a_value_that_keeps_coming_back_is_asked_about() -> None:
    plan = decided(row(), termin(AMTSGERICHT), event(), changes=BACK_AND_FORTH)
    assert (plan.row, plan.steps) == (PairRow.changed_in_advoware, ())
    assert plan.questions == (Question(Code.oscillates, frozenset({Group.text})),)
    assert plan.pair == seen_row(status=PairStatus.ask)


def test_many_new_values_are_somebody_at_work() -> None:
    landgericht = replace(FORM, text="Landgericht")
    assert actions(decided(row(), termin(landgericht), event(), changes=BACK_AND_FORTH)) == [PATCH]


def test_what_goes_back_and_forth_goes_on_once_somebody_has_decided() -> None:
    allowed = row(decided={"oscillates:text": "advoware"})
    assert actions(decided(allowed, termin(AMTSGERICHT), event(), changes=BACK_AND_FORTH)) == [PATCH]


# --- The row --------------------------------------------------------------------------------------------------------


def test_a_row_whose_sides_are_equal_again_is_sound_again() -> None:
    broken = row(status=PairStatus.unsupported, reason=FormReason.no_date, waiting=event(SAAL_4))
    assert decided(broken, termin(), event()) == PairPlan(PairRow.same, broken, seen_row())


def test_what_both_changed_alike_becomes_the_base_without_a_write() -> None:
    plan = decided(row(), termin(AMTSGERICHT), event(AMTSGERICHT))
    assert plan == PairPlan(
        PairRow.changed_in_both, row(), seen_row(base_advoware=AMTSGERICHT, base_google=AMTSGERICHT)
    )


def test_what_is_agreed_becomes_the_base_although_something_else_is_to_be_written() -> None:
    both = replace(AMTSGERICHT, ort="Saal 4")
    plan = decided(row(), termin(AMTSGERICHT), event(both))
    assert actions(plan) == [PUT]
    assert plan.pair == seen_row(base_advoware=AMTSGERICHT, base_google=AMTSGERICHT, waiting=event(both))


def test_a_row_without_bases_has_them_once_both_sides_are_equal() -> None:
    plan = decided(row(base_advoware=None, base_google=None), termin(), event())
    assert plan.steps == ()
    assert plan.pair == seen_row()


def test_an_event_that_shows_already_what_it_should_is_noted_as_shown_so() -> None:
    plan = decided(row(), termin(replace(FORM, privat=True)), event(BUSY))
    assert plan.steps == ()
    assert (plan.pair.shown, plan.pair.base_google) == (Shown.busy, BUSY)


def test_an_event_that_has_yet_to_be_written_is_shown_as_before_until_then() -> None:
    plan = decided(row(), termin(replace(FORM, privat=True)), event())
    assert plan.steps[0].intent.shown is Shown.busy
    assert plan.pair.shown is Shown.full


# --- Questions ------------------------------------------------------------------------------------------------------


def test_a_question_names_what_it_is_about() -> None:
    policy = CalendarPolicy(conflict=ConflictRule.ask)
    in_google = replace(SAAL_4, text="Landgericht")
    plan = decided(row(), termin(AMTSGERICHT), event(in_google), policy=policy)
    assert plan.questions == (Question(Code.conflict, frozenset({Group.text})),)
    assert plan.pair.status is PairStatus.ask
    assert actions(plan) == [PUT]  # what nobody contests goes on
    assert plan.reports == ()  # nothing has given way yet


def test_a_masked_termin_is_never_put() -> None:
    """What Google changed waits for a person, since a PUT of the whole object would write the mask."""
    known = row(base_advoware=PRIVATE, base_google=PRIVATE)
    masked = termin(replace(PRIVATE, text="xxx"), masked=True)
    plan = decided(known, masked, event(replace(PRIVATE, when=LATER)), policy=IN_FULL)
    assert Question(Code.private_text_differs, frozenset({Group.when})) in plan.questions
    assert plan.pair.status is PairStatus.ask
    assert PUT not in actions(plan)


def test_a_termin_that_advoware_masks_is_not_put_although_it_is_not_private() -> None:
    plan = decided(row(), termin(masked=True), event(replace(FORM, when=LATER)), policy=IN_FULL)
    assert PUT not in actions(plan)


def test_a_private_text_that_only_this_pass_has_seen_is_no_question() -> None:
    """It goes to Google now; what was changed there may go to Advoware in the next pass."""
    known = row(base_advoware=PRIVATE, base_google=PRIVATE)
    plan = decided(
        known, termin(replace(PRIVATE, text="Zahnarzt")), event(replace(PRIVATE, when=LATER)), policy=IN_FULL
    )
    assert actions(plan) == [PATCH]
    assert plan.questions == ()
    assert plan.pair.waiting == event(replace(PRIVATE, when=LATER))


def test_a_private_text_changed_in_advoware_and_a_time_changed_in_google_both_arrive() -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", privat=True, **at("2026-06-02"))
    one.sync()
    one.advoware.change(number, text="Zahnarzt")
    one.google.change(one.event(number).id, **timed("2026-06-02T15:00", "2026-06-02T16:00"))
    one.sync()
    assert "put" not in one.advoware.calls
    one.sync()
    assert (one.event(number).summary, one.advoware.termine[number].uhrzeit_von) == ("Zahnarzt", "15:00:00")
    assert one.advoware.termine[number].text == "Zahnarzt"
    one.assert_equal()
    quiet(one)


def test_a_private_termin_whose_text_was_never_known_is_not_put() -> None:
    known = row(base_advoware=None, base_google=None)
    policy = CalendarPolicy(private=Private.full, conflict=ConflictRule.google)
    plan = decided(known, termin(PRIVATE), event(replace(PRIVATE, when=LATER)), policy=policy)
    assert plan.steps == ()
    assert plan.questions == (Question(Code.conflict, frozenset({Group.when})),)


# --- What people are told -------------------------------------------------------------------------------------------


def test_whoever_gives_way_is_told_with_both_values() -> None:
    plan = decided(row(), termin(AMTSGERICHT), event(replace(FORM, text="Landgericht")))
    lost = (Lost(Group.text, CalendarSide.google, "Landgericht", "Amtsgericht"),)
    assert plan.reports == (PairReport(PairReportCode.conflict, groups=frozenset({Group.text}), lost=lost),)


def test_a_change_that_came_from_another_calendar_is_told_as_such() -> None:
    in_google = event(replace(FORM, text="Landgericht"))
    (report,) = decided(row(), termin(AMTSGERICHT), in_google, written_by_copies=frozenset({FR_NR})).reports
    assert report.code is PairReportCode.conflict_between_copies


MOVED_AND_DELETED = (SeriesException("2026-06-09T09:00:00+02:00"), SeriesException("2026-06-16T09:00:00+02:00", True))


@pytest.mark.parametrize(
    "in_advoware, in_google, lost",
    [
        (replace(WEEKLY, text="Amtsgericht"), WEEKLY, 0),
        (WEEKLY, replace(WEEKLY, text="Amtsgericht"), 0),
        (replace(WEEKLY, rule=SeriesRule(Freq.weekly, 2, "2026-12-31")), WEEKLY, 2),
        (replace(WEEKLY, when=LATER), WEEKLY, 2),
        (replace(WEEKLY, when=When(False, WHEN.start, "2026-06-02T11:00")), WEEKLY, 0),
    ],
    ids=["title", "title in Google", "rule", "start", "end"],
)
def test_exceptions_of_a_series_go_with_a_new_start_or_rule_alone(
    in_advoware: Canonical, in_google: Canonical, lost: int
) -> None:
    known = row(base_advoware=WEEKLY, base_google=WEEKLY, exceptions=MOVED_AND_DELETED)
    told = decided(known, termin(in_advoware), event(in_google)).reports
    assert [report.count for report in told if report.code is PairReportCode.exceptions_lost] == (
        [lost] if lost else []
    )
    assert [report.count for report in told if report.code is PairReportCode.exceptions] == [2]


# --- On the way to another employee ---------------------------------------------------------------------------------


def test_what_google_changed_reaches_a_termin_that_has_moved_away_by_the_conflict_policy() -> None:
    policy = CalendarPolicy(conflict=ConflictRule.google)
    plan = decided(row(), termin(AMTSGERICHT, anwalt="AI"), event(replace(FORM, text="Landgericht")), policy=policy)
    assert actions(plan) == [PUT, AppointmentAction.delete_event]
    assert plan.steps[0].termin == TerminChange(text="Landgericht")
    assert plan.reports == (PairReport(PairReportCode.moved),)


def test_what_cannot_go_to_a_termin_that_has_moved_away_is_told() -> None:
    """Nobody can read the Termin: its event goes, and what was typed there is kept."""
    plan = decided(row(), termin(uhrzeit_von="25:00", anwalt="AI"), event(SAAL_4))
    assert actions(plan) == [AppointmentAction.delete_event]
    lost = (Lost(Group.ort, CalendarSide.google, "Saal 4", None),)
    assert plan.reports == (
        PairReport(PairReportCode.moved),
        PairReport(PairReportCode.conflict, groups=frozenset({Group.ort}), lost=lost),
    )
