"""What Advoware can do to a call: hang, drip, redirect, answer pages, floods, bombs or nothing; and who pays for it."""

import contextlib
import gzip
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from syncapp.core.proxy.codes import Code
from syncapp.models import CallOutcome, KeptAnswer, ProxyCall
from syncapp.proxy import forwarding
from syncapp.remotes import registry
from syncapp.remotes.advoware.client import AdvowareClient
from tests.proxy.support import Program, last_call, program
from tests.remotes.scripted import (
    Exchange,
    answer,
    close,
    cut,
    cut_chunked,
    drip_body,
    drip_head,
    head,
    reset,
    serving,
    silent,
)
from tests.support.processes import wait_until

AT_ONCE = 20
PACKED = gzip.compress(b" " * 3 * 10**7)


def endless(exchange: Exchange) -> bool:
    """10 GB, as far as anybody takes it."""
    with contextlib.suppress(OSError):
        exchange.sock.sendall(head(200, "", 10**10))
        for _time in range(10**4):
            exchange.sock.sendall(b"[" * 10**6)
    return False


def bomb(exchange: Exchange) -> bool:
    """Thirty megabytes of nothing in thirty kilobytes."""
    with contextlib.suppress(OSError):
        exchange.sock.sendall(head(200, "Content-Encoding: gzip\r\n", len(PACKED)) + PACKED)
    return False


