"""How a run that went through ends: bases, what the record keeps, and whether something is left for the next one.

Invariant: what EspoCRM was sent takes its base from its answer, everything else from this run's look. Where some
elements were refused, what worked is committed first and the run ends as failed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.utils import timezone

from syncapp.core.base import Base
from syncapp.core.beteiligte.next_base import next_base
from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.requests import Override
from syncapp.core.sides import Side
from syncapp.core.states import Event
from syncapp.engine.rows.notices import Tell
from syncapp.engine.rows.requests import RESTING
from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import RunResult
from syncapp.entities.beteiligte import conflicts
from syncapp.entities.beteiligte.check import reports_of
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import other_installation
from syncapp.entities.beteiligte.snapshot import last_sync_in_espocrm
from syncapp.entities.beteiligte.writing.write_espocrm import Results, Sent, moved_meanwhile
from syncapp.entities.beteiligte.writing.writes import SyncState, base_columns, intent_columns, untouched_by
from syncapp.models import Outcome, SyncRecord

# What somebody wished for this run: used up only by a run that succeeds.
WISHES = frozenset({"override", "decisions", "create_intent"})
# What a conflict left to it: used up by a run that leaves nothing unfinished, whatever was refused.
DIRECTION = "contacts_to_advoware"


@dataclass(frozen=True, slots=True)
class Applied:
    """Everything that a run has carried, for the closing commit. set_aside: a side may not be written at the moment."""

    state: SyncState
    plan: RecordPlan
    results: Results
    sent: Sent
    now: datetime
    set_aside: bool


def result_of(context: Context, log: RunLog, applied: Applied) -> RunResult:
    """The end of a run whose plan was carried out."""
    held, results = applied.plan.held, applied.results
    moved = _moved(applied)
    left_over = any(result.left_over for result in results.values())
    columns = _columns(context, log, applied, moved=moved)
    event, outcome = Event.EQUAL, Outcome.DONE
    if held and not applied.set_aside:
        event, outcome = Event.HELD, Outcome.HELD
    elif left_over or applied.set_aside:
        # Set aside comes before the open question, which stays in the log: a conflict would not be due once that side
        # may be written again.
        event, outcome = Event.LEFT_OVER, Outcome.LEFT_OVER
    if applied.set_aside:
        columns |= context.set_aside
    fields = [result.field for result in held]
    return RunResult(
        event=event,
        outcome=outcome,
        columns=columns,
        completes=True,
        again=moved or bool(held and left_over),
        notices=_news(context, log, applied),
        along=(
            partial(conflicts.close_settled, context, log, still_held=fields),
            *_noticed(applied),
            *(partial(part.commit, context, log, results[part.name]) for part in PARTS),
        ),
    )


def _news(context: Context, log: RunLog, applied: Applied) -> tuple[Tell, ...]:
    """What the parts tell is known with their commit, which comes before the notices are queued."""
    for part in PARTS:
        part.tell(log, applied.results[part.name])
    conflicts.tell(log, _to_be_told(context, log, applied))
    return log.news


def _to_be_told(context: Context, log: RunLog, applied: Applied) -> Mapping[str, bool]:
    """The conflicts of this run, without those told with the PUT, and those whose value a held side has not had
    replaced yet."""
    left_out = set[str]().union(*log.fields_told.values())
    for side, values in ((Side.advoware, applied.plan.to_advoware), (Side.espocrm, applied.plan.to_espocrm)):
        left_out |= set(values) if context.is_held(side) else set()
    return {name: is_open for name, is_open in log.conflicts.items() if is_open or name not in left_out}


def _order_left(context: Context, applied: Applied) -> str:
    """What was ordered, while something that it moves waits for a held side; of the parts it moves Advoware's alone."""
    override = context.row.override
    waits = override == Override.FROM_ADVOWARE or context.is_held(Side.advoware)
    return override if applied.set_aside and waits else ""


