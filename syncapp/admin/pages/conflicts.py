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


@frame.asks("syncapp.view_conflict", "syncapp.decide_conflict", "syncapp.view_values")
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """All open fields of a record with both values; whoever decides sees what she decides about."""
    record = get_object_or_404(SyncRecord, pk=pk)
    still_open = record.conflicts.filter(open=True).order_by("field", "pk")
    if request.method == "POST" and _decide(request, record, list(still_open)):
        return frame.back_to_record(record.pk)
    rows = [_Asked(row, request.POST) for row in still_open.all()]
    found = frame.in_the_way(SYSTEMS)
    return frame.page(request, "ops/decide.html", title=_("Decide"), record=record, asked=rows, obstacles=found)


class _Asked:
    """A conflict, and what was said of it where nothing was carried out, which stays said."""

    def __init__(self, conflict: Conflict, said: QueryDict) -> None:
        self.conflict = conflict
        self.keep = said.get(f"keep_{conflict.pk}", "")
        self.instead = said.get(f"instead_{conflict.pk}", "")
        self.empties = f"empty_{conflict.pk}" in said


def _decide(request: HttpRequest, record: SyncRecord, rows: list[Conflict]) -> bool:
    """Whether anything was decided, of what was shown, which a browser always names; a conflict that has come since
    stays open, whatever was said of all."""
    whole, shown = request.POST.get("whole", ""), [row for row in rows if f"keep_{row.pk}" in request.POST]
    chosen = {row: whole or request.POST[f"keep_{row.pk}"] for row in shown}
    if moved := _moved_on(request, whole, rows):
        frame.refuse(request, _("Something was changed meanwhile. Please look at what stands there now, then answer."))
    done = 0
    for conflict, side in chosen.items():
        if side not in CHOICES:
            continue
        try:
            conflicts.answer(
                conflict=conflict,
                keep=side,
                entered=request.POST.get(f"instead_{conflict.pk}", ""),
                empties=f"empty_{conflict.pk}" in request.POST,
                action_context=frame.action_context(request, reason=frame.reason_of(request)),
            )
            done += 1
        except ActionRefused as refused:
            frame.refuse(request, f"{sentences.field_label(conflict.field)}: {refused}")
    if done:
        job_queue.enqueue_each([record.pk])  # one run carries all of them
        words = ngettext("%(count)s field decided.", "%(count)s fields decided.", done) % {"count": done}
        words += " " + _("A run that carries it is requested; what comes of it is below.")
        frame.say_requested(request, words, systems=SYSTEMS)
    elif not moved and not any(side in CHOICES for side in chosen.values()):
        frame.refuse(request, _("Nothing was chosen."))
    return done > 0


def _moved_on(request: HttpRequest, whole: str, rows: list[Conflict]) -> bool:
    """Whether something was said of a conflict that is not there any more, or of all while one was not shown."""
    there = {f"keep_{row.pk}" for row in rows}
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
        obstacles=one_action.in_the_way_of(OTHERS["restore_value"]),
    )
