"""The plan for an employee as a whole: what it need not look into, what waits, what comes back, in which order."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from syncapp.core.appointments import plan as planning
from syncapp.core.appointments.forms.canonical import Group
from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.forms.reasons import SilentNote
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.pairs.situation import event_id
from syncapp.core.appointments.plan import narrowed, plan
from syncapp.core.appointments.plan_shapes import (
    Lost,
    PairPlan,
    PairReport,
    PairReportCode,
    PairRow,
    Plan,
    ReadOutcome,
    SingleRead,
)
from syncapp.core.appointments.policy import CalendarPolicy, CalendarSide
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
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent
from tests.core.appointments.linked_pair import (
    EMPTY,
    FORM,
    FR_NR,
    GONE,
    LATER,
    OWN,
    event,
    row,
    seen,
    termin,
    tombstone,
)
from tests.core.appointments.world import NOON

AMTSGERICHT = replace(FORM, text="Amtsgericht")
PRIVATE = replace(FORM, privat=True)
ALL_DAY = replace(FORM, when=When(True, "2026-06-02", "2026-06-02"))
FAR = replace(FORM, when=When(False, "2028-06-02T09:00", "2028-06-02T10:00"))
DELETE = AppointmentAction.delete_event
DELETION = AppointmentIntent(DELETE)


def planned(pairs: Sequence[AppointmentPair], *shown: AdvowareTermin | CalendarEvent, **circumstances: Any) -> Plan:
    return plan(seen(*shown, pairs=pairs, **circumstances).snapshot)


# --- Rows that nothing has touched ----------------------------------------------------------------------------------


@contextmanager
def decisions() -> Iterator[mock.Mock]:
    """The rows that the decision table was asked about."""
    with mock.patch.object(planning, "decide", side_effect=planning.decide) as asked:
        yield asked


UNTOUCHED: dict[str, tuple[AppointmentPair, list[Any], dict[str, Any]]] = {
    "no news of it": (row(), [termin()], {}),
    "the version of the event that the base was read from": (row(etag='"2"'), [termin(), event()], {}),
    "the same in a complete list": (row(etag='"2"'), [termin(), event()], {"full_google": True}),
    "out of the window, and known as such": (
        row(base_advoware=FAR, base_google=FAR, resting=True),
        [termin(FAR)],
        {},
    ),
    "its note is known": (
        row(
            notes=frozenset({SilentNote.missing_time}),
            base_advoware=ALL_DAY,
        ),
        [termin(uhrzeit_von="", uhrzeit_bis="")],
        {},
    ),
}


@pytest.mark.parametrize("name", UNTOUCHED)
def test_a_row_that_nothing_has_touched_is_not_even_looked_into(name: str) -> None:
    pair, shown, circumstances = UNTOUCHED[name]
    with decisions() as asked:
        assert planned([pair], *shown, **circumstances) == Plan()
    asked.assert_not_called()


TOUCHED: dict[str, tuple[AppointmentPair, list[Any], dict[str, Any]]] = {
    "a person is asked": (row(status=PairStatus.ask), [termin()], {}),
    "it failed": (row(status=PairStatus.failed), [termin()], {}),
    "a write without an answer": (row(intent=DELETION), [termin()], {}),
    "news of Google wait": (row(waiting=event(AMTSGERICHT)), [termin()], {}),
    "a person has decided": (row(decided={"conflict:text": "google"}), [termin()], {}),
    "its single read was empty": (row(empty_since=NOON), [termin()], {}),
    "shown with less than there is": (row(shown=Shown.busy), [termin()], {}),
    "exceptions are known": (row(exceptions=(SeriesException("2026-06-09"),)), [termin()], {}),
    "an exception is shown": (row(), [termin(), CalendarEvent("own_1", recurring_event_id=OWN)], {}),
    "anonymous from now on": (row(), [termin()], {"full_content": False}),
    "another version of the event": (row(), [termin(), event()], {}),
    "an event without a version": (row(etag=""), [termin(), event(etag="")], {}),
    "not in a complete list": (row(), [termin()], {"full_google": True}),
    "not in Advoware's list": (row(), [], {}),
    "private": (row(base_advoware=PRIVATE, base_google=PRIVATE), [termin(PRIVATE)], {}),
    "of somebody else": (row(), [termin(anwalt="AI")], {}),
    "of somebody else, as it was": (row(anwalt="AI"), [termin(anwalt="AI")], {}),
    "another version of the Termin": (row(), [termin(stamp="two")], {}),
    "another form of the Termin": (row(), [termin(AMTSGERICHT)], {}),
    "called what it was before": (row(kind=Kind.series), [termin()], {}),
    "a Termin that nobody can read": (row(), [termin(uhrzeit_von="25:00")], {}),
    "not yet in Google": (row(base_google=None), [termin()], {}),
    "a new note": (
        row(base_advoware=ALL_DAY),
        [termin(uhrzeit_von="", uhrzeit_bis="")],
        {},
    ),
    "out of the window from now on": (row(base_advoware=FAR, base_google=FAR), [termin(FAR)], {}),
}


@pytest.mark.parametrize("name", TOUCHED)
def test_whatever_touches_a_row_has_it_looked_into(name: str) -> None:
    pair, shown, circumstances = TOUCHED[name]
    with decisions() as asked:
        planned([pair], *shown, **circumstances)
    assert [call.args[1] for call in asked.call_args_list] == [pair]


# --- Rows that wait for their next attempt --------------------------------------------------------------------------

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "wait_until, force, due",
    [(NOON - MINUTE, False, True), (NOON, False, True), (NOON + MINUTE, False, False), (NOON + MINUTE, True, True)],
)
def test_a_row_that_failed_is_tried_again_when_its_time_has_come(wait_until: Any, force: bool, due: bool) -> None:
    failed = row(status=PairStatus.failed, wait_until=wait_until)
    steps = planned([failed], termin(AMTSGERICHT), event(), force=force).steps
    assert [step.action for step in steps] == ([AppointmentAction.patch_event] if due else [])


def test_what_google_shows_of_a_row_that_waits_is_remembered() -> None:
    """Its feed will not show it again."""
    failed = row(status=PairStatus.failed, wait_until=NOON + MINUTE)
    news = event(AMTSGERICHT)
    assert planned([failed], termin(), news).pairs == (PairPlan(PairRow.unseen, failed, replace(failed, waiting=news)),)
    assert planned([failed], termin()) == Plan()
    waits = replace(failed, waiting=news)
    assert planned([waits], termin()) == Plan()


# --- Events that come back from the trash ---------------------------------------------------------------------------


def old_event(own: str = "old", **values: Any) -> CalendarEvent:
    return replace(event(), id=own, etag='"9"', **values)


def deletion(own: str = "old", closes: Closed | None = None) -> PlannedStep:
    return PlannedStep(DELETION, own, '"9"', closes=closes)


def test_an_event_from_the_trash_goes_again_and_its_row_stays() -> None:
    pair = row(burnt=("old",))
    assert planned([pair], termin(), old_event()).pairs == (
        PairPlan(PairRow.returned_from_trash, pair, pair, (deletion(),), put_off=pair),
    )


def test_a_tombstone_of_an_old_event_is_nothing_new() -> None:
    assert planned([row(burnt=("old",))], termin(), replace(tombstone(), id="old")) == Plan()


def test_an_event_from_the_trash_of_a_termin_that_has_moved_goes_again() -> None:
    closed = row(burnt=("older",)).over(Closed.moved)
    own, older = replace(event(), etag='"9"'), old_event("older")
    (found,) = planned([], own, older, closed=[closed]).pairs
    assert (found.row, found.before, found.pair, found.put_off) == (PairRow.returned_from_trash, closed, closed, closed)
    assert set(found.steps) == {deletion(OWN, Closed.moved), deletion("older", Closed.moved)}


def test_what_its_row_has_to_write_comes_first() -> None:
    pair = row(burnt=("old",))
    (found,) = planned([pair], termin(AMTSGERICHT), event(), old_event()).pairs
    assert found.row is PairRow.returned_from_trash
    assert [step.action for step in found.steps] == [AppointmentAction.patch_event, DELETE]
    assert found.put_off == row(burnt=("old",), etag='"2"')
    assert found.pair == found.put_off


def test_what_its_row_remembers_is_kept_where_the_deletion_has_to_wait() -> None:
    pair = row(burnt=("old",))
    (found,) = planned([pair], termin(AMTSGERICHT), event(AMTSGERICHT), old_event()).pairs
    assert found.steps == (deletion(),)
    assert found.pair == row(burnt=("old",), etag='"2"', base_advoware=AMTSGERICHT, base_google=AMTSGERICHT)
    assert found.put_off == found.pair


def test_a_termin_that_has_come_back_is_made_again_before_its_old_event_goes_again() -> None:
    """A new row: where both have to wait for a later pass there is nothing to remember."""
    closed = row(base_google=None).over(Closed.moved)
    (found,) = planned([], termin(), replace(event(), etag='"9"'), closed=[closed]).pairs
    assert [(step.action, step.google_id) for step in found.steps] == [
        (AppointmentAction.insert_event, event_id(seen(), FR_NR, 1)),
        (DELETE, OWN),
    ]
    assert (found.row, found.before, found.pair.id, found.put_off) == (PairRow.returned_from_trash, None, 1, None)


def test_each_event_from_the_trash_goes_with_the_row_that_burnt_its_id() -> None:
    """And what other rows have to do stays theirs."""
    one = row(burnt=("old",))
    other = row(google_id="other", id=2, fr_nr=8, burnt=("others",))
    third = row(google_id="third", id=3, fr_nr=9)
    found = planned(
        [one, other, third],
        termin(),
        termin(fr_nr=8),
        termin(AMTSGERICHT, fr_nr=9),
        replace(event(), id="third"),
        old_event(),
        old_event("others"),
    )
    rows = {planned_one.pair.id: planned_one for planned_one in found.pairs}
    assert rows[1].steps == (deletion(),)
    assert rows[2].steps == (deletion("others"),)
    assert [step.action for step in rows[3].steps] == [AppointmentAction.patch_event]
    assert rows[3].row is PairRow.changed_in_advoware


def test_what_was_typed_into_events_from_the_trash_is_told_for_each_of_them() -> None:
    pair = row(burnt=("same", "unreadable", "typed"), base_advoware=AMTSGERICHT)
    found = planned(
        [pair],
        termin(AMTSGERICHT),
        old_event("same"),
        old_event("unreadable", recurrence=("RRULE:FREQ=HOURLY",)),
        old_event("typed", summary="Zahnarzt"),
    ).pairs[0]
    assert len(found.steps) == 3
    lost = (Lost(Group.text, CalendarSide.google, "Zahnarzt", "Gericht"),)
    assert found.reports == (PairReport(PairReportCode.conflict, groups=frozenset({Group.text}), lost=lost),)


def test_an_event_from_the_trash_is_held_against_the_termin_where_google_has_no_base() -> None:
    """Its row is being made again; where it has no base at all nobody can say what was typed."""
    typed = old_event(summary="Zahnarzt")
    pair = row(burnt=("old",), base_google=None, base_advoware=AMTSGERICHT, status=PairStatus.unsupported)
    broken = termin(uhrzeit_von="25:00")
    (report,) = [one for one in planned([pair], broken, typed).pairs[0].reports if one.code is PairReportCode.conflict]
    assert report.lost == (Lost(Group.text, CalendarSide.google, "Zahnarzt", "Amtsgericht"),)
    pair = replace(pair, base_advoware=None)
    told = [one.code for one in planned([pair], broken, typed).pairs[0].reports]
    assert told == [PairReportCode.unsupported]


# --- A row that is older than its event -----------------------------------------------------------------------------


def test_what_changes_is_told_by_the_row_as_it_is_stored() -> None:
    """The database is of yesterday: since then its event was deleted and made again. Other rows are what they are."""
    policy = CalendarPolicy(installation="office")
    first, second = (event_id(seen(policy=policy), FR_NR, generation) for generation in (0, 1))
    stored = row(google_id=first)
    other = row(google_id="other", id=2, fr_nr=8)
    found = planned(
        [stored, other],
        termin(),
        termin(AMTSGERICHT, fr_nr=8),
        replace(tombstone(), id=first),
        replace(event(), id=second, properties={"advosyncId": second, "advosyncFrNr": "7"}),
        replace(event(), id="other"),
        replace(event(replace(FORM, text="Zahnarzt")), id="new"),
        policy=policy,
    )
    rows = {one.pair.google_id: one for one in found.pairs}
    assert rows[second].before == stored
    assert rows[second].pair == replace(stored, google_id=second, generation=1, burnt=(first,), etag='"2"')
    assert rows["other"].before == other
    assert rows["new"].before is None
    assert len(rows) == 3


# --- Order ----------------------------------------------------------------------------------------------------------


def test_what_is_only_remembered_comes_first_and_deletions_come_last() -> None:
    """So that nothing goes before everything else has arrived."""
    numbers = {"gone": 1, "patched": 2, "put": 3, "agreed": 4}
    pairs = [row(google_id=own, id=number, fr_nr=number) for own, number in numbers.items()]
    found = planned(
        pairs,
        termin(AMTSGERICHT, fr_nr=2),
        termin(fr_nr=3),
        termin(AMTSGERICHT, fr_nr=4),
        replace(event(), id="patched"),
        replace(event(AMTSGERICHT), id="put"),
        replace(event(AMTSGERICHT), id="agreed"),
        replace(event(replace(FORM, text="Zahnarzt")), id="posted"),
        termin_reads={1: GONE},
    )
    assert [one.pair.google_id for one in found.pairs] == ["agreed", "posted", "put", "patched", "gone"]
    counted = [found.count(action) for action in AppointmentAction]
    assert counted == [1, 1, 1, 0, 0, 1, 0]  # post, put, patch, insert, words of occurrences and the two deletions


# --- One pair decided anew ------------------------------------------------------------------------------------------


def test_a_pair_that_is_decided_anew_takes_along_what_was_read_of_it_alone() -> None:
    pair, other = row(), row(google_id="other", id=2, fr_nr=8)
    own, exception = event(), CalendarEvent("own_1", recurring_event_id=OWN)
    found = SingleRead(ReadOutcome.found, event=own)
    whole = seen(
        termin(),
        termin(fr_nr=8),
        own,
        exception,
        replace(own, id="other"),
        pairs=[pair, other],
        closed=[row(google_id="closed", id=3)],
        termin_reads={FR_NR: EMPTY, 8: GONE},
        event_reads={OWN: found, "other": found},
        full_google=True,
    ).snapshot
    alone = replace(
        whole,
        pairs=(pair,),
        closed=(),
        termine=[termin()],
        events=[own, exception],
        termin_reads={FR_NR: EMPTY},
        event_reads={OWN: found},
        whole=False,
    )
    assert narrowed(whole, pair) == alone
    assert narrowed(whole, pair, termin=GONE) == replace(alone, termine=[], termin_reads={FR_NR: GONE})
    later = event(replace(FORM, when=LATER))
    assert narrowed(whole, pair, event=later) == replace(alone, events=[exception, later])
    unlinked = replace(pair, fr_nr=None)
    assert narrowed(whole, unlinked, termin=GONE) == replace(alone, pairs=(unlinked,), termine=[], termin_reads={})
