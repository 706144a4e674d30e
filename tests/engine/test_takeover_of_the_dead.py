"""A process that was killed: its records are taken up within seconds, and nobody else's are touched."""

import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.engine import control, takeover
from syncapp.engine.rows import locks, process_signs
from syncapp.engine.rows.lease import LeaseLost, acquire, renew
from syncapp.engine.rows.locks import RecordLock
from syncapp.models import ProcessSign, SyncRecord
from syncapp.worker import SyncWorker
from tests.support.firm import Firm

pytestmark = pytest.mark.django_db(transaction=True)


def held_record(firm: Firm) -> tuple[Any, SyncRecord]:
    """A record that this process holds, with its lock."""
    espo_id, _betnr = firm.pair()
    firm.ask(espo_id)
    found = acquire(SyncRecord, record_id=firm.record(espo_id).pk, control=control.switches())
    assert found is not None
    lease, record = found
    assert RecordLock(record.key).acquire()
    return lease, record


def silent_for(seconds: float, name: str = "") -> None:
    process_signs.show_life()
    moment = timezone.now() - timedelta(seconds=seconds)
    ProcessSign.objects.filter(pk=name or process_signs.process_name()).update(at=moment)


def test_silence_ends_the_lease_and_enqueues_the_record(firm: Firm) -> None:
    lease, record = held_record(firm)
    silent_for(31)
    assert takeover.take_from_the_dead() == 1
    assert locks.seconds_left(record.key) is None
    result = firm.sync(record.espo_id, forced=False)
    assert (result.status, firm.record(record.espo_id).fence) == ("clean", lease.fence + 1)
    assert takeover.take_from_the_dead() == 0


def test_a_record_that_somebody_takes_in_that_very_moment_is_theirs(firm: Firm) -> None:
    """Between the look for what a silent process holds and the end of its lease."""
    _lease, record = held_record(firm)
    silent_for(31)
    mine = SyncRecord.objects.filter(pk=record.pk)
    left = mine.get().lease_expires
    came: list[str] = []

    def somebody_comes(execute: Any, sql: str, *arguments: Any) -> Any:
        if not came and sql.startswith("UPDATE") and "lease_expires" in sql:
            came.append(sql)
            mine.update(fence=record.fence + 1, lease_token="theirs")
        return execute(sql, *arguments)

    with connection.execute_wrapper(somebody_comes):
        assert takeover.take_from_the_dead() == 0
    assert came
    assert mine.values_list("lease_token", "lease_expires").get() == ("theirs", left)
    assert locks.seconds_left(record.key) is not None


def test_whoever_only_slept_writes_no_more(firm: Firm) -> None:
    lease, _record = held_record(firm)
    silent_for(31)
    takeover.take_from_the_dead()
    with pytest.raises(LeaseLost):
        renew(lease)


def test_one_that_died_before_the_clock_was_set_back_is_taken_over_all_the_same(firm: Firm) -> None:
    """The database's: a sign of the future begins to be silent now, and whoever lives has a new one within seconds."""
    _lease, record = held_record(firm)
    silent_for(-3600)
    assert takeover.take_from_the_dead() == 0
    silent_for_since = ProcessSign.objects.get(pk=process_signs.process_name()).at
    assert abs(timezone.now() - silent_for_since) < timedelta(seconds=10)
    silent_for(31)
    assert takeover.take_from_the_dead() == 1
    assert firm.sync(record.espo_id, forced=False).status == "clean"


def test_a_process_that_beats_keeps_its_lease(firm: Firm) -> None:
    lease, _record = held_record(firm)
    silent_for(29)
    assert takeover.take_from_the_dead() == 0
    process_signs.show_life()
    renew(lease)


def test_a_create_under_way_is_given_its_time(firm: Firm) -> None:
    """Cut off, it asks somebody to look in Advoware; its holder may only be slow."""
    lease, record = held_record(firm)
    SyncRecord.objects.filter(pk=record.pk).update(create_intent={"at": "2026-01-01T00:00:00+00:00", "attempt": "a"})
    silent_for(31)
    assert takeover.take_from_the_dead() == 0
    assert process_signs.silent() == [process_signs.process_name()]  # its lease may still run out
    renew(lease)


def test_a_process_that_never_beat_is_given_its_time(firm: Firm) -> None:
    """A command, or a page: it shows no life, which proves nothing."""
    lease, _record = held_record(firm)
    ProcessSign.objects.all().delete()
    assert takeover.take_from_the_dead() == 0
    renew(lease)


def test_another_process_of_the_same_number_is_not_meant(firm: Firm) -> None:
    lease, _record = held_record(firm)
    process_signs.show_life()
    other = process_signs.process_name().rpartition(".")[0] + ".abcdef"
    ProcessSign.objects.create(name=other, at=timezone.now() - timedelta(minutes=5))
    assert takeover.take_from_the_dead() == 0
    renew(lease)


def test_a_name_that_begins_alike_is_not_meant(firm: Firm) -> None:
    lease, record = held_record(firm)
    process_signs.show_life()
    ProcessSign.objects.create(name=record.lease_holder[:-4].rpartition(":")[0][:-1], at=timezone.now() - timedelta(1))
    assert takeover.take_from_the_dead() == 0
    renew(lease)


