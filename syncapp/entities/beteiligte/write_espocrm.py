"""Closing a run: the one PATCH in EspoCRM if there is a reason for one, then the commit.

Invariant: what EspoCRM was sent takes its base from its answer, everything else from this run's look. Where some
contact points were refused, what worked is committed first and the run ends as failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.beteiligte.field_table import Side, Values
from syncapp.core.echoes import CONTACT_LISTS
from syncapp.core.intents import Intent
from syncapp.core.kommunikation.contact_lists import known_lists
from syncapp.core.states import Event, Status
from syncapp.core.three_way_merge import Base, Comparison, next_base
from syncapp.engine.control import current_epoch
from syncapp.engine.results import RESTING, Ending, finish
from syncapp.engine.run import RestToTry, Run
from syncapp.entities.beteiligte import conflicts, linking
from syncapp.entities.beteiligte.apply import (
    bookkeeping,
    differing,
    espo_time,
    intent_columns,
    intents_for,
    moved_meanwhile,
    note_written,
    patch_espocrm,
)
from syncapp.entities.beteiligte.decide import Decision, base_columns, espo_marker, last_sync_in_espocrm
from syncapp.entities.beteiligte.parts.kommunikation import (
    PartResult,
    commit_links,
    list_not_kept,
    list_refused,
    notices_of,
)
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.models import Outcome
from syncapp.remotes.espocrm.client import EspoRecord
from syncapp.remotes.http.errors import Invalid

# Bookkeeping that alone is no reason for a PATCH: it moves on with the next one.
RIDES_ALONG = frozenset({"advowareRowId", "advowareLastSync"})
# What somebody wished for this run, or a conflict left to it: used up only by a run that succeeds.
WISHES = frozenset({"override", "decisions", "create_intent", "contacts_to_advoware"})


@dataclass(frozen=True, slots=True)
class SyncState:
    """The state between Advoware's writes and the closing PATCH. `answer_advo`: what Advoware answered, if written."""

    look: Snapshot
    base: Base
    intents: tuple[Intent, ...]
    answer_advo: Values | None = None


def close(run: Run, state: SyncState, decision: Decision | None, carried: PartResult) -> Status:
    """PATCH and commit.

    Raises ListRefused where EspoCRM did not take an addition, RestToTry where good ones may have been left out with a
    bad one, and what ends the run otherwise.
    """
    to_espo = decision.comparison.to_espo if decision else {}
    now = timezone.now().replace(microsecond=0)
    answer = _carry_to_espocrm(run, state, decision, carried, now)
    got = run.field_map.read_espo(answer.attributes) if answer is not None else None
    if got is not None:
        note_written(run, Side.espocrm, state.look.espo_values, to_espo, got)
        run.written += run.pending_notes
    base = _final_base(run, state, decision, got)
    columns = _columns(run, state, base, answer, now) | dict(carried.columns)
    columns |= intent_columns(_waiting(state, to_espo if answer is not None else {}))
    if carried.failure is not None or carried.has_rest:
        _keep_what_worked(run, columns, carried, answer)
        _go_on(run, carried)
    moved = answer is not None and moved_meanwhile(state.look, answer, {*to_espo, *carried.lists}, got or {})
    if carried.complete:
        left_behind = replace(state.look, espo=answer) if answer is not None and not moved else state.look
        columns["contacts_marker"] = espo_marker(left_behind) or ""
    return _finish(run, decision.comparison if decision else None, columns, moved=moved, carried=carried)


def _carry_to_espocrm(
    run: Run, state: SyncState, decision: Decision | None, carried: PartResult, now: datetime
) -> EspoRecord | None:
    """The PATCH where there is a reason for one, or the note that a held side would have had one."""
    to_espo = decision.comparison.to_espo if decision else {}
    wanted = _marks(run, state, decision, carried, now)
    company = bool(decision and decision.comparison.company)
    data = {**run.field_map.to_espo(to_espo, company=company), **carried.lists}
    wrote = bool(run.written or carried.wrote) and carried.failure is None and not carried.has_rest
    if run.is_held(Side.espocrm):
        run.set_aside = run.set_aside or bool(data) or bool(set(wanted) - RIDES_ALONG)
    elif data or wrote or set(wanted) - RIDES_ALONG:
        return _patch_lists(run, state, to_espo, data, wanted, now, carried)
    return None


def _go_on(run: Run, carried: PartResult) -> NoReturn:
    """The run fails with what Advoware refused, or looks again for what was left out with a bad contact point."""
    if carried.failure is not None:
        raise carried.failure
    carried.count(run)
    raise RestToTry


def _marks(
    run: Run, state: SyncState, decision: Decision | None, carried: PartResult, now: datetime
) -> dict[str, object]:
    """The bookkeeping that has to change; none where the run goes on, or fails, which has a PATCH of its own."""
    if carried.failure is not None or carried.has_rest:
        return {}
    held = bool(decision and decision.comparison.held)
    status = Status.CONFLICT if held else Status.CLEAN
    return differing(state.look.espo.attributes, bookkeeping(run, status=status, komm_hash=carried.komm_hash, now=now))


