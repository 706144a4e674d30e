"""From the webhook to the last remote call: whose request, which job, which record, on every line; no values, neither
there nor in Redis, the metrics or an address that is asked."""

import io
import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from advosync_project import logs
from advosync_project.request_ids import HEADER
from syncapp.core.signatures import sign
from syncapp.models import SyncRecord
from syncapp.operations.monitoring.metrics import exposition
from tests.support.firm import Firm
from tests.support.redis_reading import overheard, stored

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = ("Geheimrat", "Lüdenscheidt", "1961-04-12", "sandbox-espo-key", "sandbox-advoware-secret")
NAME, PHONE, EMAIL = "Quendelmann", "+4930123987654", "walpurga@quendel.example"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """Everything that is logged from INFO on, as production writes it."""
    out = io.StringIO()
    formatter = logs.configuration(level="INFO", readable=False)["formatters"]["lines"].copy()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter.pop("()")(**formatter))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield out
    root.removeHandler(handler)
    root.setLevel(before)


def delivered(firm: Firm, *espo_ids: str, **headers: str) -> Any:
    firm.settings.ESPOCRM_WEBHOOK_SECRETS = [("w", "secret")]
    raw = json.dumps([{"id": espo_id, "titel": "Geheimrat"} for espo_id in espo_ids]).encode()
    signed = {"Signature": sign(webhook_id="w", secret="secret", raw_body=raw), **headers}
    url = "/webhooks/espocrm/beteiligte/update"
    return Client().post(url, data=raw, content_type="application/json", headers=signed)


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    return [line for line in found if str(line.get("logger")).startswith("advosync")]


def work() -> None:
    call_command("worker", "webhook", "--burst", stdout=StringIO())


@pytest.mark.parametrize("number", [1, 3], ids=["one record", "records side by side"])
def test_every_line_says_whose_it_is(firm: Firm, said: io.StringIO, number: int) -> None:
    ids = [firm.pair()[0] for _record in range(number)]
    for espo_id in ids:
        firm.sandbox.anna.change(espo_id, titel="Geheimrat")
    said.truncate(0)
    said.seek(0)
    answer = delivered(firm, *ids)
    work()
    taken, *worked = lines(said)
    assert taken["event"] == "webhook_taken"
    assert {line["request_id"] for line in (taken, *worked)} == {answer[HEADER]}
    assert len({line["job_id"] for line in worked}) == 1
    keys = set(SyncRecord.objects.values_list("pk", flat=True))
    calls = [line for line in worked if line["event"] == "remote call"]
    assert {line["record_id"] for line in calls} == keys
    assert {line["record_id"] for line in worked if line["event"] == "synced"} == keys
    assert [line["method"] for line in calls].count("PUT") == number
    assert [line for line in worked if "record_id" not in line] == []


def test_nothing_of_a_person_and_no_token_is_logged(firm: Firm, said: io.StringIO) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.clerk.change(betnr, titel="Geheimrat")
    firm.sandbox.fault("advoware", "status", status=500, reason="for Frau Lüdenscheidt", method="GET")
    delivered(firm, espo_id)
    work()
    firm.due(espo_id)
    firm.sync(espo_id)
    assert len(lines(said)) > 5
    assert [secret for secret in SECRETS if secret in said.getvalue()] == []


def test_nothing_of_a_person_comes_to_redis_the_metrics_or_an_address(
    firm: Firm, said: io.StringIO, redis_client: Any, redis_url: str
) -> None:
    """What they are called, and where they are reached: through a create, edits of both sides, a refusal, a sweep."""
    with overheard(redis_url) as commands:
        espo_id, betnr = firm.pair(
            name=NAME,
            phoneNumberData=[{"phoneNumber": PHONE, "type": "Office"}],
            emailAddressData=[{"emailAddress": EMAIL}],
        )
        delivered(firm, espo_id)
        work()
        firm.sandbox.clerk.change(betnr, titel="Geheimrat", vorname="Quendelfried")
        firm.sandbox.fault("advoware", "status", status=400, method="PUT", body=f'{{"message": "{NAME}, {PHONE}"}}')
        firm.sandbox.anna.change(espo_id, zusatz="Quendelhof")
        delivered(firm, espo_id)
        work()
        call_command("sweep", stdout=StringIO())
    words = ("uendel", "Geheimrat", PHONE[1:], "1961-04-12")
    calls = json.dumps([(call["path"], call.get("query")) for call in firm.sandbox.control.calls()])
    places = {
        "log": said.getvalue(),
        "sent to Redis": "\n".join(commands),
        "kept in Redis": stored(redis_url),
        "metrics": exposition().decode(),
        "addresses": calls,
        "headings": "\n".join(SyncRecord.objects.get(espo_id=espo_id).status_changes.values_list("cause", flat=True)),
    }
    assert any("sync_lock" in command for command in commands)
    assert "sync_records" in places["kept in Redis"]
    assert [(place, word) for place, text in places.items() for word in words if word in text] == []


def test_an_id_of_a_proxy_is_kept_if_it_is_plain(firm: Firm) -> None:
    assert delivered(firm, "a1", **{HEADER: "proxy-0123456789"})[HEADER] == "proxy-0123456789"
    assert "\n" not in delivered(firm, "a1", **{HEADER: "evil\\n id with spaces"})[HEADER]
    assert delivered(firm, "a1", **{HEADER: "x" * 65})[HEADER] != "x" * 65


def test_the_next_request_has_another_id(firm: Firm) -> None:
    assert delivered(firm, "a1")[HEADER] != delivered(firm, "a1")[HEADER]
