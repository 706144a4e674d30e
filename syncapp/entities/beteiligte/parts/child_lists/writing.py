"""The plan's writes to both sides, one after the other.

Invariant: before each write its intent is committed with the renewed lease, after each answer what it proved. What was
certainly not sent leaves no intent behind, what may have arrived leaves one: the next look settles it. A refusal of one
element stops no other; an outage ends the run.
To extend: what is sent for an act is a method of `ChildListKind`; nothing here knows of addresses or accounts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic

from django.utils import timezone

from syncapp.core.child_lists.answers import (
    after_espocrm,
    after_refusal,
    final_links,
    is_not_taken,
    is_partly_agreed,
    not_sent,
)
from syncapp.core.child_lists.shapes import (
    Act,
    CaseCode,
    ChildOperation,
    ChildPlan,
    ChildReport,
    ItemStatus,
    OpenCase,
    PairLink,
    V,
)
from syncapp.core.sides import Side
from syncapp.engine.runs.failures import of_remote
from syncapp.engine.runs.run import Failed, RunLog, Written
from syncapp.engine.runs.steps import Finished
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts.child_lists.kind import ChildListKind
from syncapp.entities.beteiligte.parts.child_lists.marks import marks_for, with_number
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.child_lists.store import keep_links
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.remotes.http.errors import (
    Duplicate,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    RemoteError,
    Transient,
    VersionConflict,
)

REFUSALS = (Invalid, Forbidden, Duplicate)
# It has moved, or is gone, since it was read: planned anew by the next look. Advoware has no versions: what it does not
# find, though it shows it, it may never find (another field is its number there), so that look has to wait its turn.
MOVED = (VersionConflict, NotFound)


@dataclass
class ChildWrites(Generic[V]):
    """What the writes have come to. outcomes: the link that each operation leaves, by its place in the plan.

    reports: what answers showed beside it. owed: something is left that people are told of by the next plan.
    """

    outcomes: dict[int, PairLink[V] | None] = field(default_factory=dict)
    refused: list[tuple[ChildOperation[V], RemoteError]] = field(default_factory=list)
    not_taken: list[OpenCase] = field(default_factory=list)
    reports: list[ChildReport] = field(default_factory=list)
    moved: bool = False
    not_found: RemoteError | None = None
    owed: bool = False
    wrote_advoware: bool = False
    counts: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def cases(self) -> tuple[OpenCase, ...]:
        """What was refused, or not taken as it was sent, in this run; the next plan finds it in the links."""
        refused = tuple(
            OpenCase(CaseCode.refused, 20, one.espo_id, one.entry_id, {"by": str(one.side), "field": _field(error)})
            for one, error in self.refused
        )
        return (*refused, *self.not_taken)

    @property
    def states(self) -> dict[str, ItemStatus]:
        """What their items' marks say of them."""
        unclean = {one.espo_id: ItemStatus.unclean for one in self.not_taken if one.espo_id is not None}
        failed = {one.espo_id: ItemStatus.failed for one, _error in self.refused if one.espo_id is not None}
        return unclean | failed

    def has_moved(self, step: str, operation: ChildOperation[V], error: RemoteError) -> None:
        if operation.side is Side.espocrm:
            self.moved = True
            return
        self.not_found = error
        self.count(step, "failed", error.status)

    def check_answer(self, operation: ChildOperation[V], after: PairLink[V] | None) -> None:
        if after is not None and is_not_taken(operation, after):
            self.not_taken.append(OpenCase(CaseCode.not_taken, operation.row, after.espo_id, after.entry_id))
        if after is not None and is_partly_agreed(operation, after):
            self.owed = True

    def count(self, name: str, what: str, status: int | None = None) -> None:
        counted = self.counts[name]
        counted[what] = counted.get(what, 0) + 1
        if status is not None:
            counted["status"] = status


def _field(error: RemoteError) -> str:
    return str(error.field or "") if isinstance(error, Invalid) else ""


