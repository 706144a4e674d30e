"""An office with calendars whose passes run in real workers, and the books of its calendars."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.requests import Source
from syncapp.engine import dispatcher, job_queue
from syncapp.engine.rows import locks
from syncapp.entities.appointments import due_passes
from syncapp.models import Appointment, CalendarEmployee
from syncapp.remotes.registry import forget
from tests.chaos.audit import Books
from tests.chaos.plant import Plant, Process
from tests.support.calendars import USER, Office

SETTINGS = ("GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_CALENDAR_API_URL", "GOOGLE_DELEGATED_USER")
# What both sides have to show of an appointment: text, day, beginning, place, note.
Shown = tuple[str, str, str, str, str]


@pytest.fixture
def office(plant: Plant, settings: Any, tmp_path: Path) -> Office:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = plant.sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = plant.sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    plant.redis.forget("google_calendar:quota:*")  # the test before was another minute
    forget()
    return Office(plant.sandbox, settings)


def worker(plant: Plant, office: Office) -> Process:
    return plant.begin_worker("calendar", **{name: getattr(office.settings, name) for name in SETTINGS})


def begin_workers(plant: Plant, office: Office, number: int) -> list[Process]:
    """Started together, and not waited for."""
    return [worker(plant, office) for _ in range(number)]


def holder_of(office: Office, workers: Iterable[Process], kuerzel: str = "SB") -> Process:
    """The worker that has the calendar in hand."""
    lease = office.employee(kuerzel).lease_holder
    return next(one for one in workers if f":{one.popen.pid}." in lease)


def demand(office: Office, *kuerzel: str, full: bool = False) -> None:
    """A person wants passes over these calendars now: a job each."""
    for one in kuerzel:
        ids = [office.employee(one).pk]
        due_passes.request_passes(ids, source=Source.PERSON, cause="tests", full=full, urgent=True)


def by_the_clock(office: Office) -> None:
    """A minute passes: what is due is enqueued, what waits for its time is due in the next one."""
    if job_queue.waiting(due_passes.QUEUE):
        return
    dispatcher.dispatch()
    waits = CalendarEmployee.objects.filter(lease_token="", next_retry_at__gt=timezone.now())
    for kuerzel in waits.values_list("kuerzel", flat=True):
        office.due(kuerzel)


def at_rest() -> bool:
    """Whether no calendar is in anybody's hand, and nothing waits to be carried."""
    waiting = job_queue.waiting(due_passes.QUEUE)
    return not (waiting or CalendarEmployee.objects.exclude(status="clean").exists() or locks.names())


def carry(plant: Plant, office: Office, *kuerzel: str, full: bool = False) -> None:
    """Passes over these calendars, and whatever the clock has to bring back of them."""
    demand(office, *kuerzel, full=full)

    def is_carried() -> bool:
        by_the_clock(office)
        return at_rest()

    plant.until(is_carried, "all calendars are equal")


# --- the books


def _termine(rows: Iterable[Mapping[str, Any]], kuerzel: str) -> list[Shown]:
    return [
        (row["text"], row["datum"][:10], row["uhrzeitVon"][:5], row["ort"] or "", _lines(row["notiz"]))
        for row in rows
        if kuerzel in row["anwalt"].split(",")
    ]


def _lines(note: str | None) -> str:
    return (note or "").replace("\r\n", "\n").rstrip()


def _events(office: Office, kuerzel: str) -> list[Shown]:
    return [
        (one.summary, one.start.date_time[:10], one.start.date_time[11:16], one.location, _lines(one.description))
        for one in office.events(kuerzel)
    ]


def audit(office: Office, expected: Mapping[str, Iterable[str]]) -> Books:
    """Both sides of these calendars, appointment by appointment. expected: the texts there have to be, by kuerzel."""
    lost: list[str] = []
    doubled: list[str] = []
    stuck: list[str] = [f"lock {name}" for name in locks.names()]
    records, termine = 0, office.sandbox.state()["termine"]
    for kuerzel, texts in expected.items():
        wanted = Counter(list(texts))
        records += wanted.total()
        there, here = _termine(termine, kuerzel), _events(office, kuerzel)
        for side, shown in (("Advoware", there), ("Google", here)):
            found = Counter(text for text, *_more in shown)
            lost += [f"{kuerzel}: {text!r} is not in {side}" for text in wanted - found]
            doubled += [f"{kuerzel}: {text!r} too often in {side}" for text in found - wanted]
        if Counter(there) != Counter(here):
            lost += [f"{kuerzel}: differs: {one}" for one in sorted(set(there) ^ set(here))]
        stuck += _stuck(office, kuerzel)
    return Books(records, tuple(lost), tuple(doubled), tuple(stuck))


def _stuck(office: Office, kuerzel: str) -> list[str]:
    row = office.employee(kuerzel)
    seen = (row.status, row.kind, row.fault, row.lease_token, row.retry_count)
    found = [] if seen == ("clean", "", {}, "", 0) else [f"{kuerzel}: {seen}"]
    open_rows = Appointment.objects.filter(employee=row).exclude(status="closed")
    return found + [
        f"{kuerzel}: {one.fr_nr} {one.status} {one.intent} {one.questions}"
        for one in open_rows
        if (one.status, one.intent, one.error_kind) != ("ok", None, "")
    ]


def books_of(
    plant: Plant, office: Office, expected: Mapping[str, Iterable[str]], *, silent: Iterable[str] | None = None
) -> Books:
    """The books once all workers have ended; where they are good, a further pass over each calendar writes nothing.

    silent: the calendars of which that is shown here, where a test has shown it of all.
    """
    for process in plant.processes:
        if not process.ended:
            process.terminate()
    plant.sandbox.heal()
    books = audit(office, expected)
    if books.are_good:
        for kuerzel in expected if silent is None else silent:
            office.is_silent(kuerzel)
    return books
