"""What an answer means: one table, read from top to bottom, the first match counts.

A row looks at status, kind of call, shape of the body and reason. A test bears the name of each row.

Invariant: nothing is taken for success by default. An answer to a write that proves neither "done" nor "refused" is
OutcomeUnknown; an unknown refusal is never repeated by itself. Of the unknown 4xx, those that can only be about the
content of a write (400, 409, 413, 422) stop that one record (Invalid); all others are about the way we ask, are the
same for every record, and so stop the connection (Misconfigured).

To extend: add a row above the general one of its status, and a test with its name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from syncapp.core.errors import ErrorKind
from syncapp.remotes.http.errors import (
    AuthFailed,
    Duplicate,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RemoteError,
    System,
    Transient,
    VersionConflict,
    Where,
)
from syncapp.remotes.http.exchange import Answer, Request, Shape, whole_number_in
from syncapp.remotes.http.wording import (
    DETAIL_LENGTH,
    GONE,
    LOGIN_TEXTS,
    advoware_fault,
    espocrm_fault,
    found_login_text,
    retry_after,
    safe_reason,
)

Build = Callable[[Request, Answer, Where], RemoteError]


@dataclass(frozen=True)
class ErrorRow:
    """One meaning. `status` such as "404" or "5xx"; None in the other columns: any."""

    name: str
    status: str
    build: Build
    system: System | None = None
    writes: bool | None = None
    shape: Shape | None = None
    when: Callable[[Request, Answer], bool] | None = None

    def matches(self, system: System, request: Request, answer: Answer) -> bool:
        return (
            self.system in (None, system)
            and _status_matches(self.status, answer.status)
            and self.writes in (None, request.writes)
            and self.shape in (None, answer.shape)
            and (self.when is None or self.when(request, answer))
        )


def _status_matches(pattern: str, status: int) -> bool:
    return pattern in ("any", str(status), f"{status // 100}xx")


# --- when


def _login_text(request: Request, answer: Answer) -> bool:
    return (answer.status >= 400 or answer.shape != "json") and found_login_text(answer) is not None


def _no_reason(request: Request, answer: Answer) -> bool:
    return answer.status_reason is None


def _is_gone(request: Request, answer: Answer) -> bool:
    found = GONE.fullmatch(answer.status_reason or "")
    return found is not None and found[1] == str(request.values.get("id"))


def _asks_for_token(request: Request, answer: Answer) -> bool:
    return not request.effect and answer.status in (400, 403, 422)


def _names_object(request: Request, answer: Answer) -> bool:
    return "betNr" in request.values


def _reason_is(reason: str) -> Callable[[Request, Answer], bool]:
    return lambda request, answer: answer.status_reason == reason


def _in_maintenance(request: Request, answer: Answer) -> bool:
    return "maintenance mode" in (answer.status_reason or "")


def _not_no_content(request: Request, answer: Answer) -> bool:
    return answer.status != 204


# --- build


def _simple(cls: type[RemoteError], reason: str = "", hint: str = "") -> Build:
    def build(request: Request, answer: Answer, where: Where) -> RemoteError:
        return cls(reason or safe_reason(answer), **_hinting(where, hint))

    return build


def _hinting(where: Where, hint: str) -> Where:
    merged = where.copy()
    merged["hint"] = hint
    return merged


def _later(cls: type[Transient], reason: str = "") -> Build:
    def build(request: Request, answer: Answer, where: Where) -> RemoteError:
        wait = retry_after(answer.headers.get("retry-after", ""), now=datetime.now(UTC))
        return cls(reason or safe_reason(answer), retry_after=wait, **where)

    return build


def _login(request: Request, answer: Answer, where: Where) -> RemoteError:
    found = found_login_text(answer) or ""
    return AuthFailed(f"Advoware refuses the login: … {found} …", **_hinting(where, LOGIN_TEXTS[found]))


def _gone(request: Request, answer: Answer, where: Where) -> RemoteError:
    return NotFound(safe_reason(answer) if answer.status_reason else "no such object", path=request.path, **where)


def _invalid(request: Request, answer: Answer, where: Where) -> RemoteError:
    name, rule = espocrm_fault(answer) if where["system"] == "espocrm" else advoware_fault(answer)
    reason = f"field {name}, rule {rule or 'unknown'}" if name else safe_reason(answer)
    return Invalid(reason, field=name, rule=rule, **where)


def _duplicate(request: Request, answer: Answer, where: Where) -> RemoteError:
    rows = answer.json if isinstance(answer.json, list) else []
    ids = tuple(row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str))
    return Duplicate("duplicate", ids=ids, **where)


def _version_conflict(request: Request, answer: Answer, where: Where) -> RemoteError:
    body = answer.json if isinstance(answer.json, dict) else {}
    values = body.get("values")
    return VersionConflict(
        "modified",
        values=values if isinstance(values, dict) else {},
        version=whole_number_in(body, "versionNumber"),
        **where,
    )


_ASKED_WRONGLY = "the request as such is refused: wrong address, version or rights"
_NOT_JSON = "HTML instead of JSON"
_REDIRECT = "the address in the settings is not the final one (http instead of https, a login page, a moved host)"

ERROR_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow("advoware_login_text", "any", _login, system="advoware", when=_login_text),
    ErrorRow("redirect", "3xx", _simple(Misconfigured, "redirected; not followed", _REDIRECT)),
    ErrorRow(
        "advoware_token_refused",
        "4xx",
        _simple(AuthFailed, "no token granted", "check the ADVOWARE_ settings, and this machine's clock"),
        system="advoware",
        when=_asks_for_token,
    ),
    ErrorRow("unauthorized", "401", _simple(AuthFailed, "login refused", "check key, user and password")),
    ErrorRow(
        "espocrm_locked_out",
        "403",
        _simple(
            AuthFailed, "refused without a reason", "after too many failed logins EspoCRM locks an address for a minute"
        ),
        system="espocrm",
        when=_no_reason,
    ),
    ErrorRow(ErrorKind.FORBIDDEN, "403", _simple(Forbidden)),
    ErrorRow("espocrm_record_gone", "404", _gone, system="espocrm", when=_is_gone),
    ErrorRow("advoware_object_gone", "404", _gone, system="advoware", when=_names_object),
    ErrorRow("unknown_address", "404", _simple(Misconfigured, hint="check base address, prefix and entity type")),
    ErrorRow("timed_out_there_read", "408", _later(Transient), writes=False),
    ErrorRow("timed_out_there_write", "408", _later(OutcomeUnknown), writes=True),
    ErrorRow("espocrm_duplicate", "409", _duplicate, system="espocrm", when=_reason_is("duplicate")),
    ErrorRow("espocrm_modified", "409", _version_conflict, system="espocrm", when=_reason_is("modified")),
    ErrorRow("locked_there", "423", _later(Transient, "the object is locked there")),
    ErrorRow("too_many_requests", "429", _later(Transient, "too many requests")),
    *(ErrorRow(f"content_refused_{status}", status, _invalid, writes=True) for status in ("400", "409", "413", "422")),
    ErrorRow("asked_wrongly", "4xx", _simple(Misconfigured, hint=_ASKED_WRONGLY)),
    ErrorRow("espocrm_maintenance", "503", _later(Transient), system="espocrm", when=_in_maintenance),
    ErrorRow("server_error_read", "5xx", _later(Transient), writes=False),
    ErrorRow("server_error_write", "5xx", _later(OutcomeUnknown), writes=True),
    ErrorRow("html_read", "2xx", _simple(Misconfigured, _NOT_JSON, _REDIRECT), writes=False, shape="html"),
    ErrorRow("html_write", "2xx", _simple(OutcomeUnknown, _NOT_JSON), writes=True, shape="html"),
    ErrorRow("empty_read", "2xx", _simple(Transient, "an empty answer"), writes=False, shape="empty"),
    ErrorRow(
        "empty_write",
        "2xx",
        _simple(OutcomeUnknown, "an empty answer"),
        writes=True,
        shape="empty",
        when=_not_no_content,
    ),
    ErrorRow("broken_read", "2xx", _simple(Transient, "broken JSON"), writes=False, shape="broken"),
    ErrorRow("broken_write", "2xx", _simple(OutcomeUnknown, "broken JSON"), writes=True, shape="broken"),
)
UNKNOWN_STATUS = ErrorRow("unknown_status", "any", _simple(Misconfigured, "an unknown status", _ASKED_WRONGLY))


def row_for(system: System, request: Request, answer: Answer) -> ErrorRow | None:
    """The row that an answer falls under; None only for a 2xx with JSON, or a write's 204."""
    for row in ERROR_ROWS:
        if row.matches(system, request, answer):
            return row
    return None if answer.status // 100 == 2 else UNKNOWN_STATUS


def judge(system: System, request: Request, answer: Answer) -> object:
    """The JSON of a good answer (None for a 204), or the error that the answer means."""
    row = row_for(system, request, answer)
    if row is None:
        return answer.json
    raise row.build(request, answer, _where(system, request, answer))


def wrong_shape(system: System, request: Request, status: int, what: str) -> RemoteError:
    """Good JSON of an unexpected shape: after a write nobody knows, after a read it is not the system we know."""
    cls = OutcomeUnknown if request.writes else Misconfigured
    return cls(f"unexpected JSON: {what}", system=system, operation=request.operation, status=status)


def _where(system: System, request: Request, answer: Answer) -> Where:
    words = answer.status_reason or (answer.text if answer.shape != "html" else "")
    return Where(system=system, operation=request.operation, status=answer.status, detail=words.strip()[:DETAIL_LENGTH])
