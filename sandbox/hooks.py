"""The three webhooks of a demo: the stand-in EspoCRM tells the product what happens."""

from sandbox.espocrm import people
from sandbox.espocrm.clock import now
from sandbox.models.espocrm import EspoUser, EspoWebhook

PATH = "/webhooks/espocrm/beteiligte/"
# Event -> (id, secret). Well known, as everything in the sandbox; the ids have EspoCRM's length.
WEBHOOKS = {
    "create": ("5a0d00000000000c1", "5a0dc0c0c0c0c0c0c0c0c0c0c0c0c0c1"),
    "update": ("5a0d00000000000c2", "5a0dc0c0c0c0c0c0c0c0c0c0c0c0c0c2"),
    "delete": ("5a0d00000000000c3", "5a0dc0c0c0c0c0c0c0c0c0c0c0c0c0c3"),
}


def install(base_url: str, *, entity_type: str = "CBeteiligte") -> str:
    """Creates or repairs them; returns the value for ESPOCRM_WEBHOOK_SECRETS."""
    people.install()
    user, moment = EspoUser.objects.get(user_name="syncbot"), now()
    for event, (webhook_id, secret) in WEBHOOKS.items():
        EspoWebhook.objects.update_or_create(
            id=webhook_id,
            defaults={
                "event": f"{entity_type}.{event}",
                "url": f"{base_url.rstrip('/')}{PATH}{event}",
                "is_active": True,
                "secret_key": secret,
                "modified_at": moment,
            },
            create_defaults={
                "event": f"{entity_type}.{event}",
                "url": f"{base_url.rstrip('/')}{PATH}{event}",
                "secret_key": secret,
                "user": user,
                "created_at": moment,
                "modified_at": moment,
            },
        )
    return ",".join(f"{webhook_id}:{secret}" for webhook_id, secret in WEBHOOKS.values())
