"""A child list as a part of the record: what addresses and bank accounts have in common.

Purpose: reading both lists, writing, committing and forgetting them, in the run of their record and under its lease.
Invariant: a list that is switched off costs no request and no row. Links are committed by what was answered, cases by
what the plan names; a task for people never holds up anything else.
To extend: a further kind implements what is left open here (`both_lists`, `to_advoware`, `item_as_kept`, …) in a
folder of its own, and `restoring` where its lost values can be brought back.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic

from django.utils import timezone

from syncapp.core.child_lists.answers import after_espocrm, after_refusal, final_links
from syncapp.core.child_lists.decisions import decided, still_meant
from syncapp.core.child_lists.shapes import (
    CREATES,
    CaseCode,
    ChildPlan,
    ChildReport,
    LinkState,
    ListStop,
    Mention,
    OpenCase,
    PairLink,
    V,
)
from syncapp.core.child_lists.tally import tally
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.intents import awaits_look
from syncapp.core.parts import Around
from syncapp.core.sides import Side
from syncapp.engine.runs.failures import not_found
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, Step
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.part import (
    Guarded,
    KnownLine,
    Part,
    PartChange,
    PartLine,
    PartResult,
    differing,
)
from syncapp.entities.beteiligte.parts.child_lists import marks, state
from syncapp.entities.beteiligte.parts.child_lists.cases import (
    decisions_of,
    failure_of,
    keep_cases,
    open_cases,
    untold,
)
from syncapp.entities.beteiligte.parts.child_lists.describing import changes_of, entry_at, lines_of
from syncapp.entities.beteiligte.parts.child_lists.kind import ChildListKind
from syncapp.entities.beteiligte.parts.child_lists.marks import settle_marks
from syncapp.entities.beteiligte.parts.child_lists.moved import unless_moved
from syncapp.entities.beteiligte.parts.child_lists.reading import espocrm_list
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.child_lists.store import keep_links, stored_links
from syncapp.entities.beteiligte.parts.child_lists.writing import ChildWrites, carry_out
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildLink, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Invalid

STAYS_IN_ADVOWARE = frozenset({Mention.only_in_advoware, Mention.wrong_in_advoware, Mention.expired})
# What a record's page tells of a plan; the rest is in the cases.
REPORTED = frozenset(Mention) - {Mention.lost_value, Mention.owed, Mention.seen_once}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult(PartResult, Generic[V]):
    """links None: leave them as they are. untold: cases that people have not been told of."""

    plan: ChildPlan[V]
    links: tuple[PairLink[V], ...] | None = None
    cases: tuple[OpenCase, ...] = ()
    untold: tuple[OpenCase, ...] = ()


class ChildListPart(ChildListKind[V], Part[ListSnapshot[V], ChildPlan[V], ChildResult[V]]):
    """See entities/beteiligte/part.py for what each of these is asked for.

    Records of their own have webhooks of their own (child_events), so the record's say nothing here; links and cases of
    all kinds are erased together (operations/maintenance/erasure.py), and what people have to do are cases, too.
    """

    # --- what the plan is made from

    def read(
        self, row: SyncRecord, *, espo: EspoEntity, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> ListSnapshot[V]:
        if not self.is_on():
            return ListSnapshot(self.name)
        found = self._answered(row, self.lists_of(row, espo=espo, advo=advo, clients=clients))
        return unless_moved(found, self, before=state.sources(self._state(row))).if_readable()

    def lists_of(
        self, row: SyncRecord, *, espo: EspoEntity, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> ListSnapshot[V]:
        """Both lists, of items that are records of their own in EspoCRM."""
        entity_type, link = self.entity_type(), self.link_attribute()
        names = self.names(remote_metadata.child_attributes(entity_type, espocrm=clients.espocrm))
        if names.missing:
            about = {"field": names.missing[0], "entity": entity_type}
            return ListSnapshot(self.name, why="child_no_fields", params=about)
        found = espocrm_list(row, clients, entity_type=entity_type, link=link, names=names)
        return self.both_lists(row, found, names, advo, clients)

    def _answered(self, row: SyncRecord, found: ListSnapshot[V]) -> ListSnapshot[V]:
        """The same, with the answers of people that wait."""
        if found.lists is None:
            return found
        waiting = decisions_of(row, self.kind)
        # Only what is still asked, as the stored links lead to it now.
        meant = still_meant(waiting, found.plan(Around()).cases) if waiting else ()
        items, entries = self.as_kept(found)
        return found.with_links(decided(found.links, meant, items=items, entries=entries))

    def updated(self, before: ListSnapshot[V], *, advo: AdvowareBeteiligter | None) -> ListSnapshot[V]:
        return before if before.lists is None or advo is None else self.with_entries(before, advo)

    def guarded(self, plan: ChildPlan[V]) -> Guarded:
        created = [operation for operation in plan.operations if operation.act in CREATES]
        return Guarded(
            removals=frozenset(("removal", None, rank) for rank in range(plan.removals)),
            creates=frozenset((f"{one.act}.{one.espo_id}", one.entry_id, 0) for one in created),
            lost=sum(report.code is Mention.lost_value for report in plan.reports),
        )

    # --- writing

    def write(
        self, context: Context, log: RunLog, snapshot: ListSnapshot[V], plan: ChildPlan[V], around: Around
    ) -> "ChildResult[V] | Step":
        if snapshot.lists is None:
            # What keeps this list from being kept equal; nothing is said of one that is switched off.
            why = {"code": snapshot.why, "params": {"kind": str(self.kind), **snapshot.params}}
            return ChildResult(plan=plan, reports=(why,) if snapshot.why else ())
        reports = tuple(self._reports(snapshot, plan.reports))
        if plan.stopped is not None:
            return self._stopped(context, snapshot, plan, reports)
        if context.control.held_sides:
            return ChildResult(plan=plan, reports=reports, set_aside=not plan.is_empty)
        self.log_losses(context, snapshot, plan)
        done = carry_out(self, context, log, snapshot, plan)
        if isinstance(done, Finished):
            return done
        return self._result(context, snapshot, plan, done, reports)

    def _stopped(
        self,
        context: Context,
        snapshot: ListSnapshot[V],
        plan: ChildPlan[V],
        reports: tuple[Mapping[str, Any], ...],
    ) -> "ChildResult[V]":
        """A missing list fails the run after all else; one that has shrunk at once has to be seen so a second time."""
        missing = plan.stopped is ListStop.missing_list
        failure = snapshot.trouble or Failed(ErrorKind.TRANSIENT, "child_missing_list", {"kind": str(self.kind)})
        told = {"code": f"child_{plan.stopped}", "params": {"kind": str(self.kind), "value": ""}}
        said = reports if snapshot.trouble else (*reports, told)  # it says by itself why nothing is carried
        return ChildResult(
            plan=plan,
            columns={self.column: state.shrunk(self._state(context.row), plan.shrunk)},
            reports=said,
            left_over=not missing,
            unfinished=True,
            failure=failure if missing else None,
        )

    def _result(
        self,
        context: Context,
        snapshot: ListSnapshot[V],
        plan: ChildPlan[V],
        done: ChildWrites[V],
        reports: tuple[Mapping[str, Any], ...],
    ) -> "ChildResult[V]":
        links, cases = final_links(plan, done.outcomes), (*plan.cases, *done.cases)
        shown = replace(plan, states={**plan.states, **done.states})
        before = state.owed(self._state(context.row))
        owed = settle_marks(context, snapshot, shown, links, owed=before, entity_type=self.entity_type())
        told = [{"code": "child_marks_owed", "params": {"kind": str(self.kind)}}] if owed else []
        return ChildResult(
            plan=plan,
            links=links,
            cases=cases,
            untold=untold(context.row, self.kind, cases),
            attributes=plan.espocrm_values(),
            columns={
                self.column: state.loaded(
                    found=self._found(snapshot, plan, links),
                    seen="" if done.wrote_advoware else snapshot.seen,
                    sources=snapshot.names.sources,
                    owed=owed,
                ),
                **self._looked_for(context.row, links, owed),
            },
            reports=(*reports, *self._reports(snapshot, done.reports), *told),
            wrote=bool(done.outcomes),
            left_over=plan.owed or done.owed or done.moved,
            unfinished=done.not_found is not None,
            failure=not_found(done.not_found) if done.not_found else failure_of(context.row, self.kind, cases),
        )

    @staticmethod
    def _looked_for(row: SyncRecord, links: Iterable[PairLink[V]], owed: Collection[str]) -> Mapping[str, Any]:
        """What makes the next look come, where a write or a mark is not confirmed yet."""
        awaited = awaits_look(one for link in links for one in link.sent)
        return {**({"unconfirmed": True} if awaited else {}), **(marks.looked_at_again(row) if owed else {})}

    def _found(self, snapshot: ListSnapshot[V], plan: ChildPlan[V], links: Iterable[PairLink[V]]) -> list[str]:
        """By what both sides held after the last sync, and by what either shows that was not carried yet."""
        written = {(one.side, one.espo_id if one.side is Side.espocrm else one.entry_id) for one in plan.operations}
        items, entries = self.as_kept(snapshot)
        values = {
            *(base for link in links for base in (link.base_espo, link.base_advo) if base is not None),
            *(value for espo_id, value in items.items() if (Side.espocrm, espo_id) not in written),
            *(value for number, value in entries.items() if (Side.advoware, number) not in written),
        }
        return sorted({word for value in values for word in self.words_of(value)})

    def _state(self, row: SyncRecord) -> Mapping[str, Any]:
        found: Mapping[str, Any] = getattr(row, self.column)
        return found

    def _reports(self, snapshot: ListSnapshot[V], said: Iterable[ChildReport]) -> Iterable[Mapping[str, Any]]:
        items, entries = self.shown(snapshot)
        for report in said:
            if report.code in REPORTED:
                shown = entry_at(entries, report.entry_id), items.get(report.espo_id or "")
                value = next(filter(None, map(self.spelling.of, shown)), "")
                yield {"code": f"child_{report.code}", "params": {"kind": str(self.kind), "value": value}}

    def columns_when_made(self) -> Mapping[str, Any]:
        return {self.column: state.MADE} if self.is_on() else {}

    def refused(
        self, refusal: Invalid, result: ChildResult[V], snapshot: ListSnapshot[V], row: SyncRecord
    ) -> ListSnapshot[V] | None:
        """The address field that a 400 speaks of is frozen with this value; the others go again."""
        for operation in result.plan.operations:
            names = result.plan.record_fields.get(operation.espo_id or "")
            if names is not None and refusal.field in names.write_espo(operation.values):
                frozen = after_refusal(operation)
                links = tuple(link for link in result.links or () if link != operation.intent)
                return snapshot.with_links(links if frozen is None else (*links, frozen))
        return None

    def keep_what_worked(self, context: Context, log: RunLog, result: ChildResult[V]) -> None:
        self.tell(log, result)  # what is committed as told has to be told, however the run ends
        self.commit(context, log, result)

    def tell(self, log: RunLog, result: ChildResult[V]) -> None:
        for case in result.untold:
            log.tell(f"case.{self.kind}.{case.code}", (case.espo_id, case.entry_id))
        for report in result.plan.reports:
            if report.code is Mention.payment_changed:
                log.tell("child_payment_changed", (report.espo_id, report.entry_id))

    def commit(self, context: Context, log: RunLog, result: ChildResult[V]) -> None:
        if result.links is None:
            return
        keep_links(context.row, self.kind, self._settled(result))
        keep_cases(context.row, self.kind, result.cases, told=result.untold)

    def _settled(self, result: ChildResult[V]) -> tuple[PairLink[V], ...]:
        """The links once the record's PATCH has carried what it had to; the next look confirms it."""
        sent = result.plan.of_side(Side.espocrm) if result.plan.record_fields else ()
        carried = {operation.intent.key: operation for operation in sent}

        def after(link: PairLink[V]) -> PairLink[V] | None:
            operation = carried.get(link.key)
            if operation is None or link != operation.intent:
                return link
            return after_espocrm(operation, espo_id=link.espo_id or "", shown=None, version=None)

        return tuple(done for link in result.links or () if (done := after(link)) is not None)

    # --- what the rest of the program asks

    def forget(self, row: SyncRecord) -> None:
        """Another Beteiligter has other addresses; what people were to do at the old one is theirs no more."""
        ChildLink.objects.filter(record_id=row.pk, kind=self.kind).delete()
        open_cases(row, self.kind).update(closed_at=timezone.now())

    def as_left(self, row: SyncRecord, advo: AdvowareBeteiligter) -> bool:
        """By the list's fingerprint; after writes of ours, whose answers may be echoes, by each pair's own base."""
        known = self._state(row)
        if not self.is_on() or not state.is_loaded(known):
            return True
        if "seen" in known:
            return self.fingerprint(advo) in (None, known["seen"])
        return self._holds_bases(row, self.visible_entries(advo))

    def _holds_bases(self, row: SyncRecord, entries: Mapping[int, V] | None) -> bool:
        if entries is None:
            return True
        bases = {
            link.entry_id: link.base_advo.unit
            for link in stored_links(row, self.kind, self.value_type)
            if link.is_pair and link.entry_id is not None and link.base_advo
        }
        return all(number in entries and entries[number].unit == unit for number, unit in bases.items())

    def confirmed(self, row: SyncRecord) -> None:
        """From now on a value that comes back is somebody's edit."""
        links = stored_links(row, self.kind, self.value_type) if self.is_on() else ()
        if awaits_look(intent for link in links for intent in link.sent):
            keep_links(row, self.kind, (_without_answered(link) for link in links))

    def found_by(self, row: SyncRecord) -> list[str]:
        return [str(word) for word in self._state(row).get("found", ())]

    def known(self, row: SyncRecord) -> tuple[KnownLine, ...]:
        if not self.is_on():
            return ()
        pairs = ChildLink.objects.filter(record_id=row.pk, kind=self.kind, alias_of="", state=LinkState.linked)
        return tuple(self._known(link) for link in pairs.order_by("entry_id", "pk"))

    def _known(self, link: ChildLink) -> KnownLine:
        espo, advo = (
            None if base is None else self.spelling.kept(self.value_type.from_json(base))
            for base in (link.base_espo, link.base_advo)
        )
        return KnownLine(self.name, espo, advo, "" if link.entry_id is None else str(link.entry_id))

    def describe(self, snapshot: ListSnapshot[V], plan: ChildPlan[V]) -> tuple[PartLine, ...]:
        if snapshot.lists is None:
            return ()
        return tuple(lines_of(*self.shown(snapshot), plan, self.spelling))

    def changes(self, snapshot: ListSnapshot[V], plan: ChildPlan[V]) -> tuple[PartChange, ...]:
        if snapshot.lists is None:
            return ()
        return tuple(changes_of(*self.shown(snapshot), plan, self.spelling))

    def tally(self, snapshot: ListSnapshot[V], plan: ChildPlan[V]) -> Mapping[str, int]:
        return {} if snapshot.lists is None else {str(code): n for code, n in tally(snapshot.links, plan).items()}

    def differences(self, snapshot: ListSnapshot[V], plan: ChildPlan[V]) -> tuple[tuple[str, bool], ...]:
        if plan.stopped is ListStop.shrunk_list:
            return (("seen_once", True),)
        if plan.stopped is not None:
            return (("list_waits" if snapshot.trouble else "hidden", False),)
        cases, reports = {case.code for case in plan.cases}, {report.code for report in plan.reports}
        left = {
            "by_hand": bool(cases - {CaseCode.double}),
            "double": CaseCode.double in cases,
            "only_in_advoware": bool(reports & STAYS_IN_ADVOWARE),
            "only_in_espocrm": Mention.only_in_espocrm in reports,
        }
        return differing(carried=not plan.is_empty, left=left)


def _without_answered(link: PairLink[V]) -> PairLink[V]:
    return replace(link, sent=tuple(one for one in link.sent if not awaits_look([one])))
