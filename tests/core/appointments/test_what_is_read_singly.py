"""What a pass has to read one by one, which lists it believes, and what an event says of itself; each rule alone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from syncapp.core.appointments.evidence import MOST_SINGLE_READS, Needed, list_hold, needed
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.pairs.lone import Lone, choice, chosen_number, lone_events, named_number, own_number
from syncapp.core.appointments.pairs.unlinked import meet
from syncapp.core.appointments.plan_shapes import HeldEmployee, HoldReason, ReadOutcome, SingleRead
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair, Closed
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.linked_pair import (
    ALL,
    FORM,
    FR_NR,
    GONE,
    OWN,
    decided,
    event,
    row,
    seen,
    termin,
    tombstone,
)

NAMES_99 = {"advosyncId": OWN, "advosyncFrNr": "99"}
UNLINKED = row(fr_nr=None, base_advoware=None, base_google=None)


def rows(count: int) -> list[AppointmentPair]:
    return [row(google_id=f"own{number}", id=number, fr_nr=number) for number in range(1, count + 1)]


def a_series(pair: AppointmentPair) -> AppointmentPair:
    """By what was agreed, whatever the row calls it."""
    return replace(pair, base_advoware=replace(FORM, rule=SeriesRule(Freq.weekly)))


def needs(pairs: list[AppointmentPair], *shown: AdvowareTermin | CalendarEvent, **snapshot: Any) -> Needed:
    return needed(seen(*shown, pairs=pairs, **snapshot).snapshot)


# --- Lists ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing, small", [(4, False), (5, False), (6, True), (10, True)])
def test_a_list_that_lacks_more_than_half_is_not_believed(missing: int, small: bool) -> None:
    pairs = rows(10)
    termine = [termin(fr_nr=pair.fr_nr) for pair in pairs[missing:]]
    events = [replace(event(), id=pair.google_id) for pair in pairs[missing:]]
    context = seen(*termine, *events, pairs=pairs, full_google=True)
    advoware = HeldEmployee(HoldReason.advoware_list_small, missing, 10)
    google = HeldEmployee(HoldReason.google_list_small, missing, 10)
    assert list_hold(context, CalendarSide.advoware) == (advoware if small else None)
    assert list_hold(context, CalendarSide.google) == (google if small else None)


def test_a_series_that_began_before_the_window_says_nothing_about_a_list() -> None:
    assert list_hold(seen(pairs=[a_series(pair) for pair in rows(10)]), CalendarSide.advoware) is None


def test_a_termin_that_began_before_the_days_asked_for_says_nothing_about_a_list_either() -> None:
    def since(first: str) -> list[AppointmentPair]:
        long = replace(FORM, when=When(True, first, "2026-06-20"))
        return [replace(pair, base_advoware=long) for pair in rows(10)]

    first = seen().read.first
    before = (date.fromisoformat(first) - timedelta(days=1)).isoformat()
    assert list_hold(seen(pairs=since(before)), CalendarSide.advoware) is None
    assert list_hold(seen(pairs=since(first)), CalendarSide.advoware) is not None


def test_a_list_of_changes_lacks_nothing() -> None:
    assert list_hold(seen(pairs=rows(10)), CalendarSide.google) is None


@pytest.mark.parametrize("missing, again", [(MOST_SINGLE_READS, False), (MOST_SINGLE_READS + 1, True)])
@pytest.mark.parametrize("side", CalendarSide)
def test_a_list_is_read_again_before_more_single_reads_than_a_pass_makes(
    side: CalendarSide, missing: int, again: bool
) -> None:
    pairs = rows(60)
    termine = [termin(fr_nr=pair.fr_nr) for pair in pairs]
    events = [replace(event(), id=pair.google_id) for pair in pairs]
    shown = [*termine[missing:], *events] if side is CalendarSide.advoware else [*termine, *events[missing:]]
    found = needs(pairs, *shown, full_google=True)
    assert found.read_again == (side if again else None)
    if again:
        assert found == Needed(read_again=side)
    second = needs(pairs, *shown, full_google=True, second_reading=True)
    assert second.read_again is None
    assert len(second.termine) + len(second.events) == MOST_SINGLE_READS


@pytest.mark.parametrize(
    "pair, expected",
    [
        (row(), True),
        (row(base_google=None), False),
        (row(base_google=None, waiting=event()), True),
        (row(waiting=event()), True),
        (row(waiting=tombstone()), False),
    ],
    ids=["has a base", "never made", "shown, not settled yet", "shown again", "deleted, not settled yet"],
)
def test_which_events_a_complete_list_should_hold(pair: AppointmentPair, expected: bool) -> None:
    assert needs([pair], termin(), full_google=True).events == ((OWN,) if expected else ())
    assert needs([pair], termin()).events == ()


@pytest.mark.parametrize(
    "shown, expected",
    [
        ([termin()], False),
        ([termin(anwalt="AI")], True),
        ([], True),
        ([termin(uhrzeit_von="25:00")], False),
        ([termin(fr_nr=-7)], False),
    ],
    ids=["made again", "moved", "perhaps gone", "cannot be carried", "left out by the settings"],
)
def test_an_event_that_was_perhaps_made_is_read_where_it_may_have_to_go(
    shown: list[AdvowareTermin], expected: bool
) -> None:
    """Not in every pass for as long as nothing would be decided about it."""
    intent = AppointmentIntent(AppointmentAction.insert_event, ALL, sent=FORM, carried=FORM)
    number = shown[0].fr_nr if shown else FR_NR
    pair = row(fr_nr=number, base_advoware=None, base_google=None, intent=intent)
    assert needs([pair], *shown).events == ((OWN,) if expected else ())
    if expected:
        assert decided(pair, *shown).steps == ()


# --- Termine --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "pair, shown, number",
    [
        (UNLINKED, [event(properties=NAMES_99)], 99),
        (replace(UNLINKED, waiting=event(properties=NAMES_99)), [], 99),
        (UNLINKED, [event()], None),
        (UNLINKED, [], None),
        (replace(UNLINKED, decided={"ambiguous": "98"}), [event(properties=NAMES_99)], 98),
        (replace(UNLINKED, decided={"ambiguous": "new"}), [event()], None),
        (UNLINKED, [event(properties=NAMES_99), termin(fr_nr=99)], None),
    ],
    ids=["shown", "waits", "names none", "not shown", "a person named another", "new", "listed"],
)
def test_the_termin_that_an_event_without_one_names_is_read_first(
    pair: AppointmentPair, shown: list[Any], number: int | None
) -> None:
    assert needs([pair], *shown).termine == (() if number is None else (number,))


def test_the_termin_that_an_unknown_event_of_ours_names_is_read() -> None:
    assert needs([], event(properties=NAMES_99)).termine == (99,)
    assert needs([], replace(tombstone(), properties=NAMES_99)).termine == ()


def test_what_is_to_be_decided_about_is_read_before_what_is_only_missing() -> None:
    first, second = row(), row(google_id="other", id=2, fr_nr=8)
    assert needs([first, second], replace(event(), id="other", summary="neu")).termine == (8, 7)
    assert needs([a_series(first), second]).termine == (8,)


# --- Events without a Termin ----------------------------------------------------------------------------------------


def lone(pairs: list[AppointmentPair], *shown: CalendarEvent, **snapshot: Any) -> list[Lone]:
    return list(lone_events(seen(*shown, pairs=pairs, **snapshot)))


def test_an_unknown_event_has_a_row_from_then_on() -> None:
    (found,) = lone([], event())
    assert found.before is None
    assert found.pair == AppointmentPair(OWN, origin=CalendarSide.google, waiting=event(), etag='"2"')
    assert found.event == event()
    assert found.google.form == FORM


def test_an_event_that_comes_back_after_its_row_was_closed_has_that_row_again() -> None:
    """With who made it and what its Termin said: Google may never have shown that."""
    closed = row(id=5, shown=Shown.busy, etag="old").over(Closed.gone)
    (found,) = lone([], event(), closed=[closed, row(google_id="another", id=6)])
    assert found.pair == AppointmentPair(
        OWN,
        id=5,
        origin=CalendarSide.advoware,
        base_advoware=FORM,
        shown=Shown.busy,
        waiting=event(),
        etag='"2"',
        reopened=True,
    )


def test_an_event_without_a_termin_is_found_again_until_it_is_gone() -> None:
    waits = replace(UNLINKED, waiting=event())
    assert [(one.before, one.pair) for one in lone([waits])] == [(waits, replace(waits, etag='"2"'))]
    again = event(etag='"3"')
    assert [one.pair for one in lone([waits], again)] == [replace(waits, waiting=again, etag='"3"')]
    (gone,) = lone([waits], full_google=True, event_reads={OWN: GONE})
    assert gone.event == tombstone()


@pytest.mark.parametrize("shown", [tombstone(), event(event_type="birthday"), event(recurring_event_id="master")])
def test_what_is_no_new_event(shown: CalendarEvent) -> None:
    assert lone([], shown) == []


def test_an_event_that_a_row_knows_or_has_burnt_is_no_new_one() -> None:
    assert lone([row()], event()) == []
    assert lone([row(google_id="later", burnt=(OWN,))], event()) == []
    assert lone([], event(), closed=[row(google_id="later", burnt=(OWN,)).over(Closed.moved)]) == []


@pytest.mark.parametrize(
    "properties, number",
    [
        ({"advosyncFrNr": "7"}, None),
        ({"advosyncId": "another", "advosyncFrNr": "7"}, None),
        ({"advosyncId": OWN}, None),
        ({"advosyncId": OWN, "advosyncFrNr": "7"}, 7),
        ({"advosyncId": OWN, "advosyncFrNr": "-7"}, -7),
        ({"advosyncId": OWN, "advosyncFrNr": "7-"}, None),
        ({"advosyncId": OWN, "advosyncFrNr": "sieben"}, None),
        ({"advosyncId": OWN, "advosyncFrNr": "7" * 12}, 777777777777),
        ({"advosyncId": OWN, "advosyncFrNr": "7" * 13}, None),
    ],
)
def test_an_event_says_whose_it_is_only_under_its_own_id(properties: dict[str, str], number: int | None) -> None:
    assert own_number(event(properties=properties)) == number


def test_whose_an_event_is_counts_no_more_once_somebody_wants_it_as_a_new_one() -> None:
    """It came back after its Termin had gone too; or a person said so."""
    ours = event(properties={"advosyncId": OWN, "advosyncFrNr": "7"})
    (found,) = lone([], ours)
    assert named_number(found) == 7
    wanted = replace(found.pair, decided={"ambiguous": "new"})
    for pair in (replace(found.pair, reopened=True), wanted):
        assert named_number(replace(found, pair=pair)) is None
    asked_otherwise = replace(found.pair, decided={"conflict:text": "new"})
    assert named_number(replace(found, pair=asked_otherwise)) == 7
    assert (choice(wanted), choice(asked_otherwise)) == ("new", "")


def test_a_termin_without_a_row_is_one_of_this_calendar_that_no_row_has() -> None:
    plans = meet(seen(termin(), termin(fr_nr=8), termin(fr_nr=9, anwalt="AI"), pairs=[row()]))
    assert [plan.pair.fr_nr for plan in plans] == [8]


@pytest.mark.parametrize(
    "chosen, number", [("7", 7), ("new", None), ("-7", None), ("7" * 12, 777777777777), ("7" * 13, None), ("", None)]
)
def test_what_a_person_chose_is_a_number_or_none(chosen: str, number: int | None) -> None:
    assert chosen_number(row(decided={"first_meeting_far_away": chosen})) == number
    assert chosen_number(row(decided={"gone_and_changed": chosen})) is None


# --- What explains that a list lacks something ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "read, explained",
    [
        (None, False),
        (GONE, True),
        (SingleRead(ReadOutcome.found, termin=termin()), False),
        (SingleRead(ReadOutcome.found, termin=termin(anwalt="AI")), True),
        (SingleRead(ReadOutcome.found, termin=termin(datum="2028-06-02", datum_bis="2028-06-02")), True),
        (SingleRead(ReadOutcome.found, termin=termin(uhrzeit_von="25:00")), False),
    ],
    ids=["not read", "gone", "in its place", "of somebody else", "on another day", "not to be read"],
)
def test_what_a_single_read_does_not_find_in_its_place_explains_the_list(
    read: SingleRead | None, explained: bool
) -> None:
    reads = {} if read is None else {7: read}
    held = list_hold(seen(pairs=[row()], termin_reads=reads), CalendarSide.advoware)
    assert held == (None if explained else HeldEmployee(HoldReason.advoware_list_small, 1, 1))


@pytest.mark.parametrize("read, explained", [(None, False), (GONE, True), (SingleRead(ReadOutcome.found), False)])
def test_an_event_that_a_single_read_finds_gone_explains_the_list(read: SingleRead | None, explained: bool) -> None:
    reads = {} if read is None else {OWN: read}
    held = list_hold(seen(pairs=[row()], event_reads=reads, full_google=True), CalendarSide.google)
    assert held == (None if explained else HeldEmployee(HoldReason.google_list_small, 1, 1))