HTML = answer(b"<!DOCTYPE html><h1>Geheimrat</h1>", headers="Content-Type: text/html\r\n")
JSON_CALLED_HTML = answer(b"{}", headers="Content-Type: text/html; charset=utf-8\r\n")
# what Advoware does: (a read, a write) as (status, code)
FAULTS = {
    "hangs": (silent, (504, Code.TIMED_OUT), (504, Code.OUTCOME_UNKNOWN)),
    "drips": (drip_body, (504, Code.TIMED_OUT), (504, Code.OUTCOME_UNKNOWN)),
    "drips its headers": (drip_head, (504, Code.TIMED_OUT), (504, Code.OUTCOME_UNKNOWN)),
    "answers HTML": (HTML, (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "calls its JSON HTML": (JSON_CALLED_HTML, (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "answers half": (cut, (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "answers half a chunk": (cut_chunked, (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "answers half of its JSON": (answer(b'{"a"'), (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "answers nothing": (answer(b""), (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "closes": (close, (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "resets": (reset, (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
    "sends 10 GB": (endless, (502, Code.ANSWER_TOO_LARGE), (504, Code.OUTCOME_UNKNOWN)),
    "sends a gzip bomb": (bomb, (502, Code.ANSWER_TOO_LARGE), (504, Code.OUTCOME_UNKNOWN)),
    "fails": (answer({}, 500), (502, Code.ADVOWARE_FAILED), (504, Code.OUTCOME_UNKNOWN)),
    "is away": (answer({}, 503, headers="Retry-After: 70\r\n"), (503, Code.ADVOWARE_DOWN), (504, Code.OUTCOME_UNKNOWN)),
    "gave up waiting": (answer({}, 408), (408, Code.ADVOWARE_REFUSED), (504, Code.OUTCOME_UNKNOWN)),
    "refuses": (answer({}, 403), (403, Code.ADVOWARE_REFUSED), (403, Code.ADVOWARE_REFUSED)),
    "does not know it": (answer({}, 404), (404, Code.ADVOWARE_REFUSED), (404, Code.ADVOWARE_REFUSED)),
    "does not know the login": (answer({}, 401), (502, Code.ADVOWARE_LOGIN_FAILED), (502, Code.ADVOWARE_LOGIN_FAILED)),
    "says so in words": (
        answer({"message": "Falscher Name oder falsches Kennwort"}, 400),
        (502, Code.ADVOWARE_LOGIN_FAILED),
        (502, Code.ADVOWARE_LOGIN_FAILED),
    ),
    "answers a status that does not exist": (answer({}, 777), (502, Code.WRONG_ANSWER), (504, Code.OUTCOME_UNKNOWN)),
}


@pytest.fixture(autouse=True)
def _impatient(settings):
    """Half a second for the next byte, and five more for the whole: long enough to see a drip go on."""
    settings.ADVOWARE_TIMEOUT_SECONDS = 0.5


@pytest.mark.parametrize("name", FAULTS)
def test_fault(name, caller: Program, advoware, monkeypatch):
    step, read, write = FAULTS[name]
    monkeypatch.setattr(forwarding, "TOTAL_SECONDS", 2.0)
    with advoware(step) as script:
        begin = time.monotonic()
        got = caller.api("GET", "Rechtsformen")
        put = caller.api("PUT", "Beteiligte/1", {"a": 1})
        lasted = time.monotonic() - begin
    assert (got.status, got.code) == read
    assert (put.status, put.code) == write
    assert lasted < 20
    assert script.methods.count("PUT") == (2 if name == "does not know the login" else 1)
    assert b"Geheimrat" not in got.body + put.body
    assert got.headers["content-type"] == "application/json"
    if name == "is away":
        assert got.headers["retry-after"] == "70"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_redirect_is_not_followed_and_no_login_leaves(status, method, caller: Program, advoware):
    with serving(answer({"stolen": True})) as elsewhere:
        away = answer({}, status, headers=f"Location: {elsewhere.url}/Rechtsformen\r\n")
        with advoware(away) as script:
            answered = caller.api(method, "Beteiligte/1", {} if method == "PUT" else None)
        assert (answered.status, answered.code) == (502, "redirected")
        assert "location" not in answered.headers
        assert len(script.seen) == 1
        assert elsewhere.seen == []


def test_nothing_was_sent_where_nothing_listens(caller: Program, settings):
    settings.ADVOWARE_API_BASE_URL = "http://127.0.0.1:1/advoware"
    registry.forget()
    for answered in (caller.api("GET", "Rechtsformen"), caller.api("POST", "Beteiligte", {})):
        assert (answered.status, answered.code) == (503, "advoware_down")
        assert int(answered.headers["retry-after"]) > 0


def test_an_unknown_host_is_no_passing_trouble(caller: Program, settings):
    settings.ADVOWARE_API_BASE_URL = "http://advoware.invalid/"
    registry.forget()
    assert caller.api("GET", "Rechtsformen").code == "advoware_unreachable"


def test_a_login_that_fails_is_told_apart_from_a_key_that_does(caller: Program, switched_on, settings):
    settings.ADVOWARE_PASSWORD = "wrong"
    registry.forget()
    answered = caller.api("GET", "Rechtsformen")
    assert (answered.status, answered.code) == (502, "advoware_login_failed")
    assert "www-authenticate" not in answered.headers


def test_what_a_slow_login_leaves_no_time_for_is_not_sent(caller: Program, advoware, monkeypatch):
    """It went out, nobody waited for its answer, and its outcome was unknown."""
    monkeypatch.setattr(forwarding, "TOTAL_SECONDS", 0.5)
    monkeypatch.setattr(AdvowareClient, "_token", lambda self, refused: time.sleep(0.6) or "token")
    with advoware(answer({"a": 1})) as script:
        for answered in (caller.api("GET", "Rechtsformen"), caller.api("PUT", "Beteiligte/1", {"a": 1})):
            assert (answered.status, answered.code) == (503, "advoware_down")
            assert int(answered.headers["retry-after"]) > 0
    assert script.seen == []
    assert last_call().outcome == "failed"


def test_a_new_token_is_one_repetition_of_a_write_too(caller: Program, switched_on):
    assert caller.api("POST", "Beteiligte", {"name": "Eins"}).status == 200
    switched_on.control.tell("advoware/tokens/revoke")
    switched_on.clear_calls()
    assert caller.api("POST", "Beteiligte", {"name": "Zwei"}).status == 200
    assert last_call().attempts == 2
    assert len(switched_on.state()["advoware"]) == 2


def test_the_breaker_stays_closed_whatever_callers_meet(caller: Program, advoware):
    from syncapp.models import Breaker

    with advoware(answer({}, 500)):
        for _time in range(8):
            caller.api("GET", "Rechtsformen")
    assert not Breaker.objects.filter(failures__gt=0).exists()


# --- over the real web process


def test_twenty_callers_after_a_lost_token_fetch_one(web, switched_on):
    key = program().key
    with web() as installation, ThreadPoolExecutor(AT_ONCE) as pool:

        def get(_number: int) -> int:
            url = f"{installation.origin}/advoware/proxy?endpoint=Rechtsformen"
            return requests.get(url, headers={"X-Api-Key": key}, timeout=60).status_code

        assert get(0) == 200
        switched_on.control.tell("advoware/tokens/revoke")
        switched_on.clear_calls()
        statuses = list(pool.map(get, range(AT_ONCE)))
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 8
    tokens = [call for call in switched_on.control.calls() if call["path"].endswith("token")]
    assert len(tokens) == 1


def test_fifty_hanging_callers_take_nothing_from_webhooks_pages_and_the_sync(firm, web, switched_on):
    key = program().key
    espo_id, bet_nr = firm.pair()
    switched_on.fault("advoware", "hold_cut", path_contains="Rechtsformen", seconds=12, count=None)
    with web() as installation, ThreadPoolExecutor(50) as pool:

        def hang(_number: int) -> int:
            url = f"{installation.origin}/advoware/api/Rechtsformen"
            return requests.get(url, headers={"apikey": key}, timeout=60).status_code

        waiting = [pool.submit(hang, number) for number in range(50)]
        wait_until(lambda: sum(call.done() for call in waiting) >= 42, seconds=20)
        refused = [call.result() for call in waiting if call.done()]
        assert set(refused) == {503}
        assert requests.get(f"{installation.origin}/health/live", timeout=5).status_code == 200
        assert installation.webhook("update", b"[]", {}).status_code in (202, 401, 403)
        switched_on.clerk.change(bet_nr, zusatz="während alle warten")
        firm.sync(espo_id)
        assert firm.espo(espo_id)["zusatz"] == "während alle warten"
        assert [call for call in waiting if not call.done()], "all of it while others still hang"
        switched_on.heal()
        assert {call.result() for call in waiting} <= {200, 502, 503}  # a read that was cut is tried once more


def test_killed_in_the_middle_of_a_write_leaves_it_unknown(web, switched_on):
    key = program().key
    switched_on.fault("advoware", "delay", method="POST", path_contains="Beteiligte", seconds=10)
    with web() as installation:
        headers = {"X-Api-Key": key, "Idempotency-Key": "attempt-0001"}
        url = url_of(installation)

        def post() -> None:
            with contextlib.suppress(requests.RequestException):
                requests.post(url, json={"name": "Neu"}, headers=headers, timeout=30)

        threading.Thread(target=post, daemon=True).start()
        wait_until(lambda: ("advoware", "POST") in {call[:2] for call in switched_on.calls()}, seconds=20)
        installation.kill()
    row = ProxyCall.objects.get(method="POST")
    assert (row.outcome, row.status, row.template) == (CallOutcome.UNKNOWN, None, "Beteiligte")
    kept = KeptAnswer.objects.get()
    assert kept.status is None
    with web() as installation:
        again = requests.post(url_of(installation), json={"name": "Neu"}, headers=headers, timeout=30)
    assert (again.status_code, again.json()["code"]) == (409, "still_running")


def url_of(installation) -> str:
    return f"{installation.origin}/advoware/api/Beteiligte"
