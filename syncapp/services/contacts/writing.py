"""The plan's writes to Advoware, one after the other.

Invariant: the lease is renewed before each write and the link committed after each answer. A refusal of one entry stops
nothing else; what leaves the outcome open ends the run, and the next one settles it from the committed intent.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from syncapp.clients.advoware import Kommunikation
from syncapp.clients.errors import Forbidden, Invalid, NotFound, RemoteError
from syncapp.core.contacts import Answered, ContactPlan, Entry, Link, Operation, PostEntry, ReportCode, after_answer
from syncapp.models import Conflict
from syncapp.services.apply import commit_answer, renew_run
from syncapp.services.contacts.reading import entry_of
from syncapp.services.contacts.store import keep_links
from syncapp.services.run import LookAgain, Run, Written


@dataclass
class Done:
    """What the writes have come to: answers in their order, refused operations, the entries as they are now."""

    entries: dict[int, Entry]
    links: tuple[Link, ...]
    answers: list[Answered] = field(default_factory=list)
    failed: list[Operation] = field(default_factory=list)
    error: RemoteError | None = None
    counts: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    row_id_missing: bool = False


def write_all(run: Run, bet_nr: int, plan: ContactPlan, entries: tuple[Entry, ...]) -> Done:
    """Carry out every write of the plan; all links and intents are committed before the first one."""
    done = Done(entries={entry.id: entry for entry in entries}, links=plan.links_before)
    if not plan.writes:
        return done
    with transaction.atomic():
        renew_run(run)
        keep_links(run.record, plan.links_before)
        _log_lost_values(run, plan)
    for operation in plan.writes:
        todo: Operation | None = operation
        while todo is not None:
            todo = _one(run, bet_nr, todo, done)
    return done


def _one(run: Run, bet_nr: int, operation: Operation, done: Done) -> Operation | None:
    """One write; the follow-up that its answer asks for, if any."""
    renew_run(run)
    try:
        answer = _send(run, bet_nr, operation, done)
    except NotFound:
        raise LookAgain from None
    except (Forbidden, Invalid) as refusal:
        done.failed.append(operation)
        done.error = refusal
        _tally(done, operation, "failed")
        done.counts[operation.variant]["status"] = refusal.status
        return None
    _note(run, operation, done.entries.get(answer.id), answer)
    done.entries[answer.id] = answer
    done.row_id_missing = done.row_id_missing or answer.row_id is None
    answered = after_answer(operation, answer)
    done.answers.append(answered)
    others = tuple(link for link in done.links if link != operation.intent and link.entry_id != answer.id)
    done.links = (*others, answered.link)
    with transaction.atomic():
        commit_answer(run, updated_at=timezone.now())
        keep_links(run.record, done.links)
    _tally(done, operation, "done")
    return answered.follow_up


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
    current = Kommunikation(known.id, known.row_id, known.tlf, known.bemerkung, known.komm_kz or 0, bool(known.online))
    after = client.update_kommunikation(bet_nr, current, tlf=write.tlf, bemerkung=write.bemerkung, online=write.online)
    return replace(entry_of(after), komm_kz=known.komm_kz)


def _tally(done: Done, operation: Operation, what: str) -> None:
    counts = done.counts[operation.variant]
    counts[what] = counts.get(what, 0) + 1


def _note(run: Run, operation: Operation, before: Entry | None, after: Entry) -> None:
    """For the history: only a changed value counts, a marker alone is no change of a person's data."""
    old, new = before.tlf if before else None, after.tlf
    if (old or None) != (new or None):
        run.written.append(Written("advoware", f"kommunikation.{after.id}", old, new))


def _log_lost_values(run: Run, plan: ContactPlan) -> None:
    """A value that EspoCRM overrules is in the conflict log before it is overwritten."""
    logged = set(
        Conflict.objects.filter(record=run.record, attempt_started=run.started_at).values_list("field", "advo")
    )
    lost = [report for report in plan.reports if report.code is ReportCode.lost_value]
    Conflict.objects.bulk_create(
        Conflict(
            record=run.record,
            attempt_started=run.started_at,
            field=f"kommunikation.{report.entry_id}",
            case=report.code,
            advo=report.params.get("value"),
            policy="espocrm_wins",
            kept="espocrm",
        )
        for report in lost
        if (f"kommunikation.{report.entry_id}", report.params.get("value")) not in logged
    )
