"""The exports of whoever looks: what is at work, what can be fetched, and until when.

Invariant: read only, and each person's own alone. To extend: a column is a method with its label.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import ReadOnlyAdmin, column
from syncapp.admin.exporting.sources import RIGHT
from syncapp.admin.pages.frame import person
from syncapp.models import Export, ExportState
from syncapp.operations.exports import orders
from syncapp.operations.exports.forms import FORMS
from syncapp.words import html
from syncapp.words.monitoring.looks import UNKNOWN, WORK
from syncapp.words.time_format import clock


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    when_empty = _("Choose “Export” above a list or above the figures; the file can then be fetched here.")
    list_display = ("shown_what", "shown_form", "shown_rows", "shown_state", "shown_at", "shown_until", "shown_act")
    ordering = ("-created_at",)
    shown_what = column(_("list"), lambda row: html.link(html.page_url("export", row.pk), row.title))
    shown_form = column(_("form"), lambda row: str(FORMS[row.form].label) if row.form in FORMS else row.form)
    shown_rows = column(_("rows"), lambda row: formats.number_format(row.total, force_grouping=True))
    shown_at = column(_("ordered"), lambda row: html.time(row.created_at))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RIGHT)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list alone: the form of a row would show what was searched for."""
        return obj is None and request.user.has_perm(RIGHT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return Export.objects.filter(user=person(request), created_at__gt=timezone.now() - orders.KEPT)

    @display(description=_("state"))
    def shown_state(self, row: Export) -> SafeString:
        icon, tone = WORK.get(row.state, UNKNOWN)
        return html.stacked(html.badge(icon, row.get_state_display(), tone), row.refusal)

    @display(description=_("there until"))
    def shown_until(self, row: Export) -> str:
        return clock(orders.expires_at(row), now=timezone.now()) if row.state == ExportState.DONE else "–"

    @display(description="")
    def shown_act(self, row: Export) -> SafeString | str:
        if row.state != ExportState.DONE:
            return ""
        return html.button(html.page_url("export_file", row.pk), _("Download"), "download", about=row.title)
