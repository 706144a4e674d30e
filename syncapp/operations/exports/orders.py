"""A file that somebody has ordered: made by a worker, or at once where it is small, and kept for a day.

Invariant: one worker at a time writes a file, and only a whole one can be fetched, by its owner alone. Whoever dies at
it is followed by another ten minutes later, three times at most. The operator log says who exported which list, how
many rows, and that it was fetched; never what was searched for.
"""

import logging
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rq.timeouts import BaseTimeoutException

from syncapp.core.faults.tracebacks import without_values
from syncapp.core.requests import QueueName
from syncapp.engine import job_queue
from syncapp.models import Export, ExportPart, ExportState, OperatorLog
from syncapp.operations.exports.forms import FORMS
from syncapp.operations.exports.tables import Content, ExportRefused

log = logging.getLogger("advosync.exports")

KEPT = timedelta(days=1)
# The last step of a workbook, its compression, says nothing for minutes.
STUCK = timedelta(minutes=10)
MOST_TRIES = 3
# Fewer rows are written before the page answers.
AT_ONCE = 2000
PART_BYTES = 512 * 1024
TOLD_EVERY = 1.0  # seconds
JOB = "syncapp.jobs.write_exports"
OpenSource = Callable[[Export], Content]
_opener: OpenSource | None = None


class _Stopped(Exception):
    """Somebody stopped it, or another worker took it for lost."""


def open_with(opener: OpenSource) -> None:
    """Have this open what is exported, with the rights of its owner. A second one replaces the first."""
    global _opener
    _opener = opener


def order(*, source: str, title: str, query: str, form: str, user: AbstractBaseUser, rows: int) -> Export:
    """Order a file of about so many rows; a small one is there when this returns."""
    export = Export.objects.create(
        user_id=user.pk,
        source=source,
        title=title,
        query=query,
        form=FORMS[form].code,
        language=translation.get_language() or "de",
        total=rows,
        moved_at=timezone.now(),
    )
    if rows <= AT_ONCE:
        work(export_id=export.pk)
        export.refresh_from_db()
    else:
        job_queue.enqueue([export.pk], queue_name=QueueName.BULK, job=JOB)
    return export


def resume_stuck() -> int:
    """Enqueue what a lost job or a dead worker left lying; how many."""
    stuck = Export.objects.filter(state=ExportState.RUNNING, moved_at__lt=timezone.now() - STUCK)
    ids = list(stuck.values_list("pk", flat=True))
    job_queue.enqueue(ids, queue_name=QueueName.BULK, job=JOB)
    return len(ids)


def stop(*, export: Export) -> bool:
    """End it; whether it was still at work."""
    running = Export.objects.filter(pk=export.pk, state=ExportState.RUNNING)
    return running.update(state=ExportState.STOPPED, ended_at=timezone.now()) == 1


def work(*, export_id: int) -> int:
    """Write the file; how many rows. Nothing where it is not to be written any more, or another worker is at it."""
    token = secrets.token_hex(16)
    if not _claim(export_id, token):
        return 0
    export = Export.objects.select_related("user").get(pk=export_id)
    with translation.override(export.language):
        try:
            if export.tries > MOST_TRIES:
                raise ExportRefused(_("It was begun several times and never ended. Choose fewer rows, or try again."))
            if _opener is None:
                raise RuntimeError("nobody opens what is exported: see open_with")
            return _write(export, token, _opener(export))
        except _Stopped:
            return 0
        except ExportRefused as refusal:
            _end(export, token, state=ExportState.FAILED, refusal=str(refusal))
        except BaseTimeoutException:
            _end(export, token, state=ExportState.FAILED, refusal=_("It took too long. Choose fewer rows."))
        except Exception as error:
            log.error("export_failed", extra={"export": export_id, "at": without_values(error)})
            _end(export, token, state=ExportState.FAILED, refusal=_("An error in Advosync; the log has the details."))
    return 0


def _claim(export_id: int, token: str) -> bool:
    now = timezone.now()
    free = Q(worker="") | Q(moved_at__lt=now - STUCK)
    mine = Export.objects.filter(free, pk=export_id, state=ExportState.RUNNING)
    return mine.update(worker=token, moved_at=now, position=0, tries=F("tries") + 1) == 1


def _write(export: Export, token: str, content: Content) -> int:
    Export.objects.filter(pk=export.pk).update(total=content.total, with_values=content.with_values)
    with tempfile.TemporaryFile() as file:
        rows = FORMS[export.form].write(file, content.tables, _teller(export, token))
        size = file.tell()
        file.seek(0)
        _keep(export, token, file)
    done = {"state": ExportState.DONE, "position": rows, "total": rows, "size": size}
    with transaction.atomic():
        if _end(export, token, **done):
            write_log(export, "export", rows=rows)
    return rows


def _teller(export: Export, token: str) -> Callable[[int], None]:
    """Says every second how far it has come, and finds out that it is not wanted any more."""
    told = time.monotonic()

    def tell(rows: int) -> None:
        nonlocal told
        if rows % 100 == 0 and time.monotonic() - told > TOLD_EVERY:
            told = time.monotonic()
            _move(export, token, position=rows)

    return tell


def _move(export: Export, token: str, **columns: int) -> None:
    mine = Export.objects.filter(pk=export.pk, worker=token, state=ExportState.RUNNING)
    if mine.update(moved_at=timezone.now(), **columns) != 1:
        raise _Stopped


def _keep(export: Export, token: str, file: IO[bytes]) -> None:
    """Into the database, which every process can reach, in pieces that hold nobody up."""
    ExportPart.objects.filter(export=export).delete()
    while piece := file.read(PART_BYTES):
        ExportPart.objects.create(export=export, content=piece)
        _move(export, token)


def _end(export: Export, token: str, **columns: object) -> bool:
    mine = Export.objects.filter(pk=export.pk, worker=token, state=ExportState.RUNNING)
    return mine.update(ended_at=timezone.now(), **columns) == 1


def write_log(export: Export, action: str, *, rows: int) -> None:
    """One row: who, which list, how many rows, in what form. Neither filters nor values."""
    OperatorLog.objects.create(
        actor=export.user.get_username(), action=action, target=export.source, count=rows, result=export.form
    )


def fetched(export: Export) -> Iterator[bytes]:
    """The pieces of a finished file, for its owner; that it was fetched goes to the log."""
    write_log(export, "export_fetched", rows=export.total)
    return pieces(export)


def pieces(export: Export) -> Iterator[bytes]:
    for pk in list(export.parts.order_by("pk").values_list("pk", flat=True)):
        yield bytes(ExportPart.objects.values_list("content", flat=True).get(pk=pk))


def expires_at(export: Export) -> datetime:
    return export.created_at + KEPT


def is_over(export: Export) -> bool:
    """Whether nobody gets it any more, though its row may still be there."""
    return expires_at(export) <= timezone.now()
