"""What an operator does to one record, for tests that need somebody to do it."""

from syncapp.core.sides import Side
from syncapp.models import SyncRecord
from syncapp.operations.actions import ActionContext, perform
from syncapp.operations.actions.binding import read_both

ACTOR = "tests"


def sync_now(record: SyncRecord) -> None:
    """Ask for a run, with a count of zero."""
    perform(code="sync_now", record=record, action_context=ActionContext(ACTOR, "looked at it"))


def create_after_all(record: SyncRecord) -> None:
    """Somebody has made sure that the Beteiligter does not exist in Advoware."""
    perform(code="create_after_all", record=record, action_context=ActionContext(ACTOR))


def take_everything_from(record: SyncRecord, side: Side) -> None:
    """One run in which every differing field comes from one side."""
    perform(code=f"everything_from_{side.value}", record=record, action_context=ActionContext(ACTOR))


def link_to_betnr(record: SyncRecord, betnr: int) -> None:
    """Tie the record to a Beteiligter that exists: both are read first."""
    seen, _field_map = read_both(record=record, betnr=betnr)
    perform(
        code="link",
        record=record,
        action_context=ActionContext(ACTOR, details={"betnr": betnr, "in_espocrm": seen.betnr_in_espocrm}),
    )
