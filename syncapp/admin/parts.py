"""The parts of the installation, and the people who may use it."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from syncapp.admin import filters
from syncapp.admin.base import ReadOnlyAdmin, TitledAdmin, Viewer, viewer_of
from syncapp.models import Alert, BulkAction, BulkState, Sweep
from syncapp.operations.actions.many import act_of
from syncapp.operations.actions.words import action_name
from syncapp.operations.alerts.rules import BY_CODE
from syncapp.operations.alerts.watch import sentence
from syncapp.operations.onboarding.roles import meaning_of
from syncapp.words import html
from syncapp.words.time_format import lasting

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(TitledAdmin, UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class RoleAdmin(TitledAdmin, GroupAdmin, ModelAdmin):
    list_display = ("name", "meaning")

    @display(description=_("may"))
    def meaning(self, group: Group) -> str:
        return meaning_of(group.name) or "–"


@admin.register(Sweep)
class SweepAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_took", "shown_counts", "shown_fault")
    list_display_links = None
    ordering = ("-started_at",)
    sortable_by = ()

    @display(description=_("started"))
    def shown_at(self, row: Sweep) -> SafeString | str:
        return html.time(row.started_at)

    @display(description=_("duration"))
    def shown_took(self, row: Sweep) -> str:
        return lasting(row.finished_at - row.started_at) if row.finished_at else "–"

    @display(description=_("what it did"))
    def shown_counts(self, row: Sweep) -> str:
        said = [f"{STEPS.get(name, name)}: {number}" for name, number in row.counts.items() if number]
        return " · ".join(said) or str(_("nothing to do"))

    @display(description=_("what is wrong"))
    def shown_fault(self, row: Sweep) -> SafeString | str:
        if not row.fault:
            return html.good(_("nothing"))
        return html.bad("; ".join(f"{STEPS.get(name, name)}: {text}" for name, text in row.fault.items()))


STEPS = {
    "auto_reset": _("reset by themselves"),
    "discovered": _("found in EspoCRM"),
    "refusals_settled": _("betNr free again"),
    "picked": _("enqueued"),
    "confirmed": _("looked at once after our write"),
    "rechecked": _("checked again"),
    "deep_checked": _("read whole"),
    "purged": _("old rows deleted"),
}


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_state", "shown_text", "shown_seen", "shown_act")
    list_filter = (filters.AlertFilter,)
    list_display_links = None
    list_select_related = ("acknowledged_by",)
    ordering = ("-opened_at",)
    sortable_by = ()

    @display(description=_("since"))
    def shown_at(self, row: Alert) -> SafeString | str:
        return html.time(row.opened_at)

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

    def viewer(self, request: HttpRequest) -> Viewer:
        allowed = request.user.has_perm("syncapp.switch_mode")
        return Viewer(html.may_see_values(request), timezone.now(), allowed)

    @display(description="")
    def shown_act(self, row: Alert) -> SafeString | str:
        if row.closed_at is not None or row.acknowledged_at is not None or not viewer_of(row).more:
            return ""
        return html.posting(html.page_url("acknowledge", row.pk), _("Seen"), "visibility")


@admin.register(BulkAction)
class BulkActionAdmin(ReadOnlyAdmin):
    list_display = ("shown_act", "actor", "total", "done", "shown_state", "shown_at")
    list_display_links = None
    ordering = ("-created_at",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[BulkAction]:
        return BulkAction.objects.exclude(state=BulkState.ASKED).defer("ids")

    @display(description=_("action"))
    def shown_act(self, row: BulkAction) -> SafeString:
        url = html.page_url("many", row.pk)
        return format_html('<a class="ops-link" href="{}">{}</a>', url, action_name(row.code))

    @display(description=_("state"))
    def shown_state(self, row: BulkAction) -> SafeString:
        if row.state == BulkState.DONE and act_of(row.code).enqueues:
            return html.badge("outgoing_mail", _("requested"), "wait")
        tones = {BulkState.RUNNING: ("progress_activity", "wait"), BulkState.DONE: ("check_circle", "good")}
        icon, tone = tones.get(BulkState(row.state), ("stop_circle", "off"))
        return html.badge(icon, row.get_state_display(), tone)

    @display(description=_("since"))
    def shown_at(self, row: BulkAction) -> SafeString | str:
        return html.time(row.created_at)
