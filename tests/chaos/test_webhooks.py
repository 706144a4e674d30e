"""Webhooks doubled, late, lost and in the wrong order, through the real web process."""

import random
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from django.db.models import F
from django.utils import timezone

from syncapp.models import DeletionTask, InboxElement, SyncRecord
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process, free_origin
from tests.chaos.pouring import edits, webhooks_to
from tests.support.processes import MANAGE, ROOT

pytestmark = pytest.mark.chaos
SIGNED = ("Signature", "X-Signature", "Content-Type")


@dataclass(frozen=True)
class Delivery:
    path: str
    body: bytes
    headers: dict[str, str]

    def send(self, origin: str) -> int:
        return requests.post(origin + self.path, data=self.body, headers=self.headers, timeout=20).status_code


@dataclass
class Postman:
    """Takes EspoCRM's deliveries and keeps them, to bring them when and how often he likes."""

    origin: str = ""
    kept: list[Delivery] = field(default_factory=list)

    def about(self, espo_id: str, event: str) -> list[Delivery]:
        return [d for d in self.kept if d.path.endswith(f"/{event}") and espo_id.encode() in d.body]


@pytest.fixture
def postman() -> Iterator[Postman]:
    he = Postman()

    class Box(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            he.kept.append(Delivery(self.path, body, {name: self.headers[name] for name in SIGNED}))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Box)
    he.origin = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield he
    server.shutdown()
    server.server_close()


