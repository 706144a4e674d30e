"""Google's wording: the reason codes of its errors, and what a refused login means.

Invariant: a code is a word of Google's own and may be logged; its messages may quote what was sent and may not.
To extend: a new refusal of the token service is a row of LOGIN_HINTS.
"""

import re
from collections.abc import Iterator, Mapping

from syncapp.remotes.http.exchange import Answer

CODE = re.compile(r"[A-Za-z][A-Za-z_]{0,60}")
SAFE_REASONS: tuple[re.Pattern[str], ...] = (CODE,)
DELEGATE = "allow the service account to act for GOOGLE_DELEGATED_USER in Google's admin console, with all three scopes"
# What the token service says, in its code or its words, and what somebody has to do.
LOGIN_HINTS: Mapping[str, str] = {
    "reasonable timeframe": "the clock of this machine is wrong: switch on its time service",
    "Invalid JWT Signature": "the key of the service account was deleted at Google: make a new key file",
    "account not found": "the service account was deleted at Google: make a new one with a key file",
    "Invalid email or User ID": "Google knows no such user: check GOOGLE_DELEGATED_USER",
    "unauthorized_client": DELEGATE,
    "access_denied": DELEGATE,
}
LOGIN_HINT = "check GOOGLE_SERVICE_ACCOUNT_FILE and GOOGLE_DELEGATED_USER, and this machine's clock"


def codes(answer: Answer) -> frozenset[str]:
    """Every reason code that an error names, in the older form (errors[].reason) and the newer (details, status)."""
    error = _error(answer)
    found = [error.get("status")]
    for name in ("errors", "details"):
        found += [item.get("reason") for item in _objects(error.get(name))]
    return frozenset(code for code in found if isinstance(code, str) and CODE.fullmatch(code))


def named_fault(answer: Answer) -> tuple[str | None, str | None]:
    """What of the body or query was refused, and by which rule: the first that is named."""
    first: Mapping[str, object] = next(_objects(_error(answer).get("errors")), {})
    name, rule = str(first.get("location") or "").rsplit(".", 1)[-1], first.get("reason")
    named = rule if isinstance(rule, str) and CODE.fullmatch(rule) else None
    return name if name.isidentifier() else None, named


def login_hint(answer: Answer) -> str:
    """The token service answers `{"error": code, "error_description": words}`."""
    body = answer.json if isinstance(answer.json, dict) else {}
    said = f"{body.get('error')} {body.get('error_description')}"
    return next((hint for words, hint in LOGIN_HINTS.items() if words in said), LOGIN_HINT)


def _error(answer: Answer) -> Mapping[str, object]:
    body = answer.json if isinstance(answer.json, dict) else {}
    error = body.get("error")
    return error if isinstance(error, dict) else {}


def _objects(value: object) -> Iterator[Mapping[str, object]]:
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
