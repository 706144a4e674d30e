"""What goes wrong elsewhere: the numbered stories of other people's calendar syncs, each a test that bears its number.

The numbers are those of the collection that this project started from; those that are missing here need HTTP, quotas or
shares, and stand with the remote client and the pass.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from syncapp.core.appointments.policy import CalendarOwner, DeleteInAdvoware, FirmWide
from syncapp.core.appointments.rows import AppointmentAction, PairStatus
from syncapp.core.appointments.shapes import EventChange, GoogleTime
from tests.core.appointments.firm import DAY, MORNING, calendar, from_google, linked, quiet
from tests.core.appointments.world import Calendar, at, timed, whole_days

WEEKLY = {"dauertermin": True, "turnus": 1, "turnus_art": 2}


@pytest.mark.parametrize("side", ["advoware", "google"])
def test_story_1_moved_out_of_the_window_and_back(side: str) -> None:
    one, number = linked()
    for day in ("2028-06-02", DAY):
        if side == "advoware":
            one.advoware.change(number, **at(day))
        else:
            one.google.change(one.event(number).id, **timed(f"{day}T09:00", f"{day}T10:00"))
        one.sync()
        one.sync(daily=True)
        assert len(one.advoware.termine) == len(one.google.alive()) == 1
        one.assert_equal()
        quiet(one)
    assert AppointmentAction.delete_event not in {step.action for step in one.last.steps}


def test_story_2_days_go_by_over_a_yearly_item_at_the_edge() -> None:
    one = calendar()
    yearly = {**at("2027-06-04"), "datum_bis": "", "dauertermin": True, "turnus": 1, "turnus_art": 4}
    one.advoware.enter(text="Jubiläum", **yearly)
    writes = 0
    for _ in range(10):
        writes += one.sync(minutes=24 * 60)
    assert writes == 1
    assert len(one.google.alive()) == 1


def test_story_3_from_before_the_window_to_tomorrow() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", **at("2026-04-22"))
    one.sync()
    one.advoware.change(number, **at(DAY))
    assert one.sync() == 1
    one.now += timedelta(days=40)
    one.sync()
    one.google.change(one.event(number).id, **timed("2026-07-20T09:00", "2026-07-20T10:00"))
    one.sync()
    one.assert_equal()
    assert len(one.google.alive()) == 1


def test_story_4_a_copy_is_new_and_the_first_one_untouched() -> None:
    one, number = linked()
    first = one.event(number)
    one.google.enter("copy", summary=first.summary, properties=dict(first.properties), **MORNING)
    one.sync()
    assert len(one.advoware.termine) == 2
    assert one.event(number) == first
    second = max(one.advoware.termine)
    assert one.row(second).google_id == "copy"
    one.advoware.change(second, ort="Saal 9")
    one.sync()
    assert one.google.events["copy"].properties == {"advosyncId": "copy", "advosyncFrNr": str(second)}
    quiet(one)


@pytest.mark.parametrize("side", ["advoware", "google"])
def test_story_5_a_list_is_empty_once(side: str) -> None:
    one = calendar()
    for index in range(12):
        one.advoware.enter(text=f"T{index}", **at(DAY))
    one.sync()
    one.advoware.listing = (lambda _: []) if side == "advoware" else one.advoware.listing
    one.google.list_fault = (lambda _: []) if side == "google" else one.google.list_fault
    one.google.token_expired = True
    assert one.sync() == 0
    one.advoware.listing = one.google.list_fault = lambda found: found
    quiet(one)
    assert len(one.advoware.termine) == len(one.google.alive()) == 12


@pytest.mark.parametrize("start, end", [("23:30:00", "23:45:00"), ("00:30:00", "00:45:00")])
@pytest.mark.parametrize("days, made", [(-31, 0), (-30, 1), (365, 1), (366, 0)])
def test_story_6_the_windows_border_is_a_local_midnight(start: str, end: str, days: int, made: int) -> None:
    for now in (datetime(2026, 6, 1, 21, 59, tzinfo=UTC), datetime(2026, 5, 31, 22, 1, tzinfo=UTC)):
        one = Calendar(now=now - timedelta(minutes=15))
        day = (datetime(2026, 6, 1) + timedelta(days=days)).date().isoformat()
        one.advoware.enter(text="am Rand", **at(day, start, end))
        assert one.sync() == made
        assert one.sync(minutes=0, daily=True) == 0


def test_story_7_an_edit_between_our_read_and_our_write() -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht")
    one.before_step = lambda step: _edit_once(one, number)
    one.sync()
    one.assert_equal()
    assert (one.event(number).summary, one.event(number).location) == ("Amtsgericht", "Saal 4")
    quiet(one)


def _edit_once(one: Calendar, number: int) -> None:
    one.before_step = lambda step: None
    one.google.change(one.event(number).id, location="Saal 4")


def test_story_8_deleted_on_both_sides() -> None:
    one, number = linked()
    one.google.remove(one.event(number).id)
    del one.advoware.termine[number]
    assert one.sync() == 0
    quiet(one)


@pytest.mark.parametrize("tombstones", [True, False])
def test_story_9_the_token_expires_while_something_is_deleted(tombstones: bool) -> None:
    one, number = from_google()
    other = one.advoware.enter(text="bleibt", **at(DAY))
    one.sync()
    one.google.keeps_tombstones = tombstones
    one.google.remove("made-here")
    one.google.token_expired = True
    assert one.sync() == 1
    assert list(one.advoware.termine) == [other]
    assert number not in one.advoware.termine
    quiet(one)


def test_story_10_deleted_in_google_then_changed_in_advoware() -> None:
    one, number = linked()
    burnt = one.event(number).id
    one.google.remove(burnt)
    one.advoware.change(number, text="Amtsgericht")
    one.sync()
    assert one.event(number).id != burnt
    assert one.event(number).summary == "Amtsgericht"
    quiet(one)


def test_story_11_the_last_one_is_really_deleted() -> None:
    one, number = linked()
    del one.advoware.termine[number]
    one.sync()
    assert one.last.held is None
    assert not one.google.alive()


def test_story_12_an_update_keeps_its_id() -> None:
    one, number = linked()
    own = one.event(number).id
    for change in ({"text": "A"}, at("2026-07-01"), {"privat": True}, WEEKLY, {"dauertermin": False}):
        one.advoware.change(number, **change)
        one.sync()
        assert [event.id for event in one.google.alive()] == [own]


def test_story_13_a_second_run_is_silent_whatever_the_server_normalises() -> None:
    one = calendar()
    one.advoware.enter(text="  Gericht  ", notiz="\r\n eins\r\nzwei \r\n", ort="\tSaal", **at(DAY))
    one.sync()
    quiet(one)


def test_story_14_both_sides_are_filled_with_equal_items() -> None:
    one = calendar()
    for index in range(30):
        one.advoware.enter(text=f"T{index}", **at(DAY))
        one.google.enter(f"a{index}", summary=f"T{index}", **MORNING)
    assert one.sync() == 0
    assert len(one.advoware.termine) == len(one.google.alive()) == 30
    quiet(one)


def test_story_15_a_termin_in_two_calendars_does_not_loop() -> None:
    one = calendar(firm_wide=FirmWide.copy)
    two = Calendar(advoware=one.advoware, employee=CalendarOwner("AI", "ai@calendar"), policy=one.policy)
    number = one.advoware.enter("ALLE", text="Feier", **at(DAY))
    one.advoware.listing = lambda _: list(one.advoware.termine.values())
    for _ in range(5):
        one.sync()
        two.sync()
    one.advoware.change(number, text="Sommerfest")
    assert [one.sync(), two.sync(), one.sync(), two.sync()] == [1, 1, 0, 0]
    assert len(one.google.alive()) == len(two.google.alive()) == 1


def test_story_15_both_copies_changed_differently_is_a_conflict_between_copies() -> None:
    one = calendar()
    two = Calendar(advoware=one.advoware, employee=CalendarOwner("AI", "ai@calendar", write_to_advoware=True))
    number = one.advoware.enter("SB, AI", text="Besprechung", **at(DAY))
    one.advoware.listing = lambda _: list(one.advoware.termine.values())
    one.sync()
    two.sync()
    one.google.change(one.event(number).id, summary="eins")
    two.google.change(two.event(number).id, summary="zwei")
    one.sync()
    two.copies = frozenset({number})
    two.sync()
    assert two.told() == ["conflict_between_copies"]
    assert one.advoware.termine[number].text == two.event(number).summary == "eins"
    quiet(one)
    quiet(two)


@pytest.mark.parametrize("fault", ["before", "after"])
def test_story_16_answers_of_google_lost_ten_times(fault: str) -> None:
    one = calendar()
    one.advoware.enter(text="Jour fixe", **(at(DAY) | WEEKLY | {"datum_bis": "2026-12-31"}))
    one.google.faults.coming = [fault] * 10
    for _ in range(12):
        one.sync()
    assert len(one.google.alive()) == 1
    quiet(one)


def test_story_16_answers_of_advoware_lost_ten_times() -> None:
    one, number = linked()
    one.advoware.faults.coming = ["after"] * 10
    for index in range(10):
        one.google.change(one.event(number).id, summary=f"T{index}")
        one.google.enter(f"a{index}", summary=f"neu {index}", **MORNING)
        one.sync()
    one.sync()
    assert len(one.advoware.termine) == len(one.google.alive()) == 11
    one.assert_equal()
    quiet(one)


def test_story_17_a_weekly_series_over_both_changes_of_the_clock() -> None:
    one = calendar(future_days=700)
    number = one.advoware.enter(text="Jour fixe", **(at("2026-09-07") | WEEKLY | {"datum_bis": "2027-05-31"}))
    one.sync()
    event = one.event(number)
    assert event.start == GoogleTime(date_time="2026-09-07T09:00:00+02:00", time_zone="Europe/Berlin")
    assert event.recurrence == ("RRULE:FREQ=WEEKLY;INTERVAL=1;UNTIL=20270531T215959Z",)
    one.google.change(event.id, summary="Jour fixe neu")
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "09:00:00"
    quiet(one)


@pytest.mark.parametrize(
    "last, until", [("2026-10-24", "T215959Z"), ("2026-10-25", "T225959Z"), ("2027-03-28", "T215959Z")]
)
def test_story_18_a_series_that_ends_at_the_change_of_the_clock(last: str, until: str) -> None:
    one = calendar()
    number = one.advoware.enter(text="täglich", **(at(DAY) | WEEKLY | {"turnus_art": 1, "datum_bis": last}))
    one.sync()
    assert one.event(number).recurrence == (f"RRULE:FREQ=DAILY;INTERVAL=1;UNTIL={last.replace('-', '')}{until}",)
    one.google.change(one.event(number).id, **timed(f"{DAY}T11:00", f"{DAY}T12:00"))
    one.sync()
    assert one.advoware.termine[number].datum_bis[:10] == last
    quiet(one)


def series_with_exceptions() -> tuple[Calendar, int]:
    one = calendar()
    number = one.advoware.enter(text="Jour fixe", **(at(DAY) | WEEKLY | {"datum_bis": "2026-12-31"}))
    one.sync()
    own = one.event(number).id
    for day, status in (("2026-06-09", "confirmed"), ("2026-06-16", "cancelled")):
        original = GoogleTime(date_time=f"{day}T09:00:00+02:00")
        name = f"{own}_{day.replace('-', '')}T070000Z"
        one.google.enter(
            name,
            status=status,
            recurring_event_id=own,
            original_start=original,
            **timed(f"{day}T14:00", f"{day}T15:00"),
        )
    one.sync()
    return one, number


def test_story_19_exceptions_stay_in_google() -> None:
    one, number = series_with_exceptions()
    assert one.told() == ["exceptions"]
    assert len(one.row(number).exceptions) == 2
    assert len(one.advoware.termine) == 1
    one.sync()
    assert one.told() == []
    one.advoware.change(number, notiz="Akte")
    one.sync()
    (step,) = one.last.steps
    assert step.event == EventChange(description="Akte", properties=one.event(number).properties)
    quiet(one)


def test_story_19_exceptions_of_which_google_tells_no_time_are_two() -> None:
    one = calendar()
    number = one.advoware.enter(text="Jour fixe", **WEEKLY, **at(DAY))
    one.advoware.change(number, datum_bis="2026-12-31")
    one.settle()
    master = one.event(number).id
    for own in ("a", "b"):
        one.google.enter(f"{master}_{own}", status="cancelled", recurring_event_id=master)
    one.sync()
    assert len(one.row(number).exceptions) == 2
    quiet(one)


def test_story_19_what_a_new_start_costs_is_said() -> None:
    one, number = series_with_exceptions()
    one.advoware.change(number, uhrzeit_von="10:00", uhrzeit_bis="11:00")
    one.sync()
    assert [(report.code.value, report.count) for report in one.reports if report.count] == [("exceptions_lost", 2)]
    assert one.row(number).exceptions == ()
    for name, event in list(one.google.events.items()):
        if event.recurring_event_id:
            one.google.change(name, status="cancelled")  # as Google tells that it has dropped them
    one.sync()
    assert (one.told(), one.row(number).exceptions) == ([], ())
    quiet(one)


def test_story_20_an_instance_is_never_an_appointment_of_its_own() -> None:
    one, _ = series_with_exceptions()
    assert len(list(one.open_rows())) == 1


@pytest.mark.parametrize(
    "first, after, last",
    [(DAY, "2026-06-03", DAY), (DAY, "2026-06-05", "2026-06-04"), ("2026-10-24", "2026-10-27", "2026-10-26")],
)
def test_story_21_whole_days_are_whole_days(first: str, after: str, last: str) -> None:
    one = calendar()
    one.google.enter("a", summary="Urlaub", **whole_days(first, after))
    one.sync()
    (termin,) = one.advoware.termine.values()
    assert (termin.datum, termin.datum_bis) == (first, last)
    assert (termin.uhrzeit_von, termin.uhrzeit_bis) == ("00:00:00", "23:59:00")
    number = one.advoware.enter(text="Messe", datum=first, datum_bis=last, uhrzeit_von="00:00", uhrzeit_bis="00:00")
    one.sync()
    assert (one.event(number).start.date, one.event(number).end.date) == (first, after)
    quiet(one)


def test_story_22_guests_of_the_employee() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, attendees=("gast@example.de",))
    one.google.enter("einladung", summary="Einladung", attendees=("a@example.de",), **MORNING)
    one.advoware.change(number, text="anders")
    one.sync()
    assert one.event(number).attendees == ("gast@example.de",)
    assert len(one.advoware.termine) == 1
    assert not hasattr(EventChange(), "attendees")


@pytest.mark.parametrize("side", ["advoware", "google"])
def test_story_26_private_both_ways(side: str) -> None:
    one, number = linked()
    for private in (True, False):
        if side == "advoware":
            one.advoware.change(number, privat=private)
        else:
            one.google.change(one.event(number).id, visibility="private" if private else "default")
        one.sync()
        assert one.advoware.termine[number].privat is private
        assert (one.event(number).visibility == "private") is private
        assert one.advoware.termine[number].text == "Gericht"
        quiet(one)
    assert len(one.advoware.termine) == len(one.google.alive()) == 1


def test_story_27_a_kind_switched_off_and_on() -> None:
    one = calendar(special=True)
    one.advoware.number = -10
    one.advoware.enter(text="Hinfahrt", **at(DAY))
    one.sync()
    for special in (False, True):
        one.policy = replace(one.policy, special=special)
        assert one.sync(daily=True) == 0
    assert len(one.google.alive()) == 1


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;BYDAY=MO,WE"])
def test_story_28_a_rule_that_does_not_map(rule: str) -> None:
    one = calendar()
    one.google.enter(
        "a", summary="Zahltag", recurrence=(f"RRULE:{rule}",), **timed("2026-05-29T09:00", "2026-05-29T10:00")
    )
    assert one.sync() == 0
    assert one.told() == ["only_in_google"]
    one.sync()
    assert one.told() == []


def test_story_29_this_and_following() -> None:
    one = calendar()
    number = one.advoware.enter(text="Jour fixe", **(at(DAY) | WEEKLY | {"datum_bis": "2026-12-31"}))
    one.sync()
    event = one.event(number)
    one.google.change(event.id, recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20260629T215959Z",))
    one.google.enter(
        f"{event.id}_R20260630T070000",
        summary="Jour fixe",
        recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20261231T225959Z",),
        properties=dict(event.properties),
        **timed("2026-06-30T14:00", "2026-06-30T15:00"),
    )
    assert one.sync() == 2
    assert one.advoware.termine[number].datum_bis == "2026-06-29"
    second = max(one.advoware.termine)
    assert (one.advoware.termine[second].datum, one.advoware.termine[second].datum_bis) == ("2026-06-30", "2026-12-31")
    quiet(one)


def test_story_31_a_cut_text_does_not_come_back() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", notiz="x" * 20_000, **at(DAY))
    one.sync()
    quiet(one)
    one.google.change(one.event(number).id, description="gekürzt", summary="Amtsgericht")
    one.sync()
    assert one.advoware.termine[number].notiz == "x" * 20_000
    assert one.advoware.termine[number].text == "Amtsgericht"
    assert "typed_over" in one.told()
    quiet(one)


def test_story_31_a_text_that_google_cuts_by_itself_does_not_come_back_either() -> None:
    one = calendar()
    one.google.keeps = 4096
    number = one.advoware.enter(text="Gericht", notiz="ä" * 5000, **at(DAY))
    one.settle()
    (event,) = one.google.alive()
    one.google.change(event.id, description="ä" * 4000 + " ergänzt", location="Saal 3")
    one.sync()
    assert one.advoware.termine[number].notiz == "ä" * 5000
    assert one.advoware.termine[number].ort == "Saal 3"
    assert one.google.events[event.id].description == "ä" * 4096
    assert "typed_over" in one.told()
    quiet(one)


def test_story_31_what_somebody_left_of_a_short_text_is_no_cut() -> None:
    one = calendar()
    number = one.advoware.enter(text="Gericht", notiz="Akte und Robe", **at(DAY))
    one.settle()
    (event,) = one.google.alive()
    for said in ("Akte", "Akte, Vollmacht"):
        one.google.change(event.id, description=said)
        one.sync()
        assert one.advoware.termine[number].notiz == said
    quiet(one)


@pytest.mark.parametrize("deleted_in", ["advoware", "google"])
def test_story_32_deleted_here_edited_there_while_nothing_ran(deleted_in: str) -> None:
    one, number = linked(delete_in_advoware=DeleteInAdvoware.all)
    if deleted_in == "advoware":
        one.google.change(one.event(number).id, location="Saal 4")
        del one.advoware.termine[number]
        one.sync(minutes=3 * 24 * 60)
        assert one.asked() == ["gone_and_changed"]
        assert len(one.google.alive()) == 1
    else:
        one.advoware.change(number, ort="Saal 4")
        one.google.remove(one.event(number).id)
        one.sync(minutes=3 * 24 * 60)
        assert one.event(number).location == "Saal 4"


def test_story_33_a_series_that_began_before_the_window_is_not_listed() -> None:
    one = calendar()
    number = one.advoware.enter(text="Jour fixe", **(at("2019-01-08") | WEEKLY | {"datum_bis": ""}))
    one.sync()
    one.advoware.lists_old_series = False
    one.now += timedelta(days=1)
    one.advoware.calls.clear()
    assert one.sync() == 0
    assert one.advoware.calls == ["list"]
    assert one.sync(daily=True) == 0
    assert one.advoware.calls == ["list", "list", "get"]
    assert len(one.google.alive()) == 1
    del one.advoware.termine[number]
    assert one.sync() == 0
    assert one.sync(daily=True) == 1
    assert not one.google.alive()


def test_story_34_deleted_twice_and_the_answer_lost() -> None:
    one, number = linked()
    del one.advoware.termine[number]
    one.google.faults.coming = ["after", "before"]
    one.sync()
    one.sync()
    one.sync()
    assert all(row.status is PairStatus.closed for row in one.rows.values())
    quiet(one)
