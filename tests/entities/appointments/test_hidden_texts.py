"""Events that show less than their Termin says, moved, copied and split in Google: what Google hid is not lost, and
nothing is there twice."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from syncapp.models import Appointment
from tests.support.calendars import Office, day, hours

TEXTS = ("text", "ort", "notiz")
LONG = "Befund, " * 2000 + "Ende"
WEEKLY = {"dauertermin": 1, "turnus": 1, "turnusArt": 2, "datumBis": day(60)}


def texts(termin: dict[str, Any]) -> tuple[str, ...]:
    return tuple(termin[name] for name in TEXTS)


def occurrence(own: str, days: int) -> str:
    at = datetime.fromisoformat(f"{day(days)}T09:00:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    return f"{own}_{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def split(office: Office, fr_nr: int, days: int) -> str:
    """`This and following`, two hours later."""
    own = office.row(fr_nr).google_id
    return str(office.in_google("split", occurrence(own, days), **hours(days, "11:00", "12:00"))["id"])


@pytest.mark.parametrize("deletes", ["own", "all"])
def test_an_event_that_is_moved_between_calendars_without_texts_keeps_its_own(office: Office, deletes: str) -> None:
    office.settings.CALENDAR_DELETE_IN_ADVOWARE = deletes
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel, full_content=False)
    own = office.type_in(7, location="Praxis", description="mit Befund")
    office.sync("SB")
    before = [texts(one) for one in office.termine().values()]
    assert before == [("Zahnarzt", "Praxis", "mit Befund")]
    office.move(own, "AI")
    for kuerzel in ("SB", "AI"):
        office.sync(kuerzel)
    assert (office.termine(), [texts(one) for one in office.termine("AI").values()]) == ({}, before)
    assert [one.summary for one in office.events("AI")] == ["Termin"]
    office.is_silent("AI")


def test_an_event_that_is_moved_on_once_more_has_the_texts_that_advoware_had_last(office: Office) -> None:
    for kuerzel in ("SB", "AI", "CD"):
        office.hire(kuerzel, full_content=False)
    own = office.type_in(7, location="Praxis")
    office.sync("SB")
    office.move(own, "AI")
    for kuerzel in ("SB", "AI"):
        office.sync(kuerzel)
    office.edit(next(iter(office.termine("AI"))), notiz="nüchtern")
    office.sync("AI")
    office.move(own, "CD", "AI")
    for kuerzel in ("AI", "CD"):
        office.sync(kuerzel)
    assert (office.termine(), office.termine("AI")) == ({}, {})
    assert [texts(one) for one in office.termine("CD").values()] == [("Zahnarzt", "Praxis", "nüchtern")]
    office.is_silent("CD")


def test_a_private_event_that_is_moved_to_a_colleague_keeps_its_text_and_stays_hidden(office: Office) -> None:
    office.settings.CALENDAR_DELETE_IN_ADVOWARE = "all"
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
    fr_nr = office.enter(3, text="Scheidung Müller", notiz="Az 12/26", privat=1)
    office.sync("SB")
    office.move(office.row(fr_nr).google_id, "AI")
    for kuerzel in ("SB", "AI", "AI"):
        office.sync(kuerzel)
    assert [texts(one) for one in office.termine("AI").values()] == [("Scheidung Müller", "", "Az 12/26")]
    assert [(one.summary, one.description) for one in office.events("AI")] == [("Privat", "")]
    office.is_silent("AI")


def test_an_event_with_a_text_that_google_has_no_room_for_keeps_the_whole_where_it_is_moved(office: Office) -> None:
    office.settings.CALENDAR_DELETE_IN_ADVOWARE = "all"
    for kuerzel in ("SB", "AI"):
        office.hire(kuerzel)
    fr_nr = office.enter(3, text="Gutachten", notiz=LONG)
    office.sync("SB")
    whole = office.termine()[fr_nr]["notiz"]
    office.move(office.row(fr_nr).google_id, "AI")
    for kuerzel in ("SB", "AI"):
        office.sync(kuerzel)
    assert [one["notiz"] for one in office.termine("AI").values()] == [whole]
    office.is_silent("AI")


@pytest.mark.parametrize("how", ["anonymous", "private", "cut"])
def test_a_copy_has_the_texts_that_google_does_not_show(office: Office, how: str) -> None:
    office.hire(full_content=how != "anonymous")
    said = {"text": "Mandant Müller", "ort": "LG", "notiz": LONG if how == "cut" else "Az 12/26"}
    fr_nr = office.enter(3, **said, privat=int(how == "private"))
    office.sync()
    office.in_google("copy", office.row(fr_nr).google_id)
    office.sync()
    first, second = office.termine().values()
    assert texts(first) == texts(second)
    assert first["privat"] == second["privat"]
    assert len({(one.summary, one.description) for one in office.events()}) == 1, "both show as little as before"
    office.is_silent()


def test_a_copy_of_a_copy_has_the_texts_of_that_copy(office: Office) -> None:
    office.hire(full_content=False)
    fr_nr = office.enter(3, text="Mandant Müller", notiz="Az 12/26")
    office.sync()
    office.in_google("copy", office.row(fr_nr).google_id)
    office.sync()
    copied = next(number for number in office.termine() if number != fr_nr)
    office.edit(copied, text="Mandant Maier", notiz="Az 13/26")
    office.sync()
    office.in_google("copy", office.row(copied).google_id)
    office.sync()
    assert sorted(one["text"] for one in office.termine().values()) == [
        "Mandant Maier",
        "Mandant Maier",
        "Mandant Müller",
    ]
    office.is_silent()


def test_what_is_typed_over_a_copy_without_texts_is_its_text_and_goes_from_google(office: Office) -> None:
    office.hire(full_content=False)
    fr_nr = office.enter(3, text="Mandant Müller", notiz="Az 12/26")
    office.sync()
    own = office.in_google("copy", office.row(fr_nr).google_id)["id"]
    office.in_google("change", own, summary="Mandant Müller, zweiter Tag")
    office.sync()
    copied = next(one for number, one in office.termine().items() if number != fr_nr)
    assert texts(copied) == ("Mandant Müller, zweiter Tag", "", "Az 12/26")
    assert [one.summary for one in office.events()] == ["Termin", "Termin"]
    office.is_silent()


def test_a_copy_of_what_nobody_knows_any_more_waits_for_its_text(office: Office) -> None:
    office.hire(full_content=False)
    fr_nr = office.enter(3, text="Mandant Müller")
    office.sync()
    own = office.in_google("copy", office.row(fr_nr).google_id)["id"]
    Appointment.objects.all().delete()
    office.sync(full=True)
    assert list(office.termine()) == [fr_nr]
    lone = Appointment.objects.get(google_id=own)
    assert [(one["code"], one["detail"]) for one in lone.reports] == [("only_in_google", "text_not_known")]
    office.in_google("change", own, summary="Mandant Maier")
    office.sync()
    assert sorted(one["text"] for one in office.termine().values()) == ["Mandant Maier", "Mandant Müller"]


def test_the_rest_of_a_private_series_that_was_split_keeps_its_texts_and_stays_hidden(office: Office) -> None:
    office.hire()
    fr_nr = office.enter(1, text="Mandant Müller", ort="LG", notiz="Az 12/26", privat=1, **WEEKLY)
    office.sync()
    split(office, fr_nr, 15)
    office.sync()
    first, rest = office.termine().values()
    assert texts(first) == texts(rest)
    assert first["datumBis"] < rest["datum"]
    assert {one.summary for one in office.events()} == {"Privat"}
    office.is_silent()


def test_the_rest_of_a_series_whose_rule_does_not_come_back_is_not_there_twice(office: Office) -> None:
    """Without texts only the times come back; once the series ends in Advoware, its rest is made there."""
    office.hire(full_content=False)
    fr_nr = office.enter(1, text="Mandant Müller", notiz="Az 12/26", **WEEKLY)
    office.sync()
    own = split(office, fr_nr, 15)
    office.sync()
    assert list(office.termine()) == [fr_nr]
    assert office.termine()[fr_nr]["datumBis"].startswith(day(60))
    lone = Appointment.objects.get(google_id=own)
    assert [(one["code"], one["detail"]) for one in lone.reports] == [("only_in_google", "rest_of_series")]
    office.is_silent()
    office.edit(fr_nr, datumBis=day(14))
    office.sync()
    office.sync()
    rest = next(one for number, one in office.termine().items() if number != fr_nr)
    assert texts(rest) == ("Mandant Müller", "", "Az 12/26")
    assert rest["uhrzeitVon"].startswith("11:00")
    office.is_silent()


def test_the_rest_of_a_series_stays_alone_also_when_texts_are_shown_again(office: Office) -> None:
    office.hire(full_content=False)
    fr_nr = office.enter(1, text="Mandant Müller", **WEEKLY)
    office.sync()
    split(office, fr_nr, 15)
    office.sync()
    row = office.employee()
    row.full_content = True
    row.save()
    office.sync(full=True)
    office.sync(full=True)
    assert list(office.termine()) == [fr_nr]


def test_the_rest_of_a_copy_for_the_whole_firm_is_not_there_twice(office: Office) -> None:
    office.settings.CALENDAR_FIRM_WIDE = "copy"
    office.hire()
    fr_nr = office.enter(1, kuerzel="ALLE", text="Jour fixe", **WEEKLY)
    office.sync()
    split(office, fr_nr, 15)
    for _times in range(2):
        office.sync()
    assert (office.termine(), list(office.termine("ALLE"))) == ({}, [fr_nr])
    assert office.sync(full=True).status == "clean"
