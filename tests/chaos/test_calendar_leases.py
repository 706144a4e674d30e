"""One pass at a time over a calendar, one writer at a time for a Termin: a holder that sleeps past its lease, two
passes at once, and a Redis that forgets both locks.
"""

import itertools
from collections.abc import Iterator

import pytest

from syncapp.engine import job_queue
from syncapp.engine.rows import locks
from syncapp.models import AppointmentConflict, CalendarEmployee, CalendarPass, Outcome
from tests.chaos.calendars import WRITES, at_rest, begin_workers, books_of, by_the_clock, demand, holder_of, run_passes
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.support.calendars import LEFT, Office, every_kind_of_write

pytestmark = pytest.mark.chaos
# where a pass is held -> (system, method, part of the address)
HELD = {"reading": ("google", "GET", "/events"), **WRITES}
METHODS = ("POST", "PUT", "PATCH", "DELETE")


def writes(office: Office, since: int = 0) -> list[tuple[str, str]]:
    calls = office.sandbox.control.calls(since=since)
    return [(one["system"], one["method"]) for one in calls if one["method"] in METHODS and "token" not in one["path"]]


class TestHolderThatSleepsPastItsLease:
    @pytest.mark.parametrize("where", HELD)
    def test_writes_nothing_more(self, plant: Plant, office: Office, close_books: Close, where: str) -> None:
        """Frozen while a call is under way; another one finishes the pass, people go on; then it wakes up."""
        workers = begin_workers(plant, office, 2)
        there, here = every_kind_of_write(office)
        sleeper = self._frozen(plant, office, workers, where, "delay")
        run_passes(plant, office)
        office.edit(there, text="T0 danach", ort="Saal 7")
        office.in_google("change", office.row(here).google_id, summary="T1 danach", location="Kanzlei")
        run_passes(plant, office, "SB")
        seen = plant.sandbox.control.last_call()
        sleeper.thaw()
        lost = CalendarPass.objects.filter(outcome=Outcome.LOST_LEASE)
        plant.until(lost.exists, "the sleeper has seen that it lost its lease")
        run_passes(plant, office)
        assert writes(office, since=seen) == []
        expected = {"SB": ["T0 danach", "T1 danach", "neu dort", "neu hier"]}
        close_books(f"lease runs out: {where}", books_of(plant, office, expected))

    @pytest.mark.parametrize("where", [name for name in HELD if name not in ("reading", "post")])
    def test_its_write_lands_after_the_take_over(
        self, plant: Plant, office: Office, close_books: Close, where: str
    ) -> None:
        workers = begin_workers(plant, office, 2)
        every_kind_of_write(office)
        sleeper = self._frozen(plant, office, workers, where, "delay_before", seconds=5)
        run_passes(plant, office)
        plant.until(lambda: not self._under_way(plant), "the late write has landed")
        sleeper.thaw()
        lost = CalendarPass.objects.filter(outcome=Outcome.LOST_LEASE)
        plant.until(lost.exists, "the sleeper has seen that it lost its lease")
        run_passes(plant, office, "SB")
        close_books(f"write lands after the lease: {where}", books_of(plant, office, {"SB": LEFT}))

    @staticmethod
    def _frozen(
        plant: Plant, office: Office, workers: list[Process], where: str, fault: str, seconds: float = 1
    ) -> Process:
        """The worker that stopped in the middle of its pass, and whose lease has run out."""
        for one in workers:
            plant.ready(one)
        system, method, part = HELD[where]
        plant.sandbox.fault(system, fault, method=method, path_contains=part, seconds=seconds)
        demand(office, "SB")
        plant.until_held()
        sleeper = holder_of(office, workers)
        sleeper.freeze()
        office.expire_lease()
        plant.let_brief_locks_end()
        return sleeper

    @staticmethod
    def _under_way(plant: Plant) -> bool:
        return any(call["done_at"] is None for call in plant.sandbox.control.calls() if call["fault"])


