"""The audit: a row before a write, completed after it; ids and names, and never a value."""

from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.models import CalendarEmployee, Counter, KeptAnswer, ProxyCall, ProxyKey, SyncRecord
from syncapp.proxy import forwarding, records, wakening
from syncapp.remotes.http import session
from tests.proxy.support import Program, last_call, program
from tests.remotes.scripted import answer, close
from tests.support.calendars import Office
from tests.support.firm import Firm

MARK = "Geheimrat"
SECRET = "0511-4711-0815"


def everything_written() -> str:
    return repr([list(model.objects.values()) for model in (ProxyCall, Counter)])


def test_no_value_is_written_down(caller: Program, advoware, caplog):
    with advoware(answer({"name": MARK})):
        caller.api("GET", "Termine", kuerzel=MARK)
        caller.proxy("POST", "Beteiligte", {"name": MARK}, {"Idempotency_Key": f"{MARK}-12345678"})
        caller.proxy("GET", f"{MARK}/..")
        caller.api("GET", "Beteiligte/1", **{f"x{SECRET}": MARK})
        caller.proxy("POST", "Beteiligte", b'{"name": "' + MARK.encode())
    with advoware(answer({"message": MARK}, 422)):
        caller.api("POST", "Beteiligte", {"name": MARK})
    with advoware(close):
        caller.api("POST", "Beteiligte", {"name": MARK})
    assert ProxyCall.objects.count() == 7
    assert MARK not in everything_written() + caplog.text
    assert SECRET not in everything_written() + caplog.text
    assert caller.key not in everything_written() + caplog.text


@pytest.mark.parametrize("status", [500, 503])
def test_a_path_is_in_no_log_whatever_comes_of_it(status, caller: Program, advoware, caplog):
    """Django logs that of every 5xx, with the ids in it."""
    with advoware(answer({}, status)):
        assert caller.api("GET", f"Akten/{MARK}").status >= 502
    assert MARK not in caplog.text


def test_only_the_row_of_a_write_waits_for_the_disk(caller: Program, advoware, monkeypatch):
    awaited: list[tuple[str, bool]] = []

    def noted(row: ProxyCall, *, awaited_for: bool = True) -> ProxyCall:
        awaited.append((row.method, awaited_for))
        row.save()
        return row

    monkeypatch.setattr(records, "insert", lambda row, awaited=True: noted(row, awaited_for=awaited))
    with advoware(answer({"a": 1})):
        caller.api("GET", "Beteiligte/1")
        caller.api("PUT", "Beteiligte/1", {"a": 1})
    assert awaited == [("GET", False), ("PUT", True)]


ROWS = {
    "a read": (("GET", "Beteiligte/1"), {"a": 1}, ("done", "ok", 200, 200, 1)),
    "a write": (("PUT", "Beteiligte/1"), {"a": 1}, ("done", "ok", 200, 200, 1)),
    "not offered": (("GET", "Foo"), None, ("refused", "not_offered", 404, None, 0)),
    "bad path": (("GET", "a/.."), None, ("refused", "bad_endpoint", 400, None, 0)),
    "not granted": (("POST", "Akten/1"), None, ("refused", "method_not_offered", 405, None, 0)),
    "refused there": (("PUT", "Beteiligte/1"), 422, ("refused_there", "advoware_refused", 422, 422, 1)),
    "a read that failed": (("GET", "Beteiligte/1"), 500, ("failed", "advoware_failed", 502, 500, 1)),
    "a write that may have failed": (("PUT", "Beteiligte/1"), 500, ("unknown", "outcome_unknown", 504, 500, 1)),
    "a read that broke, twice": (("GET", "Beteiligte/1"), close, ("failed", "wrong_answer", 502, None, 2)),
    "a write that broke": (("POST", "Beteiligte"), close, ("unknown", "outcome_unknown", 504, None, 1)),
}


@pytest.mark.parametrize("name", ROWS)
def test_row(name, caller: Program, advoware):
    (method, path), there, wanted = ROWS[name]
    step = there if callable(there) else answer({}, there) if isinstance(there, int) else answer(there)
    body = {"a": 1} if method in ("POST", "PUT") else None
    with advoware(step):
        caller.api(method, path, body)
    row = last_call()
    assert (row.outcome, row.code, row.status, row.advoware_status, row.attempts) == wanted
    assert row.method == method
    assert row.request_bytes == (8 if body and wanted[0] != "refused" else 0)
    assert row.answer_bytes > 0
    assert row.request_id
    assert row.address == "127.0.0.1"


