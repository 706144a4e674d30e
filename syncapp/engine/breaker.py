"""A breaker for each remote system, shared by all processes through the database.

Invariant: while a breaker is open no run calls its system. When its waiting time is over, one neutral question at a
time (the entity's) decides whether it closes: no record has to be the one that tries, unless nothing else is known.
The row outlives a lost Redis, and a conditional UPDATE elects the probe; docs/decisions says why no library serves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils import timezone

from syncapp.core.faults.errors import Opens, kind_row
from syncapp.core.systems import System
from syncapp.models import Breaker
from syncapp.remotes.http.errors import RemoteError

# As long as the question may last: a token, and two reads that are given up.
PROBE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Gate:
    """What the breakers say to a run: `open_system` set means: do not call.

    failing: systems with failures to forget, with how often they had opened. probes: system -> until when ours.
    """

    open_system: str = ""
    failing: Mapping[str, int] = field(default_factory=dict)
    probes: Mapping[str, datetime] = field(default_factory=dict)


class NobodyToAsk(Exception):
    """No neutral question is known that the system would answer well: the run that holds the probe is the question."""


def admit(*, systems: Sequence[System], troubled: bool = True) -> Gate:
    """Ask before a run. Takes the probe of a breaker whose waiting time has passed; `give_back` returns it.

    systems: whom the run is going to call. troubled: False where the caller has just seen that no breaker counts a
    failure (control.at_the_gate).
    """
    if not troubled:
        return Gate()
    failing: dict[str, int] = {}
    probes: dict[str, datetime] = {}
    for row in Breaker.objects.filter(system__in=systems):
        if row.failures or row.open_until:
            failing[row.system] = row.opens
        if row.open_until is not None:
            until = _take_probe(row.system)
            if until is None:
                give_back(Gate(probes=probes))
                return Gate(open_system=row.system)
            probes[row.system] = until
    return Gate(failing=failing, probes=probes)


def probe(gate: Gate, trouble_of: Callable[[str], RemoteError | None]) -> bool:
    """Ask every system whose probe the gate holds, and close or prolong its breaker; whether all of them may be called.

    trouble_of: puts a neutral question to a system; what is wrong with it, or None. Raises NobodyToAsk.
    """
    for system in gate.probes:
        try:
            trouble = trouble_of(system)
        except NobodyToAsk:
            continue  # open as it is: the run's own calls close or prolong it
        if trouble is not None:
            failed(system=system, kind=trouble.kind, reason=trouble.reason, hint=trouble.hint)
            return False
        succeeded(system, opens=gate.failing[system])
    return True


def probe_those_that_are_due(systems: Iterable[System], trouble_of: Callable[[str], RemoteError | None]) -> None:
    """Every open breaker whose waiting time is over gets its question; a probe that proved nothing is given back."""
    for system in systems:
        gate = admit(systems=[system])
        try:
            probe(gate, trouble_of)
        finally:
            give_back(gate)


def try_at_once(system: str) -> bool:
    """A person wants it tried now; False if it is not open. A wait that is cut short is not doubled for it."""
    rows = Breaker.objects.filter(system=system, open_until__isnull=False)
    return bool(rows.update(open_until=timezone.now(), opens=Greatest(F("opens") - 1, 0)))


def _take_probe(system: str) -> datetime | None:
    now = timezone.now()
    until = now + timedelta(seconds=PROBE_SECONDS)
    free = Q(probe_until__isnull=True) | Q(probe_until__lt=now)
    taken = Breaker.objects.filter(free, system=system, open_until__lte=now).update(probe_until=until, tried_at=now)
    return until if taken else None


def shorten_waits() -> int:
    """After the clock was set back: nobody waits for longer than a breaker may; how many did."""
    now = timezone.now()
    longest = timedelta(seconds=settings.BREAKER_OPEN_MAX_SECONDS)
    Breaker.objects.filter(probe_until__gt=now + timedelta(seconds=PROBE_SECONDS)).update(probe_until=None)
    return Breaker.objects.filter(open_until__gt=now + longest).update(open_until=now)


def give_back(gate: Gate) -> None:
    """A probe that proved nothing (the system was not asked) is free for the next one."""
    for system, until in gate.probes.items():
        Breaker.objects.filter(system=system, probe_until=until).update(probe_until=None)


def any_open(*, systems: Iterable[str]) -> bool:
    """Whether one of them is not to be called now, probes apart: nothing new is begun then."""
    return Breaker.objects.filter(open_until__gt=timezone.now(), system__in=systems).exists()


def succeeded(system: str, *, opens: int) -> None:
    """A run got a proper answer from the system: closed, everything forgotten.

    opens: as the run found it; a breaker that has opened since knows something newer.
    """
    Breaker.objects.filter(system=system, opens=opens).update(
        failures=0, opens=0, open_since=None, open_until=None, probe_until=None, kind="", reason="", hint=""
    )


def failed(*, system: str, kind: str, reason: str, hint: str = "", answers: Callable[[], bool] | None = None) -> bool:
    """Count a failure; True if the breaker is open now (it was the one too many, or a probe failed).

    hint: what to do about it, where the client knows; shown instead of what is said of the kind.

    answers: asked before the one too many counts: a system that works for others is not away, it is the records that
    fail, each for itself; the count begins anew.
    """
    opens = kind_row(kind).opens
    if opens is Opens.NOTHING:
        return False
    row, _created = Breaker.objects.get_or_create(system=system)
    told = {"kind": kind, "reason": reason[:300], "hint": hint[:300]}
    Breaker.objects.filter(system=system).update(failures=F("failures") + 1, **told)
    row.refresh_from_db()
    if opens is Opens.AT_ONCE or row.open_until is not None:
        _open(row)
        return True
    if row.failures < settings.BREAKER_FAILURES:
        return False
    if answers is not None and answers():
        Breaker.objects.filter(system=system, open_until__isnull=True).update(failures=0, kind="", reason="", hint="")
        return False
    _open(row)
    return True


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
        tried_at=now,
    )