def test_whoever_holds_nothing_is_looked_for_once() -> None:
    """Else each beat of each worker would go through all that were ever killed."""
    ProcessSign.objects.create(name="quiet", at=timezone.now() - timedelta(minutes=2))
    assert process_signs.silent() == ["quiet"]
    assert takeover.take_from_the_dead() == 0
    assert process_signs.silent() == []


def test_an_end_as_it_should_be_leaves_no_sign() -> None:
    process_signs.show_life()
    process_signs.say_farewell()
    assert not ProcessSign.objects.exists()


def test_a_start_has_a_name_of_its_own() -> None:
    assert process_signs._named(7) == process_signs._named(7)
    name = process_signs._named(7)
    process_signs._named.cache_clear()
    assert process_signs._named(7) != name


def test_the_database_is_away(monkeypatch: pytest.MonkeyPatch, redis_client: Any) -> None:
    """The heart goes on, and tells it with the next beat."""
    from django.db import OperationalError

    beats: list[str] = []

    def away() -> None:
        beats.append("away")
        if len(beats) == 1:
            raise OperationalError

    monkeypatch.setattr(process_signs, "show_life", away)
    worker = SyncWorker(["sweep"], connection=redis_client)
    worker._beat_in_database()
    worker._beat_in_database()
    assert beats == ["away", "away"]


KILLED = """
import os, signal, django
django.setup()
from syncapp.engine import control
from syncapp.engine.rows import process_signs
from syncapp.engine.rows.lease import acquire
from syncapp.models import SyncRecord
process_signs.show_life()
assert acquire(SyncRecord, record_id={pk}, control=control.switches())
print("held", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_kill_9(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real process dies with a lease in hand; silence of a second is enough here."""
    espo_id, _betnr = firm.pair()
    firm.ask(espo_id)
    pk, name = firm.record(espo_id).pk, str(connection.settings_dict["NAME"])
    engine = str(connection.settings_dict["ENGINE"])
    code = KILLED.format(pk=pk).replace(
        "django.setup()",
        "from django.conf import settings\ndjango.setup()\n"
        f"settings.DATABASES['default'].update(NAME={name!r}, ENGINE={engine!r})",
    )
    if "memory" in name:
        pytest.skip("a database in memory is no other process's")
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "held" in dead.stdout, dead.stderr[-2000:]
    assert firm.record(espo_id).status == Status.SYNCING
    monkeypatch.setattr(process_signs, "SILENT_SECONDS", 1)
    time.sleep(1.5)
    assert takeover.take_from_the_dead() == 1
    assert firm.sync(espo_id, forced=False).status == "clean"


def test_what_nobody_foresaw_does_not_stop_the_heart(monkeypatch: pytest.MonkeyPatch, redis_client: Any) -> None:
    """A living worker whose heart had stopped would lose its records to the others, again and again."""
    beats = []

    def stumble(worker: SyncWorker) -> None:
        beats.append(worker)
        if len(beats) == 3:
            worker._ending.set()
        raise LookupError("nobody foresaw this")

    monkeypatch.setattr(SyncWorker, "show_life", stumble)
    monkeypatch.setattr("syncapp.worker.worker_signs.BEAT_SECONDS", 0.01)
    worker = SyncWorker(["sweep"], connection=redis_client)
    worker._beat()
    assert len(beats) == 3


def test_a_run_whose_ending_could_not_be_stored_is_taken_up_at_the_next_beat(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process lives, so nobody else would end the lease before its five minutes are over."""
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)

    def full(*_arguments: object, **_named: object) -> None:
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("syncapp.engine.runs.results.lock_row", full)
        assert firm.sync(espo_id, forced=False).ended == "unfinished"
    assert firm.record(espo_id).status == "syncing"
    assert takeover.take_from_ourselves() == 1
    assert firm.sync(espo_id, forced=False).status == "clean"
    assert takeover.take_from_ourselves() == 0


def test_an_unfinished_run_is_kept_in_mind_while_the_database_is_away(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease, record = held_record(firm)
    takeover.LEFT_BEHIND.append(lease)

    def away() -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(takeover, "Now", away)
        with pytest.raises(OperationalError):
            takeover.take_from_ourselves()
    assert takeover.take_from_ourselves() == 1
    assert firm.record(record.espo_id).lease_token == lease.token
    with pytest.raises(LeaseLost):
        renew(lease)


@pytest.mark.parametrize("left", ["another has it", "a create is under way"])
def test_an_unfinished_run_is_not_taken_up_where(firm: Firm, left: str) -> None:
    lease, record = held_record(firm)
    takeover.LEFT_BEHIND.append(lease)
    changed: dict[str, Any] = {"lease_token": "other"}
    if left == "a create is under way":
        changed = {"create_intent": {"at": "", "attempt": "a"}}
    SyncRecord.objects.filter(pk=record.pk).update(**changed)
    before = firm.record(record.espo_id).lease_expires
    assert takeover.take_from_ourselves() == 0
    assert firm.record(record.espo_id).lease_expires == before
