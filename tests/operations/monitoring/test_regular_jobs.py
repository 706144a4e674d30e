"""A job that fails each time in the background is told: on the home page, by doctor, by an alert."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from syncapp import jobs
from syncapp.engine import dispatcher, job_queue, registry
from syncapp.engine.registry import SweepStep
from syncapp.entities.beteiligte.links import discovery
from syncapp.models import Alert, FailingJob
from syncapp.operations import doctor
from syncapp.operations.maintenance import sweep
from syncapp.operations.monitoring.signs import regular_jobs
from syncapp.remotes.http.errors import Misconfigured
from syncapp.words.monitoring.jobs import JOB_NAMES, SWEEP_STEPS, job_name, step_code, step_counted
from syncapp.worker import SyncJob

pytestmark = pytest.mark.django_db


def too_long_an_address(*_arguments: object) -> int:
    raise Misconfigured("an unknown status", system="espocrm", operation="GET CBeteiligte", status=414)


def work(settings: Any, function: str, *arguments: object) -> None:
    """One job through a real queue and the worker's own job class."""
    queue = job_queue.queue("sweep", settings.REDIS_URL)
    queue.enqueue(f"syncapp.jobs.{function}", args=arguments)
    worker = SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer, job_class=SyncJob)
    worker.work(burst=True, logging_level="WARNING")


def test_failures_in_a_row_are_counted_and_a_success_forgets_them(
    settings: Any, redis_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.rechecks, "recheck_records", too_long_an_address)
    for _time in range(3):
        work(settings, "recheck_records", [1])
    row = FailingJob.objects.get()
    assert (row.name, row.failures, row.fault["params"]["status"]) == ("recheck_records", 3, 414)
    monkeypatch.setattr(jobs.rechecks, "recheck_records", lambda ids: {})
    work(settings, "recheck_records", [1])
    assert not FailingJob.objects.exists()


def test_twice_is_not_yet_each_time() -> None:
    for _time in range(2):
        regular_jobs.went_wrong("recheck", ValueError("x"))
    assert regular_jobs.keep_failing() == []


def test_a_step_of_the_sweep_that_fails_each_time_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "steps", lambda: [(None, SweepStep("discovered", too_long_an_address))])
    for _time in range(3):
        sweep.sweep()
    assert [row.name for row in regular_jobs.keep_failing()] == ["sweep.discovered"]
    monkeypatch.setattr(sweep, "steps", lambda: [(None, SweepStep("discovered", discovery.OVERLAP.__bool__))])
    sweep.sweep()
    assert regular_jobs.keep_failing() == []


def test_the_dispatcher_alerts_within_a_minute_and_says_when_it_is_over(settings: Any, mailoutbox: Any) -> None:
    settings.ALERT_EMAILS = ["technik@example.org"]
    sweep.beat("sweep")
    for _time in range(3):
        regular_jobs.went_wrong("recheck_records", ValueError("x"))
    dispatcher.dispatch()
    assert [alert.rule for alert in Alert.objects.filter(closed_at__isnull=True)] == ["job_failing"]
    assert "Erneutes Ansehen" in mailoutbox[0].body
    regular_jobs.went_well("recheck_records")
    dispatcher.dispatch()
    assert not Alert.objects.filter(closed_at__isnull=True).exists()
    assert len(mailoutbox) == 2


def test_home_and_doctor_name_the_job_and_its_error(client: Client, admin_user: Any) -> None:
    for _time in range(3):
        try:
            too_long_an_address()
        except Misconfigured as error:
            regular_jobs.went_wrong("recheck_records", error)
    client.force_login(admin_user)
    text = client.get(reverse("admin:index"), headers={"accept-language": "de"}).text
    assert "Erneutes Ansehen" in text
    assert "414" in text
    lines = {line.name: line for line in doctor.examine(names=frozenset({"jobs"}))}
    assert lines["jobs"].light == "red"
    assert "414" in lines["jobs"].found


def test_no_value_of_a_person_is_kept() -> None:
    regular_jobs.went_wrong("recheck", ValueError("Frieda Müller"))
    assert "Frieda" not in str(FailingJob.objects.values().get())


JOB = re.compile(r"""["']syncapp\.jobs\.(\w+)["']""")
SOURCES = sorted(Path(jobs.__file__).parent.rglob("*.py"))


def enqueued() -> set[str]:
    """Every function that a worker may be given: what the code names as a job, and what else stands among the jobs."""
    named = {name for path in SOURCES for name in JOB.findall(path.read_text())}
    here = inspect.getmembers(jobs, inspect.isfunction)
    return named | {name for name, function in here if function.__module__ == jobs.__name__}


def test_every_job_has_its_words_and_nothing_else_has() -> None:
    assert enqueued() == set(JOB_NAMES)
    assert {"write_exports", "sync_records", "dispatch"} < enqueued()


def test_every_step_of_the_sweep_has_its_words_and_nothing_else_has() -> None:
    of_entities = {step.name for entity in registry._entities.values() for step in entity.sweep_steps}
    assert of_entities | {step.name for step in sweep.OWN_STEPS} == set(SWEEP_STEPS)


def test_a_step_is_called_by_its_words_and_what_is_unknown_by_its_name() -> None:
    with translation.override("de"):
        assert job_name(step_code("purged")) == "Sammellauf: Aufräumen des alten Verlaufs"
        assert job_name("write_exports") == "Schreiben von Exporten"
        assert [job_name("of_tomorrow"), job_name(step_code("of_tomorrow"))] == ["of_tomorrow", "sweep.of_tomorrow"]
        assert [step_counted("alerts"), step_counted("of_tomorrow")] == ["gemeldete Alarme", "of_tomorrow"]
