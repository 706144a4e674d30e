"""Writing the Beteiligter in Advoware: made by a POST, changed by a PUT, and what the answer proves.

Invariant: a POST is never repeated: its intent is committed before, the link at once after the answer. A PUT sends the
whole object as it was read, with the changed fields laid over.
"""

from dataclasses import replace

from django.utils import timezone

from syncapp.core.base import Base
from syncapp.core.beteiligte.next_base import next_base
from syncapp.core.beteiligte.plan import FieldsPlan, RecordPlan
from syncapp.core.beteiligte.snapshot import AdvowareSide
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.intents import Intent, explained, to_be_confirmed
from syncapp.core.sides import Side, Values
from syncapp.engine.rows.lease import LeaseLost
from syncapp.engine.runs import failures
from syncapp.engine.runs.run import Failed, RunLog
from syncapp.engine.runs.steps import Finished, Step
from syncapp.entities.beteiligte import conflicts
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.links.claims import claim_betnr
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes.neutral import refuses_everything, see_advoware_alive
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.entities.beteiligte.writing.writes import (
    SyncState,
    base_columns,
    intent_columns,
    intents_for,
    note_written,
    refusable,
    untouched_by,
)
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.http.errors import Forbidden, OutcomeUnknown, RemoteError


def create(context: Context, log: RunLog, reading: Reading, values: Values) -> SyncState | Step:
    """POST the Beteiligter, if Advoware is alive."""
    see_advoware_alive(context.tools.clients)
    field_map = context.tools.field_map
    body = field_map.to_advo({**field_map.left_empty(reading.espo_values), **values})
    context.renew(create_intent={"at": timezone.now().isoformat(), "run": context.lease.fence})
    try:
        made = context.tools.clients.advoware.create(body)
    except OutcomeUnknown as lost:
        kind, params = ErrorKind.CREATE_OUTCOME_UNKNOWN, {"reason": lost.reason}
        return Finished(Failed(kind, "create_outcome_unknown", params, lost.system, failures.retry_after(lost)))
    except RemoteError as error:
        context.answered(create_intent=None)
        at_fault = refuses_everything(context.tools.clients) if isinstance(error, Forbidden) else None
        return Finished(failures.of_remote(at_fault or error))
    return _created(context, log, reading, values, made)


def _created(
    context: Context, log: RunLog, reading: Reading, values: Values, made: AdvowareBeteiligter
) -> SyncState | Step:
    """The answer: the link first, then everything else."""
    got = context.tools.field_map.read_advo(made.raw)
    base = _base_after_create(context, reading, values, got)
    intents = intents_for(Side.advoware, values, {}, reading.espo_values, None)
    echoed = to_be_confirmed(intents, answer=got, marker=made.row_id)
    columns = {"create_intent": None, **intent_columns(echoed), **base_columns(base)}
    for part in PARTS:
        columns |= part.columns_when_made()
    try:
        taken = claim_betnr(context, made.bet_nr, row_id=made.row_id or "", **columns)
    except LeaseLost:
        log.done_too_late.append({"code": "created_late", "params": {"betnr": made.bet_nr}})
        raise
    if taken is not None:
        return taken
    note_written(log, Side.advoware, {}, values, got)
    if made.row_id is None:
        # After the link is safe in our database.
        made = context.tools.clients.advoware.get(made.bet_nr)
        echoed = to_be_confirmed(intents, answer=got, marker=made.row_id)
    there = AdvowareSide(made.bet_nr, got, made.row_id, made.changed_at)
    made = replace(made, kommunikation=made.kommunikation or ())
    after = replace(reading, advo=made, snapshot=replace(reading.snapshot, advo=there))
    return SyncState(after, base, echoed, row_id=made.row_id or "")


def _base_after_create(context: Context, reading: Reading, sent: Values, got: Values) -> Base:
    """Both sides of every field that EspoCRM shows: what it holds, and what Advoware answered.

    Not of a company's first name: it was not sent, and must not pass for agreed on once the record is a person.
    """
    field_map = context.tools.field_map
    rows = field_map.general_rows if field_map.is_company(reading.espo_values) else field_map.rows
    names = [row.key for row in rows if row.key in reading.espo_values]
    return Base(
        espo={name: reading.espo_values[name] for name in names},
        advo={name: got.get(name, sent.get(name)) for name in names},
        versions={name: field_map.versions[name] for name in names},
    )


