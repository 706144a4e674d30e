"""A state machine over the real services: two workers in steps, people on both sides, webhooks, crashes, lost answers.

Each machine is a random story about one record. While it goes on, nobody writes without holding the record. At its end
the faults stop, everything that is due is done, and then the promises must have been kept: no event lost, no record
stuck, at most one Beteiligter, no edit overwritten without a trace, and silence.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncapp.core.states import Event
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs import sync_record
from syncapp.entities.beteiligte.intake import store
from syncapp.entities.beteiligte.probes import confirm
from syncapp.models import Conflict, SyncRecord
from syncapp.remotes.http.errors import Invalid, OutcomeUnknown, RemoteError, Transient
from tests.machine.remotes import ESPO_ID, FIELDS, Worker, World, new_world
from tests.machine.services import NOW, Leases, empty
from tests.machine.stories import in_portions, tell

ROUNDS = 20
HOUR = timedelta(hours=1)
EDITED = st.sampled_from(FIELDS[1:])
WHICH = st.integers(0, 1)
# kill -9; the answer, or the request, is lost; the write is refused.
FAULTS = ("killed", "lost", "refused")
SIDES = ("espocrm", "advoware")
Place = tuple[str, str]
PLACES: tuple[Place, ...] = tuple((method, when) for method in ("PATCH", "POST", "PUT") for when in ("before", "after"))


@dataclass(frozen=True)
class Edit:
    side: str
    field: str
    value: str


class Protocol(RuleBasedStateMachine):
    """One record, its two sides, and whoever works on them. Each edit is a new value, so that each can be told."""

    def __init__(self) -> None:
        super().__init__()
        empty()
        self.world: World = new_world()
        self.leases = Leases()
        NOW.update(world=self.world, leases=self.leases)
        self.world.referee = self.leases.referee
        self.workers: list[Worker | None] = [None, None]
        self.dead: list[Worker] = []
        self.edits: list[Edit] = []
        self.all_is_told = True

    @initialize(synced=st.booleans())
    def begin(self, synced: bool) -> None:
        self.request()
        if synced:
            self.work_alone()
            self.work_alone()

    # --- people

    def edit(self, side: str, name: str) -> None:
        value = f"{name} {len(self.edits) + 1}"
        self.edits.append(Edit(side, name, value))
        if side == "espocrm":
            self.world.write_espo({name: value})
        else:
            self.world.write_advo({**self.world.beteiligter, name: value})
            self.all_is_told = False

    @rule(name=EDITED)
    def anna_edits(self, name: str) -> None:
        self.edit("espocrm", name)

    @precondition(lambda self: self.world.advo)
    @rule(name=EDITED)
    def clerk_edits(self, name: str) -> None:
        self.edit("advoware", name)

    # --- webhooks and time

    @precondition(lambda self: self.world.outbox)
    @rule(which=st.integers(0, 5), again=st.booleans())
    def webhook_arrives(self, which: int, again: bool) -> None:
        """Late, out of order, or more than once."""
        element = self.world.outbox[which % len(self.world.outbox)]
        if not again:
            self.world.outbox.remove(element)
        store(action="update", webhook_id="w", elements=[element])

    @precondition(lambda self: self.world.outbox)
    @rule()
    def webhook_is_lost(self) -> None:
        self.world.outbox.pop(0)
        self.all_is_told = False

    @rule()
    def sweep_finds_it(self) -> None:
        self.request()

    @rule()
    def sweep_confirms(self) -> None:
        """The one look at what we wrote in Advoware, whoever is at work."""
        confirm.confirm_writes([SyncRecord.objects.get_or_create(espo_id=ESPO_ID)[0].pk])

    @precondition(lambda self: self.is_at_rest())
    @rule(name=EDITED)
    def clerk_undoes_what_was_brought(self, name: str) -> None:
        """Hours later, when a sweep has looked: nothing of ours may undo it again."""
        before = self.world.beteiligter[name]
        self.edit("espocrm", name)
        self.request()
        self.work_alone()
        self.sweep_confirms()
        if not self.is_at_rest() or SyncRecord.objects.get(espo_id=ESPO_ID).unconfirmed:
            return  # something else was going on
        logged = Conflict.objects.count()
        self.world.write_advo({**self.world.beteiligter, name: before})
        self.edits.append(Edit("advoware", name, before))
        self.work_alone()
        assert self.world.espo[name] == self.world.beteiligter[name] == before, "an undo was undone"
        assert Conflict.objects.count() == logged

    def is_at_rest(self) -> bool:
        """Nobody at work, nothing under way, nothing asked for."""
        record = SyncRecord.objects.filter(espo_id=ESPO_ID, status="clean", superseded=[], requested=F("completed"))
        return not any(self.workers) and not self.world.late and record.exists()

    @rule()
    def lease_runs_out(self) -> None:
        """Five minutes pass; whoever slept through them has lost the record."""
        SyncRecord.objects.exclude(lease_token="").update(lease_expires=timezone.now() - HOUR)

    @precondition(lambda self: self.world.late)
    @rule(which=st.integers(0, 3))
    def late_write_lands(self, which: int) -> None:
        self.land(self.world.late.pop(which % len(self.world.late)))

    def land(self, effect: Any) -> None:
        with suppress(RemoteError):  # refused by its version: nothing happened
            effect()

    @rule()
    def quarter_of_an_hour_passes(self) -> None:
        """Nothing lands any more that was sent before, or was about to be; late looks and retries are due.

        What a worker sends that has slept for that long with its write in hand is beyond what is promised.
        """
        self.world.late.clear()
        for which, worker in enumerate(self.workers):
            if worker is not None and worker.stop is not None and worker.stop.is_write and worker.stop.when == "before":
                self.dead.append(worker)
                self.workers[which] = None
        self.lease_runs_out()
        past = timezone.now() - HOUR
        SyncRecord.objects.filter(late_look_at__isnull=False).update(late_look_at=past)
        SyncRecord.objects.filter(next_retry_at__isnull=False).update(next_retry_at=past)

    # --- workers

    @precondition(lambda self: None in self.workers)
    @rule(forced=st.booleans())
    def job_comes(self, forced: bool) -> None:
        """The first, a doubled one, or one that is too many."""
        which = self.workers.index(None)
        self.workers[which] = self.begin_work(forced=forced)
        self.tidy(which)

    @precondition(lambda self: any(self.workers))
    @rule(which=WHICH, steps=st.integers(1, 6))
    def worker_goes_on(self, which: int, steps: int) -> None:
        which = self.at_work(which)
        for _step in range(steps):
            if (worker := self.workers[which]) is not None:
                worker.go_on()
                self.tidy(which)

    @precondition(lambda self: any(self.workers))
    @rule(which=WHICH, fault=st.sampled_from(FAULTS), lands=st.booleans())
    def fault_hits(self, which: int, fault: str, lands: bool) -> None:
        self.hit(self.at_work(which), fault, lands)

    @precondition(lambda self: None in self.workers)
    @rule(
        at=st.sampled_from(PLACES),
        fault=st.sampled_from((*FAULTS, "sleeps")),
        lands=st.booleans(),
        expires=st.booleans(),
        edited=st.sampled_from((*SIDES, "")),
        name=EDITED,
    )
    def run_meets_fault(self, at: Place, fault: str, lands: bool, expires: bool, edited: str, name: str) -> None:
        """An edit, a run as far as this call, a fault there; and perhaps five minutes in which nobody notices."""
        if edited == "espocrm" or (edited and self.world.advo):
            self.edit(edited, name)
        self.request()
        which = self.workers.index(None)
        worker = self.workers[which] = self.begin_work(forced=True)
        while worker.stop is not None and (worker.stop.method, worker.stop.when) != at:
            worker.go_on()
        self.tidy(which)
        if fault != "sleeps":
            self.hit(which, fault, lands)
        if expires:
            self.lease_runs_out()

    def hit(self, which: int, fault: str, lands: bool) -> None:
        """lands: a write that it was about to make has left the machine all the same, and lands later."""
        worker = self.workers[which]
        if worker is None or worker.stop is None:
            return
        stop = worker.stop
        about_to_write = stop.is_write and stop.when == "before"
        if fault == "refused":
            if about_to_write:
                worker.go_on(Invalid("refused", system=stop.system, operation=stop.method, status=400))  # type: ignore[typeddict-item]
        else:
            if lands and about_to_write:
                self.world.late.append(stop.effect)
            if fault == "killed":
                self.dead.append(worker)
                self.workers[which] = None
                return
            kind = OutcomeUnknown if stop.is_write else Transient
            worker.go_on(kind("lost", system=stop.system, operation=stop.method))  # type: ignore[typeddict-item]
        self.tidy(which)

    def at_work(self, which: int) -> int:
        return which if self.workers[which] is not None else 1 - which

    def begin_work(self, *, forced: bool) -> Worker:
        record = SyncRecord.objects.get_or_create(espo_id=ESPO_ID)[0]
        return Worker(lambda: sync_record.sync_record(sync_record.Order(record.pk, forced=forced)))

    def tidy(self, which: int) -> None:
        worker = self.workers[which]
        if worker is not None and worker.stop is None:
            self.workers[which] = None

    def work_alone(self, *, forced: bool = True) -> None:
        worker = self.begin_work(forced=forced)
        while worker.stop is not None:
            worker.go_on()

    def request(self) -> None:
        record = SyncRecord.objects.get_or_create(espo_id=ESPO_ID)[0]
        request_sync(SyncRecord, record_id=record.pk, event=Event.CHANGED, trigger="sync_check", source="sweep")

    # --- at any time

    @invariant()
    def nothing_unforeseen_happens(self) -> None:
        bugs = SyncRecord.objects.filter(kind="bug").values_list("fault", flat=True)
        assert not bugs, list(bugs)

    # --- the end

    def teardown(self) -> None:
        try:
            self.faults_end()
            self.come_to_rest()
            self.nothing_is_stuck()
            if self.all_is_told:
                self.both_sides_are_equal("an event was lost")
            # The day's re-check, for what nobody tells of.
            self.work_alone()
            self.come_to_rest()
            self.nothing_is_stuck()
            self.both_sides_are_equal("not equal after a look")
            self.every_edit_left_a_trace()
            self.then_there_is_silence()
        finally:
            for worker in self.dead:
                worker.bury()

    def faults_end(self) -> None:
        for which in (0, 1):
            while (worker := self.workers[which]) is not None:
                worker.go_on()
                self.tidy(which)
        for effect in self.world.late:
            self.land(effect)

    def come_to_rest(self) -> None:
        for _round in range(ROUNDS):
            self.quarter_of_an_hour_passes()
            record = SyncRecord.objects.get(espo_id=ESPO_ID)
            if record.kind == "create_outcome_unknown":
                self.somebody_settles_the_create(record)
            elif record.status in ("failed", "permanently_failed"):
                request_sync(SyncRecord, record_id=record.pk, event=Event.RESET, trigger="sync_check", source="person")
            if SyncRecord.objects.filter(due_now(control.switches()), pk=record.pk).exists():
                self.work_alone(forced=False)
            elif self.world.outbox:
                store(action="update", webhook_id="w", elements=self.world.outbox[:])
                self.world.outbox.clear()
            else:
                return
        raise AssertionError(f"still at work after {ROUNDS} rounds")

    def somebody_settles_the_create(self, record: SyncRecord) -> None:
        """A person looks in Advoware: there it is, or there is none."""
        made = next(iter(self.world.advo), None)
        columns: dict[str, Any] = {"create_intent": None, "create_released": True}
        event = Event.RESET
        if made is not None:
            columns |= {"betnr": made}
            event = Event.RELINKED
        request_sync(SyncRecord, record_id=record.pk, event=event, trigger="update", source="person", **columns)

    def nothing_is_stuck(self) -> None:
        record = SyncRecord.objects.get(espo_id=ESPO_ID)
        assert (record.status, record.lease_token) == ("clean", ""), (record.status, record.kind, record.fault)
        assert record.completed == record.requested
        assert len(self.world.advo) == 1, "created twice"
        assert self.world.espo["betnr"] == record.betnr

    def both_sides_are_equal(self, otherwise: str) -> None:
        for name in FIELDS:
            assert self.world.espo[name] == self.world.beteiligter[name], f"{otherwise}: {name}"

    def every_edit_left_a_trace(self) -> None:
        """The last edit of a field is there, or the log has it, or it fell into the window that cannot be closed."""
        logged = {(row.field, value) for row in Conflict.objects.all() for value in (row.espo, row.advo)}
        for last in {edit.field: edit for edit in self.edits}.values():
            there = self.world.espo[last.field] == last.value
            traced = (last.field, last.value) in logged
            unseen = (last.side, last.field, last.value) in self.world.unseen
            assert there or traced or unseen, f"{last} was lost: {self.world.espo[last.field]!r} is there"

    def then_there_is_silence(self) -> None:
        before = (self.world.espo["versionNumber"], self.world.beteiligter["rowId"])
        self.work_alone()
        assert (self.world.espo["versionNumber"], self.world.beteiligter["rowId"]) == before, "not silent"


@in_portions
def test_the_protocol(services: None, portion: int) -> None:
    tell(Protocol, short=60)
