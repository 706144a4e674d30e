"""What the lists of the calendars have in common: they are there only where calendars are synced."""

from typing import Any

from django.http import HttpRequest

from syncapp.admin.base import ReadOnlyAdmin
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars import in_use


def called(row: CalendarEmployee) -> str:
    """Whose calendar it is: by name, with the kuerzel that Advoware knows."""
    return f"{row.name} ({row.kuerzel})" if row.name else row.kuerzel


class CalendarAdmin(ReadOnlyAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return in_use() and super().has_module_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return in_use() and super().has_view_permission(request, obj)