def carry_out(
    kind: ChildListKind[V],
    context: Context,
    log: RunLog,
    snapshot: ListSnapshot[V],
    plan: ChildPlan[V],
) -> ChildWrites[V] | Finished:
    """Every write of the plan but those that the record's PATCH carries. Finished: an outage."""
    done = ChildWrites[V]()
    try:
        for place, operation in enumerate(plan.operations):
            if plan.record_fields and operation.side is Side.espocrm:
                # Sent with the record; its intent is committed with the others.
                done.outcomes[place] = operation.intent
                continue
            failed = _one(kind, context, log, snapshot, plan, place, done)
            if failed is not None:
                return Finished(failed)
    finally:
        if done.counts:
            log.add_round({step: dict(count) for step, count in done.counts.items()})
    if plan.record_fields and plan.of_side(Side.espocrm):
        _commit(kind, context, final_links(plan, done.outcomes), before=True)
    return done


def _one(
    kind: ChildListKind[V],
    context: Context,
    log: RunLog,
    snapshot: ListSnapshot[V],
    plan: ChildPlan[V],
    place: int,
    done: ChildWrites[V],
) -> Failed | None:
    """One write; why the run has to end, if it has."""
    operation = plan.operations[place]
    step = f"{plan.name}.{operation.act}"
    _commit(kind, context, final_links(plan, {**done.outcomes, place: operation.intent}), before=True)
    try:
        if operation.side is Side.advoware:
            done.outcomes[place] = kind.to_advoware(context, snapshot, operation, done.reports.append)
        else:
            done.outcomes[place] = _to_espocrm(kind, context, snapshot, operation)
    except REFUSALS as error:
        done.outcomes[place] = after_refusal(operation)
        done.refused.append((operation, error))
        done.count(step, "failed", error.status)
    except MOVED as error:
        done.outcomes[place] = not_sent(operation)
        done.has_moved(step, operation, error)
    except OutcomeUnknown as error:
        done.count(step, "failed", error.status)
        return of_remote(error)  # the intent stays as it was committed
    except RemoteError as error:
        _commit(kind, context, final_links(plan, {**done.outcomes, place: not_sent(operation)}))
        if not isinstance(error, Transient):
            raise
        return of_remote(error)
    else:
        done.count(step, "done")
        done.check_answer(operation, done.outcomes[place])
        done.wrote_advoware = done.wrote_advoware or operation.side is Side.advoware
        _note(kind, log, operation, done.outcomes[place])
    _commit(kind, context, final_links(plan, done.outcomes))
    return None


def _to_espocrm(
    kind: ChildListKind[V], context: Context, snapshot: ListSnapshot[V], operation: ChildOperation[V]
) -> PairLink[V] | None:
    """One write there, with the item's status, and the link as its answer leaves it. Raises RemoteError."""
    espocrm, entity_type = context.tools.clients.espocrm, kind.entity_type()
    client, espo_id = espocrm.of_type(entity_type), operation.espo_id or ""
    if operation.act is Act.delete_item:
        client.delete(espo_id)
        return None
    known = remote_metadata.child_attributes(entity_type, espocrm=espocrm)
    marks = marks_for(known, ItemStatus.clean, timezone.now())
    attributes = {**snapshot.names.write_espo(with_number(operation)), **marks}
    if operation.act is Act.create_item:
        answer = client.create({**attributes, kind.link_attribute(): context.row.espo_id}, skip_duplicate_check=True)
    else:
        answer = client.patch(espo_id, attributes, version=snapshot.records[espo_id].version)
    shown = kind.item_as_kept(answer, snapshot)
    return after_espocrm(operation, espo_id=answer.id, shown=shown, version=answer.marker)


def _commit(kind: ChildListKind[V], context: Context, links: Iterable[PairLink[V]], *, before: bool = False) -> None:
    """Commit what is about to be written, or what an answer proved."""
    with context.together():
        if before:
            context.renew()
        else:
            context.answered(updated_at=timezone.now())
        keep_links(context.row, kind.kind, links)


def _note(kind: ChildListKind[V], log: RunLog, operation: ChildOperation[V], after: PairLink[V] | None) -> None:
    """For the history: what that side held as far as we knew, and what it holds now."""

    def line(link: PairLink[V] | None) -> str | None:
        value = None if link is None else link.base_espo if operation.side is Side.espocrm else link.base_advo
        return kind.spelling.of_base(value)

    known = after or operation.intent
    element = known.espo_id or known.entry_id
    old, new = line(operation.intent), line(after)
    if old != new:
        log.written.append(Written(str(operation.side), f"{kind.name}.{element}", old, new))
