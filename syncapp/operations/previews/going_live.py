"""What going live would mean: how many records wait, and what the shadow has planned for them.

Invariant: reads only our own rows; what the shadow planned was computed by the same code as a live run.
"""

from collections import Counter

from django.conf import settings

from syncapp.core.states import WAITING
from syncapp.models import Attempt, BackfillRun, Outcome, SyncRecord

# Plans are read for so many records at the most: enough for a picture, quick for any installation.
SAMPLE = 5000


def waiting() -> int:
    """How many records a shadow has set aside or has not looked at yet."""
    return SyncRecord.objects.filter(status__in=WAITING).count()


def preview() -> list[str]:
    """Lines for a person who is about to decide."""
    lines = [f"{waiting()} records wait to be synced, {SyncRecord.objects.count()} are known"]
    lines += [f"  planned: {what} for {number} records" for what, number in planned().most_common()]
    if settings.SYNC_ONLY:
        lines.append(f"  a pilot: only {', '.join(settings.SYNC_ONLY)} will be written (SYNC_ONLY)")
    return [*lines, _last_preview()]


def planned() -> Counter[str]:
    """What the newest plan of each record in the shadow would write, by side and field; without personal values."""
    found: Counter[str] = Counter()
    seen: set[int | None] = set()
    plans = Attempt.objects.filter(outcome=Outcome.SHADOW, record__status__in=WAITING)
    for record_id, verdict, names in plans.order_by("-pk").values_list("record_id", "verdict", "fields_changed")[
        :SAMPLE
    ]:
        if record_id not in seen:
            seen.add(record_id)
            found.update({f"{verdict}: {name}" for name in names})
    return found


def _last_preview() -> str:
    row = BackfillRun.objects.filter(preview=True, ended_at__isnull=False).order_by("-ended_at").first()
    if row is None:
        return "  no preview of the first load yet: python manage.py backfill --preview"
    counts = ", ".join(f"{number} {name}" for name, number in row.counts.items())
    return f"  preview of {row.ended_at:%Y-%m-%d %H:%M} UTC: {counts or 'nothing'}"