class TestTwoPassesAtOnce:
    @pytest.mark.parametrize("locked", [True, False], ids=["", "without the lock in Redis"])
    def test_of_one_employee(self, plant: Plant, office: Office, close_books: Close, locked: bool) -> None:
        """Two workers, two jobs: one works, the other finds it at work; whoever asked meanwhile gets one pass more."""
        workers = begin_workers(plant, office, 2)
        office.hire()
        texts = [f"T{number}" for number in range(10)]
        for number, text in enumerate(texts):
            office.enter(number + 1, text=text)
        for one in workers:
            plant.ready(one)
        plant.sandbox.fault("google", "delay", method="POST", path_contains="/events", seconds=0.2, count=None)
        demand(office, "SB")
        plant.until_held()
        if not locked:
            locks.remove("calendar:SB")
        demand(office, "SB")
        plant.until(lambda: job_queue.waiting("calendar") == 0, "the second job is taken")
        plant.until(at_rest, "both are through")
        assert writes(office) == [("google", "POST")] * len(texts)
        assert CalendarPass.objects.exclude(outcome=Outcome.DONE).count() == 0
        calls = [one for one in office.sandbox.control.calls() if one["system"] == "google" and one["done_at"]]
        spans = sorted((one["at"], one["done_at"]) for one in calls)
        assert all(before <= begins for (_begun, before), (begins, _done) in itertools.pairwise(spans))
        close_books("two passes of one employee at once", books_of(plant, office, {"SB": texts}), injected=2)

    @pytest.mark.parametrize("flushed", [False, True], ids=["", "and Redis forgets who writes"])
    def test_of_two_employees_who_share_an_appointment(
        self, plant: Plant, office: Office, close_books: Close, flushed: bool
    ) -> None:
        """Each changes another part of it in their own calendar: both arrive, however near to each other."""
        number, workers = self._shared(plant, office)
        office.in_google("change", office.row(number, "SB").google_id, "SB", location="Saal 7")
        office.in_google("change", office.row(number, "AI").google_id, "AI", description="Akte mitnehmen")
        for one in workers:
            plant.ready(one)
        plant.sandbox.fault("advoware", "delay_before", method="PUT", path_contains="Termine", seconds=3)
        demand(office, "SB")
        plant.until_held()
        if flushed:
            plant.redis.flush()
        demand(office, "AI")
        plant.until(lambda: office.employee("AI").status not in ("dirty", "syncing"), "the other one has had its pass")
        plant.until(lambda: office.employee("SB").status not in ("dirty", "syncing"), "the first one is through")
        run_passes(plant, office)
        run_passes(plant, office, "SB", "AI")
        (termin,) = office.sandbox.state()["termine"]
        assert (termin["ort"], termin["notiz"]) == ("Saal 7", "Akte mitnehmen")
        assert not AppointmentConflict.objects.exists()
        expected = {"SB": ["Gemeinsam"], "AI": ["Gemeinsam"]}
        close_books("two employees, one appointment", books_of(plant, office, expected), injected=2)

    def test_of_two_employees_who_change_the_same_of_it(self, plant: Plant, office: Office, close_books: Close) -> None:
        """One of both stays, in all places, and what gave way is told."""
        number, workers = self._shared(plant, office)
        for kuerzel in ("SB", "AI"):
            office.in_google("change", office.row(number, kuerzel).google_id, kuerzel, location=f"bei {kuerzel}")
        for one in workers:
            plant.ready(one)
        plant.sandbox.fault("advoware", "delay", method="GET", path_contains="Termine", seconds=0.5, count=4)
        demand(office, "SB", "AI")
        run_passes(plant, office)
        run_passes(plant, office, "SB", "AI")
        (termin,) = office.sandbox.state()["termine"]
        (told,) = AppointmentConflict.objects.all()
        assert {told.lost, told.kept} == {"bei SB", "bei AI"}
        assert termin["ort"] == told.kept
        expected = {"SB": ["Gemeinsam"], "AI": ["Gemeinsam"]}
        close_books("two employees, one field", books_of(plant, office, expected), injected=2)

    @staticmethod
    def _shared(plant: Plant, office: Office) -> tuple[int, list[Process]]:
        """An appointment in two calendars, and two workers that are starting."""
        workers = begin_workers(plant, office, 2)
        for kuerzel in ("SB", "AI"):
            office.hire(kuerzel)
        number = office.enter(3, "SB,AI", text="Gemeinsam")
        for kuerzel in ("SB", "AI"):
            office.sync(kuerzel)
        return number, workers


class TestRedisFlushed:
    @pytest.fixture(autouse=True)
    def redis_for_the_next(self, plant: Plant) -> Iterator[None]:
        yield
        plant.redis.restore()

    def test_during_passes_and_while_passes_wait(self, plant: Plant, office: Office, close_books: Close) -> None:
        """Two are held in a write, three wait on the queue; the clock brings those back, nothing is made twice."""
        workers = begin_workers(plant, office, 2)
        desks = {kuerzel: [f"{kuerzel} {number}" for number in range(3)] for kuerzel in ("SB", "AI", "KL", "MN", "OP")}
        for kuerzel, texts in desks.items():
            office.hire(kuerzel)
            for number, text in enumerate(texts):
                office.enter(number + 1, kuerzel, text=text)
        for one in workers:
            plant.ready(one)
        office.clear()
        plant.sandbox.fault("google", "delay", method="POST", path_contains="/events", seconds=2, count=2)
        demand(office, *desks)
        plant.until(lambda: CalendarEmployee.objects.filter(status="syncing").count() == 2, "two are at work")
        plant.until_held()
        assert job_queue.waiting("calendar") == 3
        plant.redis.flush()
        assert job_queue.waiting("calendar") == 0
        demand(office, *desks)  # whoever asks once more finds those two at work, by their leases alone
        plant.redis.flush()
        by_the_clock(office)
        run_passes(plant, office)
        assert writes(office) == [("google", "POST")] * 15
        close_books("Redis flushed during passes", books_of(plant, office, desks), injected=2)