def test_names_of_parameters_and_ids_of_the_path(caller: Program, advoware):
    with advoware(answer({})):
        caller.api("PUT", "Beteiligte/104860/Kommunikationen/7", {}, x="1")
    row = last_call()
    assert (row.template, row.path_ids) == ("Beteiligte/{int}/Kommunikationen/{int}", ["104860", "7"])
    assert row.parameters == ["x"]


def test_the_row_is_there_before_the_write(caller: Program, switched_on, monkeypatch):
    seen = []
    send = forwarding.send

    def noting_send(sending):
        seen.append(list(ProxyCall.objects.values_list("method", "outcome", "status")))
        return send(sending)

    monkeypatch.setattr(forwarding, "send", noting_send)
    caller.api("POST", "Beteiligte", {"name": "Neu"})
    caller.api("GET", "Rechtsformen")
    assert seen == [[("POST", "unknown", None)], [("POST", "done", 200)]]
    assert ProxyCall.objects.count() == 2


def test_a_write_that_cannot_be_recorded_is_not_sent(caller: Program, switched_on, monkeypatch):
    def refuse(row, awaited=True):
        raise DatabaseError("disk full")

    monkeypatch.setattr(records, "insert", refuse)
    refused = caller.api("POST", "Beteiligte", {"name": "Neu"})
    assert (refused.status, refused.code) == (503, "not_recorded")
    assert caller.api("GET", "Rechtsformen").status == 200
    assert [method for _system, method, _path in switched_on.calls()] == ["GET"]


def test_a_fault_of_ours_is_an_answer_too(caller: Program, switched_on, monkeypatch):
    def break_down(sending):
        raise RuntimeError(MARK)

    def break_down_after(*given):
        raise RuntimeError(MARK)

    with monkeypatch.context() as before:
        before.setattr(forwarding, "send", break_down)
        read, write = caller.api("GET", "Rechtsformen"), caller.api("POST", "Beteiligte", {})
    monkeypatch.setattr(wakening, "_wake_record", break_down_after)
    sent = caller.api("POST", "Beteiligte", {"name": "Neu"})
    assert (read.status, read.code) == (500, "internal")
    assert (write.status, write.code) == (500, "internal")
    assert (sent.status, sent.code) == (504, "outcome_unknown")
    assert MARK.encode() not in read.body + write.body + sent.body
    assert list(ProxyCall.objects.order_by("pk").values_list("outcome", "code")) == [
        ("refused", "internal"),
        ("refused", "internal"),
        ("unknown", "outcome_unknown"),
    ]


def test_wrong_keys_are_recorded_and_cannot_fill_the_table(switched_on, monkeypatch):
    wrong = Program("advo_nothing")
    for _time in range(15):
        wrong.api("GET", "Rechtsformen")
    assert list(ProxyCall.objects.values_list("outcome", "key").distinct()) == [("unauthorized", None)]
    assert ProxyCall.objects.count() == 10
    monkeypatch.setattr(records, "may_be_recorded", lambda _code: False)
    for number in range(3):
        wrong.client.get("/advoware/proxy", REMOTE_ADDR=f"10.0.0.{number}")
    assert ProxyCall.objects.count() == 10


def test_while_the_proxy_is_off_strangers_cannot_fill_the_table(switched_on, settings):
    """It is off as delivered, and its addresses are there for everybody."""
    settings.PROXY_ENABLED = False
    nobody = Program("")
    for _time in range(70):
        assert nobody.api("GET", "Rechtsformen").code == "proxy_off"
    assert 60 <= ProxyCall.objects.count() <= 65
    settings.PROXY_ENABLED = True
    assert nobody.api("GET", "Rechtsformen").code == "unauthorized"
    assert last_call().code == "unauthorized", "the others hide no wrong key"


def test_a_right_key_from_elsewhere_is_recorded_by_its_name_and_cannot_fill_the_table(switched_on, monkeypatch):
    """Somebody else has got hold of it: whose it is has to be known."""
    elsewhere = program(name="telephone", networks=["10.0.5.0/24"])
    assert elsewhere.api("GET", "Rechtsformen").code == "network_not_allowed"
    assert (last_call().caller, last_call().code) == ("telephone", "network_not_allowed")
    assert ProxyKey.objects.get().last_used_at is None
    monkeypatch.setattr(records, "may_be_recorded", lambda _code: False)
    elsewhere.api("GET", "Rechtsformen")
    assert ProxyCall.objects.count() == 1


