"""What the writes of one run to the contact points leave to the record's PATCH and to the closing commit.

Invariant: the hash is written only where every operation succeeded and nothing was left out; a list that is not sent
proves nothing, and the links stay as Advoware's answers have left them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.kommunikation.answers import acquitted, content_hash, final_links, is_doubtful, relevant_row_ids
from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Item, Link, ReportCode, Stop
from syncapp.core.sides import Side
from syncapp.engine.runs.run import Failed, Written
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.part import PartResult
from syncapp.entities.beteiligte.parts.kommunikation.reading import entries_of
from syncapp.entities.beteiligte.parts.kommunikation.refused_points import awaited, still_not_taken
from syncapp.entities.beteiligte.parts.kommunikation.store import late_look
from syncapp.entities.beteiligte.parts.kommunikation.writing import ContactWrites, awaited_seconds, failure_of

REPORT = "contact_"
# Changes that gave way are in the conflict log, and people are told of them; what Advoware did not take, or did not
# answer, fails the run.
ON_PAGE = frozenset(ReportCode) - {ReportCode.lost_value, ReportCode.not_taken, ReportCode.awaited}


@dataclass(frozen=True, slots=True, kw_only=True)
class KommunikationResult(PartResult):
    """links: to commit at the end (None: leave them as they are). entries: Advoware's as our writes have left them."""

    plan: ContactPlan
    links: tuple[Link, ...] | None
    entries: tuple[Entry, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything that this reading showed has been dealt with."""
        return self.links is not None and self.failure is None and not self.left_over

    @property
    def done_by_the_patch(self) -> list[str]:
        """Steps that needed no write in Advoware."""
        return [str(operation.variant) for operation in self.plan.operations if operation.write is None]


def result_of(
    context: Context,
    snapshot: KommunikationSnapshot,
    plan: ContactPlan,
    done: ContactWrites,
    reports: tuple[Mapping[str, Any], ...],
) -> KommunikationResult:
    """What the writes to Advoware leave to the PATCH and to the closing commit."""
    refusals = snapshot.refusals
    waits = awaited(plan)
    known = still_not_taken(plan, snapshot.entries or ()) + waits
    settled = not done.failed and not refusals.lists and not known
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
        columns={
            "empty_lists_seen": [],
            "kommunikation_hash": komm_hash or context.row.kommunikation_hash,
            **late_look(context.row, plan),
        },
        reports=reports,
        written=tuple(_list_changes(snapshot, plan)),
        wrote=bool(done.answers),
        left_over=plan.skipped,
        has_rest=settled and bool(refusals.unproven),
        unfinished=bool(done.failed),
        failure=None
        if settled
        else failure_of(done, refusals, known=known, awaited=awaited_seconds(context) if waits else None),
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


def stopped(plan: ContactPlan, reports: tuple[Mapping[str, Any], ...]) -> KommunikationResult:
    """A missing list fails the run after the master data; an empty one has to be seen so a second time."""
    failure = Failed(ErrorKind.TRANSIENT, "missing_list") if plan.stopped is Stop.missing_list else None
    return KommunikationResult(
        plan=plan,
        links=None,
        columns={"empty_lists_seen": sorted(name.value for name in plan.empty_lists)},
        reports=(*reports, {"code": f"contacts_{plan.stopped}", "params": {}}),
        left_over=failure is None,
        unfinished=True,
        failure=failure,
    )


def _list_changes(snapshot: KommunikationSnapshot, plan: ContactPlan) -> "list[Written]":
    """For the history: which contact points EspoCRM gains and loses by the PATCH."""
    found: list[Written] = []
    for medium, after in ((Medium.phone, plan.phones), (Medium.email, plan.emails)):
        if after is not None and medium not in snapshot.refusals.lists:
            old, new = _values(snapshot.items or (), medium), _values(after, medium)
            found += [Written(Side.espocrm, str(medium), value, None) for value in sorted(old - new)]
            found += [Written(Side.espocrm, str(medium), None, value) for value in sorted(new - old)]
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


def shown_of(snapshot: KommunikationSnapshot, plan: ContactPlan) -> tuple[Mapping[str, Any], ...]:
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
