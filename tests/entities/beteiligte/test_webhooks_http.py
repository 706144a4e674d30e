"""Webhooks over real HTTP: a web process, the deliveries of a real EspoCRM, and a worker that deals with them."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import RequestFactory

from syncapp.core.requests import EVENTS
from syncapp.core.signatures import sign
from syncapp.models import Attempt, DeletionTask, InboxElement, SyncRecord
from syncapp.views.webhooks import webhook
from tests.entities.beteiligte.test_child_records import subscribe
from tests.support.firm import Firm
from tests.support.installation import Installation, environment, serving
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)

RECORDINGS = Path(__file__).resolve().parents[2] / "recordings" / "deliveries-9.2.7.jsonl"
DELIVERIES: list[dict[str, Any]] = [json.loads(line) for line in RECORDINGS.read_text().splitlines()]
SECRETS = ",".join(sorted({f"{row['webhook_id']}:{row['secret_key']}" for row in DELIVERIES}))
WEBHOOK, SECRET = DELIVERIES[0]["webhook_id"], DELIVERIES[0]["secret_key"]


@pytest.fixture(scope="module")
def web_server(
    django_db_setup: None, sandbox_server: Sandbox, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """One web process for these tests: it keeps nothing that the tests do not empty."""
    told = environment(sandbox=sandbox_server, redis_url=redis_url, ESPOCRM_WEBHOOK_SECRETS=SECRETS)
    with serving(tmp_path_factory.mktemp("web"), told) as installation:
        yield installation


@pytest.fixture
def web(firm: Firm, web_server: Installation) -> Installation:
    return web_server


@pytest.fixture
def subscribed(firm: Firm, live_server: Any) -> Installation:
    """The stand-in EspoCRM sends its webhooks to our web server, when it is told to."""
    return subscribe(firm, live_server, *((f"CBeteiligte.{event}", f"beteiligte/{event}") for event in EVENTS))


def action(row: dict[str, Any]) -> str:
    event = row["event_path"].removeprefix("/hook/")
    return event if event in ("create", "delete") else "update"


def signed(raw: bytes) -> dict[str, str]:
    return {"Signature": sign(raw_body=raw, webhook_id=WEBHOOK, secret=SECRET)}


def test_every_recorded_delivery_is_accepted_and_dealt_with_to_the_end(web: Installation) -> None:
    elements = 0
    for row in DELIVERIES:
        raw = row["raw_body"].encode()
        answer = web.webhook(action(row), raw, row["headers"])
        assert answer.status_code == 202, (row["event_path"], answer.text)
        assert answer.json()["accepted"] == len(json.loads(raw))
        elements += len(json.loads(raw))
    assert InboxElement.objects.count() == elements
    web.work(own_processes=True)
    assert set(InboxElement.objects.values_list("result", flat=True)) == {"unknown"}
    assert not InboxElement.objects.filter(record__isnull=False).exists()
    assert not SyncRecord.objects.exists()
    assert not DeletionTask.objects.exists()
    assert not Attempt.objects.exists()


def test_the_older_header_alone_opens_as_well(web: Installation) -> None:
    row = DELIVERIES[0]
    answer = web.webhook(action(row), row["raw_body"].encode(), {"X-Signature": row["headers"]["X-Signature"]})
    assert answer.status_code == 202


def test_a_new_record_is_on_both_sides_after_its_delivery(web: Installation, firm: Firm) -> None:
    espo_id = firm.new()
    raw = json.dumps([{"id": espo_id, "name": "Müller"}]).encode()
    assert web.webhook("create", raw, signed(raw)).status_code == 202
    web.work()
    record = firm.record(espo_id)
    assert (record.status, record.attempts.get().source) == ("clean", "webhook")
    assert firm.advo(record.betnr or 0)["name"] == "Müller-Lüdenscheidt"


def test_bad_input_over_http(web: Installation) -> None:
    assert web.webhook("update", b"[]", {}).status_code == 401
    assert web.webhook("update", b"{", signed(b"{")).status_code == 400
    assert requests.get(f"{web.origin}/webhooks/espocrm/beteiligte/update", timeout=5).status_code == 405
    large = b"[" + b" " * (1024 * 1024) + b"]"
    assert web.webhook("update", large, signed(large)).status_code == 413
    assert not InboxElement.objects.exists()


def test_an_announced_size_is_refused_before_the_body_is_read(web: Installation) -> None:
    host, port = web.origin.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            b"POST /webhooks/espocrm/beteiligte/update HTTP/1.1\r\nHost: 127.0.0.1\r\nSignature: x\r\n"
            b"Content-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n"
        )
        assert b" 413 " in line.recv(200)


def test_the_server_lives_on_after_a_sender_that_hangs_up(web: Installation) -> None:
    host, port = web.origin.removeprefix("http://").split(":")
    for _attempt in range(3):
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(
                b"POST /webhooks/espocrm/beteiligte/update HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n[{"
            )
    assert web.webhook("update", b"[]", signed(b"[]")).status_code == 202


def test_a_sender_that_hangs_up_in_the_middle_is_refused_and_no_error_of_ours(db: None) -> None:
    class HungUp:
        def read(self, *_size: int) -> bytes:
            raise ConnectionResetError

    request = RequestFactory().post("/webhooks/espocrm/beteiligte/update", content_type="application/json")
    request._stream = HungUp()
    answer = webhook(request, "update")
    assert (answer.status_code, json.loads(answer.content)["error"]) == (400, "the body ended before its length")


def test_with_redis_down_it_is_202_and_the_dispatcher_enqueues_later(
    firm: Firm, web: Installation, tmp_path: Path
) -> None:
    espo_id = firm.new()
    raw = json.dumps([{"id": espo_id}]).encode()
    with serving(tmp_path, {**web.told, "REDIS_URL": "redis://127.0.0.1:1/1"}) as deaf:
        answer = deaf.webhook("create", raw, signed(raw))
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert answer.elapsed.total_seconds() < 10, "EspoCRM waits no longer"
    web.work()
    assert firm.record(espo_id).status == "clean"


def test_with_the_database_down_it_is_503(web: Installation, tmp_path: Path) -> None:
    raw = json.dumps([{"id": "a" * 17}]).encode()
    with serving(tmp_path, {**web.told, "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3"}) as lost:
        answer = lost.webhook("update", raw, signed(raw))
    assert answer.status_code == 503
    assert "again" in answer.json()["error"]


def test_the_stand_ins_webhooks_end_to_end(subscribed: Installation, firm: Firm) -> None:
    """EspoCRM's own job sends what happened there; our own PATCH comes back and costs no remote call."""
    espo_id = firm.new()
    assert firm.sandbox.deliver_webhooks()["statuses"] == [202]
    subscribed.work()
    assert firm.record(espo_id).status == "clean"
    firm.sandbox.clear_calls()
    assert set(firm.sandbox.deliver_webhooks()["statuses"]) == {202}
    subscribed.work()
    assert firm.counts() == {"espocrm": {}, "advoware": {}}
    assert InboxElement.objects.latest("pk").result == "echo"
    assert firm.sandbox.deliver_webhooks()["sent"] == 0


def test_a_formula_that_marks_every_change_does_not_go_round_in_circles(subscribed: Installation, firm: Firm) -> None:
    firm.sandbox.espocrm(formula=True)
    espo_id = firm.new()
    for _round in range(6):
        if not firm.sandbox.deliver_webhooks()["sent"]:
            break
        subscribed.work()
    else:
        raise AssertionError("still at it after six rounds")
    betnr = firm.record(espo_id).betnr or 0
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.deliver_webhooks()
    subscribed.work()
    assert (firm.advo(betnr)["titel"], firm.espo(espo_id)["syncStatus"]) == ("Prof.", "clean")
    firm.sandbox.deliver_webhooks()
    firm.sandbox.clear_calls()
    subscribed.work()
    assert firm.sandbox.deliver_webhooks()["sent"] == 0
