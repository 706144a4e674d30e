"""What people decide and did: conflicts, deletions by hand, the operator log.

Invariant: read only; contents with personal values need their right.
"""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import ReadOnlyAdmin, Viewer, viewer_of
from syncapp.admin.pages import many as many_page
from syncapp.models import Conflict, DeletionTask, OperatorLog
from syncapp.operations.actions import conflicts, many
from syncapp.operations.actions.others import OTHERS
from syncapp.operations.actions.words import action_name, codes_called, result_words, target_words
from syncapp.words import html, sentences

SIDES = {"espocrm": "EspoCRM", "advoware": "Advoware"}
RULES = {
    "espocrm_wins": _("rule: EspoCRM wins"),
    "advoware_wins": _("rule: Advoware wins"),
    "manual": _("both sides agree again"),
}


@admin.register(OperatorLog)
class OperatorLogAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "actor", "shown_action", "shown_target", "count", "reason", "shown_result")
    list_display_links = ("shown_at",)
    ordering = ("-at",)
    sortable_by = ()
    search_fields = ("=actor", "=target", "=action")
    search_help_text = _("Person, action or EspoCRM id")

    @display(description=_("action"))
    def shown_action(self, entry: OperatorLog) -> str:
        return action_name(entry.action)

    @display(description=_("at"))
    def shown_at(self, entry: OperatorLog) -> SafeString | str:
        return html.time(entry.at)

    @display(description=_("concerns"))
    def shown_target(self, entry: OperatorLog) -> SafeString | str:
        return html.record_link(entry.record_id, target_words(entry.action, entry.target) or "–")

    @display(description=_("result"))
    def shown_result(self, entry: OperatorLog) -> str:
        return result_words(entry.action, entry.result) or "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[OperatorLog], search_term: str
    ) -> tuple[QuerySet[OperatorLog], bool]:
        """An act is looked for by the name that the list shows, not by its code."""
        found, double = super().get_search_results(request, queryset, search_term)
        called = codes_called(search_term)
        return (found | queryset.filter(action__in=called), double) if called else (found, double)


def _value(conflict: Conflict, text: str | None) -> SafeString | str:
    return html.value(sentences.field_value(conflict.field, text), visible=viewer_of(conflict).sees_values)


class OpenFirst:
    """Open ones first, newest on top."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("record", "decided_by")  # type: ignore[misc]


@admin.register(Conflict)
class ConflictAdmin(OpenFirst, ReadOnlyAdmin):
    list_display = (
        *("shown_field", "shown_record", "shown_base", "shown_espo", "shown_advo"),
        *("shown_kept", "shown_who", "shown_at", "shown_act"),
    )
    list_display_links = None
    list_filter = (filters.OpenFilter,)
    ordering = ("-open", "-at")
    sortable_by = ()
    search_fields = ("=record__espo_id",)
    search_help_text = _("EspoCRM id")
    value_fields = ("base_espo", "base_advo", "espo", "advo")

    @display(description=_("at"))
    def shown_at(self, conflict: Conflict) -> SafeString | str:
        return html.time(conflict.at)

    @display(description=_("record"))
    def shown_record(self, conflict: Conflict) -> SafeString | str:
        name = html.name(conflict.record, visible=viewer_of(conflict).sees_values)
        return html.record_link(conflict.record_id, name)

    @display(description=_("field"))
    def shown_field(self, conflict: Conflict) -> SafeString | str:
        label, note = sentences.field_label(conflict.field), sentences.conflict_note(conflict.case)
        return html.stacked(label, note) if note else label

    @display(description=_("before"))
    def shown_base(self, conflict: Conflict) -> SafeString | str:
        return _value(conflict, conflict.base_espo)

    @display(description="EspoCRM")
    def shown_espo(self, conflict: Conflict) -> SafeString | str:
        return _value(conflict, conflict.espo)

    @display(description="Advoware")
    def shown_advo(self, conflict: Conflict) -> SafeString | str:
        return _value(conflict, conflict.advo)

    def viewer(self, request: HttpRequest) -> Viewer:
        sees = html.may_see_values(request)
        return Viewer(sees, timezone.now(), sees and request.user.has_perm("syncapp.decide_conflict"))

    @display(description="")
    def shown_act(self, conflict: Conflict) -> SafeString | str:
        if not viewer_of(conflict).more:
            return ""
        if conflict.open:
            return html.button(html.page_url("decide", conflict.record_id), _("Decide"), "call_split", small=True)
        if conflicts.restorable(conflict):
            return ""
        return html.button(html.page_url("restore", conflict.pk), _("Restore"), "history", small=True)

    @display(description=_("by whom"))
    def shown_who(self, conflict: Conflict) -> str:
        if conflict.open:
            return "–"
        return str(conflict.decided_by or RULES.get(conflict.policy, _("the rule")))

    @display(description=_("kept"))
    def shown_kept(self, conflict: Conflict) -> SafeString | str:
        if conflict.open:
            return html.badge("call_split", _("open"), "warn")
        return SIDES.get(conflict.kept, str(_("settled")))


def _tick_off(model_admin: Any, request: HttpRequest, chosen: QuerySet[DeletionTask]) -> HttpResponse:
    ids = chosen.order_by("pk").values_list("pk", flat=True)[: many.MOST]
    return many_page.propose(request, "deletion_done", list(ids))


@admin.register(DeletionTask)
class DeletionTaskAdmin(ReadOnlyAdmin):
    list_display = ("shown_betnr", "shown_record", "shown_since", "shown_done", "shown_act")
    list_display_links = None
    list_filter = (filters.TaskFilter,)
    list_disable_select_all = False
    actions = ()
    list_select_related = ("record", "done_by")
    ordering = (F("done_at").desc(nulls_first=True), "created_at")
    sortable_by = ()
    search_fields = ("=betnr", "=espo_id")
    search_help_text = _("betNr or EspoCRM id")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        other = OTHERS["deletion_done"]
        return {other.code: (_tick_off, other.code, other.label)} if request.user.has_perm(other.permission) else {}

    def viewer(self, request: HttpRequest) -> Viewer:
        allowed = request.user.has_perm(OTHERS["deletion_done"].permission)
        return Viewer(html.may_see_values(request), timezone.now(), allowed)

    @display(description="")
    def shown_act(self, task: DeletionTask) -> SafeString | str:
        if not viewer_of(task).more:
            return ""
        if task.used_by:
            return ""
        if task.done_at:
            return html.button(html.page_url("deletion", task.pk), _("Open again"), "undo", small=True)
        return html.button(html.page_url("deletion", task.pk), _("Tick off"), "task_alt", small=True)

    @display(description=html.BETNR)
    def shown_betnr(self, task: DeletionTask) -> str:
        return str(task.betnr or _("unknown"))

    @display(description=_("record"))
    def shown_record(self, task: DeletionTask) -> SafeString | str:
        if task.record is None:
            return task.espo_id
        return html.record_link(task.record_id, html.name(task.record, visible=viewer_of(task).sees_values))

    @display(description=_("since"))
    def shown_since(self, task: DeletionTask) -> SafeString | str:
        return html.time(task.created_at)

    @display(description=_("done"))
    def shown_done(self, task: DeletionTask) -> SafeString | str:
        if task.done_at is None:
            return html.badge("pending_actions", _("to do"), "warn")
        if task.used_by:
            withdrawn = html.badge("undo", _("withdrawn: belongs to another record now"), "off")
            return html.stacked(withdrawn, html.time(task.done_at))
        return html.stacked(html.good(_("done")), html.time(task.done_at))
