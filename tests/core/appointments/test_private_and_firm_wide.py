"""People, private appointments, anonymised calendars and what is for the whole firm."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.policy import (
    CalendarOwner,
    DeleteInAdvoware,
    FirmWide,
    Private,
)
from tests.core.appointments.firm import AFTERNOON, DAY, MORNING, calendar, linked, quiet
from tests.core.appointments.world import Calendar, at


@pytest.mark.parametrize("anwalt", ["", "ALLE", "Allgemein"])
@pytest.mark.parametrize(
    "rule, mine, everybodys", [(FirmWide.own, 0, 1), (FirmWide.copy, 1, 0), (FirmWide.ignore, 0, 0)]
)
def test_firm_wide(anwalt: str, rule: FirmWide, mine: int, everybodys: int) -> None:
    one = calendar(firm_wide=rule)
    number = one.advoware.enter(anwalt, text="Kanzleifeier", **at(DAY))
    for employee, expected in (
        (one.employee, mine),
        (CalendarOwner("ALLE", "alle@calendar", write_to_advoware=True, firm_wide=True), everybodys),
    ):
        found = Calendar(advoware=one.advoware, employee=employee, policy=one.policy)
        found.advoware.listing = lambda _: list(one.advoware.termine.values())
        found.sync()
        assert len(found.google.alive()) == expected
    assert number in one.advoware.termine


def test_firm_wide_copies_are_read_only() -> None:
    one = calendar(firm_wide=FirmWide.copy, delete_in_advoware=DeleteInAdvoware.all)
    number = one.advoware.enter("ALLE", text="Kanzleifeier", **at(DAY))
    one.advoware.listing = lambda _: list(one.advoware.termine.values())
    one.sync()
    one.google.change(one.event(number).id, summary="ohne mich")
    one.sync()
    assert one.event(number).summary == "Kanzleifeier"
    one.google.remove(one.event(number).id)
    one.sync()
    assert number in one.advoware.termine


def test_a_setting_that_changed_deletes_nothing() -> None:
    one = calendar(firm_wide=FirmWide.copy)
    one.advoware.enter("ALLE", text="Kanzleifeier", **at(DAY))
    one.advoware.listing = lambda _: list(one.advoware.termine.values())
    one.sync()
    one.policy = replace(one.policy, firm_wide=FirmWide.ignore)
    assert one.sync(daily=True) == 0
    one.policy = replace(one.policy, firm_wide=FirmWide.copy)
    assert one.sync(daily=True) == 0
    assert len(one.google.alive()) == 1


def test_private_is_busy() -> None:
    one = calendar()
    number = one.advoware.enter(text="Arzt", ort="Praxis", privat=True, **at(DAY))
    one.sync()
    event = one.event(number)
    assert (event.summary, event.location, event.visibility) == ("Privat", "", "private")
    one.google.change(event.id, **AFTERNOON)  # the time flows back
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "15:00:00"
    assert one.advoware.termine[number].text == "Arzt"
    quiet(one)


def test_private_and_busy_replaces_nothing_that_the_employee_typed() -> None:
    one = calendar()
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    one.google.change(one.event(number).id, summary="Dr. Weh")
    assert one.sync() == 0
    assert one.told() == ["typed_kept"]
    assert one.advoware.termine[number].text == "Arzt"
    assert one.event(number).summary == "Dr. Weh"
    quiet(one)


def test_private_becomes_busy_and_back() -> None:
    one, number = linked()
    one.advoware.change(number, privat=True)
    one.sync()
    assert one.event(number).summary == "Privat"
    one.advoware.change(number, privat=False)
    one.sync()
    assert (one.event(number).summary, one.event(number).visibility) == ("Gericht", "default")
    quiet(one)


def test_private_in_google_is_privat_and_keeps_its_text() -> None:
    one, number = linked()
    one.google.change(one.event(number).id, visibility="confidential")
    one.sync()
    assert one.advoware.termine[number].privat is True
    assert one.event(number).summary == "Gericht"
    quiet(one)


def test_private_in_full() -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    assert (one.event(number).summary, one.event(number).visibility) == ("Arzt", "private")


def test_private_skipped() -> None:
    one = calendar(private=Private.skip)
    one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    assert one.sync() == 0


@pytest.mark.parametrize("mask", [{"text": "Privat", "ort": "", "notiz": ""}, {"masked": True, "text": "xxx"}])
def test_a_masked_text_is_never_taken(mask: dict[str, Any]) -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", ort="Praxis", privat=True, **at(DAY))
    one.sync()
    real = one.advoware.termine[number]
    one.advoware.change(number, **mask)
    one.sync()
    assert one.row(number).base_advoware is not None
    assert one.row(number).base_advoware.text == "Arzt"
    one.google.change(one.event(number).id, **AFTERNOON)
    one.sync()
    assert "put" not in one.advoware.calls  # the mask would be written
    assert one.asked() == ["private_text_differs"]
    one.advoware.termine[number] = real
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "15:00:00"


def test_a_masked_text_gives_way_by_decision() -> None:
    one = calendar(private=Private.full)
    number = one.advoware.enter(text="Arzt", privat=True, **at(DAY))
    one.sync()
    one.advoware.change(number, masked=True, text="xxx")
    one.google.change(one.event(number).id, **AFTERNOON)
    one.sync()
    one.decide(one.row(number), "private_text_differs", "advoware")
    assert one.sync() == 1
    assert "T09:00" in one.event(number).start.date_time


def test_anonymised() -> None:
    one = calendar(full_content=False)
    number = one.advoware.enter(text="Scheidung", ort="Saal 3", notiz="Akte", **at(DAY))
    one.sync()
    event = one.event(number)
    assert (event.summary, event.location, event.description) == ("Termin", "", "")
    one.google.change(event.id, **AFTERNOON)
    one.sync()
    assert one.advoware.termine[number].uhrzeit_von == "15:00:00"
    assert one.advoware.termine[number].text == "Scheidung"
    quiet(one)


def test_anonymised_and_typed_over_is_put_back_and_told_once() -> None:
    one = calendar(full_content=False)
    number = one.advoware.enter(text="Scheidung", **at(DAY))
    one.sync()
    for again in (False, True):
        one.google.change(one.event(number).id, summary="Müller")
        assert one.sync() == 1
        assert [(report.code.value, report.again) for report in one.reports] == [("typed_over", again)]
        assert one.event(number).summary == "Termin"
        assert one.advoware.termine[number].text == "Scheidung"
    quiet(one)


def test_anonymised_and_made_in_google() -> None:
    one = calendar(full_content=False)
    one.google.enter("a", summary="Zahnarzt", **MORNING)
    assert one.sync() == 2
    (termin,) = one.advoware.termine.values()
    assert termin.text == "Zahnarzt"
    assert one.google.events["a"].summary == "Termin"
    quiet(one)


def test_switching_rewrites_google_alone() -> None:
    one, number = linked()
    before = one.advoware.termine[number]
    for full, title in ((False, "Termin"), (True, "Gericht")):
        one.employee = replace(one.employee, full_content=full)
        assert one.sync() == 1
        assert one.event(number).summary == title
        quiet(one)
    assert one.advoware.termine[number] == before


@pytest.mark.parametrize("kind", ["anonymous", "busy"])
def test_what_comes_back_from_the_trash_after_its_termin_went_is_made_with_the_texts_that_google_never_showed(
    kind: str,
) -> None:
    """The fixed word is nobody's text; where it stands in the calendar is where it is wanted."""
    one = calendar(full_content=kind == "busy")
    number = one.advoware.enter(text="Scheidung Müller", ort="Saal 3", privat=kind == "busy", **at(DAY))
    one.sync()
    shown = one.event(number)
    del one.advoware.termine[number]
    one.sync()
    one.google.restore(replace(shown, **AFTERNOON))
    one.settle()
    (again,) = one.advoware.termine.values()
    assert (again.text, again.ort, again.uhrzeit_von) == ("Scheidung Müller", "Saal 3", "15:00:00")
    assert [(event.id, event.summary) for event in one.google.alive()] == [(shown.id, shown.summary)]
