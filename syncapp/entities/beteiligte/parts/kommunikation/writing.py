"""The plan's writes to Advoware, one after the other.

Invariant: the lease is renewed before each write and the link committed after each answer. A refusal of one entry stops
nothing else but what builds on it; what leaves the outcome open ends the run, and the next one settles it from the
committed intent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from syncapp.core.errors import ErrorKind
from syncapp.core.kommunikation import Answered, ContactPlan, Entry, Link, Operation, PostEntry, PutEntry, after_answer
from syncapp.core.storable import unsendable
from syncapp.core.systems import System
from syncapp.engine.lease import LeaseLost, ask_again
from syncapp.engine.run import LookAgain, Run, Stop, Written
from syncapp.entities.beteiligte.apply import commit_answer, renew_run
from syncapp.entities.beteiligte.parts.kommunikation.losses import log_losses, losses
from syncapp.entities.beteiligte.parts.kommunikation.news import note_news
from syncapp.entities.beteiligte.parts.kommunikation.reading import entry_of
from syncapp.entities.beteiligte.parts.kommunikation.refusals import Refusals
from syncapp.entities.beteiligte.parts.kommunikation.refused_points import (
    UNSENDABLE,
    RefusedPoint,
    refused_lists,
    refused_point,
)
from syncapp.entities.beteiligte.parts.kommunikation.store import keep_links
from syncapp.remotes.advoware.client import Kommunikation
from syncapp.remotes.http.errors import Forbidden, Invalid, NotFound, RemoteError, Transient

Counts = dict[str, dict[str, Any]]
NONE_REFUSED = Refusals()


@dataclass
class Done:
    """What the writes have come to: answers in their order, refused operations, the entries as they are now."""

    entries: dict[int, Entry]
    links: tuple[Link, ...]
    answers: list[Answered] = field(default_factory=list)
    failed: list[Operation] = field(default_factory=list)
    points: list[RefusedPoint] = field(default_factory=list)
    error: RemoteError | None = None
    counts: Counts = field(default_factory=lambda: defaultdict(dict))
    row_id_missing: bool = False

    def succeeded(self, operation: Operation) -> None:
        count = self.counts[operation.variant]
        count["done"] = count.get("done", 0) + 1

    def refused(self, operation: Operation, error: RemoteError) -> None:
        self.failed.append(operation)
        self.error = error
        count = self.counts[operation.variant]
        count["failed"] = count.get("failed", 0) + 1
        count["status"] = error.status

    def names(self, operation: Operation, error: RemoteError) -> None:
        """This very write was refused, not one that it builds on."""
        before = self.entries.get(operation.entry_id) if operation.entry_id is not None else None
        self.points.append(refused_point(operation, before, error))
        self.refused(operation, error)

    def lacks(self, operation: Operation) -> bool:
        """Whether a write that this one builds on was refused."""
        return bool(operation.needs & {one.entry_id for one in self.failed})


def write_all(
    run: Run, bet_nr: int, plan: ContactPlan, entries: tuple[Entry, ...], *, links_anew: bool = False
) -> Done:
    """Carry out every write of the plan; all links and intents are committed before the first one.

    links_anew: they take the place of older ones that proved nothing.
    """
    done = Done(entries={entry.id: entry for entry in entries}, links=plan.links_before)
    if not plan.writes and not losses(plan):
        return done
    with transaction.atomic():
        renew_run(run, **({"kommunikation_hash": ""} if links_anew else {}))
        keep_links(run.record, plan.links_before)
        log_losses(run, plan)
    try:
        for operation in plan.writes:
            _with_follow_ups(run, bet_nr, operation, done)
    finally:
        note_news(run, plan, answers=done.answers)
        _sum_up(run, done)
    return done


def _with_follow_ups(run: Run, bet_nr: int, operation: Operation, done: Done) -> None:
    if done.error is not None and done.lacks(operation):
        done.refused(operation, done.error)
        return
    todo: Operation | None = operation
    while todo is not None:
        todo = _one(run, bet_nr, todo, done)


def _one(run: Run, bet_nr: int, operation: Operation, done: Done) -> Operation | None:
    """One write; the follow-up that its answer asks for, if any."""
    renew_run(run)
    try:
        _refuse_unsendable(operation, done)
        answer = _send(run, bet_nr, operation, done)
    except NotFound:
        raise LookAgain from None
    except (Forbidden, Invalid) as refusal:
        done.names(operation, refusal)
        return None
    except Transient as outage:
        done.names(operation, outage)
        raise failure_of(done) from outage
    _note(run, done.entries.get(answer.id), answer)
    done.entries[answer.id] = answer
    done.row_id_missing = done.row_id_missing or answer.row_id is None
    answered = after_answer(operation, answer)
    done.answers.append(answered)
    others = tuple(link for link in done.links if link != operation.intent and link.entry_id != answer.id)
    done.links = (*others, answered.link)
    commit_links(run, done.links, updated_at=timezone.now())
    done.succeeded(operation)
    return answered.follow_up


def commit_links(run: Run, links: Iterable[Link] | None, **columns: Any) -> None:
    """Commit what an answer proved, links included (None: as they are).

    With a lost lease nothing of it is kept; whoever holds the record now is asked for one more look.
    """
    try:
        with transaction.atomic():
            commit_answer(run, **columns)
            if links is not None:
                keep_links(run.record, links)
    except LeaseLost:
        ask_again(run.lease)  # the same request from within went back with the transaction
        raise


def _refuse_unsendable(operation: Operation, done: Done) -> None:
    """What EspoCRM holds and no system should be given is refused here, as Advoware might; its own text goes back."""
    write = operation.write
    known = done.entries.get(write.entry_id) if isinstance(write, PutEntry) else None
    if write is not None and unsendable(write.tlf) and (known is None or known.tlf != write.tlf):
        raise Invalid(UNSENDABLE, system=System.ESPOCRM, operation="GET contact points")


def _send(run: Run, bet_nr: int, operation: Operation, done: Done) -> Entry:
    write = operation.write
    client = run.clients.advoware
    if isinstance(write, PostEntry):
        made = client.create_kommunikation(
            bet_nr, tlf=write.tlf, bemerkung=write.bemerkung, komm_kz=write.komm_kz, online=write.online
        )
        return entry_of(made)
    if write is None:
        raise ValueError("an operation without a write was to be written")
    known = done.entries[write.entry_id]
    current = Kommunikation(known.id, known.row_id, known.tlf, known.bemerkung, known.komm_kz or 0, known.online)
    after = client.update_kommunikation(bet_nr, current, tlf=write.tlf, bemerkung=write.bemerkung, online=write.online)
    return replace(entry_of(after), komm_kz=known.komm_kz)


def _note(run: Run, before: Entry | None, after: Entry) -> None:
    """For the history: only a changed value counts, a marker alone is no change of a person's data."""
    old, new = before.tlf if before else None, after.tlf
    if (old or None) != (new or None):
        run.written.append(Written("advoware", f"kommunikation.{after.id}", old, new))


def _sum_up(run: Run, done: Done) -> None:
    """Into the history: what was done adds up over a run that plans again, what failed is what failed last."""
    earlier = {variant: counts.get("done", 0) for variant, counts in run.summary.items()}
    run.summary |= {str(variant): dict(counts) for variant, counts in done.counts.items()}
    count_done(run.summary, {variant: earlier.get(str(variant), 0) for variant in done.counts})


def count_done(summary: Counts, more: Mapping[Any, int]) -> None:
    """Add to what a run has done, by variant."""
    for variant, number in more.items():
        if number:
            counts = summary.setdefault(str(variant), {})
            counts["done"] = counts.get("done", 0) + number


def failure_of(done: Done, refusals: Refusals = NONE_REFUSED) -> Stop:
    """How the run ends where not everything was taken: what worked stays, and what did not is named."""
    kind = ErrorKind(done.error.kind) if done.error else ErrorKind.VALIDATION
    points = [*done.points, *refused_lists(refusals)]
    stop = Stop(kind, "contacts_failed", {"points": [point.as_json() for point in points]})
    stop.__cause__ = done.error
    return stop
