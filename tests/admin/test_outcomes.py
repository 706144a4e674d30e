"""After an act on many records its page tells where each of them stands: as seen, and as it changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.models import Breaker, BulkAction, BulkState, SyncRecord
from syncapp.operations.actions.bulk import many
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def requested(client: Client, number: int, code: str = "resync") -> BulkAction:
    """An act on so many records that has been confirmed and dealt with."""
    ids = [rooms.record().pk for _time in range(number)]
    client.post(
        reverse("admin:syncapp_syncrecord_changelist"),
        {"action": code, "_selected_action": ids[:1], "select_across": 1, "index": 0},
    )
    bulk = BulkAction.objects.latest("pk")
    client.post(reverse("admin:ops_many", args=[bulk.pk]), {"reason": "weil"})
    many.work(bulk_id=bulk.pk)
    bulk.refresh_from_db()
    assert bulk.state == BulkState.DONE
    return bulk


def page(client: Client, bulk: BulkAction) -> str:
    return " ".join(client.get(reverse("admin:ops_many_progress", args=[bulk.pk])).text.split())


def becomes(bulk: BulkAction, number: int, status: str, **columns: Any) -> None:
    ids = list(SyncRecord.objects.filter(asked_by=bulk, status="dirty").values_list("pk", flat=True)[:number])
    SyncRecord.objects.filter(pk__in=ids).update(status=status, **columns)


def test_with_advoware_away_144_are_requested_and_none_is_done(clerk: Client) -> None:
    now = timezone.now()
    Breaker.objects.create(
        system="advoware", kind="transient", open_since=now, open_until=now + timedelta(minutes=2), opens=1
    )
    bulk = requested(clerk, 144)
    text = page(clerk, bulk)
    assert "144 angefordert, davon 0 auf beiden Seiten gleich" in text
    assert "<b>144</b> Abgleich steht aus" in text
    assert "Advoware ist seit" in text
    assert f"um {timezone.localtime(now + timedelta(minutes=2)):%H:%M} Uhr" in text
    assert "erledigt" not in text
    assert "144 von 144" not in text
    assert "every 4s" in text, "and the page goes on looking"


def test_each_is_told_as_what_it_has_become(clerk: Client) -> None:
    bulk = requested(clerk, 10)
    later = timezone.now() + timedelta(minutes=5)
    becomes(bulk, 4, "clean", dirty_since=None)
    becomes(bulk, 2, "failed", kind="transient", next_retry_at=later)
    becomes(bulk, 1, "failed", kind="validation")
    becomes(bulk, 1, "conflict")
    becomes(bulk, 1, "syncing", lease_since=timezone.now(), lease_expires=later, lease_token="t")
    text = page(clerk, bulk)
    assert "10 angefordert, davon 4 auf beiden Seiten gleich" in text
    for words in (
        "<b>4</b> auf beiden Seiten gleich",
        f"<b>2</b> vorübergehende Störung<small>wird von selbst erneut versucht, der erste um "
        f"{timezone.localtime(later):%H:%M} Uhr</small>",
        "<b>1</b> Entscheidung nötig",
        "<b>1</b> gerade im Abgleich",
        "<b>1</b> Abgleich steht aus",
    ):
        assert words in text, words


def test_every_line_leads_to_the_records_that_it_counts(clerk: Client) -> None:
    requested(clerk, 3)
    SyncRecord.objects.all().delete()
    bulk = requested(clerk, 6)
    becomes(bulk, 2, "clean", dirty_since=None)
    becomes(bulk, 1, "conflict")
    rooms.record("conflict")
    answer = clerk.get(reverse("admin:ops_many", args=[bulk.pk]))
    rows = answer.context["rows"]
    assert {line.heap: line.number for line, *_look in rows} == {"equal": 2, "conflict": 1, "waiting": 3}
    for line, _icon, _tone, url in rows:
        assert clerk.get(url).context["cl"].result_count == line.number


def test_only_all_equal_is_called_equal_and_then_nobody_asks_any_more(clerk: Client) -> None:
    bulk = requested(clerk, 3)
    becomes(bulk, 3, "clean", dirty_since=None)
    text = page(clerk, bulk)
    assert "alle gleich" in text
    assert "every" not in text


def test_what_was_left_out_is_not_counted_with_them(clerk: Client) -> None:
    rooms.record(hold="paused")
    bulk = requested(clerk, 2)
    assert (bulk.total, bulk.done) == (3, 2)
    text = page(clerk, bulk)
    assert "2 angefordert, davon 0" in text
    assert "1 ausgelassen" in text


def test_a_later_act_takes_its_records_along_and_the_first_page_says_so(clerk: Client) -> None:
    first = requested(clerk, 2)
    second = requested(clerk, 1)
    assert second.done == 3
    assert "2 wurden durch eine spätere Aktion erneut angefordert" in page(clerk, first)
    assert "3 angefordert" in page(clerk, second)


def test_the_list_of_such_acts_says_requested_too(clerk: Client) -> None:
    requested(clerk, 2)
    text = clerk.get(reverse("admin:syncapp_bulkaction_changelist")).text
    assert "angefordert" in text
    assert "erledigt" not in text[text.index("result_list") :].casefold()


def test_an_act_that_is_all_there_is_to_it_is_done(clerk: Client, boss: Client) -> None:
    bulk = requested(boss, 2, code="pause")
    text = page(boss, bulk)
    assert "erledigt" in text
    assert "angefordert" not in text


def test_it_costs_the_same_however_many_records(clerk: Client, django_assert_max_num_queries: Any) -> None:
    bulk = requested(clerk, 60)
    with django_assert_max_num_queries(12):
        page(clerk, bulk)
