"""The drift report: both sides read and compared field by field, and for each difference whether something explains it.

Invariant: changes nothing on either side and nothing in a record; a report keeps names of fields and reasons, never
values. "Unexpected" means that nothing this installation knows explains the difference: somebody has to look.
To extend: a reason is a row of REASONS (words/monitoring/drift.py) and a line in `_reason`, or in the
`differences` of a part.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from syncapp.core.states import Status
from syncapp.core.three_way_merge import FieldResult, MergeCase
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.models import DriftReport, DriftRow, SyncRecord
from syncapp.operations.previews.bulk_preview import BulkPreview, Pair
from syncapp.words.monitoring.drift import DIFFERS, MISSING, REASONS

PORTION = 200
NOT_SHOWN = frozenset({"hidden", "list_waits"})

# What explains any difference of a record, by the state it is in.
BY_STATUS: dict[str, str] = {
    Status.PENDING_SYNC: "sync_due",
    Status.DIRTY: "sync_due",
    Status.SYNCING: "sync_due",
    Status.FAILED: "failed",
    Status.PERMANENTLY_FAILED: "failed",
}
# What the state of a field says by itself, and what it says where its record's explains nothing.
SAYS_ENOUGH = {
    MergeCase.unchanged: "as_taken",
    MergeCase.unmappable: "no_counterpart",
    MergeCase.not_compared: "company",
    MergeCase.missing: "hidden",
}
CHANGED = (
    *(MergeCase.espo_changed, MergeCase.advo_changed, MergeCase.both_changed),
    *(MergeCase.set_back, MergeCase.filled, MergeCase.late_writer),
)
BY_CASE = {**dict.fromkeys(CHANGED, "changed_since"), MergeCase.decided: "sync_due"}


def compare(
    *, espo_ids: Iterator[str], scope: str, by: str, seen: Callable[[int], None] | None = None
) -> tuple[DriftReport, Iterator[DriftRow]]:
    """Begin a report; the findings come as they are found, and the report is finished with the last one."""
    report = DriftReport.objects.create(by=by, scope=scope)
    return report, _findings(report, espo_ids, seen)


def _findings(report: DriftReport, espo_ids: Iterator[str], seen: Callable[[int], None] | None) -> Iterator[DriftRow]:
    pairs = BulkPreview().pairs(espo_ids)
    while portion := list(islice(pairs, PORTION)):
        judged = [(pair, list(_findings_of(report, pair))) for pair in portion]
        _keep(report, judged)
        for _pair, found in judged:
            yield from found
        if seen is not None:
            seen(report.records)
    report.finished_at = timezone.now()
    report.save()


@transaction.atomic
def _keep(report: DriftReport, judged: Sequence[tuple[Pair, list[DriftRow]]]) -> None:
    for pair, found in judged:
        report.records += 1
        if pair.trouble == "unreadable":
            report.unread += 1
        elif not found:
            report.equal += 1
        elif all(one.expected for one in found):
            report.expected += 1
        else:
            report.unexpected += 1
    report.save()
    DriftRow.objects.bulk_create(one for _pair, found in judged for one in found)


def _findings_of(report: DriftReport, pair: Pair) -> Iterator[DriftRow]:
    """What is not equal in one pair, and why."""
    record = pair.record

    def finding(field: str, state: str, reason: str) -> DriftRow:
        return DriftRow(
            report=report,
            record_id=record.pk,
            espo_id=record.espo_id,
            betnr=pair.betnr,
            field=field,
            state=state,
            reason=reason,
            expected=REASONS[reason].expected,
        )

    trouble = _trouble(pair)
    if trouble:
        yield finding("", MISSING, trouble)
        return
    if pair.reading is None or pair.plan is None or pair.plan.fields is None:
        yield finding("", MISSING, "not_linked")
        return
    for result in pair.plan.fields.comparison.results:
        if result.case is MergeCase.missing or result.espo != result.advo:
            state = MISSING if result.case is MergeCase.missing else DIFFERS
            yield finding(result.field, state, _reason(pair, result))
    for part in PARTS:
        for reason, settles in part.differences(pair.reading.snapshot.parts[part.name], pair.plan.parts[part.name]):
            known = _of_pair(pair, part.name) if settles else ""
            yield finding(part.name, MISSING if reason in NOT_SHOWN else DIFFERS, known or reason)


def _trouble(pair: Pair) -> str:
    if not pair.trouble:
        return ""
    if pair.trouble.startswith("gone_in"):
        known = pair.record.status == pair.trouble.replace("gone_in", "deleted_in")
        return "gone" if known else "gone_unseen"
    return pair.trouble


def _reason(pair: Pair, result: FieldResult) -> str:
    """The state of the field where it says enough, else the state of the record."""
    known = SAYS_ENOUGH.get(result.case) or _of_pair(pair, result.field)
    return known or BY_CASE.get(result.case, "unexplained")


def _of_pair(pair: Pair, field: str) -> str:
    """What its record explains; a sync that may not write settles nothing."""
    known = _of_record(pair.record, field)
    planned_only = known == "sync_due" and pair.plan is not None and not pair.plan.may_write
    return "planned_only" if planned_only else known


def _of_record(record: SyncRecord, field: str) -> str:
    if record.hold:
        return "held"
    if record.pk is None:
        return "sync_due"
    if record.status == Status.CONFLICT and record.conflicts.filter(field=field, open=True).exists():
        return "decision"
    return BY_STATUS.get(record.status, "")


def comparable() -> "QuerySet[SyncRecord]":
    """Every record that is not known to be gone."""
    return SyncRecord.objects.exclude(status=Status.DELETED_IN_ESPOCRM)


def all_ids() -> Iterator[str]:
    """In the order in which they became known."""
    return comparable().order_by("pk").values_list("espo_id", flat=True).iterator(chunk_size=PORTION)


def sample_ids(number: int) -> list[str]:
    """So many by chance."""
    return list(comparable().order_by("?").values_list("espo_id", flat=True)[:number])
