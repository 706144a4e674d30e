"""A program's write and a run of the sync never come in between one another; killed in the middle, its record is looked
at all the same."""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.engine.rows.due import due_oldest_first
from syncapp.engine.rows.lease import keep_runs_away, let_runs_come
from syncapp.engine.rows.locks import BriefLock
from syncapp.models import CalendarEmployee, ProxyCall, SyncRecord
from syncapp.proxy import forwarding, records, wakening
from syncapp.remotes import registry
from tests.proxy.support import Program, last_call, program
from tests.support.calendars import Office
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile
from tests.support.processes import wait_until

ENTRY = {"kommKz": 3, "tlf": "0171 1234567", "bemerkung": None, "online": True}


@pytest.fixture
def writer(switched_on) -> Program:
    return program(
        *("GET+PUT Beteiligte/{int}", "POST Beteiligte/{int}/Kommunikationen", "GET+POST+PUT+DELETE Termine"),
        name="writer",
    )


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a turn."""
    monkeypatch.setattr(wakening, "LONGEST_WAIT", 0.0)


class Of:
    """Both sides of a record, and a program that writes to one."""

    def __init__(self, firm: Firm, writer: Program, pair: tuple[str, int]) -> None:
        self.firm, self.writer, (self.espo_id, self.bet_nr) = firm, writer, pair

    def write(self) -> Any:
        """As the program has just read it, with an edit of its own."""
        whole = self.writer.api("GET", f"Beteiligte/{self.bet_nr}").json
        return self.writer.api("PUT", f"Beteiligte/{self.bet_nr}", {**whole, "zusatz": "c/o Programm"})

    def row(self) -> SyncRecord:
        return self.firm.record(self.espo_id)

    def holds_both_edits(self) -> None:
        self.firm.sync(self.espo_id, forced=False)
        for side in (self.firm.espo(self.espo_id), self.firm.advo(self.bet_nr)):
            assert (side["titel"], side["zusatz"]) == ("Prof.", "c/o Programm")
        self.firm.is_silent(self.espo_id)


@pytest.fixture
def both(firm: Firm, writer: Program, edited: tuple[str, int]) -> Of:
    """With an edit in EspoCRM that waits to be carried."""
    return Of(firm, writer, edited)


# --- a Beteiligter


def test_between_a_run_s_read_and_its_put_nothing_is_sent(both: Of, meanwhile: Meanwhile, impatient):
    """That PUT carries the whole object, so it would set the program's write back, unseen."""
    answered = []
    meanwhile.before("advoware", "update", lambda: answered.append(both.write()))
    both.firm.sync(both.espo_id)
    assert [(one.status, one.code, one.headers["retry-after"]) for one in answered] == [(503, "locked", "5")]
    assert (last_call().outcome, last_call().attempts) == ("refused", 0)
    assert both.write().status == 200
    both.holds_both_edits()


def test_a_write_waits_until_the_run_is_through(both: Of, meanwhile: Meanwhile, web):
    with web() as installation, ThreadPoolExecutor(1) as pool:
        url = f"{installation.origin}/advoware/api/Beteiligte/{both.bet_nr}/Kommunikationen"

        def post() -> int:
            return requests.post(url, json=ENTRY, headers={"X-Api-Key": both.writer.key}, timeout=30).status_code

        waiting = []

        def begin() -> None:
            waiting.append(pool.submit(post))
            wait_until(lambda: "POST" not in both.firm.counts()["advoware"], seconds=1)
            threading.Event().wait(1)
            assert "POST" not in both.firm.counts()["advoware"]

        meanwhile.before("advoware", "update", begin)
        both.firm.sync(both.espo_id)
        assert waiting[0].result(timeout=20) == 200
    assert both.row().status == Status.DIRTY
    both.firm.sync(both.espo_id, forced=False)
    assert "1234567" in str(both.firm.espo(both.espo_id)["phoneNumberData"])
    assert both.firm.advo(both.bet_nr)["titel"] == "Prof."


