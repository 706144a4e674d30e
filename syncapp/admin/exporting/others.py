"""What can be exported and is no list: a comparison, the figures, errors by cause, jobs and queues.

Invariant: a file holds what its page shows to the same person, and every row where the page leaves some out.
"""

from collections.abc import Iterable, Iterator

import redis
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.admin.finding.numbers import number_in
from syncapp.models import DriftReport, DriftRow, SyncRecord
from syncapp.operations.exports.tables import Cell, Content, ExportRefused, Table
from syncapp.operations.monitoring import causes as causes_of_errors
from syncapp.operations.monitoring import quiet
from syncapp.operations.monitoring.jobs import rows
from syncapp.operations.monitoring.jobs.queues import WAITING_SHOWN, Machinery, machinery
from syncapp.operations.monitoring.sheet import built, chosen_days
from syncapp.words import html, queues, sentences
from syncapp.words.monitoring.drift import REASONS, STATES

PORTION = 500


def comparison(request: HttpRequest) -> Content:
    """Every row of one comparison, also those that its page leaves out."""
    report = DriftReport.objects.filter(pk=number_in(request.GET.get("report", ""))).first()
    if report is None:
        raise ExportRefused(_("This comparison is not there any more."))
    sees = html.may_see_values(request)
    heads = ("betNr", _("EspoCRM id"), _("Field"), _("State"), _("Because"), _("Explained"))
    rows = report.rows.select_related("record").order_by("expected", "pk")
    shown = (_("Name"), *heads) if sees else heads
    table = Table(_("Comparison of both sides"), shown, _differences(rows, sees=sees))
    return Content((table,), rows.count(), sees)


def _differences(rows: "QuerySet[DriftRow]", *, sees: bool) -> Iterator[tuple[Cell, ...]]:
    for row in rows.iterator(chunk_size=PORTION):
        known = REASONS.get(row.reason)
        label = sentences.field_label(row.field)
        because = str(known.words) if known else row.reason
        state = str(STATES.get(row.state, row.state))
        told = (row.betnr, row.espo_id, label, state, because, _("yes") if row.expected else _("no"))
        yield (row.record.name if row.record else "", *told) if sees else told


def figures(request: HttpRequest) -> Content:
    tables = built(chosen_days(request.GET), may=request.user.has_perm)
    return Content(tables, _rows_of(tables))


def _rows_of(tables: Iterable[Table]) -> int:
    return sum(len(list(table.rows)) for table in tables)


def causes(request: HttpRequest) -> Content:
    """Every kind and cause of errors there is now, those that are snoozed too."""
    snoozed = {one.snooze.cause: one.snooze.until for one in quiet.of_causes(timezone.now())}
    heads = (_("Error"), _("Cause"), _("Records"), _("The oldest since"), _("What to do"), _("Snoozed until"))
    cells: list[tuple[Cell, ...]] = []
    for group in causes_of_errors.groups():
        kind = group.explained
        told = (str(kind.name), group.words, group.number, group.since, str(kind.advice))
        cells.append((*told, snoozed.get(group.cause)))
    return Content((Table(_("Errors by cause"), heads, cells),), len(cells))


def jobs(request: HttpRequest) -> Content:
    """Queues, workers and jobs, as they are at this moment."""
    try:
        now, broken = machinery(), rows.newest_failed()
    except redis.RedisError:
        raise ExportRefused(_("Redis does not answer. Try again when it is back.")) from None
    sees = html.may_see_values(request)
    tables = (_queues(now), _workers(now), _jobs((*now.running, *now.waiting, *broken), sees=sees))
    return Content(tables, _rows_of(tables), sees)


def _queues(now: Machinery) -> Table:
    heads = (
        *(_("Queue"), _("Paused"), _("Waiting"), _("At work"), _("Failed within a day"), _("Workers")),
        _("The oldest since"),
    )
    cells: list[tuple[Cell, ...]] = []
    for row in now.queues:
        numbers = (row.waiting, row.running, row.failed, row.workers)
        cells.append((str(row.words.title), _("yes") if row.pause else _("no"), *numbers, row.oldest))
    return Table(_("Queues"), heads, cells)


def _workers(now: Machinery) -> Table:
    heads = (_("Queue"), _("State"), _("Jobs done"), _("Failed"), _("Last sign of life"), _("Name"))
    cells: list[tuple[Cell, ...]] = [
        (queues.title_of(row.queue), _state(row.state), row.done, row.failed, row.last_seen, row.name)
        for row in now.workers
    ]
    return Table(_("Workers"), heads, cells)


def _jobs(found: tuple[rows.JobRow, ...], *, sees: bool) -> Table:
    heads = (
        *(_("Job"), _("Queue"), _("State"), _("Waits since"), _("Begun"), _("Ended"), _("How it ended")),
        _("Records"),
    )
    records = rows.records_of(found)
    cells: list[tuple[Cell, ...]] = []
    for job in found:
        told = (job.title, queues.title_of(job.queue), _state(job.state))
        times = (job.enqueued_at, job.started_at, job.ended_at)
        cells.append((*told, *times, job.reason, _about(job, records, sees=sees)))
    note = _("Of each queue the first %(number)s that wait.") % {"number": WAITING_SHOWN}
    return Table(_("Jobs"), heads, cells, note)


def _about(job: rows.JobRow, records: dict[int, SyncRecord], *, sees: bool) -> str:
    """The first records of a job, as the page names them."""
    known = [records[pk] for pk in job.record_ids[: rows.RECORDS_SHOWN] if pk in records]
    named = [(record.name if sees else "") or str(record.betnr or record.espo_id) for record in known]
    more = [_("and %(number)s more") % {"number": job.more_records}] if job.more_records else []
    return ", ".join(named + more)


def _state(code: str) -> str:
    return str(queues.STATES[code][1]) if code in queues.STATES else code
