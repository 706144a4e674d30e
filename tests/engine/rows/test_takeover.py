"""Two runs for one record: a holder that sleeps, dies or writes late; events that come while a run goes on."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from syncapp.engine.rows.locks import RecordLock
from syncapp.engine.runs.sync_record import Order, sync_record
from syncapp.entities.beteiligte.intake import store
from syncapp.models import Attempt, InboxElement, SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.http.errors import OutcomeUnknown
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile, power_cut

pytestmark = pytest.mark.django_db(transaction=True)


def deliver(action: str, **element: object) -> dict[str, int]:
    """A webhook delivery of one element, as the intake stores it."""
    _touched, results = store(action=action, webhook_id="w", elements=[dict(element)])
    return results


def steal(firm: Firm, espo_id: str) -> None:
    """The holder sleeps: its lease runs out and another run takes over and finishes."""
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "clean"


# --- late writers


def test_a_holder_that_wakes_up_writes_no_more(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    seen: list[int] = []

    def sleeps() -> None:
        seen.append(len(seen))
        if len(seen) == 1:
            firm.expire_lease(espo_id)
            assert firm.sync(espo_id).status == "clean"

    from syncapp.entities.beteiligte.writing import write_advoware

    real = write_advoware.change

    def slow_put(*arguments: Any) -> Any:
        sleeps()
        return real(*arguments)

    meanwhile._monkeypatch.setattr(write_advoware, "change", slow_put)
    result = firm.sync(espo_id)
    assert result.ended == "lost"
    assert [call[1] for call in firm.sandbox.calls("advoware")].count("PUT") == 1
    assert firm.advo(betnr)["titel"] == "Prof."
    assert Attempt.objects.filter(outcome="lost_lease").count() == 1
    assert firm.record(espo_id).status == "clean"


def test_an_answer_that_comes_after_the_lease_was_lost_asks_for_one_more_look(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.after("advoware", "update", lambda: steal(firm, espo_id))
    assert firm.sync(espo_id).ended == "lost"
    record = firm.record(espo_id)
    assert (record.status, record.requested > record.completed) == ("dirty", True)
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "Prof."
    assert not record.conflicts.exists()


def meant(record: SyncRecord) -> list[str]:
    """What the superseded writes were meant to change; the rest of a PUT is only carried along."""
    return [intent["sent"] for intent in record.superseded if intent["phase"] == "sent"]


def test_a_late_write_is_corrected_and_looked_at_once_more(firm: Firm, meanwhile: Meanwhile) -> None:
    """The first holder's PUT lands after the second run has carried a newer value."""
    espo_id, betnr = firm.pair()
    firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="erste Fassung")
    real = AdvowareClient.update
    late: list[Any] = []

    def lands_late(client: AdvowareClient, current: Any, changes: Any) -> Any:
        if not late:
            late.append((client, changes))
            raise SystemExit
        return real(client, current, changes)

    meanwhile._monkeypatch.setattr(AdvowareClient, "update", lands_late)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.sandbox.anna.change(espo_id, titel="zweite Fassung")
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "zweite Fassung"
    client, changes = late[0]
    real(client, client.get(betnr), changes)
    assert firm.advo(betnr)["titel"] == "erste Fassung"
    record = firm.record(espo_id)
    assert meant(record) == ["erste Fassung"]
    assert record.late_look_at is not None
    the_late_look(firm, espo_id)
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "zweite Fassung"
    record = firm.record(espo_id)
    assert {"code": "late_write_corrected", "params": {"fields": ["titel"]}} in record.reports
    assert (record.superseded, record.late_look_at) == ([], None)
    assert not record.conflicts.exists()


class GivenUp:
    """The first PUT times out before it has reached Advoware; the later ones go through, and it lands when told to."""

    def __init__(self) -> None:
        self.put = AdvowareClient.update
        self.sent: list[Any] = []

    def update(self, client: AdvowareClient, current: Any, changes: Any) -> Any:
        if self.sent:
            return self.put(client, current, changes)
        self.sent = [client, current, changes]
        raise OutcomeUnknown("read timed out", system="advoware", operation="PUT Beteiligte/{id}")

    def lands(self) -> None:
        self.put(*self.sent)


