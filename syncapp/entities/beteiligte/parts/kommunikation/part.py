"""One run's contact points: plan, write Advoware, and hand over what the PATCH and the closing commit need.

Invariant: runs under the lease of its record, after the master data, in the same run. The hash is written only where
every operation succeeded and nothing was left out; a list that EspoCRM refuses never holds up anything else.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings

from syncapp.core.errors import ErrorKind
from syncapp.core.guards import Sort
from syncapp.core.kommunikation import (
    Accused,
    ContactPlan,
    Entry,
    Form,
    Item,
    Link,
    Medium,
    ReportCode,
    Stop,
    Variant,
    acquitted,
    content_hash,
    final_links,
    is_doubtful,
    likely_culprit,
    relevant_row_ids,
)
from syncapp.core.kommunikation.kinds import item_form
from syncapp.engine import guards
from syncapp.engine.run import Run, Written
from syncapp.engine.run import Stop as RunStop
from syncapp.entities.beteiligte.apply import renew_run
from syncapp.entities.beteiligte.decide import Decision
from syncapp.entities.beteiligte.parts.kommunikation.news import note_news
from syncapp.entities.beteiligte.parts.kommunikation.reading import (
    contact_plan,
    direction_of,
    entries_of,
    items_of,
    links_are_stale,
    lists_json,
)
from syncapp.entities.beteiligte.parts.kommunikation.refusals import LIST_OF, MEDIUM_OF_FIELD, ListRefused, Refusals
from syncapp.entities.beteiligte.parts.kommunikation.store import keep_links
from syncapp.entities.beteiligte.parts.kommunikation.writing import Done, count_done, failure_of, write_all
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.remotes.espocrm.client import EspoRecord
from syncapp.remotes.http.errors import Invalid

REPORT = "contact_"
# Changes that gave way are in the conflict log, and people are told of them.
ON_PAGE = frozenset(ReportCode) - {ReportCode.lost_value}


@dataclass(frozen=True, slots=True)
class PartResult:
    """Lists for the PATCH, the hash (None: leave it), the links to commit (None: leave them), and how it went."""

    plan: ContactPlan
    links: tuple[Link, ...] | None
    entries: tuple[Entry, ...] = ()
    refusals: Refusals = field(default_factory=Refusals)
    komm_hash: str | None = None
    lists: Mapping[str, object] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    wrote: bool = False
    left_over: bool = False
    failure: RunStop | None = None

    @property
    def has_rest(self) -> bool:
        """Whether something good may have been left out for a bad one, and has to be tried by itself."""
        return self.failure is None and bool(self.refusals.unproven)

    @property
    def complete(self) -> bool:
        """Whether everything that this look showed has been dealt with."""
        return self.links is not None and self.failure is None and not self.left_over

    def commit(self, run: Run) -> None:
        """Within the closing transaction: the links as they are proven now, and what the PATCH alone has done."""
        if self.links is not None:
            keep_links(run.record, self.links)
            note_news(run, self.plan)
            self.count(run)

    def count(self, run: Run) -> None:
        """For the history: what needed no write in Advoware, and so was done by the PATCH."""
        count_done(run.summary, Counter(op.variant for op in self.plan.operations if op.write is None))


def carry(run: Run, seen: Snapshot, decision: Decision | None, refusals: Refusals | None = None) -> PartResult:
    """Plan and write Advoware's side; None as decision: the Beteiligter was created in this run.

    Raises what ends the run; a refusal of single entries comes back as `failure`.
    """
    refusals = refusals or Refusals()
    run.direction = direction_of(record=run.record, decision=decision).value
    plan = contact_plan(record=run.record, look=seen, decision=decision, refused=refusals.left_out)
    _report(run, seen, plan, refusals)
    if plan.stopped is not None:
        return _stopped(run, plan)
    if run.control.held_sides:
        run.set_aside = run.set_aside or not plan.is_empty
        return PartResult(plan=plan, links=None)
    _admit(run, plan)
    _brake(run, plan)
    entries = entries_of(seen.advo.kommunikation if seen.advo else ()) or ()
    anew = links_are_stale(record=run.record, decision=decision)
    done = write_all(run, run.record.betnr or 0, plan, entries, links_anew=anew)
    _note_lists(run, seen, plan, refusals)
    return _carried(run, seen, plan, done, refusals)


def _carried(run: Run, seen: Snapshot, plan: ContactPlan, done: Done, refusals: Refusals) -> PartResult:
    """What the writes to Advoware leave to the PATCH and to the closing commit."""
    settled = not done.failed and not refusals.lists
    for medium in sorted(refusals.lists):
        run.summary[LIST_OF[medium]] = {"failed": 1, "status": 200 if medium in refusals.ignored else 400}
    whole = settled and not plan.skipped and not refusals.unproven
    komm_hash = _hash(run, done) if whole else None
    return PartResult(
        plan=plan,
        # A list that is not sent proves nothing: the links stay as Advoware's answers have left them.
        links=None if refusals.lists else acquitted(final_links(plan, done.answers, done.failed), refusals.unproven),
        entries=tuple(done.entries.values()),
        refusals=refusals,
        komm_hash=komm_hash,
        lists=lists_json(_with_proofs(plan, seen, refusals), without=refusals.lists),
        columns={"empty_lists_seen": [], "kommunikation_hash": komm_hash or run.record.kommunikation_hash},
        wrote=bool(done.answers),
        left_over=plan.skipped,
        failure=None if settled else failure_of(done, refusals),
    )


def _with_proofs(plan: ContactPlan, seen: Snapshot, refusals: Refusals) -> ContactPlan:
    """The plan, with a doubtful list sent as it is if all additions to it were left out.

    EspoCRM takes it: one of them was bad. It does not: what stands in it is to blame, and none of them.
    """
    items = items_of(seen.espo.attributes) or ()
    accused = {one.medium for one in refusals.accused}

    def proof(medium: Medium, changed: tuple[Item, ...] | None) -> tuple[Item, ...] | None:
        if changed is not None or medium not in accused or not is_doubtful(items, medium, settings.PHONE_REGION):
            return changed
        return tuple(item for item in items if item.medium is medium)

    return replace(plan, phones=proof(Medium.phone, plan.phones), emails=proof(Medium.email, plan.emails))


def _stopped(run: Run, plan: ContactPlan) -> PartResult:
    """A missing list fails the run after the master data; an empty one has to be seen so a second time."""
    run.report(f"contacts_{plan.stopped}")
    failure = RunStop(ErrorKind.TRANSIENT, "missing_list") if plan.stopped is Stop.missing_list else None
    columns = {"empty_lists_seen": sorted(name.value for name in plan.empty_lists)}
    return PartResult(plan=plan, links=None, columns=columns, left_over=failure is None, failure=failure)


def _admit(run: Run, plan: ContactPlan) -> None:
    """The guard counts each removal of a run once, however often the run has to plan; never on a list row's word."""
    new = _removals(plan) - run.counted
    if new:
        renew_run(run)
        guards.admit(run, sort=Sort.REMOVALS, number=len(new))
        run.counted |= new


