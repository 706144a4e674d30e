"""Deletions that somebody has to make in Advoware by hand.

Invariant: read only; the name of the record needs its right. To extend: a column is a method with its label.
"""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import CommandHit, RecordRows, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.models import DeletionTask
from syncapp.operations.actions.others import OTHERS
from syncapp.words import html

TICK_OFF = OTHERS["deletion_done"]


@admin.register(DeletionTask)
class DeletionTaskAdmin(RecordRows):
    when_empty = _("What was deleted in EspoCRM has to be deleted in Advoware by hand; such tasks stand here.")
    list_display = ("shown_betnr", "shown_record", "shown_since", "shown_done", "shown_act")
    list_filter = (filters.TaskFilter, day_range("created_at", _("since")))
    list_disable_select_all = False
    row_actions = (TICK_OFF,)
    list_select_related = ("record", "done_by")
    ordering = (F("done_at").desc(nulls_first=True), "created_at")
    sortable_by = ("shown_betnr", "shown_record", "shown_since")
    search_fields = ("=betnr", "=espo_id")
    command_icon = "delete_sweep"
    more_right = TICK_OFF.permission
    export_columns = (
        ExportColumn(html.BETNR, lambda row: row.betnr),
        ExportColumn(_("name"), lambda row: row.record.name if row.record else "", values=True),
        ExportColumn(_("EspoCRM id"), lambda row: row.espo_id),
        ExportColumn(_("since"), lambda row: row.created_at),
        ExportColumn(_("state"), lambda row: _state(row)),
        ExportColumn(_("done at"), lambda row: row.done_at),
        ExportColumn(_("by whom"), lambda row: row.done_by or ""),
    )
    shown_betnr = column(html.BETNR, lambda row: str(row.betnr or _("unknown")), ordering="betnr")
    shown_since = column(_("since"), lambda row: html.time(row.created_at), ordering="created_at")

    def command_queryset(self, request: HttpRequest) -> QuerySet[DeletionTask]:
        return self.get_queryset(request).filter(done_at=None)

    def command_hit(self, task: DeletionTask) -> CommandHit:
        viewer = viewer_of(task)
        name = html.name(task.record, visible=viewer.sees_values) if task.record else task.espo_id
        if viewer.more or task.record_id is None:
            return CommandHit(name, _number(task), html.page_url("deletion", task.pk))
        return CommandHit(name, _number(task), html.record_url(task.record_id))

    @display(description="")
    def shown_act(self, task: DeletionTask) -> SafeString | str:
        if task.used_by or not viewer_of(task).more:
            return ""
        label, icon = (_("Open again"), "undo") if task.done_at else (_("Tick off"), "task_alt")
        return html.button(html.page_url("deletion", task.pk), label, icon, about=_number(task))

    @display(description=_("done"))
    def shown_done(self, task: DeletionTask) -> SafeString | str:
        if task.done_at is None:
            return html.badge("pending_actions", _("to do"), "warn")
        if task.used_by:
            withdrawn = html.badge("undo", _("withdrawn: belongs to another record now"), "off")
            return html.stacked(withdrawn, html.time(task.done_at))
        return html.stacked(html.good(_("done")), html.time(task.done_at))


def _number(task: DeletionTask) -> str:
    return _("betNr %(betnr)s") % {"betnr": task.betnr or "–"}


def _state(task: DeletionTask) -> Any:
    if task.done_at is None:
        return _("to do")
    return _("withdrawn: belongs to another record now") if task.used_by else _("done")
