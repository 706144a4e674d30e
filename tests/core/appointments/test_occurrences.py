"""Single appointments of a series that were moved in Google, where the series shows its words no more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Group
from syncapp.core.appointments.forms.drafts import ANONYMOUS_TITLE, PRIVATE_TITLE, Shown, shown_in_google
from syncapp.core.appointments.forms.series import Freq, SeriesRule
from syncapp.core.appointments.plan import plan
from syncapp.core.appointments.plan_shapes import Lost, PairPlan, PairReportCode, Plan
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, Private
from syncapp.core.appointments.rows import (
    AppointmentAction,
    AppointmentIntent,
    AppointmentPair,
    Closed,
    PairStatus,
    PlannedStep,
    SeriesException,
)
from syncapp.core.appointments.shapes import CalendarEvent, EventChange, GoogleTime
from tests.core.appointments.linked_pair import FORM, GONE, LATER, OWN, event, seen, seen_row, termin
from tests.core.appointments.world import timed

WEEKLY = replace(FORM, rule=SeriesRule(Freq.weekly, 1, "2026-12-29"))
MOVED = SeriesException("2026-06-09T09:00:00+02:00")
# Of before the Termin became private.
PUBLIC: dict[str, Any] = {"base_advoware": WEEKLY, "base_google": WEEKLY, "shown": Shown.full}
ADVOWARES = {"summary": FORM.text, "location": FORM.ort, "description": FORM.notiz}
TYPED = {"summary": "Mit Frau Meier", "location": "Café", "description": "Kuchen mitbringen"}
CIRCUMSTANCES: Mapping[Shown, dict[str, Any]] = {
    Shown.full: {},
    Shown.open: {"privat": True, "policy": CalendarPolicy(private=Private.full)},
    Shown.busy: {"privat": True},
    Shown.anonymous: {"full_content": False},
}


def occurrence(**said: Any) -> CalendarEvent:
    when = timed("2026-06-09T14:00", "2026-06-09T15:00")
    original = GoogleTime(date_time=MOVED.original_start)
    return CalendarEvent(
        f"{OWN}_1", etag='"7"', recurring_event_id=OWN, original_start=original, **{**when, **ADVOWARES, **said}
    )


def planned(
    now: Shown, *occurrences: CalendarEvent, full_google: bool = True, termine: bool = True, **row: Any
) -> Plan:
    """A pass over a series that is shown so from now on, or was already; it lists its occurrences as they are."""
    said = {"privat": False, **CIRCUMSTANCES[now]}
    form = replace(WEEKLY, privat=said.pop("privat"))
    was = replace(WEEKLY, privat=form.privat)
    known = {"base_advoware": was, "base_google": shown_in_google(was, now), "shown": now, "exceptions": (MOVED,)}
    pair = seen_row(**{**known, "status": PairStatus.ok, "told": frozenset({"exceptions:"}), **row})
    master = event(pair.base_google, summary=pair.base_google.text if pair.base_google else "")
    shown_events = (master, *occurrences) if full_google else occurrences
    return plan(
        seen(
            *([termin(form)] if termine else []), *shown_events, pairs=[pair], full_google=full_google, **said
        ).snapshot
    )


def words(plan: Plan) -> list[PlannedStep]:
    return [step for step in plan.steps if step.action is AppointmentAction.reword_event]


@pytest.mark.parametrize("shown", [Shown.full, Shown.open])
@pytest.mark.parametrize("said", [ADVOWARES, TYPED], ids=["advowares", "typed"])
def test_words_stay_where_the_series_shows_its_own(shown: Shown, said: dict[str, str]) -> None:
    assert words(planned(shown, occurrence(**said))) == []


def test_of_a_private_series_advowares_words_go() -> None:
    (step,) = words(planned(Shown.busy, occurrence()))
    assert (step.google_id, step.etag) == (f"{OWN}_1", '"7"')
    assert step.event == EventChange(summary=PRIVATE_TITLE, location="", description="", visibility="private")


def test_of_a_private_series_words_typed_there_stay() -> None:
    (step,) = words(planned(Shown.busy, occurrence(**TYPED)))
    assert step.event == EventChange(visibility="private")
    assert words(planned(Shown.busy, occurrence(**TYPED, visibility="private"))) == []


def test_each_group_of_a_private_series_by_itself() -> None:
    (step,) = words(planned(Shown.busy, occurrence(summary="Mit Frau Meier")))
    assert step.event == EventChange(location="", description="", visibility="private")


def test_words_of_before_the_last_change_go_too() -> None:
    """Advoware's text has changed in this very pass; the occurrence was moved while the old one stood."""
    earlier = replace(WEEKLY, privat=True, text="Mandant Müller")
    (step,) = words(planned(Shown.busy, occurrence(summary="Mandant Müller"), base_advoware=earlier))
    assert step.event is not None
    assert step.event.summary == PRIVATE_TITLE


def test_in_a_calendar_without_texts_all_go() -> None:
    (step,) = words(planned(Shown.anonymous, occurrence()))
    assert step.event == EventChange(summary=ANONYMOUS_TITLE, location="", description="")


