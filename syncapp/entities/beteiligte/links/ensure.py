"""Records for EspoCRM ids that somebody names: found, or made anew."""

from collections.abc import Iterable

from django.db import transaction

from syncapp.core.requests import Trigger
from syncapp.core.states import Event
from syncapp.engine.rows.requests import request_sync
from syncapp.models import SyncRecord


def ensure_record(*, espo_id: str) -> SyncRecord:
    """Our row for an EspoCRM id; a new one waits for its first sync."""
    record, _created = SyncRecord.objects.get_or_create(espo_id=espo_id)
    return record


@transaction.atomic
def request_for_ids(*, espo_ids: Iterable[str], source: str, event: Event = Event.RESET) -> list[int]:
    """Ask for a sync of each; the ids of our rows."""
    ids = [ensure_record(espo_id=espo_id).pk for espo_id in espo_ids]
    for record_id in ids:
        request_sync(SyncRecord, record_id=record_id, event=event, trigger=Trigger.SYNC_CHECK, source=source)
    return ids
