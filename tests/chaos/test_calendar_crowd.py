"""People who go on working while a pass is at work, and a firm of seventy whose calendars come due at once."""

from collections.abc import Iterable

import pytest

from syncapp.core.requests import Source
from syncapp.entities.appointments import due_passes
from syncapp.models import AppointmentConflict, CalendarEmployee, CalendarPass, Outcome
from tests.chaos.calendars import at_rest, begin_workers, books_of, demand, run_passes
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant
from tests.support.calendars import Office

pytestmark = pytest.mark.chaos
# Where the pass is held -> system, method, part of the address, and how: "delay" has its effect before people go on,
# "delay_before" only after.
MOMENTS = {
    "both lists are read": ("google", "GET", "/events", "delay"),
    "before an insert": ("google", "POST", "/events", "delay_before"),
    "after an insert": ("google", "POST", "/events", "delay"),
    "before a patch": ("google", "PATCH", "/events", "delay_before"),
    "after a patch": ("google", "PATCH", "/events", "delay"),
    "after a put": ("advoware", "PUT", "Termine", "delay"),
    "after a post": ("advoware", "POST", "Termine", "delay"),
    "after a deletion": ("google", "DELETE", "/events", "delay"),
}
# What both sides hold in the end: text -> place and note.
EDITED = {
    "A neu": ("Saal 7", "Akte A"),
    "B neu": ("Saal 8", "Akte B"),
    "C von hier": ("", ""),
    "D von dort": ("", ""),
    "N dort": ("Saal 9", ""),
    "M hier": ("Saal 10", ""),
    "spät dort": ("", ""),
    "spät hier": ("", ""),
}


class Desk:
    """An employee and whoever works for them in Advoware, on the same appointments as the pass."""

    def __init__(self, office: Office) -> None:
        self.office = office
        office.hire()
        self.termine = {text: office.enter(number + 1, text=text) for number, text in enumerate("ABCDEX")}
        self.own = office.type_in(9, summary="F")
        office.sync()
        office.edit(self.termine["A"], text="A neu")
        office.in_google("change", self.event("B"), summary="B neu")
        office.remove(self.termine["X"])
        self.new_there = office.enter(12, text="N dort")
        self.new_here = office.type_in(13, summary="M hier")

    def event(self, text: str) -> str:
        return self.office.row(self.termine[text]).google_id

    def goes_on(self) -> None:
        """The pass has read both sides, and is held."""
        office = self.office
        office.edit(self.termine["A"], notiz="Akte A")
        office.in_google("change", self.event("A"), location="Saal 7")
        office.edit(self.termine["B"], ort="Saal 8")
        office.in_google("change", self.event("B"), description="Akte B")
        office.in_google("change", self.event("C"), summary="C von hier")
        office.edit(self.termine["D"], text="D von dort")
        office.remove(self.termine["E"])
        office.in_google("delete", self.own)
        office.edit(self.new_there, ort="Saal 9")
        office.in_google("change", self.new_here, location="Saal 10")
        office.enter(15, text="spät dort")
        office.type_in(16, summary="spät hier")


@pytest.mark.parametrize("moment", MOMENTS)
def test_people_edit_during_the_pass(plant: Plant, office: Office, close_books: Close, moment: str) -> None:
    (worker,) = begin_workers(plant, office, 1)
    desk = Desk(office)
    plant.ready(worker)
    system, method, part, fault = MOMENTS[moment]
    plant.sandbox.fault(system, fault, method=method, path_contains=part, seconds=2)
    demand(office, "SB")
    plant.until_held()
    desk.goes_on()
    run_passes(plant, office)
    run_passes(plant, office, "SB")  # the next light pass
    found = {row["text"]: (row["ort"] or "", (row["notiz"] or "").rstrip()) for row in office.termine().values()}
    assert found == EDITED
    assert not AppointmentConflict.objects.exists()
    close_books(f"edits {moment}", books_of(plant, office, {"SB": EDITED}), injected=12)


class TestSeventyEmployees:
    NUMBER = 70
    EACH = 3
    WORKERS = 3
    PATIENCE = 400  # on a machine that others keep busy

    def test_one_cascade(self, plant: Plant, office: Office, close_books: Close) -> None:
        """The first load by the clock, with somebody who does not want to wait; then edits of everybody on both sides
        for all workers at once; then nothing. Every call is counted.
        """
        workers = begin_workers(plant, office, self.WORKERS)
        desks = self._hired(plant, office)
        for one in workers:
            plant.ready(one)
        self._load_by_the_clock(plant, office, list(desks))
        number = self.NUMBER
        expected = {"advoware": {"GET": number}, "google": {"GET": number, "POST": number * self.EACH}}
        assert office.counts() == expected
        self._edits_of_everybody(office, desks)
        self._cascade(plant, office)
        assert office.counts() == {
            "advoware": {"GET": number * 3, "PUT": number},
            "google": {"GET": number, "PATCH": number},
        }
        self._cascade(plant, office)
        assert office.counts() == {"advoware": {"GET": number}, "google": {"GET": number}}
        assert CalendarPass.objects.exclude(outcome=Outcome.DONE).count() == 0
        texts = {one: [f"{one} 0 neu", f"{one} 1 neu", f"{one} 2"] for one in desks}
        close_books("70 employees at once", books_of(plant, office, texts, silent=("M0", "M69")), injected=number * 2)

    def _hired(self, plant: Plant, office: Office) -> dict[str, list[int]]:
        """Everybody with their Termine; the stand-in lets an account make calendars for all of them."""
        plant.sandbox.google(new_calendars=self.NUMBER, per_minute=100_000)
        desks: dict[str, list[int]] = {}
        for place in range(self.NUMBER):
            kuerzel = f"M{place}"
            office.hire(kuerzel)
            desks[kuerzel] = [office.enter(n + 1, kuerzel, text=f"{kuerzel} {n}") for n in range(self.EACH)]
        self._a_minute_later(plant, office)
        return desks

    def _load_by_the_clock(self, plant: Plant, office: Office, desks: list[str]) -> None:
        """Who asks for the last one in the row meanwhile gets it long before the row is through."""
        assert due_passes.request_due_passes() == self.NUMBER
        plant.until(lambda: CalendarPass.objects.count() >= 5, "the cascade is at work")
        last = desks[-1]
        demand(office, last)
        plant.until(lambda: office.employee(last).status == "clean", "the one that somebody waits for")
        assert CalendarEmployee.objects.exclude(status="clean").count() > self.NUMBER // 10
        plant.until(at_rest, "the first load is through", seconds=self.PATIENCE)

    def _edits_of_everybody(self, office: Office, desks: dict[str, list[int]]) -> None:
        for kuerzel, (there, here, *_others) in desks.items():
            office.edit(there, text=f"{kuerzel} 0 neu")
            office.in_google("change", office.row(here, kuerzel).google_id, kuerzel, summary=f"{kuerzel} 1 neu")

    def _cascade(self, plant: Plant, office: Office) -> None:
        """A light pass of everybody, in jobs for all workers."""
        self._a_minute_later(plant, office)
        ids: Iterable[int] = CalendarEmployee.objects.values_list("pk", flat=True)
        due_passes.request_passes(list(ids), source=Source.PERSON, cause="tests", urgent=True)
        plant.until(at_rest, "everybody is through", seconds=self.PATIENCE)

    @staticmethod
    def _a_minute_later(plant: Plant, office: Office) -> None:
        """Google's quota of a minute is whole again."""
        plant.redis.forget("google_calendar:quota:*")
        office.clear()
