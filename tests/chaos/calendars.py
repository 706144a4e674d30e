"""An office with calendars whose passes run in real workers, and the books of its calendars."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.requests import Source
from syncapp.core.states import Status
from syncapp.engine import dispatcher, job_queue
from syncapp.engine.rows import locks
from syncapp.entities.appointments import due_passes
from syncapp.models import Appointment, CalendarEmployee, PairStatusChoice
from syncapp.remotes.registry import forget
from tests.chaos.audit import Books
from tests.chaos.plant import Plant, Process
from tests.support.calendars import USER, Office

# A light pass comes every 15 minutes.
QUARTER = timedelta(minutes=16)
SETTINGS = ("GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_CALENDAR_API_URL", "GOOGLE_DELEGATED_USER")
# Each kind of write of a pass -> (system, method, part of the address).
WRITES = {
    "insert": ("google", "POST", "/events"),
    "patch": ("google", "PATCH", "/events"),
    "delete event": ("google", "DELETE", "/events"),
    "put": ("advoware", "PUT", "Termine"),
    "post": ("advoware", "POST", "Termine"),
    "delete termin": ("advoware", "DELETE", "Termine"),
}
AT_REST = (PairStatusChoice.OK, PairStatusChoice.CLOSED)
# What both sides have to show of an appointment: text, start, end, place, note.
Shown = tuple[str, str, str, str, str]


@pytest.fixture
def office(plant: Plant, settings: Any, tmp_path: Path) -> Office:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = plant.sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = plant.sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    forget()
    return Office(plant.sandbox, settings)


def settings_of(office: Office) -> dict[str, str]:
    """The environment in which a process works for this office."""
    return {name: getattr(office.settings, name) for name in SETTINGS}


def worker(plant: Plant, office: Office) -> Process:
    return plant.begin_worker("calendar", **settings_of(office))


def ask(office: Office) -> None:
    """A person wants a pass of the one calendar now."""
    demand(office, "SB")


def move_on(plant: Plant, office: Office) -> None:
    """The clock goes on: what waits for its next minute, or for the next pass of all, is asked for at once."""
    row, now = office.employee(), timezone.now()
    dispatcher.dispatch()
    plant.let_brief_locks_end()  # that on a frNr, which a dead worker has left
    if row.next_retry_at is not None and row.next_retry_at > now:
        office.due()
        due_passes.enqueue([row.pk])
    elif row.status == Status.PERMANENTLY_FAILED:
        due_passes.request_due_passes(now + QUARTER)


def equal_by_the_clock(plant: Plant, office: Office) -> bool:
    """Whether the calendar is equal, or will be by the clock alone."""
    move_on(plant, office)
    return office.employee().status == Status.CLEAN and not locks.names()


def until_equal(plant: Plant, office: Office) -> None:
    """Raises AssertionError with what is not: the calendar, and its appointments that wait for something."""
    try:
        plant.until(lambda: equal_by_the_clock(plant, office), "the calendar is equal")
    except AssertionError as never:
        row = office.employee()
        left = [
            (pair.fr_nr, pair.status, pair.fault, pair.questions) for pair in office.rows().values() if in_hand(pair)
        ]
        raise AssertionError((row.status, row.kind, row.fault, left, locks.names())) from never


def lost_calls(plant: Plant, fault: str) -> int:
    """How many calls this fault has met."""
    return sum(call["fault"] == fault for call in plant.sandbox.control.calls())


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


def run_passes(plant: Plant, office: Office, *kuerzel: str, full: bool = False) -> None:
    """Passes over these calendars, and whatever the clock has to bring back of them."""
    demand(office, *kuerzel, full=full)

    def is_carried() -> bool:
        by_the_clock(office)
        return at_rest()

    plant.until(is_carried, "all calendars are equal")


# --- the books


def _termine(rows: Iterable[Mapping[str, Any]], kuerzel: str) -> list[Shown]:
    return [
        (
            row["text"],
            f"{row['datum'][:10]}T{row['uhrzeitVon'][:5]}",
            f"{(row['datumBis'] or row['datum'])[:10]}T{row['uhrzeitBis'][:5]}",
            row["ort"] or "",
            _lines(row["notiz"]),
        )
        for row in rows
        if kuerzel in row["anwalt"].split(",")
    ]


def _lines(note: str | None) -> str:
    return (note or "").replace("\r\n", "\n").rstrip()


def _events(office: Office, kuerzel: str) -> list[Shown]:
    return [
        (one.summary, one.start.date_time[:16], one.end.date_time[:16], one.location, _lines(one.description))
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
    return found + [
        f"{kuerzel}: {one.fr_nr} {one.status} {one.intent} {one.error_kind} {one.questions}"
        for one in Appointment.objects.filter(employee=row)
        if in_hand(one)
    ]


def in_hand(pair: Appointment) -> bool:
    """Whether it waits for an answer, a second try or a person."""
    return bool(pair.status not in AT_REST or pair.intent or pair.error_kind or pair.questions)


def books(office: Office, expected: Iterable[str]) -> Books:
    """Of the one calendar of an office, against the texts that people have left there."""
    return audit(office, {"SB": expected})


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
