"""Appointments of the two nights in which Berlin changes its clocks keep their hours, in both directions."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from syncapp.core.values import BERLIN
from tests.support.calendars import Office


def nights() -> list[date]:
    """The next two nights with a changed clock, in spring and in autumn, the nearer one first."""

    def offset(day: date) -> timedelta | None:
        return datetime.combine(day, time(12), tzinfo=BERLIN).utcoffset()

    days = [date.today() + timedelta(days=number) for number in range(1, 365)]
    return [day for day in days if offset(day) != offset(day - timedelta(days=1))]


HOURS = {
    "before": ("00:30", "01:30"),
    "over the change": ("01:30", "03:30"),
    "after": ("03:00", "04:15"),
    "the evening": ("20:00", "21:00"),
}


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=BERLIN)


def of_google(day: date, clock: str) -> dict[str, str]:
    return {"dateTime": f"{day}T{clock}:00", "timeZone": "Europe/Berlin"}


@pytest.fixture
def far_sighted(office: Office, settings: Any) -> Office:
    settings.CALENDAR_FUTURE_DAYS = 400
    office.hire()
    return office


def test_from_advoware_to_google(far_sighted: Office) -> None:
    office, expected = far_sighted, {}
    for night in nights():
        for name, (start, end) in HOURS.items():
            times = {"datum": str(night), "uhrzeitVon": f"{start}:00", "uhrzeitBis": f"{end}:00"}
            expected[office.enter(text=name, **times)] = (at(night, start), at(night, end))
    office.sync(full=True)
    for fr_nr, (start, end) in expected.items():
        event = office.event(fr_nr)
        shown = [datetime.fromisoformat(moment.date_time) for moment in (event.start, event.end)]
        assert [moment.replace(tzinfo=moment.tzinfo or BERLIN).timestamp() for moment in shown] == [
            start.timestamp(),
            end.timestamp(),
        ], event


def test_from_google_to_advoware(far_sighted: Office) -> None:
    office = far_sighted
    for night in nights():
        for name, (start, end) in HOURS.items():
            office.type_in(summary=f"{night} {name}", start=of_google(night, start), end=of_google(night, end))
    office.sync(full=True)
    found = {
        row["text"]: (row["datum"][:10], row["uhrzeitVon"][:5], row["uhrzeitBis"][:5])
        for row in office.termine().values()
    }
    assert found == {
        f"{night} {name}": (str(night), start, end) for night in nights() for name, (start, end) in HOURS.items()
    }


def test_moved_over_the_change_and_back(far_sighted: Office) -> None:
    """The same hours of the day on both sides of it: what is moved by a week is not moved by an hour as well."""
    office = far_sighted
    for night in nights():
        week_before = night - timedelta(days=7)
        fr_nr = office.enter(datum=str(week_before), uhrzeitVon="09:00:00", uhrzeitBis="10:00:00")
        office.sync(full=True)
        own = office.row(fr_nr).google_id
        office.in_google("change", own, start=of_google(night, "09:00"), end=of_google(night, "10:00"))
        office.sync(full=True)
        termin = office.termine()[fr_nr]
        assert (termin["datum"][:10], termin["uhrzeitVon"][:5]) == (str(night), "09:00")
        office.edit(fr_nr, datum=f"{week_before}T09:00:00")
        office.sync(full=True)
        start = datetime.fromisoformat(office.event(fr_nr).start.date_time)
        assert start.replace(tzinfo=start.tzinfo or BERLIN).timestamp() == at(week_before, "09:00").timestamp()
