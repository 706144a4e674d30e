"""What any remote system says in words: which of it may be logged, and how long it asks to be left alone.

Invariant: `safe_reason` lets through only wordings that are known to hold no values of a person; which those are, each
system's own wording.py says.
"""

import math
import re
from collections.abc import Iterable
from datetime import datetime

from syncapp.remotes.http.errors import without_text
from syncapp.remotes.http.exchange import Answer, http_date

DAY = 86_400.0
DETAIL_LENGTH = 500


def safe_reason(answer: Answer, known: Iterable[re.Pattern[str]]) -> str:
    """The remote reason if its wording is known to hold no values, else a neutral one that names the status."""
    reason = (answer.status_reason or "").strip()
    if any(pattern.fullmatch(reason) for pattern in known):
        return reason
    return f"error {answer.status} with a text of its own" if reason else without_text(answer.status)


def retry_after(header: str, *, now: datetime) -> float | None:
    """Seconds from a Retry-After header (seconds or a date), between 0 and a day; None if absent or unreadable."""
    moment = http_date(header)
    try:
        seconds = (moment - now).total_seconds() if moment else float(header)
    except ValueError:
        return None
    return min(max(seconds, 0.0), DAY) if math.isfinite(seconds) else None
