"""The parts of the installation, and the people who may use it."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from syncapp import shown, texts
from syncapp.admin.base import ReadOnlyAdmin
from syncapp.models import Breaker, Heartbeat

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    pass


@admin.register(Breaker)
class BreakerAdmin(ReadOnlyAdmin):
    list_display = ("shown_system", "shown_state", "failures", "shown_since", "shown_probe", "reason")
    list_display_links = None
    ordering = ("system",)

    @display(description=_("system"))
    def shown_system(self, row: Breaker) -> str:
        return texts.SYSTEMS.get(row.system, row.system)

    @display(description=_("state"))
    def shown_state(self, row: Breaker) -> SafeString:
        if row.open_until is None:
            return shown.good(_("works"))
        return shown.bad(texts.kind_text(row.kind).name)

    @display(description=_("open since"))
    def shown_since(self, row: Breaker) -> SafeString | str:
        return shown.time(row.open_since)

    @display(description=_("next probe"))
    def shown_probe(self, row: Breaker) -> SafeString | str:
        return shown.time(row.open_until)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "shown_at")
    list_display_links = None
    ordering = ("name",)

    @display(description=_("last sign of life"))
    def shown_at(self, row: Heartbeat) -> SafeString | str:
        return shown.time(row.at)
