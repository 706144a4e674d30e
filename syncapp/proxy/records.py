"""The audit: a row for each call, that of a write before it is sent.

Invariant: names, numbers and ids only, no value and no body. A write that cannot be recorded is not sent; a process
that dies in the middle of one leaves its row as unknown. What a caller gets of a read does not depend on its row.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import Error as DatabaseError

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.resources import READS
from syncapp.engine.rows.counters import CALL_BUCKETS, count, observe
from syncapp.engine.rows.prepared import insert
from syncapp.models import CallOutcome, ProxyCall
from syncapp.proxy import answers
from syncapp.proxy.answers import ProxyAnswer, Reply
from syncapp.proxy.callers import Caller, may_be_recorded

log = logging.getLogger("advosync.proxy")

OUTCOMES: dict[Code, str] = {
    Code.OK: CallOutcome.DONE,
    Code.DRY_RUN: CallOutcome.REHEARSED,
    Code.ADVOWARE_REFUSED: CallOutcome.REFUSED_THERE,
    Code.OUTCOME_UNKNOWN: CallOutcome.UNKNOWN,
    Code.UNAUTHORIZED: CallOutcome.UNAUTHORIZED,
    Code.TOO_MANY_WRONG_KEYS: CallOutcome.UNAUTHORIZED,
}
AFTER_SENDING = frozenset(
    {
        *(Code.ADVOWARE_LOGIN_FAILED, Code.ADVOWARE_UNREACHABLE, Code.ADVOWARE_FAILED, Code.WRONG_ANSWER),
        *(Code.REDIRECTED, Code.ANSWER_TOO_LARGE, Code.TIMED_OUT),
    }
)
# What anybody may call forth as often as they like: a wrong key, any at all while the proxy is off, a right one from
# elsewhere.
SHUT_OUT = frozenset({Code.UNAUTHORIZED, Code.PROXY_OFF, Code.NETWORK_NOT_ALLOWED})
NO_KEY = "–"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it arrived. `raw_path`: behind our address, undecoded; None where the path is a parameter.

    length: the declared one, None without; read: gives up to so many bytes of the body.
    """

    method: str
    raw_query: str
    raw_path: str | None
    headers: Mapping[str, str]
    address: str
    length: int | None
    read: Callable[[int], bytes]
    request_id: str

    @property
    def writes(self) -> bool:
        return self.method not in READS


@dataclass
class Record:
    """One call, and what is to be written of it as it becomes known."""

    incoming: Incoming
    caller: Caller | None = None
    template: str = ""
    path_ids: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    request_bytes: int = 0
    attempts: int = 0
    left: bool = False
    idempotency: str = ""
    repeated: bool = False
    row: ProxyCall | None = None
    begun: float = field(default_factory=time.monotonic)

    def begin(self) -> None:
        """Before a write: from here on it counts as unknown."""
        self.row = self._new(outcome=CallOutcome.UNKNOWN)
        try:
            insert(self.row)
        except DatabaseError as error:
            log.error("proxy_call_not_recorded", extra={"error": type(error).__name__})
            raise ProxyRefusal(Code.NOT_RECORDED, retry_after=5) from None

    def closed_with(self, found: ProxyAnswer, *, plain: bool) -> Reply:
        """What goes back, noted however it ended."""
        reply = answers.reply(found, plain=plain, request_id=self.incoming.request_id)
        outcome = self._outcome(found)
        seconds = time.monotonic() - self.begun
        self._measure(outcome, seconds)
        known = {
            "outcome": outcome,
            "code": found.code,
            "status": reply.status,
            "advoware_status": found.advoware_status,
            "answer_bytes": len(reply.body),
            "duration_ms": round(seconds * 1000),
            "attempts": self.attempts,
        }
        try:
            self._write(known, found.code)
        except DatabaseError as error:
            log.error("proxy_call_not_completed", extra={"error": type(error).__name__, "method": self.incoming.method})
        return reply

    def _write(self, known: Mapping[str, object], code: Code) -> None:
        if self.row is not None:
            ProxyCall.objects.filter(pk=self.row.pk).update(**known)
        elif self._is_worth_a_row(code):
            # This call changed nothing there: its row may be lost with the power of a server. No other may.
            insert(self._new(**known), awaited=False)

    @staticmethod
    def _is_worth_a_row(code: Code) -> bool:
        return code is not Code.TOO_MANY_WRONG_KEYS and (code not in SHUT_OUT or may_be_recorded(code))

    def _outcome(self, found: ProxyAnswer) -> str:
        if self.repeated:
            return CallOutcome.REPEATED
        if found.code in OUTCOMES:
            return OUTCOMES[found.code]
        sent = found.code in AFTER_SENDING or self.attempts
        return CallOutcome.FAILED if sent else CallOutcome.REFUSED

    def _new(self, **known: object) -> ProxyCall:
        return ProxyCall(
            key=self.caller.row if self.caller else None,
            caller=self.caller.name if self.caller else "",
            address=self.incoming.address,
            method=self.incoming.method[:8],
            template=self.template,
            path_ids=list(self.path_ids),
            parameters=list(self.parameters),
            request_bytes=self.request_bytes,
            idempotency=self.idempotency,
            request_id=self.incoming.request_id,
            **known,
        )

    def _measure(self, outcome: str, seconds: float) -> None:
        key = self.caller.row.prefix if self.caller and self.caller.row else NO_KEY
        template = self.template or NO_KEY
        count("proxy_calls", key=key, template=template, outcome=outcome)
        observe("proxy_call_duration_seconds", seconds, buckets=CALL_BUCKETS, outcome=outcome)
        log.info(
            "proxy_call",
            extra={
                "method": self.incoming.method[:8],
                "template": template,
                "outcome": outcome,
                "key": key,
                "ms": round(seconds * 1000),
            },
        )


def found_by(work: Callable[[Record], ProxyAnswer], record: Record) -> ProxyAnswer:
    """What comes of it; a fault of ours, or of our database, after a write was sent leaves its outcome unknown."""
    try:
        return work(record)
    except ProxyRefusal as refusal:
        return answers.refused(refusal)
    except Exception as fault:
        log.error("proxy_fault", extra={"error": type(fault).__name__}, exc_info=not isinstance(fault, DatabaseError))
        if record.row and record.left:
            return answers.refused(ProxyRefusal(Code.OUTCOME_UNKNOWN))
        if isinstance(fault, DatabaseError):
            return answers.refused(ProxyRefusal(Code.NOT_RECORDED, retry_after=5))
        return answers.refused(ProxyRefusal(Code.INTERNAL))


def digest(*parts: bytes) -> str:
    """One digest of several parts, each with its length, so that none can run into the next."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()
