"""The sweep evaluates the rules; that it does not run any more has to be noticed by somebody else.

The dispatcher does so every minute, and looks at what must not wait for a sweep: a system that is away, a regular job
that keeps failing. Where the clock itself stands still, the web process does, whenever its readiness
is asked for; without anybody asking, only the watcher outside is left (DEADMAN_PING_URL).
Invariant: a probe never waits for a mail server, and however often it asks, people are told by one process at a time.
"""

from datetime import datetime, timedelta
from threading import Thread

from django.db import Error, connection
from django.db.models import Q
from django.utils import timezone

from syncapp.engine import dispatcher
from syncapp.models import Heartbeat
from syncapp.operations.alerts.rules import no_sweep
from syncapp.operations.alerts.telling import tell
from syncapp.operations.alerts.watch import evaluate

# How often the web process looks and tells in their place.
PAUSE = timedelta(minutes=5)
TURN = "silence"


def watch_closely() -> None:
    """For the dispatcher. Where no sweep evaluates the other rules, and tells what could not be told, this does."""
    no_sweep_runs = no_sweep(timezone.now()) is not None
    opened, closed = evaluate(urgent=not no_sweep_runs)
    if opened or closed or no_sweep_runs:
        tell()


def notice_silence() -> Thread | None:
    """For the web process: look and tell beside the request, if neither sweep nor dispatcher runs."""
    now = timezone.now()
    try:
        if no_sweep(now) is None or _dispatcher_runs(now) or not _my_turn(now):
            return None
    except Error:
        return None  # the probe says of the database what there is to say
    beside = Thread(target=_watch, name="silence", daemon=True)
    beside.start()
    return beside


def _dispatcher_runs(now: datetime) -> bool:
    late = dispatcher.late()
    return Heartbeat.objects.filter(pk="dispatcher", at__gt=now - late, at__lt=now + late).exists()


def _my_turn(now: datetime) -> bool:
    _row, created = Heartbeat.objects.get_or_create(pk=TURN, defaults={"at": now})
    over = Q(at__lt=now - PAUSE) | Q(at__gt=now + PAUSE)  # ahead: left before the clock was set back
    return created or Heartbeat.objects.filter(over, pk=TURN).update(at=now) == 1


def _watch() -> None:
    try:
        watch_closely()
    finally:
        connection.close()
