"""What all lists have in common: nothing is added, changed or deleted by hand, and personal values need their right.

Invariant: rows of the sync change through acts only, which check their right, keep the invariants and log themselves.
To extend: derive from `ReadOnlyAdmin`; name in `value_fields` what holds personal values, in `record_lookup` the way to
the record by whose name rows are found; Ctrl+K finds rows of a list that has a `command_icon`; what a file of the list
holds say its `export_columns`. A column is a `column`, or a method where that takes more than an expression; a row's
own page is its `row_page`; `more_right` is the right that the buttons of the rows ask for, `row_actions` what may be
done to many of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.contrib.admin.views.main import ALL_VAR
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.views import ChangeList

from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding import rows
from syncapp.admin.finding.counting import COUNT_VAR, EXACTLY, SIZE_VAR, LimitedPaginator
from syncapp.admin.navigation import title_of
from syncapp.admin.pages import many
from syncapp.admin.pages.casework import saved_views as views
from syncapp.entities.beteiligte.finding.query import NEAR, found_keys
from syncapp.models import SyncRecord
from syncapp.operations.actions import OfferedAction
from syncapp.words import Words, html


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks, and when. It rides on every row, since the one instance of an admin serves all threads at once."""

    sees_values: bool
    now: datetime
    more: Any = None
    asked: str = ""  # what was searched for


def viewer_of(row: Any) -> Viewer:
    """Who looks at this row of a list."""
    viewer: Viewer = row.viewer
    return viewer


def column(label: Words, shown: Callable[[Any], Any], ordering: str | None = None) -> Callable[[Any, Any], Any]:
    """A column of a list, or a line of a row's page, that is one expression of the row."""

    @display(description=label, ordering=ordering)
    def method(_admin: Any, row: Any) -> Any:
        return shown(row)

    return method


@dataclass(frozen=True, slots=True)
class CommandHit:
    """One answer of Ctrl+K: what it is called, what else there is to know, where it leads."""

    title: SafeString | str
    note: SafeString | str
    link: str


# So many rows are looked at for those that matter most.
COMMAND_ROWS = 50
SIZES = (50, 200)


class ViewedList(ChangeList):
    """A page of rows that know who looks at them, as long as the visitor wants it."""

    made_headers: list[Any] | None = None  # of finding/rows.py
    way_back = ""  # this list as it stands, as a parameter of an address
    preserved_filters: str
    search_help_text: Words

    def get_results(self, request: HttpRequest) -> None:
        self.request = request
        asked = request.GET.get(SIZE_VAR, "")
        self.list_per_page: int = next((size for size in SIZES if asked == str(size)), self.model_admin.list_per_page)
        super().get_results(request)
        # Each row's address bears them already (url_for_result): the theme would look its view up for every row.
        self.way_back, self.preserved_filters = self.preserved_filters, ""
        viewer = replace(self.model_admin.viewer(request), asked=self.query)
        if not viewer.sees_values:
            self.search_help_text = self.model_admin.blind_help_text or self.search_help_text
        for row in self.result_list:
            row.viewer = viewer

    def get_filters_params(self, params: Any = None) -> Any:
        found = super().get_filters_params(params)
        for name in (SIZE_VAR, COUNT_VAR):
            found.pop(name, None)
        return found

    def url_for_result(self, result: Any) -> str:
        """The page of a row, which knows the list that it was opened from."""
        address = super().url_for_result(result)
        return f"{address}?{self.way_back}" if self.way_back else address

    @property
    def is_narrowed(self) -> bool:
        """Whether a search or a filter leaves rows out."""
        return bool(self.query or self.has_active_filters)

    @property
    def exact_link(self) -> str:
        """The same list with all its rows counted, where they were not; for its foot."""
        return self.get_query_string({COUNT_VAR: EXACTLY}) if self.paginator.more else ""

    @cached_property
    def saved_views(self) -> views.ShownViews:
        """The views of this list, above it."""
        return views.shown(self.request, place=self.opts.model_name or "")

    def sizes(self) -> list[tuple[int, str, bool]]:
        """(rows of a page, link, whether it is so now), for the foot of the list; “all” is the theme's own link."""
        whole = ALL_VAR in self.params
        return [
            (size, self.get_query_string({SIZE_VAR: size}, [ALL_VAR]), not whole and size == self.list_per_page)
            for size in SIZES
        ]


class TitledAdmin(ModelAdmin):
    """A list that is called in its title as it is called in the menu, and can be had as a file."""

    empty_value_display = "–"
    export_columns: ClassVar[tuple[ExportColumn, ...]] = ()
    more_right: ClassVar[str] = ""
    when_empty: ClassVar[Words] = ""  # what is told where there is no row at all: what comes here, and how

    def viewer(self, request: HttpRequest) -> Viewer:
        return Viewer(html.may_see_values(request), timezone.now(), self.more(request))

    def more(self, request: HttpRequest) -> Any:
        """What else the rows have to know of who looks: whether she has the right that their buttons need."""
        return bool(self.more_right) and request.user.has_perm(self.more_right)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        title = title_of(self.list_address)
        return super().changelist_view(request, {"title": title or None, **(extra_context or {})})

    @property
    def list_title(self) -> str:
        """What the menu calls it, else what Django does."""
        return title_of(self.list_address) or str(self.opts.verbose_name_plural)

    @property
    def list_address(self) -> str:
        """The name of the address of this list."""
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"


