"""Roles: what each of them may do."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from syncapp.admin.base import TitledAdmin
from syncapp.operations.onboarding.roles import meaning_of

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(TitledAdmin, GroupAdmin, ModelAdmin):
    list_display = ("name", "meaning")

    @display(description=_("may"))
    def meaning(self, group: Group) -> str:
        return meaning_of(group.name) or "–"