def test_no_run_begins_while_a_write_is_under_way(both: Of, monkeypatch: pytest.MonkeyPatch):
    send, ended = forwarding.send, []

    def and_a_run(sending):
        if sending.writes:
            ended.append(both.firm.sync(both.espo_id).ended)
        return send(sending)

    monkeypatch.setattr(forwarding, "send", and_a_run)
    assert both.write().status == 200
    assert ended == ["not_due"]
    both.holds_both_edits()


def test_a_run_that_has_outslept_its_lease_writes_nothing_over_it(both: Of, meanwhile: Meanwhile):
    answered = []

    def outsleep() -> None:
        both.firm.expire_lease(both.espo_id)
        answered.append(both.write().status)

    # Both sides have been read then; the lease is renewed only before the write.
    fence = both.row().fence
    meanwhile.after("advoware", "get", outsleep)
    assert both.firm.sync(both.espo_id).ended == "lost"
    assert answered == [200]
    assert both.row().fence == fence + 1
    assert both.firm.advo(both.bet_nr)["zusatz"] == "c/o Programm"
    both.holds_both_edits()


def test_two_programs_take_turns(both: Of, monkeypatch: pytest.MonkeyPatch, impatient):
    send, answered = forwarding.send, []

    def and_another(sending):
        if sending.writes and not answered:
            answered.append(None)
            answered[0] = both.writer.api("POST", f"Beteiligte/{both.bet_nr}/Kommunikationen", ENTRY).code
        return send(sending)

    monkeypatch.setattr(forwarding, "send", and_another)
    assert both.write().status == 200
    assert answered == ["locked"]


def test_those_that_wait_for_their_turn_leave_half_of_the_slots_to_others(both: Of, settings, monkeypatch):
    settings.PROXY_PARALLEL = 2
    record_id, seen = both.row().pk, []
    token = keep_runs_away(SyncRecord, record_id=record_id, seconds=60)
    assert token is not None

    def a_moment(_seconds: float) -> None:
        seen.append("waits")
        if len(seen) == 1:
            seen.append(both.write().status)
            seen.append(both.writer.api("GET", f"Beteiligte/{both.bet_nr}").status)
        let_runs_come(SyncRecord, record_id=record_id, token=token)

    monkeypatch.setattr(wakening, "time", SimpleNamespace(monotonic=time.monotonic, sleep=a_moment))
    assert both.write().status == 200
    assert seen == ["waits", 503, 200]


def test_a_pause_that_began_while_a_write_waited_for_its_turn_refuses_it(both: Of, monkeypatch: pytest.MonkeyPatch):
    wait = wakening._soon

    def meanwhile_paused(*given):
        taken = wait(*given)
        control.set_mode(mode="paused", by="tests")
        return taken

    monkeypatch.setattr(wakening, "_soon", meanwhile_paused)
    before = both.row()
    assert both.write().code == "writes_paused"
    assert both.firm.advo(both.bet_nr)["zusatz"] != "c/o Programm"
    assert (both.row().lease_token, both.row().requested) == ("", before.requested)


def test_what_lands_after_its_answer_was_given_up_is_found(firm: Firm, writer: Program, settings):
    """The look at once comes too early for it; the next regular one would come a day later."""
    of = Of(firm, writer, firm.pair())
    settings.ADVOWARE_TIMEOUT_SECONDS = 0.5
    registry.forget()
    firm.sandbox.fault("advoware", "delay_before", method="PUT", path_contains="Beteiligte", seconds=5)
    assert of.write().code == "outcome_unknown"
    firm.sync(of.espo_id, forced=False)
    assert firm.espo(of.espo_id)["zusatz"] != "c/o Programm"
    wait_until(lambda: firm.advo(of.bet_nr)["zusatz"] == "c/o Programm", seconds=20)
    assert firm.sync(of.espo_id, forced=False).ended == "not_due"
    look_at = of.row().late_look_at
    assert look_at is not None
    assert timedelta(minutes=14) < look_at - timezone.now() <= timedelta(minutes=15)
    SyncRecord.objects.update(late_look_at=timezone.now() - timedelta(seconds=1))
    assert list(due_oldest_first(SyncRecord, control.switches())) == [of.row()]
    firm.sync(of.espo_id, forced=False)
    assert firm.espo(of.espo_id)["zusatz"] == "c/o Programm"
    assert of.row().late_look_at is None