def _patch_lists(
    run: Run,
    state: SyncState,
    to_espo: Values,
    data: dict[str, object],
    wanted: Mapping[str, object],
    now: datetime,
    carried: PartResult,
) -> EspoRecord | None:
    try:
        answer = _patch(run, state, to_espo, data, wanted, now)
    except Invalid as refusal:
        without = list_refused(refusal, carried)
        if without is None:
            raise
        raise without from refusal
    without = list_not_kept(answer, state.look, carried) if answer is not None else None
    if without is not None:
        raise without
    return answer


def _keep_what_worked(run: Run, columns: dict[str, Any], carried: PartResult, answer: EspoRecord | None) -> None:
    """Bases and links that are proven by now; status, counts and wishes stay for the end of the run."""
    run.espo_read = answer or run.espo_read
    kept = {name: value for name, value in columns.items() if name not in {*RESTING, *WISHES}}
    commit_links(run, carried.links, **kept)


def _patch(
    run: Run, state: SyncState, to_espo: Values, data: dict[str, object], wanted: Mapping[str, object], now: datetime
) -> EspoRecord | None:
    marks = dict(wanted)
    if "advowareLastSync" in state.look.espo.attributes:
        marks["advowareLastSync"] = espo_time(now)
    marker = espo_marker(state.look)
    mine = intents_for(Side.espocrm, to_espo, state.look.espo_values, state.look.advo_values, marker)
    return patch_espocrm(
        run,
        state.look,
        data=data,
        marks=marks,
        intents=mine,
        waiting=_waiting(state, to_espo),
        base=state.base,
        now=now,
    )


def _waiting(state: SyncState, to_espo: Values) -> tuple[Intent, ...]:
    """Intents that this PATCH says nothing about: answers of Advoware, and fields that no look has shown yet."""
    return tuple(i for i in state.intents if not (i.side is Side.espocrm and i.field in to_espo))


def _final_base(run: Run, state: SyncState, decision: Decision | None, got: Values | None) -> Base:
    if decision is None:
        return state.base
    return next_base(
        base=decision.base,
        comparison=decision.comparison,
        espo=state.look.espo_values,
        advo=state.look.advo_values,
        answer_advo=state.answer_advo,
        answer_espo=got if decision.comparison.to_espo else None,
        fieldmap=run.field_map,
    )


def _columns(run: Run, state: SyncState, base: Base, answer: EspoRecord | None, now: datetime) -> dict[str, Any]:
    """Everything that a successful run leaves in the record."""
    latest = answer or state.look.espo
    columns: dict[str, Any] = {
        **RESTING,
        **run.columns,
        **base_columns(base),
        "row_id": run.record.row_id,
        "version": latest.version,
        "espo_modified_at": latest.modified_at,
        "lists": known_lists(latest.attributes, region=settings.PHONE_REGION),
        "contact_rows": {name: latest.attributes[name] for name in CONTACT_LISTS if name in latest.attributes},
        "espocrm_status": run.record.espocrm_status,
        "override": "",
        "decisions": {},
        "create_intent": None,
        "contacts_to_advoware": False,
        "reports": run.reports,
    }
    theirs = last_sync_in_espocrm(state.look)
    stamps = [run.record.last_synced_at, theirs, now.astimezone(UTC) if answer is not None else None]
    columns["last_synced_at"] = max((stamp for stamp in stamps if stamp is not None), default=None)
    if run.record.late_look_at is not None and run.record.late_look_at <= timezone.now():
        columns |= {"superseded": [], "late_look_at": None}
    return columns


def _finish(
    run: Run, comparison: Comparison | None, columns: dict[str, Any], *, moved: bool, carried: PartResult
) -> Status:
    held = comparison.held if comparison else ()
    if moved:
        columns["version"] = None
    event, outcome = Event.EQUAL, Outcome.DONE
    again = moved or bool(held and carried.left_over)
    if held and not run.set_aside:
        event, outcome = Event.HELD, Outcome.HELD
    elif carried.left_over or run.set_aside:
        # Set aside comes before the open question, which stays in the log: a conflict would not be due once that side
        # may be written again.
        event, outcome = Event.LEFT_OVER, Outcome.LEFT_OVER
    if run.set_aside:
        columns |= {"deferred": run.lease.seen, "deferred_epoch": current_epoch(run.control)}
    with transaction.atomic():
        conflicts.close_settled(run, still_held=[result.field for result in held])
        carried.commit(run)
        notices = linking.conflict_notices(run.new_conflicts, run.set_back) + notices_of(run)
        return finish(
            run,
            Ending(
                event=event,
                outcome=outcome,
                columns=columns,
                completes=True,
                again=again,
                notices=notices,
            ),
        )
