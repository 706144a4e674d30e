"""The page of jobs, queues and workers: what it says is what RQ and the workers really do."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rq import SimpleWorker
from rq.job import Job

from syncapp.engine import job_queue, queue_pauses, worker_signs
from syncapp.models import OperatorLog, SyncRecord
from syncapp.operations.monitoring.jobs.queues import machinery
from syncapp.worker import SyncJob, SyncWorker
from tests.admin import rooms

pytestmark = pytest.mark.django_db
AsRole = Callable[..., Client]
PAGE = "admin:ops_jobs"


@pytest.fixture
def queue(redis_client: Any, settings: Any) -> Any:
    job_queue.queue.cache_clear()
    return job_queue.queue("webhook", settings.REDIS_URL)


def burst(queue: Any) -> None:
    """Our jobs, without the heart and the care for connections of our worker: a test is one transaction."""
    options = {"connection": queue.connection, "serializer": queue.serializer, "job_class": SyncJob}
    SimpleWorker([queue], **options).work(burst=True, logging_level="ERROR")


def failed_job(queue: Any, record: SyncRecord) -> Job:
    job = queue.enqueue("syncapp.jobs.no_such_records", [record.pk])
    burst(queue)
    return job


def born(queue: Any, *, alive: bool, job: Job | None = None) -> SimpleWorker:
    """A worker as RQ lists it; where it is alive, with the sign that ends by itself."""
    worker = SyncWorker([queue], connection=queue.connection, serializer=queue.serializer)
    worker.register_birth()
    if job is not None:
        worker.prepare_job_execution(job)
        worker.prepare_execution(job)
    if not alive:
        queue.connection.delete(worker_signs.sign_of(worker.name))
    return worker


def test_what_waits_runs_and_failed_each_with_its_record(queue: Any, operator: Client) -> None:
    broken, at_work, waiting = (rooms.record(name=name) for name in ("Erika Kaputt", "Udo Jetzt", "Ina Später"))
    failed_job(queue, broken)
    job = queue.enqueue("syncapp.jobs.sync_records", [at_work.pk])
    queue.remove(job)
    born(queue, alive=True, job=job)
    queue.enqueue("syncapp.jobs.sync_records", [waiting.pk] * 7)
    text = operator.get(reverse(PAGE)).text
    for record in (broken, at_work, waiting):
        assert reverse("admin:syncapp_syncrecord_change", args=[record.pk]) in text
        assert record.name in text
    for words in ("In Arbeit", "Fehlgeschlagen", "und 2 weitere", "Taktgeber"):
        assert words in text, words
    found = {row.name: (row.waiting, row.running, row.failed, row.workers) for row in machinery().queues}
    assert found["webhook"] == (1, 1, 1, 1)
    assert found["sweep"] == (0, 0, 0, 0)


def test_a_dead_worker_is_not_shown_as_working(queue: Any, operator: Client) -> None:
    job = queue.enqueue("syncapp.jobs.sync_records", [rooms.record().pk])
    queue.remove(job)
    born(queue, alive=False, job=job)
    text = operator.get(reverse(PAGE)).text
    assert "kein Lebenszeichen" in text
    assert "Im Augenblick läuft nichts." in text
    assert [worker.state for worker in machinery().workers] == ["dead"]


def test_jobs_that_nobody_serves_are_said_aloud(queue: Any, operator: Client) -> None:
    queue.enqueue("syncapp.jobs.sync_records", [1])
    assert "kein Arbeitsprozess ist da" in operator.get(reverse(PAGE)).text


def test_a_failed_job_runs_again_and_keeps_how_it_ended(queue: Any, operator: Client) -> None:
    job = failed_job(queue, rooms.record())
    page = reverse("admin:ops_job", args=["webhook", job.id])
    text = operator.get(page).text
    assert "AttributeError" in text
    assert "Noch einmal ausführen" in text
    answer = operator.post(page, follow=True)
    assert "steht wieder in seiner Warteschlange" in answer.text
    assert queue.job_ids == [job.id]
    burst(queue)
    assert operator.get(page).text.count('class="ops-badge ops-bad"') == 3  # the job, and each of its two runs
    assert OperatorLog.objects.get().action == "job_again"


def test_what_is_not_failed_is_not_run_again(queue: Any, operator: Client) -> None:
    job = queue.enqueue("syncapp.jobs.sync_records", [1])
    page = reverse("admin:ops_job", args=["webhook", job.id])
    assert "Noch einmal ausführen" not in operator.get(page).text
    assert "nichts geändert" in operator.post(page, follow=True).text
    assert queue.job_ids == [job.id]
    assert not OperatorLog.objects.exists()


def test_a_job_that_is_no_longer_known_says_so(queue: Any, operator: Client) -> None:
    text = operator.get(reverse("admin:ops_job", args=["webhook", "no-such-job"])).text
    assert "Diesen Auftrag gibt es nicht mehr" in text
    assert operator.get(reverse("admin:ops_job", args=["no_such_queue", "x"])).status_code == 404


def test_no_value_of_an_exception_is_on_the_page(queue: Any, operator: Client) -> None:
    """Left behind by whoever does not strip it: only the kind of error is told."""
    job = queue.enqueue("tests.operations.monitoring.test_failed_jobs.quotes")
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer).work(burst=True)
    for page in (reverse(PAGE), reverse("admin:ops_job", args=["webhook", job.id])):
        text = operator.get(page).text
        assert "ValueError" in text
        assert "Lüdenscheidt" not in text


def test_a_pause_needs_a_reason_and_an_end_that_is_to_come(queue: Any, operator: Client) -> None:
    page = reverse("admin:ops_queue_pause", args=["sweep"])
    for given, words in (
        ({"reason": " "}, "geben Sie einen Grund an"),
        ({"reason": "x", "until": "2020-01-01T10:00"}, "liegt in der Vergangenheit"),
        ({"reason": "x", "until": "gestern"}, "kein"),
    ):
        assert words in operator.post(page, given).text
    assert queue_pauses.paused() == {}
    operator.post(page, {"reason": "Advoware wird gewartet", "until": "2999-01-01T10:00"})
    assert queue_pauses.paused()["sweep"].by.startswith("Operator")
    text = operator.get(reverse("admin:index")).text
    assert "Die Warteschlange „Sammellauf“ ist pausiert" in text.replace("Regelmäßiger Sammellauf", "Sammellauf")
    assert "Advoware wird gewartet" in text


def test_the_clock_offers_no_pause(queue: Any, operator: Client) -> None:
    assert reverse("admin:ops_queue_pause", args=["schedule"]) not in operator.get(reverse(PAGE)).text
    assert operator.get(reverse("admin:ops_queue_pause", args=["schedule"])).status_code == 404


def test_without_redis_a_pause_can_be_seen_and_ended(operator: Client, settings: Any) -> None:
    queue_pauses.pause(queue="bulk", by="jan", reason="Umzug")
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    text = operator.get(reverse(PAGE)).text
    assert "Redis antwortet nicht" in text
    assert "Umzug" in text
    operator.post(reverse("admin:ops_queue_resume", args=["bulk"]))
    assert queue_pauses.paused() == {}


def test_whoever_has_the_right_to_see_alone_switches_nothing(queue: Any, as_role: AsRole) -> None:
    from django.contrib.auth.models import Permission, User

    client = as_role("Auditor")
    user = User.objects.get()
    user.user_permissions.add(Permission.objects.get(codename="see_jobs"))
    job = failed_job(queue, rooms.record())
    text = client.get(reverse(PAGE)).text
    assert "Fehlgeschlagen" in text
    assert reverse("admin:ops_queue_pause", args=["sweep"]) not in text
    assert client.post(reverse("admin:ops_queue_pause", args=["sweep"]), {"reason": "x"}).status_code == 403
    assert client.post(reverse("admin:ops_job", args=["webhook", job.id])).status_code == 403
    assert queue.job_ids == []
