"""Passes over HTTP: what each change costs in calls, and that a second pass writes nothing."""

from syncapp.models import CalendarMode
from tests.support.calendars import LISTS, Office, day, hours


class TestCost:
    """The table "Cost" of the calendar's pages, row by row."""

    def test_nothing_changed(self, office: Office) -> None:
        office.hire()
        for number in range(3):
            office.enter(number)
        result = office.sync()
        assert result.status == "clean", office.employee().fault
        assert sorted(event.summary for event in office.events()) == ["Besprechung"] * 3
        office.is_silent()

    def test_one_changed_in_advoware(self, office: Office) -> None:
        office.hire()
        fr_nr = office.enter()
        office.sync()
        office.edit(fr_nr, text="Verhandlung", uhrzeitBis="11:00:00")
        office.clear()
        office.sync()
        assert office.counts() == {"advoware": {"GET": 1}, "google": {"GET": 1, "PATCH": 1}}
        assert (office.event(fr_nr).summary, office.event(fr_nr).end.date_time[11:16]) == ("Verhandlung", "11:00")
        office.is_silent()

    def test_one_changed_in_google(self, office: Office) -> None:
        office.hire()
        fr_nr = office.enter()
        office.sync()
        office.in_google("change", office.row(fr_nr).google_id, summary="Verhandlung")
        office.clear()
        office.sync()
        assert office.counts() == {"advoware": {"GET": 3, "PUT": 1}, "google": {"GET": 1}}
        assert office.termine()[fr_nr]["text"] == "Verhandlung"
        office.is_silent()

    def test_one_new_in_advoware(self, office: Office) -> None:
        office.hire()
        office.sync()
        office.enter()
        office.clear()
        office.sync()
        assert office.counts() == {"advoware": {"GET": 1}, "google": {"GET": 1, "POST": 1}}
        office.is_silent()

    def test_one_new_in_google(self, office: Office) -> None:
        office.hire()
        office.sync()
        office.type_in()
        office.clear()
        office.sync()
        assert office.counts() == {"advoware": {"GET": 2, "POST": 1}, "google": {"GET": 1}}
        (termin,) = office.termine().values()
        assert (termin["text"], termin["datum"][:10], termin["uhrzeitVon"]) == ("Zahnarzt", day(2), "09:00:00")
        office.is_silent()


class TestModes:
    def test_shadow_plans_and_writes_nothing(self, office: Office) -> None:
        office.hire(mode=CalendarMode.SHADOW)
        office.enter()
        office.type_in()
        office.clear()
        office.sync()
        assert office.writes() == 0
        assert office.employee().planned["of"] == {"insert_event": 1, "post_termin": 1}
        assert office.last_pass().outcome == "shadow"
        assert not office.rows()

    def test_a_calendar_that_is_not_made_yet_shows_its_plan(self, office: Office) -> None:
        office.hire(mode=CalendarMode.SHADOW, calendar_id="")
        office.enter()
        office.sync()
        assert office.employee().planned["of"] == {"insert_event": 1}

    def test_without_the_right_to_write_an_event_stays_in_google(self, office: Office) -> None:
        office.hire(write_to_advoware=False)
        office.sync()
        own = office.type_in()
        office.sync()
        assert office.termine() == {}
        row = office.rows()[None]
        assert (row.google_id, row.status, row.reports[0]["code"]) == (own, "only_in_google", "only_in_google")
        office.is_silent()


def test_both_sides_change_the_same_appointment(office: Office) -> None:
    office.hire()
    fr_nr = office.enter()
    office.sync()
    office.edit(fr_nr, text="in Advoware", ort="Saal 1")
    office.in_google("change", office.row(fr_nr).google_id, summary="in Google", **hours(1, "12:00", "13:00"))
    office.sync()
    termin, event = office.termine()[fr_nr], office.event(fr_nr)
    assert (termin["text"], termin["ort"], termin["uhrzeitVon"]) == ("in Advoware", "Saal 1", "12:00:00")
    assert (event.summary, event.location, event.start.date_time[11:16]) == ("in Advoware", "Saal 1", "12:00")
    conflict = office.row(fr_nr).conflicts.get()
    assert (conflict.field, conflict.side, conflict.lost, conflict.kept) == (
        "text",
        "google",
        "in Google",
        "in Advoware",
    )
    assert office.writes() > 0
    office.is_silent()


def test_lists_is_what_a_silent_pass_costs(office: Office) -> None:
    office.hire()
    office.sync()
    office.clear()
    office.sync()
    assert office.counts() == LISTS
