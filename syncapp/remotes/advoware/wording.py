"""Advoware's wording: the sentences of a login that does not work, and which field a refusal names.

Invariant: Advoware's reasons are never logged; nothing is known of what they may hold.
To extend: a new sentence of the login is a row of LOGIN_TEXTS.
"""

import re
from collections.abc import Mapping

from syncapp.remotes.http.exchange import Answer

SAFE_REASONS: tuple[re.Pattern[str], ...] = ()
# Advoware says in German text, under no known status, that the login as such does not work.
LOGIN_TEXTS: Mapping[str, str] = {
    "Falscher Name oder falsches Kennwort": "check ADVOWARE_USER and ADVOWARE_PASSWORD",
    "freigeschaltet": "the vendor has not released this App-ID for the law firm (ADVOWARE_APP_ID, ADVOWARE_KANZLEI)",
    "ist nicht angemeldet": "the law firm's Advoware manager is not running or not connected",
    "ist nicht registriert": "the vendor does not know this law firm or App-ID (ADVOWARE_KANZLEI, ADVOWARE_APP_ID)",
}


def named_fault(answer: Answer) -> tuple[str | None, str | None]:
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