def the_late_look(firm: Firm, espo_id: str) -> None:
    """A quarter of an hour has passed: the one more look."""
    SyncRecord.objects.update(late_look_at=timezone.now() - timedelta(minutes=1))
    assert firm.sync(espo_id, forced=False).status == "clean"


def first_put_is_given_up(monkeypatch: pytest.MonkeyPatch) -> GivenUp:
    given_up = GivenUp()
    monkeypatch.setattr(AdvowareClient, "update", lambda *what: given_up.update(*what))
    return given_up


def test_a_write_given_up_as_timed_out_that_lands_after_a_newer_one_is_corrected(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody died: the run ended as failed, the next one carried a newer value, and then the old write landed."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="erste Fassung")
    given_up = first_put_is_given_up(monkeypatch)
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.anna.change(espo_id, titel="zweite Fassung")
    assert firm.sync(espo_id).status == "clean"
    given_up.lands()
    assert firm.advo(betnr)["titel"] == "erste Fassung"
    the_late_look(firm, espo_id)
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "zweite Fassung"
    record = firm.record(espo_id)
    assert {"code": "late_write_corrected", "params": {"fields": ["titel"]}} in record.reports
    assert not record.conflicts.exists()


def test_a_late_put_sets_back_no_field_that_it_was_not_meant_to_change(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PUT carries the whole object as it was read: one that lands late brings old values of all its fields."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Dr. med.")
    given_up = first_put_is_given_up(monkeypatch)
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.anna.change(espo_id, zusatz="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, anrede="aus Advoware")
    assert firm.sync(espo_id).status == "clean"
    given_up.lands()
    assert firm.advo(betnr)["zusatz"] != "aus EspoCRM"
    assert firm.advo(betnr)["anrede"] != "aus Advoware"
    the_late_look(firm, espo_id)
    for shown in (firm.advo(betnr), firm.espo(espo_id)):
        assert (shown["titel"], shown["zusatz"], shown["anrede"]) == ("Dr. med.", "aus EspoCRM", "aus Advoware")
    (report,) = [one for one in firm.record(espo_id).reports if one["code"] == "late_write_corrected"]
    assert sorted(report["params"]["fields"]) == ["anrede", "zusatz"]


def test_an_edit_that_a_lost_put_carried_along_is_still_an_edit(firm: Firm, meanwhile: Meanwhile) -> None:
    """Read before the PUT and not yet carried to EspoCRM: what the PUT wrote back of it proves nothing."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, zusatz="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")

    meanwhile.before("advoware", "update", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "aus Advoware"


def test_a_late_put_sets_no_edit_back_to_the_one_before(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """It carried an edit that had not been carried to EspoCRM yet; by the time it lands, a newer one has been."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, zusatz="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    given_up = first_put_is_given_up(monkeypatch)
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.clerk.change(betnr, titel="Prof.")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == "Prof."
    given_up.lands()
    assert firm.advo(betnr)["titel"] == "Mag."
    the_late_look(firm, espo_id)
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "Prof."
    (report,) = [one for one in firm.record(espo_id).reports if one["code"] == "late_write_corrected"]
    assert report["params"]["fields"] == ["titel"]


def test_a_late_put_counts_for_more_than_an_unanswered_patch_that_has_been_agreed_on_since(
    firm: Firm, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both sides show what a dead run had sent there: the value that was agreed on is the newer one."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, zusatz="aus EspoCRM")
    given_up = first_put_is_given_up(monkeypatch)
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    meanwhile.before("espocrm", "patch", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == "aus Advoware"
    given_up.lands()
    assert firm.advo(betnr)["titel"] != "aus Advoware"
    the_late_look(firm, espo_id)
    assert firm.advo(betnr)["titel"] == firm.espo(espo_id)["titel"] == "aus Advoware"


def test_a_late_write_is_remembered_as_long_as_it_may_land(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")

    meanwhile.before("advoware", "update", power_cut)
    with pytest.raises(SystemExit):
        firm.sync(espo_id)
    firm.expire_lease(espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.sync(espo_id).status == "clean"
    assert meant(firm.record(espo_id)) == ["Prof."]
    assert firm.record(espo_id).late_look_at is not None


def test_a_create_answered_too_late_is_named_in_the_history(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id = firm.new()

    def another_takes_over() -> None:
        firm.expire_lease(espo_id)
        assert firm.sync(espo_id).status == "failed"

    meanwhile.after("advoware", "create", another_takes_over)
    assert firm.sync(espo_id).ended == "lost"
    (made,) = firm.sandbox.state()["advoware"]
    assert Attempt.objects.get(outcome="lost_lease").fault == {
        "code": "created_late",
        "params": {"betnr": made["betNr"]},
    }
    record = firm.record(espo_id)
    assert (record.kind, record.betnr) == ("create_outcome_unknown", None)


# --- several at once


def test_the_lock_in_redis_keeps_the_second_away(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    lock = RecordLock(f"cbeteiligte:{espo_id}")
    assert lock.acquire()
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).ended == "busy"
    assert firm.counts() == {"espocrm": {}, "advoware": {}}
    lock.release()
    assert firm.sync(espo_id).ended == "ran"


def test_without_redis_the_lease_alone_serves(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, _betnr = firm.pair()
    firm.settings.REDIS_URL = "redis://127.0.0.1:1/1"
    second: list[str] = []
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("advoware", "update", lambda: second.append(firm.sync(espo_id).ended))
    assert firm.sync(espo_id).status == "clean"
    assert second == ["not_due"]


@pytest.mark.parametrize("ending", ["clean", "failed", "lost", "crash"])
def test_the_lock_is_released_on_every_way_out(
    firm: Firm, redis_client: Any, meanwhile: Meanwhile, ending: str
) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    if ending == "failed":
        firm.sandbox.fault("advoware", "status", status=500)
    if ending == "lost":
        meanwhile.after("advoware", "update", lambda: SyncRecord.objects.update(fence=99))
    if ending == "crash":
        meanwhile.before("advoware", "update", power_cut)
        with pytest.raises(SystemExit):
            firm.sync(espo_id)
    else:
        firm.sync(espo_id)
    assert redis_client.keys("sync_lock:*") == []


def test_ten_threads_for_one_record_write_once(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    firm.settings.REDIS_URL = "redis://127.0.0.1:1/1"
    record_id = firm.record(espo_id).pk
    firm.sandbox.clear_calls()
    ended: list[str] = []

    def one() -> None:
        try:
            ended.append(sync_record(Order(record_id)).ended)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(ended)) == ["not_due", "ran"]
    assert ended.count("ran") == 1
    assert firm.counts()["advoware"] == {"GET": 1, "PUT": 1}
    assert firm.advo(betnr)["titel"] == "Prof."


# --- events while a run goes on


def test_ten_events_while_a_run_goes_on_cause_exactly_one_more(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)

    def ten_edits() -> None:
        for number in range(10):
            firm.sandbox.anna.change(espo_id, zusatz=f"Fassung {number}")
            assert deliver("update", id=espo_id, zusatz=f"Fassung {number}") == {"waiting": 1}

    meanwhile.before("advoware", "update", ten_edits)
    meanwhile._monkeypatch.setattr("syncapp.engine.runs.pipeline.READS", 1)
    runs = 0
    while firm.sync(espo_id, forced=False).ended == "ran":
        runs += 1
        assert runs < 5
    assert runs == 2
    assert firm.advo(betnr)["zusatz"] == "Fassung 9"
    assert firm.record(espo_id).status == "clean"


def test_an_element_that_says_what_the_run_has_seen_is_an_echo_in_the_commit(firm: Firm, meanwhile: Meanwhile) -> None:
    """The webhook of the edit that this very run is carrying arrives while it is at work."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("advoware", "update", lambda: deliver("update", id=espo_id, titel="Prof."))
    assert firm.sync(espo_id).status == "clean"
    assert InboxElement.objects.get().result == "echo"
    assert firm.sync(espo_id, forced=False).ended == "not_due"


def test_an_element_that_says_something_else_makes_the_record_dirty_in_the_commit(
    firm: Firm, meanwhile: Meanwhile
) -> None:
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")

    def edit() -> None:
        firm.sandbox.anna.change(espo_id, zusatz="c/o")
        deliver("update", id=espo_id, zusatz="c/o")

    meanwhile.after("espocrm", "patch", edit)
    assert firm.sync(espo_id).status == "dirty"
    assert InboxElement.objects.get().result == "counted"
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert firm.advo(betnr)["zusatz"] == "c/o"


@pytest.mark.parametrize("action", ["create", "delete"])
def test_create_and_delete_count_at_once_also_while_syncing(firm: Firm, meanwhile: Meanwhile, action: str) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    meanwhile.before("advoware", "update", lambda: deliver(action, id=espo_id))
    assert firm.sync(espo_id).status == "dirty"


def test_a_relink_while_a_run_goes_on_wins_over_how_the_run_ends(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, _betnr = firm.pair()
    other = firm.sandbox.clerk.create(name="Andere")["betNr"]
    firm.sandbox.anna.change(espo_id, vorname="x" * 31)

    def relink() -> None:
        firm.sandbox.anna.change(espo_id, betnr=other)
        deliver("update", id=espo_id, betnr=other)

    meanwhile.after("espocrm", "get", relink)
    assert firm.sync(espo_id).status == "dirty"
    record = firm.record(espo_id)
    assert (record.kind, record.retry_count) == ("", 0)


def test_a_failure_with_an_edit_meanwhile_is_dirty_at_once(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")

    def edit() -> None:
        firm.sandbox.anna.change(espo_id, zusatz="c/o")
        deliver("update", id=espo_id, zusatz="c/o")

    meanwhile.before("advoware", "update", edit)
    assert firm.sync(espo_id).status == "dirty"
    record = firm.record(espo_id)
    assert (record.retry_count, record.kind) == (1, "transient")
    assert record.next_retry_at is not None


def test_an_outcome_that_waits_for_a_person_wins_over_an_edit(firm: Firm, meanwhile: Meanwhile) -> None:
    espo_id = firm.new()
    firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Beteiligte")
    meanwhile.before("advoware", "create", lambda: deliver("create", id=espo_id))
    assert firm.sync(espo_id).status == "failed"
    record = firm.record(espo_id)
    assert (record.kind, record.requested > record.completed) == ("create_outcome_unknown", True)


def test_only_success_completes_a_generation(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    before = firm.record(espo_id)
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    firm.sync(espo_id)
    assert firm.record(espo_id).completed == before.completed
    firm.sync(espo_id)
    assert firm.record(espo_id).completed == firm.record(espo_id).requested


def test_the_late_echo_of_a_failed_runs_patch_does_not_start_the_next_run(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.sandbox.fault("advoware", "status", status=500, method="PUT")
    firm.sync(espo_id)
    shown = firm.espo(espo_id)
    names = ("syncStatus", "syncRetryCount", "syncNextRetry", "syncErrorMessage")
    assert deliver("update", id=espo_id, **{name: shown[name] for name in names}) == {"echo": 1}
    assert firm.record(espo_id).status == "failed"


def test_the_age_of_what_is_unsynced_begins_with_its_first_request(firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    assert firm.record(espo_id).dirty_since is None
    firm.ask(espo_id)
    first = firm.record(espo_id).dirty_since
    firm.ask(espo_id)
    assert firm.record(espo_id).dirty_since == first is not None
    firm.sandbox.fault("advoware", "status", status=500)
    firm.sync(espo_id)
    assert firm.record(espo_id).dirty_since == first
    firm.sync(espo_id)
    assert firm.record(espo_id).dirty_since is None
