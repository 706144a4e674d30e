"""The contact points as a part of the record: what the run, relinking, echoes, the search and pages ask of them.

Invariant: runs under the lease of its record, after the master data, in the same run. The hash is written only where
every operation succeeded and nothing was left out; a list that EspoCRM refuses never holds up anything else.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

from django.conf import settings

from syncapp.core.echoes import CONTACT_LISTS
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.kommunikation import (
    ContactPlan,
    Entry,
    Item,
    Link,
    Medium,
    ReportCode,
    Stop,
    acquitted,
    content_hash,
    final_links,
    is_doubtful,
    relevant_row_ids,
)
from syncapp.core.kommunikation.contact_lists import canonical_lists, known_lists, points_in
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.snapshot import KommunikationSnapshot
from syncapp.core.parts import Around
from syncapp.engine.runs.run import Failed, RunLog, Written
from syncapp.engine.runs.steps import Step
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.part import (
    Guarded,
    HandTask,
    KnownLine,
    LostValue,
    PartChange,
    PartLine,
    PartResult,
    Place,
)
from syncapp.entities.beteiligte.parts.kommunikation import refusals as refused_lists
from syncapp.entities.beteiligte.parts.kommunikation import remembered
from syncapp.entities.beteiligte.parts.kommunikation.describing import changes_of, lines_of
from syncapp.entities.beteiligte.parts.kommunikation.news import note_news
from syncapp.entities.beteiligte.parts.kommunikation.reading import (
    entries_of,
    facts_of,
    items_of,
    policy,
    top_level_of,
)
from syncapp.entities.beteiligte.parts.kommunikation.restoring import restored
from syncapp.entities.beteiligte.parts.kommunikation.store import keep_links, stored_links
from syncapp.entities.beteiligte.parts.kommunikation.writing import ContactWrites, failure_of, write_entries
from syncapp.models import ContactLink, SyncRecord
from syncapp.remotes.advoware.client import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Invalid

REPORT = "contact_"
# Changes that gave way are in the conflict log, and people are told of them.
ON_PAGE = frozenset(ReportCode) - {ReportCode.lost_value}


@dataclass(frozen=True, slots=True, kw_only=True)
class KommunikationResult(PartResult):
    """links: to commit at the end (None: leave them as they are). entries: Advoware's as our writes have left them."""

    plan: ContactPlan
    links: tuple[Link, ...] | None
    entries: tuple[Entry, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything that this look showed has been dealt with."""
        return self.links is not None and self.failure is None and not self.left_over

    @property
    def done_by_the_patch(self) -> list[str]:
        """Steps that needed no write in Advoware."""
        return [str(operation.variant) for operation in self.plan.operations if operation.write is None]


class KommunikationPart:
    """See entities/beteiligte/part.py for what each of these is asked for."""

    name: str = "kommunikation"
    forgotten: ClassVar[Mapping[str, Any]] = {"kommunikation_hash": "", "contacts_marker": ""}
    personal: ClassVar[Mapping[str, Any]] = {"lists": {}, "contact_rows": {}}

    # --- what the plan is made from

    def read(
        self,
        row: SyncRecord,
        *,
        espo: EspoEntity,
        advo: AdvowareBeteiligter | None,
        marker: str | None,
        clients: Clients,
    ) -> KommunikationSnapshot:
        del clients  # both lists came with the record and the Beteiligter
        return KommunikationSnapshot(
            items=items_of(espo.attributes),
            entries=entries_of(advo.kommunikation if advo else ()),
            links=stored_links(row),
            hash_in_espocrm=str(espo.attributes.get("kommunikationHash") or "") or None,
            our_hash=row.kommunikation_hash,
            facts=facts_of(row, advo, marker),
            policy=policy(),
        )

    def updated(
        self,
        before: KommunikationSnapshot,
        *,
        advo: AdvowareBeteiligter | None = None,
        espo: EspoEntity | None = None,
        row: SyncRecord,
    ) -> KommunikationSnapshot:
        del row
        if advo is not None:
            facts = replace(before.facts, top_level=top_level_of(advo))
            before = replace(before, entries=entries_of(advo.kommunikation), facts=facts)
        return before if espo is None else replace(before, items=items_of(espo.attributes))

    def guarded(self, plan: ContactPlan) -> Guarded:
        """By variant and entry; items whose entry is gone have no name here and are numbered."""
        entries = [(operation.variant.value, operation.entry_id) for operation in plan.operations if operation.removes]
        removals = frozenset((*name, rank) for name, number in Counter(entries).items() for rank in range(number))
        lost = sum(report.code is ReportCode.lost_value for report in plan.reports)
        return Guarded(removals=removals, lost=lost)

    # --- writing

    def write(
        self, context: Context, log: RunLog, snapshot: KommunikationSnapshot, plan: ContactPlan, around: Around
    ) -> KommunikationResult | Step:
        reports = _reports(snapshot, plan)
        if plan.stopped is not None:
            return _stopped(plan, reports)
        if context.control.held_sides:
            return KommunikationResult(plan=plan, links=None, reports=reports, set_aside=not plan.is_empty)
        anew = snapshot.links_are_stale(around)
        done = write_entries(context, log, plan, snapshot.entries or (), links_anew=anew)
        if not isinstance(done, ContactWrites):
            return done
        refused = snapshot.refusals
        log.add_round(
            {
                refused_lists.LIST_OF[medium]: {"failed": 1, "status": 200 if medium in refused.ignored else 400}
                for medium in sorted(refused.lists)
            }
        )
        return _result(context, snapshot, plan, done, reports)

    def columns_when_made(self) -> Mapping[str, Any]:
        return {}

    def attributes_for_patch(self, result: KommunikationResult) -> Mapping[str, object]:
        return result.attributes

    def refused(
        self, refusal: Invalid, result: KommunikationResult, snapshot: KommunikationSnapshot, row: SyncRecord
    ) -> KommunikationSnapshot | None:
        less = refused_lists.after_refusal(refusal, result.plan, result.attributes, snapshot.refusals)
        return None if less is None else _without(snapshot, less, result, row)

    def not_kept(
        self,
        answer: EspoEntity,
        before: EspoEntity,
        result: KommunikationResult,
        snapshot: KommunikationSnapshot,
        row: SyncRecord,
    ) -> KommunikationSnapshot | None:
        less = refused_lists.not_kept(answer, before, result.plan, result.attributes, result.entries, snapshot.refusals)
        if less == snapshot.refusals:
            return None
        shown = items_of({**before.attributes, **answer.attributes})
        return replace(_without(snapshot, less, result, row), items=shown)

    def keep_what_worked(self, context: Context, log: RunLog, result: KommunikationResult) -> None:
        if result.links is not None:
            keep_links(context.row, result.links)
        if result.failure is None:
            log.add_done(result.done_by_the_patch)

    def tell(self, log: RunLog, result: KommunikationResult) -> None:
        if result.links is not None:
            note_news(log, result.plan)
            log.add_done(result.done_by_the_patch)

    def commit(self, context: Context, log: RunLog, result: KommunikationResult) -> None:
        del log
        if result.links is not None:
            keep_links(context.row, result.links)

    def columns_at_rest(self, result: KommunikationResult, latest: EspoEntity, marker: str | None) -> dict[str, Any]:
        attributes = latest.attributes
        columns: dict[str, Any] = {
            "lists": known_lists(attributes, region=settings.PHONE_REGION),
            "contact_rows": {name: attributes[name] for name in CONTACT_LISTS if name in attributes},
            **result.columns,
        }
        return columns | ({"contacts_marker": marker} if marker is not None and result.complete else {})

    # --- what the rest of the program asks

    def forget(self, row: SyncRecord) -> None:
        row.links.all().delete()

    def judge_event(self, attributes: Mapping[str, object]) -> Mapping[str, object]:
        return canonical_lists(attributes, region=settings.PHONE_REGION)

    def held(self, row: SyncRecord) -> Mapping[str, object]:
        known: Mapping[str, object] = row.lists
        return known

    def listed(self) -> tuple[str, ...]:
        return ()  # rows never carry phones and e-mails

    def as_left(self, row: SyncRecord, advo: AdvowareBeteiligter) -> bool:
        """By the rowIds of the entries."""
        entries = entries_of(advo.kommunikation)
        if entries is None or not row.kommunikation_hash:
            return True
        return content_hash(relevant_row_ids(entries, settings.PHONE_REGION)) == row.kommunikation_hash

    def confirmed(self, row: SyncRecord) -> None:
        del row  # links hold no write that a look has to confirm

    def count_in(self, attributes: Mapping[str, object]) -> int:
        return points_in(attributes)

    def stand_in(self, row: SyncRecord) -> Mapping[str, object] | None:
        return row.contact_rows or None

    def found_by(self, row: SyncRecord) -> list[str]:
        return [str(one[0]) for rows in row.lists.values() if isinstance(rows, list) for one in rows]

    def erase(self) -> tuple[Place, ...]:
        return ((lambda espo_id: ContactLink.objects.filter(record__espo_id=espo_id), {}),)

    def describe(self, snapshot: KommunikationSnapshot, plan: ContactPlan) -> tuple[PartLine, ...]:
        return tuple(lines_of(snapshot, plan))

    def changes(self, snapshot: KommunikationSnapshot, plan: ContactPlan) -> tuple[PartChange, ...]:
        return tuple(changes_of(snapshot, plan))

    def tally(self, snapshot: KommunikationSnapshot, plan: ContactPlan) -> Mapping[str, int]:
        del snapshot, plan
        return {}

    def differences(self, plan: ContactPlan) -> tuple[tuple[str, bool], ...]:
        if plan.stopped is not None:
            return (("hidden", False),)
        only_there = any(report.code in ONLY_THERE for report in plan.reports)
        carried = () if plan.is_empty else (("changed_since", True),)
        return (*carried, *((("only_in_advoware", False),) if only_there else ()))

    # --- what is remembered, and what people do about it

    def known(self, row: SyncRecord) -> tuple[KnownLine, ...]:
        return tuple(remembered.known_lines(row))

    def beside(
        self,
        row: SyncRecord,
        *,
        espo: EspoEntity | None = None,
        advo: AdvowareBeteiligter | None = None,
        clients: Clients,
    ) -> tuple[KnownLine, ...]:
        del clients
        if espo is not None:
            return tuple(remembered.beside_items(row, items_of(espo.attributes) or ()))
        return tuple(remembered.beside_entries(row, entries_of(advo.kommunikation if advo else ()) or ()))

    def restoring(self, row: SyncRecord, lost: LostValue, *, clients: Clients) -> Callable[[], object]:
        return partial(clients.espocrm.patch, row.espo_id, restored(row, lost), version=lost.espo.version)

    def hand_tasks(self, row: SyncRecord) -> tuple[HandTask, ...]:
        return tuple(remembered.open_type_changes(row))

    def hand_task_done(self, row: SyncRecord, *, code: str, entry_id: int) -> str:
        komm_kz = remembered.type_corrected(row, entry_id) if code == remembered.TYPE_CORRECTED else None
        return "" if komm_kz is None else f"kommKz {komm_kz}"


ONLY_THERE = frozenset(
    {ReportCode.not_representable, ReportCode.over_maximum, ReportCode.refused, ReportCode.frozen, ReportCode.let_go}
)


def _result(
    context: Context,
    snapshot: KommunikationSnapshot,
    plan: ContactPlan,
    done: ContactWrites,
    reports: tuple[Mapping[str, Any], ...],
) -> KommunikationResult:
    """What the writes to Advoware leave to the PATCH and to the closing commit."""
    refusals = snapshot.refusals
    settled = not done.failed and not refusals.lists
    whole = settled and not plan.skipped and not refusals.unproven
    komm_hash = _hash(context, done) if whole else None
    links = acquitted(final_links(plan, done.answers, done.failed), refusals.unproven)
    return KommunikationResult(
        plan=plan,
        # A list that is not sent proves nothing: the links stay as Advoware's answers have left them.
        links=None if refusals.lists else links,
        entries=tuple(done.entries.values()),
        attributes=_with_proofs(plan, snapshot).espocrm_values(without=refusals.lists),
        bookkeeping={} if komm_hash is None else {"kommunikationHash": komm_hash},
        columns={"empty_lists_seen": [], "kommunikation_hash": komm_hash or context.row.kommunikation_hash},
        reports=reports,
        written=tuple(_list_changes(snapshot, plan)),
        wrote=bool(done.answers),
        left_over=plan.skipped,
        has_rest=settled and bool(refusals.unproven),
        failure=None if settled else failure_of(done, refusals),
    )


def _with_proofs(plan: ContactPlan, snapshot: KommunikationSnapshot) -> ContactPlan:
    """The plan, with a doubtful list sent as it is if all additions to it were left out.

    EspoCRM takes it: one of them was bad. It does not: what stands in it is to blame, and none of them.
    """
    items = snapshot.items or ()
    accused = {one.medium for one in snapshot.refusals.accused}

    def proof(medium: Medium, changed: tuple[Item, ...] | None) -> tuple[Item, ...] | None:
        if changed is not None or medium not in accused or not is_doubtful(items, medium, settings.PHONE_REGION):
            return changed
        return tuple(item for item in items if item.medium is medium)

    return replace(plan, phones=proof(Medium.phone, plan.phones), emails=proof(Medium.email, plan.emails))


def _stopped(plan: ContactPlan, reports: tuple[Mapping[str, Any], ...]) -> KommunikationResult:
    """A missing list fails the run after the master data; an empty one has to be seen so a second time."""
    failure = Failed(ErrorKind.TRANSIENT, "missing_list") if plan.stopped is Stop.missing_list else None
    return KommunikationResult(
        plan=plan,
        links=None,
        columns={"empty_lists_seen": sorted(name.value for name in plan.empty_lists)},
        reports=(*reports, {"code": f"contacts_{plan.stopped}", "params": {}}),
        left_over=failure is None,
        failure=failure,
    )


def _without(
    snapshot: KommunikationSnapshot, refusals: Refusals, result: KommunikationResult, row: SyncRecord
) -> KommunikationSnapshot:
    """What to plan from without what was refused: entries and links as our own writes have left them."""
    return replace(snapshot, refusals=refusals, entries=result.entries, links=stored_links(row))


def _list_changes(snapshot: KommunikationSnapshot, plan: ContactPlan) -> "list[Written]":
    """For the history: which contact points EspoCRM gains and loses by the PATCH."""
    found: list[Written] = []
    for medium, after in ((Medium.phone, plan.phones), (Medium.email, plan.emails)):
        if after is not None and medium not in snapshot.refusals.lists:
            old, new = _values(snapshot.items or (), medium), _values(after, medium)
            found += [Written("espocrm", str(medium), value, None) for value in sorted(old - new)]
            found += [Written("espocrm", str(medium), None, value) for value in sorted(new - old)]
    return found


def _values(items: tuple[Item, ...], medium: Medium) -> set[str]:
    return {item.value for item in items if item.medium is medium}


def _hash(context: Context, done: ContactWrites) -> str:
    """Over the entries as they are now; one GET only where an answer lacked its rowId."""
    entries = tuple(done.entries.values())
    if done.row_id_missing:
        seen = context.tools.clients.advoware.get(context.row.betnr or 0)
        entries = entries_of(seen.kommunikation) or entries
    return content_hash(relevant_row_ids(entries, settings.PHONE_REGION))


def _reports(snapshot: KommunikationSnapshot, plan: ContactPlan) -> tuple[Mapping[str, Any], ...]:
    """What the page shows of this plan; not of an addition whose list is refused for another's sake."""
    values = {entry.id: entry.tlf for entry in snapshot.entries or ()}
    refusals = snapshot.refusals
    blameless = {one.entry_id for one in refusals.accused if one.medium in refusals.lists}
    return tuple(
        {
            "code": f"{REPORT}{report.code}",
            "params": {"entry_id": report.entry_id, "value": values.get(report.entry_id or 0) or "", **report.params},
        }
        for report in plan.reports
        if report.code in ON_PAGE and not (report.code is ReportCode.refused and report.entry_id in blameless)
    )