class ReadOnlyAdmin(TitledAdmin):
    """A list to look through. Searching by a value needs the right to see it."""

    paginator = LimitedPaginator
    list_per_page = 50
    list_max_show_all = 2000
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    list_disable_select_all = True
    list_fullwidth = True
    list_display_links: Sequence[str] | None = None
    sortable_by: Sequence[str] = ()
    actions: Sequence[Any] | None = None
    value_fields: ClassVar[tuple[str, ...]] = ()
    value_columns: ClassVar[tuple[str, ...]] = ()
    record_lookup: ClassVar[str] = ""
    blind_help_text: ClassVar[Words] = ""  # what is searched for those who may not see values, where that is less
    command_icon: ClassVar[str] = ""
    row_actions: ClassVar[tuple[OfferedAction, ...]] = ()  # what may be done to the rows that somebody ticks
    row_page: ClassVar[Callable[[HttpRequest, str], HttpResponse] | None] = None
    list_alone: ClassVar[bool] = False  # Django's form of a row would show what no column does

    def change_view(self, request: HttpRequest, object_id: str, *rest: Any, **more: Any) -> Any:
        """A page of our own, where the list has one; it looks at its right itself."""
        page = type(self).row_page
        return page(request, object_id) if page else super().change_view(request, object_id, *rest, **more)

    def get_paginator(self, request: HttpRequest, *args: Any, **options: Any) -> LimitedPaginator:
        paginator: LimitedPaginator = super().get_paginator(request, *args, **options)
        paginator.exact = request.GET.get(COUNT_VAR) == EXACTLY
        return paginator

    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Model) -> SafeString:
        return rows.box(obj.pk)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """A search that finds nothing offers what comes near, to whoever may see values (ops/parts/not_found.html)."""
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None) or {}
        found = context.get("cl")
        if found is not None and found.query and not found.result_count:
            context |= {"asked": found.query, **self.instead(request, found.query)}
        return response

    def instead(self, request: HttpRequest, asked: str) -> dict[str, Any]:
        """For a search that has found no row: what comes near, and what to do next."""
        return {"near": self.near_hits(request, asked), "hint": self.unfound_hint(request)}

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
        parameters = {name for item in self.list_filter for name in _parameters(item)}
        return lookup in parameters or lookup.partition("__")[0] in fields

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return not (self.list_alone and obj) and super().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    has_add_permission = has_delete_permission = has_change_permission

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return many.offered(request, *self.row_actions) if self.row_actions else super().get_actions(request)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        names = list(super().get_fields(request, obj))
        return names if html.may_see_values(request) else [name for name in names if name not in self.value_fields]

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        columns = tuple(super().get_list_display(request))
        if html.may_see_values(request):
            return columns
        return tuple(column for column in columns if column not in self.value_columns)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By everything that finds the record, if it finds any; else by what the list itself names."""
        keys = found_keys(search_term, values=html.may_see_values(request)) if self.record_lookup else []
        if keys:
            return queryset.filter(**{f"{self.record_lookup}__in": keys}), False
        return super().get_search_results(request, queryset, search_term)

    def command_rows(self, request: HttpRequest, asked: str) -> list[Any]:
        """Rows that Ctrl+K finds in this list, those that matter first; it takes the first few."""
        found, _double = self.get_search_results(request, self.command_queryset(request), asked)
        if self.list_select_related:
            found = found.select_related(*self.list_select_related)
        return list(found.order_by(*self.get_ordering(request))[:COMMAND_ROWS])

    def command_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """What Ctrl+K looks through; a list of tasks leaves out those that are done."""
        return self.get_queryset(request)

    def command_hit(self, row: Any) -> CommandHit:
        """How Ctrl+K shows one of these rows, which knows its viewer."""
        raise NotImplementedError

    def command_hits(self, request: HttpRequest, rows: Iterable[Any], *, asked: str) -> Iterator[CommandHit]:
        viewer = replace(self.viewer(request), asked=asked)
        for row in rows:
            row.viewer = viewer
            yield self.command_hit(row)

    def near(self, asked: str) -> list[Any]:
        """Rows that come near to what a search has not found; asked for those who may see values alone."""
        return []

    def near_hits(self, request: HttpRequest, asked: str) -> list[CommandHit]:
        """Nothing of them is marked: no word of them was met."""
        rows = self.near(asked) if html.may_see_values(request) else []
        return list(self.command_hits(request, rows, asked=""))

    def unfound_hint(self, request: HttpRequest) -> Words:
        """What to do next where a search finds nothing, and nothing comes near."""
        return ""


class RecordRows(ReadOnlyAdmin):
    """A list of rows that belong to a record each: found by whatever finds the record."""

    list_select_related: Sequence[str] = ("record",)
    search_fields: Sequence[str] = ("=espo_id",)
    search_help_text = _("Name, betNr, EspoCRM id, phone number or e-mail address")
    blind_help_text = _("betNr or EspoCRM id")
    record_lookup = "record"
    list_before_template = "ops/parts/not_found.html"

    def instead(self, request: HttpRequest, asked: str) -> dict[str, Any]:
        """Records that the search means, of which this list has no row; else what the list of records offers."""
        records: Any = admin.site.get_model_admin(SyncRecord)
        if not records.has_view_permission(request):
            return super().instead(request, asked)
        known = records.command_rows(request, asked)[:NEAR]
        if not known:
            offered: dict[str, Any] = records.instead(request, asked)
            return offered
        return {"near": list(records.command_hits(request, known, asked=asked)), "known": True}

    @display(description=_("record"), ordering="record__name")
    def shown_record(self, row: Any) -> SafeString | str:
        """By name, and by its id once it is gone."""
        if row.record is None:
            return str(row.espo_id)
        return html.record_link(row.record_id, html.name(row.record, visible=viewer_of(row).sees_values))


def _parameters(item: Any) -> Sequence[str]:
    """What a filter reads of the address."""
    return getattr(item, "parameters", None) or (getattr(item, "parameter_name", ""),)
