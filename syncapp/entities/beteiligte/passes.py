"""The passes of a run: look at both sides, link or create, decide, carry, close with one PATCH.

Invariant: every remote write lies between a renewed lease with its intents and a committed answer. A stale version in
EspoCRM means that nothing was carried there: the run looks again at once, twice, before that counts as a failure.
"""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syncapp.core.beteiligte.field_table import Side, Values
from syncapp.core.beteiligte.validation import Fault, in_advowares_spelling, validate
from syncapp.core.errors import ErrorKind
from syncapp.core.guards import Sort, emptied
from syncapp.core.kommunikation import Entry
from syncapp.core.states import Event, Status
from syncapp.core.three_way_merge import Case, Comparison
from syncapp.engine import control, guards
from syncapp.engine.results import Ending, finish
from syncapp.engine.run import LookAgain, RestToTry, Run, Stop
from syncapp.entities.beteiligte import conflicts, linking, remote_metadata
from syncapp.entities.beteiligte.apply import (
    create_beteiligter,
    put_beteiligter,
    renew_run,
    show_syncing,
)
from syncapp.entities.beteiligte.decide import Decision, decide
from syncapp.entities.beteiligte.parts.kommunikation import ListRefused, Refusals, carry, contact_plan
from syncapp.entities.beteiligte.read import Snapshot, look
from syncapp.entities.beteiligte.write_espocrm import SyncState, close
from syncapp.models import Outcome
from syncapp.remotes.advoware.client import Kommunikation

LOOKS = 3


def look_and_carry(run: Run) -> Status:
    """Run until EspoCRM stood still during a pass; raises what ends a run otherwise."""
    looks = LOOKS + (run.espo_row is not None)
    while looks:
        run.reports.clear()
        run.pending_notes.clear()
        try:
            return _pass(run)
        except LookAgain:
            looks -= 1
        except RestToTry:
            continue
    raise Stop(ErrorKind.TRANSIENT, "espocrm_keeps_moving")


def _pass(run: Run) -> Status:
    seen = look(run)
    remember(run, seen)
    if settings.ESPOCRM_SHOW_SYNCING and run.writes and not run.is_held(Side.espocrm):
        seen = show_syncing(run, seen)
    _refuse(run, seen.faults)
    seen = linking.follow_link(run, seen)
    return _create(run, seen) if run.record.betnr is None else _update(run, seen)


def remember(run: Run, seen: Snapshot) -> None:
    """What pages, notices and a pilot need of EspoCRM's record; written with the ending."""
    first, last = seen.espo_values.get("vorname"), seen.espo_values.get("name")
    name = " ".join(part for part in (first, last) if part)
    names = (str(seen.espo.attributes.get("name") or ""), last or "")
    run.writes = control.writes_allowed(control=run.control, espo_id=run.record.espo_id, names=names)
    run.columns |= {
        "name": name[:300],
        "assigned_user_id": seen.espo.assigned_user_id or "",
        "espo_created_at": seen.espo.created_at,
    }
    missing = [key for key in run.field_map.espo_names if key not in seen.espo_values]
    if missing:
        run.report("hidden_in_espocrm", fields=missing)


def _create(run: Run, seen: Snapshot) -> Status:
    linking.allow_create(run, seen)
    values = _as_advoware_spells(run, _values_for_create(run, seen))
    _refuse(run, validate(values, complete=True, **_rules(run, Side.advoware, values)))
    run.verdict = "espocrm_newer"
    if not run.writes or run.is_held(Side.advoware):
        run.planned = [f"advoware.{name}" for name in values]
        return _shadow(run, pending=True)
    guards.admit(run, sort=Sort.CREATES, number=1)
    seen, base, intents = create_beteiligter(run, seen, values)
    created = replace(seen.advo, kommunikation=()) if seen.advo and seen.advo.kommunikation is None else seen.advo
    return _carry_contacts(run, SyncState(replace(seen, advo=created), base, intents), None)


def _values_for_create(run: Run, seen: Snapshot) -> Values:
    left_out = run.field_map.unmappable(seen.espo_values)
    if left_out:
        run.report("no_counterpart", fields=list(left_out))
    return run.field_map.created_with(seen.espo_values)


def _as_advoware_spells(run: Run, values: Values) -> Values:
    """A legal form that is one of Advoware's but for case, blanks or dots is carried as that one, and said."""
    if not values.get("rechtsform"):
        return values
    spelled = in_advowares_spelling(values, remote_metadata.rechtsformen(advoware=run.clients.advoware))
    if spelled != values:
        run.report("rechtsform_respelled", value=spelled["rechtsform"])
    return spelled


