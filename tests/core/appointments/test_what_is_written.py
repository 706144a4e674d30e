"""What is sent to either side, and how much of a Termin Google shows: the rules of `drafts` and of ids, one by one."""

from dataclasses import replace

import pytest

from syncapp.core.appointments.forms.canonical import Canonical, FormReading, Group, read_event, read_termin
from syncapp.core.appointments.forms.drafts import (
    LONGEST_NOTIZ,
    LONGEST_TEXT,
    Shown,
    differing_groups,
    event_change,
    google_times,
    less_in_google,
    lossy_groups,
    shown_in_google,
    termin_change,
)
from syncapp.core.appointments.forms.google_ids import google_id
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.shapes import AdvowareTermin, CalendarEvent, EventChange, GoogleTime, TerminChange
from tests.core.appointments.firm import calendar
from tests.core.appointments.linked_pair import ALL, FORM, LATER, WHEN
from tests.core.appointments.world import at

WEEKLY = SeriesRule(Freq.weekly, 2, "2026-12-31")
SERIES = replace(FORM, rule=WEEKLY)
WEEKLY_UNTIL = ("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20261231T225959Z",)


@pytest.mark.parametrize("form", [FORM, SERIES])
@pytest.mark.parametrize("privat", [True, False])
def test_what_is_shown_in_full_is_shown_as_it_is(form: Canonical, privat: bool) -> None:
    shown = replace(form, privat=privat)
    assert shown_in_google(shown, Shown.full) == shown
    assert lossy_groups(shown, Shown.full) == frozenset()


@pytest.mark.parametrize("privat", [True, False])
def test_an_anonymous_series_repeats_and_stays_private_without_its_words(privat: bool) -> None:
    shown = shown_in_google(replace(SERIES, privat=privat), Shown.anonymous)
    assert shown == Canonical(WHEN, WEEKLY, "Termin", "", "", privat)
    assert lossy_groups(SERIES, Shown.anonymous) == ALL - {Group.when}


def test_a_busy_series_repeats_and_says_nothing_but_that() -> None:
    assert shown_in_google(SERIES, Shown.busy) == Canonical(WHEN, WEEKLY, "Privat", "", "", True)
    assert lossy_groups(SERIES, Shown.busy) == {Group.text, Group.ort, Group.notiz}


@pytest.mark.parametrize(
    "group, limit", [(Group.text, LONGEST_TEXT), (Group.ort, LONGEST_TEXT), (Group.notiz, LONGEST_NOTIZ)]
)
def test_each_text_is_cut_where_google_has_no_room_for_more(group: Group, limit: int) -> None:
    fits = FORM.with_values({group: "x" * limit})
    assert shown_in_google(fits, Shown.full) == fits
    assert lossy_groups(fits, Shown.full) == frozenset()
    longer = FORM.with_values({group: "x" * (limit + 1)})
    cut = FORM.with_values({group: "x" * (limit - 1) + "…"})
    assert shown_in_google(longer, Shown.full) == cut
    assert lossy_groups(longer, Shown.full) == {group}


def test_a_text_is_not_cut_after_a_blank() -> None:
    long = replace(FORM, notiz="x" * (LONGEST_NOTIZ - 3) + "  und so weiter")
    assert shown_in_google(long, Shown.full).notiz == "x" * (LONGEST_NOTIZ - 3) + "…"
    indented = replace(FORM, text="  " + "x" * LONGEST_TEXT)
    assert shown_in_google(indented, Shown.full).text == "  " + "x" * (LONGEST_TEXT - 3) + "…"


# --- To Google ------------------------------------------------------------------------------------------------------


def test_a_new_event_has_everything_and_a_rule_only_if_it_repeats() -> None:
    start, end = google_times(WHEN)
    whole = EventChange(start, end, None, "Gericht", "Saal 3", "Akte", "default")
    assert event_change(FORM, ALL) == whole
    assert event_change(SERIES, ALL) == replace(whole, recurrence=WEEKLY_UNTIL)
    assert event_change(replace(FORM, privat=True), ALL) == replace(whole, visibility="private")


@pytest.mark.parametrize(
    "group, change",
    [
        (Group.text, EventChange(summary="Gericht")),
        (Group.ort, EventChange(location="Saal 3")),
        (Group.notiz, EventChange(description="Akte")),
        (Group.privat, EventChange(visibility="default")),
    ],
)
@pytest.mark.parametrize("was", [None, FORM, SERIES])
def test_a_patch_of_one_group_says_nothing_else(group: Group, change: EventChange, was: Canonical | None) -> None:
    assert event_change(FORM, {group}, was=was) == change


