"""Lists that come back empty, and a Google that takes no more for a while: nothing is deleted, everything waits."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.systems import System
from syncapp.entities.appointments import configured
from syncapp.models import Breaker, CalendarEmployee, CalendarPass, RemoteFact
from syncapp.operations.actions import ActionContext
from syncapp.operations.calendars import passes
from tests.chaos.calendars import begin_workers, books_of, by_the_clock, demand, run_passes
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.support.calendars import Office

pytestmark = pytest.mark.chaos
TERMINE = 12
OWN = 8  # of an employee: events that they typed in, more than may go in one pass
A_PERSON = ActionContext("tests", source="person")
NOTHING: Mapping[str, Mapping[str, str]] = {
    "advoware": {"body": "[]", "path_contains": "Termine"},
    "google": {"body": json.dumps({"items": [], "nextSyncToken": "x"}), "path_contains": "/events"},
}


def filled(office: Office) -> tuple[list[int], list[str]]:
    """A calendar with Termine of Advoware and events of the employee; their numbers and the events' ids."""
    office.hire()
    numbers = [office.enter(number + 1, text=f"T{number}") for number in range(TERMINE)]
    events = [office.type_in(number + 1, summary=f"E{number}") for number in range(OWN)]
    office.sync()
    assert office.employee().status == "clean", office.employee().fault
    return numbers, events


def whole() -> list[str]:
    return [f"T{number}" for number in range(TERMINE)] + [f"E{number}" for number in range(OWN)]


def empty_once(office: Office, side: str) -> None:
    """The next list of that side holds nothing; what is read singly is found."""
    office.sandbox.fault(side, "status", status=200, method="GET", **NOTHING[side])


def had_its_pass(plant: Plant, office: Office, full: bool) -> CalendarEmployee:
    """One pass on a person's demand; the row after it."""
    before = CalendarPass.objects.count()
    demand(office, "SB", full=full)
    plant.until(lambda: CalendarPass.objects.count() > before, "a pass has ended")
    plant.until(lambda: office.employee().lease_token == "", "and it has given the calendar back")
    return office.employee()


class TestEmptyLists:
    @pytest.mark.parametrize("side", NOTHING)
    def test_once(self, plant: Plant, office: Office, close_books: Close, side: str) -> None:
        """It is read again a minute later; what people did meanwhile goes its way, and nobody is asked anything."""
        (worker,) = begin_workers(plant, office, 1)
        numbers, events = filled(office)
        plant.ready(worker)
        office.edit(numbers[0], text="T0 neu")
        office.in_google("change", events[0], summary="E0 neu")
        office.remove(numbers[1])
        office.in_google("delete", events[1])
        empty_once(office, side)
        office.clear()
        row = had_its_pass(plant, office, full=True)
        assert (row.status, row.kind, row.fault["code"]) == ("failed", "transient", "list_in_doubt")
        assert office.writes() == 0
        run_passes(plant, office)
        expected = {"T0": "T0 neu", "E0": "E0 neu", "T1": "", "E1": ""}
        texts = [expected.get(text, text) for text in whole()]
        close_books(f"empty list of {side}, once", books_of(plant, office, {"SB": [one for one in texts if one]}))

    @pytest.mark.parametrize("side", NOTHING)
    def test_twice_and_a_person_is_asked(self, plant: Plant, office: Office, close_books: Close, side: str) -> None:
        """Held until somebody has looked: the clock starts no pass by itself, and the release deletes nothing."""
        (worker,) = begin_workers(plant, office, 1)
        filled(office)
        plant.ready(worker)
        office.clear()
        for _reading in range(2):
            empty_once(office, side)
            office.due()
            row = had_its_pass(plant, office, full=True)
        assert (row.status, row.kind, row.fault["code"]) == ("failed", "needs_confirmation", f"{side}_list_small")
        self._waits_for_a_person(office)
        assert passes.release(office.employee(), action_context=A_PERSON) == f"{side}_list_small"
        run_passes(plant, office)
        assert office.writes() == 0
        close_books(f"empty list of {side}, twice", books_of(plant, office, {"SB": whole()}), injected=2)

    def test_of_advoware_for_everything(self, plant: Plant, office: Office, close_books: Close) -> None:
        """It finds nothing singly either, for hours: still no evidence for so many at once."""
        (worker,) = begin_workers(plant, office, 1)
        filled(office)
        plant.ready(worker)
        office.clear()
        office.sandbox.fault("advoware", "status", status=200, method="GET", count=None, **NOTHING["advoware"])
        for _reading in range(3):
            row = had_its_pass(plant, office, full=True)
            if row.kind == "needs_confirmation":
                break
            office.due()
        assert (row.status, row.kind, row.fault["code"]) == ("failed", "needs_confirmation", "too_many_removals")
        assert row.fault["params"] == {"planned": TERMINE + OWN, "of": TERMINE + OWN}
        plant.sandbox.heal()
        self._waits_for_a_person(office)
        passes.release(office.employee(), action_context=A_PERSON)
        run_passes(plant, office)
        assert office.writes() == 0
        close_books("Advoware finds nothing", books_of(plant, office, {"SB": whole()}), injected=3)

    @pytest.mark.parametrize("meant", [False, True], ids=["by mistake", "on purpose"])
    def test_the_calendar_is_emptied(self, plant: Plant, office: Office, close_books: Close, meant: bool) -> None:
        """Each event is a tombstone. Advoware keeps its Termine until a person has said that it was meant."""
        (worker,) = begin_workers(plant, office, 1)
        filled(office)
        plant.ready(worker)
        events = office.events()
        for event in events:
            office.in_google("delete", event.id)
        office.clear()
        row = had_its_pass(plant, office, full=False)
        assert (row.kind, row.fault["code"]) == ("needs_confirmation", "too_many_removals")
        assert row.fault["params"] == {"planned": OWN, "of": TERMINE + OWN}
        self._waits_for_a_person(office)
        assert (office.writes(), len(office.termine())) == (0, TERMINE + OWN)
        if not meant:
            for event in events:
                office.in_google("undelete", event.id)
        passes.release(office.employee(), action_context=A_PERSON)
        run_passes(plant, office)
        left = [text for text in whole() if text.startswith("T")] if meant else whole()
        close_books("calendar emptied", books_of(plant, office, {"SB": left}), injected=len(events))

    @staticmethod
    def _waits_for_a_person(office: Office) -> None:
        """Nothing of it goes on by itself, whatever the clock does."""
        before = CalendarPass.objects.count()
        for _minute in range(3):
            office.due()
            by_the_clock(office)
            time.sleep(0.3)
        assert CalendarPass.objects.count() == before


