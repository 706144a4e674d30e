"""A machine's clock that was ahead and has been set right: what was put off until a moment of the false time.

Invariant: nothing waits for longer from now than it may ever wait; what waits for no longer is left as it is, so that
doing this twice, or on one of two machines whose clocks differ, makes nothing due before its time.
The dispatcher notices by its own last beat, which lies ahead; without a jump that costs nothing.
To extend: another kind of wait is one more line of `shorten_waits`.
"""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from syncapp.core.faults.retry import backoff
from syncapp.core.states import Status
from syncapp.engine import breaker, guards, registry
from syncapp.engine.runs.failures import limits
from syncapp.models import LeasedRow

log = logging.getLogger("advosync.clock")

# Clocks of several machines may differ by less without anybody's fault.
TOLERATED = timedelta(minutes=2)


def noticed(last_beat: datetime | None) -> bool:
    """Whether the last beat lies ahead of the clock; then all waits are shortened to what they may be."""
    ahead = last_beat - timezone.now() if last_beat else timedelta()
    if ahead < TOLERATED:
        return False
    log.warning("clock_set_back", extra={"seconds": int(ahead.total_seconds()), "rows": shorten_waits()})
    return True


def shorten_waits() -> int:
    """Breakers, confirmed guards, and retries of all kinds of rows; how many waited for too long."""
    rows = sum(_shorten_retries(entity.model) for entity in registry.entities())
    return breaker.shorten_waits() + guards.shorten_confirmations() + rows


def _shorten_retries(model: type[LeasedRow]) -> int:
    now, allowed = timezone.now(), limits()
    failed, shortened = model._default_manager.filter(status=Status.FAILED), 0
    for count in range(allowed.max_retries):
        latest = now + backoff(max(count, 1), minutes=allowed.minutes, jitter=1)
        shortened += failed.filter(retry_count=count, next_retry_at__gt=latest).update(next_retry_at=latest)
    reset = now + timedelta(hours=allowed.auto_reset_hours)
    return shortened + model._default_manager.filter(auto_reset_at__gt=reset).update(auto_reset_at=reset)
