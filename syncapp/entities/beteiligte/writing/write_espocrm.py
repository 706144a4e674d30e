"""Writing EspoCRM's record: the one PATCH of a run, data and bookkeeping together, if there is a reason for one.

Invariant: the PATCH goes out under the version that was read; what EspoCRM was sent takes its base from the answer. A
bookkeeping attribute that EspoCRM refuses is left out, since the data must not suffer for it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.beteiligte.validation import refused_by_espocrm
from syncapp.core.echoes import BOOKKEEPING, LAST_SYNC
from syncapp.core.faults.retry import RetryState
from syncapp.core.intents import Intent
from syncapp.core.parts import PartSnapshot
from syncapp.core.sides import Side, Values
from syncapp.core.states import Status
from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import ReadAgain
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.part import PartResult
from syncapp.entities.beteiligte.parts import PARTS
from syncapp.entities.beteiligte.probes import remote_metadata
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
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.espocrm.times import spelled_time
from syncapp.remotes.http.errors import Invalid

# Bookkeeping that alone is no reason for a PATCH: it moves on with the next one.
RIDES_ALONG = frozenset({"advowareRowId", LAST_SYNC})

NO_RETRY = RetryState()

Results = Mapping[str, PartResult]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of the PATCH. `answer` None: there was no reason for one, or that side may not be written."""

    answer: EspoEntity | None = None
    got: Values | None = None
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class PlanAgain:
    """These parts have to be planned anew, from this: EspoCRM did not take something. `espo`: where it has moved."""

    parts: Mapping[str, PartSnapshot]
    espo: EspoEntity | None = None


def goes_on(plan: RecordPlan, results: Results) -> bool:
    """Whether the run is not over with this PATCH: it has failed already, or will try a rest."""
    unfinished = any(result.failure is not None or result.has_rest for result in results.values())
    return unfinished or bool(plan.held_back)


def write(
    context: Context, log: RunLog, state: SyncState, plan: RecordPlan, results: Results, now: datetime
) -> Sent | PlanAgain | ReadAgain:
    """The PATCH where there is a reason for one, or the note that a held side would have had one."""
    data = context.tools.field_map.to_espo(plan.to_espocrm, company=plan.company)
    for part in PARTS:
        data |= part.attributes_for_patch(results[part.name])
    marks = _marks(context, state, plan, results, now)
    wrote = bool(log.written or any(result.wrote for result in results.values())) and not goes_on(plan, results)
    reason = bool(data) or bool(set(marks) - RIDES_ALONG)
    if context.is_held(Side.espocrm):
        return Sent(set_aside=reason)
    if not (reason or wrote):
        return Sent()
    if context.stand_in is not None:
        return ReadAgain()
    shown = state.reading.espo
    stamp = spelled_time(now) if _keeps_stamp(shown) else None
    marks |= {LAST_SYNC: stamp} if stamp else {}
    waiting = untouched_by(Side.espocrm, plan.to_espocrm, state.intents)
    _commit_intents(context, state, plan, results, now, stamp=stamp, waiting=waiting)
    try:
        with refusable(context, waiting=waiting):
            answer = patch_tolerantly(context, log, data=data, marks=marks, version=shown.version)
    except Invalid as refusal:
        again = _refused(refusal, context, state, results) or _field_refused(refusal, context, plan)
        if again is None:
            raise
        return again
    return _answered(context, log, state, plan, results, answer)


def _commit_intents(
    context: Context,
    state: SyncState,
    plan: RecordPlan,
    results: Results,
    now: datetime,
    *,
    stamp: str | None,
    waiting: tuple[Intent, ...],
) -> None:
    """What the PATCH is about to write, with the renewed lease. Two PATCHes within one second carry the same time of
    sync: of the later one that proves nothing to the parts."""
    reading = state.reading
    there, marker = {**reading.advo_values, **plan.to_both}, reading.snapshot.espo.marker
    mine = intents_for(Side.espocrm, plan.to_espocrm, reading.espo_values, there, marker, stamp=stamp)
    with transaction.atomic():
        context.renew(**intent_columns((*waiting, *mine)), stamp_sent=now, **base_columns(state.base))
        if stamp is not None and reading.espo.attributes[LAST_SYNC] != stamp:
            for part in PARTS:
                part.about_to_patch(context, results[part.name], before=reading.espo, at=stamp)


def _keeps_stamp(shown: EspoEntity) -> bool:
    """Whether EspoCRM shows the time of sync that a PATCH carries, by which one that nobody answered is known."""
    return LAST_SYNC in shown.attributes and LAST_SYNC not in remote_metadata.not_writable([LAST_SYNC])


def _answered(
    context: Context, log: RunLog, state: SyncState, plan: RecordPlan, results: Results, answer: EspoEntity | None
) -> Sent | PlanAgain:
    if answer is None:
        return Sent()
    again = _not_kept(answer, context, state, results)
    if again is not None:
        return again
    got = context.tools.field_map.read_espo(answer.attributes)
    note_written(log, Side.espocrm, state.reading.espo_values, plan.to_espocrm, got)
    for result in results.values():
        log.written.extend(result.written)
    return Sent(answer, got)


def _refused(refusal: Invalid, context: Context, state: SyncState, results: Results) -> PlanAgain | None:
    """The part that a 400 speaks of, to be planned without what was refused."""
    for part in PARTS:
        before = state.reading.snapshot.parts[part.name]
        again = part.refused(refusal, results[part.name], before, context.row)
        if again is not None:
            return PlanAgain({part.name: again})
    return None


