"""What went wrong with a remote system, said so that the caller knows what to do next.

    RemoteError
    |-- Transient             transient       later, by itself (`retry_after` if the system named a time)
    |   |-- NotSent           transient       the connection was never made: nothing can have happened over there
    |   `-- OutcomeUnknown    transient       a write left here and nothing proves whether it was done
    |-- VersionConflict       transient       it moved since it was read: look again at once
    |-- SyncTokenExpired      transient       Google forgot what we know: read the whole list, nothing is gone by that
    |-- QuotaExceeded         transient       Google takes nothing new for hours: no creates, all else goes on
    |-- AuthFailed            auth            the login is at fault, not the record
    |-- Misconfigured         configuration   wrong address, wrong system, unknown answer: stop and tell people
    |-- NotFound              not_found       this one object is gone (Advoware: to be confirmed by the caller)
    |   |-- NotFoundPage      not_found       a web page says so, perhaps one of a server in front: proves nothing alone
    |   `-- CalendarGone      not_found       the whole calendar is gone or closed to us: says nothing about its events
    |-- Forbidden             forbidden       this one object, or this action on it, is refused
    |   |-- AccessLost        forbidden       the whole calendar is read-only or closed for us, not this object alone
    |   `-- NotOrganizer      forbidden       the event belongs to somebody else's calendar: let go of it
    |-- Invalid               validation      the content was refused
    `-- Duplicate             validation      something alike is held already, or this id is taken

Invariants. `reason` and `str(error)` never carry a person's values, keys or tokens: both may be logged. What the remote
system said in its own words stands in `detail`, which may hold such values: for the record's page, never for a log.
Only OutcomeUnknown may follow a write that was perhaps carried out; every other class proves that it was not.
Those beside Transient whose kind is transient are none on purpose: the remote system is healthy, so they must not count
towards a breaker.

To extend: a new class belongs here only if callers must act differently; a new way to end up in a class is a row of
answers.py.
"""

from typing import ClassVar, Required, TypedDict, Unpack

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.systems import System


class Where(TypedDict, total=False):
    """What every error tells. `operation`: method and path template; `status`: absent or None means no answer.

    `failure`: without a whole answer, the failures.Failure that was seen.
    """

    system: Required[System]
    operation: Required[str]
    status: int | None
    hint: str
    detail: str
    failure: str


def without_text(status: int | None) -> str:
    """The reason where the other side gave none: the status is all there is to say, so it belongs to the reason."""
    return "an error without a text" if status is None else f"error {status} without a text"


class RemoteError(Exception):
    """Base of all. `reason` and `hint` are fit for logs, `detail` is not."""

    kind: ClassVar[ErrorKind] = ErrorKind.BUG

    def __init__(self, reason: str = "", **where: Unpack[Where]) -> None:
        super().__init__(reason)
        self.reason = reason or without_text(where.get("status"))
        self.system: System = where["system"]
        self.operation = where["operation"]
        self.status = where.get("status")
        self.hint = where.get("hint", "")
        self.detail = where.get("detail", "")
        self.failure = where.get("failure", "")

    def __str__(self) -> str:
        answer = "no answer" if self.status is None else f"status {self.status}"
        text = f"{self.system} {self.operation}: {answer}, {self.reason}"
        return f"{text} ({self.hint})" if self.hint else text


class Transient(RemoteError):
    """Passes by itself. `retry_after`: seconds the remote system asked for, None if it did not say."""

    kind = ErrorKind.TRANSIENT

    def __init__(self, reason: str = "", *, retry_after: float | None = None, **where: Unpack[Where]) -> None:
        super().__init__(reason, **where)
        self.retry_after = retry_after


class NotSent(Transient):
    """The connection was never made. Safe to repeat, whatever the call was."""


class OutcomeUnknown(Transient):
    """A write was sent, wholly or in part, and no answer says what became of it: look before writing again."""


class VersionConflict(RemoteError):
    """Nothing was written: it is another version by now, which has to be read."""

    kind = ErrorKind.TRANSIENT


class SyncTokenExpired(RemoteError):
    """410 on a list: what changed since the token is not known any more, deletions least of all."""

    kind = ErrorKind.TRANSIENT


class QuotaExceeded(RemoteError):
    """403 `quotaExceeded`: the account has made too much. Repeating makes it worse; changing what exists goes on."""

    kind = ErrorKind.TRANSIENT


class AuthFailed(RemoteError):
    """Login refused, locked out or not released. `hint` says what somebody has to do."""

    kind = ErrorKind.AUTH


class Misconfigured(RemoteError):
    """Wrong host, path, certificate, or an answer that such a system would not give. Nothing was written."""

    kind = ErrorKind.CONFIGURATION


class NotFound(RemoteError):
    """In Advoware the caller probes another number before believing it."""

    kind = ErrorKind.NOT_FOUND


class NotFoundPage(NotFound):
    """A web page in place of an answer: of a relay while Advoware is away, or put by IIS in place of every 404."""


class CalendarGone(NotFound):
    """The calendar that holds the event does not exist, or is not shared with us any more."""


class Forbidden(RemoteError):
    """This object or action is refused while the login as such is good."""

    kind = ErrorKind.FORBIDDEN


class AccessLost(Forbidden):
    """Google does not let us write to this calendar, by one of the reasons that say so."""


class NotOrganizer(Forbidden):
    """The event is a guest's copy: only its organiser may change it."""


class Invalid(RemoteError):
    """The content was refused. `field` (the remote name) and `rule`, where the answer names them."""

    kind = ErrorKind.VALIDATION

    def __init__(
        self, reason: str = "", *, field: str | None = None, rule: str | None = None, **where: Unpack[Where]
    ) -> None:
        super().__init__(reason, **where)
        self.field = field
        self.rule = rule


class Duplicate(RemoteError):
    """Nothing was created: EspoCRM takes another record for the same, Google says that the id is taken."""

    kind = ErrorKind.VALIDATION