def test_a_new_rule_alone_leaves_the_start_as_it_is() -> None:
    daily = replace(SERIES, rule=SeriesRule(Freq.daily))
    assert event_change(daily, {Group.rule}, was=SERIES) == EventChange(recurrence=("RRULE:FREQ=DAILY;INTERVAL=1",))


def test_a_single_event_that_becomes_a_series_says_its_start_with_a_zone() -> None:
    start, end = google_times(WHEN)
    assert event_change(SERIES, {Group.rule}, was=FORM) == EventChange(start, end, WEEKLY_UNTIL)


def test_a_series_that_becomes_a_single_event_loses_its_rule_alone() -> None:
    assert event_change(FORM, {Group.rule}, was=SERIES) == EventChange(recurrence=())


def test_an_equal_start_and_an_equal_rule_are_left_out_so_that_exceptions_survive() -> None:
    longer = replace(SERIES, when=When(False, WHEN.start, "2026-06-02T11:00"))
    assert event_change(longer, {Group.when}, was=SERIES) == EventChange(end=google_times(longer.when)[1])


def test_with_a_new_start_the_rule_is_said_anew() -> None:
    """What UNTIL means depends on the start."""
    start, end = google_times(LATER)
    assert event_change(replace(SERIES, when=LATER), {Group.when}, was=SERIES) == EventChange(start, end, WEEKLY_UNTIL)


def test_a_new_start_and_a_new_rule_go_together() -> None:
    start, end = google_times(WHEN)
    daily = replace(SERIES, rule=SeriesRule(Freq.daily))
    change = event_change(daily, {Group.when, Group.rule}, was=SERIES)
    assert change == EventChange(start, end, ("RRULE:FREQ=DAILY;INTERVAL=1",))


def test_times_are_those_of_berlin_and_whole_days_end_on_the_day_after() -> None:
    assert google_times(WHEN) == (
        GoogleTime(date_time="2026-06-02T09:00:00", time_zone="Europe/Berlin"),
        GoogleTime(date_time="2026-06-02T10:00:00", time_zone="Europe/Berlin"),
    )
    assert google_times(When(True, "2026-06-30", "2026-06-30")) == (
        GoogleTime(date="2026-06-30"),
        GoogleTime(date="2026-07-01"),
    )


def test_a_new_start_of_a_single_event_says_no_rule() -> None:
    start, end = google_times(LATER)
    assert event_change(replace(FORM, when=LATER), {Group.when}, was=FORM) == EventChange(start, end)


# --- To Advoware ----------------------------------------------------------------------------------------------------

TIMES = TerminChange(
    datum="2026-06-02",
    datum_bis="2026-06-02",
    uhrzeit_von="09:00:00",
    uhrzeit_bis="10:00:00",
    dauertermin=False,
    turnus=0,
    turnus_art=0,
    all_day=False,
)


@pytest.mark.parametrize(
    "group, change",
    [
        (Group.when, TIMES),
        (Group.rule, TIMES),
        (Group.text, TerminChange(text="Gericht")),
        (Group.ort, TerminChange(ort="Saal 3")),
        (Group.notiz, TerminChange(notiz="Akte")),
        (Group.privat, TerminChange(privat=False)),
    ],
)
def test_a_put_of_one_group_says_nothing_else(group: Group, change: TerminChange) -> None:
    """Time and rule share the last day, so they go together."""
    assert termin_change(FORM, {group}) == change


def test_a_series_says_its_rule_and_its_last_day() -> None:
    assert termin_change(SERIES, {Group.rule}) == replace(
        TIMES, datum_bis="2026-12-31", dauertermin=True, turnus=2, turnus_art=2
    )
    for_ever = replace(SERIES, rule=SeriesRule(Freq.yearly))
    assert termin_change(for_ever, {Group.rule}).datum_bis == "2037-12-31"


def test_whole_days_are_said_as_times_and_as_such() -> None:
    days = replace(FORM, when=When(True, "2026-06-02", "2026-06-04"))
    assert termin_change(days, {Group.when}) == replace(
        TIMES, datum_bis="2026-06-04", uhrzeit_von="00:00:00", uhrzeit_bis="23:59:00", all_day=True
    )


# --- The ends of the calendar ---------------------------------------------------------------------------------------

FIRST_AND_LAST_DAYS = ("0001-01-02", "1899-12-30", "2037-12-31", "9990-01-31", "9999-12-30", "9999-12-31")


def assert_can_be_written(reading: FormReading) -> None:
    """What was read can be sent to either side, or there is a reason why not. One raised error would stop all the other
    appointments of the calendar."""
    if reading.form is None:
        assert reading.reason is not None
        return
    assert event_change(reading.form, ALL).end is not None
    assert termin_change(reading.form, ALL).datum_bis is not None


