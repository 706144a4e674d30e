"""Conflicts: what both sides held, what was kept, and by whom.

Invariant: read only; the values of both sides need their right.
To extend: what was kept, and by which rule, is worded in words/runs/conflicts.py.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from syncapp.admin import filters
from syncapp.admin.base import CommandHit, RecordRows, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn, record_columns
from syncapp.admin.finding.day_range import day_range
from syncapp.admin.pages import many as many_page
from syncapp.models import Conflict
from syncapp.operations.actions import conflicts
from syncapp.operations.actions.bulk import many
from syncapp.operations.actions.others import OTHERS
from syncapp.words import html, plans, sentences
from syncapp.words.runs.conflicts import KEPT, RULES, before, shown_before


def _value(conflict: Conflict, text: str | None) -> SafeString | str:
    return html.value(sentences.field_value(conflict.field, text), visible=viewer_of(conflict).sees_values)


@admin.register(Conflict)
class ConflictAdmin(RecordRows):
    when_empty = _("Where the same field was changed differently on both sides, both values stand here.")
    list_display = (
        *("shown_record", "shown_field", "shown_base", "shown_espo", "shown_advo"),
        *("shown_kept", "shown_at", "shown_act"),
    )
    list_before_template = "ops/casework/conflicts_head.html"
    list_disable_select_all = False
    actions = ("decide_together",)
    list_filter = (filters.OpenFilter, filters.FieldFilter, day_range("at", _("at")))
    list_select_related = ("record", "decided_by")
    ordering = ("-open", "-at")
    sortable_by = ("shown_record", "shown_field", "shown_at")
    search_fields = ("=record__espo_id",)
    command_icon = "call_split"
    value_fields = ("base_espo", "base_advo", "espo", "advo", "entered")

    export_columns = (
        *record_columns(lambda row: row.record.espo_id),
        ExportColumn(_("field"), lambda row: str(sentences.field_label(row.field))),
        ExportColumn(_("note"), lambda row: str(plans.conflict_note(row.case))),
        ExportColumn(_("before"), before, values=True),
        ExportColumn("EspoCRM", lambda row: sentences.field_value(row.field, row.espo), values=True),
        ExportColumn("Advoware", lambda row: sentences.field_value(row.field, row.advo), values=True),
        ExportColumn(_("kept"), lambda row: str(_("open") if row.open else KEPT.get(row.kept, _("settled")))),
        ExportColumn(_("by whom"), lambda row: _by_whom(row)),
        ExportColumn(_("at"), lambda row: row.at),
        ExportColumn(_("decided"), lambda row: row.decided_at),
    )
    shown_at = column(_("at"), lambda row: html.time(row.at), ordering="at")
    shown_base = column(_("before"), lambda row: shown_before(row, visible=viewer_of(row).sees_values))
    shown_espo = column("EspoCRM", lambda row: _value(row, row.espo))
    shown_advo = column("Advoware", lambda row: _value(row, row.advo))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return super().get_actions(request) if self.more(request) else {}

    @action(description=OTHERS["decide_conflicts"].label)
    def decide_together(self, request: HttpRequest, chosen: QuerySet[Conflict]) -> HttpResponse:
        """Those of the selection, or of the whole filter, that are open; a record's fields beside one another."""
        ids = chosen.filter(open=True).order_by("record_id", "field").values_list("pk", flat=True)[: many.MOST]
        return many_page.propose(request, "decide_conflicts", list(ids))

    def command_queryset(self, request: HttpRequest) -> QuerySet[Conflict]:
        return self.get_queryset(request).filter(open=True)

    def command_hit(self, conflict: Conflict) -> CommandHit:
        viewer = viewer_of(conflict)
        link = html.page_url("decide", conflict.record_id) if viewer.more else html.record_url(conflict.record_id)
        return CommandHit(
            html.name(conflict.record, visible=viewer.sees_values), sentences.field_label(conflict.field), link
        )

    @display(description=_("field"), ordering="field")
    def shown_field(self, conflict: Conflict) -> SafeString | str:
        label, note = sentences.field_label(conflict.field), plans.conflict_note(conflict.case)
        return html.stacked(label, note) if note else label

    def more(self, request: HttpRequest) -> bool:
        """Deciding needs its right, and the right to see what one decides about."""
        return request.user.has_perms(("syncapp.decide_conflict", html.VALUES))

    @display(description="")
    def shown_act(self, conflict: Conflict) -> SafeString | str:
        if not viewer_of(conflict).more:
            return ""
        name = html.name(conflict.record, visible=viewer_of(conflict).sees_values)
        if conflict.open:
            return html.button(html.page_url("decide", conflict.record_id), _("Decide"), "call_split", about=name)
        if conflicts.restorable(conflict):
            return ""
        about = format_html("{}, {}", sentences.field_label(conflict.field), name)
        return html.button(html.page_url("restore", conflict.pk), _("Restore"), "history", about=about)

    @display(description=_("kept"))
    def shown_kept(self, conflict: Conflict) -> SafeString | str:
        if conflict.open:
            return html.badge("call_split", _("open"), "warn")
        return html.stacked(KEPT.get(conflict.kept, _("settled")), _by_whom(conflict))


def _by_whom(conflict: Conflict) -> str:
    rule = conflict.policy if conflict.kept else ""
    return "" if conflict.open else str(conflict.decided_by or RULES.get(rule, _("the rule")))
