"""Rows that are older than both systems: after a database of yesterday was put back."""

from dataclasses import replace

import pytest

from syncapp.core.appointments.pairs.generations import caught_up
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.plan_shapes import PairReportCode
from syncapp.core.appointments.rows import AppointmentAction, PairStatus
from tests.core.appointments.world import Calendar, at

DAY = "2026-06-02"


def settled() -> Calendar:
    """One Termin and its event."""
    made = Calendar()
    made.advoware.enter(text="Termin", **at(DAY))
    made.settle()
    return made


def made_again(calendar: Calendar) -> str:
    """Somebody deletes the event, and a pass makes it again; the id that it has now."""
    (event,) = calendar.google.alive()
    calendar.google.remove(event.id)
    calendar.settle()
    (event,) = calendar.google.alive()
    return event.id


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("daily", [True, False])
def test_the_row_follows_its_event_through_the_generations(times: int, daily: bool) -> None:
    calendar = settled()
    rows, token = dict(calendar.rows), calendar.token
    last = [made_again(calendar) for _time in range(times)][-1]
    calendar.rows, calendar.token = rows, token
    assert calendar.sync(daily=daily) == 0
    (row,) = calendar.open_rows()
    assert (row.google_id, row.generation, len(row.burnt)) == (last, times, times)
    assert row.status is PairStatus.ok
    calendar.settle()
    assert [event.id for event in calendar.google.alive()] == [last]


def test_what_was_edited_since_is_merged_with_what_the_older_row_knows() -> None:
    calendar = settled()
    rows, token = dict(calendar.rows), calendar.token
    last = made_again(calendar)
    calendar.google.change(last, location="Saal 7")
    (number,) = calendar.advoware.termine
    calendar.advoware.change(number, text="Termin verlegt")
    calendar.rows, calendar.token = rows, token
    calendar.settle()
    assert calendar.advoware.termine[number].ort == "Saal 7"
    assert calendar.google.events[last].summary == "Termin verlegt"
    assert not [one for one in calendar.reports if one.lost]


def test_an_older_event_beside_the_living_one_is_told_and_never_followed() -> None:
    """It came back from the trash, and the row of a still older database knows neither."""
    calendar = settled()
    (first,) = calendar.google.alive()
    last = made_again(calendar)
    calendar.rows, calendar.token = {}, None
    calendar.google.restore(first)
    calendar.sync(daily=True)
    statuses = sorted((row.status.value, row.fr_nr is not None) for row in calendar.open_rows())
    assert statuses == [("ok", True), ("only_in_google", False)]
    assert PairReportCode.orphan in [report.code for report in calendar.reports]
    assert calendar.sync(daily=True) == 0
    assert {event.id for event in calendar.google.alive()} == {first.id, last}


def test_an_id_that_another_row_has_is_not_taken() -> None:
    """As an older version left it: the event of the next generation in a row of its own."""
    calendar = settled()
    (row,) = calendar.open_rows()
    stored = dict(calendar.rows)
    last = made_again(calendar)
    calendar.rows = stored
    other = replace(row, id=99, google_id=last, fr_nr=None, status=PairStatus.only_in_google, generation=0, burnt=())
    calendar.rows[99] = other
    calendar.sync(daily=True)
    steps = [step for step in calendar.last.steps if step.action is AppointmentAction.insert_event]
    assert [step.google_id for step in steps] not in ([last], [row.google_id])
    assert len({one.google_id for one in calendar.rows.values()}) == len(calendar.rows)


def test_a_number_that_a_person_named_and_that_reads_as_empty_is_gone_after_an_hour() -> None:
    """Advoware answers 200 with nothing for what is no longer there: the event does not wait for ever."""
    calendar = Calendar()
    calendar.advoware.single_is_empty = True
    number = calendar.advoware.enter(text="Termin", **at(DAY))
    calendar.settle()
    calendar.rows, calendar.token = {}, None
    del calendar.advoware.termine[number]
    calendar.sync(daily=True)
    (row,) = calendar.open_rows()
    assert row.empty_since is not None
    calendar.sync(daily=True, minutes=61)
    assert PairReportCode.orphan in [report.code for report in calendar.reports]


def test_a_row_that_follows_keeps_its_bases_and_one_whose_event_is_only_gone_stays() -> None:
    """The bases are the last that both sides are known to have had: what was edited since counts as an edit."""
    calendar = settled()
    other = calendar.advoware.enter(text="anderer", **at(DAY))
    calendar.settle()
    kept = calendar.backed_up()
    first, gone = (calendar.row(number).google_id for number in (other - 1, other))
    calendar.google.remove(first)
    calendar.settle()
    last = calendar.row(other - 1).google_id
    calendar.google.remove(gone)
    calendar.put_back(kept)
    snapshot, _token = calendar.snapshot()
    followed, stayed = caught_up(IndexedSnapshot(snapshot)).pairs
    assert (followed.google_id, followed.burnt) == (last, (first,))
    assert followed.base_google == followed.base_advoware == snapshot.pairs[0].base_google is not None
    assert stayed == snapshot.pairs[1]
