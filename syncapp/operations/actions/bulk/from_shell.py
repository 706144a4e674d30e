"""Acts on many records from the command line: chosen by what they are, done in the foreground, one log row each time.

Invariant: the same acts, portions and log rows as in the admin; what a stopped command leaves undone is finished by a
worker, because the records were fixed before the first was touched. Looking at a choice changes nothing.
To extend: a further way to choose is a field of Choice and a line in `chosen`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation

from syncapp.models import BulkAction, BulkState, SyncRecord
from syncapp.operations.actions import ACTIONS
from syncapp.operations.actions.bulk import many
from syncapp.words.plain_errors import PlainError


@dataclass(frozen=True, slots=True)
class Selection:
    """Which records: all conditions that are given have to hold. `since`: looked at or changed since; `before`: last
    looked at before that."""

    statuses: Sequence[str] = ()
    kinds: Sequence[str] = ()
    since: datetime | None = None
    before: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class SelectionResult:
    """What came of it: how many were chosen and done, and {why not: how many}."""

    total: int
    done: int
    refused: dict[str, int]


def chosen(choice: Selection) -> list[int]:
    """The records, those that wait longest first."""
    records = SyncRecord.objects.all()
    if choice.statuses:
        records = records.filter(status__in=choice.statuses)
    if choice.kinds:
        records = records.filter(kind__in=choice.kinds)
    if choice.since is not None:
        records = records.filter(Q(last_check__gte=choice.since) | Q(dirty_since__gte=choice.since))
    if choice.before is not None:
        records = records.filter(Q(last_check__lt=choice.before) | Q(last_check=None))
    ids = records.order_by(F("last_check").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    return list(ids if choice.limit is None else ids[: choice.limit])


def names(record_ids: Sequence[int], *, most: int = 10) -> list[str]:
    """EspoCRM ids of the first few, for people who want to see what was chosen."""
    rows = dict(SyncRecord.objects.filter(pk__in=record_ids[:most]).values_list("pk", "espo_id"))
    return [rows[pk] for pk in record_ids[:most] if pk in rows]


def do_to_all(
    *, code: str, record_ids: Sequence[int], actor: str, reason: str = "", seen: Callable[[int], None] | None = None
) -> SelectionResult:
    """One act on all of them, now. Asked for in portions that one row can hold."""
    if code not in ACTIONS:
        raise PlainError(f"there is no act {code!r}")
    total, done, refused = 0, 0, Counter[str]()
    for start in range(0, len(record_ids), many.MOST):
        bulk = _begun(code, list(record_ids[start : start + many.MOST]), actor, reason)
        many.work(bulk_id=bulk.pk, seen=None if seen is None else _from(start, seen))
        bulk.refresh_from_db()
        total, done = total + bulk.total, done + bulk.done
        refused.update(bulk.refused)
    return SelectionResult(total, done, refused)


def _begun(code: str, ids: list[int], actor: str, reason: str) -> BulkAction:
    return BulkAction.objects.create(
        code=code,
        ids=ids,
        total=len(ids),
        actor=actor,
        reason=reason,
        state=BulkState.RUNNING,
        moved_at=timezone.now(),
        language=translation.get_language() or settings.LANGUAGE_CODE,
    )


def _from(start: int, seen: Callable[[int], None]) -> Callable[[int], None]:
    return lambda position: seen(start + position)
