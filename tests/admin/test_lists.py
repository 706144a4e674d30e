"""Finding records: by everything that people have in hand, and by every filter."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.entities.beteiligte.finding import query as search_query
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import SearchText, SyncRecord
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def found(client: Client, **query: str) -> list[int]:
    answer = client.get(reverse("admin:syncapp_syncrecord_changelist"), query)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    "query",
    [
        "Müller",
        "müller",
        "MUELLER",
        "Frieda Müller",
        "müller frieda",
        "ller",
        "frieda.mueller@example.org",
        "mueller@EXAMPLE",
        "0511 123456",
        "+49 511 123456",
        "0511/12 34 56",
        "0049511123456",
        "+49 (0)511 123456",
        "123456",
    ],
)
def test_frau_mueller_is_found(query: str, clerk: Client) -> None:
    record = rooms.record()
    rooms.record(name="Karl Schäfer", base_advo={}, base_espo={}, lists={})
    assert found(clerk, q=query) == [record.pk]


def test_numbers_are_found(clerk: Client) -> None:
    record = rooms.record()
    rooms.record(name="Karl Schäfer", base_advo={}, base_espo={}, lists={})
    assert found(clerk, q=str(record.betnr)) == [record.pk]
    assert found(clerk, q=record.espo_id) == [record.pk]
    assert found(clerk, q=f" {record.espo_id} ") == [record.pk]


@pytest.mark.parametrize("query", ["%", "_", "Mül%er", "' OR 1=1 --", "Schröder", "😀", "9" * 30, "x" * 5000])
def test_what_is_not_there_is_not_found(query: str, clerk: Client) -> None:
    rooms.record()
    assert found(clerk, q=query) == []


def test_only_spaces_find_everything(clerk: Client) -> None:
    record = rooms.record()
    assert found(clerk, q="   ") == [record.pk]


def test_the_search_text_follows_the_record() -> None:
    record = rooms.record()
    before = texts.parts_of(record)
    record.name = "Frieda Meier"
    record.base_espo = record.base_advo = {"name": "Meier"}
    record.lists = {}
    texts.refresh(record, before=before)
    for name in ("Meier", "Müller"):  # what it is called, and what it was called
        assert SyncRecord.objects.filter(search_query.matching(name, values=True)).exists() is True


def test_gaps_in_the_search_texts_are_filled() -> None:
    rooms.record()
    SearchText.objects.all().delete()
    assert texts.fill_gaps() == 1
    assert texts.fill_gaps() == 0


def test_every_filter_finds_what_it_says(clerk: Client) -> None:
    now = timezone.now()
    clean = rooms.record()
    wrong = rooms.failed()
    later = rooms.failed("transient", next_retry_at=now + timedelta(minutes=5))
    person = rooms.failed("blocked")
    lost = rooms.permanently_failed(dirty_since=now - timedelta(days=8))
    held = rooms.record("dirty", hold="paused")
    gone = rooms.record("deleted_in_advoware")
    assert found(clerk, status__exact="open") == [held.pk, lost.pk, person.pk, later.pk, wrong.pk]
    assert found(clerk, status__exact="failing") == [lost.pk, person.pk, later.pk, wrong.pk]
    assert found(clerk, status__exact="clean") == [clean.pk]
    assert found(clerk, kind__exact="validation") == [wrong.pk]
    assert found(clerk, kind__exact="person") == [person.pk]
    assert found(clerk, group="itself") == [later.pk]
    assert found(clerk, group="correct") == [wrong.pk]
    assert found(clerk, group="gone") == [gone.pk]
    assert found(clerk, age="7d") == [lost.pk]
    assert found(clerk, held="any") == [held.pk]
    assert found(clerk, status__exact="failing", kind__exact="transient") == [lost.pk, later.pk]


def test_a_row_says_why_the_record_waits_and_what_to_know(clerk: Client) -> None:
    record = rooms.failed("transient", retry_count=2, next_retry_at=timezone.now() + timedelta(minutes=12, seconds=5))
    rooms.history(record)
    text = clerk.get(reverse("admin:syncapp_syncrecord_changelist")).text
    for words in ("Frieda Müller", str(record.betnr), "→ Advoware", "in 12 Minuten", "vor 5 Minuten"):
        assert words in text
    assert "Advoware hat nicht richtig geantwortet" in text


def test_links_lead_to_espocrm(clerk: Client, settings: object) -> None:
    settings.ESPOCRM_UI_URL = "https://crm.example.org/"  # type: ignore[attr-defined]
    record = rooms.record()
    text = clerk.get(reverse("admin:syncapp_syncrecord_changelist")).text
    assert f'href="https://crm.example.org/#CBeteiligte/view/{record.espo_id}"' in text


def test_the_quick_filters_lead_to_filled_lists(clerk: Client) -> None:
    rooms.failed()
    answer = clerk.get(reverse("admin:syncapp_syncrecord_changelist"))
    assert "?status__exact=failing" in answer.text


def test_a_search_that_finds_nothing_offers_what_comes_near(clerk: Client) -> None:
    record = rooms.record(name="Frieda Meierhofer")
    text = clerk.get(reverse("admin:syncapp_syncrecord_changelist"), {"q": "Frida Meyerhofer"}).text
    assert "Zu „Frida Meyerhofer“ wurde nichts gefunden." in text
    assert (
        f'href="{reverse("admin:syncapp_syncrecord_change", args=[record.pk])}"><bdi>Frieda Meierhofer</bdi></a>'
        in text
    )
    text = clerk.get(reverse("admin:syncapp_syncrecord_changelist"), {"q": "<b>Xylander"}).text
    assert "Zu „&lt;b&gt;Xylander“ wurde nichts gefunden." in text
    assert "Versuchen Sie einen Teil des Namens" in text


@pytest.mark.parametrize(
    "name, words",
    [
        ("export", "„Exportieren“"),
        ("alert", "keinen Alarm"),
        ("conflict", "beide Werte"),
        ("syncrecord", "mit dem Befehl backfill"),
    ],
)
def test_an_empty_list_says_what_comes_here(boss: Client, name: str, words: str) -> None:
    text = boss.get(reverse(f"admin:syncapp_{name}_changelist")).text
    assert "Hier ist noch nichts." in text
    assert words in text
    assert "Nichts gefunden" not in text


@pytest.mark.parametrize(
    "query, way_out",
    [
        ({"q": "xyz"}, "Alle anzeigen"),
        ({"open__exact": "1"}, "Filter aufheben"),
        ({"q": "xyz", "open__exact": "1"}, "Suche und Filter aufheben"),
    ],
)
def test_what_is_not_found_leads_back_to_all(boss: Client, query: dict[str, str], way_out: str) -> None:
    text = boss.get(reverse("admin:syncapp_conflict_changelist"), query).text
    assert re.search(rf'<a class="ops-button" href="\?">.*</span>{way_out}</a>', text)
