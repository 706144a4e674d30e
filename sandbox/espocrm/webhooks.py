"""Webhook records: made, listed, changed and deleted through the API by the user they belong to."""

import re
import secrets
from typing import Any

from django.db.models import QuerySet

from sandbox.espocrm import clock
from sandbox.espocrm.answers import EspoRefusal, ForbiddenAnswer
from sandbox.espocrm.entities import ENTITY_TYPES
from sandbox.espocrm.people import require
from sandbox.espocrm.search import DIRECTIONS, Search
from sandbox.espocrm.shapes import name_of
from sandbox.models.espocrm import EspoUser, EspoWebhook

SCOPE = "Webhook"
TYPES = frozenset({"create", "update", "delete"})
CHANGEABLE = {"url": "url", "isActive": "is_active", "skipOwn": "skip_own"}
ORDERS = {"createdAt": "created_at", "modifiedAt": "modified_at", "event": "event"}


def _mine(user: EspoUser) -> QuerySet[EspoWebhook]:
    found = EspoWebhook.objects.select_related("user", "modified_by")
    return found if user.type == "admin" else found.filter(user=user)


def _get(webhook_id: str, user: EspoUser, reason: str) -> EspoWebhook:
    require(user, SCOPE, "read")
    webhook = _mine(user).filter(id=webhook_id).first()
    if webhook is None:
        raise EspoRefusal(404, f"Record {webhook_id} {reason}.")
    return webhook


def shape(webhook: EspoWebhook) -> dict[str, Any]:
    entity_type, kind, field = _parts(webhook.event)
    return {
        "id": webhook.id,
        "deleted": False,
        "event": webhook.event,
        "url": webhook.url,
        "isActive": webhook.is_active,
        "entityType": entity_type,
        "type": kind,
        "field": field,
        "secretKey": webhook.secret_key,
        "skipOwn": webhook.skip_own,
        "createdAt": webhook.created_at,
        "modifiedAt": webhook.modified_at,
        "createdById": webhook.user.id,
        "createdByName": webhook.user.name,
        "modifiedById": webhook.modified_by.id if webhook.modified_by else None,
        "modifiedByName": name_of(webhook.modified_by),
    }


def _parts(event: str) -> tuple[str, str, str | None]:
    entity_type, kind, field = (*event.split("."), None, None)[:3]
    return str(entity_type), str(kind), field


def _check_event(event: str) -> None:
    entity_type, kind, field = _parts(event)
    if entity_type not in ENTITY_TYPES:
        raise ForbiddenAnswer("Entity type is forbidden.")
    known_field = kind == "fieldUpdate" and field in ENTITY_TYPES[entity_type].by_name
    if not re.fullmatch(r"\w+\.\w+(\.\w+)?", event) or not (known_field or (kind in TYPES and field is None)):
        raise ForbiddenAnswer("Not supported event.")


def create(body: dict[str, Any], user: EspoUser) -> dict[str, Any]:
    require(user, SCOPE, "create")
    _check_event(str(body.get("event")))
    moment = clock.now()
    webhook = EspoWebhook.objects.create(
        id=clock.new_id(),
        event=body["event"],
        url=str(body.get("url") or ""),
        is_active=body.get("isActive", True),
        skip_own=body.get("skipOwn", False),
        secret_key=secrets.token_hex(16),
        user=user,
        created_at=moment,
        modified_at=moment,
    )
    return {name: value for name, value in shape(webhook).items() if name != "modifiedById"}


def read(webhook_id: str, user: EspoUser) -> dict[str, Any]:
    return shape(_get(webhook_id, user, "does not exist"))


def update(webhook_id: str, body: dict[str, Any], user: EspoUser) -> dict[str, Any]:
    """The event stays what it was; an update without effect does not count as one."""
    webhook = _get(webhook_id, user, "not found")
    wanted = {CHANGEABLE[name]: value for name, value in body.items() if name in CHANGEABLE}
    if any(getattr(webhook, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(webhook, name, value)
        webhook.modified_at, webhook.modified_by = clock.now(), user
        webhook.save()
    return shape(webhook)


def delete(webhook_id: str, user: EspoUser) -> None:
    _get(webhook_id, user, "not found").delete()


def page(search: Search, user: EspoUser) -> dict[str, Any]:
    require(user, SCOPE, "read")
    found = _mine(user)
    sign, column = DIRECTIONS[search.order], ORDERS.get(search.order_by or "", "created_at")
    ordered = found.order_by(f"{sign}{column}", f"{sign}id")
    shown = ordered[search.offset : search.offset + search.max_size]
    return {"total": found.count(), "list": [shape(webhook) for webhook in shown]}
