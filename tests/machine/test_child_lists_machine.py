"""A state machine over the real run with both child lists: people on both sides, copied markers, lost and late answers,
refusals, killed workers, edits in the middle of a run, a lost database, answers to tasks.

Each machine is one installation: addresses as records of their own or as fields of the record, accounts readable or
not, kept in plain or as hashes, with and without the field for the entry's number. At any time no address is a mixture
of two, and nothing that is told shows an account. When the faults have stopped and everything due is done, a further
run writes nothing, no pair differs without a task, nothing is left alone, and the program has sent nothing twice.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings as django_settings
from django.test import override_settings
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncapp.core.adressen.fields import entry_of, item_of
from syncapp.core.adressen.shapes import Address, AddressFacts
from syncapp.core.adressen.sight import Sight
from syncapp.core.child_lists.decisions import CaseAnswer, offered
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.core.signatures import sign
from syncapp.core.spelling.iban import compact, is_valid
from syncapp.core.states import Event
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs import sync_record
from syncapp.entities.beteiligte.child_events.intake import receive
from syncapp.entities.beteiligte.child_events.records import find_records
from syncapp.entities.beteiligte.intake import store
from syncapp.entities.beteiligte.parts.adressen import configured
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Attempt, ChildCase, ChildLink, FieldChange, SyncRecord
from syncapp.remotes.http.errors import Invalid, OutcomeUnknown, RemoteError, Transient
from tests.machine.child_remotes import ACCOUNT, ADDRESS, LISTS, PARTS, PREFIXES, new_child_world
from tests.machine.remotes import ANNA, ESPO_ID, Worker
from tests.machine.services import NOW, Leases, empty
from tests.machine.stories import in_portions, tell

ROUNDS = 25
HOUR = timedelta(hours=1)
FAULTS = ("killed", "lost", "refused")
TOWNS = (("30159", "Hannover", ""), ("20095", "Hamburg", ""), ("1010", "Wien", "Österreich"))
WEBHOOK, SECRET = "6b020605f2a7f6d0e", "secret"
SETTINGS: Mapping[str, Any] = {
    "ADRESSEN_INITIAL": "both",
    "ESPOCRM_ADRESSEN_FIELDS": list(PREFIXES),
    "ESPOCRM_BANK_ENTITY": ACCOUNT,
    "BANK_BLIND_POST": True,
    "ESPOCRM_WEBHOOK_SECRETS": [(WEBHOOK, SECRET)],
    "SYNC_GUARD_MAX_REMOVALS": 10**6,
    "SYNC_GUARD_MAX_CREATES": 10**6,
    "SYNC_GUARD_MAX_CHILD_CREATES": 10**6,
}
picks = st.integers(0, 9)
towns = st.sampled_from(TOWNS)


def iban_of(number: int) -> str:
    """A made-up German account with right check digits."""
    account = f"2105017{number:011d}"
    rest = int("".join(str(int(sign, 36)) for sign in f"{account}DE00")) % 97
    return f"DE{98 - rest:02d}{account}"


@dataclass(frozen=True)
class Edit:
    """What somebody does in the middle of a run."""

    side: str
    kind: str
    pick: int


edits = st.builds(Edit, st.sampled_from(("espocrm", "advoware")), st.sampled_from((ADDRESS, ACCOUNT)), picks)


class ChildLists(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        empty()
        remote_metadata.forget()
        self.world, self.leases = new_child_world(), Leases()
        NOW.update(world=self.world, leases=self.leases)
        self.world.referee = self.leases.referee
        self.dead: list[Worker] = []
        self.typed: set[object] = set()  # every address that people wrote, by its normal form
        self.values = 0
        self.excused: set[object] = set()  # sent again after people said "not there"
        self.switched: override_settings | None = None

    @initialize(
        fields=st.booleans(),
        listed=st.booleans(),
        keep=st.sampled_from(("plain", "hash")),
        number_field=st.booleans(),
        distinct=st.booleans(),
        remove=st.sampled_from(("task", "delete")),
        fixed=st.sampled_from(("task", "replace")),
        change=st.sampled_from(("task", "post")),
    )
    def an_installation(
        self,
        fields: bool,
        listed: bool,
        keep: str,
        number_field: bool,
        distinct: bool,
        remove: str,
        fixed: str,
        change: str,
    ) -> None:
        self.world.is_listed, self.world.number_field, self.distinct = listed, number_field, distinct
        self.switched = override_settings(
            **SETTINGS,
            ESPOCRM_ADRESSEN="field" if fields else "entity",
            ADVOWARE_BANK_LIST="embedded:bankverbindungen" if listed else "none",
            BANK_KEEP=keep,
            ADRESSE_REMOVE=remove,
            ADRESSE_FIXED_CHANGE=fixed,
            BANK_CHANGE=change,
        )
        self.switched.enable()
        self.in_fields = fields
        for town in TOWNS[:2]:
            self.anna_adds_an_address(town)
            self.clerk_adds_an_address(TOWNS[0])
            self.anna_adds_an_account()
            self.clerk_adds_an_account()
        self.request()
        self.work_alone()
        self.a_run()

    # --- what people type

    def number(self) -> int:
        """Each a new one, or one of a few, so that doubles occur."""
        self.values += 1
        return self.values if self.distinct else self.values % 3

    def place(self, town: tuple[str, str, str]) -> dict[str, str]:
        number = self.number()
        # Streets of one name are similar, which asks people: so only where doubles are wanted.
        street = f"{''.join(chr(97 + int(digit)) for digit in str(number))}weg 5" if self.distinct else f"Weg {number}"
        place = {"strasse": street, "plz": town[0], "ort": town[1], "land": town[2]}
        self.typed.add(self.sight().form(Address(**place)))
        return place

    def sight(self) -> Sight:
        carried = self.names().carried - {"entry_number"}
        return Sight(AddressFacts(today=timezone.localdate(), carried=carried))

    def names(self, prefix: str = PREFIXES[0]) -> Any:
        return configured.record_map(prefix) if self.in_fields else configured.entity_map(self.world.fields(ADDRESS))

    def record_place(self, prefix: str, place: Mapping[str, str]) -> dict[str, object]:
        return {f"{prefix}{PARTS[name]}": value or None for name, value in place.items()}

    def item(self, kind: str, pick: int) -> str | None:
        found = sorted(self.world.items[kind])
        return found[pick % len(found)] if found else None

    def entry(self, kind: str, pick: int) -> int | None:
        found = sorted(self.world.entries[LISTS[kind]])
        return found[pick % len(found)] if found else None

    # --- people in EspoCRM

    @rule(town=towns)
    def anna_adds_an_address(self, town: tuple[str, str, str]) -> None:
        if not self.in_fields:
            self.world.add_item(ADDRESS, self.place(town), by=ANNA)
            return
        for prefix in PREFIXES:
            if not self.world.espo[f"{prefix}Street"]:
                self.world.write_espo(self.record_place(prefix, self.place(town)))
                return

    @rule(pick=picks, town=towns)
    def anna_edits_an_address(self, pick: int, town: tuple[str, str, str]) -> None:
        if self.in_fields:
            prefix = PREFIXES[pick % 2]
            if self.world.espo[f"{prefix}Street"]:
                self.world.write_espo(self.record_place(prefix, self.place(town)))
        elif (item := self.item(ADDRESS, pick)) is not None:
            self.world.change_item(ADDRESS, item, self.place(town), by=ANNA)

    @rule(pick=picks)
    def anna_removes_an_address(self, pick: int) -> None:
        if self.in_fields:
            self.world.write_espo(dict.fromkeys(f"{PREFIXES[pick % 2]}{part}" for part in PARTS.values()))
        elif (item := self.item(ADDRESS, pick)) is not None:
            self.world.remove_item(ADDRESS, item)

    @rule(pick=picks)
    def anna_copies_an_address_with_its_number(self, pick: int) -> None:
        if not self.in_fields and (item := self.item(ADDRESS, pick)) is not None:
            numbered = {"advowareAdresseId": self.world.items[ADDRESS][item].get("advowareAdresseId")}
            self.world.add_item(ADDRESS, {**self.place(TOWNS[0]), **numbered}, by=ANNA)

    @rule()
    def anna_adds_an_account(self) -> None:
        self.world.add_item(ACCOUNT, {"name": "x", "iban": iban_of(self.number())}, by=ANNA)

    @rule(pick=picks, name=st.sampled_from(("iban", "bankname", "istAktiv")))
    def anna_edits_an_account(self, pick: int, name: str) -> None:
        if (item := self.item(ACCOUNT, pick)) is not None:
            held = self.world.items[ACCOUNT][item]
            value = {"iban": iban_of(self.number()), "bankname": f"Bank {pick}", "istAktiv": not held["istAktiv"]}[name]
            self.world.change_item(ACCOUNT, item, {name: value}, by=ANNA)

    @rule(pick=picks)
    def anna_removes_an_account(self, pick: int) -> None:
        if (item := self.item(ACCOUNT, pick)) is not None:
            self.world.remove_item(ACCOUNT, item)

    @rule()
    def anna_edits_the_record(self) -> None:
        self.world.write_espo({"titel": f"titel {self.number()}"})

    # --- people in Advoware

    @rule(town=towns)
    def clerk_adds_an_address(self, town: tuple[str, str, str]) -> None:
        self.world.add_entry("adressen", self.place(town))

    @rule(pick=picks, town=towns)
    def clerk_edits_an_address(self, pick: int, town: tuple[str, str, str]) -> None:
        if (number := self.entry(ADDRESS, pick)) is not None:
            self.world.change_entry("adressen", number, self.place(town))

    @rule(pick=picks)
    def clerk_copies_an_address_with_its_remark(self, pick: int) -> None:
        if (number := self.entry(ADDRESS, pick)) is not None:
            remark = {"bemerkung": self.world.entries["adressen"][number]["bemerkung"]}
            self.world.add_entry("adressen", {**self.place(TOWNS[0]), **remark})

    @rule(pick=picks)
    def clerk_ends_an_address(self, pick: int) -> None:
        if (number := self.entry(ADDRESS, pick)) is not None:
            self.world.change_entry("adressen", number, {"gueltigBis": "2019-12-31T00:00:00"})

    @rule()
    def clerk_adds_an_account(self) -> None:
        self.world.add_entry("bankverbindungen", {"iban": iban_of(self.number())})

    @rule(pick=picks, name=st.sampled_from(("iban", "bankname")))
    def clerk_edits_an_account(self, pick: int, name: str) -> None:
        if (number := self.entry(ACCOUNT, pick)) is not None:
            value = iban_of(self.number()) if name == "iban" else f"Bank {pick}"
            self.world.change_entry("bankverbindungen", number, {name: value})

    @rule(kind=st.sampled_from((ADDRESS, ACCOUNT)), pick=picks)
    def clerk_removes_one(self, kind: str, pick: int) -> None:
        if (number := self.entry(kind, pick)) is not None:
            del self.world.entries[LISTS[kind]][number]

    # --- webhooks, time, what is lost

    @rule(twice=st.booleans())
    def webhooks_arrive(self, twice: bool) -> None:
        for _ in range(2 if twice else 1):
            if self.world.outbox:
                store(action="update", webhook_id="w", elements=self.world.outbox[:])
            for entity, action, element in self.world.child_outbox:
                raw = json.dumps([element]).encode()
                signature = sign(raw_body=raw, webhook_id=WEBHOOK, secret=SECRET)
                receive(name=LISTS[entity], action=action, raw=raw, signature=signature, legacy_signature=None)
        self.world.outbox.clear()
        self.world.child_outbox.clear()
        find_records()

    @rule()
    def webhooks_are_lost(self) -> None:
        self.world.outbox.clear()
        self.world.child_outbox.clear()

    @precondition(lambda self: self.world.late)
    @rule(which=st.integers(0, 3))
    def late_write_lands(self, which: int) -> None:
        self.land(self.world.late.pop(which % len(self.world.late)))

    def land(self, effect: Any) -> None:
        with suppress(RemoteError):  # refused by its version, or gone: nothing happened
            effect()

    @rule()
    def hours_pass(self) -> None:
        """Nothing lands any more that was sent before; late looks and retries are due, rewrites are forgotten."""
        self.world.late.clear()
        self.time_passes()

    def time_passes(self) -> None:
        past = timezone.now() - 2 * HOUR
        SyncRecord.objects.exclude(lease_token="").update(lease_expires=past)
        SyncRecord.objects.filter(late_look_at__isnull=False).update(late_look_at=past)
        SyncRecord.objects.filter(next_retry_at__isnull=False).update(next_retry_at=past)
        FieldChange.objects.update(at=past)

    @precondition(lambda self: not self.world.late)
    @rule()
    def the_database_is_lost(self) -> None:
        empty()
        self.request()

    # --- runs

    @rule()
    def a_run(self) -> None:
        self.request()
        self.work_alone()

    @rule()
    def a_run_sees_no_addresses(self) -> None:
        self.world.hides_addresses = True
        self.a_run()
        self.world.hides_addresses = False

    @rule(
        nth=st.integers(0, 5),
        when=st.sampled_from(("before", "after")),
        fault=st.sampled_from((*FAULTS, "edited")),
        lands=st.booleans(),
        edit=edits,
    )
    def run_meets_fault(self, nth: int, when: str, fault: str, lands: bool, edit: Edit) -> None:
        """A run as far as its n-th write, and a fault there, or somebody's edit between its look and its write."""
        self.request()
        worker = self.begin_work()
        while worker.stop is not None and not (worker.stop.is_write and worker.stop.when == when and nth == 0):
            nth -= worker.stop.is_write and worker.stop.when == when
            worker.go_on()
        if worker.stop is not None:
            self.meets(worker, fault, lands, edit)

    def meets(self, worker: Worker, fault: str, lands: bool, edit: Edit) -> None:
        stop = worker.stop
        assert stop is not None
        about_to_write = stop.when == "before"
        if fault == "edited":
            self.edited(edit)
            self.finish(worker)
        elif fault == "refused":
            self.finish(worker, Invalid("refused", **self.of(stop), status=400) if about_to_write else None)
        else:
            if lands and about_to_write:
                self.world.late.append(stop.effect)
            if fault == "killed":
                self.dead.append(worker)
                self.time_passes()
            else:
                self.finish(worker, OutcomeUnknown("lost", **self.of(stop)) if stop.method != "GET" else Transient())

    def of(self, stop: Any) -> dict[str, Any]:
        return {"system": stop.system, "operation": stop.method}

    def edited(self, edit: Edit) -> None:
        if edit.kind == ACCOUNT:
            (self.anna_edits_an_account if edit.side == "espocrm" else self.clerk_edits_an_account)(edit.pick, "iban")
        else:
            act = self.anna_edits_an_address if edit.side == "espocrm" else self.clerk_edits_an_address
            act(edit.pick, TOWNS[edit.pick % 3])

    def begin_work(self, *, forced: bool = True) -> Worker:
        record = SyncRecord.objects.get_or_create(espo_id=ESPO_ID)[0]
        return Worker(lambda: sync_record.sync_record(sync_record.Order(record.pk, forced=forced)))

    def finish(self, worker: Worker, error: Exception | None = None) -> None:
        if error is not None:
            worker.go_on(error)
        while worker.stop is not None:
            worker.go_on()

    def work_alone(self, *, forced: bool = True) -> None:
        self.finish(self.begin_work(forced=forced))

    def request(self) -> None:
        record = SyncRecord.objects.get_or_create(espo_id=ESPO_ID)[0]
        request_sync(SyncRecord, record_id=record.pk, event=Event.CHANGED, trigger="sync_check", source="sweep")

    # --- answers to tasks

    @rule(pick=picks, which=picks)
    def people_answer(self, pick: int, which: int) -> None:
        cases = [case for case in self.cases() if self.choices(case)]
        if cases:
            case = cases[pick % len(cases)]
            choices = self.choices(case)
            self.answer(case, choices[which % len(choices)])

    def choices(self, case: ChildCase) -> tuple[CaseAnswer, ...]:
        """What the admin offers, as far as it changes anything; what was sent without an answer is looked for."""
        readable = case.kind == "adressen" or self.world.is_listed
        found = offered(CaseCode(case.code), row=case.row, readable=readable)
        if case.code == CaseCode.outcome_unknown:
            found = (CaseAnswer.there if self.stands_there(case) else CaseAnswer.not_there,)
        if case.code in (CaseCode.assumed_known, CaseCode.allow_post):
            found = (CaseAnswer.known if self.stands_there(case) else CaseAnswer.allow,)
        return tuple(one for one in found if one is not CaseAnswer.noted)

    def answer(self, case: ChildCase, choice: CaseAnswer) -> None:
        number = self.stands_there(case) if choice is CaseAnswer.there else None
        if choice is CaseAnswer.not_there:
            self.excused |= {self.pending_form(case)}
        if choice is CaseAnswer.as_new and "new" in case.params:
            self.excused |= {case.params["new"]}  # beside the old one, which they delete by hand
        if choice is CaseAnswer.done and case.code == CaseCode.delete_in_advoware:
            # As they say: where the item is put in use again, its account is entered anew.
            self.world.entries["bankverbindungen"].pop(self.stands_there(case), None)
        ChildCase.objects.filter(pk=case.pk).update(answer=choice.value, answer_entry=number or 0)

    def stands_there(self, case: ChildCase) -> int | None:
        """The number of what was sent, if it is in Advoware and nobody else's."""
        key = "adressen" if case.kind == "adressen" else "bankverbindungen"
        taken = set(ChildLink.objects.filter(kind=case.kind, state="linked").values_list("entry_id", flat=True))
        free = (number for number in sorted(self.world.entries[key]) if number not in taken)
        return next((number for number in free if self.form(key, number) == self.pending_form(case)), None)

    def pending_form(self, case: ChildCase) -> object:
        if case.kind != "adressen":
            return case.params["account"]
        link = ChildLink.objects.get(kind=case.kind, espo_id=case.espo_id, pending__isnull=False)
        return self.sight().form(Address.from_json(link.pending["sent"]))

    def form(self, key: str, number: int) -> object:
        raw = self.world.entries[key][number]
        if key == "adressen":
            return self.sight().form(entry_of(number, raw, self.names()).address)
        return f"{raw['iban'][:2]}…{raw['iban'][-4:]}"

    def cases(self) -> list[ChildCase]:
        return list(ChildCase.objects.filter(closed_at=None).order_by("pk"))

    # --- at any time

    @invariant()
    def nothing_unforeseen_happens(self) -> None:
        bugs = SyncRecord.objects.filter(kind="bug").values_list("fault", flat=True)
        assert not bugs, (list(bugs), Attempt.objects.exclude(traceback="").values_list("traceback", flat=True).last())

    @invariant()
    def no_address_is_a_mixture(self) -> None:
        if self.switched is not None:
            for number in self.world.entries["adressen"]:
                assert self.form("adressen", number) in self.typed
            for address in self.addresses().values():
                assert self.sight().form(address) in self.typed

    @invariant()
    def nothing_told_shows_an_account(self) -> None:
        for case in ChildCase.objects.filter(kind="bank"):
            assert "2105017" not in str(case.params)
        for record in SyncRecord.objects.all():
            assert "2105017" not in str((record.reports, record.fault, record.bank_state, record.not_taken))
        assert "2105017" not in str(list(FieldChange.objects.values_list("before", "after", "field")))
        if getattr(django_settings, "BANK_KEEP", "") == "hash":
            assert "2105017" not in str(list(ChildLink.objects.values()))

    def addresses(self) -> dict[str, Address]:
        """What EspoCRM holds, by item; an empty field of the record is none."""
        if self.in_fields:
            found = {
                f"{ESPO_ID}:{prefix}": item_of("", self.world.espo, self.names(prefix)).address for prefix in PREFIXES
            }
        else:
            found = {
                espo_id: item_of(espo_id, held, self.names()).address
                for espo_id, held in self.world.items[ADDRESS].items()
            }
        return {espo_id: address for espo_id, address in found.items() if not self.sight().place(address).is_empty}

    # --- the end

    @rule()
    def settle(self) -> None:
        for effect in self.world.late:
            self.land(effect)
        self.world.late.clear()
        self.come_to_rest()
        for _ in range(3):
            self.a_run()  # what nobody has told of, and what has to be seen twice
            self.come_to_rest()
        self.then_there_is_silence()
        record = SyncRecord.objects.get(espo_id=ESPO_ID)
        assert record.status == "clean" or record.fault["code"] == "child_refused", (record.status, record.fault)
        self.no_pair_differs_without_a_task()
        self.nothing_is_left_alone()
        self.nothing_was_sent_twice()

    def teardown(self) -> None:
        try:
            if self.switched is not None:
                self.settle()
        finally:
            if self.switched is not None:
                self.switched.disable()
            for worker in self.dead:
                worker.bury()

    def come_to_rest(self) -> None:
        for _round in range(ROUNDS):
            self.webhooks_arrive(twice=False)
            self.time_passes()
            for case in self.cases():
                if case.code == CaseCode.outcome_unknown and not case.answer:
                    self.answer(case, self.choices(case)[0])
                    self.request()
            if not SyncRecord.objects.filter(due_now(control.switches())).exists():
                return
            self.work_alone(forced=False)
        record = SyncRecord.objects.get()
        raise AssertionError(f"still at work after {ROUNDS} rounds: {record.status} {record.fault}")

    def then_there_is_silence(self) -> None:
        before = (self.world.writes, self.world.espo["versionNumber"], self.world.beteiligter["rowId"])
        self.a_run()
        after = (self.world.writes, self.world.espo["versionNumber"], self.world.beteiligter["rowId"])
        assert after == before, "not silent"

    def no_pair_differs_without_a_task(self) -> None:
        told = {(case.kind, side) for case in self.cases() for side in (case.espo_id, case.entry_id)}
        for kind, espo_id, number in self.pairs():
            asked = {(kind, espo_id), (kind, number)} & told
            assert asked or self.is_equal(kind, espo_id, number), f"{kind} {espo_id} {number} differ"

    def pairs(self) -> Iterator[tuple[str, str, int]]:
        for link in ChildLink.objects.filter(state="linked", alias_of="", pending=None):
            there = self.addresses() if link.kind == "adressen" else self.world.items[ACCOUNT]
            key = "adressen" if link.kind == "adressen" else "bankverbindungen"
            if link.espo_id in there and link.entry_id in self.world.entries[key]:
                yield link.kind, link.espo_id, link.entry_id

    def is_equal(self, kind: str, espo_id: str, number: int) -> bool:
        if kind == "adressen":
            link = ChildLink.objects.get(kind=kind, espo_id=espo_id, state="linked", alias_of="")
            bases = (Address.from_json(link.base_espo), Address.from_json(link.base_advo))
            by_decision = not self.sight().same(*bases)  # people said that both are the same, each in its spelling
            return by_decision or self.sight().form(self.addresses()[espo_id]) == self.form("adressen", number)
        if not self.world.is_listed:
            return True  # only people can see it
        item, entry = self.world.items[ACCOUNT][espo_id], self.world.entries["bankverbindungen"][number]
        return all((item[name] or "") == (entry[name] or "") for name in ("iban", "bankname"))

    def nothing_is_left_alone(self) -> None:
        links = ChildLink.objects.all()
        known = {(link.kind, side) for link in links for side in (link.espo_id, link.entry_id)}
        known |= {(case.kind, side) for case in self.cases() for side in (case.espo_id, case.entry_id)}
        for espo_id in self.addresses():
            assert ("adressen", espo_id) in known, "an address is left alone"
        for espo_id, held in self.world.items[ACCOUNT].items():
            usable = held["istAktiv"] and is_valid(compact(held["iban"]))
            assert ("bank", espo_id) in known or not usable, "an account is left alone"
        sight = self.sight()
        for number, raw in self.world.entries["adressen"].items():
            ended = sight.is_expired(entry_of(number, raw, self.names()).address)
            # Fields of a record have no room for more; that is said on its page.
            assert ("adressen", number) in known or ended or self.in_fields, "an entry is left alone"
        for number in self.world.entries["bankverbindungen"] if self.world.is_listed else ():
            assert ("bank", number) in known, "an account in Advoware is left alone"

    def nothing_was_sent_twice(self) -> None:
        """Where each value was typed once, it stands in Advoware once, unless people had it sent again."""
        for key in ("adressen", "bankverbindungen") if self.distinct else ():
            forms = Counter(self.form(key, number) for number in self.world.entries[key])
            twice = {form for form, number in forms.items() if number > 1} - self.excused
            assert not twice, "sent twice"


@in_portions
def test_the_child_lists(services: None, portion: int) -> None:
    tell(ChildLists, short=8)
