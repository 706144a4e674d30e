"""What a system did not take of a run's contact points, as the record keeps it and words/contact_faults.py tells it.

Invariant: a refusal names the contact point, the system and its reason; where a write was left out because the one that
it builds on was refused, only the first is named. The value is for the record and for EspoCRM, never for the history.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.kommunikation.kinds import form_of
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import LIST_OF, ContactPlan, Entry, Operation, PutEntry, ReportCode
from syncapp.core.systems import System
from syncapp.remotes.http.errors import RemoteError

UNSENDABLE = "characters that cannot be sent"
CAUSES = {ErrorKind.FORBIDDEN: "no_right", ErrorKind.TRANSIENT: "no_answer"}


@dataclass(frozen=True, slots=True)
class RefusedContactPoint:
    """One refusal. `what`: value, mark, emptying or list, or what was kept; `cause`: a row of the table of words."""

    what: str
    system: str
    point: str
    cause: str
    value: str = ""
    reason: str = ""


def refused_point(operation: Operation, before: Entry | None, error: RemoteError) -> RefusedContactPoint:
    """What the answer to this write means to a person. `before`: the entry as Advoware held it."""
    held = before.tlf if before and before.tlf else ""
    sent = operation.write.tlf if operation.write and operation.write.tlf else ""
    marks_only = isinstance(operation.write, PutEntry) and held == sent
    what = "mark" if marks_only else "value" if sent else "emptying"
    cause = "unsendable" if error.reason == UNSENDABLE else CAUSES.get(ErrorKind(error.kind), "not_accepted")
    return _of_advoware(what, cause, sent or held, error.reason)


def not_taken(sent: str, held: str) -> RefusedContactPoint:
    """Advoware said yes to `sent` ("": to empty the entry) and holds what it held, or a part of what it was given."""
    return _of_advoware("not_kept" if sent else "not_emptied", "not_kept", sent or held)


def _of_advoware(what: str, cause: str, value: str, reason: str = "") -> RefusedContactPoint:
    form = form_of(value, settings.PHONE_REGION)
    return RefusedContactPoint(what, System.ADVOWARE.value, form.medium.value if form else "", cause, value, reason)


def still_not_taken(plan: ContactPlan, entries: Iterable[Entry]) -> list[RefusedContactPoint]:
    """What an earlier run was told yes to, and Advoware holds otherwise to this day: known, and not sent again."""
    held = {entry.id: entry.tlf or "" for entry in entries}
    return [
        not_taken(report.params.get("sent", ""), held.get(report.entry_id or 0, ""))
        for report in plan.reports
        if report.code is ReportCode.not_taken
    ]


def awaited(plan: ContactPlan) -> list[RefusedContactPoint]:
    """What was sent without an answer and may still arrive: not sent again until then."""
    values = [report.params["value"] for report in plan.reports if report.code is ReportCode.awaited]
    return [_of_advoware("awaited", CAUSES[ErrorKind.TRANSIENT], value) for value in values]


def refused_lists(refusals: Refusals) -> Iterator[RefusedContactPoint]:
    """The lists that EspoCRM did not take as a whole, or confirmed and left as they were."""
    for medium in sorted(refusals.lists):
        cause = "list_ignored" if medium in refusals.ignored else "list_refused"
        yield RefusedContactPoint(what=cause, system=System.ESPOCRM.value, point=LIST_OF[medium], cause=cause)
