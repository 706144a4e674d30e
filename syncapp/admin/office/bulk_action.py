"""Actions on many records: how far each has come."""

from collections.abc import Callable

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import ReadOnlyAdmin, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.models import BulkAction, BulkState
from syncapp.operations.actions.bulk.many import act_of, is_known
from syncapp.words import actor_words, html
from syncapp.words.actions.logged import action_name
from syncapp.words.monitoring.looks import UNKNOWN, WORK


@admin.register(BulkAction)
class BulkActionAdmin(ReadOnlyAdmin):
    when_empty = _("Tick rows of a list and choose an action; its course and its result then stand here.")
    list_display = ("shown_act", "shown_actor", "total", "done", "shown_state", "shown_at")
    list_filter = (day_range("created_at", _("since")),)
    ordering = ("-created_at",)
    export_columns = (
        ExportColumn(_("since"), lambda row: row.created_at),
        ExportColumn(_("ended"), lambda row: row.ended_at),
        ExportColumn(_("action"), lambda row: action_name(row.code, many=True)),
        ExportColumn(_("by"), lambda row: actor_words(row.actor)),
        ExportColumn(_("records"), lambda row: row.total),
        ExportColumn(_("carried out"), lambda row: row.done),
        ExportColumn(_("state"), lambda row: row.get_state_display()),
        ExportColumn(_("reason"), lambda row: row.reason),
    )
    shown_actor = column(_("by"), lambda row: actor_words(row.actor), ordering="actor")
    shown_at = column(_("since"), lambda row: html.time(row.created_at))

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkAction]:
        return BulkAction.objects.exclude(state=BulkState.ASKED).defer("ids")

    def more(self, request: HttpRequest) -> Callable[[str], bool]:
        return request.user.has_perm

    @display(description=_("action"))
    def shown_act(self, row: BulkAction) -> SafeString | str:
        """With its page for those who may do the same."""
        name = action_name(row.code, many=True)
        if not is_known(row.code) or not viewer_of(row).more(act_of(row.code).permission):
            return name
        return html.link(html.page_url("many", row.pk), name)

    @display(description=_("state"))
    def shown_state(self, row: BulkAction) -> SafeString:
        if row.state == BulkState.DONE and not row.done:
            return html.badge("block", _("nothing was done"), "warn")
        if row.state == BulkState.DONE and is_known(row.code) and act_of(row.code).enqueues:
            return html.badge("outgoing_mail", _("requested"), "wait")
        icon, tone = WORK.get(row.state, UNKNOWN)
        return html.badge(icon, row.get_state_display(), tone)