def _update(run: Run, seen: Snapshot) -> Status:
    own = remote_metadata.own_user_id(espocrm=run.clients.espocrm)
    run.record.row_id = seen.advo.row_id or "" if seen.advo else ""
    decision = decide(record=run.record, look=seen, field_map=run.field_map, own_user_id=own)
    to_advo = _as_advoware_spells(run, decision.comparison.to_advo)
    comparison = replace(decision.comparison, to_advo=to_advo)
    decision = replace(decision, comparison=comparison)
    run.verdict = str(comparison.verdict)
    _report(run, decision)
    _refuse(run, _faults(run, comparison))
    if not run.writes:
        run.planned = _planned(run, seen, decision)
        return _shadow(run, pending=bool(run.planned))
    _brake(run, seen, comparison)
    _log_conflicts(run, decision)
    state = SyncState(seen, decision.base, decision.intents)
    run.set_aside = bool(comparison.to_advo) and run.is_held(Side.advoware)
    if comparison.to_advo and seen.advo is not None and not run.set_aside:
        state = SyncState(*put_beteiligter(run, seen, seen.advo, decision))
    return _carry_contacts(run, state, decision)


def _planned(run: Run, seen: Snapshot, decision: Decision) -> list[str]:
    """What a live run would carry, by name, without values."""
    comparison = decision.comparison
    contacts = contact_plan(record=run.record, look=seen, decision=decision)
    lines = [f"advoware.{name}" for name in comparison.to_advo] + [f"espocrm.{name}" for name in comparison.to_espo]
    return lines + [str(line.variant) for line in contacts.describe()]


def _brake(run: Run, seen: Snapshot, comparison: Comparison) -> None:
    """The guards, before anything is written: too much at once, or back and forth."""
    removals = emptied(seen.advo_values, comparison.to_advo) + emptied(seen.espo_values, comparison.to_espo)
    guards.admit(run, sort=Sort.REMOVALS, number=removals)
    planned = {**comparison.to_advo, **comparison.to_espo}
    guards.refuse_oscillation(run, conflicts=len(comparison.conflicts), planned=planned)


def _carry_contacts(run: Run, state: SyncState, decision: Decision | None) -> Status:
    """Contact points, then the closing PATCH; what EspoCRM refuses of its lists is left out and the rest goes again."""
    refusals = Refusals()
    while True:
        carried = carry(run, state.look, decision, refusals)
        try:
            return close(run, state, decision, carried)
        except ListRefused as without:
            refusals = without.refusals
            seen = replace(state.look, espo=without.espo or state.look.espo)
            state = replace(state, look=_with_entries(seen, without.entries))


def _with_entries(look: Snapshot, entries: tuple[Entry, ...]) -> Snapshot:
    """The look with Advoware's entries as our own writes have left them."""
    if look.advo is None:
        return look
    kommunikation = tuple(Kommunikation(e.id, e.row_id, e.tlf, e.bemerkung, e.komm_kz or 0, e.online) for e in entries)
    return replace(look, advo=replace(look.advo, kommunikation=kommunikation))


def _report(run: Run, decision: Decision) -> None:
    comparison = decision.comparison
    if comparison.missing_advo:
        run.report("missing_in_advoware", fields=list(comparison.missing_advo))
    late = [result.field for result in comparison.cases(Case.late_writer)]
    if late:
        run.report("late_write_corrected", fields=late)
    if decision.stale_base:
        run.report("stale_base")
    if comparison.unmappable:
        run.report("no_counterpart", fields=list(comparison.unmappable))


def _log_conflicts(run: Run, decision: Decision) -> None:
    """Written under the lease, before the write that settles them."""
    if not decision.comparison.conflicts:
        return
    # What the PUT settles no later look can see: the direction of the contact points is kept until they are done.
    direction = {"contacts_to_advoware": True} if decision.comparison.espo_won else {}
    with transaction.atomic():
        renew_run(run, **direction)
        conflicts.supersede_changed(run.record, decision.comparison.held)
        conflicts.record_conflicts(run, decision.comparison, settings.SYNC_CONFLICT_POLICY)


def _faults(run: Run, comparison: Comparison) -> list[Fault]:
    faults = validate(comparison.to_advo, **_rules(run, Side.advoware, comparison.to_advo))
    return faults + validate(comparison.to_espo, **_rules(run, Side.espocrm, comparison.to_espo))


def _rules(run: Run, side: Side, values: Values) -> dict[str, Any]:
    forms = None
    if side is Side.advoware and values.get("rechtsform"):
        forms = remote_metadata.rechtsformen(advoware=run.clients.advoware)
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
        raise Stop(ErrorKind.VALIDATION, "validation", {"faults": [fault.as_json() for fault in faults]})


def _shadow(run: Run, *, pending: bool) -> Status:
    """Nothing is written in this mode: the plan is recorded and the record set aside until the mode changes."""
    columns = {**run.columns, "reports": run.reports, "deferred": run.lease.seen}
    columns |= {"deferred_epoch": control.current_epoch(run.control)}
    event = Event.LEFT_OVER if pending else None
    return finish(run, Ending(event=event, outcome=Outcome.SHADOW, columns=columns))
