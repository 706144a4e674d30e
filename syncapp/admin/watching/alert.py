"""Alerts: open and over, and who has seen them.

Invariant: read only; an alert is acknowledged by its button alone. To extend: a column is a method with its label.
"""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import ReadOnlyAdmin, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.models import Alert
from syncapp.operations.alerts.rules import BY_CODE
from syncapp.operations.alerts.watch import sentence
from syncapp.words import html


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    when_empty = _("No alert has been raised so far.")
    list_display = ("shown_at", "shown_state", "shown_text", "shown_seen", "shown_act")
    list_filter = (filters.AlertFilter, day_range("opened_at", _("since")))
    list_select_related = ("acknowledged_by",)
    ordering = ("-opened_at",)
    more_right = "syncapp.switch_mode"
    export_columns = (
        ExportColumn(_("since"), lambda row: row.opened_at),
        ExportColumn(_("over since"), lambda row: row.closed_at),
        ExportColumn(_("what is wrong"), lambda row: _what(row)),
        ExportColumn(_("seen by"), lambda row: row.acknowledged_by or ""),
        ExportColumn(_("seen at"), lambda row: row.acknowledged_at),
    )
    shown_at = column(_("since"), lambda row: html.time(row.opened_at))

    @display(description=_("state"))
    def shown_state(self, row: Alert) -> SafeString:
        if row.closed_at is not None:
            return html.stacked(html.good(_("over")), html.time(row.closed_at))
        if row.acknowledged_at is not None:
            return html.badge("visibility", _("seen, still open"), "wait")
        return html.bad(_("open"))

    @display(description=_("what is wrong"))
    def shown_text(self, row: Alert) -> SafeString | str:
        if row.rule not in BY_CODE:
            return row.rule
        return html.stacked(sentence(row), BY_CODE[row.rule].advice if row.closed_at is None else "")

    @display(description=_("seen by"))
    def shown_seen(self, row: Alert) -> SafeString | str:
        if row.acknowledged_at is None:
            return "–"
        return html.stacked(row.acknowledged_by or "–", html.time(row.acknowledged_at))

    @display(description="")
    def shown_act(self, row: Alert) -> SafeString | str:
        if row.closed_at is not None or row.acknowledged_at is not None or not viewer_of(row).more:
            return ""
        return html.posting(html.page_url("acknowledge", row.pk), _("Seen"), "visibility", about=_what(row))


def _what(row: Alert) -> str:
    return sentence(row) if row.rule in BY_CODE else row.rule
