"""A job of RQ as a row: what it does in words, which records it is about, how its runs ended; and the failed ones.

Invariant: no value of a person is shown: arguments are ids, and what a run raised was stripped of its text when it was
kept (syncapp/worker.py); what an older version has left behind is told by the kind of error alone. A failed job is
never the only trace of a trouble.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import redis
from django.conf import settings
from rq import Queue
from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.results import Result
from rq.serializers import JSONSerializer

from syncapp.engine import job_queue
from syncapp.models import SyncRecord
from syncapp.words.monitoring.jobs import job_name
from syncapp.words.queues import ended_words

RECORDS_SHOWN = 5
FAILED_SHOWN = 50
# Behind it stands the traceback without values that syncapp/worker.py has made.
KEPT_BY_US = "JobFailed:"


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job: where it runs, what it does, with which records. `reason`: the kind of error that it ended with."""

    id: str
    queue: str
    function: str
    record_ids: tuple[int, ...]
    state: str  # rq.job.JobStatus
    enqueued_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    reason: str = ""

    @property
    def title(self) -> str:
        """What it does, in the words of people."""
        return job_name(self.function.rpartition(".")[2])

    @property
    def more_records(self) -> int:
        """How many records are not shown in a list."""
        return max(0, len(self.record_ids) - RECORDS_SHOWN)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of a job: when it ended, whether well, whose it was, and where it broke."""

    ended_at: datetime | None
    well: bool
    worker: str
    reason: str
    trace: str


def queue_of(name: str) -> Queue:
    return job_queue.queue(name, settings.REDIS_URL)


def fetched(queue: str, ids: Iterable[str]) -> Iterator[Job]:
    """The jobs of these ids that Redis still knows."""
    found = Job.fetch_many(list(ids), connection=queue_of(queue).connection, serializer=JSONSerializer)
    return (job for job in found if job is not None)


def row_of(queue: str, job: Job, *, reason: str = "") -> JobRow:
    try:
        first = job.args[0] if job.args else ()
        function = str(job.func_name)
    except (DeserializationError, TypeError, ValueError):
        first, function = (), "?"
    ids = tuple(item for item in first if isinstance(item, int)) if isinstance(first, list) else ()
    about_records = function.endswith("_records")
    state = job.get_status(refresh=False)
    return JobRow(
        job.id,
        queue,
        function,
        ids if about_records else (),
        state.value if state is not None else "",
        job.enqueued_at,
        job.started_at,
        job.ended_at,
        reason,
    )


def _reason_of(job: Job) -> str:
    """How its last run ended: the kind of error, since the rest of the line may quote a value."""
    latest = job.latest_result()
    return _reason(latest.exc_string if latest is not None else None)


def newest_failed() -> tuple[JobRow, ...]:
    """The newest failed jobs of all queues; none without Redis."""
    try:
        jobs = [(name, job) for name in settings.QUEUE_NAMES for job in _failed_of(name)]
        jobs.sort(key=lambda found: found[1].ended_at.timestamp() if found[1].ended_at else 0, reverse=True)
        return tuple(row_of(name, job, reason=_reason_of(job)) for name, job in jobs[:FAILED_SHOWN])
    except redis.RedisError:
        return ()


def failed_with(record_id: int) -> tuple[JobRow, ...]:
    """The failed jobs that were about a record."""
    return tuple(job for job in newest_failed() if record_id in job.record_ids)


def _failed_of(name: str) -> Iterator[Job]:
    ids = FailedJobRegistry(queue=queue_of(name)).get_job_ids(0, FAILED_SHOWN - 1, desc=True, cleanup=False)
    return fetched(name, ids)


def _reason(raised: str | None) -> str:
    lines = (raised or "").strip().splitlines()
    return ended_words(lines[-1].partition(":")[0][:120]) if lines else ""


def find(*, job_id: str, queue: str) -> tuple[JobRow, tuple[RunRow, ...]] | None:
    """A job with its runs, newest first; None where Redis does not know it (any more). Raises RedisError."""
    try:
        job = Job.fetch(job_id, connection=queue_of(queue).connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return None
    if job.origin != queue:
        return None
    runs = tuple(map(_run, job.results()))
    return row_of(queue, job, reason=runs[0].reason if runs else ""), runs


def _run(result: Result) -> RunRow:
    well = result.type is Result.Type.SUCCESSFUL
    reason = "" if well else _reason(result.exc_string)
    return RunRow(result.created_at, well, result.worker_name or "", reason, _trace(result.exc_string))


def _trace(raised: str | None) -> str:
    """Where it broke, as our worker has kept it; what else raised may quote a value."""
    return (raised or "").partition(KEPT_BY_US)[2].strip()


def records_of(jobs: Iterable[JobRow]) -> dict[int, SyncRecord]:
    """The first records of each of these jobs, for links. One query."""
    ids = {record_id for job in jobs for record_id in job.record_ids[:RECORDS_SHOWN]}
    return SyncRecord.objects.only("pk", "espo_id", "name", "betnr").in_bulk(list(ids))


def again(*, job_id: str, queue: str) -> bool:
    """Put a failed job on its queue once more; whether it was there. Its runs so far are kept. Raises RedisError."""
    failed = FailedJobRegistry(queue=queue_of(queue))
    if job_id not in failed:
        return False
    try:
        failed.requeue(job_id)
    except NoSuchJobError:
        return False
    return True
