"""The clock: puts the jobs of syncapp.jobs.SCHEDULE on their own queue, again and again.

rq-scheduler keeps its entries in Redis, where they can get lost (a flush, an emptied queue, a death between two steps).
Invariant: whatever is lost is back at the next poll, since every poll compares with the table; a job that still waits
is not queued a second time; nothing waits for longer than its interval, though the machine's clock be set back. Two
schedulers at once do no harm: they share a lock, and the jobs are idempotent.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rq import Queue
from rq.job import Job
from rq_scheduler import Scheduler
from rq_scheduler.utils import to_unix

from syncapp.core.requests import QueueName
from syncapp.jobs import ScheduledJob
from syncapp.worker import SyncJob

LONGEST_POLL_SECONDS = 10
# Two schedulers may have clocks that differ.
CLOCKS_APART_SECONDS = 30
QUEUE = QueueName.SCHEDULE
OWN_CODE = "syncapp."


class SyncScheduler(Scheduler):
    """rq-scheduler with a table that it keeps to."""

    def __init__(self, *, schedule: Sequence[ScheduledJob], connection: Any) -> None:
        poll = min([LONGEST_POLL_SECONDS, *(entry.interval_seconds for entry in schedule)])
        super().__init__(queue_name=QUEUE, interval=max(1, poll), connection=connection, job_class=SyncJob)
        self.table = {entry.id: entry for entry in schedule}

    def register_birth(self) -> None:
        self.drop_strangers()
        self.register(self.table.values())
        super().register_birth()

    def register(self, entries: Iterable[ScheduledJob]) -> None:
        """Schedule the entries for now and then for ever; the fixed id replaces an older registration."""
        for entry in entries:
            self.schedule(
                timezone.now(), entry.function, id=entry.id, interval=entry.interval_seconds, queue_name=QUEUE
            )

    def drop_strangers(self) -> None:
        """Entries of ours that an older version of the table left behind."""
        for job in list(self.get_jobs()):
            if job.id not in self.table and job.func_name.startswith(OWN_CODE):
                self.cancel(job)

    def enqueue_jobs(self) -> Any:
        self.register(entry for entry in self.table.values() if entry.id not in self)
        self.bring_nearer()
        return super().enqueue_jobs()

    def bring_nearer(self) -> None:
        """Entries further off than their interval, which only a clock that was ahead can leave: they are due now."""
        now = to_unix(timezone.now())
        for entry in self.table.values():
            at = self.connection.zscore(self.scheduled_jobs_key, entry.id)
            if at is not None and at > now + entry.interval_seconds + CLOCKS_APART_SECONDS:
                self.connection.zadd(self.scheduled_jobs_key, {entry.id: now})

    def enqueue_job(self, job: Job) -> None:
        """After an hour without workers there is one dispatch to make up for, not sixty."""
        if self._is_waiting(job):
            later = timezone.now() + timedelta(seconds=job.meta["interval"])
            self.connection.zadd(self.scheduled_jobs_key, {job.id: to_unix(later)})
            return
        super().enqueue_job(job)

    def _is_waiting(self, job: Job) -> bool:
        queue: Queue = self.get_queue_for_job(job)
        return job.id in self.table and queue.get_job_position(job) is not None
