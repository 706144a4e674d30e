"""What the lists of the calendars have in common: they are there only where calendars are synced.

To extend: each list names the way to its calendar (`calendar_lookup`), by whose name it is searched; one whose rows are
appointments, or belong to one, is searched by them as well with `appointment_lookup`.
"""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from syncapp.admin.base import ReadOnlyAdmin
from syncapp.entities.appointments import finding
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import in_use
from syncapp.words import Words, html

FOUND_BY = _(
    "Try one word of the subject or the place, the frNr, or the name of the employee. Private appointments, and those "
    "that Google shows without their texts, are not found by their subject: open the calendar and look at the day."
)
FOUND_BY_NUMBERS = _(
    "Without the right to see personal values, appointments are found by frNr, and by name or kuerzel of the employee."
)


def called(row: CalendarEmployee) -> str:
    """Whose calendar it is: by name, with the kuerzel that Advoware knows."""
    return f"{row.name} ({row.kuerzel})" if row.name else row.kuerzel


class CalendarAdmin(ReadOnlyAdmin):
    appointment_lookup: ClassVar[str] = ""
    calendar_lookup: ClassVar[str] = ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By keys: those of appointments, and those of calendars, which are meant with all that belongs to them."""
        if not search_term.strip():
            return queryset, False
        if not self.appointment_lookup:
            listed, double = super().get_search_results(request, queryset, search_term)
            called_so = {f"{self.calendar_lookup}__in": finding.calendars_called(search_term)}
            return listed | queryset.filter(**called_so), double
        found = finding.found(search_term, values=html.may_see_values(request))
        condition = Q(**{f"{self.appointment_lookup}__in": found.appointments})
        if found.calendars:
            condition |= Q(**{f"{self.calendar_lookup}__in": found.calendars})
        return queryset.filter(condition), False

    def unfound_hint(self, request: HttpRequest) -> Words:
        if not self.appointment_lookup:
            return ""
        return FOUND_BY if html.may_see_values(request) else FOUND_BY_NUMBERS

    def has_module_permission(self, request: HttpRequest) -> bool:
        return in_use() and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return in_use() and super().has_view_permission(request, obj)
