"""A breaker for each remote system, shared by all processes through the database.

Invariant: while a breaker is open no run calls its system, except one probe at a time; a probe that works closes it.
The row outlives a lost Redis, and a conditional UPDATE elects the probe; docs/decisions says why no library serves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from syncapp.core.errors import Opens, kind_row
from syncapp.core.systems import System
from syncapp.models import Breaker

SYSTEMS = tuple(System)
PROBE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Gate:
    """What the breakers say to a run: `open_system` set means: do not call.

    failing: systems with failures to forget, with how often they had opened. probes: system -> until when ours.
    """

    open_system: str = ""
    open_until: datetime | None = None
    failing: Mapping[str, int] = field(default_factory=dict)
    probes: Mapping[str, datetime] = field(default_factory=dict)


def admit(*, troubled: bool = True) -> Gate:
    """Ask before a run. Takes the probe of a breaker whose waiting time has passed; `give_back` returns it.

    troubled: False where the caller has just seen that no breaker counts a failure (control.at_the_gate).
    """
    if not troubled:
        return Gate()
    failing: dict[str, int] = {}
    probes: dict[str, datetime] = {}
    for row in Breaker.objects.filter(system__in=SYSTEMS):
        if row.failures or row.open_until:
            failing[row.system] = row.opens
        if row.open_until is not None:
            until = _take_probe(row.system)
            if until is None:
                give_back(Gate(probes=probes))
                return Gate(open_system=row.system, open_until=row.open_until)
            probes[row.system] = until
    return Gate(failing=failing, probes=probes)


def _take_probe(system: str) -> datetime | None:
    now = timezone.now()
    until = now + timedelta(seconds=PROBE_SECONDS)
    free = Q(probe_until__isnull=True) | Q(probe_until__lt=now)
    taken = Breaker.objects.filter(free, system=system, open_until__lte=now).update(probe_until=until)
    return until if taken else None


def give_back(gate: Gate) -> None:
    """A probe that proved nothing (the record was not due, or the system was not asked) is free for the next run."""
    for system, until in gate.probes.items():
        Breaker.objects.filter(system=system, probe_until=until).update(probe_until=None)


def is_open(system: str) -> bool:
    """Whether the system is not to be called now, probes apart."""
    return Breaker.objects.filter(system=system, open_until__gt=timezone.now()).exists()


def any_open() -> bool:
    """Whether a system is not to be called now: nothing new is begun then, its probe belongs to a record."""
    return Breaker.objects.filter(open_until__gt=timezone.now()).exists()


def succeeded(system: str, *, opens: int) -> None:
    """A run got a proper answer from the system: closed, everything forgotten.

    opens: as the run found it; a breaker that has opened since knows something newer.
    """
    Breaker.objects.filter(system=system, opens=opens).update(
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
