"""The one call to Advoware: sent over the sync's own client, and what its outcome means for the caller.

| what the client says | code |
| --- | --- |
| a good answer | ok, with Advoware's status |
| 4xx (but 401) | advoware_refused, with Advoware's status |
| the login fails, in whatever way | advoware_login_failed; if it merely does not answer: advoware_down |
| 3xx | redirected |
| no connection was made; 503 to a read | advoware_down |
| 5xx to a read | advoware_failed |
| no answer in time, to a read | timed_out |
| HTML, no JSON, cut off, empty (of a write that is read after it: ok, if it is not HTML or cut off) | wrong_answer |
| larger than allowed | answer_too_large |
| a status that there is not, to a read | wrong_answer |
| a write left here, and nothing says what became of it | outcome_unknown |

Invariant: the address is a row's template with checked segments; the only headers are ours. The breaker is asked and
never told: an odd answer to some program must not stop the sync.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.paths import Pairs
from syncapp.core.proxy.resources import READS, Match, is_read_after
from syncapp.core.systems import System
from syncapp.engine.rows.prepared import Prepared
from syncapp.engine.runs.measure import measure_call
from syncapp.models import Breaker
from syncapp.proxy.answers import ProxyAnswer
from syncapp.proxy.callers import Caller
from syncapp.remotes.http.errors import AuthFailed, NotSent, OutcomeUnknown, RemoteError, Transient
from syncapp.remotes.http.exchange import Answer, Bounds, Call, Request
from syncapp.remotes.http.failures import Failure
from syncapp.remotes.registry import advoware_client

# Below what nginx and gunicorn give a request, a repeated read and a new token included.
TOTAL_SECONDS = 50.0
RETRY_SECONDS = 30.0
SHORT = 400
BREAKER = Prepared(lambda: Breaker.objects.filter(system=System.ADVOWARE))
BY_FAILURE: Mapping[str, Code] = {
    Failure.bad_address: Code.ADVOWARE_UNREACHABLE,
    Failure.unknown_host: Code.ADVOWARE_UNREACHABLE,
    Failure.tls: Code.ADVOWARE_UNREACHABLE,
    Failure.never_made: Code.ADVOWARE_DOWN,
    Failure.timed_out: Code.TIMED_OUT,
    Failure.lost: Code.WRONG_ANSWER,
    Failure.cut: Code.WRONG_ANSWER,
    Failure.too_large: Code.ANSWER_TOO_LARGE,
}
BY_STATUS: Mapping[int, Code] = {3: Code.REDIRECTED, 4: Code.ADVOWARE_REFUSED, 5: Code.ADVOWARE_FAILED}


@dataclass
class Sending:
    """One call to make, how often it was tried, and whether anything of it left here. `until`: monotonic seconds."""

    method: str
    match: Match
    parameters: Pairs
    body: object
    request_id: str
    until: float = field(default_factory=lambda: time.monotonic() + TOTAL_SECONDS)
    attempts: int = field(default=0, init=False)
    left: bool = field(default=False, init=False)

    @property
    def writes(self) -> bool:
        return self.method not in READS

    def request(self) -> Request:
        return Request(
            self.method,
            self.match.path,
            self.match.values,
            self.parameters,
            self.body,
            {"X-Request-ID": self.request_id},
            bounds=Bounds(settings.PROXY_MAX_ANSWER_KIB * 1024, self.until),
            may_be_nothing=not self.writes,
            read_back=is_read_after(self.match, self.method),
        )

    @property
    def late_at(self) -> float:
        """From when on so little time is left that a write would more likely be cut off than answered."""
        return self.until - TOTAL_SECONDS / 5

    def seen(self, call: Call) -> None:
        """The client tells of each request that it tried; that for a token is none of the caller's."""
        if call.path == self.match.path:
            self.attempts += 1
            self.left |= call.left
        measure_call(call)


def prefixes() -> tuple[str, ...]:
    """What a caller may write before a path."""
    return advoware_client().prefixes


def address(sending: Sending) -> str:
    """The whole address as it would be asked for, without its query."""
    return f"{advoware_client().base_url}/{sending.request().filled_path}"


def is_down(caller: Caller | None) -> None:
    """Refuse while the breaker keeps the sync from calling, too. It came with the caller's key, if there is one."""
    key = caller.row if caller else None
    until: datetime | None = getattr(key, "advoware_down_until", None) if key else _open_until()
    left = until - timezone.now() if until else timedelta()
    if left > timedelta():
        raise ProxyRefusal(Code.ADVOWARE_DOWN, retry_after=left.total_seconds())


def _open_until() -> datetime | None:
    breaker = BREAKER.first()
    return breaker.open_until if breaker else None


def send(sending: Sending) -> ProxyAnswer:
    """Make the call."""
    request = sending.request()
    try:
        answer = advoware_client().with_observer(sending.seen).pass_on(request)
    except RemoteError as error:
        return _failed(error, request)
    return ProxyAnswer(Code.OK, answer.status, answer.status, content=_text(answer))


def _text(answer: Answer) -> str:
    """Its JSON as it came; only what is no UTF-8 is written anew. A word that is no JSON is none, where it may come."""
    if answer.shape != "json":
        return ""
    try:
        return answer.body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return json.dumps(answer.json, ensure_ascii=False)


def _failed(error: RemoteError, request: Request) -> ProxyAnswer:
    code = code_of(error, request)
    own = code.status
    wait = getattr(error, "retry_after", None)
    there = error.status if error.operation == request.operation else None
    return ProxyAnswer(
        code,
        own or there or Code.WRONG_ANSWER.status,
        there,
        details=_details(error) if code is Code.ADVOWARE_REFUSED else "",
        retry_after=RETRY_SECONDS if wait is None and code is Code.ADVOWARE_DOWN else wait,
    )


def code_of(error: RemoteError, request: Request) -> Code:
    """What the client's error means for the caller."""
    if error.operation != request.operation:  # the token's
        down = isinstance(error, Transient) or error.failure in (Failure.never_made, Failure.timed_out)
        return Code.ADVOWARE_DOWN if down else Code.ADVOWARE_LOGIN_FAILED
    if isinstance(error, AuthFailed):
        return Code.ADVOWARE_LOGIN_FAILED
    if isinstance(error, OutcomeUnknown):
        return Code.OUTCOME_UNKNOWN
    if isinstance(error, NotSent) or error.status == 503:
        return Code.ADVOWARE_DOWN
    if error.failure:
        return BY_FAILURE[error.failure]
    neither = Code.OUTCOME_UNKNOWN if request.writes else Code.WRONG_ANSWER
    return BY_STATUS.get((error.status or 0) // 100, neither)


def _details(error: RemoteError) -> object:
    """What Advoware says to a refusal, if it is short JSON: meant for whoever asked, and for no log."""
    if len(error.detail) > SHORT:
        return ""
    try:
        return json.loads(error.detail)
    except (ValueError, RecursionError):
        return ""