@pytest.mark.parametrize("code", ["advoware_refused", "internal"])
def test_what_was_not_done_leaves_no_trace_at_the_record(code, firm: Firm, writer, monkeypatch: pytest.MonkeyPatch):
    espo_id, bet_nr = firm.pair()
    before = SyncRecord.objects.values().get(espo_id=espo_id)
    if code == "internal":
        monkeypatch.setattr(records.Record, "begin", lambda self: 1 / 0)
    assert writer.api("PUT", f"Beteiligte/{bet_nr}", {"name": ""}).code == code
    assert SyncRecord.objects.values().get(espo_id=espo_id) == before


def test_killed_in_the_middle_the_record_is_looked_at_all_the_same(firm: Firm, writer: Program, web):
    of = Of(firm, writer, firm.pair())
    whole = writer.api("GET", f"Beteiligte/{of.bet_nr}").json
    firm.sandbox.fault("advoware", "delay", method="PUT", path_contains="Beteiligte", seconds=10)
    with web() as installation:
        url = f"{installation.origin}/advoware/api/Beteiligte/{of.bet_nr}"

        def put() -> None:
            with contextlib.suppress(requests.RequestException):
                requests.put(
                    url, json={**whole, "zusatz": "c/o Programm"}, headers={"X-Api-Key": writer.key}, timeout=30
                )

        threading.Thread(target=put, daemon=True).start()
        wait_until(lambda: firm.advo(of.bet_nr)["zusatz"] == "c/o Programm", seconds=20)
        installation.kill()
    assert ProxyCall.objects.get(method="PUT").outcome == "unknown"
    assert of.row().status == Status.CLEAN
    assert firm.sync(of.espo_id).ended == "not_due", "it may be under way still"
    ends = of.row().lease_expires
    assert ends is not None
    assert timedelta(seconds=50) < ends - timezone.now() < timedelta(minutes=2)
    past = timezone.now() - timedelta(seconds=1)
    SyncRecord.objects.update(lease_expires=past, late_look_at=of.row().late_look_at - (ends - past))
    assert list(due_oldest_first(SyncRecord, control.switches())) == [of.row()]
    firm.sync(of.espo_id, forced=False)
    assert firm.espo(of.espo_id)["zusatz"] == "c/o Programm"
    assert (of.row().lease_token, of.row().late_look_at) == ("", None)


# --- a Termin


def termin(office: Office, writer: Program) -> tuple[int, Callable[[], Any]]:
    """One that was moved in Google, so that the next pass has to write it; and a program's write to it."""
    office.hire("SB")
    fr_nr = office.enter()
    office.settle()
    office.in_google("change", office.row(fr_nr).google_id, summary="Neuer Betreff")

    def write() -> Any:
        whole = writer.api("GET", "Termine", frnr=str(fr_nr)).json
        return writer.api("PUT", "Termine", {**whole, "ort": "Saal 3"}, frnr=str(fr_nr))

    return fr_nr, write


def has_both_edits(office: Office, fr_nr: int) -> None:
    office.settle()
    shown = office.termine()[fr_nr]
    assert (shown["text"], shown["ort"]) == ("Neuer Betreff", "Saal 3")


def test_between_a_pass_s_read_and_its_put_nothing_is_sent(office: Office, writer, meanwhile: Meanwhile, impatient):
    fr_nr, write = termin(office, writer)
    answered = []
    meanwhile.before("advoware", "update_termin", lambda: answered.append(write()))
    office.sync()
    assert [(one.status, one.code) for one in answered] == [(503, "locked")]
    assert write().status == 200
    has_both_edits(office, fr_nr)


