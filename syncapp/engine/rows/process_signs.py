"""Signs of life of the processes that run syncs, in the database beside the leases that they hold.

Purpose: a process that was killed leaves a lease of minutes behind; a sign that has stopped tells it within seconds.
Who serves which queue is told in engine/worker_signs.py.
Invariant: only silence of a process that did show life counts, by the database's clock; one that never did (a command,
a page) is given its lease's whole time. To extend: whoever runs syncs for long calls `show_life` every ten seconds.
"""

import secrets
import socket
from datetime import timedelta
from functools import cache
from os import getpid

from django.db.models.functions import Now

from syncapp.models import ProcessSign

# Three beats missed.
SILENT_SECONDS = 30


@cache
def _named(pid: int) -> str:
    """Its own for each start: a container gives the next process the same number."""
    return f"{socket.gethostname()[:60]}:{pid}.{secrets.token_hex(3)}"


def process_name() -> str:
    """Host, process, and what tells this start of it from any other."""
    return _named(getpid())


def show_life() -> None:
    """One beat."""
    if not ProcessSign.objects.filter(pk=process_name()).update(at=Now()):
        ProcessSign.objects.bulk_create([ProcessSign(name=process_name(), at=Now())], ignore_conflicts=True)


def say_farewell() -> None:
    """A process that ends as it should holds nothing any more."""
    forget(process_name())


def forget(name: str) -> None:
    """Nothing is held in this name: its silence has nothing to tell. Should it only have slept, it shows life anew."""
    ProcessSign.objects.filter(pk=name).delete()


def silent() -> list[str]:
    """Processes that have shown life and do not any more.

    A sign of the future is one of the database's clock before it was set back: whoever lives has a new one soon.
    """
    ahead = ProcessSign.objects.filter(at__gt=Now() + timedelta(seconds=SILENT_SECONDS))
    if ahead.exists():
        ahead.update(at=Now())
    quiet = ProcessSign.objects.filter(at__lt=Now() - timedelta(seconds=SILENT_SECONDS))
    return list(quiet.values_list("name", flat=True))
