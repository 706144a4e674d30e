"""What the row of a pair remembers from one pass to the next, and the plans that several cells share."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.google_ids import google_id
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.pairs.sides import Advoware, Google, GoogleSide, TerminSide
from syncapp.core.appointments.pairs.situation import (
    PairSituation,
    event_id,
    inserted,
    kind_of,
    next_generation,
    posted,
    situation,
)
from syncapp.core.appointments.plan_shapes import (
    Lost,
    PairPlan,
    PairReport,
    PairReportCode,
    PairRow,
    Question,
    QuestionCode,
    ReadOutcome,
    SingleRead,
)
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, FirmWide, GoneAndChanged, Private
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    Closed,
    Kind,
    PairStatus,
    PlannedStep,
    SeriesException,
)
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent, EventChange, GoogleTime, TerminChange
from tests.core.appointments.linked_pair import (
    ALL,
    EMPTY,
    FORM,
    FR_NR,
    GONE,
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
    tombstone,
)
from tests.core.appointments.world import NOON, stated

AMTSGERICHT = replace(FORM, text="Amtsgericht")
GOOGLE_COUNTS = CalendarPolicy(gone_and_changed=GoneAndChanged.google)
DELETION = AppointmentIntent(AppointmentAction.delete_event)


def situated(pair: AppointmentPair, *shown: AdvowareTermin | CalendarEvent, **circumstances: Any) -> PairSituation:
    return situation(seen(*shown, pairs=[pair], **circumstances), pair)


# --- What was read --------------------------------------------------------------------------------------------------


def test_whose_and_which_version_it_is_follows_the_termin() -> None:
    """Also where nobody can read it; only a Termin of somebody else says nothing about whose this one was."""
    policy = CalendarPolicy(firm_wide=FirmWide.copy)
    pair = situated(row(), termin(anwalt="ALLE", stamp="two"), policy=policy).pair
    assert (pair.anwalt, pair.stamp) == ("ALLE", "two")
    pair = situated(row(), termin(anwalt="ALLE", stamp="two", uhrzeit_von="25:00"), policy=policy).pair
    assert (pair.anwalt, pair.stamp) == ("ALLE", "two")
    assert situated(row(), termin(anwalt="AI")).pair.anwalt == "SB"
    pair = situated(row()).pair
    assert (pair.anwalt, pair.stamp) == ("SB", "one")


def test_the_version_of_the_event_is_the_one_that_was_shown_last() -> None:
    assert situated(row(), event()).pair.etag == '"2"'
    assert situated(row()).pair.etag == '"1"'
    assert situated(row(), tombstone()).pair.etag == '"1"'


@pytest.mark.parametrize(
    "form, kind",
    [(FORM, Kind.single), (replace(FORM, rule=SeriesRule(Freq.weekly)), Kind.series)],
)
def test_the_kind_is_that_of_what_advoware_shows(form: Canonical, kind: Kind) -> None:
    assert situated(row(), termin(form)).pair.kind is kind
    special = termin(form, fr_nr=-3)
    assert situated(row(fr_nr=-3), special, policy=CalendarPolicy(special=True)).pair.kind is Kind.special
    assert kind_of(None, form) is kind
    assert kind_of(0, form) is kind
    assert kind_of(1, form) is kind
    assert kind_of(-1, form) is Kind.special


def test_a_kind_or_a_place_in_the_window_that_nobody_can_see_stays() -> None:
    known = row(base_advoware=None, kind=Kind.series, resting=True)
    pair = situated(known, event()).pair
    assert (pair.kind, pair.resting) == (Kind.series, True)


@pytest.mark.parametrize("year, resting", [("2026", False), ("2028", True)])
def test_what_lies_outside_the_window_rests(year: str, resting: bool) -> None:
    when = When(False, f"{year}-06-02T09:00", f"{year}-06-02T10:00")
    assert situated(row(resting=not resting), termin(replace(FORM, when=when))).pair.resting is resting


DOUBLED = {"start": "2026-10-25T02:15:00+01:00", "end": "2026-10-25T02:45:00+01:00"}
IN_THE_DOUBLED_HOUR = {name: GoogleTime(date_time=at) for name, at in DOUBLED.items()}


def test_what_was_settled_in_silence_is_noted_from_both_sides() -> None:
    timeless = termin(uhrzeit_von="", uhrzeit_bis="")
    doubled = event(**IN_THE_DOUBLED_HOUR)
    assert situated(row(), timeless, doubled).pair.notes == {SilentNote.missing_time, SilentNote.doubled_hour}
    assert situated(row(), termin(), doubled).pair.notes == {SilentNote.doubled_hour}
    assert situated(row(notes=frozenset(SilentNote)), termin(), event()).pair.notes == frozenset()


def test_a_note_stays_as_long_as_nobody_shows_the_event_again() -> None:
    known = row(notes=frozenset({SilentNote.doubled_hour}))
    assert situated(known, termin()).pair.notes == {SilentNote.doubled_hour}


def test_what_google_showed_waits_until_it_is_settled() -> None:
    changed = event(AMTSGERICHT)
    assert situated(row(), termin(), changed).pair.waiting == changed
    assert situated(row(waiting=changed), termin()).pair.waiting == changed
    assert situated(row(waiting=changed), termin(), full_google=True).pair.waiting == changed  # unseen: no evidence
    assert situated(row(waiting=changed), termin(), event()).pair.waiting is None
    assert situated(row(waiting=changed), event(), termin_reads={FR_NR: GONE}).pair.waiting is None


def test_an_empty_answer_is_remembered_with_its_first_time_until_the_termin_is_seen() -> None:
    earlier = NOON - timedelta(minutes=59)
    assert situated(row(), termin_reads={FR_NR: EMPTY}).pair.empty_since == NOON
    assert situated(row(empty_since=earlier), termin_reads={FR_NR: EMPTY}).pair.empty_since == earlier
    assert situated(row(empty_since=earlier), termin()).pair.empty_since is None
    assert situated(row(empty_since=earlier)).pair.empty_since == earlier  # nobody has looked
    assert situated(row(empty_since=earlier), termin_reads={FR_NR: GONE}).pair.empty_since is None


def test_that_a_termin_is_gone_for_an_hour_stays_known_until_its_event_has_gone_too() -> None:
    since = NOON - timedelta(hours=1)
    plan = decided(row(empty_since=since), event(), termin_reads={FR_NR: EMPTY})
    assert [step.action for step in plan.steps] == [AppointmentAction.delete_event]
    assert plan.pair.empty_since == since


def exception(own: str, day: str, **values: Any) -> CalendarEvent:
    original = GoogleTime(date_time=f"{day}T09:00:00+02:00")
    return CalendarEvent(own, recurring_event_id=OWN, original_start=original, **values)


def series(*exceptions: SeriesException) -> AppointmentPair:
    return row(base_google=replace(FORM, rule=SeriesRule(Freq.weekly)), exceptions=exceptions)


def test_exceptions_are_collected_by_the_start_that_they_had() -> None:
    """What is shown again takes the place of what was known; what is not shown stays; told with their number."""
    known = series(SeriesException("2026-06-09T09:00:00+02:00"), SeriesException("2026-06-23T09:00:00+02:00"))
    case = situated(known, termin(), exception("a", "2026-06-09", status="cancelled"), exception("b", "2026-06-02"))
    assert case.pair.exceptions == (
        SeriesException("2026-06-02T09:00:00+02:00"),
        SeriesException("2026-06-09T09:00:00+02:00", True),
        SeriesException("2026-06-23T09:00:00+02:00"),
    )
    assert case.reports == (PairReport(PairReportCode.exceptions, count=3),)
    assert situated(known, termin()).pair.exceptions == known.exceptions


@pytest.mark.parametrize("day, at", [("2026-06-10", "09:00"), ("2026-06-09", "08:00"), ("2026-05-26", "09:00")])
def test_a_deleted_one_that_stands_for_no_occurrence_is_what_google_has_dropped(day: str, at: str) -> None:
    """With a new start or rule; that single appointments differ would be untrue. One of no known time stays."""
    original = GoogleTime(date_time=f"{day}T{at}:00+02:00")
    dropped = CalendarEvent("a", status="cancelled", recurring_event_id=OWN, original_start=original)
    known, unknown = SeriesException(original.date_time), CalendarEvent("b", "cancelled", recurring_event_id=OWN)
    assert situated(series(known), dropped, unknown).pair.exceptions == (SeriesException("b", True),)
    assert situated(row(exceptions=(known,)), dropped).pair.exceptions == ()  # a single one by now


def test_of_an_exception_it_is_known_where_it_is_now() -> None:
    """Moved once more it is another one; one that is deleted, or in no time that can be read, is nowhere."""
    original = "2026-06-09T09:00:00+02:00"
    known = series(SeriesException(original, when=When(False, "2026-06-09T10:00", "2026-06-09T11:00")))
    there = {"start": GoogleTime(date_time="2026-06-10T12:00:00Z"), "end": GoogleTime(date_time="2026-06-10T13:00:00Z")}
    for values, found in (
        (there, SeriesException(original, when=When(False, "2026-06-10T14:00", "2026-06-10T15:00"))),
        (there | {"status": "cancelled"}, SeriesException(original, True)),
        (there | {"start": GoogleTime(date_time="25:00")}, SeriesException(original)),
    ):
        assert situated(known, termin(), exception("a", "2026-06-09", **values)).pair.exceptions == (found,)


@pytest.mark.parametrize("action", [AppointmentAction.patch_event, AppointmentAction.put_termin])
def test_a_write_without_an_answer_that_had_arrived_is_told(action: AppointmentAction) -> None:
    intent = AppointmentIntent(action, frozenset({Group.text}), sent=AMTSGERICHT, carried=AMTSGERICHT)
    plan = decided(row(intent=intent), termin(AMTSGERICHT), event(AMTSGERICHT))
    assert plan == PairPlan(
        PairRow.same,
        row(intent=intent),
        seen_row(base_advoware=AMTSGERICHT, base_google=AMTSGERICHT),
        reports=(PairReport(PairReportCode.adopted),),
    )


def test_a_write_without_an_answer_that_never_arrived_is_made_again_in_silence() -> None:
    intent = AppointmentIntent(
        AppointmentAction.put_termin, frozenset({Group.text}), sent=AMTSGERICHT, carried=AMTSGERICHT
    )
    plan = decided(row(intent=intent), termin(), event(AMTSGERICHT))
    assert [step.action for step in plan.steps] == [AppointmentAction.put_termin]
    assert (plan.pair, plan.reports) == (seen_row(waiting=event(AMTSGERICHT)), ())


# --- What people are told, and what they decided --------------------------------------------------------------------


def test_a_state_is_told_once_and_again_after_it_was_over() -> None:
    report = PairReport(PairReportCode.unsupported, "no_date")
    first = situated(row(), termin()).plan(PairRow.unsupported, reports=(report,))
    assert (first.reports, first.pair.told) == ((report,), {"unsupported:no_date"})
    second = situated(first.pair, termin()).plan(PairRow.unsupported, reports=(report,))
    assert (second.reports, second.pair.told) == ((), {"unsupported:no_date"})
    over = situated(second.pair, termin()).plan(PairRow.same)
    assert over.pair.told == frozenset()


def test_who_was_told_of_typing_over_knows_it_for_good() -> None:
    report = PairReport(PairReportCode.typed_over)
    first = situated(row(), termin()).plan(PairRow.same, reports=(report,))
    assert first.reports == (report,)
    between = situated(first.pair, termin()).plan(PairRow.same)
    assert between.pair.told == {"typed_over:"}
    later = situated(between.pair, termin()).plan(PairRow.same, reports=(report,))
    assert later.reports == (replace(report, again=True),)


def test_a_decision_is_kept_until_nothing_is_left_to_write_or_to_ask() -> None:
    known = row(decided={"conflict:text": "google"})
    step = PlannedStep(DELETION, OWN)
    case = situated(known, termin())
    assert case.plan(PairRow.same).pair.decided == {}
    assert case.plan(PairRow.same, steps=(step,)).pair.decided == known.decided
    assert case.plan(PairRow.same, questions=(Question(QuestionCode.conflict),)).pair.decided == known.decided
    assert case.plan(PairRow.same, known, steps=(step,)).pair == known


def test_a_plan_that_has_to_wait_leaves_the_row_as_it_was_read() -> None:
    """A new row is not made for a later pass, unless Google showed something that its feed will not show again."""
    step = PlannedStep(DELETION, OWN)
    case = situated(row(), termin(), event(AMTSGERICHT))
    other = replace(case.pair, status=PairStatus.failed)
    assert case.plan(PairRow.same, other, steps=(step,)).put_off == case.pair
    assert case.plan(PairRow.same, other).put_off is None
    assert replace(case, before=None).plan(PairRow.same, other, steps=(step,)).put_off == case.pair
    settled = replace(case, before=None, pair=replace(case.pair, waiting=None))
    assert settled.plan(PairRow.same, other, steps=(step,)).put_off is None
    assert replace(case, before=None).plan(PairRow.same, other).put_off is None


def test_what_is_asked_stands_in_the_row_and_nothing_is_written() -> None:
    plan = decided(row(), event(AMTSGERICHT), termin_reads={FR_NR: GONE})
    asked = seen_row(status=PairStatus.ask, waiting=event(AMTSGERICHT), read_at=NOON)
    question = Question(QuestionCode.gone_and_changed)
    assert plan == PairPlan(PairRow.gone_and_changed, row(), asked, questions=(question,))


def test_a_row_that_is_over_waits_for_nothing_and_has_told_nothing() -> None:
    """Its id, its bases and what it has burnt stay: whatever comes back is known by them."""
    pair = row(
        status=PairStatus.ask,
        intent=DELETION,
        waiting=event(),
        told=frozenset({"unsupported:no_date"}),
        decided={"conflict:text": "google"},
        burnt=("old",),
    )
    over = pair.over(Closed.moved)
    assert over == row(status=PairStatus.closed, closed=Closed.moved, burnt=("old",))
    assert (pair.is_open, over.is_open) == (True, False)


# --- Made in Google -------------------------------------------------------------------------------------------------

WHOLE = EventChange(
    start=GoogleTime(date_time="2026-06-02T09:00:00", time_zone="Europe/Berlin"),
    end=GoogleTime(date_time="2026-06-02T10:00:00", time_zone="Europe/Berlin"),
    summary="Gericht",
    location="Saal 3",
    description="Akte",
    visibility="default",
    properties=OURS,
)


def test_a_termin_is_made_in_google_whole_and_under_the_id_of_its_row() -> None:
    known = row(base_google=None, status=PairStatus.failed, reason=FormReason.no_date)
    intent = AppointmentIntent(AppointmentAction.insert_event, ALL, sent=FORM, carried=FORM, shown=Shown.full)
    step = PlannedStep(intent, OWN, fr_nr=FR_NR, event=WHOLE)
    plan = decided(known, termin())
    assert plan == PairPlan(PairRow.new_in_advoware, known, row(base_google=None), (step,), put_off=known)


def test_what_google_shows_of_a_private_termin_is_what_is_sent_and_the_rest_is_carried() -> None:
    private = replace(FORM, privat=True)
    (step,) = decided(row(base_advoware=None, base_google=None), termin(private)).steps
    busy = Canonical(WHEN, None, "Privat", "", "", True)
    assert step.intent == AppointmentIntent(
        AppointmentAction.insert_event, ALL, sent=busy, carried=private, shown=Shown.busy
    )
    assert step.event == replace(WHOLE, summary="Privat", location="", description="", visibility="private")


@pytest.mark.parametrize("missing", ["form", "number"])
def test_nothing_is_made_in_google_without_a_termin_that_can_be_read(missing: str) -> None:
    form = None if missing == "form" else FORM
    known = row(fr_nr=None) if missing == "number" else row()
    case = PairSituation(seen(), known, known, TerminSide(Advoware.same, termin(), form), GoogleSide(Google.absent))
    with pytest.raises(ValueError, match=r"^only a Termin"):
        inserted(case, known, PairRow.new_in_advoware)


@pytest.mark.parametrize(
    "in_advoware, named", [(FORM, PairRow.deleted_in_google), (AMTSGERICHT, PairRow.changed_and_deleted)]
)
def test_what_was_deleted_in_google_is_made_again_under_an_id_that_was_never_used(
    in_advoware: Canonical, named: PairRow
) -> None:
    plan = decided(row(), termin(in_advoware), tombstone())
    fresh = event_id(seen(), FR_NR, 1)
    assert (plan.row, plan.reports) == (named, (PairReport(PairReportCode.restored),))
    assert [(step.action, step.google_id) for step in plan.steps] == [(AppointmentAction.insert_event, fresh)]
    assert plan.pair == row(google_id=fresh, generation=1, burnt=(OWN,), base_google=None, etag="")


def test_what_was_deleted_in_google_outside_the_window_is_not_made_again() -> None:
    far = replace(FORM, when=When(False, "2028-06-02T09:00", "2028-06-02T10:00"))
    plan = decided(row(base_advoware=far), termin(far), tombstone())
    assert (plan.row, plan.steps) == (PairRow.deleted_in_google, ())


def test_an_id_that_another_row_has_burnt_is_passed_over() -> None:
    """After the loss of a database rows of the same Termin may have had the next ids already."""
    first, second, third = (event_id(seen(), FR_NR, generation) for generation in (1, 2, 3))
    closed = [row(google_id=own, fr_nr=None) for own in (first, second)]
    for taken, generation, own in ((closed, 3, third), (closed[:1], 2, second), (closed[1:], 1, first)):
        renewed = next_generation(seen(closed=taken), row(exceptions=(SeriesException("2026-06-09"),)))
        assert renewed == row(google_id=own, generation=generation, burnt=(OWN,), base_google=None, etag="")


def test_an_id_is_that_of_this_installation_calendar_and_termin() -> None:
    policy = CalendarPolicy(installation="office")
    assert event_id(seen(policy=policy), FR_NR, 3) == google_id(
        installation="office", calendar_id="sb@calendar", fr_nr=FR_NR, generation=3
    )


# --- Deleted in Google ----------------------------------------------------------------------------------------------


def test_an_event_goes_under_the_version_that_was_decided_about() -> None:
    known = row(status=PairStatus.failed, reason=FormReason.no_date)
    step = PlannedStep(DELETION, OWN, '"2"', removes=True, closes=Closed.gone)
    plan = decided(known, event(), termin_reads={FR_NR: GONE})
    put_off = seen_row(status=PairStatus.failed, reason=FormReason.no_date, read_at=NOON)
    assert plan == PairPlan(PairRow.gone_in_advoware, known, seen_row(read_at=NOON), (step,), put_off=put_off)


def test_a_move_is_no_removal_and_what_was_changed_and_may_not_go_along_is_kept() -> None:
    step = PlannedStep(DELETION, OWN, '"2"', closes=Closed.moved)
    in_google = replace(AMTSGERICHT, when=LATER)
    elsewhere = SingleRead(ReadOutcome.found, termin=termin(anwalt="AI"))
    plan = decided(row(), event(in_google), termin_reads={FR_NR: elsewhere}, write=False)
    lost = (
        Lost(Group.when, CalendarSide.google, LATER, None),
        Lost(Group.text, CalendarSide.google, "Amtsgericht", None),
    )
    told = PairReport(PairReportCode.conflict, groups=frozenset({Group.when, Group.text}), lost=lost)
    assert (plan.row, plan.steps) == (PairRow.moved, (step,))
    assert plan.reports == (PairReport(PairReportCode.moved), told)


def test_a_move_without_a_change_loses_nothing() -> None:
    assert decided(row(), termin(anwalt="AI"), event()).reports == (PairReport(PairReportCode.moved),)
    assert decided(row(base_google=None, waiting=event()), termin(anwalt="AI")).reports == (
        PairReport(PairReportCode.moved),
    )


def test_exceptions_of_a_series_that_moves_are_no_loss_of_this_pass() -> None:
    """It is made anew in the other calendar, and here nobody looks for them any more."""
    series = replace(FORM, rule=SeriesRule(Freq.weekly))
    known = row(base_advoware=series, base_google=series, exceptions=(SeriesException("2026-06-09"),))
    told = decided(known, termin(series, anwalt="AI"), event(series)).reports
    assert told == (PairReport(PairReportCode.exceptions, count=1), PairReport(PairReportCode.moved))


def test_what_was_changed_in_the_event_of_a_termin_that_is_gone_is_kept_when_advoware_counts() -> None:
    policy = CalendarPolicy(gone_and_changed=GoneAndChanged.advoware)
    plan = decided(row(), event(AMTSGERICHT), termin_reads={FR_NR: GONE}, policy=policy)
    assert plan.steps == (PlannedStep(DELETION, OWN, '"2"', removes=True, closes=Closed.gone),)
    lost = (Lost(Group.text, CalendarSide.google, "Amtsgericht", None),)
    assert plan.reports == (PairReport(PairReportCode.conflict, groups=frozenset({Group.text}), lost=lost),)


def test_what_may_be_shown_no_more_goes_with_its_exceptions_and_is_a_removal() -> None:
    """It became private, and private ones are left out. The Termin stays, with what was changed in Google."""
    series = replace(FORM, rule=SeriesRule(Freq.weekly))
    known = row(base_advoware=series, base_google=series, exceptions=(SeriesException("2026-06-09"),))
    policy = CalendarPolicy(private=Private.skip)
    plan = decided(known, termin(replace(series, privat=True)), event(replace(series, ort="Saal 4")), policy=policy)
    assert plan.row is PairRow.withheld
    put, deletion = plan.steps
    assert (put.action, put.termin) == (AppointmentAction.put_termin, TerminChange(ort="Saal 4"))
    assert deletion == PlannedStep(DELETION, OWN, '"2"', removes=True, closes=Closed.withheld)
    assert plan.reports == (
        PairReport(PairReportCode.exceptions, count=1),
        PairReport(PairReportCode.withheld),
        PairReport(PairReportCode.exceptions_lost, count=1),
    )


# --- Made in Advoware -----------------------------------------------------------------------------------------------


def test_a_termin_that_is_made_again_has_what_google_shows_and_what_google_never_showed() -> None:
    """Its event said "Privat"; the Termin had a text, and has it again. What was moved in Google is where it is now.

    The row keeps that text until the POST is answered: a second one has to send it too.
    """
    had = replace(FORM, text="Arzt", privat=True)
    busy = Canonical(WHEN, None, "Privat", "", "", True)
    moved = replace(busy, when=LATER)
    known = row(
        base_advoware=had,
        base_google=busy,
        shown=Shown.busy,
        status=PairStatus.ask,
        reason=FormReason.no_date,
        decided={"post_outcome_unknown": "new", "gone_and_changed": "google"},
    )
    plan = decided(known, event(moved), termin_reads={FR_NR: GONE}, policy=GOOGLE_COUNTS)
    sent = replace(had, when=LATER)
    body = TerminChange(
        anwalt="SB",
        datum="2026-06-02",
        datum_bis="2026-06-02",
        uhrzeit_von="15:00:00",
        uhrzeit_bis="16:00:00",
        text="Arzt",
        ort="Saal 3",
        notiz="Akte",
        privat=True,
        dauertermin=False,
        turnus=0,
        turnus_art=0,
        all_day=False,
    )
    intent = AppointmentIntent(AppointmentAction.post_termin, ALL, sent=sent, carried=moved)
    assert plan.row is PairRow.gone_and_changed
    assert plan.steps == (PlannedStep(intent, OWN, '"2"', termin=body),)
    assert plan.pair == seen_row(
        read_at=NOON,
        fr_nr=None,
        base_advoware=had,
        base_google=busy,
        shown=Shown.busy,
        waiting=event(moved),
        decided={"gone_and_changed": "google"},
        reopened=True,
    )


def test_what_somebody_typed_over_a_loss_does_not_count_as_carried() -> None:
    """The base is what Google should show: what was typed there counts as an edit afterwards, and is put back."""
    had = replace(FORM, text="Arzt", privat=True)
    busy = Canonical(WHEN, None, "Privat", "", "", True)
    known = row(base_advoware=had, base_google=busy, shown=Shown.busy)
    typed = replace(busy, when=LATER, text="Dr. Weh", ort="Praxis")
    (step,) = decided(known, event(typed), termin_reads={FR_NR: GONE}, policy=GOOGLE_COUNTS).steps
    assert step.intent.sent == replace(had, when=LATER)
    assert step.intent.carried == replace(busy, when=LATER)


def test_a_termin_that_is_made_again_has_the_whole_of_a_text_that_google_cut() -> None:
    had = replace(FORM, notiz="x" * 9000)
    cut = replace(FORM, notiz="x" * 7999 + "…")
    known = row(base_advoware=had, base_google=cut)
    (step,) = decided(known, event(replace(cut, when=LATER)), termin_reads={FR_NR: GONE}, policy=GOOGLE_COUNTS).steps
    assert step.intent.sent == replace(had, when=LATER)
    assert step.intent.carried == replace(cut, when=LATER)


def test_a_new_event_becomes_a_termin_with_everything_that_it_shows() -> None:
    case = situated(row(fr_nr=None, base_advoware=None, base_google=None), event())
    (step,) = posted(case, case.pair, PairRow.new_in_google).steps
    assert step.intent == AppointmentIntent(AppointmentAction.post_termin, ALL, sent=FORM, carried=FORM)


def test_nothing_is_made_in_advoware_without_an_event_that_can_be_read() -> None:
    case = situated(row(fr_nr=None), event(start=stated(GoogleTime(date="2026-02-31"))))
    with pytest.raises(ValueError, match=r"^only an event that can be read is made in Advoware"):
        posted(case, case.pair, PairRow.new_in_google)
