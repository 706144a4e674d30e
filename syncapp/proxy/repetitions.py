"""Idempotency-Key of a POST: the same request is answered again for a day, and sent once.

| the key was used | for | then |
| --- | --- | --- |
| never, or for something that was not sent | – | sent |
| for this request | which is answered | the same answer again |
| for this request | which is under way | 409 |
| for this request | whose process died in the middle | 504: unknown, now as then |
| for another request | – | 422 |

Invariant: claimed by a unique row before anything is sent; given back only if nothing left here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db import IntegrityError, transaction
from django.utils import timezone

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.models import KeptAnswer, ProxyKey
from syncapp.proxy.answers import ProxyAnswer
from syncapp.proxy.forwarding import TOTAL_SECONDS, Sending
from syncapp.proxy.records import digest

KEPT = timedelta(days=1)
# Longer than any call can last.
DEAD_AFTER = timedelta(seconds=4 * TOTAL_SECONDS)
SHORTEST, LONGEST = 8, 128
WAIT = 2.0
# Nothing was done over there, or the object was locked, or it was too much for the moment.
NOTHING_DONE = frozenset({Code.ADVOWARE_DOWN, Code.ADVOWARE_UNREACHABLE, Code.ADVOWARE_LOGIN_FAILED})
PASSES = frozenset({423, 429})


@dataclass(frozen=True, slots=True)
class Claim:
    """Ours to send (`before` is None), or what was answered then."""

    row: KeptAnswer
    before: ProxyAnswer | None = None


def name_of(headers: Mapping[str, str]) -> str:
    """The digest of the caller's Idempotency-Key, which may hold anything and is not kept; "" without one."""
    text = headers.get("Idempotency-Key", "")
    if not text:
        return ""
    if not SHORTEST <= len(text) <= LONGEST or not (text.isascii() and text.isprintable()):
        raise ProxyRefusal(Code.BAD_IDEMPOTENCY_KEY)
    return digest(text.encode())


def claim(name: str, key: ProxyKey, sending: Sending) -> Claim:
    """The claim to this request."""
    asked = _digest(sending)
    try:
        KeptAnswer.objects.filter(key=key, name=name, begun_at__lt=timezone.now() - KEPT).delete()
        with transaction.atomic():
            return Claim(KeptAnswer.objects.create(key=key, name=name, digest=asked))
    except IntegrityError:
        pass
    except DatabaseError:
        raise ProxyRefusal(Code.NOT_RECORDED, retry_after=5) from None
    row = KeptAnswer.objects.filter(key=key, name=name).first()
    if row is None:  # given back just now
        raise ProxyRefusal(Code.STILL_RUNNING, retry_after=WAIT)
    return Claim(row, _before(row, asked))


def _before(row: KeptAnswer, asked: str) -> ProxyAnswer:
    if row.digest != asked:
        raise ProxyRefusal(Code.OTHER_CONTENT)
    if row.status is not None:
        kept = json.loads(row.body)
        return ProxyAnswer(Code(kept["code"]), row.status, kept["advoware_status"], kept["content"], kept["details"])
    if abs(timezone.now() - row.begun_at) > DEAD_AFTER:  # ahead: begun before the clock was set back
        return ProxyAnswer(Code.OUTCOME_UNKNOWN, 504)
    raise ProxyRefusal(Code.STILL_RUNNING, retry_after=WAIT)


def settle(row: KeptAnswer, found: ProxyAnswer, *, sent: bool, call_id: int | None) -> None:
    """Keep what was answered, if it left here and another try could not fare better at once."""
    if not sent or found.code in NOTHING_DONE or found.status in PASSES:
        give_back(row)
    else:
        _keep(row, found, call_id)


def _keep(row: KeptAnswer, found: ProxyAnswer, call_id: int | None) -> None:
    body = {
        "code": found.code,
        "advoware_status": found.advoware_status,
        "content": found.content,
        "details": found.details,
    }
    KeptAnswer.objects.filter(pk=row.pk).update(status=found.status, body=json.dumps(body), call_id=call_id)


def give_back(row: KeptAnswer) -> None:
    """Nothing left here: the next one may try."""
    KeptAnswer.objects.filter(pk=row.pk, status=None).delete()


def _digest(sending: Sending) -> str:
    asked = [sending.method, sending.match.resource.template, sending.match.ids, sending.parameters, sending.body]
    return digest(json.dumps(asked, sort_keys=True).encode())
