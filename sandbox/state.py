"""The stand-ins taken together: emptied, filled, shown."""

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Model

from sandbox import calls, faults, switches
from sandbox import seed as seeding
from sandbox.advoware import tokens
from sandbox.advoware.shape import beteiligter_json
from sandbox.advoware.termin_shape import termin_json
from sandbox.espocrm import auth, people, sender
from sandbox.espocrm import records as espocrm_records
from sandbox.google import calendars, feed, quotas
from sandbox.models.advoware import Beteiligter, Termin
from sandbox.models.espocrm import WebhookItem
from sandbox.models.google import GoogleCalendar, ServiceAccount


def reset() -> None:
    """Empties all systems and puts every switch back; the well-known users and the keys handed out stay."""
    with transaction.atomic(using="sandbox"):
        _empty([model for model in apps.get_app_config("sandbox").get_models() if model is not ServiceAccount])
        people.install()
    switches.reset()
    faults.clear()
    calls.clear()
    tokens.forget()
    auth.forget_failures()
    quotas.forget()
    calendars.forget_mails()


def _empty(models: Sequence[type[Model]]) -> None:
    """Whole tables, later ones first: Django's own way would look through each for what hangs on its rows."""
    database = connections["sandbox"]
    with database.cursor() as cursor:
        for model in reversed(models):
            cursor.execute(f"DELETE FROM {database.ops.quote_name(model._meta.db_table)}")  # noqa: S608 (names of ours)


def seed(*, count: int | None = None, children: bool = False) -> dict[str, Any]:
    return seeding.load(count=count, children=children)


def advoware_object(bet_nr: int) -> dict[str, object]:
    return beteiligter_json(Beteiligter.objects.get(pk=bet_nr), true_numbers=True)


def snapshot() -> dict[str, object]:
    rows = Beteiligter.objects.prefetch_related("kommunikation", "entries")
    return {
        "espocrm": espocrm_records.snapshot(),
        "advoware": [beteiligter_json(row, true_numbers=True) for row in rows],
        "termine": [termin_json(row) for row in Termin.objects.filter(gone=False)],
        "google": {row.pk: _events(row) for row in GoogleCalendar.objects.filter(deleted=False)},
    }


def _events(calendar: GoogleCalendar) -> list[dict[str, object]]:
    """All events of a calendar, the deleted ones too."""
    return [feed.shown(event) for event in calendar.events.select_related("calendar")]


def flush_webhooks(*, retries: bool = False) -> dict[str, object]:
    """Sends what is due; with `retries` also what waits for its next attempt."""
    if retries:
        WebhookItem.objects.update(due_at=0)
    statuses = sender.send_pending()
    return {"sent": len(statuses), "statuses": statuses}