def test_in_a_calendar_without_texts_what_was_typed_is_told() -> None:
    made = planned(Shown.anonymous, occurrence(summary="Mit Frau Meier"))
    (step,) = words(made)
    assert step.event == EventChange(summary=ANONYMOUS_TITLE, location="", description="")
    (report,) = [one for one in made.pairs[0].reports if one.code is PairReportCode.typed_over]
    assert report.lost == (Lost(Group.text, CalendarSide.google, "Mit Frau Meier", ANONYMOUS_TITLE),)


@pytest.mark.parametrize("shown", [Shown.busy, Shown.anonymous])
def test_once_its_words_are_gone_nothing_is_written(shown: Shown) -> None:
    form = shown_in_google(WEEKLY, shown)
    there = occurrence(summary=form.text, location="", description="", visibility="private")
    assert planned(shown, there).steps == ()


def test_one_that_was_deleted_is_left_alone() -> None:
    gone = CalendarEvent(f"{OWN}_1", status="cancelled", recurring_event_id=OWN)
    assert words(planned(Shown.busy, gone)) == []


@pytest.mark.parametrize("full_google", [False, True])
def test_its_words_go_with_the_pass_after_that_of_the_series(full_google: bool) -> None:
    """Its PATCH may give them another version; and a list of changes does not show them. That pass lists all."""
    listed = [occurrence()] if full_google else []
    made = planned(Shown.busy, *listed, full_google=full_google, **PUBLIC)
    assert ([step.action for step in made.steps], made.list_whole) == ([AppointmentAction.patch_event], True)


def test_where_the_series_has_something_else_to_write_they_go_with_the_next_pass_too() -> None:
    """The series was private before; its time has changed in Advoware, and the occurrence was listed."""
    earlier = replace(WEEKLY, privat=True, when=LATER)
    known = {"base_advoware": earlier, "base_google": shown_in_google(earlier, Shown.busy)}
    made = planned(Shown.busy, occurrence(), full_google=False, **known)
    assert ([step.action for step in made.steps], made.list_whole) == ([AppointmentAction.patch_event], True)


def test_a_write_whose_answer_was_lost_stays_the_rows_own() -> None:
    """The rewording would take the place of its intent, and the Termin could be made twice."""
    lost = AppointmentIntent(AppointmentAction.put_termin, frozenset({Group.ort}), sent=WEEKLY, carried=WEEKLY)
    made = planned(Shown.anonymous, occurrence(), full_google=False, intent=lost, termine=False)
    assert words(made) == []


def test_one_that_failed_is_tried_again_with_all_listed() -> None:
    """A list of changes does not show the occurrence whose words were not taken."""
    made = planned(Shown.busy, full_google=False, status=PairStatus.failed)
    assert (made.steps, made.list_whole) == ((), True)
    assert planned(Shown.busy, full_google=True, status=PairStatus.failed).list_whole is False


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({}, id="its words are hidden already"),
        pytest.param(PUBLIC | {"exceptions": ()}, id="no occurrence differs"),
        pytest.param(
            PUBLIC | {"exceptions": (replace(MOVED, cancelled=True),)},
            id="only deleted ones",
        ),
    ],
)
def test_else_the_list_of_changes_will_do(row: dict[str, Any]) -> None:
    assert planned(Shown.busy, full_google=False, **row).list_whole is False


def test_a_row_that_failed_and_is_not_due_waits_with_its_occurrences() -> None:
    waits = seen(pairs=[]).snapshot.now.replace(year=2027)
    made = planned(Shown.busy, occurrence(), status=PairStatus.failed, wait_until=waits)
    assert words(made) == []


def test_with_a_series_that_goes_its_occurrences_go_by_themselves() -> None:
    pair = seen_row(base_advoware=WEEKLY, base_google=shown_in_google(WEEKLY, Shown.busy), shown=Shown.busy)
    context = seen(
        event(pair.base_google or WEEKLY),
        occurrence(),
        pairs=[pair],
        full_google=True,
        daily=True,
        termin_reads={7: GONE},
    )
    (one,) = plan(context.snapshot).pairs
    assert [step.action for step in one.steps] == [AppointmentAction.delete_event]
    assert one.steps[0].closes is Closed.gone


def test_where_google_is_not_written_the_words_wait() -> None:
    pair: AppointmentPair = seen_row(
        base_advoware=WEEKLY, base_google=shown_in_google(WEEKLY, Shown.anonymous), shown=Shown.anonymous
    )
    held = frozenset({CalendarSide.google})
    context = seen(
        termin(WEEKLY),
        event(pair.base_google or WEEKLY),
        occurrence(),
        pairs=[pair],
        full_google=True,
        full_content=False,
        held_sides=held,
    )
    made = plan(context.snapshot)
    assert (made.steps, made.list_whole) == ((), False)
    asked = replace(pair, decided={"conflict:when": "google"})  # what else was found of the row is kept
    (one,) = plan(replace(context.snapshot, pairs=(replace(asked, status=PairStatus.ask),))).pairs
    assert (one.steps, one.pair.status) == ((), PairStatus.ok)


def test_a_termin_that_nobody_has_seen_is_shown_as_its_row_says() -> None:
    pair = seen_row(
        base_advoware=WEEKLY, base_google=shown_in_google(WEEKLY, Shown.busy), shown=Shown.busy, resting=True
    )
    made: list[PairPlan] = list(plan(seen(occurrence(), pairs=[pair]).snapshot).pairs)
    assert [step.action for one in made for step in one.steps] == [AppointmentAction.reword_event]
