"""Calls of other programs: the audit as a list with filters, and as a file.

Invariant: read only; the file holds the columns of the list for the rows that the filters leave, and no value.
"""

import csv
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import ReadOnlyAdmin
from syncapp.core.proxy.codes import Code
from syncapp.models import CallOutcome, ProxyCall
from syncapp.words import html
from syncapp.words.proxy import CODES

TONES: dict[str, tuple[str, str]] = {
    CallOutcome.DONE: ("check_circle", "good"),
    CallOutcome.REFUSED: ("block", "off"),
    CallOutcome.REFUSED_THERE: ("block", "warn"),
    CallOutcome.FAILED: ("error", "bad"),
    CallOutcome.UNKNOWN: ("help", "warn"),
    CallOutcome.REPEATED: ("repeat", "off"),
    CallOutcome.REHEARSED: ("visibility", "off"),
    CallOutcome.UNAUTHORIZED: ("key_off", "bad"),
}
COLUMNS = (
    *("at", "caller", "address", "method", "template", "path_ids", "parameters", "request_bytes", "outcome", "code"),
    *("status", "advoware_status", "answer_bytes", "duration_ms", "attempts", "request_id"),
)
# What a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


@admin.register(ProxyCall)
class ProxyCallAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_caller", "shown_what", "shown_outcome", "shown_status", "shown_ms", "request_id")
    list_display_links = None
    list_filter = (filters.CallKeyFilter, filters.CallRowFilter, filters.CallOutcomeFilter, filters.CallAgeFilter)
    list_select_related = ("key",)
    ordering = ("-at", "-pk")
    sortable_by = ()
    search_fields = ("=request_id", "=caller", "=address")
    search_help_text = _("Request id, caller or address")
    list_before_template = "ops/parts/proxy_calls_head.html"
    file_name: ClassVar[str] = "advoware-calls.csv"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.export)
        return [path("export/", view, name="syncapp_proxycall_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "query": request.GET.urlencode()})

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """The rows that the filters leave, as a file for a spreadsheet."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).get_queryset(request)
        answer = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{self.file_name}"'
        return answer

    @display(description=_("at"))
    def shown_at(self, call: ProxyCall) -> SafeString | str:
        return html.time(call.at)

    @display(description=_("caller"))
    def shown_caller(self, call: ProxyCall) -> SafeString:
        return html.stacked(call.caller or "–", call.address or "–")

    @display(description=_("what"))
    def shown_what(self, call: ProxyCall) -> SafeString:
        details = [part for part in (" ".join(call.path_ids), ", ".join(call.parameters)) if part]
        return html.stacked(f"{call.method} {call.template or '–'}", " · ".join(details) or "–")

    @display(description=_("outcome"))
    def shown_outcome(self, call: ProxyCall) -> SafeString:
        icon, tone = TONES.get(call.outcome, ("help", "off"))
        said = html.badge(icon, call.get_outcome_display(), tone)
        text = CODES.get(Code(call.code)) if call.code in CODES else None
        return html.stacked(said, text.meaning if text else call.code or "–")

    @display(description=_("status"))
    def shown_status(self, call: ProxyCall) -> SafeString:
        return html.stacked(call.status or "–", f"Advoware {call.advoware_status or '–'}")

    @display(description=_("duration"))
    def shown_ms(self, call: ProxyCall) -> str:
        return f"{call.duration_ms} ms"


def _lines(rows: "QuerySet[ProxyCall]") -> Iterator[str]:
    writer = csv.writer(_Line(), delimiter=";")
    yield "\ufeff"  # by which spreadsheets know UTF-8
    yield writer.writerow(COLUMNS)
    for row in rows.iterator(chunk_size=500):
        yield writer.writerow([_cell(getattr(row, name), name) for name in COLUMNS])


def _cell(value: Any, name: str) -> str:
    if name == "at":
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    text = " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
