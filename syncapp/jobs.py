"""Jobs: what RQ's workers call and what the scheduler calls regularly. Thin: ids in, a service call, nothing else.

Invariant: every job may run twice, at the same time or again later, without harm; arguments are ids.
To extend: a regular job is a row of SCHEDULE; what a job is called is a row of JOB_NAMES (words/monitoring/jobs.py).
"""

from dataclasses import dataclass

from django.conf import settings

from syncapp.engine import batch, dispatcher
from syncapp.engine.runs.sync_record import Order
from syncapp.entities.appointments import due_passes
from syncapp.entities.appointments import entity as calendars
from syncapp.entities.appointments.rows import search_text
from syncapp.entities.beteiligte.child_events import records as child_records
from syncapp.entities.beteiligte.finding import texts
from syncapp.entities.beteiligte.probes import confirm
from syncapp.entities.beteiligte.probes import recheck as rechecks
from syncapp.operations.actions.bulk import many
from syncapp.operations.exports import orders
from syncapp.operations.maintenance import record_counts
from syncapp.operations.maintenance import sweep as sweeps
from syncapp.operations.monitoring import attention, figures

# How often it is asked whose pass is due; how often a pass is due say CALENDAR_SYNC_MINUTES and CALENDAR_FULL_SYNC_AT.
CALENDAR_CHECK_SECONDS = 60
# First loads wait for Google's quota, many at a time: a job begins nothing new long before its own time is over.
CALENDAR_JOB_SECONDS = 600


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """One regular job: a fixed id, so that registering it again replaces it; the dotted path of what runs; seconds
    between two runs."""

    id: str
    function: str
    interval_seconds: int


def sync_records(record_ids: list[int]) -> dict[str, int]:
    """Sync these records; how many ended in which way."""
    return batch.sync_batch([Order(one) for one in record_ids])


def dispatch() -> int:
    """Enqueue what is due, and keep the counts short; how many records."""
    enqueued = dispatcher.dispatch()
    record_counts.fold()
    return enqueued


def recheck() -> int:
    """Look again at records that count as equal; how many."""
    return rechecks.recheck(limit=settings.SYNC_RECHECK_PER_SWEEP)


def recheck_records(record_ids: list[int]) -> dict[str, int]:
    """Look again at these records, by list rows where EspoCRM did not move."""
    return rechecks.recheck_records(record_ids)


def confirm_writes(record_ids: list[int]) -> dict[str, int]:
    """Look once in Advoware at what we wrote there; what came of it."""
    return confirm.confirm_writes(record_ids)


def deep_check_records(record_ids: list[int]) -> dict[str, int]:
    """Read both sides of these records whole."""
    return rechecks.deep_check_records(record_ids)


def sweep() -> dict[str, int]:
    """One sweep; what its steps counted."""
    return dict(sweeps.sweep().counts)


def find_records(_ids: list[int]) -> int:
    """Whose the addresses and accounts are that webhooks named without their record; how many."""
    return child_records.find_records()


def try_systems(_ids: list[int]) -> int:
    """Somebody wants a disturbed system asked now: the dispatcher's round does it, and what waited goes on at once."""
    return dispatcher.dispatch()


def sync_calendars(employee_ids: list[int]) -> dict[str, int]:
    """A pass over each of these calendars; how many ended in which way."""
    orders = [Order(one, entity_name=calendars.NAME) for one in employee_ids]
    return batch.sync_batch(orders, seconds=CALENDAR_JOB_SECONDS)


def run_due_calendars() -> int:
    """Ask for the passes over calendars that are due; how many."""
    return due_passes.request_due_passes()


def do_bulk_actions(bulk_ids: list[int]) -> int:
    """Carry out what somebody has confirmed for many records; how many records."""
    return sum(many.work(bulk_id=bulk_id, pausable=True) for bulk_id in bulk_ids)


def resume_bulk_actions() -> int:
    """Go on with acts and exports whose worker died; how many."""
    return many.resume_stuck() + orders.resume_stuck()


def write_exports(export_ids: list[int]) -> int:
    """Write the files that somebody has ordered; how many rows."""
    return sum(orders.work(export_id=export_id) for export_id in export_ids)


def note_figures() -> None:
    """Keep what the landing page needs to know of the past: the counters, signs of trouble, missing search texts."""
    figures.note()
    attention.note_trouble()
    texts.fill_gaps()
    search_text.fill_gaps()


CALENDARS = CALENDAR_CHECK_SECONDS if settings.GOOGLE_SERVICE_ACCOUNT_FILE else 0
SCHEDULE: tuple[ScheduledJob, ...] = tuple(
    job
    for job in (
        ScheduledJob("advosync-dispatch", "syncapp.jobs.dispatch", settings.SYNC_DISPATCH_SECONDS),
        ScheduledJob("advosync-figures", "syncapp.jobs.note_figures", 300),
        ScheduledJob("advosync-bulk", "syncapp.jobs.resume_bulk_actions", 60),
        ScheduledJob("advosync-sweep", "syncapp.jobs.sweep", settings.SYNC_SWEEP_MINUTES * 60),
        ScheduledJob("advosync-recheck", "syncapp.jobs.recheck", settings.SYNC_RECHECK_SECONDS),
        ScheduledJob("advosync-calendars", "syncapp.jobs.run_due_calendars", CALENDARS),
    )
    if job.interval_seconds  # 0: not here
)
