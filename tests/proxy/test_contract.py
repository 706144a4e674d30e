"""What callers are promised: the two addresses, the form of answers, keys and grants, headers on both ways."""

import json
import threading
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from syncapp import __version__
from syncapp.core.proxy.paths import SEGMENT
from syncapp.engine import control
from syncapp.models import Breaker, ProxyKey
from syncapp.proxy import forwarding, keys, slots
from syncapp.remotes.http.exchange import Answer
from syncapp.remotes.http.session import RemoteSession
from tests.proxy.support import Program, last_call, program
from tests.remotes.scripted import answer

ENTRY = {"kommKz": 1, "tlf": "0511 123", "bemerkung": None, "online": True}


@pytest.fixture
def bet_nr(switched_on) -> int:
    number = int(switched_on.clerk.create(name="Muster", vorname="Max")["betNr"])
    switched_on.clear_calls()
    return number


# --- the two addresses


def test_get_in_the_envelope_and_plain(caller: Program, bet_nr):
    enveloped, plain = caller.proxy("GET", f"Beteiligte/{bet_nr}"), caller.api("GET", f"Beteiligte/{bet_nr}")
    assert (enveloped.status, plain.status) == (200, 200)
    assert enveloped.json == {"result": plain.json}
    assert plain.json["betNr"] == bet_nr


def test_post_and_put(caller: Program, bet_nr, switched_on):
    made = caller.proxy("POST", "Beteiligte", {"name": "Neu"})
    assert made.json["result"]["betNr"] > bet_nr
    whole = caller.api("GET", f"Beteiligte/{bet_nr}").json
    assert caller.api("PUT", f"Beteiligte/{bet_nr}", {**whole, "zusatz": "c/o"}).status == 200
    assert switched_on.clerk.read(bet_nr)["zusatz"] == "c/o"


def test_delete_is_refused_by_the_table_before_advoware(caller: Program, bet_nr, switched_on):
    refused = caller.proxy("DELETE", f"Beteiligte/{bet_nr}")
    assert (refused.status, refused.code, refused.headers["allow"]) == (405, "method_not_offered", "GET, PUT")
    assert switched_on.calls() == []


@pytest.mark.parametrize("status, enveloped, plain", [(204, (200, {"result": None}), (204, None)),
                                                      (201, (201, {"result": {"a": 1}}), (201, {"a": 1}))])  # fmt: skip
def test_advoware_s_good_status(status, enveloped, plain, caller: Program, advoware):
    body = b"" if status == 204 else {"a": 1}
    with advoware(answer(body, status)):
        first = caller.proxy("POST", "Beteiligte", {})
        second = caller.api("POST", "Beteiligte", {})
    assert (first.status, first.json) == enveloped
    assert (second.status, second.json if second.body else None) == plain


def test_a_read_may_find_nothing(caller: Program, advoware):
    with advoware(answer(b"", 204)):
        first, second = caller.proxy("GET", "Termine", frnr="7"), caller.api("GET", "Termine", frnr="7")
    assert (first.status, first.json) == (200, {"result": None})
    assert (second.status, second.body, second.headers["x-advoware-status"]) == (204, b"", "204")


def test_numbers_and_letters_come_through_as_they_are(caller: Program, advoware):
    raw = '{"a": 1.10, "b": 12345678901234567890, "ü": "\\u00e4ß\\ud800"}'.encode()
    with advoware(answer(raw)):
        assert caller.api("GET", "Rechtsformen").body == raw
        assert caller.proxy("GET", "Rechtsformen").body == b'{"result": ' + raw + b"}"


@pytest.mark.parametrize("half", [r"\ud83d", r"\udc00", r"\u0000", "\U000fd800", r"\ud83d\ude00"])
def test_half_a_character_goes_back_as_it_was_read(half, caller: Program, advoware):
    """A read hands it on; the PUT of the whole object used to break down, and to be told as unknown."""
    raw = f'{{"betNr": 1, "tlf": "x {half}", "anwalt": "{half}"}}'.encode()
    with advoware(answer(raw)) as script:
        for method, path in (("PUT", "Beteiligte/1"), ("POST", "Beteiligte"), ("PUT", "Termine")):
            read = caller.api("GET", "Beteiligte/1").body
            assert caller.api(method, path, read).status == 200
            assert script.seen[-1].json == json.loads(raw)
        shown = caller.api("PUT", "Beteiligte/1", raw, dry_run="1")
    assert shown.json["body"] == json.loads(raw)


