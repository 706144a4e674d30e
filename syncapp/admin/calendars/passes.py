"""Every pass over a calendar: when, how it ended, what it did."""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesCheckboxFilter, RelatedDropdownFilter
from unfold.decorators import display

from syncapp.admin.base import column
from syncapp.admin.calendars.base import CalendarAdmin, called
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.models import CalendarPass
from syncapp.words import html
from syncapp.words.calendars import cases
from syncapp.words.calendars.faults import fault_words
from syncapp.words.runs.calls import shown_calls
from syncapp.words.sentences import decimal


@admin.register(CalendarPass)
class CalendarPassAdmin(CalendarAdmin):
    list_alone = True
    list_before_template = "ops/calendars/parts/passes_head.html"
    list_display = ("shown_at", "shown_calendar", "shown_outcome", "shown_what", "shown_calls")
    list_filter = (
        ("outcome", ChoicesCheckboxFilter),
        ("record", RelatedDropdownFilter),
        day_range("started_at", _("started")),
    )
    ordering = ("-started_at", "-pk")
    list_select_related = ("record",)
    search_fields = ("=kuerzel",)  # of a calendar that is gone, too
    calendar_lookup = "record"
    search_help_text = _("Kuerzel or name")
    export_columns = (
        ExportColumn(_("started"), lambda row: row.started_at),
        ExportColumn(_("calendar"), lambda row: row.kuerzel),
        ExportColumn(_("kind"), lambda row: _("full pass") if row.verdict == "full" else _("light pass")),
        ExportColumn(_("outcome"), lambda row: row.get_outcome_display()),
        ExportColumn(_("what is wrong"), lambda row: fault_words(row.kind, row.fault)),
        ExportColumn(_("what it did"), lambda row: ", ".join(cases.done_words(row.summary))),
        ExportColumn(_("duration (ms)"), lambda row: row.duration_ms),
        ExportColumn(_("remote calls"), lambda row: sum(sum(counts.values()) for counts in row.calls.values())),
    )
    shown_outcome = column(
        _("outcome"), lambda row: html.stacked(html.outcome_badge(row.outcome), fault_words(row.kind, row.fault))
    )
    shown_what = column(_("what it did"), lambda row: ", ".join(cases.done_words(row.summary)) or "–")

    @display(description=_("started"))
    def shown_at(self, one: CalendarPass) -> SafeString:
        return html.stacked(html.time(one.started_at), f"{decimal(one.duration_ms / 1000)} s")

    @display(description=_("calendar"))
    def shown_calendar(self, one: CalendarPass) -> SafeString:
        return html.stacked(
            called(one.record) if one.record else one.kuerzel,
            _("full pass") if one.verdict == "full" else _("light pass"),
        )

    @display(description=_("remote calls"))
    def shown_calls(self, one: CalendarPass) -> SafeString | str:
        said = ", ".join(
            f"{SYSTEM_NAMES.get(name, name)}: {sum(counts.values())}" for name, counts in one.calls.items()
        )
        calls = shown_calls(one.call_log)
        if not calls:
            return said or "–"
        listed = render_to_string("ops/parts/calls.html", {"calls": calls})
        return format_html('<details class="ops-calls"><summary>{}</summary>{}</details>', said, listed)
