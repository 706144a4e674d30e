"""The course of the soak: several threads that each do one thing again and again, until the time is over.

The rate of edits follows what the machine can carry: it rises while the installation keeps up, and falls as soon as
what waits is older than a minute for no fault of ours. It never falls below what a firm does in eight hours.
"""

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from syncapp.models import SyncRecord
from tests.soak.desks import Desks
from tests.soak.faults import Breaker
from tests.soak.ground import Ground, forget_connections, patient, say
from tests.soak.operators import Operators
from tests.soak.people import People
from tests.soak.programs import Programs
from tests.soak.watching import Watch

DAY_EDITS = 500  # what people of a firm save in a day of eight hours
FASTEST = 3.0  # edits a second
FAULT_SECONDS, ROLL_SECONDS = 60.0, 600.0


@dataclass
class Course:
    ground: Ground
    people: People
    desks: Desks
    programs: Programs
    operators: Operators
    breaker: Breaker
    watch: Watch
    seconds: float
    records: int
    rate: float = 1.0
    edits: int = 0
    slowest: float = 0.0  # how long something waited at most, in seconds
    trouble: list[str] = field(default_factory=list)  # of the soak itself
    over: threading.Event = field(default_factory=threading.Event)
    excused_until: float = 0.0

    def run(self) -> None:
        """Until the time is over; every thread ends before this does."""
        # One thread after the other reads and writes SQLite's file: two at a time would only wait for one another.
        loops: tuple[tuple[Callable[[], None], Callable[[], float]], ...] = (
            (self._edit, lambda: 1.0 / self.rate),
            (self.desks.edit, lambda: max(2.0, 8.0 / self.rate)),
            (self.programs.use, lambda: max(1.0, 3.0 / self.rate)),
            (lambda: self.operators.read(excused=self.breaker.excuses_pages), lambda: 3.0),
            (self._operate, lambda: 20.0),
            (self._adapt, lambda: 5.0),
            (self.watch.measure, lambda: 15.0),
        )
        threads = [threading.Thread(target=self._again, args=loop, daemon=True) for loop in loops]
        for thread in threads:
            thread.start()
        try:
            self._break_and_roll()
        finally:
            self.over.set()
            for thread in threads:
                thread.join(120)

    def _again(self, act: Callable[[], None], pause: Callable[[], float]) -> None:
        while not self.over.wait(pause()):
            try:
                act()
            except Exception:
                self._trouble(act)
        forget_connections()

    def _trouble(self, act: object) -> None:
        text = f"{time.strftime('%H:%M:%S')} {act}\n{traceback.format_exc()}"
        forget_connections()
        self.trouble.append(text)
        say(f"trouble of the soak itself: {text[-700:]}")

    def _break_and_roll(self) -> None:
        begun, faults, rolls = time.monotonic(), self.breaker.endless(), 1
        while (since := time.monotonic() - begun) < self.seconds:
            minute = time.monotonic()
            try:
                if since >= rolls * min(ROLL_SECONDS, self.seconds / 2.5):
                    rolls += 1
                    self.breaker.roll()
                self.breaker.break_one(next(faults))
            except Exception:
                self._trouble("a fault")
            self.excused_until = time.monotonic() + 40
            self._tell(since)
            time.sleep(max(0.0, FAULT_SECONDS - (time.monotonic() - minute)))

    def _tell(self, since: float) -> None:
        say(
            f"{since / 60:.0f} of {self.seconds / 60:.0f} minutes, {self.edits} edits,"
            f" {self.rate:.2f} a second, waits {self._waits():.0f} s"
        )

    def _edit(self) -> None:
        self.people.edit()
        self.edits += 1

    def _operate(self) -> None:
        patient(self.operators.hold_one)
        patient(lambda: self.operators.let_go(after=40))
        patient(self.operators.answer)

    def _waits(self) -> float:
        """How long the oldest change waits that nothing keeps from being carried."""
        found = patient(
            lambda: (
                SyncRecord.objects.filter(dirty_since__isnull=False, hold="", status__in=("dirty", "pending_sync"))
                .order_by("dirty_since")
                .values_list("dirty_since", flat=True)
                .first()
            )
        )
        return (timezone.now() - found) / timedelta(seconds=1) if found else 0.0

    def _adapt(self) -> None:
        waits = self._waits()
        self.slowest = max(self.slowest, waits)
        least = DAY_EDITS / self.seconds
        if waits < 20:
            self.rate = min(FASTEST, self.rate * 1.1)
        elif waits > 60 and time.monotonic() > self.excused_until:
            self.rate = max(least, self.rate * 0.8)