def _field_refused(refusal: Invalid, context: Context, plan: RecordPlan) -> ReadAgain | None:
    """Keep in mind which value EspoCRM does not take: the next plan of this run leaves it out, and so do later runs."""
    field = context.tools.field_map.field_of(str(refusal.field))
    if field is None or field not in plan.to_espocrm:
        return None
    value = plan.to_espocrm[field]
    pattern = remote_metadata.pattern_of(str(refusal.field))
    fault = refused_by_espocrm(field, value, rule=refusal.rule, pattern=pattern)
    kept = {"value": value, "fault": fault.as_json(), "fence": context.lease.fence}
    context.answered(refused_values={**context.row.refused_values, field: kept})
    return ReadAgain(counts=False)


def _not_kept(answer: EspoEntity, context: Context, state: SyncState, results: Results) -> PlanAgain | None:
    """The parts of which EspoCRM took the PATCH and left something out all the same."""
    parts: dict[str, PartSnapshot] = {}
    shown = state.reading.espo
    for part in PARTS:
        before = state.reading.snapshot.parts[part.name]
        again = part.not_kept(answer, shown, results[part.name], before, context.row)
        if again is not None:
            parts[part.name] = again
    if not parts:
        return None
    return PlanAgain(parts, replace(answer, attributes={**shown.attributes, **answer.attributes}))


def _marks(context: Context, state: SyncState, plan: RecordPlan, results: Results, now: datetime) -> dict[str, object]:
    """The bookkeeping that has to change; none where the run goes on, or fails, which has a PATCH of its own."""
    if goes_on(plan, results):
        return {}
    wanted: dict[str, object] = {}
    for result in results.values():
        wanted |= result.bookkeeping
    wanted |= {"betnr": context.row.betnr, LAST_SYNC: spelled_time(now), "advowareRowId": state.row_id or None}
    wanted |= status_marks(Status.CONFLICT if plan.held else Status.CLEAN)
    return differing(state.reading.espo.attributes, wanted)


def status_marks(status: Status, retry: RetryState = NO_RETRY, message: str | None = None) -> dict[str, object]:
    """What people in EspoCRM see of how a run has ended."""
    return {
        "syncStatus": status.value,
        "syncRetryCount": retry.count,
        "syncNextRetry": spelled_time(retry.next_retry_at),
        "syncAutoResetAt": spelled_time(retry.auto_reset_at),
        "syncErrorMessage": message,
    }


def differing(shown: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """Those bookkeeping attributes that EspoCRM has and shows otherwise; one that it lacks cannot be told."""
    refused = remote_metadata.not_writable(wanted)
    return {
        name: value
        for name, value in wanted.items()
        if name in shown and name not in refused and (shown[name] or None) != (value or None)
    }


def patch_tolerantly(
    context: Context, log: RunLog, *, data: Mapping[str, object], marks: Mapping[str, object], version: int | None
) -> EspoEntity | None:
    """PATCH, and again without each bookkeeping attribute that EspoCRM refuses. None: it took nothing."""
    left = dict(marks)
    while data or left:
        attributes = {**data, **left}
        try:
            answer = context.tools.clients.espocrm.patch(context.row.espo_id, attributes, version=version)
        except Invalid as refusal:
            if refusal.field not in left:
                raise
            left.pop(refusal.field)
            remote_metadata.refuse_bookkeeping(refusal.field)
            log.report("bookkeeping_refused", field=refusal.field)
            intents = map(Intent.from_json, context.row.open_intents)
            context.renew(**intent_columns(one if LAST_SYNC in left else replace(one, stamp=None) for one in intents))
        else:
            _note_left_out(log, answer, left)
            note_answer(context, log, answer, attributes)
            return answer
    return None


def _note_left_out(log: RunLog, answer: EspoEntity, marks: Mapping[str, object]) -> None:
    """Bookkeeping that EspoCRM shows as it was before our write: left out without a word, for want of a right.

    Of `syncStatus` that proves nothing: a formula of the firm may have set it back in the same moment.
    """
    before = log.shown[-1].attributes if log.shown else {}
    for name, value in marks.items():
        kept = answer.attributes.get(name, value)
        if name != "syncStatus" and name in before and (kept or None) == (before[name] or None) != (value or None):
            remote_metadata.refuse_bookkeeping(name)
            log.report("bookkeeping_refused", field=name)


def note_answer(context: Context, log: RunLog, answer: EspoEntity, sent: Mapping[str, object]) -> None:
    """Remember EspoCRM's bookkeeping as it shows it: that is what the echo will carry."""
    log.shown.append(answer)
    known = log.columns.get("espocrm_status", context.row.espocrm_status)
    ours = {name: answer.attributes.get(name, value) for name, value in sent.items() if name in BOOKKEEPING}
    log.columns["espocrm_status"] = known | ours


def moved_meanwhile(reading: Reading, answer: EspoEntity, sent: Collection[str], got: Values) -> bool:
    """Whether somebody wrote in EspoCRM between our look and our PATCH; `sent` are the fields and lists that we wrote.

    Without versions only what we did not write can tell.
    """
    if answer.version is not None and reading.espo.version is not None:
        return answer.version != reading.espo.version + 1
    others = (name for name in reading.espo_values if name not in sent)
    if any(name in got and got[name] != reading.espo_values[name] for name in others):
        return True
    return any(part.edited_besides(reading.espo, answer, sent) for part in PARTS)
