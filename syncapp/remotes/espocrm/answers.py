"""What EspoCRM's answers mean where they say more than the same answer of any other system.

Invariant: the status alone decides nothing here; each row looks at the reason in the header, which proxies do not send.
To extend: add a row, and a test with its name.
"""

from collections.abc import Callable

from syncapp.core.systems import System
from syncapp.remotes.espocrm.wording import GONE, SAFE_REASONS, named_fault
from syncapp.remotes.http.answers import Answers, ErrorRow, gone, later, simple
from syncapp.remotes.http.errors import AuthFailed, Duplicate, RemoteError, Transient, VersionConflict
from syncapp.remotes.http.exchange import Answer, Request, whole_number_in


def _no_reason(request: Request, answer: Answer) -> bool:
    return answer.status_reason is None


def _is_gone(request: Request, answer: Answer) -> bool:
    found = GONE.fullmatch(answer.status_reason or "")
    return found is not None and found[1] == str(request.values.get("id"))


def _says(reason: str) -> Callable[[Request, Answer], bool]:
    return lambda request, answer: answer.status_reason == reason


def _in_maintenance(request: Request, answer: Answer) -> bool:
    return "maintenance mode" in (answer.status_reason or "")


def _duplicate(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    rows = answer.json if isinstance(answer.json, list) else []
    ids = tuple(row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str))
    return Duplicate("duplicate", ids=ids, **answers.where(request, answer))


def _version_conflict(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    body = answer.json if isinstance(answer.json, dict) else {}
    values = body.get("values")
    return VersionConflict(
        "modified",
        values=values if isinstance(values, dict) else {},
        version=whole_number_in(body, "versionNumber"),
        **answers.where(request, answer),
    )


_LOCKED_OUT = simple(AuthFailed, hint="after too many failed logins EspoCRM locks an address for a minute")
ROWS: tuple[ErrorRow, ...] = (
    ErrorRow("espocrm_locked_out", "403", _LOCKED_OUT, when=_no_reason),
    ErrorRow("espocrm_record_gone", "404", gone, when=_is_gone),
    ErrorRow("espocrm_duplicate", "409", _duplicate, when=_says("duplicate")),
    ErrorRow("espocrm_modified", "409", _version_conflict, when=_says("modified")),
    ErrorRow("espocrm_maintenance", "503", later(Transient), when=_in_maintenance),
)
ANSWERS = Answers(System.ESPOCRM, ROWS, named_fault, SAFE_REASONS)