def _noticed(applied: Applied) -> Iterator[Callable[[], None]]:
    if applied.plan.around.stale_base:
        yield partial(other_installation.notice, last_sync_in_espocrm(applied.state.reading.espo))


def keep_what_worked(context: Context, log: RunLog, applied: Applied, *, unfinished: bool) -> None:
    """Bases and links that are proven by now; status, counts and wishes stay for the end of the run.

    unfinished: the next run goes on in the direction of this one. Where all that is left is refused and remembered, a
    direction that outlived the run would keep what is new in Advoware from EspoCRM for as long as it stays refused.
    """
    columns = _columns(context, log, applied, moved=False, complete=False)
    later = {*RESTING, *WISHES, DIRECTION} if unfinished else {*RESTING, *WISHES}
    kept = {name: value for name, value in columns.items() if name not in later}
    with context.together():
        context.answered(**kept)
        for part in PARTS:
            part.keep_what_worked(context, log, applied.results[part.name])


def _moved(applied: Applied) -> bool:
    """Whether EspoCRM moved between our look and our PATCH."""
    answer, plan = applied.sent.answer, applied.plan
    if answer is None:
        return False
    sent = {*plan.to_espocrm}
    for part in PARTS:
        sent |= set(part.attributes_for_patch(applied.results[part.name]))
    return moved_meanwhile(applied.state.reading, answer, sent, applied.sent.got or {})


def _final_base(context: Context, applied: Applied) -> Base:
    state, fields, got = applied.state, applied.plan.fields, applied.sent.got
    if fields is None:
        return state.base
    return next_base(
        base=fields.base,
        comparison=fields.comparison,
        espo=state.reading.espo_values,
        advo=state.reading.advo_values,
        answer_advo=state.answer_advo,
        answer_espo=got if applied.plan.to_espocrm else None,
        fieldmap=context.tools.field_map,
    )


def _last_sync(row: SyncRecord, applied: Applied) -> datetime | None:
    """The latest that we know of, be it an earlier system's."""
    stamps = (
        row.last_synced_at,
        last_sync_in_espocrm(applied.state.reading.espo),
        applied.now.astimezone(UTC) if applied.sent.answer is not None else None,
    )
    return max((stamp for stamp in stamps if stamp is not None), default=None)


def _columns(context: Context, log: RunLog, applied: Applied, *, moved: bool, complete: bool = True) -> dict[str, Any]:
    """Everything that a run that went through leaves in the record. complete: it is the end of the run."""
    state, answer, row = applied.state, applied.sent.answer, context.row
    latest = answer or state.reading.espo
    held_back = {fault.field for fault in applied.plan.held_back}
    columns: dict[str, Any] = {
        **RESTING,
        **log.columns_seen,
        **base_columns(_final_base(context, applied)),
        "row_id": state.row_id,
        "version": None if moved else latest.version,
        "espo_modified_at": latest.modified_at,
        "espocrm_status": log.columns.get("espocrm_status", row.espocrm_status),
        "last_synced_at": _last_sync(row, applied),
        # What a side that may not be written keeps from being carried is not asked again when it may be; nor does a
        # later run carry the opposite of what was ordered.
        "override": _order_left(context, applied),
        "decisions": row.decisions if applied.set_aside else {},
        "create_intent": None,
        "espo_touched": None,
        DIRECTION: False,
        # Of what is held back, what EspoCRM itself has refused.
        "refused_values": {name: kept for name, kept in row.refused_values.items() if name in held_back},
        "reports": reports_of(log, applied.plan, *applied.results.values()),
        **intent_columns(untouched_by(Side.espocrm, applied.plan.to_espocrm if answer else {}, state.intents)),
    }
    if row.late_look_at is not None and row.late_look_at <= timezone.now():
        columns |= {"superseded": [], "late_look_at": None}
    marker = (state.reading.espo if moved else latest).marker or ""
    for part in PARTS:
        columns |= part.columns_at_rest(applied.results[part.name], latest, marker if complete else None)
    return columns
