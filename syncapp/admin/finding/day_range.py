"""A filter from one day to another, both included, with the browser's own calendar.

Invariant: days are those of the installation's time zone; a day that is none is left out, not an error.
To extend: `day_range("column", label)` is a row of a list's `list_filter`.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib.admin import ListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from syncapp.words import Words

# What databases take, whatever the time zone.
YEARS = (1900, 2999)


class DayRange(ListFilter):
    """Made by `day_range`."""

    template = "unfold/filters/filters_field.html"
    column: ClassVar[str] = ""
    parameters: ClassVar[tuple[str, str]] = ("", "")

    def __init__(self, request: HttpRequest, params: dict[str, list[str]], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameters:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (_day(str(self.used_parameters.get(name, ""))) for name in self.parameters)
        if first:
            queryset = queryset.filter(**{f"{self.column}__gte": _begins(first)})
        if last:
            queryset = queryset.filter(**{f"{self.column}__lt": _begins(last + timedelta(days=1))})
        return queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {"form": _DaysForm(self.parameters, str(self.title), dict(self.used_parameters))}


class _DaysForm(forms.Form):
    def __init__(self, names: tuple[str, str], title: str, chosen: dict[str, Any]) -> None:
        super().__init__(chosen)
        labels = (_("%(what)s: from"), _("%(what)s: until"))
        for name, label in zip(names, labels, strict=True):
            widget = UnfoldAdminTextInputWidget(attrs={"type": "date"})
            self.fields[name] = forms.CharField(label=label % {"what": capfirst(title)}, required=False, widget=widget)


def day_range(column: str, title: Words) -> type[DayRange]:
    """A filter of this column of times."""
    parameters = (f"{column}_from", f"{column}_until")
    return type(f"DayRange_{column}", (DayRange,), {"column": column, "title": title, "parameters": parameters})


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if YEARS[0] <= day.year <= YEARS[1] else None


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
