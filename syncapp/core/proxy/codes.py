"""Every answer that is the proxy's own: the word that programs read, its status, and what a repetition would do.

Invariant: a word that has been answered once keeps its meaning; sentences may change, words may not.
To extend: a member, its row, its sentence in words/proxy.py, and the test that provokes it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    OK = "ok"
    DRY_RUN = "dry_run"
    ENDPOINT_MISSING = "endpoint_missing"
    BAD_ENDPOINT = "bad_endpoint"
    BAD_QUERY = "bad_query"
    BAD_BODY = "bad_body"
    BODY_UNEXPECTED = "body_unexpected"
    BAD_IDEMPOTENCY_KEY = "bad_idempotency_key"
    UNAUTHORIZED = "unauthorized"
    TOO_MANY_WRONG_KEYS = "too_many_wrong_keys"
    NETWORK_NOT_ALLOWED = "network_not_allowed"
    NOT_GRANTED = "not_granted"
    FIXED_VALUE = "fixed_value"
    NOT_YOURS = "not_yours"
    WRITES_PAUSED = "writes_paused"
    NOT_OFFERED = "not_offered"
    PROXY_OFF = "proxy_off"
    METHOD_NOT_OFFERED = "method_not_offered"
    STILL_RUNNING = "still_running"
    LENGTH_REQUIRED = "length_required"
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    OTHER_CONTENT = "other_content"
    RATE_LIMITED = "rate_limited"
    INTERNAL = "internal"
    ADVOWARE_REFUSED = "advoware_refused"
    ADVOWARE_LOGIN_FAILED = "advoware_login_failed"
    ADVOWARE_UNREACHABLE = "advoware_unreachable"
    ADVOWARE_FAILED = "advoware_failed"
    WRONG_ANSWER = "wrong_answer"
    REDIRECTED = "redirected"
    ANSWER_TOO_LARGE = "answer_too_large"
    ADVOWARE_DOWN = "advoware_down"
    BUSY = "busy"
    LOCKED = "locked"
    NOT_RECORDED = "not_recorded"
    TIMED_OUT = "timed_out"
    OUTCOME_UNKNOWN = "outcome_unknown"


class Repeat(StrEnum):
    """What the caller should do next."""

    NOTHING = "nothing"
    CORRECT = "correct"  # the same request will be refused again
    BY_STATUS = "by_status"  # the same, unless the status says that it is merely not now
    LATER = "later"  # nothing was done: after Retry-After, the same again
    AT_WILL = "at_will"  # a read: the same again does no harm
    READ_FIRST = "read_first"  # it may have been done: read, then decide
    ASK = "ask"  # somebody who looks after the installation has to do something


@dataclass(frozen=True, slots=True)
class CodeRow:
    """`status` 0: Advoware's own."""

    code: Code
    status: int
    repeat: Repeat


ROWS: tuple[CodeRow, ...] = (
    CodeRow(Code.OK, 0, Repeat.NOTHING),
    CodeRow(Code.DRY_RUN, 200, Repeat.NOTHING),
    CodeRow(Code.ENDPOINT_MISSING, 400, Repeat.CORRECT),
    CodeRow(Code.BAD_ENDPOINT, 400, Repeat.CORRECT),
    CodeRow(Code.BAD_QUERY, 400, Repeat.CORRECT),
    CodeRow(Code.BAD_BODY, 400, Repeat.CORRECT),
    CodeRow(Code.BODY_UNEXPECTED, 400, Repeat.CORRECT),
    CodeRow(Code.BAD_IDEMPOTENCY_KEY, 400, Repeat.CORRECT),
    CodeRow(Code.UNAUTHORIZED, 401, Repeat.ASK),
    CodeRow(Code.NETWORK_NOT_ALLOWED, 403, Repeat.ASK),
    CodeRow(Code.NOT_GRANTED, 403, Repeat.ASK),
    CodeRow(Code.FIXED_VALUE, 403, Repeat.CORRECT),
    CodeRow(Code.NOT_YOURS, 403, Repeat.CORRECT),
    CodeRow(Code.WRITES_PAUSED, 403, Repeat.LATER),
    CodeRow(Code.NOT_OFFERED, 404, Repeat.CORRECT),
    CodeRow(Code.PROXY_OFF, 404, Repeat.ASK),
    CodeRow(Code.METHOD_NOT_OFFERED, 405, Repeat.CORRECT),
    CodeRow(Code.STILL_RUNNING, 409, Repeat.LATER),
    CodeRow(Code.LENGTH_REQUIRED, 411, Repeat.CORRECT),
    CodeRow(Code.TOO_LARGE, 413, Repeat.CORRECT),
    CodeRow(Code.NOT_JSON, 415, Repeat.CORRECT),
    CodeRow(Code.OTHER_CONTENT, 422, Repeat.CORRECT),
    CodeRow(Code.RATE_LIMITED, 429, Repeat.LATER),
    CodeRow(Code.TOO_MANY_WRONG_KEYS, 429, Repeat.ASK),
    CodeRow(Code.INTERNAL, 500, Repeat.ASK),
    CodeRow(Code.ADVOWARE_REFUSED, 0, Repeat.BY_STATUS),
    CodeRow(Code.ADVOWARE_LOGIN_FAILED, 502, Repeat.ASK),
    CodeRow(Code.ADVOWARE_UNREACHABLE, 502, Repeat.ASK),
    CodeRow(Code.ADVOWARE_FAILED, 502, Repeat.AT_WILL),
    CodeRow(Code.WRONG_ANSWER, 502, Repeat.AT_WILL),
    CodeRow(Code.REDIRECTED, 502, Repeat.ASK),
    CodeRow(Code.ANSWER_TOO_LARGE, 502, Repeat.CORRECT),
    CodeRow(Code.ADVOWARE_DOWN, 503, Repeat.LATER),
    CodeRow(Code.BUSY, 503, Repeat.LATER),
    CodeRow(Code.LOCKED, 503, Repeat.LATER),
    CodeRow(Code.NOT_RECORDED, 503, Repeat.LATER),
    CodeRow(Code.TIMED_OUT, 504, Repeat.AT_WILL),
    CodeRow(Code.OUTCOME_UNKNOWN, 504, Repeat.READ_FIRST),
)
STATUS: dict[Code, int] = {row.code: row.status for row in ROWS}


class ProxyRefusal(Exception):
    """Why a request goes no further. `hint` is fit for callers and logs: no values."""

    def __init__(self, code: Code, hint: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint
        self.retry_after = retry_after
