"""Who may do everything but see personal values sees none: on no page, in no file. A new one is among them."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from syncapp.admin.exporting.sources import OTHERS
from syncapp.engine import job_queue
from syncapp.models import Export
from syncapp.words import html
from tests.security.addresses import every_address
from tests.security.test_exports import sources, whole
from tests.security.world import PERSONAL, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_client")]
# All but what would end the session of the rest.
PAGES = [one for one in every_address() if one.name.startswith("admin:") and one.name != "admin:logout"]
VALUES = (html.VALUES.partition(".")[2], "see_accounts")


@pytest.fixture
def blind(planted: World) -> Client:
    user = User.objects.create_user("blind", password="geheim", is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename__in=VALUES))
    client = Client(headers={"accept-language": "de"})
    client.force_login(user)
    return client


def told(text: str) -> list[str]:
    return [word for word in PERSONAL if word in text or json.dumps(word)[1:-1] in text]


def test_no_page_tells_a_value(planted: World, blind: Client) -> None:
    answers = {page.name or page.route: blind.get(planted.path(page)) for page in PAGES}
    seen = {name: answer.text for name, answer in answers.items() if answer.status_code == 200 and not answer.streaming}
    assert len(seen) > 70
    assert {name: words for name, text in seen.items() if (words := told(text))} == {}


def test_no_file_tells_a_value(planted: World, blind: Client, settings: Any) -> None:
    job_queue.queue.cache_clear()
    about = [planted.ids["syncapp_syncrecord"]]
    job_queue.queue("webhook", settings.REDIS_URL).enqueue("syncapp.jobs.sync_records", about)
    found: dict[str, str] = {}
    refused = set()
    for source, query in sources().items():
        address = f"{reverse('admin:ops_export_new', args=[source])}{query if source in OTHERS else ''}"
        answer = blind.post(address, {"form": "csv"})
        if answer.status_code == 403:
            refused.add(source)
            continue
        export = Export.objects.latest("pk")
        assert (answer.status_code, export.source, export.refusal) == (302, source, "")
        assert export.with_values is False, source
        found[source] = whole(blind.get(reverse("admin:ops_export_file", args=[export.pk]))).decode("utf-8-sig")
    assert refused <= {"user", "group"}, "people are for superusers"
    assert len(found["jobs"].splitlines()) > 5
    assert {source: words for source, text in found.items() if (words := told(text))} == {}
