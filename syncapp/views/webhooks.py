"""The webhook addresses. Thin: limits of HTTP here, everything else in entities/beteiligte: intake.py for the record
itself, child_events/intake.py for what belongs to it.

Invariant: the answer comes when everything is committed, and waits for nothing else: Redis hears of it afterwards.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from syncapp.core.faults.tracebacks import without_values
from syncapp.engine import job_queue
from syncapp.engine.rows import database_errors
from syncapp.engine.rows.counters import count
from syncapp.entities.beteiligte.child_events.intake import receive as receive_item
from syncapp.entities.beteiligte.intake import Accepted, DeliveryRefused, receive

log = logging.getLogger("advosync.webhooks")

MAX_BYTES = 1024 * 1024


class Taken(JsonResponse):
    """The answer to a delivery. `afterwards`: done when the sender has it (a server closes what it has sent)."""

    def __init__(self, told: dict[str, Any], *, afterwards: Iterable[Callable[[], None]]) -> None:
        super().__init__(told, status=202)
        self._afterwards = [*afterwards]

    def close(self) -> None:
        super().close()
        while self._afterwards:
            _done(self._afterwards.pop(0))


def _done(job: Callable[[], None]) -> None:
    """What is not enqueued now is found by the dispatcher."""
    try:
        job()
    except Exception as error:
        log.error("webhook_not_enqueued", extra={"at": without_values(error)})


@csrf_exempt
@require_POST
def webhook(request: HttpRequest, action: str, child: str = "") -> HttpResponse:
    """One delivery for `action` (create, update, delete). EspoCRM repeats on 503 and gives up at once on 4xx/413.

    child: the entity that it is about, where that is not the record's own (`adressen`).
    """
    try:
        with job_queue.kept_back() as jobs:
            accepted = _take(request, action, child)
    except DeliveryRefused as refusal:
        _count_refused(f"{child}.{action}" if child else action, refusal.status)
        return JsonResponse({"error": refusal.reason}, status=refusal.status)
    except DatabaseError as error:
        database_errors.note_if_full(error)
        log.error("webhook_not_stored", extra={"action": action, "error": type(error).__name__})
        return JsonResponse({"error": "cannot be stored at the moment, please send again"}, status=503)
    log.info(
        "webhook_taken",
        extra={"action": action, "child": child, "accepted": accepted.accepted, "results": accepted.results},
    )
    answer = {"accepted": accepted.accepted, "rejected": list(accepted.rejected), "results": accepted.results}
    return Taken(answer, afterwards=jobs)


def _take(request: HttpRequest, action: str, child: str) -> Accepted:
    raw = _read(request)
    signature, legacy = request.headers.get("Signature"), request.headers.get("X-Signature")
    if child:
        return receive_item(name=child, action=action, raw=raw, signature=signature, legacy_signature=legacy)
    return receive(action=action, raw=raw, signature=signature, legacy_signature=legacy)


def _read(request: HttpRequest) -> bytes:
    """The body up to the limit; the declared length is not trusted."""
    declared = request.headers.get("Content-Length", "")
    if declared.isdecimal() and (len(declared) > len(str(MAX_BYTES)) or int(declared) > MAX_BYTES):
        raise DeliveryRefused(413, f"larger than {MAX_BYTES} bytes")
    try:
        raw = request.read(MAX_BYTES + 1)
    except UnreadablePostError:
        raise DeliveryRefused(400, "the body ended before its length") from None
    if len(raw) > MAX_BYTES:
        raise DeliveryRefused(413, f"larger than {MAX_BYTES} bytes")
    return raw


def _count_refused(action: str, status: int) -> None:
    try:
        count("webhook_deliveries", action=action, result=str(status))
    except DatabaseError:
        log.warning("webhook_refusal_not_counted", extra={"action": action, "status": status})