def test_counted_by_key_resource_and_outcome(caller: Program, switched_on):
    caller.api("GET", "Rechtsformen")
    caller.api("GET", "Foo")
    prefix = caller.key[5:13]
    counted = set(Counter.objects.filter(name="proxy_calls").values_list("labels", "value"))
    assert counted == {
        (f"key={prefix},outcome=done,template=Rechtsformen", 1),
        (f"key={prefix},outcome=refused,template=–", 1),
    }


# --- what the sync makes of a write


def test_a_write_wakes_the_record_s_sync_and_is_an_edit_like_any_other(firm: Firm, switched_on):
    espo_id, bet_nr = firm.pair()
    writer = program("GET+PUT Beteiligte/{int}", "POST Beteiligte/{int}/Kommunikationen")
    whole = writer.api("GET", f"Beteiligte/{bet_nr}").json
    assert firm.record(espo_id).status == Status.CLEAN
    assert writer.api("PUT", f"Beteiligte/{bet_nr}", {**whole, "zusatz": "c/o Proxy"}).status == 200
    record = firm.record(espo_id)
    assert (record.status, record.source, record.trigger) == (Status.DIRTY, "proxy", "update")
    assert record.requested > record.completed
    firm.sync(espo_id, forced=False)
    assert firm.espo(espo_id)["zusatz"] == "c/o Proxy"
    assert firm.record(espo_id).status == Status.CLEAN
    firm.is_silent(espo_id)


def test_a_write_that_a_fault_of_ours_ended_after_it_left_wakes_it_too(firm: Firm, switched_on, monkeypatch):
    espo_id, bet_nr = firm.pair()
    writer = program("GET+PUT Beteiligte/{int}")
    whole = writer.api("GET", f"Beteiligte/{bet_nr}").json
    monkeypatch.setattr(forwarding, "_text", lambda answer: 1 / 0)
    assert writer.api("PUT", f"Beteiligte/{bet_nr}", {**whole, "zusatz": "c/o Proxy"}).code == "outcome_unknown"
    record = firm.record(espo_id)
    assert (record.status, record.requested - record.completed) == (Status.DIRTY, 1)


def test_a_write_whose_answer_was_lost_wakes_it_too(firm: Firm, switched_on):
    espo_id, bet_nr = firm.pair()
    writer = program("POST Beteiligte/{int}/Kommunikationen")
    firm.sandbox.fault("advoware", "cut_after", method="POST")
    entry = {"kommKz": 3, "tlf": "0171 1234567", "bemerkung": None, "online": True}
    assert writer.api("POST", f"Beteiligte/{bet_nr}/Kommunikationen", entry).code == "outcome_unknown"
    assert firm.record(espo_id).status == Status.DIRTY
    firm.sync(espo_id, forced=False)
    assert "1234567" in str(firm.espo(espo_id)["phoneNumberData"])


def test_reads_refusals_and_strangers_wake_nobody(firm: Firm, switched_on):
    espo_id, bet_nr = firm.pair()
    writer = program("GET+PUT Beteiligte/{int}")
    stranger = int(firm.sandbox.clerk.create(name="Fremd")["betNr"])
    writer.api("GET", f"Beteiligte/{bet_nr}")
    assert writer.api("PUT", f"Beteiligte/{bet_nr}", {"name": ""}).status == 400
    assert writer.api("PUT", f"Beteiligte/{stranger}", {"name": "Fremd"}).status == 200
    assert firm.record(espo_id).status == Status.CLEAN
    assert SyncRecord.objects.count() == 1


def test_a_write_of_a_termin_wakes_its_calendars(office: Office, switched_on):
    office.hire("SB")
    office.hire("AI")
    office.hire("RO")
    fr_nr = office.enter()
    office.sync()
    writer = program("GET+PUT+POST Termine")
    whole = writer.api("GET", "Termine", frnr=str(fr_nr)).json
    assert writer.api("PUT", "Termine", {**whole, "anwalt": "AI"}, frnr=str(fr_nr)).status == 200
    woken = CalendarEmployee.objects.filter(source="proxy")
    assert set(woken.values_list("kuerzel", flat=True)) == {"SB", "AI"}


# --- repetitions


def post(caller: Program, name: str = "Neu", key: str = "attempt-0001"):
    return caller.proxy("POST", "Beteiligte", {"name": name}, {"Idempotency_Key": key})


