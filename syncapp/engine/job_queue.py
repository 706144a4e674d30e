"""The job queue: puts record ids on a queue. The generation in the database counts; a lost job is found again.

Invariant: enqueueing never raises and never waits long; jobs carry ids only. Call it after the commit.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial

import redis
from django.conf import settings
from django.db import transaction
from rq import Queue
from rq.serializers import JSONSerializer
from structlog.contextvars import get_contextvars

from syncapp.core.faults.tracebacks import without_values
from syncapp.core.requests import QueueName
from syncapp.engine import queue_pauses
from syncapp.engine.rows import locks

log = logging.getLogger("advosync.queues")

SYNC_JOB = "syncapp.jobs.sync_records"
REQUEST_ID = "request_id"
BATCH = 100
# A job costs more than what it brings to a queue, and its records run at the same time: not one for each of them.
TOGETHER = 25
JOB_TIMEOUT = 1800
RESULT_TTL = 300
FAILURE_TTL = 86400

_kept_back: ContextVar[list[Callable[[], None]] | None] = ContextVar("jobs_kept_back", default=None)


@contextmanager
def kept_back() -> Iterator[list[Callable[[], None]]]:
    """Within, nothing waits for Redis: what is enqueued comes into this list, for the caller to call when it will."""
    jobs: list[Callable[[], None]] = []
    token = _kept_back.set(jobs)
    try:
        yield jobs
    finally:
        _kept_back.reset(token)


@contextmanager
def at_the_end() -> Iterator[None]:
    """What is enqueued within is sent when all within is over, however it ends.

    A run enqueues its row again with its commit, where somebody asked meanwhile: whoever takes that job is to find the
    lock given back, else it drops the job, and the row waits for the dispatcher's next round.
    """
    jobs: list[Callable[[], None]] = []
    try:
        with kept_back() as jobs:
            yield
    finally:
        for job in jobs:
            try:
                _send_or_keep_back(job)
            except Exception as error:  # the run is committed; what is not enqueued now is found by the dispatcher
                log.error("run_not_enqueued", extra={"at": without_values(error)})


@lru_cache(maxsize=8)
def queue(name: str, url: str) -> Queue:
    """One queue object a process: opening a connection for each job costs four fifths of the rate."""
    return Queue(name, connection=locks.connection(url), serializer=JSONSerializer, default_timeout=JOB_TIMEOUT)


def enqueue_each(record_ids: Iterable[int], *, queue_name: QueueName = QueueName.URGENT, job: str = SYNC_JOB) -> None:
    """For those that people wait for: small jobs, so that all workers get some of a large delivery."""
    _after_commit(_portions(list(record_ids), TOGETHER), queue_name, job)


def enqueue(record_ids: Iterable[int], *, queue_name: QueueName, job: str = SYNC_JOB) -> None:
    """Jobs of up to a hundred records, for the sweep and for bulk work.

    Not while the queue is paused: the rounds of the clock find the same again, and would only pile it up.
    """
    if queue_pauses.is_paused(queue_name):
        return
    _after_commit(_portions(list(record_ids), BATCH), queue_name, job)


def enqueue_call(job: str, *, queue_name: QueueName) -> None:
    """One job that is about no record: it gets an empty list."""
    _after_commit([[]], queue_name, job)


def _portions(ids: list[int], size: int) -> list[list[int]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _after_commit(batches: list[list[int]], queue_name: str, job: str) -> None:
    if batches:
        # Whose doing it is, for the log lines of the job.
        meta = {name: value for name, value in get_contextvars().items() if name == REQUEST_ID}
        send = partial(_send, batches, queue_name, job, meta)
        transaction.on_commit(lambda: _send_or_keep_back(send), robust=True)


def _send_or_keep_back(send: Callable[[], None]) -> None:
    later = _kept_back.get()
    if later is None:
        send()
    else:
        later.append(send)


def _send(batches: list[list[int]], queue_name: str, job: str, meta: dict[str, str]) -> None:
    target = queue(queue_name, settings.REDIS_URL)
    jobs = [
        Queue.prepare_data(
            job, args=(batch,), timeout=JOB_TIMEOUT, result_ttl=RESULT_TTL, failure_ttl=FAILURE_TTL, meta=dict(meta)
        )
        for batch in batches
    ]
    try:
        target.enqueue_many(jobs)
    except redis.RedisError:
        log.warning("redis_away", extra={"step": "enqueue", "jobs": len(jobs)})


def waiting(queue_name: str) -> int | None:
    """Jobs on the queue, None without Redis."""
    try:
        return int(queue(queue_name, settings.REDIS_URL).count)
    except redis.RedisError:
        return None


def answers() -> bool:
    """Whether a job that is enqueued now would be there."""
    return waiting(QueueName.URGENT) is not None


def all_waiting() -> dict[str, int | None]:
    """Of every queue."""
    return {name: waiting(name) for name in settings.QUEUE_NAMES}
