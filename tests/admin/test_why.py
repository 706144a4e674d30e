"""The sentence on why a record is not synced at the moment: one row a reason, in the order of their weight."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from syncapp.core.requests import QueueName
from syncapp.core.states import Status
from syncapp.engine import control, queue_pauses
from syncapp.models import Breaker, Control, Heartbeat, StatusChoice, SyncRecord
from syncapp.operations.monitoring.why import situation, why_not_synced
from syncapp.words import html
from tests.admin import rooms
from tests.support.roles import client_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PAUSED = Control(mode="paused", by="anna")
LIVE = Control(mode="live")
HELD = Control(mode="live", by="anna", held_sides=["advoware"])
SHADOW = Control(mode="shadow")


def why(record: SyncRecord, switches: Control = LIVE) -> str:
    with translation.override("en"):
        return why_not_synced(record, situation(control=switches, now=timezone.now()))


def soon(minutes: int) -> object:
    return timezone.now() + timedelta(minutes=minutes, seconds=5)


ROWS: list[tuple[str, Callable[[], SyncRecord], Control, str]] = [
    ("equal", rooms.record, LIVE, ""),
    ("equal_while_paused", rooms.record, PAUSED, ""),
    ("deleted_in_espocrm", lambda: rooms.record("deleted_in_espocrm", requested=0), LIVE, "Deleted in EspoCRM"),
    ("gone_in_advoware", lambda: rooms.record("deleted_in_advoware", requested=0), LIVE, "is gone in Advoware"),
    ("gone_and_changed", lambda: rooms.record("deleted_in_advoware"), LIVE, "It has been changed since."),
    ("paused_by_hand", lambda: rooms.record("dirty", hold="paused"), PAUSED, "This record was paused by hand."),
    ("paused_while_equal", lambda: rooms.record(hold="paused"), LIVE, "This record was paused by hand."),
    ("ignored_while_equal", lambda: rooms.record(hold="ignored"), LIVE, "ignored on purpose"),
    ("ignored", lambda: rooms.failed(hold="ignored"), LIVE, "ignored on purpose"),
    ("unlinked", lambda: rooms.record("dirty", hold="unlinked"), LIVE, "Unlinked by hand"),
    ("running", rooms.locked, LIVE, "A run is at work on it, since "),
    (
        "broken_off",
        lambda: rooms.locked(lease_expires=soon(-3)),
        LIVE,
        "A run broke off (worker-7:4711:33); its lock ended 2 minutes ago",
    ),
    (
        "hangs",
        lambda: rooms.locked(lease_since=soon(-21)),
        LIVE,
        "A run has held it for longer than a run should last, since ",
    ),
    ("conflict", lambda: rooms.record("conflict"), PAUSED, "Waits for a decision"),
    ("waits_for_person", lambda: rooms.failed("duplicate_link"), PAUSED, "Two records in EspoCRM carry the same betNr"),
    ("all_paused", lambda: rooms.record("dirty"), PAUSED, "Everything is paused by anna."),
    ("all_paused_until", lambda: rooms.record("dirty"), Control(mode="paused", by="anna", until=NOW), "by anna until "),
    ("refused", rooms.failed, LIVE, "Refused; tried again when it is corrected"),
    (
        "backoff",
        lambda: rooms.failed("transient", retry_count=2, next_retry_at=soon(12)),
        LIVE,
        "Attempt 2 of 5 failed; the next one follows in 12 minutes.",
    ),
    (
        "backoff_is_over",
        lambda: rooms.failed("transient", retry_count=2, next_retry_at=soon(-2)),
        LIVE,
        "Attempt 2 of 5 failed; the next one is due.",
    ),
    ("used_up", rooms.permanently_failed, LIVE, "All 5 attempts failed"),
    ("shadow", lambda: rooms.record("dirty"), SHADOW, "Shadow mode"),
    (
        "side_held",
        lambda: rooms.record("dirty", deferred=1),
        HELD,
        "Nothing is written to Advoware, by order of anna; the rest follows when that is over.",
    ),
    ("side_held_not_looked_at_yet", lambda: rooms.record("dirty"), HELD, "Waits for its turn"),
    ("first_sync", lambda: rooms.record("pending_sync"), LIVE, "Waits for its first sync"),
    ("its_turn", lambda: rooms.record("dirty"), LIVE, "Waits for its turn"),
]


@pytest.mark.parametrize("name, make, switches, words", ROWS, ids=[row[0] for row in ROWS])
def test_reason(name: str, make: Callable[[], SyncRecord], switches: Control, words: str) -> None:
    said = why(make(), switches)
    assert said == "" if not words else words in said


def test_open_breaker() -> None:
    Breaker.objects.create(system="advoware", open_since=timezone.now(), open_until=soon(3))
    assert "Advoware does not work since" in why(rooms.record("dirty"))


def test_a_breaker_whose_time_has_come_says_that_it_is_tried_now() -> None:
    Breaker.objects.create(system="advoware", open_since=timezone.now(), open_until=soon(-3))
    assert "Advoware does not work since" in why(rooms.record("dirty"))
    assert "it is being tried again" in why(rooms.record("dirty"))


def test_no_turn_is_promised_while_nothing_is_handed_out() -> None:
    record, promise = rooms.record("dirty"), "within a minute or two"
    Heartbeat.objects.create(pk="dispatcher", at=soon(-4))
    assert promise in why(record)
    Heartbeat.objects.update(at=soon(-7))
    assert "nothing has been handed to the workers since" in why(record)
    queue_pauses.pause(queue=QueueName.URGENT, by="anna", reason="Umzug")
    Heartbeat.objects.update(at=soon(0))
    assert promise in why(record), "the other queue takes it"
    queue_pauses.pause(queue=QueueName.SWEEP, by="anna", reason="Umzug")
    assert "nothing is carried out until that ends" in why(record)


def test_outside_the_pilot(settings: object) -> None:
    settings.SYNC_ONLY = ["TEST-"]  # type: ignore[attr-defined]
    assert why(rooms.record("dirty")) == "Not part of the pilot: planned only."


def test_what_its_run_has_found_counts_for_the_pilot_not_what_it_was_called_before(settings: object) -> None:
    """Renamed in EspoCRM it has fallen out of the pilot; its base still bears the name by which it belonged to it."""
    settings.SYNC_ONLY = ["TEST-"]  # type: ignore[attr-defined]
    called = {"name": "Frieda Müller", "base_espo": {"name": "TEST-Müller"}}
    aside = {"deferred": 1, "deferred_epoch": control.current_epoch(LIVE)}
    assert "Waits for its turn" in why(rooms.record("dirty", **called)), "nobody has looked yet"
    assert why(rooms.record("dirty", **called, **aside)) == "Not part of the pilot: planned only."


def test_a_first_name_before_the_name_takes_nobody_out_of_the_pilot(settings: object) -> None:
    settings.SYNC_ONLY = ["TEST-"]  # type: ignore[attr-defined]
    unlinked = {"name": "Frieda TEST-Müller", "base_espo": {}, "betnr": None}
    assert "Waits for its first sync" in why(rooms.record("pending_sync", **unlinked))


def test_a_failed_record_that_is_set_aside_is_promised_no_attempt() -> None:
    aside = {"deferred": 1, "deferred_epoch": control.current_epoch(SHADOW)}
    record = rooms.failed("transient", retry_count=2, next_retry_at=soon(-2), requested=1, **aside)
    assert why(record, SHADOW) == "Shadow mode: everything is planned, nothing is written."


@pytest.mark.parametrize("status", [status for status in StatusChoice.values if status != Status.CLEAN])
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_status_but_clean_has_a_sentence_without_a_value(status: str, language: str) -> None:
    record = rooms.record(status, kind="bug" if "failed" in status else "")
    with translation.override(language):
        said = why_not_synced(record, situation(control=control.switches(), now=timezone.now()))
    assert said.endswith(".")
    assert "Müller" not in said


@pytest.mark.parametrize("order, words", [("everything_from_espocrm", "alles aus EspoCRM"), ("", "")])
def test_an_order_that_waits_is_told_on_the_records_page(clerk: Client, order: str, words: str) -> None:
    text = clerk.get(html.record_url(rooms.record("dirty", override=order).pk)).text
    assert ("Beauftragt:" in text, words in text) == (bool(order), True)


@pytest.mark.parametrize("pilot", [[], ["Frieda"]])
def test_the_list_asks_no_question_more_for_each_record_that_waits(
    pilot: list[str], live: None, settings: object, django_assert_max_num_queries: Callable[..., object]
) -> None:
    """Of whoever may not see values it has not loaded those that no sentence needs."""
    settings.SYNC_ONLY = pilot  # type: ignore[attr-defined]
    reader = User.objects.create_user("leser", password="geheim", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_syncrecord"))
    for _number in range(20):
        rooms.record("dirty", base_espo={}, deferred=1, deferred_epoch=control.current_epoch(control.switches()))
    browser, address = client_of(reader, "de"), reverse("admin:syncapp_syncrecord_changelist")
    browser.get(address)  # what is cached for the process
    with django_assert_max_num_queries(16):  # type: ignore[attr-defined]
        browser.get(address)
