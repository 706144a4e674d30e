"""The webhook inbox: what EspoCRM told, and what became of it.

Invariant: read only; the contents need their right. To extend: how a further result looks is a row of RESULTS
(words/monitoring/looks.py).
"""

import json
from collections.abc import Iterable, Iterator

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesCheckboxFilter
from unfold.decorators import display

from syncapp.admin.base import RecordRows, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn, record_columns
from syncapp.admin.finding.day_range import day_range
from syncapp.entities.beteiligte.parts.bankverbindungen.part import SEALED
from syncapp.models import InboxElement
from syncapp.words import html
from syncapp.words.child_lists.labels import list_of
from syncapp.words.monitoring.looks import EVENT_ICONS, RESULTS, UNKNOWN
from syncapp.words.time_format import exact

CONTENT = 160


def _flat(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _told(element: InboxElement) -> dict[str, str]:
    """What came, by name. Of an account the inbox keeps seals alone: then the names are told in place of values."""
    told = {name: _flat(value) for name, value in element.attributes.items() if name != SEALED}
    return told | {name: str(_("(not kept)")) for name in element.attributes.get(SEALED) or ()}


def _lines(element: InboxElement) -> Iterator[str]:
    return (f"{name}: {value}" for name, value in _told(element).items() if name != "id")


def _cut(parts: Iterable[str]) -> str:
    text = " · ".join(parts)
    return text if len(text) <= CONTENT else f"{text[:CONTENT]} …"


@admin.register(InboxElement)
class InboxElementAdmin(RecordRows):
    list_display = ("shown_at", "shown_record", "shown_action", "shown_result", "shown_content")
    list_display_links = ("shown_at",)
    list_filter = (
        ("result", ChoicesCheckboxFilter),
        ("action", ChoicesCheckboxFilter),
        day_range("received_at", _("received")),
    )
    ordering = ("-received_at",)
    sortable_by = ("shown_at",)
    value_fields = ("shown_whole",)
    fields = ("shown_record", "shown_moment", "shown_action", "shown_result", "shown_judged", "shown_whole", "delivery")
    value_columns = ("shown_content",)
    export_columns = (
        ExportColumn(_("received"), lambda row: row.received_at),
        *record_columns(),
        ExportColumn(_("list"), lambda row: list_of(row.kind) if row.kind else ""),
        ExportColumn(_("event"), lambda row: row.get_action_display()),
        ExportColumn(_("result"), lambda row: row.get_result_display()),
        ExportColumn(_("judged"), lambda row: row.judged_at),
        ExportColumn(_("content"), lambda row: " · ".join(_lines(row)), values=True),
    )
    shown_at = column(_("received"), lambda row: html.time(row.received_at), ordering="received_at")
    shown_moment = column(_("received"), lambda row: html.stacked(html.time(row.received_at), exact(row.received_at)))
    shown_judged = column(_("judged"), lambda row: html.time(row.judged_at))

    @display(description=_("record"))
    def shown_record(self, element: InboxElement) -> SafeString | str:
        if element.record is None:
            return element.espo_id
        name = html.name(element.record, visible=viewer_of(element).sees_values)
        return html.stacked(html.record_link(element.record_id, name), element.espo_id)

    @display(description=_("event"))
    def shown_action(self, element: InboxElement) -> SafeString:
        icon = EVENT_ICONS.get(element.action, "help")
        action = element.get_action_display()
        return html.badge(icon, f"{list_of(element.kind)}: {action}" if element.kind else action, "off")

    @display(description=_("result"))
    def shown_result(self, element: InboxElement) -> SafeString:
        icon, tone = RESULTS.get(element.result, UNKNOWN)
        return html.badge(icon, element.get_result_display(), tone)

    @display(description=_("content"))
    def shown_whole(self, element: InboxElement) -> SafeString:
        rows = ((name, html.value(value, visible=True)) for name, value in _told(element).items())
        lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
        return format_html('<dl class="ops-facts">{}</dl>', lines)

    @display(description=_("content"))
    def shown_content(self, element: InboxElement) -> SafeString | str:
        shown = html.value(_cut(_lines(element)), visible=True)
        return format_html('<div class="ops-cell"><small>{}</small></div>', shown)