def test_the_same_request_is_sent_once(caller: Program, switched_on):
    first, second = post(caller), post(caller)
    assert first.status == 200
    assert second.body == first.body
    assert switched_on.counts()["advoware"] == {"POST": 1}
    assert list(ProxyCall.objects.order_by("pk").values_list("outcome", flat=True)) == ["done", "repeated"]
    plain = caller.api("POST", "Beteiligte", {"name": "Neu"}, {"Idempotency_Key": "attempt-0001"})
    assert {"result": plain.json} == first.json


def test_other_content_under_the_same_key(caller: Program, switched_on):
    post(caller)
    other = post(caller, "Anders")
    assert (other.status, other.code) == (422, "other_content")
    assert switched_on.counts()["advoware"] == {"POST": 1}


def test_keys_of_two_programs_do_not_meet(caller: Program, switched_on):
    post(caller)
    assert post(program(name="another"), "Anders").status == 200


@pytest.mark.parametrize("where", [(session.RemoteSession, "_prepare"), (forwarding, "send")])
def test_what_broke_down_before_it_was_sent_may_be_tried_again(where, caller: Program, switched_on, monkeypatch):
    def break_down(*given):
        raise RuntimeError(MARK)

    with monkeypatch.context() as now:
        now.setattr(*where, break_down)
        assert post(caller).code == "internal"
    assert not KeptAnswer.objects.exists()
    assert post(caller).status == 200


def test_a_lost_answer_stays_unknown_and_is_not_sent_again(caller: Program, switched_on):
    switched_on.fault("advoware", "cut_after", method="POST", path_contains="Beteiligte")
    assert [post(caller).code for _time in range(2)] == ["outcome_unknown", "outcome_unknown"]
    assert switched_on.counts()["advoware"] == {"POST": 1}
    assert len(switched_on.state()["advoware"]) == 1


def test_what_was_not_sent_may_be_tried_again(caller: Program, switched_on, settings):
    right = settings.ADVOWARE_API_BASE_URL
    settings.ADVOWARE_API_BASE_URL = "http://127.0.0.1:1/advoware"
    assert post(caller).code == "advoware_down"
    settings.ADVOWARE_API_BASE_URL = right
    assert post(caller).status == 200


@pytest.mark.parametrize("status", [423, 429])
def test_what_passes_is_not_kept(status, caller: Program, switched_on):
    switched_on.fault("advoware", "status", method="POST", path_contains="Beteiligte", status=status)
    assert post(caller).status == status
    assert post(caller).status == 200


def test_a_refusal_is_kept(caller: Program, switched_on):
    switched_on.fault("advoware", "status", method="POST", path_contains="Beteiligte", status=422)
    assert [post(caller).status for _time in range(2)] == [422, 422]


def test_still_under_way(caller: Program, switched_on, monkeypatch):
    send, meanwhile = forwarding.send, []

    def and_again(sending):
        if not meanwhile:
            meanwhile.append(None)
            meanwhile[0] = post(caller)
        return send(sending)

    monkeypatch.setattr(forwarding, "send", and_again)
    assert post(caller).status == 200
    assert (meanwhile[0].status, meanwhile[0].code) == (409, "still_running")
    assert switched_on.counts()["advoware"] == {"POST": 1}


def test_whose_process_died_is_unknown(caller: Program, switched_on):
    post(caller)
    KeptAnswer.objects.update(status=None, body="", begun_at=moment(-600))
    assert post(caller).code == "outcome_unknown"
    assert switched_on.counts()["advoware"] == {"POST": 1}


def test_whose_process_died_before_the_clock_was_set_back_is_unknown(caller: Program, switched_on):
    post(caller)
    KeptAnswer.objects.update(status=None, body="", begun_at=moment(3_600))
    assert post(caller).code == "outcome_unknown"
    assert switched_on.counts()["advoware"] == {"POST": 1}


def test_after_a_day_it_is_a_new_request(caller: Program, switched_on):
    post(caller)
    KeptAnswer.objects.update(begun_at=moment(-86_500))
    assert post(caller, "Anders").status == 200


def moment(seconds: int) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


@pytest.mark.parametrize("key", ["short", "x" * 129, "tab\tinside-it", "umlaut-äöü-1"])
def test_a_repetition_key_that_cannot_be_used(key, caller: Program, switched_on):
    assert post(caller, key=key).code == "bad_idempotency_key"
    assert switched_on.calls() == []
