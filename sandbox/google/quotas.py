"""How much an account may do: requests in a sliding minute, new calendars and events at all. In memory."""

import threading
import time
from collections import defaultdict, deque

from sandbox.google.reasons import GoogleRefusal
from sandbox.switches import switches

MINUTE = 60.0
_lock = threading.Lock()
_requests: dict[str, deque[float]] = defaultdict(deque)
_made: dict[tuple[str, str], int] = defaultdict(int)


def count_request(account: str) -> None:
    """Refused beyond the allowance of a minute; a refused one counts as well, as it does at Google."""
    allowed = int(str(switches("google")["per_minute"]))
    now = time.monotonic()
    with _lock:
        kept = _requests[account]
        while kept and kept[0] <= now - MINUTE:
            kept.popleft()
        kept.append(now)
        over = len(kept) > allowed
    if over:
        raise GoogleRefusal(str(switches("google")["rate_reason"]))


def count_made(account: str, what: str) -> None:
    """One more calendar or event: `what` is the name of its switch. What exists can be changed all the same."""
    allowed = switches("google")[what]
    with _lock:
        if isinstance(allowed, int) and _made[account, what] >= allowed:
            raise GoogleRefusal("quotaExceeded")
        _made[account, what] += 1


def forget() -> None:
    with _lock:
        _requests.clear()
        _made.clear()
