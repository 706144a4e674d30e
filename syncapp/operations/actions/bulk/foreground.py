"""One record synced while somebody waits for it, and what came of it in words."""

from dataclasses import dataclass
from typing import Any

from syncapp.core.requests import Source
from syncapp.core.states import WAITING, Event, Status
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs.sync_record import Ended, Order, SyncResult, sync_record
from syncapp.models import SyncRecord
from syncapp.words import sentences

FINE = frozenset({*WAITING, Status.CLEAN, Status.CONFLICT, Status.DELETED_IN_ESPOCRM})
UNKNOWN = "unknown in EspoCRM"


@dataclass(frozen=True, slots=True)
class ForegroundResult:
    """What came of it. `ok`: a run took place and did not fail."""

    ok: bool
    words: str
    status: str = ""
    betnr: int | None = None
    kind: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        return {"result": self.words, "status": self.status, "betnr": self.betnr, "kind": self.kind}


def sync_now(*, espo_id: str, actor: str, force: bool) -> ForegroundResult:
    """One run. `force`: whatever the record waits for, it starts over, as by the button; what is still in its way stops
    it again."""
    record, source = SyncRecord.objects.get_or_create(espo_id=espo_id)[0], Source.COMMAND
    if force:
        request_sync(SyncRecord, record_id=record.pk, event=Event.RESET, source=source)
    result = sync_record(Order(record.pk, source, actor, forced=True))
    return _row(record, result)


def _row(record: SyncRecord, result: SyncResult) -> ForegroundResult:
    fresh = SyncRecord.objects.filter(pk=record.pk).first()
    if fresh is None:
        return ForegroundResult(False, UNKNOWN)
    if result.ended is not Ended.RAN:
        why = f": {result.detail}" if result.detail else ""
        return ForegroundResult(False, f"not run ({result.ended}{why})", fresh.status, fresh.betnr, fresh.kind)
    sentence = sentences.sentence(fresh.fault)
    words = f"{fresh.get_status_display()}, betNr {fresh.betnr or '–'}{'. ' + sentence if sentence else ''}"
    return ForegroundResult(result.status in FINE, words, fresh.status, fresh.betnr, fresh.kind)
