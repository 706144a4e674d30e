"""The contact points as a part of the record: what the run, relinking, echoes, the search and pages ask of them.

Invariant: runs under the lease of its record, after the master data, in the same run. The hash is written only where
every operation succeeded and nothing was left out; a list that EspoCRM refuses never holds up anything else.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.conf import settings

from syncapp.core.kommunikation.answers import content_hash, relevant_row_ids
from syncapp.core.kommunikation.contact_lists import PLAIN, canonical_lists, known_lists, points_in
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import LIST_OF, ContactPlan, ReportCode
from syncapp.core.parts import Around
from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import Step
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.part import (
    Guarded,
    HandTask,
    KnownLine,
    LostValue,
    Part,
    PartChange,
    PartLine,
    Place,
)
from syncapp.entities.beteiligte.parts.kommunikation import refusals as refused_lists
from syncapp.entities.beteiligte.parts.kommunikation import remembered
from syncapp.entities.beteiligte.parts.kommunikation.describing import changes_of, differences_of, lines_of
from syncapp.entities.beteiligte.parts.kommunikation.losses import take_back
from syncapp.entities.beteiligte.parts.kommunikation.news import note_news
from syncapp.entities.beteiligte.parts.kommunikation.outcome import KommunikationResult, result_of, shown_of, stopped
from syncapp.entities.beteiligte.parts.kommunikation.reading import (
    entries_of,
    facts_of,
    items_of,
    new_to_espocrm,
    policy,
    top_level_of,
)
from syncapp.entities.beteiligte.parts.kommunikation.restoring import restored
from syncapp.entities.beteiligte.parts.kommunikation.store import keep_beside, keep_links, stored_links
from syncapp.entities.beteiligte.parts.kommunikation.writing import ContactWrites, write_entries
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.probes.same_points import flags_elsewhere
from syncapp.models import ContactLink, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Invalid


class KommunikationPart(Part[KommunikationSnapshot, ContactPlan, KommunikationResult]):
    """See entities/beteiligte/part.py for what each of these is asked for."""

    name = "kommunikation"
    forgotten: ClassVar[Mapping[str, Any]] = {"kommunikation_hash": "", "contacts_marker": ""}
    personal: ClassVar[Mapping[str, Any]] = {"lists": {}, "contact_rows": {}}

    # --- what the plan is made from

    def read(
        self, row: SyncRecord, *, espo: EspoEntity, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> KommunikationSnapshot:
        # Both lists came with the record and the Beteiligter.
        items, entries = items_of(espo.attributes), entries_of(advo.kommunikation if advo else ())
        links, facts = stored_links(row, shown=espo), facts_of(row, advo, espo.marker)
        new = new_to_espocrm(items, entries, links, facts)
        return KommunikationSnapshot(
            items=items,
            entries=entries,
            links=links,
            hash_in_espocrm=str(espo.attributes.get("kommunikationHash") or "") or None,
            our_hash=row.kommunikation_hash,
            facts=replace(facts, shared=flags_elsewhere(row, new, espocrm=clients.espocrm)) if new else facts,
            policy=policy(),
        )

    def updated(self, before: KommunikationSnapshot, *, advo: AdvowareBeteiligter | None) -> KommunikationSnapshot:
        if advo is None:
            return before
        facts = replace(before.facts, top_level=top_level_of(advo))
        return replace(before, entries=entries_of(advo.kommunikation), facts=facts)

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
        shown = shown_of(snapshot, plan)
        if plan.stopped is not None:
            return stopped(plan, shown)
        if context.control.held_sides:
            return KommunikationResult(plan=plan, links=None, reports=shown, set_aside=not plan.is_empty)
        anew = snapshot.links_are_stale(around)
        done = write_entries(context, log, plan, snapshot.entries or (), links_anew=anew)
        if not isinstance(done, ContactWrites):
            return done
        refused = snapshot.refusals
        log.add_round(
            {
                LIST_OF[medium]: {"failed": 1, "status": 200 if medium in refused.ignored else 400}
                for medium in sorted(refused.lists)
            }
        )
        return result_of(context, snapshot, plan, done, shown)

    def about_to_patch(self, context: Context, result: KommunikationResult, *, before: EspoEntity, at: str) -> None:
        if result.attributes and result.links is not None:
            keep_beside(context.row, result.links, before=before, at=at)

    def refused(
        self, refusal: Invalid, result: KommunikationResult, snapshot: KommunikationSnapshot, row: SyncRecord
    ) -> KommunikationSnapshot | None:
        less = refused_lists.after_refusal(refusal, result.plan, result.attributes, snapshot.refusals)
        if less is None:
            return None
        for medium, most in less.most.items():
            remote_metadata.learn_most(medium, most)
        return _without(snapshot, less, result, row)

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
        if result.links is not None:
            keep_links(context.row, result.links)

    def columns_at_rest(self, result: KommunikationResult, latest: EspoEntity, marker: str | None) -> dict[str, Any]:
        attributes = latest.attributes
        columns: dict[str, Any] = {
            "lists": known_lists(attributes, region=settings.PHONE_REGION),
            "contact_rows": {name: attributes[name] for name in LIST_OF.values() if name in attributes},
            **result.columns,
        }
        return columns | ({"contacts_marker": marker} if marker is not None and result.complete else {})

    # --- what the rest of the program asks

    def forget(self, row: SyncRecord) -> None:
        row.links.all().delete()

    def edited_besides(self, before: EspoEntity, answer: EspoEntity, sent: Collection[str]) -> bool:
        """By the list and by its plain attribute, whichever both show: a list that we sent changes both."""
        region = settings.PHONE_REGION
        read, shown = (known_lists(one.attributes, region=region) for one in (before, answer))
        ours = {name for key in sent for name in (key, PLAIN.get(key, key))}
        return any(name in shown and shown[name] != read[name] for name in read if name not in ours)

    def judge_event(self, attributes: Mapping[str, object]) -> Mapping[str, object]:
        return canonical_lists(attributes, region=settings.PHONE_REGION)

    def held(self, row: SyncRecord) -> Mapping[str, object]:
        known: Mapping[str, object] = row.lists
        return known

    def as_left(self, row: SyncRecord, advo: AdvowareBeteiligter) -> bool:
        """By the rowIds of the entries."""
        entries = entries_of(advo.kommunikation)
        if entries is None or not row.kommunikation_hash:
            return True
        return content_hash(relevant_row_ids(entries, settings.PHONE_REGION)) == row.kommunikation_hash

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

    def differences(self, snapshot: KommunikationSnapshot, plan: ContactPlan) -> tuple[tuple[str, bool], ...]:
        return differences_of(plan)

    # --- what is remembered, and what people do about it

    known = staticmethod(remembered.known_lines)

    def beside(
        self, row: SyncRecord, *, espo: EspoEntity | None = None, advo: AdvowareBeteiligter | None = None
    ) -> tuple[KnownLine, ...]:
        if espo is not None:
            return tuple(remembered.beside_items(row, items_of(espo.attributes) or ()))
        return tuple(remembered.beside_entries(row, entries_of(advo.kommunikation if advo else ()) or ()))

    def restoring(self, row: SyncRecord, lost: LostValue, *, clients: Clients) -> Callable[[], object]:
        attributes = restored(row, lost, espocrm=clients.espocrm)
        return partial(clients.espocrm.patch, row.espo_id, attributes, version=lost.espo.version)

    def hand_tasks(self, row: SyncRecord) -> tuple[HandTask, ...]:
        return tuple(remembered.open_type_changes(row))

    def hand_task_done(self, row: SyncRecord, *, code: str, entry_id: int) -> str:
        komm_kz = remembered.type_corrected(row, entry_id) if code == remembered.TYPE_CORRECTED else None
        return "" if komm_kz is None else f"kommKz {komm_kz}"


def _without(
    snapshot: KommunikationSnapshot, refusals: Refusals, result: KommunikationResult, row: SyncRecord
) -> KommunikationSnapshot:
    """What to plan from without what was refused: entries, links and hash as our own writes have left them.

    The hash too: links that took the place of older ones count from now on, and no longer the markers just written.
    """
    take_back(row, refusals.accused)
    return replace(
        snapshot,
        refusals=refusals,
        entries=result.entries,
        links=stored_links(row),
        our_hash=row.kommunikation_hash,
    )
