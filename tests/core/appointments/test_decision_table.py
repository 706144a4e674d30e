"""The decision table where both sides are there, row by row: each test bears the name of its row."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.pairs import decision_table, merging
from syncapp.core.appointments.pairs.sides import Advoware as AdvowareState
from syncapp.core.appointments.pairs.sides import Google as GoogleState
from syncapp.core.appointments.policy import (
    ConflictRule,
    Private,
)
from syncapp.core.appointments.rows import AppointmentAction, PairStatus
from syncapp.core.appointments.shapes import CalendarEvent
from tests.core.appointments.firm import AFTERNOON, DAY, MORNING, calendar, from_google, linked, quiet
from tests.core.appointments.world import at, whole_days


def test_every_combination_has_its_cell() -> None:
    assert set(decision_table.TABLE) == set(AdvowareState)
    assert all(set(cells) == set(GoogleState) for cells in decision_table.TABLE.values())


def test_new_in_advoware() -> None:
    one, number = linked()
    event = one.event(number)
    assert (event.summary, event.location) == ("Gericht", "Saal 3")
    assert event.properties["advosyncId"] == event.id
    assert one.row(number).base_google == one.row(number).base_advoware
    quiet(one)


def test_new_in_advoware_but_outside_the_window() -> None:
    one = calendar()
    one.advoware.enter(text="alt", **at("2026-04-29"))  # 33 days ago: read, but not to be made
    one.advoware.enter(text="fern", **at("2027-06-05"))
    assert one.sync() == 0
    assert not one.rows


def test_new_in_advoware_and_the_id_is_taken_by_ours() -> None:
    one = calendar()
    one.advoware.enter(text="Gericht", **at(DAY))
    one.google.faults.coming = ["after"]
    one.sync()
    one.token = one.google.version  # the feed will not show it again
    one.sync()
    assert len(one.google.alive()) == 1
    quiet(one)


def test_new_in_advoware_and_the_id_is_burnt() -> None:
    one, number = linked()
    burnt = one.event(number).id
    one.rows.clear()
    one.token = one.google.version
    one.google.remove(burnt)
    one.token = one.google.version
    one.sync()
    assert one.row(number).generation == 1
    assert one.event(number).id != burnt
    quiet(one)


def test_new_in_google() -> None:
    one, number = from_google()
    termin = one.advoware.termine[number]
    assert (termin.anwalt, termin.text, termin.uhrzeit_von) == ("SB", "Zahnarzt", "09:00:00")
    assert one.advoware.calls == ["list", "post", "get"]
    assert one.google.calls == ["list"]
    quiet(one)


@pytest.mark.parametrize(
    "why, values",
    [
        ("has_guests", {"attendees": ("mandant@example.de",)}),
        ("other_organiser", {"organised_here": False}),
        ("not_representable", {"recurrence": ("RRULE:FREQ=WEEKLY;BYDAY=MO,WE",)}),
        ("private", {"visibility": "private"}),
    ],
)
def test_only_in_google(why: str, values: dict[str, Any]) -> None:
    one = calendar(private=Private.skip)
    one.google.enter("a", summary="Feier", **MORNING, **values)
    assert one.sync() == 0
    assert [(report.code.value, report.detail) for report in one.reports] == [("only_in_google", why)]
    assert next(one.open_rows()).status is PairStatus.only_in_google
    one.sync()
    assert one.told() == []  # once
    one.google.remove("a")
    one.sync()
    assert not list(one.open_rows())


def test_only_in_google_as_long_as_nothing_may_be_written() -> None:
    one = calendar(write=False)
    one.google.enter("a", summary="Feier", **MORNING)
    assert one.sync() == 0
    assert one.reports[0].detail == "not_allowed"
    one.employee = replace(one.employee, write_to_advoware=True)
    assert one.sync() == 1  # from the row: the feed does not show it again
    quiet(one)


def test_event_types_of_other_kinds_are_not_ours() -> None:
    one = calendar()
    one.google.enter("a", summary="Geburtstag", event_type="birthday", **MORNING)
    assert one.sync() == 0
    assert not one.rows


def test_same() -> None:
    one, _ = linked()
    before = dict(one.rows)
    quiet(one)
    assert one.rows == before


def test_changed_in_advoware() -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht", uhrzeit_bis="12:00")
    own = one.event(number).id
    assert one.sync() == 1
    step = one.last.steps[0]
    assert step.event is not None
    assert step.event.start is None  # only what changed
    assert step.event.location is None
    assert one.event(number).id == own
    assert one.event(number).summary == "Amtsgericht"
    quiet(one)


def test_changed_in_google() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, summary="Amtsgericht")
    one.advoware.calls.clear()
    one.google.calls.clear()
    assert one.sync() == 1
    assert one.advoware.calls == ["list", "get", "put", "get"]
    assert one.google.calls == ["list"]
    assert one.advoware.termine[number].text == "Amtsgericht"
    assert one.advoware.termine[number].ort == "Saal 3"
    quiet(one)


def test_changed_in_google_where_nothing_may_be_written() -> None:
    one, number = linked(write=False)
    one.google.change(one.event(number).id, summary="meins", **AFTERNOON)
    assert one.sync() == 1
    assert one.told() == ["put_back"]
    assert {lost.value for lost in one.reports[0].lost if isinstance(lost.value, str)} == {"meins"}
    one.assert_equal()
    quiet(one)


def test_changed_in_google_and_not_taken_by_advoware() -> None:
    one, number = linked()
    one.advoware.ignores = frozenset({"ort"})
    one.google.change(one.event(number).id, location="Saal 4")
    assert one.sync() == 2  # the PUT, and Google is put back
    assert one.told() == ["not_taken"]
    assert one.event(number).location == "Saal 3"
    quiet(one)


def test_changed_in_google_and_cut_by_advoware() -> None:
    one, number = linked()
    one.advoware.keeps = 10
    one.google.change(one.event(number).id, summary="Oberlandesgericht")
    assert one.sync() == 2
    assert one.event(number).summary == "Oberlandes"
    quiet(one)


def test_changed_in_both_in_different_groups() -> None:
    one, number = linked()
    one.advoware.change(number, notiz="Akte")
    one.google.change(one.event(number).id, **AFTERNOON)
    assert one.sync() == 2
    assert [step.action for step in one.last.steps] == [AppointmentAction.put_termin, AppointmentAction.patch_event]
    one.assert_equal()
    assert one.told() == []
    quiet(one)


@pytest.mark.parametrize(
    "policy, made_in, winner",
    [
        (ConflictRule.origin, "advoware", "advoware"),
        (ConflictRule.origin, "google", "google"),
        (ConflictRule.advoware, "google", "advoware"),
        (ConflictRule.google, "advoware", "google"),
    ],
)
def test_changed_in_both_differently(policy: ConflictRule, made_in: str, winner: str) -> None:
    one, number = linked(conflict=policy) if made_in == "advoware" else from_google(conflict=policy)
    one.advoware.change(number, text="advoware")
    one.google.change(one.event(number).id, summary="google")
    one.sync()
    assert one.told() == ["conflict"]
    lost = one.reports[0].lost[0]
    assert {lost.value, lost.kept} == {"advoware", "google"}
    assert lost.kept == one.advoware.termine[number].text == one.event(number).summary == winner
    quiet(one)


def test_changed_in_both_and_a_person_decides() -> None:
    one, number = linked(conflict=ConflictRule.ask)
    one.advoware.change(number, text="advoware", ort="Saal 9")
    one.google.change(one.event(number).id, summary="google")
    assert one.sync() == 1  # the place goes on
    assert one.asked() == ["conflict"]
    assert (one.advoware.termine[number].text, one.event(number).summary) == ("advoware", "google")
    assert one.sync() == 0
    assert one.asked() == ["conflict"]  # as long as it is open
    one.decide(one.row(number), "conflict:text", "google")
    assert one.sync() == 1
    assert one.advoware.termine[number].text == "google"
    assert one.row(number).status is PairStatus.ok
    assert not one.row(number).decided
    quiet(one)


def test_both_changed_alike() -> None:
    one, number = linked()
    one.advoware.change(number, text="Amtsgericht")
    one.google.change(one.event(number).id, summary="Amtsgericht")
    assert one.sync() == 0
    quiet(one)


def test_every_case_of_the_merge_is_reached_above() -> None:
    """A case that no table names would be one that nobody decided."""
    assert {case.value for case in merging.GroupCase} == {
        "same",
        "advoware_changed",
        "google_changed",
        "both_changed",
        "typed_kept",
        "typed_over",
        "not_allowed",
        "private_text_differs",
    }


def test_guests_are_never_touched() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, attendees=("gast@example.de",), location="Saal 5")
    one.advoware.change(number, notiz="Akte")
    one.sync()
    assert one.event(number).attendees == ("gast@example.de",)
    one.assert_equal()


def test_a_whole_day_becomes_a_time_and_back() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, **whole_days(DAY, "2026-06-04"))
    one.sync()
    termin = one.advoware.termine[number]
    assert (termin.datum, termin.datum_bis, termin.uhrzeit_von) == (DAY, "2026-06-03", "00:00:00")
    quiet(one)
    one.advoware.change(number, uhrzeit_von="09:00", uhrzeit_bis="10:00")
    one.sync()
    assert one.event(number).start.date == ""
    quiet(one)


def test_an_event_of_an_unknown_shape_after_our_write() -> None:
    """What Google answers is not what anybody can read: the pair waits, with its reason."""
    one, number = linked()
    kept = one.google._keep

    def strange(event: CalendarEvent) -> CalendarEvent:
        return kept(replace(event, start=replace(event.start, date_time="morgen")))

    one.google._keep = strange  # type: ignore[method-assign]
    one.advoware.change(number, text="anders")
    one.sync()
    assert one.row(number).status is PairStatus.unsupported
