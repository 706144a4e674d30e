"""Which webhook events a change makes. They wait in the database until the sender's next run.

Invariant: an event is stored in the transaction of its change, and only if some active webhook listens for it. Updates
never carry modifiedAt or versionNumber, and modifiedById only when another user than before wrote.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.espocrm.entities import EntityType
from sandbox.models.espocrm import EspoUser, EspoWebhook, WebhookEvent

Attributes = Mapping[str, Any]


def _listened_to() -> set[str]:
    return set(EspoWebhook.objects.filter(is_active=True).order_by().values_list("event", flat=True))


def _store(events: Mapping[str, Attributes], user: EspoUser) -> None:
    waited_for = _listened_to()
    WebhookEvent.objects.bulk_create(
        WebhookEvent(event=event, user_id=user.id, payload=payload)
        for event, payload in events.items()
        if event in waited_for
    )


def created(entity: EntityType, attributes: Attributes, user: EspoUser) -> None:
    _store({f"{entity.name}.create": attributes}, user)


def deleted(entity: EntityType, record_id: str, user: EspoUser) -> None:
    _store({f"{entity.name}.delete": {"id": record_id}}, user)


def updated(entity: EntityType, record_id: str, changed: Attributes, now: Attributes, user: EspoUser) -> None:
    """`changed` goes out as the update event; each field concerned has its own event with all its attributes."""
    if not changed:
        return
    found = {f"{entity.name}.update": {**changed, "id": record_id}}
    for row in entity.fields:
        if any(name in changed for name in row.attributes):
            found[f"{entity.name}.fieldUpdate.{row.name}"] = {
                "id": record_id,
                **{name: now.get(name) for name in row.attributes},
            }
    _store(found, user)
