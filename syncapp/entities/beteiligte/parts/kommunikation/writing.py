"""The plan's writes to Advoware, one after the other.

Invariant: the lease is renewed before each write and the link committed after each answer. A refusal of one entry stops
nothing else but what builds on it; what leaves the outcome open ends the run, and the next one settles it from the
committed intent.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.kommunikation.answers import Answered, after_answer, never_lands, was_lost
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Link, Operation, PostEntry, PutEntry
from syncapp.core.sides import Side
from syncapp.core.spelling.storable import unsendable
from syncapp.core.systems import System
from syncapp.engine.runs.failures import retry_after
from syncapp.engine.runs.run import Failed, RunLog, Written
from syncapp.engine.runs.steps import Finished
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts.kommunikation import refused_points
from syncapp.entities.beteiligte.parts.kommunikation.losses import log_losses, losses
from syncapp.entities.beteiligte.parts.kommunikation.news import note_news
from syncapp.entities.beteiligte.parts.kommunikation.reading import entry_of, kommunikation_of
from syncapp.entities.beteiligte.parts.kommunikation.refused_points import (
    UNSENDABLE,
    RefusedContactPoint,
    refused_lists,
    refused_point,
)
from syncapp.entities.beteiligte.parts.kommunikation.store import keep_links, late_look
from syncapp.remotes.http.errors import Forbidden, Invalid, OutcomeUnknown, RemoteError, Transient

Counts = dict[str, dict[str, Any]]
NONE_REFUSED = Refusals()


@dataclass
class ContactWrites:
    """What the writes have come to: answers in their order, refused operations, the entries as they are now."""

    entries: dict[int, Entry]
    links: tuple[Link, ...]
    answers: list[Answered] = field(default_factory=list)
    failed: list[Operation] = field(default_factory=list)
    points: list[RefusedContactPoint] = field(default_factory=list)
    error: RemoteError | None = None
    counts: Counts = field(default_factory=lambda: defaultdict(dict))
    row_id_missing: bool = False

    def succeeded(self, operation: Operation) -> None:
        count = self.counts[operation.variant]
        count["done"] = count.get("done", 0) + 1

    def refused(self, operation: Operation, error: RemoteError | None) -> None:
        self.failed.append(operation)
        self.error = error or self.error
        count = self.counts[operation.variant]
        count["failed"] = count.get("failed", 0) + 1
        count["status"] = error.status if error else 200

    def names(self, operation: Operation, error: RemoteError) -> None:
        """This very write was refused, not one that it builds on."""
        before = self.entries.get(operation.entry_id) if operation.entry_id is not None else None
        self.points.append(refused_point(operation, before, error))
        self.refused(operation, error)

    def not_taken(self, operation: Operation, answered: Answered, kept: str | None) -> None:
        """Advoware said yes to this write and kept another value; the link that remembers it is the one to keep."""
        sent = operation.write.tlf if operation.write else ""
        self.points.append(refused_points.not_taken(sent, kept or ""))
        self.refused(replace(operation, entry_id=answered.link.entry_id, intent=answered.link), None)

    def lacks(self, operation: Operation) -> bool:
        """Whether a write that this one builds on was refused."""
        return bool(operation.needs & {one.entry_id for one in self.failed})


def write_entries(
    context: Context, log: RunLog, plan: ContactPlan, entries: tuple[Entry, ...], *, links_anew: bool = False
) -> ContactWrites | Finished:
    """Carry out every write of the plan; all links and intents are committed before the first one, be it the PATCH.

    links_anew: they take the place of older ones that proved nothing. Finished: an outage, the outcome is open.
    """
    done = ContactWrites(entries={entry.id: entry for entry in entries}, links=plan.links_before)
    if plan.is_empty and not losses(plan):
        return done
    with transaction.atomic():
        context.renew(**({"kommunikation_hash": ""} if links_anew else {}), **late_look(context.row, plan))
        keep_links(context.row, plan.links_before)
        log_losses(context, plan)
    todo = deque(plan.writes)
    try:
        while todo:
            operation = todo.popleft()
            follow_up = _one(context, log, operation, done)
            if follow_up is not None:
                todo.appendleft(follow_up)
    except Transient as outage:
        lost = operation if isinstance(outage, OutcomeUnknown) else None
        _note_outage(context, done, lost=lost, unsent=todo if lost else [operation, *todo])
        return Finished(failure_of(done, error=outage, awaited=_awaits(context, lost)))
    finally:
        note_news(log, plan, answers=done.answers)
        log.add_round({str(variant): dict(counts) for variant, counts in done.counts.items()})
    return done


def _one(context: Context, log: RunLog, operation: Operation, done: ContactWrites) -> Operation | None:
    """One write; the follow-up that its answer asks for, if any."""
    if done.lacks(operation):
        done.refused(operation, done.error)
        return None
    context.renew()
    try:
        _refuse_unsendable(operation, done)
        answer = _send(context, operation, done)
    except (Forbidden, Invalid, Transient) as error:
        done.names(operation, error)
        if isinstance(error, Transient):
            raise
        return None
    before = done.entries.get(answer.id)
    _note(log, before, answer)
    done.entries[answer.id] = answer
    done.row_id_missing = done.row_id_missing or answer.row_id is None
    answered = after_answer(operation, answer, region=settings.PHONE_REGION, before=before)
    done.answers.append(answered)
    others = tuple(link for link in done.links if link != operation.intent and link.entry_id != answer.id)
    done.links = (*others, answered.link)
    with context.together():
        context.answered(updated_at=timezone.now())
        keep_links(context.row, done.links)
    if answered.taken:
        done.succeeded(operation)
    else:
        done.not_taken(operation, answered, answer.tlf)
    return answered.follow_up


def _note_outage(context: Context, done: ContactWrites, *, lost: Operation | None, unsent: Iterable[Operation]) -> None:
    """What was not sent cannot land later; the next run plans it anew. A POST without an answer is waited for."""
    intents, columns = [operation.intent for operation in unsent], {"updated_at": timezone.now()}
    links = [never_lands(link) if link in intents else link for link in done.links]
    if lost is not None and lost.intent is not None and isinstance(lost.write, PostEntry):
        links = [was_lost(link) if link == lost.intent else link for link in links]
        until = timezone.now() + timedelta(seconds=settings.SYNC_LOCK_TTL_SECONDS)
        columns["late_look_at"] = max(until, context.row.late_look_at or until)
    if tuple(links) != done.links:
        done.links = tuple(links)
        with context.together():
            context.answered(**columns)
            keep_links(context.row, done.links)


def _awaits(context: Context, lost: Operation | None) -> float | None:
    """How long a retry would find that nothing of it may be sent yet."""
    return awaited_seconds(context) if lost is not None and isinstance(lost.write, PostEntry) else None


def awaited_seconds(context: Context) -> float:
    """Until nothing of an earlier write can land any more."""
    until = context.row.late_look_at
    return max((until - timezone.now()).total_seconds(), 0) if until is not None else 0


def _refuse_unsendable(operation: Operation, done: ContactWrites) -> None:
    """What EspoCRM holds and no system should be given is refused here, as Advoware might; its own text goes back."""
    write = operation.write
    known = done.entries.get(write.entry_id) if isinstance(write, PutEntry) else None
    if write is not None and unsendable(write.tlf) and (known is None or known.tlf != write.tlf):
        raise Invalid(UNSENDABLE, system=System.ESPOCRM, operation="GET contact points")


def _send(context: Context, operation: Operation, done: ContactWrites) -> Entry:
    write, bet_nr = operation.write, context.row.betnr or 0
    client = context.tools.clients.advoware
    if isinstance(write, PostEntry):
        made = client.create_kommunikation(
            bet_nr, tlf=write.tlf, bemerkung=write.bemerkung, komm_kz=write.komm_kz, online=write.online
        )
        return entry_of(made)
    if write is None:
        raise ValueError("an operation without a write was to be written")
    current = kommunikation_of(done.entries[write.entry_id])
    after = client.update_kommunikation(bet_nr, current, tlf=write.tlf, bemerkung=write.bemerkung, online=write.online)
    return replace(entry_of(after), komm_kz=done.entries[write.entry_id].komm_kz)


def _note(log: RunLog, before: Entry | None, after: Entry) -> None:
    """For the history: only a changed value counts, a marker alone is no change of a person's data."""
    old, new = before.tlf if before else None, after.tlf
    if (old or None) != (new or None):
        log.written.append(Written(Side.advoware, f"kommunikation.{after.id}", old, new))


def failure_of(
    done: ContactWrites,
    refusals: Refusals = NONE_REFUSED,
    *,
    error: RemoteError | None = None,
    known: Iterable[RefusedContactPoint] = (),
    awaited: float | None = None,
) -> Failed:
    """How the run ends where not everything was taken: what worked stays, and what did not is named.

    known: what was not taken by an earlier run, and not tried again. awaited: seconds for which something that was sent
    may still arrive, so that it is not sent again.
    """
    error = error or done.error
    kind = ErrorKind(error.kind) if error else ErrorKind.VALIDATION
    if awaited is not None:
        kind = ErrorKind.TRANSIENT
    points = [*done.points, *known, *refused_lists(refusals)]
    told = {"points": [asdict(point) for point in points]}
    after = max((one for one in (retry_after(error), awaited) if one is not None), default=None)
    return Failed(kind, "contacts_failed", told, error.system if error else "", after)
