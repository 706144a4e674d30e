"""The people who may log in: who has which role, and how they stand.

Invariant: read only; a person is made and changed on pages of our own, which ask, check the right and log.
To extend: a column is a method with its label.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import ReadOnlyAdmin, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.numbers import number_in
from syncapp.core.finding.folding import asked_pieces, meets
from syncapp.operations.people.role_cards import role_name
from syncapp.operations.people.standing import standing_of
from syncapp.words import html

admin.site.unregister(User)


@admin.register(User)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ("shown_name", "email", "shown_role", "shown_state", "shown_login")
    ordering = ("last_name", "first_name", "username")
    sortable_by = ("shown_name", "email", "shown_login")
    search_fields = ("username", "first_name", "last_name", "email")
    search_help_text = _("Name, login or e-mail address")
    list_before_template = "ops/parts/users_head.html"
    list_select_related = ("account",)
    export_columns = (
        ExportColumn(_("name"), lambda user: user.get_full_name()),
        ExportColumn(_("login name"), lambda user: user.get_username()),
        ExportColumn(_("e-mail address"), lambda user: user.email),
        ExportColumn(_("role"), lambda user: role_name(user)),
        ExportColumn(_("state"), lambda user: str(standing_of(user, now=viewer_of(user).now).words)),
        ExportColumn(_("last login"), lambda user: user.last_login),
    )
    shown_login = column(_("last login"), lambda row: html.time(row.last_login), ordering="last_login")
    shown_role = column(_("role"), lambda row: role_name(row))

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """By the name as it is said too: “Krause, Sabine”, “muller”. There are as many as work here."""
        found, double = super().get_search_results(request, queryset, search_term)
        pieces = asked_pieces(search_term)
        people = User.objects.only("first_name", "last_name") if pieces else ()
        return found | queryset.filter(pk__in=[one.pk for one in people if meets(one.get_full_name(), pieces)]), double

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *rest: Any, **more: Any
    ) -> HttpResponse:
        """Django's own form with its list of rights: ours takes its place."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = number_in(object_id or "")
        return HttpResponseRedirect(html.page_url("user", number) if number else html.page_url("user_new"))

    @display(description=_("name"), ordering="last_name")
    def shown_name(self, user: User) -> SafeString:
        name, login = user.get_full_name(), user.get_username()
        return html.stacked(html.link(html.page_url("user", user.pk), name or login), login if name else "")

    @display(description=_("state"))
    def shown_state(self, user: User) -> SafeString | str:
        found = standing_of(user, now=viewer_of(user).now)
        return html.badge(found.icon, found.words, found.tone)
