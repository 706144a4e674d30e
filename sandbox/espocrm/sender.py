"""Sends webhook deliveries, as EspoCRM's scheduled job does.

A run takes the oldest events (20 unless switched), gives one item to each webhook that listens, and sends to every
webhook what is due for it in one array of at most BATCH elements. Items are claimed by a conditional update before they
are sent, so that two senders never send the same; nothing is sent inside a transaction.
What becomes of the items depends on the answer's status alone: the table OUTCOMES.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import requests
from django.db import transaction
from django.db.models import F

from sandbox.models.espocrm import EspoWebhook, WebhookEvent, WebhookItem
from sandbox.switches import switches

BATCH = 50
MAX_ATTEMPTS = 4
PAUSE_SECONDS = 600.0
TIMEOUTS = (5.0, 10.0)
CLAIM_SECONDS = 60.0
NO_ANSWER, TIMED_OUT = 0, 408

DELIVERED, AGAIN, LOST, DROPPED = "delivered", "again", "lost", "dropped"
OUTCOMES = {410: DROPPED} | dict.fromkeys((NO_ANSWER, 401, 403, 404, 405, TIMED_OUT, 500, 503), AGAIN)


@dataclass(frozen=True)
class Delivery:
    """What is posted: raw body and signature headers belong together byte by byte."""

    url: str
    body: bytes
    headers: dict[str, str]


def outcome(status: int) -> str:
    return DELIVERED if 200 <= status < 400 else OUTCOMES.get(status, LOST)


def delivery(webhook: EspoWebhook, elements: Sequence[object]) -> Delivery:
    body = encoded(elements)
    return Delivery(webhook.url, body, signature_headers(webhook.id, webhook.secret_key, body))


def encoded(elements: Sequence[object]) -> bytes:
    """As PHP's json_encode writes it: without spaces, ASCII only, slashes escaped."""
    return json.dumps(elements, separators=(",", ":")).replace("/", "\\/").encode()


def signature_headers(webhook_id: str, secret_key: str, body: bytes) -> dict[str, str]:
    """`Signature` carries the digest in hexadecimal, the older `X-Signature` its raw bytes."""
    digest = hmac.new(secret_key.encode(), body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "Signature": base64.b64encode(f"{webhook_id}:{digest.hexdigest()}".encode()).decode(),
        "X-Signature": base64.b64encode(f"{webhook_id}:".encode() + digest.digest()).decode(),
    }


def send_pending(*, everything: bool = True) -> list[int]:
    """Sends what is due; returns the statuses. One run of the job, or as many as it takes to leave no event behind."""
    statuses: list[int] = []
    while True:
        taken = _spread_events(int(str(switches("espocrm")["webhook_events_per_run"])))
        sent = [_send_to(webhook_id) for webhook_id in _webhooks_with_due_items()]
        statuses += [status for status in sent if status is not None]
        if not everything or not (taken or sent):
            return statuses


def _spread_events(limit: int) -> int:
    """Makes items of the oldest events. Returns how many events were taken."""
    if not WebhookEvent.objects.exists():
        return 0
    with transaction.atomic(using="sandbox"):
        events = list(WebhookEvent.objects.order_by("pk")[:limit])
        webhooks = list(EspoWebhook.objects.filter(is_active=True).order_by("created_at", "id"))
        WebhookItem.objects.bulk_create(
            WebhookItem(webhook=webhook, payload=event.payload)
            for event in events
            for webhook in webhooks
            if webhook.event == event.event and not (webhook.skip_own and webhook.user_id == event.user_id)
        )
        WebhookEvent.objects.filter(pk__in=[event.pk for event in events]).delete()
    return len(events)


def _webhooks_with_due_items() -> list[str]:
    """Oldest item first; with the switch the other way round, since the real job keeps no order between webhooks."""
    moment = time.time()
    waiting = WebhookItem.objects.filter(due_at__lte=moment, taken_until__lte=moment).order_by("pk")
    found = list(dict.fromkeys(waiting.values_list("webhook_id", flat=True)))
    return found[::-1] if switches("espocrm")["webhook_disorder"] else found


def _claim(webhook_id: str) -> list[WebhookItem]:
    moment = time.time()
    with transaction.atomic(using="sandbox"):
        due = WebhookItem.objects.filter(webhook_id=webhook_id, due_at__lte=moment, taken_until__lte=moment)
        items = list(due.order_by("pk")[:BATCH])
        WebhookItem.objects.filter(pk__in=[item.pk for item in items]).update(taken_until=moment + CLAIM_SECONDS)
    return items


def _send_to(webhook_id: str) -> int | None:
    webhook = EspoWebhook.objects.filter(id=webhook_id).first()
    items = _claim(webhook_id)
    keys = [item.pk for item in items]
    if webhook is None or not webhook.is_active:
        WebhookItem.objects.filter(pk__in=keys).delete()
        return None
    if not items:
        return None
    status = _post(delivery(webhook, [item.payload for item in items]))
    _settle(webhook, keys, outcome(status))
    return status


def _post(posted: Delivery) -> int:
    try:
        answer = requests.post(posted.url, data=posted.body, headers=posted.headers, timeout=TIMEOUTS)
    except requests.Timeout:
        return TIMED_OUT
    except requests.ConnectionError:
        return NO_ANSWER
    except requests.RequestException:
        return 400  # an address that cannot be posted to is given up at once
    return answer.status_code


def _settle(webhook: EspoWebhook, keys: Sequence[int], fate: str) -> None:
    if fate == DROPPED:
        webhook.delete()
        return
    items = WebhookItem.objects.filter(pk__in=keys)
    if fate == AGAIN:
        items.update(attempts=F("attempts") + 1, due_at=time.time() + PAUSE_SECONDS, taken_until=0)
        items = items.filter(attempts__gte=MAX_ATTEMPTS)
    items.delete()