class TestQuota:
    DESKS = ("SB", "AI", "KL", "MN", "OP", "QR", "ST")
    WORKERS = 2

    @pytest.fixture(autouse=True)
    def short_waits(self, settings: Any) -> None:
        """Of the breaker, here as in the workers (tests/chaos/plant.py)."""
        settings.BREAKER_OPEN_SECONDS = settings.BREAKER_OPEN_MAX_SECONDS = 1

    @pytest.mark.parametrize("reason", ["rateLimitExceeded", "tooManyRequests"])
    def test_too_fast_for_a_while(self, plant: Plant, office: Office, close_books: Close, reason: str) -> None:
        """Several workers meet it: the breaker opens, the passes wait, and go on by themselves."""
        self._something_to_do(plant, office)
        plant.sandbox.refuse_google(reason, count=None, headers={"Retry-After": "0"})
        demand(office, *self.DESKS)
        breakers = Breaker.objects.filter(system=System.GOOGLE_CALENDAR)
        plant.until(breakers.filter(opens__gte=1).exists, "the breaker is open")
        plant.until(lambda: not CalendarEmployee.objects.exclude(lease_token="").exists(), "what was at work has ended")
        for _minute in range(20):
            by_the_clock(office)
            time.sleep(0.1)
        refused = [call["status"] for call in plant.sandbox.control.calls() if call["system"] == "google"]
        # One a pass, and of those that meet the breaker opening one more: does it answer others? Then the probes.
        assert set(refused) <= {403, 429}
        assert len(refused) <= len(self.DESKS) + self.WORKERS + 1 + breakers.get().opens
        self._nobody_is_given_up()
        assert office.writes() == 0
        plant.sandbox.heal()
        run_passes(plant, office)
        assert not breakers.filter(open_until__isnull=False).exists()
        expected = {kuerzel: [f"{kuerzel} neu", f"{kuerzel} Zahnarzt", f"{kuerzel} 1"] for kuerzel in self.DESKS}
        close_books(f"Google: {reason}", books_of(plant, office, expected), injected=len(refused))

    def test_no_more_new_events_for_hours(self, plant: Plant, office: Office, close_books: Close) -> None:
        """All workers stop making any, all else goes on, and what is new waits without being asked for again."""
        self._something_to_do(plant, office)
        plant.sandbox.refuse_google("quotaExceeded", count=None, method="POST", path_contains="/events")
        demand(office, *self.DESKS)
        waiting = CalendarEmployee.objects.filter(status="failed", fault__code="quota_exceeded")
        plant.until(lambda: waiting.count() == len(self.DESKS), "everybody waits for Google's quota")
        refused = office.counts()["google"]["POST"]
        assert refused <= self.WORKERS
        for kuerzel in self.DESKS:
            assert {event.summary for event in office.events(kuerzel)} == {f"{kuerzel} neu", f"{kuerzel} Zahnarzt"}
            assert f"{kuerzel} Zahnarzt" in {row["text"] for row in office.termine(kuerzel).values()}
        assert not waiting.filter(next_retry_at__lt=timezone.now() + timedelta(hours=5)).exists()
        by_the_clock(office)
        time.sleep(0.5)
        plant.until(lambda: waiting.count() == len(self.DESKS), "they wait again")
        assert office.counts()["google"]["POST"] == refused
        self._nobody_is_given_up()
        plant.sandbox.heal()
        RemoteFact.objects.filter(pk=configured.CREATES_STOPPED).delete()  # six hours later
        run_passes(plant, office)
        expected = {kuerzel: [f"{kuerzel} neu", f"{kuerzel} Zahnarzt", f"{kuerzel} 1"] for kuerzel in self.DESKS}
        close_books("Google: quotaExceeded", books_of(plant, office, expected), injected=refused)

    def _something_to_do(self, plant: Plant, office: Office) -> None:
        """For each of the desks a change, something new in Advoware and something new in Google."""
        workers = begin_workers(plant, office, self.WORKERS)
        for kuerzel in self.DESKS:
            office.hire(kuerzel)
            number = office.enter(1, kuerzel, text=f"{kuerzel} 0")
            office.sync(kuerzel)
            office.edit(number, text=f"{kuerzel} neu")
            office.type_in(2, kuerzel, summary=f"{kuerzel} Zahnarzt")
            office.enter(3, kuerzel, text=f"{kuerzel} 1")
        for one in workers:
            plant.ready(one)
        office.clear()

    @staticmethod
    def _nobody_is_given_up() -> None:
        """Whoever met it before the breaker opened has used up one attempt, which the next good pass gives back."""
        rows = CalendarEmployee.objects.exclude(status__in=("clean", "dirty"))
        assert {(row.status, row.kind) for row in rows} <= {("failed", "transient")}
        assert max((row.retry_count for row in rows), default=0) <= 1
