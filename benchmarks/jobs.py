"""Jobs: overhead over bare RQ, and how several workers scale."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from benchmarks.firm import Bench
from benchmarks.results import Figure, repeated
from tests.support.processes import MANAGE, running, wait_until

JOBS = 300
SCALED = 60
A_JOB = 5
DELAY = 0.5


def overhead(bench: Bench) -> Iterator[Figure]:
    """Our worker on jobs that find nothing to do, over RQ's SimpleWorker and its forking Worker on empty jobs."""
    import redis
    from django.conf import settings
    from rq import Queue, SimpleWorker, Worker
    from rq.worker import BaseWorker

    connection = redis.Redis.from_url(settings.REDIS_URL)
    record = bench.pairs(1)[0]

    def bare(worker: type[BaseWorker], jobs: int) -> float:
        queue = Queue("bare", connection=connection)
        for _job in range(jobs):
            queue.enqueue("time.time")
        return _drain(worker([queue], connection=connection)) / jobs

    ratio, spread = repeated(lambda: _ours(record.pk) / bare(SimpleWorker, JOBS), times=5)
    each = _ours(record.pk) * 1000
    yield Figure("a job that finds nothing to do, over an empty one of RQ", "", f"{each:.1f} ms a job", ratio, spread)
    ratio, spread = repeated(lambda: bare(Worker, 30) / bare(SimpleWorker, JOBS), times=3)
    yield Figure("RQ's forking worker over its SimpleWorker, empty jobs", "", f"{ratio:.1f} times", ratio, spread)


def _ours(record_id: int) -> float:
    from django.conf import settings

    from syncapp.engine import job_queue
    from syncapp.worker import SyncWorker

    for _job in range(JOBS):
        job_queue.enqueue_each([record_id])
    queue = job_queue.queue("webhook", settings.REDIS_URL)
    return _drain(SyncWorker([queue], connection=queue.connection, serializer=queue.serializer)) / JOBS


def _drain(worker: Any) -> float:
    begin = time.perf_counter()
    worker.work(burst=True, logging_level="ERROR")
    return time.perf_counter() - begin


def scaling(bench: Bench) -> Iterator[Figure]:
    """Two and four worker processes over one, with a slow remote and with a quick one.

    The workers stand ready before the clock starts: what is measured is work, not the start of a process.
    """
    records = bench.pairs(SCALED)
    for name, delay in ((f"slow remote ({DELAY * 1000:.0f} ms a call)", DELAY), ("quick remote", 0.0)):
        alone = _drained_by(bench, records, workers=1, delay=delay)
        for workers in (2, 4):
            seconds = _drained_by(bench, records, workers=workers, delay=delay)
            gain = alone / seconds
            measured = f"{len(records) / seconds:.0f} records a second, by one {len(records) / alone:.0f}"
            yield Figure(f"{workers} workers over one, {name}", f"{workers} with enough processors", measured, gain)


def _drained_by(bench: Bench, records: list[Any], *, workers: int, delay: float) -> float:
    from syncapp.engine import job_queue

    ids = [record.pk for record in records]
    with ExitStack() as started:
        for number in range(workers):
            started.enter_context(_worker(bench, number))
        _ask(bench, records, f"{workers} {delay}")
        with bench.slow(delay):
            begin = time.perf_counter()
            for start in range(0, len(ids), A_JOB):
                job_queue.enqueue_each(ids[start : start + A_JOB])
            wait_until(lambda: not _left(ids), seconds=200)
            return time.perf_counter() - begin


def _worker(bench: Bench, number: int) -> Any:
    log = bench.directory / f"worker-{number}.log"
    return running([*MANAGE, "worker", "webhook"], log=log, ready=lambda: b"ready" in log.read_bytes())


def _ask(bench: Bench, records: list[Any], title: str) -> None:
    from syncapp.core.states import Event
    from syncapp.engine.rows.requests import request_sync
    from syncapp.models import SyncRecord

    for record in records:
        bench.edit(record.espo_id, title)
        request_sync(SyncRecord, record_id=record.pk, event=Event.CHANGED, trigger="update", source="webhook")


def _left(ids: list[int]) -> bool:
    from syncapp.models import SyncRecord

    return SyncRecord.objects.filter(pk__in=ids).exclude(status="clean").exists()
