"""Conflicts: decide what is open, field by field or for the whole record; bring back what lost.

Invariant: a decision holds only for the values that were shown, since it names the conflict's row, which never changes.
"""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from syncapp.admin.pages import frame, one_action
from syncapp.core.sides import Side
from syncapp.engine import job_queue
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import Conflict, SyncRecord
from syncapp.operations.actions import ActionRefused, conflicts
from syncapp.operations.actions.others import OTHERS
from syncapp.words import sentences

CHOICES = (*Side.__members__, conflicts.INSTEAD)
Refused = dict[int, ActionRefused]  # what has refused the answer to a conflict, by its id


@frame.asks("syncapp.view_conflict", "syncapp.decide_conflict", "syncapp.view_values")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """All open fields of a record with both values; whoever decides sees what she decides about."""
    record = get_object_or_404(SyncRecord, pk=pk)
    still_open = record.conflicts.filter(open=True).order_by("field", "pk")
    done, refused = 0, Refused()
    if request.method == "POST":
        done, refused = _decide(request, record, list(still_open))
        if done and not refused:
            return frame.back_to_record(record.pk)
    rows = [_Asked(row, request.POST, refused.get(row.pk)) for row in still_open.all()]
    found = [] if done else frame.in_the_way(SYSTEMS, record=record)  # with what was decided it is told already
    return frame.page(
        request,
        "ops/decide.html",
        title=_("Decide"),
        record=record,
        asked=rows,
        to_mend=next((row for row in rows if row.refused), None),
        obstacles=found,
    )


class _Asked:
    """A conflict, and what was said of it where that was not taken, which stays said, with what has refused it."""

    def __init__(self, conflict: Conflict, said: QueryDict, refused: ActionRefused | None) -> None:
        self.conflict = conflict
        self.refused = refused
        self.keep = _chosen(conflict, said) if refused else said.get(f"keep_{conflict.pk}", "")
        self.instead = said.get(f"instead_{conflict.pk}", "")
        self.empties = f"empty_{conflict.pk}" in said


def _chosen(conflict: Conflict, said: QueryDict) -> str:
    """What was said of a conflict that was shown; one button says it of all."""
    return said.get("whole", "") or said.get(f"keep_{conflict.pk}", "")


def _decide(request: HttpRequest, record: SyncRecord, rows: list[Conflict]) -> tuple[int, Refused]:
    """How many were decided, of what was shown, which a browser always names, and what was refused; a conflict that
    has come since stays open, whatever was said of all."""
    shown = {row: _chosen(row, request.POST) for row in rows if f"keep_{row.pk}" in request.POST}
    chosen = {row: side for row, side in shown.items() if side in CHOICES}
    if moved := _moved_on(request, rows):
        frame.refuse(request, _("Something was changed meanwhile. Please look at what stands there now, then answer."))
    refused = {row.pk: refusal for row, side in chosen.items() if (refusal := _refusal(request, row, side))}
    done = len(chosen) - len(refused)
    _tell_of_closed(request, rows, refused)
    if done:
        job_queue.enqueue_each([record.pk])  # one run carries all of them
        words = ngettext("%(count)s field decided.", "%(count)s fields decided.", done) % {"count": done}
        frame.say_requested(
            request, f"{words} {_what_follows(record, refused)}".strip(), systems=SYSTEMS, record=record
        )
    elif not moved and not chosen:
        frame.refuse(request, _("Nothing was chosen."))
    return done, refused


def _what_follows(record: SyncRecord, refused: Refused) -> str:
    """Of a record that somebody holds no run is promised: what holds it is said in a sentence of its own."""
    if record.hold:
        return _("What was refused is still open, and stands below.") if refused else ""
    if refused:
        return _("A run that carries it is requested. What was refused is still open, and stands below.")
    return _("A run that carries it is requested; what comes of it is below.")


def _refusal(request: HttpRequest, conflict: Conflict, side: str) -> ActionRefused | None:
    """What has refused this answer; None where it was taken."""
    try:
        conflicts.answer(
            conflict=conflict,
            keep=side,
            entered=request.POST.get(f"instead_{conflict.pk}", ""),
            empties=f"empty_{conflict.pk}" in request.POST,
            action_context=frame.action_context(request, reason=frame.reason_of(request)),
        )
    except ActionRefused as refusal:
        return refusal
    return None


def _tell_of_closed(request: HttpRequest, rows: list[Conflict], refused: Refused) -> None:
    """What was refused of a conflict that is not open any more is told above, and is not `refused` any longer: the
    page has no place for it."""
    still_open = set(Conflict.objects.filter(pk__in=refused, open=True).values_list("pk", flat=True))
    for row in rows:
        if row.pk in refused and row.pk not in still_open:
            frame.refuse(request, f"{sentences.field_label(row.field)}: {refused.pop(row.pk)}")


def _moved_on(request: HttpRequest, rows: list[Conflict]) -> bool:
    """Whether something was said of a conflict that is not there any more, or of all while one was not shown."""
    whole, there = request.POST.get("whole", ""), {f"keep_{row.pk}" for row in rows}
    said = {name for name, side in request.POST.items() if name.startswith("keep_") and (whole or side in CHOICES)}
    return bool(said - there) or (bool(whole) and bool(there - said))


@frame.asks("syncapp.view_conflict", "syncapp.decide_conflict", "syncapp.view_values")
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back the value that lost: a worker writes it to EspoCRM."""
    conflict = get_object_or_404(Conflict.objects.select_related("record"), pk=pk)
    refusal = conflicts.restorable(conflict)
    if request.method == "POST" and not refusal:
        return frame.hand_over(request, "restore_value", [conflict.pk])
    return frame.page(
        request,
        "ops/restore.html",
        title=OTHERS["restore_value"].label,
        act=OTHERS["restore_value"],
        conflict=conflict,
        record=conflict.record,
        lost=conflict.lost_value,
        stands=conflict.standing_value,
        refusal=refusal,
        obstacles=one_action.in_the_way_of(OTHERS["restore_value"], conflict.record),
    )