def _removals(plan: ContactPlan) -> set[tuple[str, int | None, int]]:
    """By variant and entry; items whose entry is gone have no name here and are numbered."""
    entries = [(operation.variant.value, operation.entry_id) for operation in plan.operations if operation.removes]
    return {(*name, rank) for name, number in Counter(entries).items() for rank in range(number)}


def _brake(run: Run, plan: ContactPlan) -> None:
    """Contact points that both sides keep changing are conflicts of their record like any other."""
    lost = sum(report.code is ReportCode.lost_value for report in plan.reports)
    if lost:
        guards.refuse_oscillation(run, conflicts=lost, planned={})


def _note_lists(run: Run, seen: Snapshot, plan: ContactPlan, refusals: Refusals) -> None:
    """For the history: which contact points EspoCRM gains and loses by the PATCH. The last plan counts."""
    run.pending_notes.clear()
    before = items_of(seen.espo.attributes) or ()
    for medium, after in ((Medium.phone, plan.phones), (Medium.email, plan.emails)):
        if after is not None and medium not in refusals.lists:
            old, new = _values(before, medium), _values(after, medium)
            run.pending_notes += [Written("espocrm", str(medium), value, None) for value in sorted(old - new)]
            run.pending_notes += [Written("espocrm", str(medium), None, value) for value in sorted(new - old)]


