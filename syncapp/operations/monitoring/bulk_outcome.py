"""What came of an act on many records: where each of them stands now, as seen, not as hoped.

Invariant: a record counts as equal only if a run after the request has seen both sides equal: a request makes it dirty
in the same transaction. Records that a later act has asked for again are told by that one.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils.translation import gettext as _

from syncapp.core.faults.errors import MENDS_ITSELF, ErrorKind
from syncapp.core.states import Status
from syncapp.models import BulkAction, BulkState, Control, SyncRecord
from syncapp.operations.monitoring import partition
from syncapp.words.monitoring.heaps import HEAPS, kind_code
from syncapp.words.time_format import clock

# Heaps whose records will move on by themselves.
UNDER_WAY = ("waiting", "late", "syncing", "stuck")
TRIED_AGAIN = tuple(kind_code(kind) for kind in sorted({*MENDS_ITSELF, ErrorKind.BUG}))


@dataclass(frozen=True, slots=True)
class Line:
    """So many of the records stand here. `heap`: the code of the heap, which is the filter of the list as well."""

    heap: str
    label: str
    number: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class BulkSummary:
    """`asked`: for so many records a run was asked for; `elsewhere`: asked for again by a later act."""

    asked: int
    equal: int
    lines: tuple[Line, ...]
    elsewhere: int
    moving: bool


def outcome(bulk: BulkAction, *, now: datetime, switches: Control) -> BulkSummary:
    """Three queries, however many records."""
    records = SyncRecord.objects.filter(asked_by=bulk)
    numbers = partition.counted(records=records, now=now, switches=switches)
    lines = tuple(
        Line(code, str(HEAPS[code]), number, _hint(code, bulk, now)) for code, number in numbers.items() if number
    )
    under_way = any(numbers[code] for code in (*UNDER_WAY, *TRIED_AGAIN))
    return BulkSummary(
        asked=bulk.done,
        equal=numbers["equal"],
        lines=tuple(sorted(lines, key=lambda line: line.heap != "equal")),
        elsewhere=max(0, bulk.done - sum(numbers.values())),
        moving=bulk.state == BulkState.RUNNING or under_way,
    )


def _hint(code: str, bulk: BulkAction, now: datetime) -> str:
    """Until when: the first of them that is tried again."""
    if code not in TRIED_AGAIN:
        return ""
    failed = SyncRecord.objects.filter(asked_by=bulk, status=Status.FAILED, kind=code.removeprefix("failed_"))
    first = failed.aggregate(at=Min("next_retry_at"))["at"]
    if first is None or first <= now:
        return _("tried again by itself")
    return _("tried again by itself, the first at %(time)s") % {"time": clock(first, now=now)}
