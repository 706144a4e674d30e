"""Records for EspoCRM ids that somebody names: found, or made anew."""

from syncapp.models import SyncRecord


def ensure_record(*, espo_id: str) -> SyncRecord:
    """Our row for an EspoCRM id; a new one waits for its first sync."""
    record, _created = SyncRecord.objects.get_or_create(espo_id=espo_id)
    return record
