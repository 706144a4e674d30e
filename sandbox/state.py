"""Both stand-ins taken together: emptied, filled, shown."""

from typing import Any

from django.apps import apps
from django.db import transaction

from sandbox import calls, faults, switches
from sandbox.advoware import tokens
from sandbox.advoware.shape import beteiligter_json
from sandbox.models.advoware import Beteiligter


def reset() -> None:
    """Empties both systems and puts every switch back; API users stay known."""
    with transaction.atomic(using="sandbox"):
        for model in reversed(list(apps.get_app_config("sandbox").get_models())):
            model._base_manager.using("sandbox").all().delete()
    switches.reset()
    faults.clear()
    calls.clear()
    tokens.forget()


def seed(*, count: int | None = None) -> dict[str, Any]:
    from sandbox import seed as seeding

    return seeding.load(count=count)


def advoware_object(bet_nr: int) -> dict[str, object]:
    return beteiligter_json(Beteiligter.objects.get(pk=bet_nr), true_numbers=True)


def snapshot() -> dict[str, object]:
    rows = Beteiligter.objects.prefetch_related("kommunikation")
    return {"espocrm": [], "advoware": [beteiligter_json(row, true_numbers=True) for row in rows]}


def flush_webhooks() -> dict[str, object]:
    from sandbox.espocrm.sender import send_pending

    statuses = send_pending()
    return {"sent": len(statuses), "statuses": statuses}