def test_a_pass_that_has_announced_it_is_waited_for_though_redis_has_forgotten(
    office: Office, writer, meanwhile: Meanwhile, redis_client, impatient
):
    fr_nr, write = termin(office, writer)
    answered = []

    def forgetful() -> None:
        redis_client.delete(BriefLock(f"termin:{fr_nr}").name)
        answered.append(write().code)

    meanwhile.before("advoware", "update_termin", forgetful)
    office.sync()
    assert answered == ["locked"]


@pytest.mark.parametrize("query", ["frnr={0}&frnr={1}", "frnr={1}&FRNR={0}", "frnr={1}"])
def test_each_termin_that_a_write_names_is_held_and_its_calendar_woken(query, office: Office, writer, monkeypatch):
    """Nobody knows by which of them Advoware goes; only the last one was held and told of."""
    people = ("SB", "AI")
    for kuerzel in people:
        office.hire(kuerzel)
    numbers = [office.enter(kuerzel=kuerzel) for kuerzel in people]
    for kuerzel in people:
        office.sync(kuerzel)
    send, held = forwarding.send, []

    def looked(sending):
        held.extend(not BriefLock(f"termin:{number}").acquire() for number in numbers)
        return send(sending)

    monkeypatch.setattr(forwarding, "send", looked)
    body = {"frNr": float(numbers[0]), "ort": "Saal 3"}
    assert writer.send("PUT", f"/advoware/api/Termine?{query.format(*numbers)}", body).status == 200
    assert held == [True, True]
    assert set(CalendarEmployee.objects.filter(source="proxy").values_list("kuerzel", flat=True)) == {*people}
    assert all(BriefLock(f"termin:{number}").acquire() for number in numbers), "given back"


def test_a_pass_leaves_a_termin_alone_while_a_program_writes_it(office: Office, writer, monkeypatch):
    fr_nr, write = termin(office, writer)
    send, written = forwarding.send, []

    def and_a_pass(sending):
        if sending.writes:
            office.clear()
            office.sync()
            written.append(office.writes())
        return send(sending)

    monkeypatch.setattr(forwarding, "send", and_a_pass)
    assert write().status == 200
    assert written == [0]
    monkeypatch.undo()
    office.due()
    has_both_edits(office, fr_nr)


def test_a_limited_key_s_look_holds_until_its_write(office: Office, writer, monkeypatch: pytest.MonkeyPatch):
    """Who waits for another program's write may find that it has given the Termin to somebody else."""
    office.hire("SB")
    fr_nr = office.enter()
    limited = program("GET+PUT Termine kuerzel=SB", name="limited")
    whole = limited.api("GET", "Termine", frnr=str(fr_nr)).json
    wait = wakening._soon

    def meanwhile_given_away(*given):
        taken = wait(*given)
        office.edit(fr_nr, anwalt="AI")
        return taken

    monkeypatch.setattr(wakening, "_soon", meanwhile_given_away)
    answered = limited.api("PUT", "Termine", {**whole, "ort": "Saal 3"}, frnr=str(fr_nr))
    assert (answered.status, answered.code) == (403, "not_yours")
    assert office.termine("AI").keys() == {fr_nr}
    assert BriefLock(f"termin:{fr_nr}").acquire(), "given back"


@pytest.mark.parametrize(
    "body", [{"frNr": 7}, [{"FRNR": "7"}], [{"frNr": 7}, {"text": "x"}, 3]], ids=["an object", "a list", "of anything"]
)
def test_a_termin_is_known_wherever_the_body_names_it(body: object) -> None:
    named = wakening.ProxyWrite(SimpleNamespace(segments=("Termine",)), (("frnr", "3"),), body, 0.0)  # type: ignore[arg-type]
    assert named.fr_nrs == [3, 7]
