"""What an answer means: a table for each system, read from top to bottom, the first match counts.

A row looks at status, kind of call, shape of the body and reason. A test bears the name of each row. A system's own
rows (its answers.py) come first, then those that hold for every system.

Invariant: nothing is taken for success by default. An answer to a write that proves neither "done" nor "refused" is
OutcomeUnknown; an unknown refusal is never repeated by itself. Of the unknown 4xx, those that can only be about the
content of a write (400, 409, 413, 422) stop that one record (Invalid); all others are about the way we ask, are the
same for every record, and so stop the connection (Misconfigured).

To extend: add a row to the table of its system, or above the general one of its status, and a test with its name.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.systems import System
from syncapp.remotes.http.errors import (
    AuthFailed,
    Forbidden,
    Invalid,
    Misconfigured,
    NotFound,
    OutcomeUnknown,
    RemoteError,
    Transient,
    Where,
    without_text,
)
from syncapp.remotes.http.exchange import Answer, Request, Shape, http_date

DAY = 86_400.0
DETAIL_LENGTH = 500

Build = Callable[[Request, Answer, "Answers"], RemoteError]


@dataclass(frozen=True)
class ErrorRow:
    """One meaning. `status` such as "404" or "5xx"; None in the other columns: any."""

    name: str
    status: str
    build: Build
    writes: bool | None = None
    shape: Shape | None = None
    when: Callable[[Request, Answer], bool] | None = None

    def matches(self, request: Request, answer: Answer) -> bool:
        return (
            _status_matches(self.status, answer.status)
            and self.writes in (None, request.writes)
            and self.shape in (None, answer.shape)
            and (self.when is None or self.when(request, answer))
        )


@dataclass(frozen=True)
class Answers:
    """How one system answers. `fault`: (field, rule) that a refused write names; `safe`: wordings of reasons that are
    known to hold no values of a person (its wording.py says which), and so are fit for a log."""

    system: System
    rows: tuple[ErrorRow, ...]
    fault: Callable[[Answer], tuple[str | None, str | None]]
    safe: tuple[re.Pattern[str], ...]

    def row_for(self, request: Request, answer: Answer) -> ErrorRow | None:
        """The row that an answer falls under; None only for a 2xx with JSON, a write's 204, a DELETE's empty 2xx, the
        204 of a GET that may be nothing, the empty 2xx of a call that may be empty, and any 2xx but HTML of a write
        that is read back."""
        for row in (*self.rows, *COMMON_ROWS):
            if row.matches(request, answer):
                return row
        return None if answer.status // 100 == 2 else UNKNOWN_STATUS

    def judge(self, request: Request, answer: Answer) -> object:
        """The JSON of a good answer (None for one without a body), or the error that the answer means."""
        row = self.row_for(request, answer)
        if row is None:
            return answer.json
        raise row.build(request, answer, self)

    def where(self, request: Request, answer: Answer, *, hint: str = "") -> Where:
        """What every error tells of the call."""
        words = answer.status_reason or (answer.text if answer.shape != "html" else "")
        detail = words.strip()[:DETAIL_LENGTH]
        return Where(system=self.system, operation=request.operation, status=answer.status, detail=detail, hint=hint)

    def reason(self, answer: Answer) -> str:
        """What the system says if it may be logged, else a neutral reason that names the status."""
        reason = (answer.status_reason or "").strip()
        if any(pattern.fullmatch(reason) for pattern in self.safe):
            return reason
        return f"error {answer.status} with a text of its own" if reason else without_text(answer.status)


def _status_matches(pattern: str, status: int) -> bool:
    return pattern in ("any", str(status), f"{status // 100}xx")


def is_content(request: Request, answer: Answer) -> bool:
    """Whether an answer without a body had to have one. After a DELETE there is nothing left to show."""
    return answer.status != 204 and request.method != "DELETE" and not (request.read_back or request.may_be_empty)


def is_read(request: Request, answer: Answer) -> bool:
    """Whether anybody reads what such a write is answered with."""
    return not request.read_back


def is_missing(request: Request, answer: Answer) -> bool:
    """Whether an answer without a body had to have one."""
    return not (request.may_be_empty or (answer.status == 204 and request.may_be_nothing))


# --- build


def simple(cls: type[RemoteError], reason: str = "", hint: str = "") -> Build:
    """An error that says no more than where it happened and why."""

    def build(request: Request, answer: Answer, answers: Answers) -> RemoteError:
        return cls(reason or answers.reason(answer), **answers.where(request, answer, hint=hint))

    return build


def later(cls: type[Transient], reason: str = "") -> Build:
    """An error that passes, with the time that the system asks for."""

    def build(request: Request, answer: Answer, answers: Answers) -> RemoteError:
        wait = retry_after(answer.headers.get("retry-after", ""), now=datetime.now(UTC))
        return cls(reason or answers.reason(answer), retry_after=wait, **answers.where(request, answer))

    return build


def retry_after(header: str, *, now: datetime) -> float | None:
    """Seconds from a Retry-After header (seconds or a date), between 0 and a day; None if absent or unreadable."""
    moment = http_date(header)
    try:
        seconds = (moment - now).total_seconds() if moment else float(header)
    except ValueError:
        return None
    return min(max(seconds, 0.0), DAY) if math.isfinite(seconds) else None


def gone(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    """The one object that was asked for does not exist."""
    reason = answers.reason(answer) if answer.status_reason else "no such object"
    return NotFound(reason, **answers.where(request, answer))


def _invalid(request: Request, answer: Answer, answers: Answers) -> RemoteError:
    name, rule = answers.fault(answer)
    reason = f"field {name}, rule {rule or 'unknown'}" if name else answers.reason(answer)
    return Invalid(reason, field=name, rule=rule, **answers.where(request, answer))


_ASKED_WRONGLY = "the request as such is refused: wrong address, version or rights"
_NOT_JSON = "HTML instead of JSON"
_REDIRECT = "the address in the settings is not the final one (http instead of https, a login page, a moved host)"

COMMON_ROWS: tuple[ErrorRow, ...] = (
    ErrorRow("redirect", "3xx", simple(Misconfigured, "redirected; not followed", _REDIRECT)),
    ErrorRow("unauthorized", "401", simple(AuthFailed, "login refused", "check key, user and password")),
    ErrorRow(ErrorKind.FORBIDDEN, "403", simple(Forbidden)),
    ErrorRow("unknown_address", "404", simple(Misconfigured, hint="check base address, prefix and entity type")),
    ErrorRow("timed_out_there_read", "408", later(Transient), writes=False),
    ErrorRow("timed_out_there_write", "408", later(OutcomeUnknown), writes=True),
    ErrorRow("locked_there", "423", later(Transient, "the object is locked there")),
    ErrorRow("too_many_requests", "429", later(Transient, "too many requests")),
    *(ErrorRow(f"content_refused_{status}", status, _invalid, writes=True) for status in ("400", "409", "413", "422")),
    ErrorRow("asked_wrongly", "4xx", simple(Misconfigured, hint=_ASKED_WRONGLY)),
    ErrorRow("server_error_read", "5xx", later(Transient), writes=False),
    ErrorRow("server_error_write", "5xx", later(OutcomeUnknown), writes=True),
    ErrorRow("html_read", "2xx", simple(Misconfigured, _NOT_JSON, _REDIRECT), writes=False, shape="html"),
    ErrorRow("html_write", "2xx", simple(OutcomeUnknown, _NOT_JSON), writes=True, shape="html"),
    ErrorRow("empty_read", "2xx", simple(Transient, "an empty answer"), writes=False, shape="empty", when=is_missing),
    ErrorRow(
        "empty_write", "2xx", simple(OutcomeUnknown, "an empty answer"), writes=True, shape="empty", when=is_content
    ),
    ErrorRow("broken_read", "2xx", simple(Transient, "broken JSON"), writes=False, shape="broken"),
    ErrorRow("broken_write", "2xx", simple(OutcomeUnknown, "broken JSON"), writes=True, shape="broken", when=is_read),
)
UNKNOWN_STATUS = ErrorRow("unknown_status", "any", simple(Misconfigured, "an unknown status", _ASKED_WRONGLY))


def wrong_shape(system: System, request: Request, status: int, what: str) -> RemoteError:
    """Good JSON of an unexpected shape: after a write nobody knows, after a read it is not the system we know."""
    cls = OutcomeUnknown if request.writes else Misconfigured
    return cls(f"unexpected JSON: {what}", system=system, operation=request.operation, status=status)
