"""The conflict log: every value that lost is kept, every open question can be answered.

Invariant: a conflict is written before the write that settles it. An open one is not written twice, and closes itself
when the sides agree. To extend: a new policy is a row of core/three_way_merge.py; nothing here decides.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.core.three_way_merge import FieldResult, MergeCase, MergeOutcome
from syncapp.engine.rows.counters import count
from syncapp.engine.runs.run import RunLog
from syncapp.entities.beteiligte.clients import Context
from syncapp.models import Attempt, Conflict, FieldChange, Outcome, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity

SUCCESSES = (Outcome.DONE, Outcome.HELD, Outcome.LEFT_OVER)
# Those after which nothing waits for a side that may be written again.
CARRIED = (Outcome.DONE, Outcome.HELD)
KEPT = {
    MergeOutcome.to_advoware: Side.espocrm.value,
    MergeOutcome.to_espocrm: Side.advoware.value,
    MergeOutcome.to_both: "neither",
    MergeOutcome.hold: "",
}

# By (set back soon after our write, waits for a decision).
NOTICES = {
    (False, False): "conflict_settled",
    (False, True): "conflict_open",
    (True, False): "set_back_settled",
    (True, True): "set_back_open",
}


def record_conflicts(
    context: Context, log: RunLog, plan: RecordPlan, *, espo: EspoEntity, advo: AdvowareBeteiligter | None
) -> None:
    """Write this run's conflicts, once each: not again after a run that died, failed, or found a side held before it
    could settle them.

    People are told of what gave way in Advoware with its write, of all else by the run that succeeds, and not again of
    one that stays open.
    """
    pending = {_identity(row) for row in unsettled(context.row)}
    told = {_values(row) for row in Conflict.objects.filter(record=context.row, open=True)} - {i[:3] for i in pending}
    untold = [result for result in plan.conflicts if _values(result) not in told]
    logged = pending | {_identity(row) for row in _waiting(context.row)}
    new = [result for result in untold if _identity(result) not in logged]
    who = _who_changed(espo, advo)
    Conflict.objects.bulk_create(_row(context, result, who) for result in new)
    count("sync_conflicts", len(new))
    log.set_back |= {result.field for result in untold if result.case is MergeCase.set_back}
    log.conflicts |= {result.field: KEPT[result.outcome] == "" for result in untold}


def tell(log: RunLog, new: Mapping[str, bool]) -> None:
    """One notice for the fields where a value was replaced, by whichever side, one for those that want a decision.

    new: fields whose conflict this run has logged; True where it is open. Those that show what was there before our
    write, which may be an old form, are told as that.
    """
    for name, is_open in new.items():
        log.fields_told.setdefault(NOTICES[name in log.set_back, is_open], set()).add(name)


def unsettled(row: SyncRecord, *, since: tuple[Outcome, ...] = SUCCESSES) -> QuerySet[Conflict]:
    """What was logged for the record since its last run that ended so, the present one's rows included; no question
    that was closed without an answer: as it changed, or the record was deleted."""
    succeeded = Attempt.objects.filter(record=row, outcome__in=since)
    last = succeeded.aggregate(last=Max("started_at"))["last"]
    rows = Conflict.objects.filter(record=row).exclude(open=False, kept="")
    return rows if last is None else rows.filter(attempt_started__gt=last)


def log_once(context: Context, losses: Sequence[Conflict]) -> None:
    """A read that is repeated, or comes after a run that died half-way, finds its losses written already."""
    logged = {_values(row) for row in unsettled(context.row)} if losses else set()
    Conflict.objects.bulk_create(row for row in losses if _values(row) not in logged)


def _waiting(row: SyncRecord) -> QuerySet[Conflict]:
    """What was logged and waits for a held side: nothing has been written of its field since."""
    written = FieldChange.objects.filter(
        record=row, field=OuterRef("field"), attempt__started_at__gte=OuterRef("attempt_started")
    )
    return unsettled(row, since=CARRIED).exclude(Exists(written))


def _values(conflict: Conflict | FieldResult) -> tuple[str | None, ...]:
    return conflict.field, conflict.espo, conflict.advo


def _identity(conflict: Conflict | FieldResult) -> tuple[str | None, ...]:
    """The same question: the same values on both sides, and the same in the base."""
    return (*_values(conflict), conflict.base_espo, conflict.base_advo)


def _who_changed(espo: EspoEntity, advo: AdvowareBeteiligter | None) -> dict[str, Any]:
    """Who last changed the record on each side, and when; neither system tells it of a single field.

    Advoware tells a clock time: in the hour that autumn repeats, the first of the two.
    """
    clock, zone = advo.changed_at if advo else None, ZoneInfo(settings.ADVOWARE_TIMEZONE)
    return {
        "espo_by": (espo.modified_by_name or "")[:150],
        "espo_changed_at": espo.modified_at,
        "advo_by": (advo.changed_by or "")[:150] if advo else "",
        "advo_changed_at": clock.replace(tzinfo=zone) if clock else None,
    }


def _row(context: Context, result: FieldResult, who: Mapping[str, Any]) -> Conflict:
    kept = KEPT[result.outcome]
    return Conflict(
        record=context.row,
        attempt_started=context.started_at,
        field=result.field,
        case=result.case,
        base_espo=result.base_espo,
        base_advo=result.base_advo,
        espo=result.espo,
        advo=result.advo,
        policy=_rule(settings.SYNC_CONFLICT_POLICY, result.field, context.tools.field_map),
        kept=kept,
        open=kept == "",
        **who,
    )


def _rule(policies: Mapping[str, str], key: str, field_map: FieldMap) -> str:
    names = (key, field_map.row(key).group, "*")
    return next((policies[name] for name in names if name in policies), "espocrm_wins")


def close_settled(context: Context, log: RunLog, *, still_held: Iterable[str]) -> None:
    """Close open conflicts of fields that are not held any more: decided, or the sides agree."""
    at_peace = context.row.status_before == Status.CLEAN and not context.lease.took_over
    if (at_peace or context.row.is_of_first_run) and not log.conflicts:
        return  # the run before this one has left none open, or there was none
    Conflict.objects.filter(record=context.row, open=True).exclude(field__in=list(still_held)).update(
        open=False, kept="agreed", decided_at=timezone.now()
    )


def differ(row: SyncRecord, held: Iterable[FieldResult]) -> bool:
    """Whether the questions of today are others than those that stand open."""
    return {_values(one) for one in Conflict.objects.filter(record=row, open=True)} != set(map(_values, held))


def close_unanswered(row: SyncRecord) -> None:
    """What stands open is no question any more: the record is gone, or tied to another Beteiligter."""
    Conflict.objects.filter(record=row, open=True).update(open=False, decided_at=timezone.now())


def supersede_changed(row: SyncRecord, held: Iterable[FieldResult]) -> None:
    """An open conflict whose values have changed since is closed; the newer one, with today's values, stays open."""
    for result in held:
        Conflict.objects.filter(record=row, open=True, field=result.field).exclude(
            espo=result.espo, advo=result.advo
        ).update(open=False, decided_at=timezone.now())
