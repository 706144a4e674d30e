"""Failed jobs and the records they were about, there and back.

Invariant: a failed job is never the only trace of a trouble; this is for the technician who follows one. Without Redis
there is nothing to show, and nobody waits.
"""

from collections.abc import Iterator

import redis
from django.conf import settings
from rq.job import Job
from rq.registry import FailedJobRegistry

from syncapp.operations.monitoring.jobs.rows import JobRow, fetched, queue_of, reason_of, row_of

MOST = 50


def newest() -> tuple[JobRow, ...] | None:
    """The newest failed jobs of all queues; None without Redis."""
    try:
        jobs = [(name, job) for name in settings.QUEUE_NAMES for job in _of_queue(name)]
        jobs.sort(key=lambda found: found[1].ended_at.timestamp() if found[1].ended_at else 0, reverse=True)
        return tuple(row_of(name, job, reason=reason_of(job)) for name, job in jobs[:MOST])
    except redis.RedisError:
        return None


def of_record(record_id: int) -> tuple[JobRow, ...]:
    """The failed jobs that were about a record."""
    return tuple(job for job in newest() or () if record_id in job.record_ids)


def _of_queue(name: str) -> Iterator[Job]:
    ids = FailedJobRegistry(queue=queue_of(name)).get_job_ids(0, MOST - 1, desc=True, cleanup=False)
    return fetched(name, ids)