def change(
    context: Context, log: RunLog, reading: Reading, advo: AdvowareBeteiligter, plan: RecordPlan, fields: FieldsPlan
) -> SyncState:
    """PUT the whole object with the changed fields laid over."""
    sent, field_map = plan.to_advoware, context.tools.field_map
    # Of a value for both sides, what is being carried is that value, not what EspoCRM still shows.
    carried = {**reading.espo_values, **plan.to_both}
    intents = intents_for(Side.advoware, sent, reading.advo_values, carried, advo.row_id)
    along = _carried_along(reading, sent, fields.base, advo.row_id)
    # What was read proved of earlier writes goes with the intents that it settled: neither may outlive the other.
    context.renew(**intent_columns((*fields.intents, *intents, *along)), **base_columns(fields.base))
    with refusable(context, waiting=fields.intents):
        fields_sent = field_map.to_advo(sent)
        after = context.tools.clients.advoware.update(advo, fields_sent)
    got = field_map.read_advo(after.raw)
    base = next_base(
        base=fields.base,
        comparison=fields.comparison,
        espo=reading.espo_values,
        advo=reading.advo_values,
        answer_advo=got,
        fieldmap=field_map,
    )
    others = untouched_by(Side.advoware, sent, fields.intents)
    kept = (*others, *to_be_confirmed(intents, answer=got, marker=after.row_id))
    context.answered(row_id=after.row_id or "", **intent_columns(kept), **base_columns(base))
    _note_change(log, reading, sent, got)
    row_id = after.row_id
    if row_id is None:
        row_id = _row_id_by_get(context, advo.bet_nr, sent, base)
        kept = (*others, *to_be_confirmed(intents, answer=got, marker=row_id))
        context.answered(row_id=row_id or "", **intent_columns(kept))
    known = _with_contacts(after, advo)
    return SyncState(replace(reading, advo=known), base, kept, row_id=row_id or "", answer_advo=got)


def _note_change(log: RunLog, reading: Reading, sent: Values, got: Values) -> None:
    """What gave way is told however the run ends: with the base moved, no later look sees it."""
    note_written(log, Side.advoware, reading.advo_values, sent, got)
    conflicts.tell(log, {name: False for name in sent if name in log.conflicts})


def _carried_along(reading: Reading, sent: Values, base: Base, marker: str | None) -> tuple[Intent, ...]:
    """What a PUT writes back as it was read: harmless at its time, but one that lands late sets newer values back.

    With the base beside it: where that is not what was read, somebody's edit waits to be carried, and must not pass for
    ours until it has been.
    """
    known = {name: value for name, value in base.advo.items() if name not in sent and name in reading.advo_values}
    along = {name: reading.advo_values[name] for name in known}
    intents = intents_for(Side.advoware, along, known, reading.espo_values, marker)
    return tuple(replace(intent, phase="along") for intent in intents)


def _with_contacts(after: AdvowareBeteiligter, before: AdvowareBeteiligter) -> AdvowareBeteiligter:
    """The answer to a PUT need not show what was read just before it: the contact points, be their list absent, null,
    empty or shorter, and the fields of the Beteiligter that betray their kinds. Of these the read ones hold.

    A list that shows less would remove the rest in EspoCRM; whoever did remove it shows at the next GET.
    """
    known = {entry.id for entry in before.kommunikation or ()}
    shown = {entry.id for entry in after.kommunikation or ()}
    entries = after.kommunikation if shown and known <= shown else before.kommunikation
    return replace(after, raw={**before.raw, **after.raw}, kommunikation=entries)


def _row_id_by_get(context: Context, bet_nr: int, sent: Values, base: Base) -> str | None:
    """Where the answer lacks the rowId: one GET, its rowId kept only if every field is explained by what was sent."""
    seen = context.tools.clients.advoware.get(bet_nr)
    values = context.tools.field_map.read_advo(seen.raw)
    return seen.row_id if explained(side=Side.advoware, sent=sent, values=values, base=base) else None