@pytest.mark.parametrize("said", [b"", b"OK", b"True", b"Termin ge\xe4ndert"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_of_a_termin_may_be_answered_with_anything(method, said, caller: Program, advoware):
    """Nobody knows what it is answered with; the sync takes a good status, too."""
    body = {"frNr": 7, "anwalt": "SB"} if method == "PUT" else None
    with advoware(answer(said, 200)):
        first, second = caller.proxy(method, "Termine", body, frnr="7"), caller.api(method, "Termine", body, frnr="7")
    assert (first.status, first.json) == (200, {"result": None})
    assert (second.status, second.body) == (200, b"")
    with advoware(answer(b"<html>", headers="Content-Type: text/html\r\n")):
        assert caller.api(method, "Termine", body, frnr="7").code == "outcome_unknown"


@pytest.mark.parametrize("said", [b"", b"OK"])
def test_a_new_termin_without_its_number_is_unknown(said, caller: Program, advoware):
    with advoware(answer(said, 200)):
        assert caller.api("POST", "Termine", {"anwalt": "SB"}).code == "outcome_unknown"


def test_umlauts_in_the_old_way(caller: Program, advoware):
    raw = '{"name": "Müller"}'.encode("latin-1")
    with advoware(answer(raw, headers="Content-Type: application/json; charset=iso-8859-1\r\n")):
        assert caller.api("GET", "Rechtsformen").json == {"name": "Müller"}


def test_a_delete_may_be_answered_without_a_word(caller: Program, advoware):
    with advoware(answer(b"", 200)):
        assert caller.proxy("DELETE", "Termine", frnr="7").json == {"result": None}


def test_every_other_parameter_is_handed_on(caller: Program, advoware):
    with advoware(answer([])) as script:
        caller.send("GET", "/advoware/proxy?endpoint=Termine&from=2026-01-01&kuerzel=S%20B&from=%C3%BC")
    assert script.seen[0].line.split()[1].endswith("/Termine?from=2026-01-01&kuerzel=S+B&from=%C3%BC")


def test_a_word_on_parameters_that_advoware_ignores(caller: Program, advoware):
    with advoware(answer([])):
        assert "meant: frnr" in caller.proxy("GET", "Termine", frNr="7").headers["x-advosync-note"]
        assert "x-advosync-note" not in caller.proxy("GET", "Termine", frnr="7").headers


# --- the form of a fault


def test_endpoint_is_required_word_for_word(caller: Program):
    missing = caller.send("GET", "/advoware/proxy")
    assert missing.status == 400
    assert missing.json["error"] == "Endpoint required as query param"
    assert set(missing.json) == {"error", "details", "code", "request_id", "advoware_status"}
    assert missing.json["request_id"] == missing.headers["x-request-id"]


def test_a_fault_speaks_english_whatever_the_installation_speaks(caller: Program, settings):
    answered = caller.send("GET", "/advoware/proxy", Accept_Language="de")
    assert answered.json["error"] == "Endpoint required as query param"


def test_advoware_s_404_is_told_apart_from_ours(caller: Program, switched_on):
    there, here = caller.proxy("GET", "Beteiligte/999999"), caller.proxy("GET", "Foo/1")
    assert (there.status, there.code, there.json["advoware_status"]) == (404, "advoware_refused", 404)
    assert (here.status, here.code, here.json["advoware_status"]) == (404, "not_offered", None)
    assert there.headers["x-advoware-status"] == "404"
    assert "x-advoware-status" not in here.headers


DETAILS = {
    "short JSON": (b'{"message": "name: darf nicht leer sein"}', {"message": "name: darf nicht leer sein"}),
    "no JSON": (b"Fehler bei Geheimrat", "advoware_status has its status."),
    "long JSON": (json.dumps({"message": "x" * 1000}).encode(), "advoware_status has its status."),
}


@pytest.mark.parametrize("name", DETAILS)
def test_what_advoware_says_to_a_refusal(name, caller: Program, advoware):
    raw, details = DETAILS[name]
    with advoware(answer(raw, 422)):
        refused = caller.api("POST", "Beteiligte", {})
    assert (refused.status, refused.code, refused.json["details"]) == (422, "advoware_refused", details)


BODIES = {
    "no JSON": ({"body": b"{"}, 400, "bad_body"),
    "a text": ({"body": b'"x"'}, 400, "bad_body"),
    "too deep": ({"body": b"[" * 50 + b"]" * 50}, 400, "bad_body"),
    "a form": ({"body": b"{}", "Content_Type": "application/x-www-form-urlencoded"}, 415, "not_json"),
    "JSON of a kind": ({"body": {"name": "x"}, "Content_Type": "application/hal+json; charset=utf-8"}, 200, ""),
    "no length": ({}, 411, "length_required"),
    "too large": ({"body": b"[" + b" " * 1024 * 1024 + b"]"}, 413, "too_large"),
}


@pytest.mark.parametrize("name", BODIES)
def test_body(name, caller: Program, switched_on):
    given, status, code = BODIES[name]
    answered = caller.send("POST", "/advoware/api/Beteiligte", given.pop("body", None), **given)
    assert answered.status == status
    if code:
        assert answered.code == code
        assert switched_on.calls() == []


def test_a_body_that_was_cut_off_is_not_sent_though_it_is_json(caller: Program, switched_on):
    path = "/advoware/api/Beteiligte"
    told = {"wsgi.input": BytesIO(b"{}"), "CONTENT_LENGTH": "50", "RAW_URI": path, "HTTP_X_API_KEY": caller.key}
    answered = caller.client.generic("POST", path, **told)
    assert (answered.status_code, answered.json()["code"]) == (400, "bad_body")
    assert switched_on.calls() == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_method_without_a_body(method, caller: Program):
    assert caller.api(method, "Termine", {"a": 1}).code == "body_unexpected"


@pytest.mark.parametrize("method", ["PATCH", "HEAD", "OPTIONS", "TRACE", "FOO"])
def test_another_method(method, caller: Program):
    answered = caller.send(method, "/advoware/api/Rechtsformen")
    assert answered.status == 405
    assert answered.headers["allow"] == "GET, POST, PUT, DELETE"


def test_off_unless_it_is_switched_on(caller: Program, settings):
    settings.PROXY_ENABLED = False
    for target in ("/advoware/proxy?endpoint=Termine", "/advoware/api/Termine", "/advoware/proxy/whoami",
                   "/advoware/openapi.json"):  # fmt: skip
        assert (caller.send("GET", target).status, caller.send("GET", target).code) == (404, "proxy_off")


# --- keys


KEYS = {
    "none": lambda text: {},
    "unknown": lambda text: {"X_Api_Key": "advo_aaaaaaaa_" + "x" * 43},
    "cut": lambda text: {"X_Api_Key": text[:-1]},
    "in the query": lambda text: {},
}


@pytest.mark.parametrize("name", KEYS)
def test_without_a_good_key_all_answers_are_alike(name, switched_on):
    text = program().key
    query = f"&apikey={text}" if name == "in the query" else ""
    refused = Program("").send("GET", f"/advoware/proxy?endpoint=Rechtsformen{query}", **KEYS[name](text))
    assert (refused.status, refused.code) == (401, "unauthorized")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert {**refused.json, "request_id": ""} == {
        **Program("x").api("GET", "Foo/..").json,
        "request_id": "",
    }
    assert switched_on.calls() == []


@pytest.mark.parametrize("change", [{"revoked_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(1)}])
def test_a_key_that_has_ended(change, caller: Program):
    ProxyKey.objects.update(**change)
    assert caller.api("GET", "Rechtsformen").code == "unauthorized"


def test_a_session_of_the_admin_opens_nothing(caller: Program, switched_on):
    user = get_user_model().objects.create_superuser("root", "root@example.org", "password-of-root")
    caller.client.force_login(user)
    for target in ("/advoware/api/Rechtsformen", "/advoware/proxy?endpoint=Rechtsformen", "/advoware/proxy/whoami"):
        assert Program("", caller.client).send("GET", target).status == 401
    assert switched_on.calls() == []


def test_no_token_against_forged_forms_is_needed(caller: Program):
    from django.test import Client

    strict = Program(caller.key, Client(enforce_csrf_checks=True))
    assert strict.proxy("POST", "Beteiligte", {"name": "Neu"}).status == 200


def test_revoked_during_a_call(caller: Program, switched_on, monkeypatch):
    """What is under way comes to its end; nothing more begins."""
    send = forwarding.send

    def revoke_meanwhile(sending):
        keys.revoke(row=ProxyKey.objects.get(), by="root", reason="lost")
        return send(sending)

    monkeypatch.setattr(forwarding, "send", revoke_meanwhile)
    assert caller.api("GET", "Rechtsformen").status == 200
    assert caller.api("GET", "Rechtsformen").status == 401
    assert len(switched_on.calls()) == 1


def test_the_key_s_rate(switched_on):
    slow = program("GET Rechtsformen", rate_per_minute=2)
    statuses = [slow.api("GET", "Rechtsformen").status for _time in range(3)]
    assert statuses == [200, 200, 429]
    refused = slow.api("GET", "Rechtsformen")
    assert (refused.code, int(refused.headers["retry-after"]) > 10) == ("rate_limited", True)


def test_the_key_s_rate_without_redis(switched_on, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/1"
    slow = program("GET Rechtsformen", rate_per_minute=2)
    assert [slow.api("GET", "Rechtsformen").status for _time in range(3)] == [200, 200, 429]


def test_grants_decide(switched_on, bet_nr):
    reader = program("GET Beteiligte/{int}")
    assert reader.api("GET", f"Beteiligte/{bet_nr}").status == 200
    for refused in (reader.api("PUT", f"Beteiligte/{bet_nr}", {}), reader.api("GET", "Rechtsformen")):
        assert (refused.status, refused.code) == (403, "not_granted")


def test_a_limited_key_sees_its_owner_s_alone(switched_on, advoware):
    limited = program("GET+POST+PUT+DELETE Termine kuerzel=SB")
    mine, other = {"frNr": 7, "anwalt": "SB"}, {"frNr": 7, "anwalt": "RO"}
    with advoware(answer([mine])) as script:
        assert limited.api("GET", "Termine").status == 200
        assert limited.api("GET", "Termine", kuerzel="RO").code == "fixed_value"
        assert limited.api("GET", "Termine", frnr="7").json == [mine]
        assert limited.api("PUT", "Termine", mine, frnr="7").status == 200
        assert limited.api("DELETE", "Termine", frnr="7").status == 200
    assert [exchange.line.rpartition("/")[0].split("?")[0].split()[0] for exchange in script.seen] == [
        *("GET", "GET", "GET", "PUT", "GET", "DELETE")
    ]
    assert all("kuerzel=SB" in exchange.line or "?frnr=7 " in exchange.line for exchange in script.seen)
    with advoware(answer(other)) as script:
        for refused in (
            limited.api("GET", "Termine", frnr="7"),
            limited.api("PUT", "Termine", mine, frnr="7"),
            limited.api("DELETE", "Termine", frnr="7"),
        ):
            assert (refused.status, refused.code) == (403, "not_yours")
            assert b"RO" not in refused.body
    assert set(script.methods) == {"GET"}
    with advoware(answer(b"", 404)) as script:
        assert limited.api("DELETE", "Termine", frnr="7").code == "advoware_refused"
    assert script.methods == ["GET"]


def test_a_limited_key_for_numbers_in_the_path_sees_its_owner_s_alone(switched_on, advoware, settings):
    """ADVOWARE_TERMIN_NUMBER_IN=path: such a key used to delete anybody's Termin."""
    settings.PROXY_RESOURCES = ["GET+PUT+DELETE Termine/{int}"]
    limited = program("GET+PUT+DELETE Termine/{int} kuerzel=SB")
    mine, other = {"frNr": 7, "anwalt": "SB"}, {"frNr": 7, "anwalt": "RO"}
    with advoware(answer(other)) as script:
        for refused in (
            limited.api("GET", "Termine/7"),
            limited.api("PUT", "Termine/7", mine),
            limited.api("DELETE", "Termine/7"),
        ):
            assert (refused.status, refused.code) == (403, "not_yours")
    assert set(script.methods) == {"GET"}
    with advoware(answer(mine)) as script:
        assert limited.api("GET", "Termine/7").json == mine
        assert limited.api("DELETE", "Termine/7").status == 200
    lines = [exchange.line.split()[:2] for exchange in script.seen]
    assert [method for method, _target in lines] == ["GET", "GET", "DELETE"]
    assert lines[1][1].endswith("/Termine?frnr=7")
    assert "/Termine/7?kuerzel=SB" in lines[2][1]


def test_the_look_and_the_write_of_a_limited_key_have_one_time(switched_on, advoware, monkeypatch):
    """Each had fifty seconds, more together than nginx waits."""
    limited = program("PUT Termine kuerzel=SB")
    mine = {"frNr": 7, "anwalt": "SB"}
    with monkeypatch.context() as late_by_then, advoware(answer(mine)) as script:
        late_by_then.setattr(forwarding.Sending, "late_at", 0.0)
        late = limited.api("PUT", "Termine", mine, frnr="7")
    assert (late.status, late.code) == (504, "timed_out")
    assert script.methods == ["GET"]
    assert last_call().outcome == "failed"
    seen, send = [], forwarding.send
    monkeypatch.setattr(forwarding, "send", lambda sending: seen.append(sending.until) or send(sending))
    with advoware(answer(mine)):
        assert limited.api("PUT", "Termine", mine, frnr="7").status == 200
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_an_old_key_whose_fixed_value_is_no_limit_opens_nothing(switched_on, advoware):
    old = program("GET+PUT Beteiligte/{int}")
    ProxyKey.objects.update(grants=["GET+PUT Beteiligte/{int} kuerzel=SB"])
    with advoware(answer({})) as script:
        refused = old.api("PUT", "Beteiligte/1", {})
    assert (refused.status, refused.code) == (403, "not_granted")
    assert "new key" in refused.json["details"]
    assert script.seen == []


def test_an_added_row_adds_its_method_to_a_path_of_ours(switched_on, advoware, settings):
    settings.PROXY_RESOURCES = ["GET Beteiligte/{int}/Kommunikationen", "GET+DELETE *"]
    grants = ("GET+POST Beteiligte/{int}/Kommunikationen", "GET *", "DELETE *")
    caller = program(*grants)
    with advoware(answer({"id": 1})) as script:
        for method, path in (
            ("GET", "Beteiligte/1/Kommunikationen"),
            ("GET", "Beteiligte/1/Adressen"),
            ("DELETE", "Beteiligte/1/Adressen/2"),
        ):
            assert caller.api(method, path).status == 200
        assert caller.api("POST", "Beteiligte/1/Kommunikationen", ENTRY).status == 200
    assert script.methods == ["GET", "GET", "DELETE", "POST"]
    refused = caller.api("PUT", "Beteiligte/1/Adressen", {})
    assert (refused.status, refused.code, refused.headers["allow"]) == (405, "method_not_offered", "GET, POST, DELETE")


# --- switches


def test_writes_wait_while_the_installation_does(caller: Program, bet_nr, switched_on):
    def write():
        return caller.api("POST", f"Beteiligte/{bet_nr}/Kommunikationen", ENTRY)

    control.set_mode(mode="shadow", by="tests")
    assert (write().status, write().code) == (403, "writes_paused")
    control.set_mode(mode="paused", by="tests")
    assert write().code == "writes_paused"
    assert caller.api("GET", f"Beteiligte/{bet_nr}").status == 200
    control.set_mode(mode="live", by="tests")
    control.hold_side(side="advoware", held=True, by="tests")
    assert write().code == "writes_paused"
    control.hold_side(side="advoware", held=False, by="tests")
    control.hold_side(side="espocrm", held=True, by="tests")
    assert write().status == 200
    assert [method for _system, method, _path in switched_on.calls()] == ["GET", "POST"]


def test_the_breaker_is_asked(caller: Program, switched_on):
    Breaker.objects.create(system="advoware", open_until=timezone.now() + timedelta(seconds=90))
    down = caller.api("GET", "Rechtsformen")
    assert (down.status, down.code) == (503, "advoware_down")
    assert 80 <= int(down.headers["retry-after"]) <= 90
    assert switched_on.calls() == []


def test_no_slot_free(caller: Program, switched_on, settings):
    settings.PROXY_PARALLEL = 1
    with slots.slot():
        busy = caller.api("GET", "Rechtsformen")
    assert (busy.status, busy.code, busy.headers["retry-after"]) == (503, "busy", "1")
    assert caller.api("GET", "Rechtsformen").status == 200


# --- rehearsals, whoami


def test_a_rehearsal_sends_nothing(caller: Program, switched_on, bet_nr):
    control.set_mode(mode="shadow", by="tests")
    shown = caller.proxy("PUT", f"Beteiligte/{bet_nr}", {"name": "x"}, dry_run="1")
    assert shown.status == 200
    assert shown.json == {
        "dry_run": True,
        "method": "PUT",
        "url": f"{switched_on.advoware_url}/api/v1/advonet/Beteiligte/{bet_nr}",
        "parameters": [],
        "body": {"name": "x"},
    }
    assert caller.api("DELETE", f"Beteiligte/{bet_nr}", dry_run="1").code == "method_not_offered"
    assert switched_on.calls() == []


def test_a_rehearsal_of_a_limited_key_says_what_its_write_would_be_told(switched_on, advoware, settings):
    """It used to promise what was then refused."""
    limited = program("PUT+DELETE Termine kuerzel=SB")
    mine = {"frNr": 7, "anwalt": "SB"}
    for there, code in ((mine, None), ({**mine, "anwalt": "RO"}, "not_yours")):
        with advoware(answer(there)) as script:
            for method, body in (("PUT", mine), ("DELETE", None)):
                shown = limited.api(method, "Termine", body, frnr="7", dry_run="1")
                assert (shown.json.get("dry_run"), shown.json.get("code")) == (None if code else True, code)
        assert set(script.methods) == {"GET"}
    settings.PROXY_PARALLEL = 0
    assert limited.api("DELETE", "Termine", frnr="7", dry_run="1").code == "busy"


def test_a_rehearsal_tells_of_all_that_its_write_would(caller: Program):
    assert "meant: frnr" in caller.api("PUT", "Termine", {}, frNr="7", dry_run="1").headers["x-advosync-note"]
    refused = caller.api("POST", "Beteiligte", {}, {"Idempotency_Key": "short"}, dry_run="1")
    assert refused.code == "bad_idempotency_key"


def test_whoami(switched_on):
    answered = program("GET Akten", networks=["127.0.0.0/8"], rate_per_minute=9).send("GET", "/advoware/proxy/whoami")
    assert answered.status == 200
    assert answered.json["grants"] == ["GET Akten"]
    assert answered.json["networks"] == ["127.0.0.0/8"]
    assert answered.json["rate_per_minute"] == 9
    assert answered.json["writes_paused"] is False
    assert switched_on.calls() == []


def test_whoami_takes_nothing_but_get(caller: Program):
    answered = caller.send("POST", "/advoware/proxy/whoami", {})
    assert (answered.status, answered.headers["allow"]) == (405, "GET")


# --- headers


def test_no_header_of_the_caller_arrives(caller: Program, advoware):
    with advoware(answer({"a": 1})) as script:
        caller.send(
            "POST",
            "/advoware/api/Beteiligte",
            {"name": "x"},
            Cookie="a=b",
            X_Forwarded_For="1.2.3.4",
            X_Forwarded_Host="evil",
            Accept="text/html",
            Accept_Encoding="gzip",
            User_Agent="evil",
            X_Anything="evil",
            Idempotency_Key="12345678",
            X_Request_ID="request-of-the-caller",
        )
    seen = script.seen[0]
    assert set(seen.headers) == {
        *("host", "accept", "accept-encoding", "authorization", "content-length", "content-type", "user-agent"),
        "x-request-id",
    }
    assert seen.headers["accept"] == seen.headers["content-type"] == "application/json"
    assert seen.headers["user-agent"] == f"advosync/{__version__}"
    assert seen.headers["x-request-id"] == "request-of-the-caller"
    assert caller.key not in seen.headers["authorization"]
    assert seen.body == b'{"name": "x"}'


@pytest.mark.parametrize("given", ["short", "x" * 65, "with a blank", "a;b=c,0123456789"])
def test_an_odd_name_of_a_request_is_not_handed_on(given: str, caller: Program, advoware):
    with advoware(answer({"a": 1})) as script:
        caller.send("GET", "/advoware/api/Beteiligte/1", X_Request_ID=given)
    assert script.seen[0].headers["x-request-id"] != given
    assert len(script.seen[0].headers["x-request-id"]) == 32


def test_no_header_of_advoware_comes_back(caller: Program, advoware):
    extra = (
        "Set-Cookie: a=b\r\nServer: secret\r\nLocation: http://x/\r\nKeep-Alive: 5\r\nProxy-Authenticate: x\r\n"
        "TE: x\r\nTrailer: x\r\nUpgrade: x\r\nX-Powered-By: x\r\nContent-Type: application/json; charset=utf-8\r\n"
        "Cache-Control: public\r\nETag: x\r\n"
    )
    with advoware(answer({"a": 1}, headers=extra)):
        answered = caller.api("GET", "Rechtsformen")
    ours = {"content-type", "cache-control", "x-content-type-options", "x-advoware-status", "x-request-id"}
    middleware = {"content-length", "content-language", "vary", "x-frame-options", "referrer-policy",
                  "cross-origin-opener-policy", "content-security-policy"}  # fmt: skip
    assert ours <= set(answered.headers) <= ours | middleware
    assert answered.headers["cache-control"] == "no-store"
    assert answered.headers["content-type"] == "application/json"
    assert answered.headers["x-content-type-options"] == "nosniff"


def test_retry_after_of_advoware_comes_through(caller: Program, advoware):
    with advoware(answer(b"{}", 429, headers="Retry-After: 70\r\n")):
        answered = caller.api("GET", "Rechtsformen")
    assert (answered.status, answered.headers["retry-after"]) == (429, "70")


# --- hypothesis: whatever is asked for, one known address goes out, or none


@profile(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("BeteiligT/%2.e15?#@:\\ äA;")) | st.text(), query=st.text(max_size=20))
def test_the_outgoing_address_is_always_base_prefix_and_a_row(text, query, caller: Program, monkeypatch):
    sent: list[str] = []

    def exchange(self: RemoteSession, request: object) -> Answer:
        sent.append(str(self._prepare(request).url))
        return Answer(200, {}, b"{}")

    with monkeypatch.context() as patch:
        patch.setattr(RemoteSession, "_exchange", exchange)
        patch.setattr("syncapp.remotes.advoware.client.AdvowareClient._token", lambda self, refused: "token")
        for surface in (caller.proxy, caller.api):
            sent.clear()
            answered = surface("GET", text.encode("utf-8", "replace").decode(), **({"q": query} if query else {}))
            if not sent:
                assert answered.status >= 400
                continue
            base, _prefix, rest = sent[0].partition("/api/v1/advonet/")
            path = rest.partition("?")[0].split("/")
            assert base.endswith("/sandbox/advoware")
            assert path[0] in ("Beteiligte", "Rechtsformen", "Termine", "Akten")
            assert len(path) <= 2
            assert all(SEGMENT.fullmatch(part) or "%C3" in part for part in path)


def test_slots_are_given_back(caller: Program, switched_on, settings):
    settings.PROXY_PARALLEL = 2
    before = threading.active_count()
    for _time in range(5):
        assert caller.api("GET", "Rechtsformen").status == 200
        assert caller.api("GET", "Beteiligte/999999").status == 404
    assert slots.CALLS.taken == 0
    assert threading.active_count() <= before + 1


def test_every_call_is_in_the_audit(caller: Program, bet_nr):
    caller.api("GET", f"Beteiligte/{bet_nr}")
    row = last_call()
    assert (row.method, row.template, row.path_ids, row.outcome) == ("GET", "Beteiligte/{int}", [str(bet_nr)], "done")
    assert (row.status, row.advoware_status, row.attempts, row.caller) == (200, 200, 1, "program")