def collect(plant: Plant) -> None:
    """One delivery an event, so that each can be late on its own."""
    plant.sandbox.espocrm(webhook_events_per_run=1)
    while plant.sandbox.deliver_webhooks()["sent"]:
        pass


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doubled_late_and_out_of_order(
    plant: Plant, steady: Process, close_books: Close, postman: Postman, seed: int
) -> None:
    dice = random.Random(seed)
    origin = plant.web(ESPOCRM_WEBHOOK_SECRETS=webhooks_to(plant, postman.origin, deliver=False))
    ids = [plant.new() for _ in range(4)]
    expected: dict[str, dict[str, str]] = {espo_id: {} for espo_id in ids}
    for espo_id, name, value in edits(ids, 12):
        plant.sandbox.anna.change(espo_id, **{name: value})
        expected[espo_id][name] = value
    gone = plant.new()
    plant.sandbox.anna.delete(gone)
    collect(plant)
    deliveries = [*postman.kept, *dice.sample(postman.kept, len(postman.kept) // 2)]
    dice.shuffle(deliveries)
    late = [deliveries.pop() for _ in range(4)]
    for delivery in deliveries:
        assert delivery.send(origin) == 202
    plant.settle()
    plant.sandbox.clear_calls()
    for delivery in [*late, *postman.kept]:
        assert delivery.send(origin) == 202
    plant.settle()
    # Records that only a late delivery has named are new; for all others an old delivery is at most one more look.
    assert len(plant.sandbox.state()["advoware"]) == len(ids)
    plant.sandbox.clear_calls()
    postman.kept[0].send(origin)
    plant.settle()
    assert {method for _system, method, _path in plant.sandbox.calls()} <= {"GET"}
    assert not InboxElement.objects.filter(result="waiting").exists()
    books = audit(plant, ids, expected=expected)
    close_books("webhooks doubled, late, out of order", books, injected=len(deliveries) + len(late))


def test_echoes_cost_nothing_and_end(plant: Plant, steady: Process, close_books: Close) -> None:
    """What our own writes bring back is recognised: no run for it, so that nothing comes back again."""
    origin = free_origin()
    plant.web(origin=origin, ESPOCRM_WEBHOOK_SECRETS=webhooks_to(plant, origin, deliver=False))
    pairs = plant.pairs(4)
    plant.sandbox.deliver_webhooks()
    plant.settle()
    for number in pairs.values():
        plant.sandbox.clerk.change(number, titel="Prof.")
    for espo_id in pairs:
        plant.ask(espo_id, enqueue=False)
    plant.settle()
    plant.sandbox.clear_calls()
    assert plant.sandbox.deliver_webhooks()["statuses"] == [202]
    plant.settle()
    assert plant.sandbox.calls() == []
    assert InboxElement.objects.filter(result="echo").count() >= len(pairs)
    expected = {espo_id: {"titel": "Prof."} for espo_id in pairs}
    close_books("echoes of our own writes", audit(plant, pairs, expected=expected), injected=len(pairs))


def test_lost_altogether(plant: Plant, steady: Process, close_books: Close) -> None:
    """Nobody has told us anything: the sweep finds new and changed records, the re-check those that are gone."""
    pairs = plant.pairs(8)
    _sweep(plant)
    gone, *left = pairs
    expected = {espo_id: {"titel": "Prof."} for espo_id in left}
    for espo_id in left:
        plant.sandbox.anna.change(espo_id, titel="Prof.")
    expected |= {plant.new(): {} for _ in range(4)}
    plant.sandbox.anna.delete(gone)
    SyncRecord.objects.update(last_check=timezone.now() - timedelta(hours=25))
    _sweep(plant)
    assert plant.record(gone).status == "deleted_in_espocrm"
    assert DeletionTask.objects.filter(espo_id=gone).count() == 1
    close_books("webhooks lost", audit(plant, expected, expected=expected), injected=len(left) + 5)


def _sweep(plant: Plant) -> None:
    """One sweep as a process of its own, and what it has found is carried."""
    done = subprocess.run([*MANAGE, "sweep"], cwd=ROOT, env=plant.own_environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    plant.settle()


@pytest.mark.parametrize("order", [("delete", "update"), ("delete", "update", "create"), ("update", "delete")])
def test_deleted_and_its_webhooks_in_any_order(
    plant: Plant, steady: Process, close_books: Close, postman: Postman, order: tuple[str, ...]
) -> None:
    """EspoCRM as it is now decides, not what comes last: the record stays deleted, and nothing is written anywhere."""
    worker = plant.begin_worker("webhook")
    origin = plant.web(ESPOCRM_WEBHOOK_SECRETS=webhooks_to(plant, postman.origin, deliver=False))
    (kept_id, _), (gone, betnr) = plant.pair(), plant.pair()
    plant.ready(worker)
    plant.sandbox.anna.change(gone, titel="Prof.")
    plant.sandbox.anna.delete(gone)
    collect(plant)
    plant.sandbox.clear_calls()
    for event in order:
        for delivery in postman.about(gone, event):
            assert delivery.send(origin) == 202
        _all_looked_at(plant)
    assert {method for _system, method, _path in plant.sandbox.calls()} == {"GET"}
    assert plant.record(gone).status == "deleted_in_espocrm"
    assert list(DeletionTask.objects.values_list("espo_id", "betnr")) == [(gone, betnr)]
    assert [row["titel"] for row in plant.sandbox.state()["advoware"] if row["betNr"] == betnr] == ["Dr."]
    close_books("delete before update", audit(plant, [kept_id]), injected=len(order))


def test_restored_after_its_delete_webhook(plant: Plant, steady: Process, close_books: Close, postman: Postman) -> None:
    """Deleted, restored and edited; the delete comes first and the rest late: it goes on with the same Beteiligter."""
    worker = plant.begin_worker("webhook")
    origin = plant.web(ESPOCRM_WEBHOOK_SECRETS=webhooks_to(plant, postman.origin, deliver=False))
    espo_id, betnr = plant.pair()
    plant.ready(worker)
    plant.sandbox.anna.delete(espo_id)
    collect(plant)
    (delete,) = postman.about(espo_id, "delete")
    assert delete.send(origin) == 202
    plant.settle()
    assert plant.record(espo_id).status == "deleted_in_espocrm"
    plant.sandbox.restore(espo_id)
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    collect(plant)
    for delivery in [*postman.about(espo_id, "update"), delete]:
        assert delivery.send(origin) == 202
    _all_looked_at(plant)
    assert plant.record(espo_id).betnr == betnr
    assert not DeletionTask.objects.filter(done_at=None).exists()
    close_books("delete late", audit(plant, [espo_id], expected={espo_id: {"titel": "Prof."}}))


def _all_looked_at(plant: Plant) -> None:
    """For a record that counts as deleted the job of the webhook looks, not the dispatcher."""
    plant.until(lambda: not SyncRecord.objects.exclude(requested=F("completed")).exists(), "all has been looked at")
    plant.settle()
