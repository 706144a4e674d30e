"""Pages to look things up: settings without secrets, the catalogue of errors, failed jobs and their records."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from advosync_project.declarations import SETTINGS
from syncapp.engine import job_queue
from syncapp.operations.monitoring.jobs.rows import newest_failed
from syncapp.words import sentences
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def test_every_setting_is_shown_and_no_secret(operator: Client) -> None:
    text = operator.get(reverse("admin:ops_configuration")).text
    for name, row in SETTINGS.items():
        assert name in text
        value = getattr(django_settings, name, "")
        if row.secret and isinstance(value, str) and len(value) > 8:  # "sandbox" is also part of plain addresses
            assert value not in text, name
    assert "only-for-tests" not in text
    assert "c2FuZGJveC1hZHZvd2FyZS1zZWNyZXQ=" not in text
    assert "gesetzt" in text
    assert "Europe/Berlin" in text
    assert "None" not in text, "what nobody has set is said in German"


def test_passwords_inside_addresses_are_secrets_too(operator: Client, settings: Any) -> None:
    """And so are the addresses that whoever knows them may write to."""
    names = ("DATABASE_URL", "SANDBOX_DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ALERT_WEBHOOK_URL", "DEADMAN_PING_URL")
    for name in (*names, "ESPOCRM_WEBHOOK_SECRETS", "METRICS_TOKEN"):
        assert SETTINGS[name].secret, name


def test_the_catalogue_has_every_kind_with_its_texts(clerk: Client) -> None:
    text = clerk.get(reverse("admin:ops_catalogue")).text
    for kind in sentences.KINDS:
        assert f'id="{kind}"' in text
    assert "Was zu tun ist" in text
    assert "Suchen Sie den Namen in Advoware" in text


@pytest.mark.parametrize("kind", sentences.KINDS)
def test_a_row_of_a_failed_record_says_what_it_means_and_what_to_do(kind: str, clerk: Client) -> None:
    record = rooms.failed(kind)
    page = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk]))
    shown = page.context["kind"]
    for text in (shown.meaning, shown.cause, shown.advice):
        assert str(text) in page.text.replace("&#x27;", "'").replace("&amp;", "&")


@pytest.fixture
def failed_job(redis_client: Any, settings: Any) -> tuple[str, int]:
    """A job of one record that failed, as RQ keeps it."""
    from rq import SimpleWorker
    from rq.serializers import JSONSerializer

    record = rooms.record()
    job_queue.queue.cache_clear()
    queue = job_queue.queue("webhook", settings.REDIS_URL)
    job = queue.enqueue("syncapp.jobs.does_not_exist_records", [record.pk])
    SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer).work(burst=True)
    return job.id, record.pk


def test_a_failed_job_leads_to_its_record_and_back(failed_job: tuple[str, int], operator: Client) -> None:
    job_id, record_id = failed_job
    jobs = operator.get(reverse("admin:ops_jobs")).text
    assert job_id in jobs
    assert reverse("admin:syncapp_syncrecord_change", args=[record_id]) in jobs
    behind = operator.get(reverse("admin:ops_behind", args=[record_id])).text
    detail = reverse("admin:ops_job", args=["webhook", job_id])
    assert detail in behind
    assert operator.get(detail).status_code == 200


def test_the_kind_of_error_is_told_without_its_text(failed_job: tuple[str, int]) -> None:
    (job,) = newest_failed()
    assert " " not in job.reason
    assert job.reason


def test_without_redis_the_page_says_so(operator: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert "Redis antwortet nicht" in operator.get(reverse("admin:ops_jobs")).text
    assert operator.get(reverse("admin:ops_behind", args=[rooms.record().pk])).status_code == 200


def test_a_lock_says_who_holds_it_since_when_and_what_it_means(clerk: Client) -> None:
    record = rooms.locked()
    text = clerk.get(reverse("admin:ops_behind", args=[record.pk])).text
    for words in ("worker-7:4711:33", "vor 1 Minute", "schreibt kein anderer", "Sperre lösen"):
        assert words in text
    asked = clerk.get(reverse("admin:ops_record_act", args=[record.pk, "release_lock"])).text
    assert "worker-7:4711:33" in asked
    assert "darf nichts mehr schreiben" in asked
