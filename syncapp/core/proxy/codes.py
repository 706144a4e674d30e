"""Every answer that is the proxy's own: the word that programs read, its status, and what a repetition would do.

Invariant: a word that has been answered once keeps its meaning; sentences may change, words may not.
To extend: a member of Code, its sentence in words/proxy.py, and the test that provokes it.
"""

from enum import StrEnum


class Repeat(StrEnum):
    """What the caller should do next."""

    NOTHING = "nothing"
    CORRECT = "correct"  # the same request will be refused again
    BY_STATUS = "by_status"  # the same, unless the status says that it is merely not now
    LATER = "later"  # nothing was done: after Retry-After, the same again
    AT_WILL = "at_will"  # a read: the same again does no harm
    READ_FIRST = "read_first"  # it may have been done: read, then decide
    ASK = "ask"  # somebody who looks after the installation has to do something


class Code(StrEnum):
    """`status` 0: Advoware's own."""

    status: int
    repeat: Repeat

    def __new__(cls, word: str, status: int = 0, repeat: Repeat = Repeat.NOTHING) -> "Code":
        code = str.__new__(cls, word)
        code._value_ = word
        code.status, code.repeat = status, repeat
        return code

    OK = "ok", 0, Repeat.NOTHING
    DRY_RUN = "dry_run", 200, Repeat.NOTHING
    ENDPOINT_MISSING = "endpoint_missing", 400, Repeat.CORRECT
    BAD_ENDPOINT = "bad_endpoint", 400, Repeat.CORRECT
    BAD_QUERY = "bad_query", 400, Repeat.CORRECT
    BAD_BODY = "bad_body", 400, Repeat.CORRECT
    BODY_UNEXPECTED = "body_unexpected", 400, Repeat.CORRECT
    BAD_IDEMPOTENCY_KEY = "bad_idempotency_key", 400, Repeat.CORRECT
    UNAUTHORIZED = "unauthorized", 401, Repeat.ASK
    NETWORK_NOT_ALLOWED = "network_not_allowed", 403, Repeat.ASK
    NOT_GRANTED = "not_granted", 403, Repeat.ASK
    FIXED_VALUE = "fixed_value", 403, Repeat.CORRECT
    NOT_YOURS = "not_yours", 403, Repeat.CORRECT
    WRITES_PAUSED = "writes_paused", 403, Repeat.LATER
    NOT_OFFERED = "not_offered", 404, Repeat.CORRECT
    PROXY_OFF = "proxy_off", 404, Repeat.ASK
    METHOD_NOT_OFFERED = "method_not_offered", 405, Repeat.CORRECT
    STILL_RUNNING = "still_running", 409, Repeat.LATER
    LENGTH_REQUIRED = "length_required", 411, Repeat.CORRECT
    TOO_LARGE = "too_large", 413, Repeat.CORRECT
    NOT_JSON = "not_json", 415, Repeat.CORRECT
    OTHER_CONTENT = "other_content", 422, Repeat.CORRECT
    RATE_LIMITED = "rate_limited", 429, Repeat.LATER
    TOO_MANY_WRONG_KEYS = "too_many_wrong_keys", 429, Repeat.ASK
    INTERNAL = "internal", 500, Repeat.ASK
    ADVOWARE_REFUSED = "advoware_refused", 0, Repeat.BY_STATUS
    ADVOWARE_LOGIN_FAILED = "advoware_login_failed", 502, Repeat.ASK
    ADVOWARE_UNREACHABLE = "advoware_unreachable", 502, Repeat.ASK
    ADVOWARE_FAILED = "advoware_failed", 502, Repeat.AT_WILL
    WRONG_ANSWER = "wrong_answer", 502, Repeat.AT_WILL
    REDIRECTED = "redirected", 502, Repeat.ASK
    ANSWER_TOO_LARGE = "answer_too_large", 502, Repeat.CORRECT
    ADVOWARE_DOWN = "advoware_down", 503, Repeat.LATER
    BUSY = "busy", 503, Repeat.LATER
    LOCKED = "locked", 503, Repeat.LATER
    NOT_RECORDED = "not_recorded", 503, Repeat.LATER
    TIMED_OUT = "timed_out", 504, Repeat.AT_WILL
    OUTCOME_UNKNOWN = "outcome_unknown", 504, Repeat.READ_FIRST


class ProxyRefusal(Exception):
    """Why a request goes no further. `hint` is fit for callers and logs: no values. offers: the methods there are."""

    def __init__(
        self, code: Code, hint: str = "", *, retry_after: float | None = None, offers: tuple[str, ...] = ()
    ) -> None:
        super().__init__(code)
        self.code = code
        self.hint = hint
        self.retry_after = retry_after
        self.offers = offers
