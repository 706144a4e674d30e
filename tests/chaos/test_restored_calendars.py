"""Drills for calendars: an older database is put back, or it is gone, while Termine and events went on changing."""

from pathlib import Path

import pytest

from syncapp.core.requests import Source
from syncapp.entities.appointments import due_passes
from syncapp.models import Appointment, AppointmentConflict, CalendarEmployee
from tests.chaos.calendars import worker
from tests.chaos.plant import Plant, Process
from tests.chaos.test_restore import back_up, put_back, run
from tests.support.calendars import Office
from tests.support.processes import MANAGE

pytestmark = pytest.mark.chaos
EMPLOYEES = ("SB", "AI")


class Desk:
    """What two employees and Google do, and a worker that carries it."""

    def __init__(self, plant: Plant, office: Office) -> None:
        self.plant, self.office = plant, office
        self.hired = {kuerzel: office.hire(kuerzel).calendar_id for kuerzel in EMPLOYEES}
        self.worker = self._at_work()
        self.termine = {
            kuerzel: [office.enter(number + 1, kuerzel, text=f"{kuerzel} {number}") for number in range(5)]
            for kuerzel in EMPLOYEES
        }
        self.run_passes()

    def _at_work(self) -> Process:
        return self.plant.ready(worker(self.plant, self.office))

    def run_passes(self) -> None:
        """A full pass of each, and one more for what the first has put off."""
        for _number in range(2):
            ids = list(CalendarEmployee.objects.values_list("pk", flat=True))
            due_passes.request_passes(ids, source=Source.PERSON, cause="tests", full=True, urgent=True)
            due_passes.enqueue(ids)
            self.plant.until(self._is_done, "the calendars are equal")

    @staticmethod
    def _is_done() -> bool:
        return not CalendarEmployee.objects.exclude(status="clean").exists()

    def go_on(self) -> None:
        """Carried after the backup: an edit on either side, a deletion on either side, and something new on either."""
        for kuerzel, (first, second, third, fourth, _fifth) in self.termine.items():
            self.office.edit(first, text=f"{kuerzel} neu gefasst")
            self.office.in_google("change", self._event(second, kuerzel), kuerzel, summary=f"{kuerzel} in Google neu")
            self.office.remove(third)
            self.office.in_google("delete", self._event(fourth, kuerzel), kuerzel)
            self.office.enter(6, kuerzel, text=f"{kuerzel} nach der Sicherung")
            self.office.type_in(7, kuerzel, summary=f"{kuerzel} Zahnarzt")
        self.run_passes()

    def edit_meanwhile(self) -> None:
        """Not carried when the database is put back; of the fifth one both sides say something else."""
        for kuerzel, (first, second, _third, _fourth, fifth) in self.termine.items():
            self.office.edit(second, ort="Saal 7")
            self.office.in_google("change", self._event(first, kuerzel), kuerzel, location="Kanzlei")
            self.office.edit(fifth, ort="Saal 5")
            self.office.in_google("change", self._event(fifth, kuerzel), kuerzel, location="Saal 6")

    def _event(self, fr_nr: int, kuerzel: str) -> str:
        return self.office.row(fr_nr, kuerzel).google_id

    def shown(self, kuerzel: str) -> tuple[list[str], list[str]]:
        """What Advoware and Google show, by their texts."""
        there = sorted(row["text"] for row in self.office.termine(kuerzel).values())
        self.office.calendars[kuerzel] = self.hired[kuerzel]
        return there, sorted(event.summary for event in self.office.events(kuerzel))

    def stop(self) -> None:
        self.plant.end_all()
        self.plant.redis.flush()

    def begin_again(self) -> None:
        self.worker = self._at_work()
        self.run_passes()


def equal_and_as_before(desk: Desk, before: dict[str, tuple[list[str], list[str]]]) -> None:
    """Nothing came back, nothing is there twice, both sides show the same, what was under way has arrived, and what two
    people decided differently is told.
    """
    desk.worker.terminate()
    for kuerzel in EMPLOYEES:
        there, here = desk.shown(kuerzel)
        assert there == here == before[kuerzel][0] == before[kuerzel][1]
        first, second, _third, _fourth, fifth = desk.termine[kuerzel]
        assert desk.office.termine(kuerzel)[second]["ort"] == "Saal 7"
        assert desk.office.termine(kuerzel)[first]["ort"] == "Kanzlei"
        assert desk.office.event(first, kuerzel).location == "Kanzlei"
        assert desk.office.event(second, kuerzel).location == "Saal 7"
        assert desk.office.event(fifth, kuerzel).location == desk.office.termine(kuerzel)[fifth]["ort"]
        (told,) = AppointmentConflict.objects.filter(record__kuerzel=kuerzel)
        assert (told.appointment.fr_nr, {told.lost, told.kept}) == (fifth, {"Saal 5", "Saal 6"})
        desk.office.is_silent(kuerzel)


def test_an_older_database_is_put_back(plant: Plant, office: Office, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    desk = Desk(plant, office)
    back_up(plant, folder)
    desk.go_on()
    before = {kuerzel: desk.shown(kuerzel) for kuerzel in EMPLOYEES}
    desk.edit_meanwhile()
    desk.stop()
    put_back(plant, folder)
    desk.begin_again()
    equal_and_as_before(desk, before)


def test_the_database_is_gone_altogether(plant: Plant, office: Office) -> None:
    """The employees are made anew as they were; the pairs are found again by what stands in the events."""
    desk = Desk(plant, office)
    desk.go_on()
    before = {kuerzel: desk.shown(kuerzel) for kuerzel in EMPLOYEES}
    desk.edit_meanwhile()
    desk.stop()
    chosen = list(CalendarEmployee.objects.values("kuerzel", "name", "calendar_id", "mode", "write_to_advoware"))
    plant.forget_all()
    run(plant, *MANAGE, "mode", "live", "--yes", "--reason", "rebuilt")
    for columns in chosen:
        CalendarEmployee.objects.create(**columns)
    assert not Appointment.objects.exists()
    desk.begin_again()
    equal_and_as_before(desk, before)
