"""Tasks about addresses and bank accounts: what is to be done by hand, or to be answered.

Invariant: read only; what stands on the sides needs the right to see values, and of an account only a part is kept.
To extend: a column is a method with its label.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import CommandHit, RecordRows, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn, record_columns
from syncapp.admin.finding.day_range import day_range
from syncapp.core.child_lists.shapes import LISTED_ONLY
from syncapp.models import ChildCase
from syncapp.operations.actions.child_cases import answers_to
from syncapp.operations.actions.others import OTHERS
from syncapp.words import actor_words, html
from syncapp.words.child_lists.cases import LISTED_STATES, case_words, icon_of, one_line

CARRY = OTHERS["carry_waiting"]


@admin.register(ChildCase)
class ChildCaseAdmin(RecordRows):
    when_empty = _("What has to be asked or done by hand about an address or a bank account stands here as a task.")
    list_display = ("shown_task", "shown_record", "shown_values", "shown_since", "shown_state", "shown_act")
    list_filter = (
        filters.ChildCaseFilter,
        filters.ChildKindFilter,
        filters.ChildReasonFilter,
        day_range("opened_at", _("since")),
    )
    list_disable_select_all = False
    row_actions = (CARRY,)
    ordering = ("closed_at", "done_at", "opened_at")
    sortable_by = ("shown_record", "shown_since")
    command_icon = "home_pin"
    value_fields = ("params",)
    more_right = CARRY.permission
    export_columns = (
        ExportColumn(_("about"), lambda row: case_words(row).about),
        ExportColumn(_("task"), lambda row: case_words(row).name),
        *record_columns(),
        ExportColumn("EspoCRM", lambda row: one_line(row)[0], values=True),
        ExportColumn("Advoware", lambda row: one_line(row)[1], values=True),
        ExportColumn(_("since"), lambda row: row.opened_at),
        ExportColumn(_("state"), lambda row: _state(row)),
        ExportColumn(_("done at"), lambda row: row.closed_at or row.done_at),
        ExportColumn(_("by whom"), lambda row: row.done_by or ""),
    )
    search_fields = ("=record__espo_id", "=espo_id")
    shown_since = column(_("since"), lambda row: html.time(row.opened_at), ordering="opened_at")

    def command_queryset(self, request: HttpRequest) -> QuerySet[ChildCase]:
        return self.get_queryset(request).filter(closed_at=None, done_at=None)

    def command_hit(self, case: ChildCase) -> CommandHit:
        name = html.name(case.record, visible=viewer_of(case).sees_values)
        return CommandHit(name, case_words(case).name, html.page_url("child_case", case.pk))

    @display(description=_("task"))
    def shown_task(self, case: ChildCase) -> SafeString:
        words = case_words(case)
        return html.stacked(html.badge(icon_of(case.kind), words.about, "off"), words.name)

    @display(description=_("what stands there"))
    def shown_values(self, case: ChildCase) -> SafeString | str:
        espo, advo = one_line(case)
        if espo is None and advo is None:
            return "–"
        sees = viewer_of(case).sees_values
        return html.two_sides(*(None if text is None else html.value(text, visible=sees) for text in (espo, advo)))

    @display(description=_("state"))
    def shown_state(self, case: ChildCase) -> SafeString | str:
        if case.closed_at:
            return html.stacked(html.good(_state(case)), _answerer(case) or html.time(case.closed_at))
        if case.done_at:
            return html.stacked(html.badge("task_alt", _state(case), "wait"), _answerer(case))
        icon, tone = ("visibility", "off") if case.code in LISTED_ONLY else ("pending_actions", "warn")
        return html.badge(icon, _state(case), tone)

    @display(description="")
    def shown_act(self, case: ChildCase) -> SafeString | str:
        if case.closed_at:
            return ""
        asks = viewer_of(case).more and answers_to(case)
        label, icon = (_("Answer"), "rule") if asks else (_("Look at it"), "visibility")
        about = html.name(case.record, visible=viewer_of(case).sees_values)
        return html.button(html.page_url("child_case", case.pk), label, icon, about=about)


def _answerer(case: ChildCase) -> str:
    """Who has answered it; "" where nobody had to."""
    return actor_words(case.done_by) if case.done_at else ""


def _state(case: ChildCase) -> Any:
    if case.closed_at:
        return _("answered and closed") if case.done_at else _("closed by itself")
    if case.done_at:
        return _("answered")
    return LISTED_STATES.get(case.code, _("to do"))
