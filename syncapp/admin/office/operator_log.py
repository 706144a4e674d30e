"""The operator log: who did what, why, and what came of it."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import ReadOnlyAdmin, column, viewer_of
from syncapp.admin.calendars.base import called
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.entities.beteiligte.finding.query import found_keys
from syncapp.models import CalendarEmployee, OperatorLog
from syncapp.operations.calendars import in_use
from syncapp.words import actor_words, html
from syncapp.words.actions.logged import action_name, codes_called, result_words, target_words
from syncapp.words.calendars.logged import reason_words

CALENDAR_ACTS = "calendar_"


@admin.register(OperatorLog)
class OperatorLogAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_actor", "shown_action", "shown_target", "count", "shown_reason", "shown_result")
    list_alone = True
    list_filter = (day_range("at", _("at")),)
    list_select_related = ("record",)
    ordering = ("-at",)
    sortable_by = ("shown_at", "shown_actor")
    export_columns = (
        ExportColumn(_("at"), lambda row: row.at),
        ExportColumn(_("by"), lambda row: actor_words(row.actor)),
        ExportColumn(_("action"), lambda row: action_name(row.action, many=row.count > 1)),
        ExportColumn(_("name"), lambda row: row.record.name if row.record else "", values=True),
        ExportColumn(_("concerns"), lambda row: target_words(row.action, row.target)),
        ExportColumn(_("how many"), lambda row: row.count),
        ExportColumn(_("reason"), lambda row: reason_words(row.action, row.reason)),
        ExportColumn(_("result"), lambda row: result_words(row.action, row.result)),
    )
    search_fields = ("=actor", "=target", "=action")
    search_help_text = _("Who did it, the action, or the record by name, betNr or EspoCRM id")
    blind_help_text = _("Who did it, the action, or the record by betNr or EspoCRM id")
    shown_actor = column(_("by"), lambda row: actor_words(row.actor), ordering="actor")
    shown_reason = column(_("reason"), lambda row: reason_words(row.action, row.reason) or "–")
    shown_action = column(_("action"), lambda row: action_name(row.action, many=row.count > 1))
    shown_at = column(_("at"), lambda row: html.time(row.at), ordering="at")
    shown_result = column(_("result"), lambda row: result_words(row.action, row.result) or "–")

    def more(self, request: HttpRequest) -> dict[str, CalendarEmployee]:
        """Acts on calendars are kept by kuerzel, and shown by name."""
        known = in_use() and request.user.has_perm("syncapp.view_calendaremployee")
        return {row.kuerzel: row for row in CalendarEmployee.objects.only("kuerzel", "name")} if known else {}

    @display(description=_("concerns"))
    def shown_target(self, entry: OperatorLog) -> SafeString | str:
        if calendar := viewer_of(entry).more.get(entry.target) if entry.action.startswith(CALENDAR_ACTS) else None:
            address = reverse("admin:syncapp_calendaremployee_change", args=[calendar.pk])
            return html.link(address, called(calendar))
        told = target_words(entry.action, entry.target) or "–"
        if entry.record is None or not viewer_of(entry).sees_values:
            return html.record_link(entry.record_id, told)
        return html.record_link(entry.record_id, html.name(entry.record, visible=True))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OperatorLog], search_term: str
    ) -> tuple[QuerySet[OperatorLog], bool]:
        """Acts and records are looked for by the names that the list shows, not by code and id."""
        found, double = super().get_search_results(request, queryset, search_term)
        if called := codes_called(search_term):
            found |= queryset.filter(action__in=called)
        if keys := found_keys(search_term, values=html.may_see_values(request)):
            found |= queryset.filter(record__in=keys)
        return found, double
