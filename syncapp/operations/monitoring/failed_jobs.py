"""Failed jobs of RQ and the records they were about, there and back.

Invariant: a failed job is never the only trace of a trouble; this is for the technician who follows one. Without Redis
there is nothing to show, and nobody waits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import redis
from django.conf import settings
from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

from syncapp.engine import job_queue
from syncapp.models import SyncRecord

MOST = 50


@dataclass(frozen=True, slots=True)
class FailedJob:
    """One job: where it ran, what it called, with which records, and how it ended (without values)."""

    id: str
    queue: str
    function: str
    record_ids: tuple[int, ...]
    ended_at: datetime | None
    reason: str


def newest() -> tuple[FailedJob, ...] | None:
    """The newest failed jobs of all queues; None without Redis."""
    try:
        jobs = [job for name in settings.QUEUE_NAMES for job in _of_queue(name)]
    except redis.RedisError:
        return None
    return tuple(sorted(jobs, key=lambda job: job.ended_at.timestamp() if job.ended_at else 0, reverse=True)[:MOST])


def of_record(record_id: int) -> tuple[FailedJob, ...]:
    """The failed jobs that were about a record."""
    return tuple(job for job in newest() or () if record_id in job.record_ids)


def _of_queue(name: str) -> Iterator[FailedJob]:
    target = job_queue.queue(name, settings.REDIS_URL)
    registry = FailedJobRegistry(queue=target)
    ids = registry.get_job_ids(0, MOST - 1, desc=True)
    for job in Job.fetch_many(ids, connection=target.connection, serializer=JSONSerializer):
        if job is not None:
            yield _read(name, job)


def _read(queue: str, job: Job) -> FailedJob:
    try:
        first = job.args[0] if job.args else ()
        function = str(job.func_name)
    except (DeserializationError, TypeError, ValueError):
        first, function = (), "?"
    ids = tuple(item for item in first if isinstance(item, int)) if isinstance(first, list) else ()
    about_records = function.endswith("_records")
    lines = (job.exc_info or "").strip().splitlines()
    # The last line may quote a value: only the kind of error is told.
    reason = lines[-1].partition(":")[0][:120] if lines else ""
    return FailedJob(job.id, queue, function, ids if about_records else (), job.ended_at, reason)


def records_of(jobs: tuple[FailedJob, ...]) -> dict[int, SyncRecord]:
    """The records that these jobs were about, for links."""
    ids = {record_id for job in jobs for record_id in job.record_ids[:5]}
    return SyncRecord.objects.only("pk", "espo_id", "name", "betnr").in_bulk(list(ids))


def records_of_job(*, job_id: str, queue_name: str) -> list[SyncRecord]:
    """The records of one job; none where Redis is away or does not know it any more."""
    try:
        job = Job.fetch(
            job_id, connection=job_queue.queue(queue_name, settings.REDIS_URL).connection, serializer=JSONSerializer
        )
    except (redis.RedisError, NoSuchJobError):
        return []
    return list(records_of((_read(queue_name, job),)).values())
