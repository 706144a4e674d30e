"""The webhooks of a demo: the stand-in EspoCRM tells the product what happens.

To extend: a further entity whose records belong to others is a row of CHILDREN.
"""

from sandbox.espocrm import people
from sandbox.espocrm.clock import now
from sandbox.models.espocrm import EspoUser, EspoWebhook

PATH = "/webhooks/espocrm/"
# Event -> (id, secret). Well known, as everything in the sandbox; the ids have EspoCRM's length.
WEBHOOKS = {
    "create": ("5a0d00000000000c1", "5a0dc0c0c0c0c0c0c0c0c0c0c0c0c0c1"),
    "update": ("5a0d00000000000c2", "5a0dc0c0c0c0c0c0c0c0c0c0c0c0c0c2"),
    "delete": ("5a0d00000000000c3", "5a0dc0c0c0c0c0c0c0c0c0c0c0c0c0c3"),
}

# Entity type -> its name in the address; of each event (id, secret) as above.
CHILDREN = {"CAdressen": "adressen", "CBankverbindungen": "bankverbindungen"}
CHILD_WEBHOOKS = {
    f"{entity_type}.{event}": (f"5a0d00000000000{place}{nth}", f"5a0d{place * 24}c{place}0{nth}")
    for place, entity_type in zip("de", CHILDREN, strict=True)
    for nth, event in enumerate(WEBHOOKS, 1)
}


def install(base_url: str, *, entity_type: str = "CBeteiligte") -> str:
    """Creates or repairs them; returns the value for ESPOCRM_WEBHOOK_SECRETS."""
    people.install()
    for event, secret in WEBHOOKS.items():
        _install(f"{entity_type}.{event}", f"{base_url.rstrip('/')}{PATH}beteiligte/{event}", *secret)
    for event, secret in CHILD_WEBHOOKS.items():
        child, action = event.split(".")
        _install(event, f"{base_url.rstrip('/')}{PATH}{CHILDREN[child]}/{action}", *secret)
    return ",".join(f"{webhook_id}:{secret}" for webhook_id, secret in (WEBHOOKS | CHILD_WEBHOOKS).values())


def _install(event: str, url: str, webhook_id: str, secret: str) -> None:
    user, moment = EspoUser.objects.get(user_name="syncbot"), now()
    facts = {"event": event, "url": url, "secret_key": secret, "modified_at": moment}
    EspoWebhook.objects.update_or_create(
        id=webhook_id,
        defaults={**facts, "is_active": True},
        create_defaults={**facts, "user": user, "created_at": moment},
    )
