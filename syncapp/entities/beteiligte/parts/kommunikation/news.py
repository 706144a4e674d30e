"""What the responsible user is told of a run's contact points.

Purpose: a change of type, a value that gave way, a number that could mean another one and one that EspoCRM has no room
for are news once only, by the plan that settles them; they are told however the run goes on: if it has to look again,
leaves a list out, or fails at another contact point.
Invariant: what was not settled is not told yet, since the next run sees it again. Counts only, never values.
To extend: a further kind of news is a row of EVENTS.
"""

from collections.abc import Iterable

from syncapp.core.kommunikation.answers import Answered
from syncapp.core.kommunikation.shapes import ContactPlan, Phase, ReportCode
from syncapp.engine.runs.run import RunLog

EVENTS = {
    ReportCode.type_change: "contact_type_changed",
    ReportCode.lost_value: "contact_value_lost",
    ReportCode.read_as_international: "contact_read_as_international",
    ReportCode.over_maximum: "contact_no_room",
}
# Of a report: it has been told by an earlier run.
TOLD = "again"


def note_news(log: RunLog, plan: ContactPlan, *, answers: Iterable[Answered] | None = None) -> None:
    """Remember what the plan has to tell. answers: those to its writes so far; None: all of it has been done."""
    unsettled: set[int | None] = set()
    if answers is not None:
        answered = {answer.link.entry_id for answer in answers}
        unsettled = {
            operation.entry_id
            for operation in plan.operations
            if operation.settles is Phase.espocrm or operation.entry_id not in answered
        }
    for report in plan.reports:
        if report.code in EVENTS and report.entry_id not in unsettled and TOLD not in report.params:
            log.tell(EVENTS[report.code], (report.entry_id, tuple(sorted(report.params.items()))))
