"""Deletions that somebody has to make in Advoware by hand.

Invariant: read only; the name of the record needs its right. To extend: a column is a method with its label.
"""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import CommandHit, ReadOnlyAdmin, Viewer, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.admin.pages import many as many_page
from syncapp.models import DeletionTask
from syncapp.operations.actions.others import OTHERS
from syncapp.words import html


@admin.register(DeletionTask)
class DeletionTaskAdmin(ReadOnlyAdmin):
    when_empty = _("What was deleted in EspoCRM has to be deleted in Advoware by hand; such tasks stand here.")
    list_display = ("shown_betnr", "shown_record", "shown_since", "shown_done", "shown_act")
    list_display_links = None
    list_filter = (filters.TaskFilter, day_range("created_at", _("since")))
    list_disable_select_all = False
    actions = ()
    list_select_related = ("record", "done_by")
    ordering = (F("done_at").desc(nulls_first=True), "created_at")
    sortable_by = ("shown_betnr", "shown_record", "shown_since")
    search_fields = ("=betnr", "=espo_id")
    search_help_text = _("Name, betNr, EspoCRM id, phone number or e-mail address")
    record_lookup = "record"
    command_icon = "delete_sweep"
    export_columns = (
        ExportColumn(html.BETNR, lambda row: row.betnr),
        ExportColumn(_("name"), lambda row: row.record.name if row.record else "", values=True),
        ExportColumn(_("EspoCRM id"), lambda row: row.espo_id),
        ExportColumn(_("since"), lambda row: row.created_at),
        ExportColumn(_("state"), lambda row: _state(row)),
        ExportColumn(_("done at"), lambda row: row.done_at),
        ExportColumn(_("by whom"), lambda row: row.done_by or ""),
    )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        other = OTHERS["deletion_done"]
        return (
            {other.code: (many_page.from_list(other.code), other.code, other.label)}
            if request.user.has_perm(other.permission)
            else {}
        )

    def viewer(self, request: HttpRequest) -> Viewer:
        allowed = request.user.has_perm(OTHERS["deletion_done"].permission)
        return Viewer(html.may_see_values(request), timezone.now(), allowed)

    def command_queryset(self, request: HttpRequest) -> QuerySet[DeletionTask]:
        return self.get_queryset(request).filter(done_at=None)

    def command_hit(self, task: DeletionTask) -> CommandHit:
        viewer = viewer_of(task)
        name = html.name(task.record, visible=viewer.sees_values) if task.record else task.espo_id
        number = _("betNr %(betnr)s") % {"betnr": task.betnr or "–"}
        if viewer.more or task.record_id is None:
            return CommandHit(name, number, html.page_url("deletion", task.pk))
        return CommandHit(name, number, html.record_url(task.record_id))

    @display(description="")
    def shown_act(self, task: DeletionTask) -> SafeString | str:
        if not viewer_of(task).more:
            return ""
        if task.used_by:
            return ""
        if task.done_at:
            return html.button(html.page_url("deletion", task.pk), _("Open again"), "undo", small=True)
        return html.button(html.page_url("deletion", task.pk), _("Tick off"), "task_alt", small=True)

    @display(description=html.BETNR, ordering="betnr")
    def shown_betnr(self, task: DeletionTask) -> str:
        return str(task.betnr or _("unknown"))

    @display(description=_("record"), ordering="record__name")
    def shown_record(self, task: DeletionTask) -> SafeString | str:
        if task.record is None:
            return task.espo_id
        return html.record_link(task.record_id, html.name(task.record, visible=viewer_of(task).sees_values))

    @display(description=_("since"), ordering="created_at")
    def shown_since(self, task: DeletionTask) -> SafeString | str:
        return html.time(task.created_at)

    @display(description=_("done"))
    def shown_done(self, task: DeletionTask) -> SafeString | str:
        if task.done_at is None:
            return html.badge("pending_actions", _("to do"), "warn")
        if task.used_by:
            withdrawn = html.badge("undo", _("withdrawn: belongs to another record now"), "off")
            return html.stacked(withdrawn, html.time(task.done_at))
        return html.stacked(html.good(_("done")), html.time(task.done_at))


def _state(task: DeletionTask) -> Any:
    if task.done_at is None:
        return _("to do")
    return _("withdrawn: belongs to another record now") if task.used_by else _("done")
