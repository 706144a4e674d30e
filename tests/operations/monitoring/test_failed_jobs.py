"""A job that raises leaves in Redis, in RQ's pages and in logs where it happened, never what an exception quotes."""

import logging

import django_rq
import pytest
from rq.timeouts import JobTimeoutException

from syncapp.operations.monitoring.jobs.rows import newest_failed
from syncapp.worker import SyncJob, SyncWorker

pytestmark = pytest.mark.django_db(transaction=True)


def quotes() -> None:
    int("Lüdenscheidt")


def takes_too_long() -> None:
    raise JobTimeoutException("Task exceeded maximum timeout value (1800 seconds)")


def ended(function: str) -> str:
    """What RQ keeps of a job of this function that has run."""
    queue = django_rq.get_queue("bulk")
    job = queue.enqueue(f"{__name__}.{function}")
    SyncWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
    latest = SyncJob.fetch(job.id, connection=queue.connection, serializer=queue.serializer).latest_result()
    return str(latest and latest.exc_string)


def test_no_value_is_kept_of_a_job_that_raised(redis_client: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        kept = ended("quotes")
    assert "test_failed_jobs.py" in kept
    assert kept.strip().endswith("ValueError")
    assert "Lüdenscheidt" not in kept + caplog.text
    assert "quotes" in caplog.text
    assert [job.reason for job in newest_failed()] == ["ValueError"]


def test_that_a_job_ran_out_of_time_is_still_said(redis_client: object) -> None:
    assert "1800 seconds" in ended("takes_too_long")
