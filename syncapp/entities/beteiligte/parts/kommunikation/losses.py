"""Values that give way to the other side's, in the conflict log before they are overwritten.

Invariant: written in the transaction that commits the intents, once until a run succeeds, with what both sides held
before, so that a person can put the lost value back. To extend: a further kind of loss is a row of LOSSES.
"""

from collections.abc import Iterable

from syncapp.core.kommunikation.answers import Accused
from syncapp.core.kommunikation.shapes import ContactPlan, LinkBase, Operation, Report, ReportCode, Variant
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.conflicts import log_once, unsettled
from syncapp.models import Conflict, SyncRecord

FIELD = "kommunikation."
# How the conflict log names the rule that decided; "": the side that stays has won.
LOSSES = {ReportCode.lost_value: "", ReportCode.late_writer: "", ReportCode.by_marker_alone: "marker"}
# What these do to an entry is done for EspoCRM's sake; all others take something from EspoCRM.
FOR_ESPOCRM = frozenset({Variant.clear_entry, Variant.change_entry, Variant.revert, Variant.emptied})


def losses(plan: ContactPlan) -> list[Report]:
    """What of the plan's reports belongs into the log."""
    return [report for report in plan.reports if report.code in LOSSES]


def log_losses(context: Context, plan: ContactPlan) -> None:
    operations = {operation.entry_id: operation for operation in plan.operations}
    log_once(context, [_row(context, report, operations.get(report.entry_id)) for report in losses(plan)])


def take_back(row: SyncRecord, accused: Iterable[Accused]) -> None:
    """What EspoCRM was to lose to a value that it did not take, it keeps. What still gives way is logged anew."""
    fields = [f"{FIELD}{one.entry_id}" for one in accused]
    unsettled(row).filter(field__in=fields, kept=Side.advoware).delete()


def _row(context: Context, report: Report, operation: Operation | None) -> Conflict:
    lost = report.params.get("value")
    before = operation.intent.base if operation and operation.intent else None
    after = operation.done.base if operation and operation.done else None
    espocrm_stays = operation is not None and operation.variant in FOR_ESPOCRM
    kept = Side.espocrm if espocrm_stays else Side.advoware
    return Conflict(
        record=context.row,
        attempt_started=context.started_at,
        field=f"{FIELD}{report.entry_id}",
        case=report.code,
        base_espo=_spelled(before, Side.espocrm),
        base_advo=_spelled(before, Side.advoware),
        espo=_spelled(after, Side.espocrm) if espocrm_stays else lost,
        advo=lost if espocrm_stays else _spelled(after, Side.advoware),
        policy=LOSSES[report.code] or f"{kept.value}_wins",
        kept=kept,
    )


def _spelled(base: LinkBase | None, side: Side) -> str | None:
    if base is None:
        return None
    return base.espo if side is Side.espocrm else base.advo
