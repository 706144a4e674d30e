"""What a moved, copied or split event becomes where Google shows less than there is: the table, a row a test.

Purpose: `origins.py` by what `unlinked.meet` makes of it; over HTTP it stands in
tests/entities/appointments/test_hidden_texts.py.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import Canonical
from syncapp.core.appointments.forms.drafts import LONGEST_TEXT, Shown, shown_in_google
from syncapp.core.appointments.forms.google_ids import FR_NR, OWN_ID
from syncapp.core.appointments.forms.series import Freq, SeriesRule
from syncapp.core.appointments.pairs.decision_table import decide
from syncapp.core.appointments.pairs.origins import named_by, origin_of
from syncapp.core.appointments.pairs.unlinked import meet
from syncapp.core.appointments.plan_shapes import PairPlan, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide, FirmWide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentPair, Closed, PairStatus
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.linked_pair import FORM, LATER, OURS, OWN, WHEN, event, row, seen, termin

PRIVATE = replace(FORM, privat=True)
LONG = replace(FORM, text="Gutachten " * 200 + "Ende")
WEEKLY = replace(FORM, rule=SeriesRule(Freq.weekly, 1, "2026-07-28"))
WAYS = {Shown.anonymous: FORM, Shown.busy: PRIVATE, Shown.full: LONG}


def known(shown: Shown = Shown.anonymous, form: Canonical | None = None, **values: Any) -> AppointmentPair:
    """The row of the Termin, whose event shows what `shown` leaves of it."""
    said = form or WAYS[shown]
    return row(base_advoware=said, base_google=shown_in_google(said, shown), shown=shown, **values)


def of(was: AppointmentPair, **values: Any) -> CalendarEvent:
    """A copy of its event."""
    assert was.base_google is not None
    return event(was.base_google, **{"id": "copy", "properties": OURS, **values})


def made(*shown: AdvowareTermin | CalendarEvent, pairs: Iterable[AppointmentPair] = (), **more: Any) -> PairPlan:
    """What becomes of the event that no row knows."""
    plans = meet(seen(*shown, pairs=pairs, **more))
    return next(one for one in plans if one.pair.google_id not in {pair.google_id for pair in pairs if pair.is_linked})


def posted(plan: PairPlan) -> Canonical:
    (step,) = plan.steps
    assert step.action is AppointmentAction.post_termin
    assert step.intent.sent is not None
    return step.intent.sent


def alone(plan: PairPlan) -> str:
    assert (plan.steps, plan.pair.status) == ((), PairStatus.only_in_google)
    (report,) = plan.reports
    return report.detail


# --- A Termin that a row knows, as that row shows it ------------------------------------------------------------------


@pytest.mark.parametrize("shown", WAYS)
@pytest.mark.parametrize("where", ["here", "over", "elsewhere"])
def test_a_copy_has_the_text_of_the_termin_whose_number_it_bears(shown: Shown, where: str) -> None:
    was = known(shown)
    rows: dict[str, Any] = {
        "here": {"pairs": [was]},
        "over": {"closed": [was.over(Closed.gone)]},
        "elsewhere": {"named": [was]},
    }[where]
    full = shown is not Shown.anonymous
    if where == "elsewhere" and shown is Shown.busy:
        assert alone(made(of(was), **rows)) == "text_not_known"
        return
    plan = made(of(was), full_content=full, **rows)
    assert posted(plan) == was.base_advoware
    assert plan.steps[0].intent.carried == was.base_google
    assert plan.pair.shown is shown
    assert plan.pair.origin is (CalendarSide.advoware if shown is Shown.busy else CalendarSide.google)


def test_the_row_whose_event_it_was_counts_before_others_of_that_number() -> None:
    theirs = known(google_id="theirs", form=replace(FORM, notiz="dort"))
    older = known(google_id="older", form=replace(FORM, notiz="früher"))
    mine = known()
    context = seen(pairs=[mine], named=[older, theirs])
    copies = {own: of(mine, properties={OWN_ID: own, FR_NR: "7"}) for own in (OWN, "theirs", "older", "nobody's")}
    assert origin_of(context, copies[OWN]) is origin_of(context, copies["nobody's"]) is mine
    assert origin_of(context, copies["theirs"]) is theirs
    assert origin_of(seen(named=[older, theirs]), copies["nobody's"]) is theirs
    assert origin_of(seen(pairs=[row(fr_nr=8)]), copies[OWN]) is None
    assert origin_of(seen(pairs=[row(base_advoware=None)]), copies[OWN]) is None


@pytest.mark.parametrize("text, number", [("7", 7), ("-7", -7), ("", None), ("x", None), ("1" * 13, None)])
def test_a_number_is_one_that_advoware_can_have(text: str, number: int | None) -> None:
    assert named_by(CalendarEvent("a", properties={FR_NR: text})) == number


@pytest.mark.parametrize("shown", WAYS)
def test_an_event_that_was_moved_here_goes_on_as_it_was_in_the_other_calendar(shown: Shown) -> None:
    """Private ones too: there it was deleted."""
    was = known(shown, origin=CalendarSide.google)
    moved = of(was, id=OWN)
    plan = made(
        moved,
        named=[was],
        moved_here=frozenset({OWN}),
        termin_reads={7: SingleRead(ReadOutcome.gone)},
        full_content=shown is not Shown.anonymous,
    )
    assert posted(plan) == was.base_advoware == plan.pair.base_advoware
    assert (plan.pair.shown, plan.pair.origin) == (shown, CalendarSide.google)


# --- The same, otherwise ----------------------------------------------------------------------------------------------


def test_what_was_typed_over_a_copy_without_texts_is_its_text_and_leaves_google() -> None:
    plan = made(of(known(), summary="Zahnarzt"), pairs=[known()], full_content=False)
    assert posted(plan) == replace(FORM, text="Zahnarzt")
    assert plan.pair.shown is Shown.full  # so that the next plan hides it


def test_what_was_typed_over_a_private_copy_is_its_text_and_stays_in_google() -> None:
    plan = made(of(known(Shown.busy), summary="Zahnarzt"), pairs=[known(Shown.busy)])
    assert posted(plan) == replace(PRIVATE, text="Zahnarzt")
    assert plan.pair.shown is Shown.busy


def test_other_times_are_those_of_the_copy() -> None:
    later = event(replace(shown_in_google(FORM, Shown.anonymous), when=LATER), id="copy", properties=OURS)
    assert posted(made(later, pairs=[known()], full_content=False)) == replace(FORM, when=LATER)


# --- A Termin that no row knows, or a private one whose text may not go there -----------------------------------------


@pytest.mark.parametrize("shown", WAYS)
def test_our_words_are_no_text_of_advoware_where_nobody_knows_the_true_one(shown: Shown) -> None:
    assert alone(made(of(known(shown)))) == "text_not_known"
    assert posted(made(of(known(shown), summary="Zahnarzt"))).text == "Zahnarzt"


def test_a_private_text_goes_into_nothing_that_everybody_may_read() -> None:
    was = known(Shown.busy)
    assert alone(made(of(was, visibility="default"), pairs=[was])) == "text_not_known"


def test_a_short_text_that_ends_with_dots_is_one() -> None:
    assert posted(made(of(known(form=FORM), summary="Weiteres …"))).text == "Weiteres …"
    cut = "x" * (LONGEST_TEXT - 1) + "…"
    assert alone(made(of(known(), summary="Weiteres", description=cut))) == "text_not_known"


# --- None -------------------------------------------------------------------------------------------------------------


def test_an_event_that_bears_no_number_may_be_called_as_ours_are() -> None:
    typed = event(shown_in_google(FORM, Shown.anonymous), id="typed")
    assert posted(made(typed, full_content=False)) == shown_in_google(FORM, Shown.anonymous)


# --- A series that runs on in Advoware --------------------------------------------------------------------------------

REST = replace(WEEKLY, when=replace(WHEN, start="2026-06-30T11:00", end="2026-06-30T12:00"))


def rest(shown: Shown = Shown.anonymous, form: Canonical = REST, **values: Any) -> CalendarEvent:
    return event(shown_in_google(form, shown), **{"id": "copy", "properties": OURS, **values})


@pytest.mark.parametrize(
    "why, circumstances",
    [
        ("without texts only the times come back", {"full_content": False}),
        ("a copy for the whole firm", {"anwalt": "ALLE", "policy": CalendarPolicy(firm_wide=FirmWide.copy)}),
        ("of several people", {"several_rows": True}),
        ("its text is masked", {"masked": True, "privat": True}),
        ("its texts were hidden until now", {"shown": Shown.anonymous}),
    ],
)
def test_the_rest_of_a_series_whose_end_does_not_come_back_is_not_made(why: str, circumstances: dict[str, Any]) -> None:
    more = dict(circumstances)
    context = {name: more.pop(name) for name in ("full_content", "policy") if name in more}
    shown = more.pop("shown", Shown.anonymous if "full_content" in context else Shown.full)
    was = known(shown, WEEKLY, anwalt=more.get("anwalt", "SB"))
    plan = made(rest(shown), termin(WEEKLY, **more), pairs=[was], **context)
    assert alone(plan) == "rest_of_series", why


def test_a_copy_for_the_whole_firm_is_one_also_while_no_list_shows_it() -> None:
    was = known(Shown.full, WEEKLY, anwalt="ALLE")
    assert alone(made(rest(Shown.full), pairs=[was])) == "rest_of_series"


def test_the_rest_of_a_series_whose_end_comes_back_is_made() -> None:
    assert posted(made(rest(Shown.full), termin(WEEKLY), pairs=[known(Shown.full, WEEKLY)])) == REST


@pytest.mark.parametrize(
    "why, series, copied",
    [
        ("it ends before", replace(WEEKLY, rule=SeriesRule(Freq.weekly, 1, "2026-06-29")), REST),
        ("the copy stands for one day", WEEKLY, replace(REST, rule=None)),
        ("it is no series by now", FORM, REST),
    ],
)
def test_what_is_not_there_twice_is_made(why: str, series: Canonical, copied: Canonical) -> None:
    plan = made(rest(form=copied), termin(series), pairs=[known(form=WEEKLY)], full_content=False)
    assert posted(plan).when == REST.when, why


def test_a_series_without_an_end_runs_on() -> None:
    endless = replace(WEEKLY, rule=SeriesRule(Freq.weekly, 1, ""))
    assert alone(made(rest(), termin(endless), pairs=[known(form=endless)], full_content=False)) == "rest_of_series"


def test_once_left_alone_it_waits_for_the_end_of_the_series_also_where_texts_are_shown_again() -> None:
    was = known(form=WEEKLY)
    left = made(rest(), termin(WEEKLY), pairs=[was], full_content=False).pair
    again = replace(left, id=9)
    shown = known(Shown.full, WEEKLY)
    plan = made(termin(WEEKLY), pairs=[shown, again])
    assert (plan.steps, plan.reports, plan.pair.status) == ((), (), PairStatus.only_in_google)
    ended = termin(replace(WEEKLY, rule=SeriesRule(Freq.weekly, 1, "2026-06-29")))
    assert posted(made(ended, pairs=[shown, again])).when == REST.when


# --- The number that it bears -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", WAYS)
@pytest.mark.parametrize("number", ["7", "8"])
def test_a_linked_event_that_shows_less_is_given_its_own_number(shown: Shown, number: str) -> None:
    """Else a copy of it would be given the texts of what it was copied from."""
    pair = known(shown, etag='"2"')
    bears = of(pair, id=OWN, properties={OWN_ID: OWN, FR_NR: number})
    context = seen(bears, termin(WAYS[shown]), pairs=[pair], full_content=shown is not Shown.anonymous)
    steps = decide(context, pair).steps
    assert [step.action for step in steps] == ([] if number == "7" else [AppointmentAction.patch_event])
    for step in steps:
        assert step.event is not None
        assert (step.event.properties, step.event.summary, step.groups) == (OURS, None, frozenset())


def test_a_linked_event_that_shows_everything_keeps_the_number_that_it_came_with() -> None:
    """Its property is written with its first change."""
    pair = row(etag='"2"')
    bears = event(properties={OWN_ID: "a", FR_NR: "8"})
    assert decide(seen(bears, termin(), pairs=[pair]), pair).steps == ()
