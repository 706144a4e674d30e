"""Acts on many records from the command line: chosen by what they are, done in the foreground, one log row each time.

Invariant: the same acts, portions and log rows as in the admin; what a stopped command leaves undone is finished by a
worker, because the records were fixed before the first was touched. Looking at a choice changes nothing.
To extend: a further way to choose is a parameter of `chosen`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone, translation

from syncapp.models import BulkAction, BulkState, SyncRecord
from syncapp.operations.actions.bulk import many

NAMED = 10


@dataclass(frozen=True, slots=True)
class SelectionResult:
    """What came of it: how many were chosen and done, and {why not: how many}."""

    total: int
    done: int
    refused: dict[str, int]


def chosen(
    *,
    statuses: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: datetime | None = None,
    before: datetime | None = None,
    limit: int | None,
) -> list[int]:
    """The records for which all holds that is given, those that wait longest first.

    since: looked at or changed since; before: last looked at before that.
    """
    wanted = Q(status__in=statuses) if statuses else Q()
    wanted &= Q(kind__in=kinds) if kinds else Q()
    if since is not None:
        wanted &= Q(last_check__gte=since) | Q(dirty_since__gte=since)
    if before is not None:
        wanted &= Q(last_check__lt=before) | Q(last_check=None)
    rows = SyncRecord.objects.filter(wanted).order_by(F("last_check").asc(nulls_first=True), "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def names(record_ids: Sequence[int]) -> list[str]:
    """EspoCRM ids of the first few, for people who want to see what was chosen."""
    first = record_ids[:NAMED]
    rows = dict(SyncRecord.objects.filter(pk__in=first).values_list("pk", "espo_id"))
    return [rows[pk] for pk in first if pk in rows]


def do_to_all(
    *, code: str, record_ids: Sequence[int], actor: str, reason: str, seen: Callable[[int], None]
) -> SelectionResult:
    """One act on all of them, now. Asked for in portions that one row can hold."""
    total, done, refused = 0, 0, Counter[str]()
    for start in range(0, len(record_ids), many.MOST):
        bulk = _begun(code, list(record_ids[start : start + many.MOST]), actor, reason)
        many.work(bulk_id=bulk.pk, seen=_from(start, seen))
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
