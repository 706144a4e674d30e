"""Opens what a person may export: a list with its filters, search, order and columns; what is no list.

Invariant: whoever may not open the page gets no file of it; a row is read when it is written, a portion at a time, so
that neither memory nor a transaction grows with the list.
To extend: what is no list is a row of OTHERS, with a function of others.py that gives its Content.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from syncapp.admin.exporting import others
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.numbers import number_in
from syncapp.models import Export
from syncapp.operations.exports.tables import Cell, Content, ExportRefused, Table
from syncapp.words import Words, html

RIGHT = "syncapp.export"
PORTION = 500


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list as somebody has filtered and sorted it."""

    request: HttpRequest
    model_admin: Any
    changelist: Any

    @property
    def columns(self) -> tuple[ExportColumn, ...]:
        sees = html.may_see_values(self.request)
        return tuple(column for column in self.model_admin.export_columns if sees or not column.values)

    def count(self) -> int:
        return int(self.changelist.get_queryset(self.request).count())

    def content(self) -> Content:
        # The keys first: the rows of a page are read long after the first one, and others come meanwhile.
        keys = list(self.changelist.get_queryset(self.request).values_list("pk", flat=True))
        columns = self.columns
        heads = tuple(head(column.head) for column in columns)
        rows = (tuple(_plain(column.cell(row)) for column in columns) for row in self._rows(keys))
        table = Table(self.model_admin.list_title, heads, rows)
        return Content((table,), len(keys), any(column.values for column in columns))

    def _rows(self, keys: Sequence[Any]) -> Iterator[Any]:
        viewer = self.model_admin.viewer(self.request)
        whole = self.changelist.apply_select_related(self.model_admin.get_queryset(self.request))
        for start in range(0, len(keys), PORTION):
            portion = keys[start : start + PORTION]
            found = {row.pk: row for row in whole.filter(pk__in=portion)}
            for key in portion:
                if row := found.get(key):
                    row.viewer = viewer
                    yield row


def head(words: Words) -> str:
    """As the theme writes a column's head."""
    text = str(words).lstrip("\u2060")
    return text if text.startswith("betNr") else capfirst(text)


def _plain(cell: Any) -> Cell:
    if cell is None or isinstance(cell, int | float) or hasattr(cell, "isoformat"):
        return cell
    return str(cell)


def _name_of(model: type[Model]) -> str:
    """Of the stand-ins nothing is exported, whatever they call theirs."""
    return str(model._meta.model_name) if model._meta.app_label in ("syncapp", "auth") else ""


def is_exported(model_admin: Any) -> bool:
    return bool(getattr(model_admin, "export_columns", ()))


def of_list(request: HttpRequest, source: str) -> ListSource:
    """The list as this request's address describes it. Raises ExportRefused or PermissionDenied."""
    model_admin: Any = next((one for model, one in admin.site._registry.items() if _name_of(model) == source), None)
    if model_admin is None:
        raise ExportRefused(_("There is no such list."))
    if not is_exported(model_admin):
        raise ExportRefused(_("This list cannot be exported."))
    if not (request.user.has_perm(RIGHT) and model_admin.has_view_permission(request)):
        raise PermissionDenied
    try:
        return ListSource(request, model_admin, model_admin.get_changelist_instance(request))
    except IncorrectLookupParameters:
        raise ExportRefused(_("The filters of the list are not understood. Open it and filter anew.")) from None


@dataclass(frozen=True, slots=True)
class OtherSource:
    """What is no list: the right to see it, its content, and the address of its page."""

    right: str
    open: Callable[[HttpRequest], Content]
    page: Callable[[HttpRequest], str]


def _at(name: str) -> Callable[[HttpRequest], str]:
    """The page of that name, asked for the same."""
    return lambda request: f"{reverse(name)}?{request.GET.urlencode()}"


def _report(request: HttpRequest) -> str:
    number = number_in(request.GET.get("report", ""))
    return reverse("admin:syncapp_driftreport_change", args=[number])


OTHERS: dict[str, OtherSource] = {
    "driftrow": OtherSource("syncapp.view_driftreport", others.comparison, _report),
    "sheet": OtherSource("syncapp.view_syncrecord", others.figures, _at("admin:ops_sheet")),
    "causes": OtherSource("syncapp.view_syncrecord", others.causes, _at("admin:ops_causes")),
    "jobs": OtherSource("syncapp.see_jobs", others.jobs, _at("admin:ops_jobs")),
}


def of_other(request: HttpRequest, source: str) -> Content:
    if not request.user.has_perms((RIGHT, OTHERS[source].right)):
        raise PermissionDenied
    return OTHERS[source].open(request)


def asked_by(user: User, query: str) -> HttpRequest:
    """The address as this person would open it."""
    request = HttpRequest()
    request.method, request.user, request.GET = "GET", user, QueryDict(query)
    return request


def opened(export: Export) -> Content:
    """What the owner may see of it now, for whoever writes the file."""
    request = asked_by(export.user, export.query)
    if not export.user.is_active:
        raise ExportRefused(_("This user may not log in any more."))
    try:
        if export.source in OTHERS:
            return of_other(request, export.source)
        return of_list(request, export.source).content()
    except PermissionDenied:
        raise ExportRefused(_("You may not export this any more.")) from None
