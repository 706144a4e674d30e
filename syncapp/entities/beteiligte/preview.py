"""What the next run would do with a record: the run's own reading and the run's own plan, and nothing is written.

Invariant: GETs only; no row of ours and no remote system changes. Whoever shows a preview renders `plan`, and decides
nothing by itself.
"""

from dataclasses import dataclass

from syncapp.core.beteiligte.plan import RecordPlan, plan_record
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import Tools
from syncapp.entities.beteiligte.links import claims
from syncapp.entities.beteiligte.read import Gone, read_both
from syncapp.entities.beteiligte.snapshot import Both, Reading, reading_of
from syncapp.models import Control, SyncRecord


@dataclass(frozen=True, slots=True)
class Preview:
    """`gone`: that side does not know the record any more, and there is no plan."""

    row: SyncRecord
    reading: Reading | None = None
    plan: RecordPlan | None = None
    gone: Side | None = None


def preview(row: SyncRecord, *, tools: Tools, control: Control) -> Preview:
    """Read both sides and plan. Raises RemoteError where a side cannot be read."""
    return preview_of(row, read_both(row, tools.clients), tools=tools, control=control)


def preview_of(row: SyncRecord, both: Both | Gone, *, tools: Tools, control: Control) -> Preview:
    """The plan for what has been read. `row` changes in memory alone, where a new betNr would count."""
    if isinstance(both, Gone):
        return Preview(row, gone=both.side)
    if both.link is not None:
        claims.forget_in_memory(row, both.link.betnr)
    reading = reading_of(row, both, tools=tools, control=control)
    return Preview(row, reading, plan_record(reading.snapshot))
