"""What a run adds to the figures: how it ended, how long it took, what it called.

Invariant: counting never fails a run and costs it no query (engine/rows/counters.py gathers).
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from syncapp.core.requests import Trigger
from syncapp.core.states import Event
from syncapp.engine.rows.counters import CALL_BUCKETS, LAG_BUCKETS, SYNC_BUCKETS, count, observe
from syncapp.engine.runs.run import RunContext
from syncapp.engine.runs.steps import RunResult
from syncapp.remotes.http.exchange import Call


def measure_run(
    context: RunContext[Any, Any], result: RunResult, *, verdict: str, equal_since: datetime | None
) -> None:
    """Once a run, when it ends. `equal_since`: when the change was seen, where both sides have become equal."""
    trigger = context.trigger if context.trigger in frozenset(Trigger) else "none"
    outcome, seconds = str(result.outcome), context.duration_ms / 1000
    count("sync", outcome=outcome, verdict=result.verdict or verdict or "none", trigger=trigger)
    observe("sync_duration_seconds", seconds, buckets=SYNC_BUCKETS, action=trigger, outcome=outcome)
    if result.kind:
        count("sync_errors", kind=result.kind)
    if result.event in (Event.RETRY_LATER, Event.RETRIES_USED_UP):
        count("sync_retries")
    if equal_since is not None:
        observe("sync_lag_seconds", (timezone.now() - equal_since).total_seconds(), buckets=LAG_BUCKETS)
    for call in context.calls.calls:
        measure_call(call)


def measure_call(call: Call) -> None:
    """One request to a remote system."""
    count("remote_calls", system=call.system, method=call.method, status=call.status or call.kind or "none")
    observe("remote_call_duration_seconds", call.seconds, buckets=CALL_BUCKETS, system=call.system, method=call.method)
