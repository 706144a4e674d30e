"""Reaching a remote system: what an error says about address, certificate, login and clock."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone

from syncapp.core.systems import System
from syncapp.operations.doctor.shapes import Found
from syncapp.remotes.http.errors import Misconfigured, RemoteError, Transient
from syncapp.remotes.http.failures import Failure
from syncapp.words import reasons

CLOCK_RED, CLOCK_YELLOW = 300, 30


def reaching_fault(error: RemoteError | None, *, system: System, address: str) -> Found | None:
    """What keeps us from talking to the system at all; None where it answers, be it with a refusal."""
    if error is None or not isinstance(error, Misconfigured | Transient):
        return None
    host = urlsplit(address).hostname or address
    params = {**in_words(error), "host": host, "address": address}
    if error.reason.startswith(Failure.unknown_host):
        return Found(f"{system}_unknown_host", params)
    if error.reason.startswith(Failure.tls):
        return Found(f"{system}_tls", params)
    if isinstance(error, Misconfigured):
        return Found(f"{system}_strange", params)
    return Found(f"{system}_unreachable", params)


def in_words(error: RemoteError) -> dict[str, str]:
    """Reason and hint as people read them; the clients' own are English and for logs."""
    return {"reason": reasons.told(error.reason), "hint": reasons.told(error.hint)}


def clock_faults(name: str, theirs: datetime | None) -> Iterator[Found]:
    """Their time, such as that of an answer's Date header, against our clock; nothing where they told none."""
    if theirs is None:
        return
    off = abs((timezone.now() - theirs).total_seconds())
    if off > CLOCK_YELLOW:
        code = "clock_off" if off > CLOCK_RED else "clock_skewed"
        yield Found(code, {"system": name, "seconds": int(off)})
