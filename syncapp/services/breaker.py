"""A breaker for each remote system, shared by all processes through the database.

Invariant: while a breaker is open no run calls its system, except one probe at a time; a probe that works closes it.
The row outlives a lost Redis, and a conditional UPDATE elects the probe; docs/decisions says why no library serves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from syncapp.core.retry import Opens, kind_row
from syncapp.models import Breaker

SYSTEMS = ("espocrm", "advoware")
PROBE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gate:
    """What the breakers say to a run: `open_system` set means: do not call. `failing` have failures to forget."""

    open_system: str = ""
    open_until: datetime | None = None
    failing: frozenset[str] = frozenset()


def admit() -> Gate:
    """Ask before a run. Takes the probe of a breaker whose waiting time has passed."""
    failing: set[str] = set()
    for row in Breaker.objects.filter(system__in=SYSTEMS):
        if row.failures or row.open_until:
            failing.add(row.system)
        if row.open_until is not None and not _take_probe(row.system):
            return Gate(open_system=row.system, open_until=row.open_until)
    return Gate(failing=frozenset(failing))


def _take_probe(system: str) -> bool:
    now = timezone.now()
    return bool(
        Breaker.objects.filter(
            Q(probe_until__isnull=True) | Q(probe_until__lt=now), system=system, open_until__lte=now
        ).update(probe_until=now + timedelta(seconds=PROBE_SECONDS))
    )


def succeeded(system: str) -> None:
    """A run got a proper answer from the system: closed, everything forgotten."""
    Breaker.objects.filter(system=system).update(
        failures=0, opens=0, open_since=None, open_until=None, probe_until=None, kind="", reason=""
    )


def failed(*, system: str, kind: str, reason: str) -> bool:
    """Count a failure; True if the breaker is open now (it was the one too many, or a probe failed)."""
    opens = kind_row(kind).opens
    if opens is Opens.NOTHING:
        return False
    row, _created = Breaker.objects.get_or_create(system=system)
    Breaker.objects.filter(system=system).update(failures=F("failures") + 1, kind=kind, reason=reason[:300])
    row.refresh_from_db()
    if opens is Opens.AT_ONCE or row.open_until is not None or row.failures >= settings.BREAKER_FAILURES:
        _open(row)
        return True
    return False


def _open(row: Breaker) -> None:
    """Open for a minute, then twice as long each time a probe fails, up to the maximum."""
    now = timezone.now()
    if row.open_until is not None and row.open_until > now:
        return
    seconds = min(settings.BREAKER_OPEN_SECONDS * 2**row.opens, settings.BREAKER_OPEN_MAX_SECONDS)
    Breaker.objects.filter(system=row.system, opens=row.opens).update(
        opens=F("opens") + 1,
        open_since=row.open_since or now,
        open_until=now + timedelta(seconds=seconds),
        probe_until=None,
    )
