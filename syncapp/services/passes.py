"""The passes of a run: look at both sides, link or create, decide, carry, close with one PATCH.

Invariant: every remote write lies between a renewed lease with its intents and a committed answer. A stale version in
EspoCRM means that nothing was carried there: the run looks again at once, twice, before that counts as a failure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.clients.espocrm import EspoRecord
from syncapp.core.fields import Fault, Side, Values, validate
from syncapp.core.intents import Intent
from syncapp.core.lists import known_lists
from syncapp.core.merge import Base, Comparison, next_base
from syncapp.core.status import Event, Status
from syncapp.models import Outcome
from syncapp.services import conflicts, facts, linking
from syncapp.services.apply import (
    bookkeeping,
    create_beteiligter,
    differing,
    espo_time,
    intents_for,
    moved_meanwhile,
    note_written,
    patch_espocrm,
    put_beteiligter,
    show_syncing,
)
from syncapp.services.carry import Carried, carry
from syncapp.services.conclude import RESTING, Ending, finish
from syncapp.services.decide import Decision, base_columns, decide, espo_marker, last_sync_in_espocrm
from syncapp.services.lease import renew
from syncapp.services.look import Look, look
from syncapp.services.run import LookAgain, Run, Stop

LOOKS = 3
# Bookkeeping that alone is no reason for a PATCH: it moves on with the next one.
RIDES_ALONG = frozenset({"advowareRowId", "advowareLastSync"})


@dataclass(frozen=True, slots=True)
class Carry:
    """The state between Advoware's writes and the closing PATCH. `answer_advo`: what Advoware answered, if written."""

    look: Look
    base: Base
    intents: tuple[Intent, ...]
    answer_advo: Values | None = None


def look_and_carry(run: Run) -> Status:
    """Run until EspoCRM stood still during a pass; raises what ends a run otherwise."""
    for _attempt in range(LOOKS):
        try:
            return _pass(run)
        except LookAgain:
            continue
    raise Stop("transient", "espocrm_keeps_moving")


def _pass(run: Run) -> Status:
    seen = look(run)
    remember(run, seen)
    if run.record.betnr is None and seen.betnr_in_espocrm is None:
        return _create(run, seen)
    seen = linking.follow_link(run, seen)
    if settings.ESPOCRM_SHOW_SYNCING and run.writes:
        seen = show_syncing(run, seen)
    return _update(run, seen)


def remember(run: Run, seen: Look) -> None:
    """What pages and notices need of EspoCRM's record; written with the ending."""
    name = " ".join(part for part in (seen.espo_values.get("vorname"), seen.espo_values.get("name")) if part)
    run.columns |= {
        "name": name[:300],
        "assigned_user_id": seen.espo.assigned_user_id or "",
        "espo_created_at": seen.espo.created_at,
    }
    missing = [key for key in run.field_map.espo_names if key not in seen.espo_values]
    if missing:
        run.report("hidden_in_espocrm", fields=missing)


def _create(run: Run, seen: Look) -> Status:
    linking.allow_create(run, seen)
    values = _values_for_create(run, seen)
    _refuse(run, validate(values, complete=True, **_rules(run, Side.advoware, values)))
    run.verdict = "espocrm_newer"
    if not run.writes:
        run.planned = [f"advoware.{name}" for name in values]
        return _shadow(run, pending=True)
    seen, base = create_beteiligter(run, seen, values)
    carried = carry(run, seen, direction="both", created=True)
    return _close(run, Carry(seen, base, ()), None, carried)


def _values_for_create(run: Run, seen: Look) -> Values:
    """All that EspoCRM holds, less what a company does not have and what has no counterpart."""
    company = run.field_map.is_company(seen.espo_values)
    left_out = run.field_map.unmappable(seen.espo_values)
    if left_out:
        run.report("no_counterpart", fields=list(left_out))
    return {
        row.key: seen.espo_values[row.key]
        for row in run.field_map.rows
        if row.key in seen.espo_values
        and row.key not in left_out
        and not (company and row.natural_person_only)
        and (seen.espo_values[row.key] is not None or row.required)
    }


def _update(run: Run, seen: Look) -> Status:
    own = facts.own_user_id(espocrm=run.clients.espocrm)
    run.record.row_id = seen.advo.row_id or "" if seen.advo else ""
    decision = decide(record=run.record, look=seen, field_map=run.field_map, own_user_id=own)
    comparison = decision.comparison
    run.verdict = str(comparison.verdict)
    _report(run, decision)
    _refuse(run, _faults(run, comparison))
    direction = "to_advoware" if comparison.espo_won else "both"
    if not run.writes:
        run.planned = [f"advoware.{n}" for n in comparison.to_advo] + [f"espocrm.{n}" for n in comparison.to_espo]
        return _shadow(run, pending=bool(run.planned))
    _log_conflicts(run, decision)
    state = Carry(seen, decision.base, decision.intents)
    if comparison.to_advo:
        state = Carry(*put_beteiligter(run, seen, decision))
    carried = carry(run, state.look, direction=direction)
    return _close(run, state, decision, carried)


def _report(run: Run, decision: Decision) -> None:
    comparison = decision.comparison
    if comparison.missing_advo:
        run.report("missing_in_advoware", fields=list(comparison.missing_advo))
    if decision.late:
        run.report("late_write_corrected", fields=sorted(decision.late))
    if decision.stale_base:
        run.report("stale_base")
    if comparison.unmappable:
        run.report("no_counterpart", fields=list(comparison.unmappable))


