"""What a person does to one record, by name: for commands and programs. The acts themselves are in services/acts.

Invariant: nothing is done here; each function names its act and who does it, and the act logs itself.
"""

from syncapp.core.fields import Side
from syncapp.models import Conflict, DeletionTask, SyncRecord
from syncapp.services.acts import Doing, Refused, conflicts, perform, tasks
from syncapp.services.acts.binding import look_at

__all__ = ["Refused"]


def sync_now(*, record: SyncRecord, actor: str, source: str = "person") -> None:
    """Ask for a run at once, whatever the waiting time."""
    perform(code="sync_now", record=record, doing=Doing(actor, source=source))


def resync(*, record: SyncRecord, actor: str, source: str = "person", reason: str = "") -> None:
    """The same, and both sides are read whole."""
    perform(code="resync", record=record, doing=Doing(actor, reason, source))


def reset(*, record: SyncRecord, actor: str, reason: str = "", source: str = "person") -> None:
    """Start over with a count of zero what has failed or is gone in Advoware."""
    perform(code="reset", record=record, doing=Doing(actor, reason, source))


def release_lock(*, record: SyncRecord, actor: str, reason: str = "", source: str = "person") -> str:
    """Take a record from the run that holds it; who that was."""
    return perform(code="release_lock", record=record, doing=Doing(actor, reason, source))


def take_everything_from(*, record: SyncRecord, side: Side, actor: str, reason: str = "") -> None:
    """One run in which every differing field comes from one side."""
    perform(code=f"everything_from_{side.value}", record=record, doing=Doing(actor, reason))


def create_after_all(*, record: SyncRecord, actor: str, reason: str = "", source: str = "person") -> None:
    """Allow the create: somebody has made sure that the Beteiligter does not exist in Advoware."""
    perform(code="create_after_all", record=record, doing=Doing(actor, reason, source))


def link_to_betnr(*, record: SyncRecord, betnr: int, actor: str, reason: str = "", source: str = "person") -> None:
    """Tie the record to a Beteiligter that exists: both are read first."""
    seen, _field_map = look_at(record=record, betnr=betnr)
    details = {"betnr": betnr, "in_espocrm": seen.betnr_in_espocrm}
    perform(code="link", record=record, doing=Doing(actor, reason, source, details=details))


def mark_deletion_done(*, task: DeletionTask, actor: str, user_id: int | None = None) -> None:
    """Tick off a deletion that somebody has done by hand in Advoware."""
    tasks.tick_off(task=task, doing=Doing(actor, user_id=user_id))


def resolve_conflict(*, conflict: Conflict, keep: Side, actor: str, user_id: int | None = None) -> None:
    """Decide an open conflict; the decision holds only for the values that were shown."""
    conflicts.decide(conflict=conflict, keep=keep, doing=Doing(actor, user_id=user_id))
    conflicts.ring(conflict.record)


def restore_lost(*, conflict: Conflict, actor: str) -> None:
    """Write the value that lost into EspoCRM, from where the next run carries it like any edit."""
    conflicts.restore(conflict=conflict, doing=Doing(actor))
