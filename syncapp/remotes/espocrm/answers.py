"""What EspoCRM's answers mean where they say more than the same answer of any other system.

Invariant: the status alone decides nothing here; each row looks at the reason in the header, which proxies do not send.
To extend: add a row, and a test with its name.
"""

from collections.abc import Callable

from syncapp.core.systems import System
from syncapp.remotes.espocrm.wording import GONE, SAFE_REASONS, named_fault
from syncapp.remotes.http.answers import Answers, ErrorRow, gone, later, simple
from syncapp.remotes.http.errors import AuthFailed, Duplicate, Transient, VersionConflict
from syncapp.remotes.http.exchange import Answer, Request


def _no_reason(request: Request, answer: Answer) -> bool:
    return answer.status_reason is None


def _is_gone(request: Request, answer: Answer) -> bool:
    found = GONE.fullmatch(answer.status_reason or "")
    return found is not None and found[1] == str(request.values.get("id"))


def _says(reason: str) -> Callable[[Request, Answer], bool]:
    return lambda request, answer: answer.status_reason == reason


def _in_maintenance(request: Request, answer: Answer) -> bool:
    return "maintenance mode" in (answer.status_reason or "")


_LOCKED_OUT = simple(AuthFailed, hint="after too many failed logins EspoCRM locks an address for a minute")
ROWS: tuple[ErrorRow, ...] = (
    ErrorRow("espocrm_locked_out", "403", _LOCKED_OUT, when=_no_reason),
    ErrorRow("espocrm_record_gone", "404", gone, when=_is_gone),
    ErrorRow("espocrm_duplicate", "409", simple(Duplicate, "duplicate"), when=_says("duplicate")),
    ErrorRow("espocrm_modified", "409", simple(VersionConflict, "modified"), when=_says("modified")),
    ErrorRow("espocrm_maintenance", "503", later(Transient), when=_in_maintenance),
)
ANSWERS = Answers(System.ESPOCRM, ROWS, named_fault, SAFE_REASONS)
