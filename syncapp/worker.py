"""The worker of one queue.

Jobs run in the worker's own process: a fork for each would throw away the connections to both remote systems and to
the database, and costs four times the time of a job. A job that kills its process is found again through its lease.
Invariant: one queue a process (a worker of two can lose a job when it is killed); jobs carry ids as JSON. Told to end,
it finishes the records in hand, not the job. It shows life every few seconds, whatever it is at.
"""

import logging
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import redis
from django.db import Error as DatabaseError  # InterfaceError too: a connection that is closed already
from django.db import close_old_connections, connection
from rq import Queue, SimpleWorker, worker_registration
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import BaseTimeoutException
from rq.worker import WorkerStatus
from structlog.contextvars import bound_contextvars

from syncapp.core.faults.tracebacks import without_values
from syncapp.engine import batch, memory, queue_pauses, takeover, worker_signs
from syncapp.engine.job_queue import REQUEST_ID
from syncapp.engine.rows import database_errors, process_signs
from syncapp.operations.monitoring.signs import regular_jobs

log = logging.getLogger("advosync.worker")

RECYCLE_AFTER_JOBS = 10_000
# How often a worker whose queue is paused, or whose database is away, looks whether it may go on.
STAND_BY_SECONDS = 1.0


class JobFailed(Exception):
    """Stands for what a job raised: RQ keeps it in Redis, shows and logs it, so it must not quote a value."""


class SyncJob(Job):
    """A job whose payload is JSON, also where a library (rq-scheduler) does not ask for it."""

    def __init__(self, id: str | None = None, connection: Any = None, serializer: Any = None) -> None:
        super().__init__(id, connection, serializer or JSONSerializer)

    def perform(self) -> Any:
        name = str(self.func_name).rpartition(".")[2]
        try:
            result = super().perform()
        except BaseTimeoutException as error:
            regular_jobs.went_wrong(name, error)
            raise  # says a number of seconds, nothing else
        except Exception as error:
            memory.notice(error)
            regular_jobs.went_wrong(name, error)
            raise JobFailed(f"\n{without_values(error)}") from None
        regular_jobs.went_well(name)
        return result


class SyncWorker(SimpleWorker):
    """Notices the jobs of dead workers within seconds, and a returned Redis within seconds too."""

    max_connection_wait_time = 5.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"maintenance_interval": 10, "worker_ttl": 30, "job_class": SyncJob, **options})
        self._ending = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="heart", daemon=True)

    def work(self, *args: Any, **options: Any) -> bool:
        # Before the first job: whoever is killed in the seconds until the first beat is missed as well.
        self._beat_in_database()
        self._heart.start()
        return bool(super().work(*args, **options))

    def teardown(self) -> None:
        """The heart stops first: a beat after the farewell would bring a ghost back."""
        self._ending.set()
        self._heart.join(timeout=worker_signs.BEAT_SECONDS)
        with suppress(DatabaseError):
            process_signs.say_farewell()
        super().teardown()

    def _beat(self) -> None:
        while not self._ending.wait(worker_signs.BEAT_SECONDS):
            try:
                with suppress(redis.RedisError):  # the next beat tells again
                    self.show_life()
                self._beat_in_database()
            except Exception as error:
                memory.notice(error)
                # A heart that stops for good would have a living worker's records taken from it.
                log.exception("beat_failed")
        connection.close()

    def _beat_in_database(self) -> None:
        """Show life beside our leases, and take over from whoever is silent; away, the next beat tells."""
        try:
            process_signs.show_life()
            takeover.take_from_ourselves()
            takeover.take_from_the_dead()
        except DatabaseError as error:
            database_errors.note_if_full(error)
            connection.close()

    def show_life(self) -> None:
        """One beat, also in the middle of a job. Whoever was forgotten, by a flush, is on all lists again."""
        if self.birth_date is None:
            return
        self.last_heartbeat = datetime.now(UTC)
        with self.connection.pipeline() as pipeline:
            pipeline.hset(self.key, mapping=self.serialize())
            worker_registration.register(self, pipeline)
            pipeline.expire(self.key, self.worker_ttl + 60)
            pipeline.set(worker_signs.sign_of(self.name), "", ex=worker_signs.LIVES_FOR)
            pipeline.execute()

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job of a queue that is not paused. RQ itself can suspend nothing but all workers at once.

        Asked after the job has come, since a worker waits here for the next one: a pause holds for that one too.
        """
        while True:
            found = super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
            if found is None or not queue_pauses.is_paused(found[1].name):
                return found
            put_back(*found)
            if timeout is None:
                return None  # a worker that only empties its queue has nothing to wait for
            self._stand_by(found[1].name)

    def _stand_by(self, queue: str) -> None:
        self.set_state(WorkerStatus.SUSPENDED)
        while queue_pauses.is_paused(queue):
            if self._stop_requested or self._ending.wait(STAND_BY_SECONDS):
                raise StopRequested
        self.set_state(WorkerStatus.IDLE)

    def register_birth(self) -> None:
        super().register_birth()
        self.show_life()

    def register_death(self) -> None:
        super().register_death()
        self.connection.delete(worker_signs.sign_of(self.name))

    def handle_warm_shutdown_request(self) -> None:
        """SIGTERM: a batch must not go on for minutes, since whoever stops us kills us after a few seconds."""
        batch.PROCESS_ENDS.set()
        super().handle_warm_shutdown_request()

    def execute_job(self, job: Job, queue: Queue) -> None:
        # What a web request does by itself: drop connections that died while the worker was idle.
        close_old_connections()
        with bound_contextvars(job_id=job.id, **{name: job.meta[name] for name in {REQUEST_ID} & job.meta.keys()}):
            super().execute_job(job, queue)
        close_old_connections()
        if memory.IS_SHORT.is_set():
            raise StopRequested


def put_back(job: Job, queue: Queue) -> None:
    """A job that was taken and not begun stands first on its queue again, as if nobody had touched it."""
    with queue.connection.pipeline() as pipeline:
        pipeline.lrem(queue.intermediate_queue_key, 1, job.id)
        queue.push_job_id(job.id, pipeline=pipeline, at_front=True)
        pipeline.execute()


def wait_for_redis(url: str, *, seconds: float = 60) -> None:
    """Block until Redis answers (it may be starting beside us); raises its error when the time is over."""
    deadline = time.monotonic() + seconds
    with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return
