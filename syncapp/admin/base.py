"""What all lists have in common: nothing is added, changed or deleted by hand, and personal values need their right.

Invariant: rows of the sync change through acts only, which check their right, keep the invariants and log themselves.
To extend: derive from `ReadOnlyAdmin`; name in `value_fields` what holds personal values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.admin.options import ShowFacets
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from syncapp.admin.navigation import title_of
from syncapp.words import html


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and when. It rides on every row, since the one instance of an admin serves all threads at once."""

    sees_values: bool
    now: datetime
    more: Any = None


def viewer_of(row: Any) -> Viewer:
    """Who looks at this row of a list."""
    viewer: Viewer = row.viewer
    return viewer


class ViewedList(ChangeList):
    """A page of rows that know who looks at them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        viewer = self.model_admin.viewer(request)
        for row in self.result_list:
            row.viewer = viewer


class TitledAdmin(ModelAdmin):
    """A list that is called in its title as it is called in the menu."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = title_of(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return super().changelist_view(request, {"title": title or None, **(extra_context or {})})


class ReadOnlyAdmin(TitledAdmin):
    """A list to look through. Searching by a value needs the right to see it."""

    list_per_page = 50
    list_max_show_all = 200
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    list_disable_select_all = True
    list_fullwidth = True
    actions: Sequence[Any] | None = None
    value_fields: ClassVar[tuple[str, ...]] = ()
    value_columns: ClassVar[tuple[str, ...]] = ()
    search_values: ClassVar[tuple[str, ...]] = ()

    def viewer(self, request: HttpRequest) -> Viewer:
        return Viewer(html.may_see_values(request), timezone.now())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None:
            row.viewer = self.viewer(request)
        return row

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ViewedList

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what a filter offers: any other column in the address could be used to guess values."""
        fields = {item[0] for item in self.list_filter if isinstance(item, tuple)}
        parameters = {getattr(item, "parameter_name", None) for item in self.list_filter}
        return lookup in parameters or lookup.partition("__")[0] in fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        names = list(super().get_fields(request, obj))
        return names if html.may_see_values(request) else [name for name in names if name not in self.value_fields]

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        columns = tuple(super().get_list_display(request))
        if html.may_see_values(request):
            return columns
        return tuple(column for column in columns if column not in self.value_columns)

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        fields = tuple(super().get_search_fields(request))
        return (*fields, *self.search_values) if html.may_see_values(request) else fields
