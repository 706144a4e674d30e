"""What is linked anew after its row was lost: nothing hidden is shown by it, and nothing that Google lacks is lost."""

from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.appointments.forms.drafts import Shown
from syncapp.core.appointments.policy import ConflictRule, Private
from tests.core.appointments.firm import AFTERNOON, DAY, MORNING, calendar, quiet
from tests.core.appointments.world import Calendar, at

SECRET = {"text": "Scheidung Meier", "ort": "Praxis", "notiz": "geheim"}
HIDDEN = ("Privat", "", "", "private")


def forget(one: Calendar) -> None:
    """The database is lost."""
    one.rows.clear()
    one.token = None


def shows(one: Calendar, number: int) -> tuple[str, str, str, str]:
    event = one.event(number)
    return event.summary, event.location, event.description, event.visibility


def private(**policy: Any) -> tuple[Calendar, int]:
    """A private Termin, as its event has shown it until the row was lost."""
    one = calendar(**policy)
    number = one.advoware.enter(privat=True, **SECRET, **at(DAY))
    one.sync()
    forget(one)
    return one, number


@pytest.mark.parametrize("rule", ConflictRule)
def test_a_private_one_stays_hidden_and_comes_back_to_nobody(rule: ConflictRule) -> None:
    one, number = private(conflict=rule)
    assert one.sync() == 0
    assert (shows(one, number), one.row(number).shown, one.told()) == (HIDDEN, Shown.busy, [])
    assert (one.advoware.termine[number].text, one.advoware.termine[number].notiz) == ("Scheidung Meier", "geheim")
    one.advoware.change(number, notiz="noch geheimer")
    assert one.sync() == 0
    assert shows(one, number) == HIDDEN
    quiet(one)


def test_a_private_one_that_was_moved_and_typed_into_meanwhile() -> None:
    one, number = private()
    (event,) = one.google.alive()
    one.google.change(event.id, summary="Zahnarzt", **AFTERNOON)
    one.advoware.change(number, uhrzeit_von="11:00:00", uhrzeit_bis="12:00:00")
    one.settle()
    assert shows(one, number) == ("Zahnarzt", "", "", "private")  # typed there, so it stays there
    assert one.advoware.termine[number].text == "Scheidung Meier"
    assert one.event(number).start.date_time[11:16] == "11:00"


def test_a_private_one_that_was_linked_by_equality_shows_no_more_than_before() -> None:
    one = calendar()
    number = one.advoware.enter(privat=True, **SECRET, **at(DAY))
    one.google.enter("a", summary="Scheidung Meier", visibility="private", **MORNING)
    assert one.sync() == 0
    assert shows(one, number) == ("Scheidung Meier", "", "", "private")
    one.advoware.change(number, notiz="noch geheimer")
    assert one.sync() == 0
    quiet(one)


def test_a_private_one_that_somebody_chose_shows_no_more_than_before() -> None:
    one = calendar()
    first, second = (one.advoware.enter(privat=True, **SECRET, **at(DAY)) for _ in range(2))
    one.google.enter("a", summary="Scheidung Meier", visibility="private", **MORNING)
    one.sync()
    one.decide(next(one.open_rows()), "ambiguous", str(second))
    one.settle()
    assert shows(one, second) == ("Scheidung Meier", "", "", "private")
    assert shows(one, first) == HIDDEN


def test_a_private_one_that_is_public_by_now_is_shown_and_no_conflict() -> None:
    one, number = private(conflict=ConflictRule.google)
    one.advoware.change(number, privat=False)
    assert one.sync() == 1
    assert shows(one, number) == ("Scheidung Meier", "Praxis", "geheim", "default")
    assert (one.told(), one.advoware.termine[number].privat) == ([], False)
    quiet(one)


def test_one_that_is_private_by_now_is_hidden() -> None:
    one = calendar()
    number = one.advoware.enter(**SECRET, **at(DAY))
    one.sync()
    forget(one)
    one.advoware.change(number, privat=True)
    one.settle()
    assert shows(one, number) == HIDDEN


def test_one_that_google_may_show_is_merged_and_hidden_once_it_may_not() -> None:
    one, number = private(private=Private.full)
    (event,) = one.google.alive()
    one.google.change(event.id, location="Praxis Süd")
    one.advoware.change(number, ort="")
    one.settle()
    assert one.advoware.termine[number].ort == "Praxis Süd"
    one.policy = replace(one.policy, private=Private.busy)
    one.settle()
    assert shows(one, number) == HIDDEN


def test_a_mask_is_never_put() -> None:
    one, number = private(conflict=ConflictRule.google)
    one.advoware.change(number, text="Privat", ort="", notiz="")
    (event,) = one.google.alive()
    one.google.change(event.id, **AFTERNOON)
    before = one.advoware.writes
    one.sync()
    one.sync()
    assert one.advoware.writes == before


@pytest.mark.parametrize("rule", ConflictRule)
def test_the_word_of_an_anonymous_calendar_is_no_title(rule: ConflictRule) -> None:
    one = calendar(full_content=False, conflict=rule)
    number = one.advoware.enter(**SECRET, **at(DAY))
    one.sync()
    forget(one)
    one.employee = replace(one.employee, full_content=True)
    one.settle()
    assert (one.advoware.termine[number].text, one.told()) == ("Scheidung Meier", [])
    assert shows(one, number) == ("Scheidung Meier", "Praxis", "geheim", "default")


@pytest.mark.parametrize("rule", ConflictRule)
def test_what_google_has_cut_is_no_edit(rule: ConflictRule) -> None:
    one = calendar(conflict=rule)
    one.google.keeps = 2000
    number = one.advoware.enter(text="Gericht", notiz="x" * 5000, **at(DAY))
    one.sync()
    forget(one)
    assert one.sync() == 0
    assert (len(one.advoware.termine[number].notiz), one.told()) == (5000, [])
    quiet(one)
