"""The installation at a glance: counts by status, what waits longest, queues, breakers, the last sweep.

Invariant: a few indexed queries and one look at Redis; nothing is changed and no remote system is asked.
To extend: a further figure is a line in `overview`.
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from syncapp.engine import control, job_queue
from syncapp.entities.beteiligte.probes.recheck import round_length
from syncapp.models import Breaker, Guard, Heartbeat, RecordCount, Sweep, SyncRecord
from syncapp.operations.monitoring import attention
from syncapp.words.monitoring.heaps import kind_code
from syncapp.words.sentences import KINDS


def overview() -> dict[str, Any]:
    """As `sync_status --json` shows it; times are ISO texts or None."""
    now = timezone.now()
    switches = control.switches()
    counts = attention.counted(now=now, switches=switches)
    oldest = _oldest()
    return {
        "at": now.isoformat(),
        "mode": switches.mode,
        "reason": switches.reason,
        "held_sides": list(switches.held_sides),
        "live_since": _iso(switches.live_since),
        "records": RecordCount.objects.by_status(hold=""),  # without those that somebody holds
        "failed_by_kind": {kind: number for kind in KINDS if (number := counts.heaps[kind_code(kind)])},
        "oldest_unsynced": _iso(oldest),
        "oldest_unsynced_seconds": None if oldest is None else int((now - oldest).total_seconds()),
        "open_conflicts": counts.conflicts,
        "open_deletions": counts.deletions,
        "open_child_tasks": counts.children,
        "queues": job_queue.all_waiting(),
        "breakers": {row.system: _breaker(row) for row in Breaker.objects.all()},
        "guards": {row.sort: row.blocked_at.isoformat() for row in Guard.objects.all() if row.blocked_at is not None},
        "last_sweep": _sweep(),
        "heartbeats": {row.name: row.at.isoformat() for row in Heartbeat.objects.all()},
        "full_round_seconds": int(round_length().total_seconds()),
    }


def _oldest() -> datetime | None:
    waiting = SyncRecord.objects.filter(dirty_since__isnull=False, hold="").order_by("dirty_since")
    return waiting.values_list("dirty_since", flat=True).first()


def _breaker(row: Breaker) -> dict[str, Any]:
    return {
        "open": row.open_until is not None,
        "since": _iso(row.open_since),
        "next_probe": _iso(row.open_until),
        "kind": row.kind,
        "reason": row.reason,
    }


def _sweep() -> dict[str, Any] | None:
    row = Sweep.objects.order_by("-started_at").first()
    if row is None:
        return None
    return {
        "started": _iso(row.started_at),
        "finished": _iso(row.finished_at),
        "counts": row.counts,
        "fault": row.fault,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
