"""Whose a Termin is, in whose calendar it is shown, and where Google only shows it: each rule by its settings."""

import pytest

from syncapp.core.appointments.policy import CalendarOwner, CalendarPolicy, FirmWide, belongs, is_companion, owners
from syncapp.core.appointments.shapes import AdvowareTermin

MINE = CalendarOwner("SB", "sb@calendar")
EVERYBODYS = CalendarOwner("ALLE", "alle@calendar", firm_wide=True)


@pytest.mark.parametrize(
    "anwalt, named",
    [
        ("SB", {"sb"}),
        (" sb ", {"sb"}),
        ("SB, AI", {"sb", "ai"}),
        ("SB;AI", {"sb", "ai"}),
        ("SB/AI", {"sb", "ai"}),
        ("SB|AI", {"sb", "ai"}),
        ("SB AI", {"sb", "ai"}),
        ("", set()),
        (" , ", set()),
    ],
)
def test_a_termin_names_one_kuerzel_or_several_or_none(anwalt: str, named: set[str]) -> None:
    assert owners(anwalt) == named


@pytest.mark.parametrize(
    "anwalt, mine", [("SB", True), ("sb", True), ("AI, SB", True), ("AI", False), ("SBX", False), ("S", False)]
)
def test_a_termin_is_shown_to_whom_it_names(anwalt: str, mine: bool) -> None:
    termin = AdvowareTermin(7, anwalt=anwalt)
    for rule in FirmWide:
        assert belongs(termin, MINE, CalendarPolicy(firm_wide=rule)) is mine
        assert not belongs(termin, EVERYBODYS, CalendarPolicy(firm_wide=rule))


@pytest.mark.parametrize("kuerzel", ["S B", "RA/SB", "S;B"])
def test_a_kuerzel_with_a_sign_that_parts_others_is_one_kuerzel(kuerzel: str) -> None:
    whose = CalendarOwner(kuerzel, "sb@calendar")
    assert belongs(AdvowareTermin(7, anwalt=f" {kuerzel.lower()} "), whose, CalendarPolicy())
    assert not belongs(AdvowareTermin(7, anwalt="SB"), whose, CalendarPolicy())


@pytest.mark.parametrize("anwalt", ["", "ALLE", "alle", "Allgemein", "ALLE, Allgemein"])
@pytest.mark.parametrize(
    "rule, mine, everybodys",
    [(FirmWide.own, False, True), (FirmWide.copy, True, False), (FirmWide.ignore, False, False)],
)
def test_what_is_for_the_whole_firm_goes_by_its_setting(
    anwalt: str, rule: FirmWide, mine: bool, everybodys: bool
) -> None:
    termin, policy = AdvowareTermin(7, anwalt=anwalt), CalendarPolicy(firm_wide=rule)
    assert belongs(termin, MINE, policy) is mine
    assert belongs(termin, EVERYBODYS, policy) is everybodys
    assert is_companion(termin, MINE)
    assert not is_companion(termin, EVERYBODYS)


@pytest.mark.parametrize(
    "fr_nr, special, shown",
    [(1, False, True), (1, True, True), (-1, False, False), (-1, True, True), (0, False, False), (0, True, False)],
)
def test_special_entries_are_shown_where_they_are_wanted_and_number_0_never(
    fr_nr: int, special: bool, shown: bool
) -> None:
    assert belongs(AdvowareTermin(fr_nr, anwalt="SB"), MINE, CalendarPolicy(special=special)) is shown


@pytest.mark.parametrize("fr_nr, companion", [(-1, True), (0, False), (1, False)])
def test_google_only_shows_what_advoware_derives_from_others(fr_nr: int, companion: bool) -> None:
    assert is_companion(AdvowareTermin(fr_nr, anwalt="SB"), MINE) is companion
