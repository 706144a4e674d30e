"""What gave way in a calendar: every change that lost, and the way back."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from syncapp.admin.base import column, viewer_of
from syncapp.admin.calendars.base import CalendarAdmin, called
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.models import AppointmentConflict
from syncapp.words import html
from syncapp.words.calendars import cases


@admin.register(AppointmentConflict)
class AppointmentConflictAdmin(CalendarAdmin):
    when_empty = _(
        "Where both sides changed an appointment one change gives way; it then stands here and can be brought back."
    )
    list_alone = True
    list_display = ("shown_at", "shown_calendar", "shown_field", "shown_lost", "shown_kept", "shown_act")
    list_filter = (("record", RelatedDropdownFilter), day_range("at", _("at")))
    list_select_related = ("record", "appointment")
    ordering = ("-at", "-pk")
    search_fields = ("=appointment__fr_nr",)  # what is searched is in entities/appointments/finding
    appointment_lookup, calendar_lookup = "appointment", "record"
    search_help_text = _("subject, place, frNr, kuerzel or name")
    blind_help_text = _("frNr, kuerzel or name")
    list_before_template = "ops/parts/not_found.html"
    value_columns = ("shown_lost", "shown_kept")
    more_right = "syncapp.decide_conflict"
    export_columns = (
        ExportColumn(_("at"), lambda row: row.at),
        ExportColumn(_("calendar"), lambda row: called(row.record)),
        ExportColumn(_("frNr"), lambda row: row.appointment.fr_nr),
        ExportColumn(_("what"), lambda row: cases.GROUPS.get(row.field, "")),
        ExportColumn(_("case"), lambda row: cases.REPORTS.get(row.code, row.code)),
        ExportColumn(_("gave way in"), lambda row: SYSTEM_NAMES.get(row.side, "")),
        ExportColumn(_("gave way"), lambda row: row.lost, values=True),
        ExportColumn(_("kept"), lambda row: row.kept, values=True),
        ExportColumn(_("brought back"), lambda row: row.restored_at),
    )
    shown_at = column(_("at"), lambda row: html.time(row.at))
    shown_kept = column(_("kept"), lambda row: html.value(row.kept, visible=viewer_of(row).sees_values))

    @display(description=_("calendar"))
    def shown_calendar(self, row: AppointmentConflict) -> SafeString:
        return html.stacked(called(row.record), f"frNr {row.appointment.fr_nr or '–'}")

    @display(description=_("what"))
    def shown_field(self, row: AppointmentConflict) -> SafeString:
        return html.stacked(cases.GROUPS.get(row.field, "–"), cases.REPORTS.get(row.code, row.code))

    @display(description=_("gave way"))
    def shown_lost(self, row: AppointmentConflict) -> SafeString:
        shown = html.value(row.lost, visible=viewer_of(row).sees_values)
        return html.stacked(shown, SYSTEM_NAMES.get(row.side, "–"))

    @display(description="")
    def shown_act(self, row: AppointmentConflict) -> SafeString | str:
        if row.restored_at is not None:
            return html.stacked(html.good(_("brought back")), html.time(row.restored_at))
        if not viewer_of(row).more:
            return ""
        about = f"{called(row.record)}, frNr {row.appointment.fr_nr or '–'}"
        return html.button(html.page_url("calendar_restore", row.pk), _("Bring back"), "history", about=about)