def _values(items: tuple[Item, ...], medium: Medium) -> set[str]:
    return {item.value for item in items if item.medium is medium}


def _hash(run: Run, done: Done) -> str:
    """Over the entries as they are now; one GET only where an answer lacked its rowId."""
    entries = tuple(done.entries.values())
    if done.row_id_missing:
        entries = entries_of(run.clients.advoware.get(run.record.betnr or 0).kommunikation) or entries
    return content_hash(relevant_row_ids(entries, settings.PHONE_REGION))


def _report(run: Run, seen: Snapshot, plan: ContactPlan, refusals: Refusals) -> None:
    """What the page shows of this plan, in place of what an earlier one of the same run had to say."""
    run.reports[:] = [report for report in run.reports if not str(report["code"]).startswith(REPORT)]
    values = {entry.id: entry.tlf for entry in (seen.advo.kommunikation if seen.advo else None) or ()}
    blameless = {one.entry_id for one in refusals.accused if one.medium in refusals.lists}
    for report in plan.reports:
        if report.code is ReportCode.refused and report.entry_id in blameless:
            continue
        if report.code in ON_PAGE:
            value = values.get(report.entry_id or 0) or ""
            run.report(f"{REPORT}{report.code}", **{"entry_id": report.entry_id, "value": value, **report.params})


def list_refused(refusal: Invalid, carried: PartResult) -> ListRefused | None:
    """What to leave out after a 400; None if it does not name a list that was sent."""
    medium = MEDIUM_OF_FIELD.get(str(refusal.field))
    if medium is None or LIST_OF[medium] not in carried.lists:
        return None
    before = carried.refusals
    accused = likely_culprit(carried.plan, medium, region=settings.PHONE_REGION, rule=refusal.rule)
    if accused is None:
        return ListRefused(replace(before, lists=before.lists | {medium}), carried.entries)
    return ListRefused(replace(before, accused=(*before.accused, accused)), carried.entries)


def list_not_kept(answer: EspoRecord, seen: Snapshot, carried: PartResult) -> ListRefused | None:
    """What to leave out where EspoCRM took the PATCH, and shows that it did not do what it said; None if it did.

    It drops what the API user may not edit without a word. Taken for synced, the value would then pass for one that
    somebody deleted in EspoCRM. Nothing of a list was kept: the list is at fault, else the additions that are missing.
    """
    refusals, new = carried.refusals, _additions(carried)
    for medium, name in LIST_OF.items():
        sent, shown, before = (
            _forms(shown, name) for shown in (carried.lists, answer.attributes, seen.espo.attributes)
        )
        if sent is None or shown is None or before is None:
            continue
        missing = tuple(one for form, one in new if form.medium is medium and form in sent - shown)
        stuck = (before - sent) & shown
        if missing and not stuck and shown != before:
            refusals = replace(refusals, accused=(*refusals.accused, *missing))
        elif missing or stuck:
            refusals = replace(refusals, lists=refusals.lists | {medium}, ignored=refusals.ignored | {medium})
    if refusals == carried.refusals:
        return None
    now = replace(answer, attributes={**seen.espo.attributes, **answer.attributes})
    return ListRefused(refusals, carried.entries, espo=now)


def _additions(carried: PartResult) -> list[tuple[Form, Accused]]:
    """What the PATCH was to bring to EspoCRM, by normal form, as it stands in Advoware now."""
    tlfs = {entry.id: entry.tlf or "" for entry in carried.entries}
    return [
        (base.form, Accused(base.medium, operation.entry_id, tlfs[operation.entry_id], certain=True))
        for operation in carried.plan.operations
        if operation.variant in (Variant.add_item, Variant.change_item)
        and operation.entry_id is not None
        and operation.done
        and (base := operation.done.base)
    ]


def _forms(attributes: Mapping[str, object], name: str) -> frozenset[Form] | None:
    """The normal forms of one list; None where it is not shown."""
    if not isinstance(attributes.get(name), list):
        return None
    items = items_of({**dict.fromkeys(LIST_OF.values()), name: attributes[name]}) or ()
    return frozenset(item_form(item.medium, item.value, settings.PHONE_REGION) for item in items)
