"""What it means that a call brought no whole answer, and which of those calls are repeated at once.

Invariant: repeated is only what cannot do anything twice: a read whose connection broke before the answer, and any
call but a POST whose connection was never made. (The token request is a POST that may be repeated when never made.)

To extend: a new Failure needs a row in FAILURES; wire.py says which exception and progress make it.
"""

from collections.abc import Mapping
from enum import StrEnum

from syncapp.core.systems import System
from syncapp.remotes.http.errors import Misconfigured, NotSent, OutcomeUnknown, RemoteError, Transient
from syncapp.remotes.http.exchange import Request


class Failure(StrEnum):
    bad_address = "the address is not a usable one"
    unknown_host = "unknown host"
    tls = "no trusted TLS connection"
    never_made = "no connection"
    timed_out = "no answer in time"
    lost = "connection lost before an answer"
    cut = "connection lost within the answer"
    too_large = "the answer is too large"


# failure -> what it means for (a read, a write)
FAILURES: Mapping[Failure, tuple[type[RemoteError], type[RemoteError]]] = {
    Failure.bad_address: (Misconfigured, Misconfigured),
    Failure.unknown_host: (Misconfigured, Misconfigured),
    Failure.tls: (Misconfigured, Misconfigured),
    Failure.never_made: (NotSent, NotSent),
    Failure.timed_out: (Transient, OutcomeUnknown),
    Failure.lost: (Transient, OutcomeUnknown),
    Failure.cut: (Transient, OutcomeUnknown),
    Failure.too_large: (Misconfigured, OutcomeUnknown),
}
FAILURE_HINTS: Mapping[Failure, str] = {
    Failure.bad_address: "check the base address in the settings",
    Failure.unknown_host: "check the base address in the settings, and the name server",
    Failure.tls: "check https and certificate; a certificate of your own goes into REQUESTS_CA_BUNDLE",
}


def is_repeated(request: Request, failure: str) -> bool:
    """Once, at once. `failure`: as an error tells it; "" where an answer came."""
    if failure == Failure.lost:
        return request.method == "GET"
    return failure == Failure.never_made and (request.method != "POST" or not request.effect)


def error_for(system: System, request: Request, failure: Failure, cause: str) -> RemoteError:
    """`cause`: the class name of what was raised below; its text may hold the query, so it is not passed on."""
    cls = FAILURES[failure][request.writes]
    hint = FAILURE_HINTS.get(failure, "")
    return cls(f"{failure} [{cause}]", system=system, operation=request.operation, hint=hint, failure=failure)
