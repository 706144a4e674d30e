"""Jobs: overhead over bare RQ, and how several workers scale."""

import subprocess
import time
from collections.abc import Iterator

from benchmarks.firm import Bench
from benchmarks.results import Result, repeated
from tests.support.processes import MANAGE, ROOT

JOBS = 300
SCALED = 48
DELAY = 0.1


def overhead(bench: Bench) -> Iterator[Result]:
    """Our worker on jobs that find nothing to do, over RQ's SimpleWorker on jobs that do nothing."""
    import redis
    from django.conf import settings
    from rq import Queue, SimpleWorker

    from syncapp.services import doorbell
    from syncapp.worker import SyncWorker

    connection = redis.Redis.from_url(settings.REDIS_URL)
    record = bench.pairs(1)[0]

    def bare() -> float:
        queue = Queue("bare", connection=connection)
        for _job in range(JOBS):
            queue.enqueue("time.time")
        return _drain(SimpleWorker([queue], connection=connection))

    def ours() -> float:
        doorbell.ring_each([record.pk] * JOBS)
        queue = doorbell.queue("webhook", settings.REDIS_URL)
        return _drain(SyncWorker([queue], connection=queue.connection, serializer=queue.serializer))

    ratio, spread = repeated(lambda: ours() / bare(), times=3)
    yield Result("a job that finds nothing to do", "over RQ's empty job", f"{ratio:.2f} times", ratio, spread)


def _drain(worker: object) -> float:
    begin = time.perf_counter()
    worker.work(burst=True, logging_level="ERROR")  # type: ignore[attr-defined]
    return time.perf_counter() - begin


def scaling(bench: Bench) -> Iterator[Result]:
    """Two and four worker processes over one, with a slow remote and with a quick one."""
    records = bench.pairs(SCALED)
    for name, delay in (("slow remote (100 ms)", DELAY), ("quick remote", 0.0)):
        alone = _drained_by(bench, records, workers=1, delay=delay)
        for workers in (2, 4):
            seconds = _drained_by(bench, records, workers=workers, delay=delay)
            yield Result(
                f"{workers} workers, {name}",
                f"{workers} times as fast",
                f"{alone / seconds:.2f} times",
                alone / seconds,
            )


def _drained_by(bench: Bench, records: list[object], *, workers: int, delay: float) -> float:
    from syncapp.core.status import Event
    from syncapp.services import doorbell
    from syncapp.services.request import request_sync

    for record in records:
        bench.edit(record.espo_id, f"{workers} {delay}")  # type: ignore[attr-defined]
        request_sync(record_id=record.pk, event=Event.CHANGED, trigger="update", source="webhook")  # type: ignore[attr-defined]
    doorbell.ring_each([record.pk for record in records])  # type: ignore[attr-defined]
    with bench.slow(delay):
        begin = time.perf_counter()
        processes = [
            subprocess.Popen([*MANAGE, "worker", "webhook", "--burst"], cwd=ROOT, stdout=subprocess.DEVNULL)
            for _worker in range(workers)
        ]
        for process in processes:
            process.wait(300)
        return time.perf_counter() - begin
