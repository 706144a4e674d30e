"""A POST to Advoware that certainly was not carried out: made by itself later on, and nobody is asked about it. One
that was refused is sent again once it changes, or a day has passed."""

from typing import Any

import pytest

from syncapp.core.systems import System
from syncapp.engine import breaker
from tests.support.calendars import Office, before_write


@pytest.fixture
def typed(office: Office) -> Office:
    """The next pass has a Termin to make."""
    office.hire()
    office.sync()
    office.type_in()
    return office


def is_made_later(office: Office) -> None:
    office.sync()
    office.sandbox.heal()
    (row,) = office.rows().values()
    assert (row.fr_nr, row.intent, office.termine()) == (None, None, {})
    for system in System:
        breaker.try_at_once(system)
    office.due()
    office.sync()
    assert [row.questions for row in office.rows().values()] == [[]]
    assert len(office.termine()) == len(office.events()) == 1
    office.is_silent()


@pytest.mark.parametrize("fault", [{"status": 429}, {"status": 401, "count": 2}], ids=["too fast", "login"])
def test_refused_for_now(typed: Office, fault: dict[str, int]) -> None:
    typed.sandbox.fault("advoware", "status", method="POST", path_contains="Termine", **fault)
    is_made_later(typed)


def test_silent_before_it_is_told(typed: Office, redis_client: Any) -> None:
    """Nothing is sent to a system of which nobody has heard for a while."""

    def falls_silent() -> None:
        for name in redis_client.scan_iter("advoware:alive:*"):
            redis_client.delete(name)
        typed.sandbox.fault("advoware", "cut_before", method="GET", path_contains="Termine", count=2)

    with before_write(falls_silent):
        is_made_later(typed)


@pytest.mark.parametrize("status", [400, 403])
def test_refused_it_waits_until_it_changes(typed: Office, status: int) -> None:
    """Not in every pass of the clock: once until somebody changes it, or a day has passed."""
    typed.sandbox.fault("advoware", "status", method="POST", path_contains="Termine", status=status, count=2)
    own = next(iter(typed.events())).id

    def posts() -> int:
        typed.clear()
        typed.sync()
        return typed.counts()["advoware"].get("POST", 0)

    assert [posts() for _ in range(3)] == [1, 0, 0]
    typed.in_google("change", own, summary="Zahnarzt, zweiter Versuch")
    assert [posts() for _ in range(2)] == [1, 0]
    typed.due()
    assert posts() == 1
    assert [termin["text"] for termin in typed.termine().values()] == ["Zahnarzt, zweiter Versuch"]
    typed.is_silent()
