"""The nights of the changed clocks, with real processes: what they show leaves out an hour, or has it twice.

Time itself goes on as ever; it is the zone that changes. The processes get a Europe/Berlin that changes within a
minute, and by some seconds, so that nobody has to wait for an hour of the night: the daily full pass and the digest are
due in the very seconds that are missing, or that come twice. Appointments of such nights: tests/entities/appointments.
"""

import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.engine import job_queue
from syncapp.models import CalendarEmployee, DeletionTask, Sweep
from tests.chaos.audit import audit
from tests.chaos.calendars import SETTINGS
from tests.chaos.conftest import Close
from tests.chaos.plant import PATIENCE, Plant, Process
from tests.support.calendars import Office

pytestmark = pytest.mark.chaos
RECORDS = 6
# What stands for the hour, for the time until the change, and for the time after it.
HOUR, UNTIL, AFTERWARDS = 20, 40, 15
ROUNDS = ("dispatch", "run_due_calendars", "sweep")
DUE = {"CALENDAR_FULL_SYNC_AT": "02:00", "CALENDAR_SYNC_MINUTES": "0", "DIGEST_HOUR": "2"}
MAIL = {"ALERT_EMAILS": "technik@example.org", "EMAIL_URL": "consolemail://", "LANGUAGE_CODE": "en"}
DIGEST = "Subject: Advosync: open on"


@dataclass(frozen=True)
class Night:
    """shown: what clocks show in the moment of the change, before it; by: the seconds by which they are changed then;
    due: the seconds from the change to the moment in which two o'clock is first there, or would have been."""

    name: str
    shown: str
    by: int
    due: int


NIGHTS = (
    Night("night without an hour", "01:59:50", HOUR, 10),
    Night("night with an hour twice", "02:00:20", -HOUR, -HOUR),
)


def seconds_of(clock: str) -> int:
    hours, minutes, seconds = map(int, clock.split(":"))
    return (hours * 60 + minutes) * 60 + seconds


def zone_of(night: Night, change: datetime) -> bytes:
    """A zone as zoneinfo reads it (RFC 8536): one offset until the change, another one from then on."""
    utc = seconds_of(f"{change:%H:%M:%S}")
    before = (seconds_of(night.shown) - utc + 43200) % 86400 - 43200
    counts = struct.pack(">6l", 0, 0, 0, 1, 2, 8)  # transitions, types, letters of their names
    empty = struct.pack(">6l", 0, 0, 0, 0, 0, 0)
    head = b"TZif2" + b"\0" * 15
    types = struct.pack(">lbb", before, 0, 0) + struct.pack(">lbb", before + night.by, 0, 4)
    whole = struct.pack(">qB", int(change.timestamp()), 1) + types + b"OLD\0NEW\0"
    return head + empty + head + counts + whole + b"\n\n"


def test_the_zone_is_read_as_it_is_meant() -> None:
    """Of the file that this module makes: two o'clock is missing, or there twice."""
    change = datetime(2026, 11, 29, 11, 30, 7, tzinfo=UTC)
    for night in NIGHTS:
        zone = ZoneInfo.from_file(BytesIO(zone_of(night, change)))
        shown = [(change + timedelta(seconds=number)).astimezone(zone).time().isoformat() for number in (-1, 0)]
        assert shown == {20: ["01:59:49", "02:00:10"], -20: ["02:00:19", "02:00:00"]}[night.by]
        two = datetime.combine(change.astimezone(zone).date(), datetime.min.time().replace(hour=2), tzinfo=zone)
        assert two.astimezone(UTC) == change + timedelta(seconds=night.due)


def at_work(plant: Plant, office: Office, night: Night, folder: Path) -> tuple[datetime, dict[str, Process]]:
    """Workers in such a zone, ready some time before its clocks change; when that is."""
    plant.environment |= {**{name: getattr(office.settings, name) for name in SETTINGS}, **DUE, **MAIL}
    change = (timezone.now() + timedelta(seconds=UNTIL)).replace(microsecond=0)
    (folder / "Europe").mkdir()
    (folder / "Europe" / "Berlin").write_bytes(zone_of(night, change))
    plant.environment["PYTHONTZPATH"] = str(folder)
    workers = {queue: plant.begin_worker(queue) for queue in ("schedule", "sweep", "calendar")}
    for worker in workers.values():
        plant.ready(worker)
    return change, workers


def edit_until(plant: Plant, ids: list[str], end: datetime) -> dict[str, dict[str, str]]:
    """People edit, and the clock's rounds follow one another quickly, until then and the daily pass over the calendar.

    What both sides have to show in the end.
    """
    expected: dict[str, dict[str, str]] = {}
    queue, number = job_queue.queue("schedule", settings.REDIS_URL), 0
    late = time.monotonic() + UNTIL + PATIENCE
    while timezone.now() < end or not CalendarEmployee.objects.filter(completed__gt=0).exists():
        assert time.monotonic() < late, "no daily pass"
        espo_id, number = ids[number % len(ids)], number + 1
        expected[espo_id] = {"titel": f"Prof. {number}"}
        plant.sandbox.anna.change(espo_id, **expected[espo_id])
        plant.ask(espo_id, enqueue=False)
        for name in ROUNDS:
            queue.enqueue(f"syncapp.jobs.{name}")
        plant.until(lambda: not queue.count, "the rounds are done")
        time.sleep(0.5)
    return expected


@pytest.mark.parametrize("night", [pytest.param(night, id=night.name) for night in NIGHTS])
def test_at_work_while_the_clocks_are_changed(
    plant: Plant, office: Office, close_books: Close, night: Night, tmp_path: Path
) -> None:
    first = plant.worker("sweep")
    ids = list(plant.pairs(RECORDS))
    first.terminate()
    office.hire()
    now = timezone.now()
    CalendarEmployee.objects.update(status=Status.CLEAN, last_check=now, last_full_pass=now)
    DeletionTask.objects.create(espo_id="r9", betnr=12)  # something for the digest to tell
    (folder := tmp_path / "zones").mkdir()
    change, workers = at_work(plant, office, night, folder)
    expected = edit_until(plant, ids, change + timedelta(seconds=AFTERWARDS))
    plant.settle()
    calendar = office.employee()
    assert (calendar.requested, calendar.full_wanted, calendar.completed) == (1, 1, 1), "one daily pass, and no other"
    assert calendar.last_full_pass is not None
    assert calendar.last_full_pass >= change + timedelta(seconds=night.due)
    assert workers["schedule"].said().count(DIGEST) == 1
    assert Sweep.objects.filter(started_at__gt=change).exists()
    assert not Sweep.objects.exclude(fault={}).exists()
    assert not any("clock_set_back" in worker.said() or worker.ended for worker in workers.values())
    close_books(night.name, audit(plant, ids, expected=expected))
