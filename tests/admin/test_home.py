"""The landing page: true counts that lead to just what was counted, banners, and all well at one glance."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.admin.pages import home
from syncapp.engine import control, queue_pauses
from syncapp.models import Alert, Breaker, BulkAction, BulkState, Case, Control, Heartbeat, ProxyCall, SyncRecord
from syncapp.operations.monitoring import attention
from syncapp.operations.monitoring.partition import HEAPS
from syncapp.words import sentences
from tests.admin import rooms
from tests.admin.conftest import ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


def healthy() -> None:
    for name in ("dispatcher", "sweep"):
        Heartbeat.objects.create(name=name, at=timezone.now())


def page(client: Client) -> Any:
    return client.get(reverse("admin:index"))


def everything() -> None:
    """Some of everything that a tile counts."""
    for _times in range(3):
        rooms.permanently_failed()
    for kind in sentences.KINDS:
        rooms.failed(kind)
    rooms.conflict()
    rooms.deletion()
    rooms.deletion(done_at=timezone.now())
    rooms.record("deleted_in_advoware")
    rooms.locked(lease_expires=timezone.now() - timedelta(minutes=9))
    rooms.locked()
    rooms.record("dirty", dirty_since=timezone.now() - timedelta(hours=2))
    rooms.record("dirty")
    rooms.failed("bug", hold="ignored")
    rooms.record(hold="paused")
    rooms.record()


def test_each_tile_leads_to_a_list_of_just_what_it_counts(boss: Client) -> None:
    everything()
    mine = rooms.failed("transient")
    Case.objects.create(record=mine, assignee=User.objects.get(username="chefin"))
    context = page(boss).context
    tiles = [*(tile for tile in context["tasks"] if not tile.code), *context["tiles"]]
    # Of all heaps, only what waits for another mode has nothing in it.
    assert len(tiles) == len(HEAPS) - 1 + 3
    assert sum(tile.count for tile in context["tiles"]) == SyncRecord.objects.count()
    for tile in tiles:
        answer = boss.get(tile.url)
        assert answer.status_code == 200, tile.url
        assert answer.context["cl"].result_count == tile.count, str(tile.label)


def test_held_records_count_as_held_only() -> None:
    rooms.failed("bug", hold="ignored")
    rooms.permanently_failed(hold="paused")
    counts = attention.counted(now=timezone.now(), switches=control.switches())
    assert {code: number for code, number in counts.heaps.items() if number} == {"held": 2}
    assert counts.calm


def test_all_well_is_said_in_one_sentence_with_since_when(clerk: Client) -> None:
    healthy()
    rooms.record()
    answer = page(clerk)
    assert answer.context["well"] is True
    assert "Alles in Ordnung" in answer.text
    assert "So ist es seit" in answer.text
    assert "1 von 1 Datensätzen" in answer.text


def test_since_when_moves_with_the_last_trouble() -> None:
    record = rooms.failed()
    assert attention.note_trouble() is True
    at = Heartbeat.objects.get(pk="trouble").at
    record.delete()
    assert attention.note_trouble() is False
    assert attention.calm_since(switches=control.switches()) == at


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(lambda: rooms.failed("validation"), id="refused"),
        pytest.param(lambda: rooms.failed("blocked"), id="blocked"),
        pytest.param(rooms.permanently_failed, id="permanently_failed"),
        pytest.param(rooms.conflict, id="conflict"),
        pytest.param(rooms.deletion, id="deletion"),
        pytest.param(lambda: rooms.record("deleted_in_advoware"), id="gone"),
        pytest.param(lambda: rooms.record("dirty", dirty_since=timezone.now() - timedelta(hours=9)), id="late"),
        pytest.param(lambda: Breaker.objects.create(system="espocrm", open_until=timezone.now()), id="breaker"),
        pytest.param(lambda: Heartbeat.objects.filter(pk="sweep").delete(), id="no_sweep"),
        pytest.param(lambda: control.set_mode(mode="paused", by="anna", reason="Umzug"), id="paused"),
        pytest.param(lambda: Alert.objects.create(rule="no_sweep", params={"minutes": 40}), id="alert"),
    ],
)
def test_one_trouble_is_enough_not_to_be_well(trouble: Callable[[], object], clerk: Client) -> None:
    healthy()
    trouble()
    answer = page(clerk)
    assert answer.context["well"] is False
    assert "Alles in Ordnung" not in answer.text


def test_a_passing_disturbance_needs_nobody(clerk: Client) -> None:
    healthy()
    rooms.failed("transient", next_retry_at=timezone.now() + timedelta(minutes=5))
    assert page(clerk).context["well"] is True


@pytest.mark.parametrize(
    "switch, words",
    [
        (lambda: control.set_mode(mode="paused", by="anna", reason="Umzug"), "Alles ist pausiert"),
        (lambda: control.set_mode(mode="shadow", by="anna", reason="Test"), "Schattenbetrieb"),
        (
            lambda: control.hold_side(side="advoware", held=True, by="anna", reason="Update"),
            "Nach Advoware wird nichts",
        ),
    ],
)
def test_a_banner_tells_how_it_is_switched(switch: Callable[[], object], words: str, clerk: Client) -> None:
    switch()
    text = page(clerk).text
    assert words in text
    assert "anna" in text


def test_in_a_pilot_nobody_is_told_that_all_is_well(clerk: Client, settings: Any) -> None:
    healthy()
    rooms.record()
    settings.SYNC_ONLY = ["TEST-"]
    answer = page(clerk)
    assert answer.context["well"] is False
    assert "Pilotbetrieb (SYNC_ONLY): Was nicht dazugehört, wird nur geplant" in answer.text


def test_an_alert_is_a_banner_until_it_is_over(operator: Client) -> None:
    alert = Alert.objects.create(rule="no_sweep", params={"minutes": 40})
    assert "Seit 40 Minuten kein Sammellauf" in page(operator).text
    operator.post(reverse("admin:ops_acknowledge", args=[alert.pk]))
    alert.refresh_from_db()
    assert alert.acknowledged_by is not None
    banner = page(operator).context["banners"][0]
    assert (banner.tone, banner.alert_id) == ("off", None)
    Alert.objects.update(closed_at=timezone.now())
    assert page(operator).context["banners"] == []


def test_a_great_act_under_way_is_a_banner(clerk: Client) -> None:
    BulkAction.objects.create(code="sync_now", total=250, position=100, state=BulkState.RUNNING, actor="anna")
    text = page(clerk).text
    assert "Jetzt abgleichen oder erneut versuchen" in text, "as its own page is called"
    assert "100 von 250, begonnen von anna" in text


@pytest.mark.parametrize("role", ROLES)
def test_nothing_on_it_leads_to_a_closed_door(role: str, as_role: Callable[[str], Client]) -> None:
    everything()
    control.set_mode(mode="paused", by="anna", reason="Umzug")
    queue_pauses.pause(queue="bulk", by="anna", reason="Umzug", until=None)
    BulkAction.objects.create(code="pause", total=250, state=BulkState.RUNNING, actor="anna")
    for rule in ("proxy_unknown", "no_sweep"):
        Alert.objects.create(rule=rule, params={"minutes": 40, "count": 1})
    rooms.proxy_call(outcome="unknown")
    ProxyCall.objects.update(at=timezone.now() - timedelta(hours=1))
    client = as_role(role)
    text = page(client).text
    assert all(words in text for words in ("Alles ist pausiert", "Warteschlange", "unbekanntem Ergebnis"))
    links = set(re.findall(r'<a class="ops-(?:button|tile)[^"]*" href="([^"]+)"', text))
    assert links
    assert [(link, status) for link in sorted(links) if (status := client.get(link).status_code) != 200] == []
    assert ("/admin/ops/switches/" in links) == (role in ("Operator", "Auditor"))


def test_the_longest_waiting_stand_on_the_page(clerk: Client) -> None:
    record = rooms.record("dirty", dirty_since=timezone.now() - timedelta(hours=5))
    text = page(clerk).text
    assert "Wartet am längsten" in text
    assert reverse("admin:syncapp_syncrecord_change", args=[record.pk]) in text


def test_on_a_new_installation_no_system_is_told_to_work_before_anybody_has_called_it(clerk: Client) -> None:
    text = page(clerk).text
    assert "nach dem ersten Sammellauf bekannt" in text
    assert "funktioniert" not in text
    Heartbeat.objects.create(pk="sweep", at=timezone.now())
    assert "funktioniert" in page(clerk).text


def test_a_new_installation_says_what_it_is_and_where_records_come_from(clerk: Client) -> None:
    Control.objects.all().delete()
    text = page(clerk).text
    assert "So beginnt eine neue Installation." in text
    assert "durch –" not in text
    assert "Es gibt noch keinen Datensatz." in text
    assert "0 von 0" not in text
    control.set_mode(mode="shadow", by="anna", reason="Test")
    assert "durch anna. Grund: Test" in page(clerk).text


def test_the_menu_that_scrolls_bears_a_name_in_german(clerk: Client) -> None:
    assert 'data-simplebar-aria-label="Menü"' in page(clerk).text, "read aloud: else it is “scrollable content”"


def test_redis_that_is_away_is_a_sentence(clerk: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    assert "Redis" in clerk.get(reverse("admin:ops_machinery")).text
    assert "antwortet nicht" in clerk.get(reverse("admin:ops_machinery")).text


def test_a_queue_without_a_worker_is_bad(clerk: Client, redis_client: Any) -> None:
    text = clerk.get(reverse("admin:ops_machinery")).text
    assert "es läuft kein Arbeitsprozess" in text
    assert "ops-bad" in text


def test_kinds_that_pass_by_themselves_are_quiet() -> None:
    rooms.failed("transient")
    rooms.failed("bug")
    counts = attention.counted(now=timezone.now(), switches=control.switches())
    tones = {str(tile.label): tile.tone for tile in home.tiles(counts, {})}
    assert tones == {"Fehler in Advosync": "bad", "vorübergehende Störung": "wait"}


@pytest.mark.parametrize(
    "switch, words",
    [
        (lambda _settings: control.set_mode(mode="shadow", by="anna"), "bis auf Echtbetrieb umgeschaltet wird"),
        (
            lambda settings: setattr(settings, "SYNC_ONLY", ["TEST-"]),
            "bis sie zum Pilotbetrieb gehören (SYNC_ONLY)",
        ),
        (
            lambda _settings: control.hold_side(side="advoware", held=True, by="anna"),
            "bis wieder nach Advoware geschrieben wird",
        ),
    ],
    ids=["shadow", "pilot", "held"],
)
def test_what_is_planned_only_says_until_when(
    switch: Callable[[Any], object], words: str, clerk: Client, settings: Any
) -> None:
    switch(settings)
    rooms.record("dirty", deferred=1, deferred_epoch=control.current_epoch(control.switches()))
    assert f"<b>1</b> nur geplant<small>{words}</small>" in " ".join(page(clerk).text.split())


def moved(client: Client, mark: str = "") -> Any:
    return client.get(reverse("admin:ops_live"), headers={"if-none-match": mark} if mark else {})


def test_the_page_moves_and_an_answer_that_would_be_the_same_is_empty(clerk: Client) -> None:
    rooms.record("dirty")
    first = moved(clerk)
    assert first.status_code == 200
    assert "Was wartet, und warum" in first.text
    again = moved(clerk, first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    rooms.conflict()
    assert moved(clerk, first["ETag"]).status_code == 200


def test_what_moves_holds_no_token_that_changes_with_each_answer(operator: Client) -> None:
    """Else no answer would ever be the same; the buttons belong to a form that stands outside of what moves."""
    Alert.objects.create(rule="no_sweep", params={"minutes": 40})
    assert "csrf" not in moved(operator).text
    text = page(operator).text
    assert 'form="live-form"' in text
    assert text.count('id="live-form"') == 1


def test_the_parts_are_those_of_the_page(clerk: Client) -> None:
    parts = re.compile(r'data-part="(\w+)"')
    assert sorted(parts.findall(moved(clerk).text)) == sorted(parts.findall(page(clerk).text))


def test_each_heap_says_in_one_place_where_it_stands(boss: Client) -> None:
    everything()
    context = page(boss).context
    needy = [tile for tile in context["tasks"] if tile.code]
    assert sorted(tile.code for tile in [*needy, *context["waits"], *context["stands"]]) == sorted(
        tile.code for tile in context["tiles"]
    )
    # What somebody has to do something about stands first, also where it is a record and no task.
    assert {"failed_bug", "failed_needs_confirmation", "failed_forbidden"} <= {tile.code for tile in needy}
    assert not {"equal", "conflict"} & {tile.code for tile in needy}
    # Whatever waits says why.
    assert [tile.code for tile in context["waits"] if not tile.hint] == []
