"""Roles: what each of them may see and do, in words.

Invariant: only rights that something here asks for are offered; what a role has besides stays as it is.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Case, Count, Q, QuerySet, When
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from syncapp.admin.base import TitledAdmin, column
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.operations.people.role_cards import known_here, right_words, rights_offered, role_meaning

RIGHTS_OF_A_ROLE = "permissions__content_type"
admin.site.unregister(Group)


class RightsField(forms.ModelMultipleChoiceField):
    """The rights in words of the reader's language, where Django has English ones of the day they were made."""

    def label_from_instance(self, right: Permission) -> str:
        return right_words(right)


class RoleForm(forms.ModelForm):  # type: ignore[type-arg,unused-ignore]
    name = forms.CharField(label=_("name"), max_length=150, widget=UnfoldAdminTextInputWidget())
    permissions = RightsField(
        label=_("may"),
        queryset=Permission.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    class Meta:
        model = Group
        fields = ("name", "permissions")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        rights = self.fields["permissions"]
        assert isinstance(rights, RightsField)  # noqa: S101  (declared above)
        rights.queryset = offered()

    def clean_permissions(self) -> QuerySet[Permission]:
        """What was chosen, and what is not offered here and was there before."""
        chosen = [right.pk for right in self.cleaned_data["permissions"]]
        kept = self.instance.permissions.exclude(pk__in=offered()) if self.instance.pk else Permission.objects.none()
        return Permission.objects.filter(Q(pk__in=chosen) | Q(pk__in=kept.values("pk")))


def offered() -> QuerySet[Permission]:
    """What may be seen first, then what may be done, at the end who manages the people."""
    acts = Case(When(codename__startswith="view_", then=0), default=1)
    rights = Permission.objects.filter(rights_offered()).select_related("content_type")
    return rights.order_by("-content_type__app_label", acts, "pk")


@admin.register(Group)
class RoleAdmin(TitledAdmin, ModelAdmin):
    form = RoleForm
    list_display = ("name", "meaning", "people")
    ordering = ("name",)
    search_fields = ("name",)
    export_columns = (
        ExportColumn(_("role"), lambda group: group.name),
        ExportColumn(_("may"), lambda group: role_meaning(group.name)),
        ExportColumn(
            _("rights one by one"), lambda group: "; ".join(map(right_words, known_here(group.permissions.all())))
        ),
        ExportColumn(_("people"), lambda group: group.number_of_people),
    )
    people = column(_("people"), lambda row: row.number_of_people, ordering="number_of_people")
    meaning = column(_("may"), lambda row: role_meaning(row.name))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        people = Count("user", distinct=True)
        return super().get_queryset(request).annotate(number_of_people=people).prefetch_related(RIGHTS_OF_A_ROLE)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Ours as it is: the theme would put its own field in place of the rights."""
        return RoleForm