def _log_conflicts(run: Run, decision: Decision) -> None:
    """Written under the lease, before the write that settles them."""
    if not decision.comparison.conflicts:
        return
    with transaction.atomic():
        renew(run.lease)
        conflicts.supersede_changed(run.record, decision.comparison.held)
        conflicts.record_conflicts(run, decision.comparison, settings.SYNC_CONFLICT_POLICY)


def _faults(run: Run, comparison: Comparison) -> list[Fault]:
    faults = validate(comparison.to_advo, **_rules(run, Side.advoware, comparison.to_advo))
    return faults + validate(comparison.to_espo, **_rules(run, Side.espocrm, comparison.to_espo))


def _rules(run: Run, side: Side, values: Values) -> dict[str, Any]:
    forms = None
    if side is Side.advoware and values.get("rechtsform"):
        forms = facts.rechtsformen(advoware=run.clients.advoware)
        if forms is None:
            run.report("rechtsformen_unreadable")
    return {
        "fieldmap": run.field_map,
        "side": side,
        "rechtsformen": forms,
        "today": timezone.localdate(),
    }


def _refuse(run: Run, faults: list[Fault]) -> None:
    if faults:
        named = [{"field": fault.field, "rule": fault.rule, "limit": fault.limit} for fault in faults]
        raise Stop("validation", "validation", {"faults": named})


def _shadow(run: Run, *, pending: bool) -> Status:
    """Nothing is written in this mode: the plan is recorded and the record set aside until the mode changes."""
    columns = {**run.columns, "deferred": run.lease.seen, "deferred_epoch": run.control.epoch, "reports": run.reports}
    event = Event.LEFT_OVER if pending else None
    return finish(run, Ending(event=event, outcome=Outcome.SHADOW, columns=columns))


def _close(run: Run, state: Carry, decision: Decision | None, carried: Carried) -> Status:
    """The PATCH if there is a reason for one, then the commit."""
    comparison = decision.comparison if decision else None
    to_espo = comparison.to_espo if comparison else {}
    status = Status.CONFLICT if comparison and comparison.held else Status.CLEAN
    now = timezone.now().replace(microsecond=0)
    marks = bookkeeping(run, status=status, komm_hash=carried.komm_hash, now=now)
    shown = state.look.espo.attributes
    wanted = differing(shown, marks)
    company = bool(comparison and comparison.company)
    data = {**run.field_map.to_espo(to_espo, company=company), **carried.lists}
    answer, got = None, None
    if data or run.written or carried.wrote or set(wanted) - RIDES_ALONG:
        answer = _patch(run, state, to_espo, data, wanted, now)
        got = run.field_map.read_espo(answer.attributes)
        note_written(run, Side.espocrm, state.look.espo_values, to_espo, got)
    base = _final_base(run, state, decision, got)
    columns = _columns(run, state, base, answer, now)
    moved = answer is not None and moved_meanwhile(state.look, answer, to_espo, got or {})
    return _finish(run, state, comparison, columns | carried.columns, moved=moved, carried=carried)


def _patch(
    run: Run, state: Carry, to_espo: Values, data: dict[str, object], wanted: Mapping[str, object], now: datetime
) -> EspoRecord:
    marks = dict(wanted)
    if "advowareLastSync" in state.look.espo.attributes:
        marks["advowareLastSync"] = espo_time(now)
    marker = espo_marker(state.look)
    mine = intents_for(Side.espocrm, to_espo, state.look.espo_values, state.look.advo_values, marker)
    others = tuple(intent for intent in state.intents if intent.side is not Side.espocrm)
    return patch_espocrm(run, state.look, data=data, marks=marks, intents=(*others, *mine), now=now)


def _final_base(run: Run, state: Carry, decision: Decision | None, got: Values | None) -> Base:
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


def _columns(run: Run, state: Carry, base: Base, answer: EspoRecord | None, now: datetime) -> dict[str, Any]:
    """Everything that a successful run leaves in the record."""
    latest = answer or state.look.espo
    kept = [intent.to_json() for intent in state.intents if intent.side is Side.advoware and intent.phase == "answered"]
    columns: dict[str, Any] = {
        **RESTING,
        **run.columns,
        **base_columns(base),
        "row_id": run.record.row_id,
        "version": latest.version,
        "espo_modified_at": latest.modified_at,
        "lists": known_lists(latest.attributes, region=settings.PHONE_REGION),
        "open_intents": kept,
        "mirror": run.record.mirror,
        "override": "",
        "decisions": {},
        "create_intent": None,
        "reports": run.reports,
    }
    theirs = last_sync_in_espocrm(state.look)
    stamps = [run.record.last_synced_at, theirs, now.astimezone(UTC) if answer is not None else None]
    columns["last_synced_at"] = max((stamp for stamp in stamps if stamp is not None), default=None)
    if run.record.late_look_at is not None and run.record.late_look_at <= timezone.now():
        columns |= {"superseded": [], "late_look_at": None}
    return columns


def _finish(
    run: Run, state: Carry, comparison: Comparison | None, columns: dict[str, Any], *, moved: bool, carried: Carried
) -> Status:
    held = comparison.held if comparison else ()
    if moved:
        columns["version"] = None
    event, outcome = Event.EQUAL, Outcome.DONE
    if held:
        event, outcome = Event.HELD, Outcome.HELD
    elif carried.left_over:
        event, outcome = Event.LEFT_OVER, Outcome.LEFT_OVER
    notices = linking.conflict_notices(comparison) + carried.notices
    with transaction.atomic():
        conflicts.close_settled(run.record, still_held=[result.field for result in held])
        return finish(
            run,
            Ending(event=event, outcome=outcome, columns=columns, completes=True, again=moved, notices=notices),
        )