@pytest.mark.parametrize("last", FIRST_AND_LAST_DAYS)
@pytest.mark.parametrize("first", ["2026-06-02", *FIRST_AND_LAST_DAYS])
def test_a_day_at_the_end_of_the_calendar_stops_nothing(first: str, last: str) -> None:
    for clock in ("", "00:00", "12:00", "23:59"):
        for turnus_art in (0, 1, 2, 3, 4):
            rule = {"dauertermin": bool(turnus_art), "turnus": 12, "turnus_art": turnus_art}
            times = {"datum": first, "datum_bis": last, "uhrzeit_von": clock}
            assert_can_be_written(read_termin(AdvowareTermin(1, **times, **rule)))
    for start, end in (
        (GoogleTime(date=first), GoogleTime(date=last)),
        (GoogleTime(date_time=f"{first}T00:00:00"), GoogleTime(date_time=f"{last}T23:59:00")),
        (GoogleTime(date_time=f"{first}T00:00:00"), GoogleTime(date_time=f"{last}T00:00:00")),
    ):
        for ends in ("", ";COUNT=999", ";UNTIL=99991231T235959Z"):
            for freq in Freq:
                recurrence = (f"RRULE:FREQ={freq.value};INTERVAL=12{ends}",)
                assert_can_be_written(read_event(CalendarEvent("a", start=start, end=end, recurrence=recurrence)))
            assert_can_be_written(read_event(CalendarEvent("a", start=start, end=end)))


def test_whole_days_without_an_end_are_left_alone_and_the_others_go_on() -> None:
    one = calendar()
    one.advoware.enter(text="Elternzeit", datum="2026-06-02", datum_bis="9999-12-31")
    one.advoware.enter(text="Gericht", **at("2026-06-03"))
    assert one.sync() == 1
    assert [(report.code.value, report.detail) for report in one.reports] == [("unsupported", "unreadable_date")]
    assert [event.summary for event in one.google.alive()] == ["Gericht"]


# --- Ids ------------------------------------------------------------------------------------------------------------


def test_an_id_is_the_same_in_every_release() -> None:
    """base32hex of SHA-256, as it was from the first release on: another one would make every event anew."""
    own = google_id(installation="advosync", calendar_id="sb@calendar", fr_nr=4711, generation=1)
    assert own == "9tvjaenat3cqqdvkd1r2ghkcg97vsmqfe23qmngkvlf731qbqeqg"


def test_an_id_is_what_google_takes_and_another_for_each_generation() -> None:
    ids = [
        google_id(installation="i", calendar_id=calendar, fr_nr=number, generation=generation)
        for calendar in ("a", "b")
        for number in (1, 11, -1)
        for generation in (0, 1)
    ]
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 52 and set(one) <= set("0123456789abcdefghijklmnopqrstuv") for one in ids)


def test_an_id_can_be_made_of_whatever_a_calendar_is_called() -> None:
    assert len(google_id(installation="Büro", calendar_id="half a sign \ud800", fr_nr=1, generation=0)) == 52


@pytest.mark.parametrize("group", [Group.text, Group.ort, Group.notiz])
def test_google_holds_less_of_what_is_too_long_whoever_cut_it(group: Group) -> None:
    whole = FORM.with_values({group: "x" * 499 + " " + "y" * 9000})
    for kept in (shown_in_google(whole, Shown.full).of(group), "x" * 499 + " …", "x" * 499 + " " + "y" * 100):
        assert less_in_google(whole, FORM.with_values({group: kept}), Shown.open) == {group}
    for other in ("x" * 499, "x" * 600, whole.of(group), f"{whole.of(group)}z", ""):
        assert less_in_google(whole, FORM.with_values({group: other}), Shown.full) == frozenset()


@pytest.mark.parametrize("shown", [Shown.busy, Shown.anonymous])
def test_google_holds_less_of_what_is_hidden(shown: Shown) -> None:
    assert less_in_google(FORM, FORM, shown) == {Group.text, Group.ort, Group.notiz, Group.privat}


def test_sides_differ_but_for_what_is_less_there_and_what_a_pass_took_for_equal() -> None:
    trimmed, later = replace(FORM, notiz="eins"), replace(FORM, when=LATER)
    html = replace(FORM, notiz="<b>eins</b>")
    assert differing_groups(html, trimmed, Shown.full) == {Group.notiz}
    assert differing_groups(html, trimmed, Shown.full, (html, trimmed)) == frozenset()
    assert differing_groups(html, replace(trimmed, when=LATER), Shown.full, (html, trimmed)) == {Group.when}
    assert differing_groups(replace(html, notiz="zwei"), trimmed, Shown.full, (html, trimmed)) == {Group.notiz}
    assert differing_groups(later, replace(trimmed, text="Privat"), Shown.busy) == {Group.when}
