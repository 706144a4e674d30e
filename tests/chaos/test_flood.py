"""Far more than usual, and systems that come and go: webhooks by the thousand, slow answers, flapping."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any

import pytest
import requests

from syncapp.core.signatures import sign
from syncapp.engine import dispatcher
from syncapp.models import Alert, Breaker, InboxElement, Notice, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process, free_origin
from tests.chaos.pouring import all_equal, pour, webhooks_to
from tests.chaos.report import MEASURED

pytestmark = pytest.mark.chaos
DELIVERIES = 10_000
SENDERS = 4
PEOPLE = 50


def test_ten_thousand_webhooks_at_once(
    plant: Plant, steady: Process, close_books: Close, record_property: Callable[[str, object], None]
) -> None:
    """As fast as the web process takes them: every one is answered and kept, and none costs a run too many."""
    pairs = plant.pairs(PEOPLE)
    expected = {espo_id: {"titel": f"Prof. {number}"} for espo_id, number in pairs.items()}
    origin = free_origin()
    secrets = webhooks_to(plant, origin, deliver=False)
    plant.web(origin=origin, ESPOCRM_WEBHOOK_SECRETS=secrets)
    for espo_id, fields in expected.items():
        plant.sandbox.anna.change(espo_id, **fields)
    webhook_id, _colon, secret = secrets.split(",")[1].partition(":")
    plant.sandbox.clear_calls()
    before = InboxElement.objects.count()

    def deliver(ids: list[str]) -> set[int]:
        answers = set()
        with requests.Session() as session:
            for espo_id in ids:
                raw = f'[{{"id": "{espo_id}", "titel": "{expected[espo_id]["titel"]}"}}]'.encode()
                signed = sign(raw_body=raw, webhook_id=webhook_id, secret=secret)
                url = f"{origin}/webhooks/espocrm/beteiligte/update"
                answers.add(session.post(url, raw, headers={"Signature": signed}, timeout=30).status_code)
        return answers

    ids, begin = list(islice(cycle(pairs), DELIVERIES)), time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        answers = set().union(*senders.map(deliver, (ids[place::SENDERS] for place in range(SENDERS))))
    taken = time.monotonic() - begin
    assert answers == {202}
    assert InboxElement.objects.count() - before == DELIVERIES
    plant.settle()
    done = time.monotonic() - begin
    record_property(
        MEASURED, f"{DELIVERIES:,} webhooks: all answered after {taken:.0f} s, all synced after {done:.0f} s"
    )
    assert not InboxElement.objects.filter(judged_at=None).exists()
    puts = [call for call in plant.sandbox.calls("advoware") if call[1] == "PUT"]
    assert len(puts) == PEOPLE, "one write for each person, however often it was told"
    close_books("10,000 webhooks at once", audit(plant, pairs, expected=expected), injected=DELIVERIES)


def test_espocrm_answers_after_25_seconds(plant: Plant, steady: Process, close_books: Close) -> None:
    """Slower than any time-out that one would like, and quicker than the one that holds: it only takes long."""
    espo_id, _number = plant.pair()
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    for method in ("GET", "PATCH"):
        plant.sandbox.fault("espocrm", "delay", method=method, seconds=25)
    plant.ask(espo_id, queue="sweep")
    plant.settle()
    assert plant.record(espo_id).retry_count == 0
    close_books("EspoCRM after 25 seconds", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}), injected=2)


def breakers_close() -> bool:
    """The dispatcher asks whether a system is back."""
    dispatcher.dispatch()
    return not Breaker.objects.filter(open_until__isnull=False).exists()


def test_both_systems_flap_for_an_hour(plant: Plant, steady: Process, close_books: Close, settings: Any) -> None:
    """Away and back every twenty seconds for an hour, sixty times as fast, while people go on editing.

    No retry is used up for good, no breaker is left, and nobody gets a notice for each turn.
    """
    settings.BREAKER_OPEN_SECONDS = settings.BREAKER_OPEN_MAX_SECONDS = 1  # as for the plant's own processes
    pairs = plant.pairs(PEOPLE)
    alerts, notices = Alert.objects.count(), Notice.objects.count()
    turns, turn = 180, 1 / 3
    with ThreadPoolExecutor(1) as people:
        poured = people.submit(pour, plant, list(pairs), 500, at={})
        for number in range(turns):
            begin = time.monotonic()
            if number % 2:
                plant.sandbox.heal()
            else:
                for system in ("espocrm", "advoware"):
                    plant.sandbox.fault(system, "status", status=503, count=None, path_contains="Beteiligte")
            plant.let_waits_pass()
            dispatcher.dispatch()
            time.sleep(max(0.0, turn - (time.monotonic() - begin)))
        plant.sandbox.heal()
        expected = poured.result()
    for espo_id in pairs:
        plant.ask(espo_id, enqueue=False)
    plant.until(breakers_close, "the breakers close")
    plant.settle()
    plant.until(lambda: all_equal(plant, expected), "both sides equal")
    assert not Breaker.objects.filter(failures__gt=0).exists()
    assert not SyncRecord.objects.filter(status="permanently_failed").exists()
    assert Alert.objects.count() - alerts <= 2
    assert Notice.objects.count() - notices <= 2
    close_books("both systems flapping", audit(plant, pairs, expected=expected), injected=turns)
