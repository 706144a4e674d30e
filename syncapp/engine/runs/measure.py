"""What a run adds to the figures: how it ended, how long it took, what it called.

Invariant: counting never fails a run and costs it no query (engine/rows/counters.py gathers).
"""

from typing import Any

from syncapp.core.requests import Trigger
from syncapp.engine.rows.counters import CALL_BUCKETS, LAG_BUCKETS, SYNC_BUCKETS, count, observe
from syncapp.engine.runs.run import RunContext
from syncapp.remotes.http.exchange import Call


def measure_run(
    context: RunContext[Any, Any], *, outcome: str, verdict: str, kind: str, counted: bool, lag_seconds: float | None
) -> None:
    """Once a run, when it ends. `lag_seconds`: from the change being seen to both sides being equal."""
    trigger = context.trigger if context.trigger in frozenset(Trigger) else "none"
    count("sync", outcome=outcome, verdict=verdict or "none", trigger=trigger)
    observe("sync_duration_seconds", context.duration_ms / 1000, buckets=SYNC_BUCKETS, action=trigger, outcome=outcome)
    if kind:
        count("sync_errors", kind=kind)
    if counted:
        count("sync_retries")
    if lag_seconds is not None:
        observe("sync_lag_seconds", lag_seconds, buckets=LAG_BUCKETS)
    for call in context.calls.calls:
        measure_call(call)


def measure_call(call: Call) -> None:
    """One request to a remote system."""
    count("remote_calls", system=call.system, method=call.method, status=call.status or call.kind or "none")
    observe("remote_call_duration_seconds", call.seconds, buckets=CALL_BUCKETS, system=call.system, method=call.method)
