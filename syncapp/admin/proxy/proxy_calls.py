"""Calls of other programs: the audit as a list with filters, and as a file.

Invariant: read only; neither holds a value. To extend: a column is a method with its label, and a row of the file's.
"""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import ReadOnlyAdmin, column
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.core.proxy.codes import Code
from syncapp.models import ProxyCall
from syncapp.words import html
from syncapp.words.proxy import CALL_LOOKS, CODES


@admin.register(ProxyCall)
class ProxyCallAdmin(ReadOnlyAdmin):
    when_empty = _("Each call of another program with one of the keys stands here.")
    list_display = ("shown_at", "shown_caller", "shown_what", "shown_outcome", "shown_status", "shown_ms", "shown_id")
    list_filter = (
        *(filters.CallKeyFilter, filters.CallRowFilter, filters.CallOutcomeFilter, filters.CallAgeFilter),
        day_range("at", _("at")),
    )
    list_select_related = ("key",)
    ordering = ("-at", "-pk")
    search_fields = ("=request_id", "=caller", "=address")
    search_help_text = _("Request id, caller or address")
    export_columns = (
        ExportColumn(_("at"), lambda row: row.at),
        ExportColumn(_("caller"), lambda row: row.caller),
        ExportColumn(_("address"), lambda row: row.address),
        ExportColumn(_("method"), lambda row: row.method),
        ExportColumn(_("resource"), lambda row: row.template),
        ExportColumn(_("ids in the path"), lambda row: " ".join(row.path_ids)),
        ExportColumn(_("parameters"), lambda row: " ".join(row.parameters)),
        ExportColumn(_("bytes sent"), lambda row: row.request_bytes),
        ExportColumn(_("outcome"), lambda row: row.get_outcome_display()),
        ExportColumn(_("code"), lambda row: row.code),
        ExportColumn(_("status"), lambda row: row.status),
        ExportColumn(_("Advoware's status"), lambda row: row.advoware_status),
        ExportColumn(_("bytes answered"), lambda row: row.answer_bytes),
        ExportColumn(_("duration (ms)"), lambda row: row.duration_ms),
        ExportColumn(_("attempts"), lambda row: row.attempts),
        ExportColumn(_("request id"), lambda row: row.request_id),
    )
    shown_at = column(_("at"), lambda row: html.time(row.at))
    shown_caller = column(_("caller"), lambda row: html.stacked(row.caller or "–", row.address or "–"))
    shown_id = column(_("request id"), lambda row: format_html('<span class="ops-id">{}</span>', row.request_id))
    shown_status = column(
        _("status"), lambda row: html.stacked(row.status or "–", f"Advoware {row.advoware_status or '–'}")
    )
    shown_ms = column(_("duration"), lambda row: f"{row.duration_ms} ms")

    @display(description=_("what"))
    def shown_what(self, call: ProxyCall) -> SafeString:
        details = [part for part in (" ".join(call.path_ids), ", ".join(call.parameters)) if part]
        return html.stacked(f"{call.method} {call.template or '–'}", " · ".join(details) or "–")

    @display(description=_("outcome"))
    def shown_outcome(self, call: ProxyCall) -> SafeString:
        icon, tone = CALL_LOOKS.get(call.outcome, ("help", "off"))
        said = html.badge(icon, call.get_outcome_display(), tone)
        text = CODES.get(Code(call.code)) if call.code in CODES else None
        return html.stacked(said, text.meaning if text else call.code or "–")
