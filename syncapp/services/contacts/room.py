"""One run's contact points: plan, write Advoware, and hand over what the PATCH and the closing commit need.

Invariant: runs under the lease of its record, after the master data, in the same run. The hash is written only where
every operation succeeded and nothing was left out; what was refused is taken out and the PATCH sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from syncapp.clients.errors import Invalid
from syncapp.core.contacts import (
    ContactPlan,
    Direction,
    Entry,
    Item,
    Link,
    Medium,
    ReportCode,
    Stop,
    content_hash,
    final_links,
    newest_addition,
    relevant_row_ids,
)
from syncapp.core.guards import Sort
from syncapp.services import guards
from syncapp.services.contacts.reading import (
    EMAILS,
    PHONES,
    contact_plan,
    emails_json,
    entries_of,
    items_of,
    phones_json,
)
from syncapp.services.contacts.store import keep_links
from syncapp.services.contacts.writing import Done, write_all
from syncapp.services.look import Look
from syncapp.services.notices import Tell
from syncapp.services.run import Run, Written
from syncapp.services.run import Stop as RunStop

MEDIUM_OF_FIELD = {
    "phoneNumber": Medium.phone,
    PHONES: Medium.phone,
    "emailAddress": Medium.email,
    EMAILS: Medium.email,
}
ON_PAGE = frozenset(ReportCode) - {ReportCode.lost_value}


class ListRefused(Exception):
    """EspoCRM did not take a list. `refused`: the addition to leave out; `entries`: all entries as they are now."""

    def __init__(self, refused: tuple[int, str], entries: tuple[Entry, ...]) -> None:
        super().__init__("EspoCRM refused a contact point")
        self.refused, self.entries = refused, entries


@dataclass(frozen=True, slots=True)
class Carried:
    """Lists for the PATCH, the hash (None: leave it), the links to commit, and how it went."""

    plan: ContactPlan
    links: tuple[Link, ...] | None
    entries: tuple[Entry, ...] = ()
    komm_hash: str | None = None
    lists: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    wrote: bool = False
    left_over: bool = False
    failure: RunStop | None = None
    notices: tuple[Tell, ...] = ()

    def commit(self, run: Run) -> None:
        """Within the closing transaction: the links as they are proven now."""
        if self.links is not None:
            keep_links(run.record, self.links)


def carry(
    run: Run,
    seen: Look,
    *,
    direction: Direction,
    espo_untouched: bool,
    refused: frozenset[tuple[int, str]] = frozenset(),
) -> Carried:
    """Plan and write Advoware's side. Raises what ends the run; a refusal of single entries comes back as `failure`."""
    run.direction = direction.value
    plan = contact_plan(
        record=run.record, look=seen, direction=direction, espo_untouched=espo_untouched, refused=refused
    )
    _report(run, plan)
    if plan.stopped is not None:
        return _stopped(run, plan)
    if run.control.held_sides:
        run.set_aside = run.set_aside or not plan.is_empty
        return Carried(plan=plan, links=None)
    guards.admit(run, sort=Sort.REMOVALS, number=plan.removals)
    entries = entries_of(seen.advo.kommunikation if seen.advo else ()) or ()
    bet_nr = run.record.betnr or 0
    done = write_all(run, bet_nr, plan, entries)
    run.summary = {**run.summary, **{str(variant): counts for variant, counts in done.counts.items()}}
    _note_lists(run, seen, plan)
    komm_hash = _hash(run, bet_nr, plan, done)
    return Carried(
        plan=plan,
        links=final_links(plan, done.answers, done.failed),
        entries=tuple(done.entries.values()),
        komm_hash=komm_hash,
        lists=_lists(plan),
        columns={"empty_lists_seen": [], "kommunikation_hash": komm_hash or run.record.kommunikation_hash},
        wrote=bool(done.answers),
        left_over=plan.skipped,
        failure=_failure(done),
        notices=_notices(plan),
    )


def _stopped(run: Run, plan: ContactPlan) -> Carried:
    """A missing list fails the run after the master data; an empty one has to be seen so a second time."""
    run.report(f"contacts_{plan.stopped}")
    failure = RunStop("transient", "missing_list") if plan.stopped is Stop.missing_list else None
    columns = {"empty_lists_seen": sorted(name.value for name in plan.empty_lists)}
    return Carried(plan=plan, links=None, columns=columns, left_over=failure is None, failure=failure)


def _lists(plan: ContactPlan) -> dict[str, object]:
    lists: dict[str, object] = {}
    if plan.phones is not None:
        lists[PHONES] = phones_json(plan.phones)
    if plan.emails is not None:
        lists[EMAILS] = emails_json(plan.emails)
    return lists


def _note_lists(run: Run, seen: Look, plan: ContactPlan) -> None:
    """For the history: which contact points EspoCRM gains and loses by the PATCH."""
    before = items_of(seen.espo.attributes) or ()
    for medium, after in ((Medium.phone, plan.phones), (Medium.email, plan.emails)):
        if after is not None:
            old, new = _values(before, medium), _values(after, medium)
            run.pending_notes += [Written("espocrm", str(medium), value, None) for value in sorted(old - new)]
            run.pending_notes += [Written("espocrm", str(medium), None, value) for value in sorted(new - old)]


def _values(items: tuple[Item, ...], medium: Medium) -> set[str]:
    return {item.value for item in items if item.medium is medium}


def _hash(run: Run, bet_nr: int, plan: ContactPlan, done: Done) -> str | None:
    """Over the entries as they are now; one GET only where an answer lacked its rowId."""
    if done.failed or plan.skipped:
        return None
    entries = tuple(done.entries.values())
    if done.row_id_missing:
        entries = entries_of(run.clients.advoware.get(bet_nr).kommunikation) or entries
    return content_hash(relevant_row_ids(entries, settings.PHONE_REGION))


def _failure(done: Done) -> RunStop | None:
    """Some entries were refused: what worked stays, the summary says what did not."""
    if done.error is None:
        return None
    stop = RunStop(done.error.kind, "contacts_failed", {"summary": summary_line(done.counts)})
    stop.__cause__ = done.error
    return stop


def summary_line(counts: Mapping[str, Mapping[str, Any]]) -> str:
    """`Var1: 2 succeeded, Var4: 1 failed (403)`"""
    parts = []
    for variant, count in counts.items():
        if count.get("done"):
            parts.append(f"{variant}: {count['done']} succeeded")
        if count.get("failed"):
            parts.append(f"{variant}: {count['failed']} failed ({count.get('status')})")
    return ", ".join(parts)


def _report(run: Run, plan: ContactPlan) -> None:
    for report in plan.reports:
        if report.code in ON_PAGE:
            run.report(f"contact_{report.code}", entry_id=report.entry_id, **report.params)


def _notices(plan: ContactPlan) -> tuple[Tell, ...]:
    changed = [report for report in plan.reports if report.code is ReportCode.type_change]
    return (Tell("contact_type_changed", {"count": len(changed)}),) if changed else ()


def refused_addition(refusal: Invalid, carried: Carried) -> ListRefused | None:
    """Which addition to leave out after a 400 that names one of the lists; None if the lists are not at fault."""
    if refusal.field not in MEDIUM_OF_FIELD or not carried.lists:
        return None
    addition = newest_addition(carried.plan, MEDIUM_OF_FIELD[str(refusal.field)])
    return None if addition is None else ListRefused(addition, carried.entries)
