"""What the remote systems say in words: which of it may be logged, and what can be read from it.

Invariant: `safe_reason` lets through only wordings that are known to hold no values of a person.

To extend: a new harmless reason is a pattern in SAFE_REASONS, a new login text of Advoware a LOGIN_TEXTS row.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import datetime

from syncapp.remotes.http.errors import without_text
from syncapp.remotes.http.exchange import Answer, http_date, text_in

DAY = 86_400.0
DETAIL_LENGTH = 500

GONE = re.compile(r"Record (\S+) (?:does not exist|not found)\.?")
VALIDATION = re.compile(r"Field validation failure; entityType: \w+, field: (\w+), type: (\w+)\.?")
# Reasons whose wording holds no values of a person; every other one goes to `detail` only.
SAFE_REASONS = tuple(
    re.compile(pattern)
    for pattern in (
        GONE.pattern,
        VALIDATION.pattern,
        r"duplicate|modified",
        r"No (?:\w+ )?access\.?",
        r"Not permitted to post to [a-z ]+\.",
        r"Entity type is forbidden\.|Not supported event\.",
        r"No foreign record access for link operation \(\w+:\w+\)\.",
        r"Max size should not exceed \d+\. Use offset and limit\.",
        r"Controller '\w+' does not exist\.|Action \w+ '\w+' does not exist in controller '\w+'\.",
        r"Link does not exist\.|Body is not a JSON object\.",
        r"Not existing attribute '\w+' in where\.|Order by non-existing field '\w+'\.",
        r"Unknown where item type '\w+'\.|Bad where item '\w+'\.|No primary filter '\w+' for '\w+'\.",
        r"order value is bad\.|select should be array\.",
        r"Application is in maintenance mode\.",
    )
)
# Advoware says in German text, under no known status, that the login as such does not work.
LOGIN_TEXTS: Mapping[str, str] = {
    "Falscher Name oder falsches Kennwort": "check ADVOWARE_USER and ADVOWARE_PASSWORD",
    "freigeschaltet": "the vendor has not released this App-ID for the law firm (ADVOWARE_APP_ID, ADVOWARE_KANZLEI)",
    "ist nicht angemeldet": "the law firm's Advoware manager is not running or not connected",
    "ist nicht registriert": "the vendor does not know this law firm or App-ID (ADVOWARE_KANZLEI, ADVOWARE_APP_ID)",
}


def safe_reason(answer: Answer) -> str:
    """The remote reason if its wording is known to hold no values, else a neutral one that names the status."""
    reason = (answer.status_reason or "").strip()
    if any(pattern.fullmatch(reason) for pattern in SAFE_REASONS):
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


def espocrm_fault(answer: Answer) -> tuple[str | None, str | None]:
    """Field and rule of a refused write, from the body, else from the reason header."""
    node: object = answer.json
    for key in ("messageTranslation", "data"):
        node = node.get(key) if isinstance(node, dict) else None
    if isinstance(node, dict) and text_in(node, "field"):
        return text_in(node, "field"), text_in(node, "type")
    found = VALIDATION.fullmatch(answer.status_reason or "")
    return (found[1], found[2]) if found else (None, None)


def advoware_fault(answer: Answer) -> tuple[str | None, str | None]:
    """The first field that a refusal names, in either of the two shapes that such servers use; the rule is unknown."""
    body = answer.json if isinstance(answer.json, dict) else {}
    for key in ("ModelState", "errors"):
        named = body.get(key)
        for name in named if isinstance(named, dict) else ():
            last = str(name).rsplit(".", 1)[-1]
            if last.isidentifier():
                return last, None
    return None, None


def found_login_text(answer: Answer) -> str | None:
    return next((text for text in LOGIN_TEXTS if text in answer.text), None)
