"""Values of Advoware that EspoCRM overrules, in the conflict log before they are overwritten.

Invariant: written in the transaction that commits the intents, once until a run succeeds, with what both sides held
before, so that a person can put the lost value back.
"""

from syncapp.core.contacts import ContactPlan, LinkBase, Operation, Report, ReportCode
from syncapp.models import Conflict
from syncapp.services.conflicts import unsettled
from syncapp.services.run import Run

FIELD = "kommunikation."


def log_lost_values(run: Run, plan: ContactPlan) -> None:
    """A look that is repeated, or comes after a run that died half-way, finds its losses written already."""
    logged = set(unsettled(run).values_list("field", "advo"))
    writes = {operation.entry_id: operation for operation in plan.operations}
    Conflict.objects.bulk_create(
        _row(run, report, writes.get(report.entry_id))
        for report in plan.reports
        if report.code is ReportCode.lost_value and (_field(report), report.params.get("value")) not in logged
    )


def _field(report: Report) -> str:
    return f"{FIELD}{report.entry_id}"


def _row(run: Run, report: Report, write: Operation | None) -> Conflict:
    base = write.intent.base if write and write.intent else None
    after = write.done.base if write and write.done else None
    return Conflict(
        record=run.record,
        attempt_started=run.started_at,
        field=_field(report),
        case=report.code,
        base_espo=_espo(base),
        base_advo=base.advo if base else None,
        espo=_espo(after),
        advo=report.params.get("value"),
        policy="espocrm_wins",
        kept="espocrm",
    )


def _espo(base: LinkBase | None) -> str | None:
    return base.espo if base else None
