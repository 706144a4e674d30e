"""Long lists are counted up to a limit, and beyond it for whoever asks."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.admin.finding import counting
from syncapp.models import Attempt, SyncRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
ATTEMPTS = "/admin/syncapp/attempt/"


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "LIMIT", 100)
    record = SyncRecord.objects.create(espo_id="e1", name="Muster")
    Attempt.objects.bulk_create(
        Attempt(record=record, espo_id="e1", trigger="update", source="webhook", started_at=timezone.now())
        for _number in range(130)
    )


def test_a_long_list_says_that_there_are_more_and_counts_on_request(admin_client: Client) -> None:
    page = admin_client.get(ATTEMPTS).content.decode()
    assert "mehr als 100" in page
    assert "count=all" in page
    page = admin_client.get(f"{ATTEMPTS}?count=all").content.decode()
    assert "130 insgesamt" in page
    assert "mehr als" not in page


def test_pages_that_were_not_counted_are_reached_by_counting(admin_client: Client) -> None:
    assert len(admin_client.get(f"{ATTEMPTS}?p=2").context["cl"].result_list) == 50
    assert admin_client.get(f"{ATTEMPTS}?p=3").status_code == 302
    assert len(admin_client.get(f"{ATTEMPTS}?p=3&count=all").context["cl"].result_list) == 30


def test_a_short_list_is_counted_as_it_is(admin_client: Client) -> None:
    Attempt.objects.filter(pk__in=list(Attempt.objects.values_list("pk", flat=True)[:30])).delete()
    assert "100 insgesamt" in admin_client.get(ATTEMPTS).content.decode()


def test_no_list_counts_without_a_limit(admin_client: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(ATTEMPTS)
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"] and '"syncapp_attempt"' in query["sql"]]
    assert counts
    assert all("LIMIT 101" in sql for sql in counts)


def test_what_a_row_shows_is_not_looked_up_to_count_it(admin_client: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        admin_client.get("/admin/syncapp/syncrecord/")
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"] and "LIMIT 101" in query["sql"]]
    assert len(counts) == 1
    assert "syncapp_fieldchange" not in counts[0]


def test_a_deep_page_goes_past_keys_and_not_past_rows(admin_client: Client) -> None:
    """PostgreSQL looked up the record of each of the ten thousand rows before the page."""
    shown = [row.pk for row in admin_client.get(ATTEMPTS).context["cl"].result_list]
    with CaptureQueriesContext(connection) as captured:
        deep = [row.pk for row in admin_client.get(f"{ATTEMPTS}?p=2").context["cl"].result_list]
    assert shown + deep == list(Attempt.objects.order_by("-started_at", "-pk").values_list("pk", flat=True)[:100])
    (asked,) = (query["sql"] for query in captured if "OFFSET 50" in query["sql"])
    walked = asked[: asked.index("OFFSET")].rpartition("SELECT")[2]
    assert "JOIN" not in walked
    assert "traceback" not in walked


@pytest.mark.parametrize("order", ["", "&o=1", "&o=-1"])
def test_every_page_of_a_list_in_any_order_is_whole(admin_client: Client, order: str) -> None:
    SyncRecord.objects.bulk_create(SyncRecord(espo_id=f"x{number}", name="Muster") for number in range(70))
    pages = [admin_client.get(f"/admin/syncapp/syncrecord/?p={page}{order}") for page in (1, 2)]
    keys = [row.pk for page in pages for row in page.context["cl"].result_list]
    assert len(keys) == len(set(keys)) == 71
