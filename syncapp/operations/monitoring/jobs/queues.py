"""The queues with what waits, runs and failed in them, and the workers with what they do now.

Invariant: whoever has shown no life for worker_signs.LIVES_FOR seconds is not shown as working, whatever RQ's own list
says of it; a pause is read in the database. Raises RedisError where Redis is away.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.conf import settings
from rq.exceptions import NoSuchJobError
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.worker import BaseWorker

from syncapp.engine import queue_pauses, worker_signs
from syncapp.engine.rows import locks
from syncapp.models import QueuePause
from syncapp.operations.monitoring.jobs.rows import JobRow, fetched, queue_of, row_of
from syncapp.words.queues import QUEUES, QueueWords

WAITING_SHOWN = 20


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """One worker. `state`: busy, idle, paused, or dead where it has shown no life for too long."""

    name: str
    queue: str
    state: str
    job: JobRow | None
    last_seen: datetime | None
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue: numbers, who serves it, and its pause where it has one."""

    name: str
    words: QueueWords
    waiting: int
    running: int
    failed: int
    workers: int
    oldest: datetime | None
    pause: QueuePause | None
    can_be_paused: bool


@dataclass(frozen=True, slots=True)
class Machinery:
    """All of it at one moment."""

    queues: tuple[QueueRow, ...]
    workers: tuple[WorkerRow, ...]
    running: tuple[JobRow, ...]
    waiting: tuple[JobRow, ...]

    @property
    def unserved(self) -> tuple[QueueRow, ...]:
        """Queues on which jobs wait and nobody works."""
        return tuple(row for row in self.queues if row.waiting and not row.workers)


def machinery() -> Machinery:
    """A few questions for each queue and each worker, not for each job that waits."""
    workers = tuple(sorted(_workers(), key=lambda row: (settings.QUEUE_NAMES.index(row.queue), row.name)))
    paused = queue_pauses.paused()
    waiting = {name: tuple(_waiting(name)) for name in settings.QUEUE_NAMES}
    rows = tuple(_queue(name, workers, waiting[name], paused.get(name)) for name in settings.QUEUE_NAMES)
    running = {worker.job.id: worker.job for worker in workers if worker.job is not None}
    return Machinery(rows, workers, tuple(running.values()), tuple(chain.from_iterable(waiting.values())))


def _queue(
    name: str, workers: tuple[WorkerRow, ...], waiting: tuple[JobRow, ...], pause: QueuePause | None
) -> QueueRow:
    queue = queue_of(name)
    mine = [worker for worker in workers if worker.queue == name and worker.state != "dead"]
    return QueueRow(
        name=name,
        words=QUEUES[name],
        waiting=queue.count,
        running=sum(worker.job is not None for worker in mine),
        failed=FailedJobRegistry(queue=queue).get_job_count(cleanup=False),
        workers=len(mine),
        oldest=waiting[0].enqueued_at if waiting else None,
        pause=pause,
        can_be_paused=queue_pauses.can_be_paused(name),
    )


def _waiting(name: str) -> Iterator[JobRow]:
    ids = queue_of(name).get_job_ids(0, WAITING_SHOWN)
    return (row_of(name, job) for job in fetched(name, ids))


def _workers() -> Iterator[WorkerRow]:
    for worker, alive in worker_signs.known(locks.connection(settings.REDIS_URL)):
        queue = next(iter(worker.queue_names()), "")
        if queue not in settings.QUEUE_NAMES:
            continue
        job = _job_of(worker, queue) if alive else None
        yield WorkerRow(
            worker.name,
            queue,
            _state(worker, queue, alive=alive, busy=job is not None),
            job,
            worker.last_heartbeat,
            worker.successful_job_count,
            worker.failed_job_count,
        )


def _job_of(worker: BaseWorker, queue: str) -> JobRow | None:
    """What it is at: a job that its registry names too, since one that has just ended may still stand at the worker."""
    job_id = worker.get_current_job_id()
    if not job_id or job_id not in StartedJobRegistry(queue=queue_of(queue)).get_job_ids(cleanup=False):
        return None
    try:
        return row_of(queue, next(iter(fetched(queue, [job_id]))))
    except (StopIteration, NoSuchJobError):
        return None


def _state(worker: BaseWorker, queue: str, *, alive: bool, busy: bool) -> str:
    if not alive:
        return "dead"
    if busy:
        return "busy"
    return "paused" if worker.get_state() == "suspended" or queue_pauses.is_paused(queue) else "idle"
