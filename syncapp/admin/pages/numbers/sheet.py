"""The sheet of a month, or of any days, as a page that prints well; as a file it is an export like any other."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from syncapp.admin.pages import frame
from syncapp.operations.exports.tables import Cell, Table
from syncapp.operations.monitoring import figures
from syncapp.operations.monitoring.sheet import built, chosen_days
from syncapp.operations.monitoring.sheet.days import months


@frame.shows("syncapp.view_syncrecord")
def page(request: HttpRequest) -> HttpResponse:
    days = chosen_days(request.GET)
    return frame.page(
        request,
        "ops/sheet.html",
        title=_("Figures"),
        days=days,
        tables=[_shown(table) for table in built(days, may=request.user.has_perm)],
        months=_months(days.first if days.whole_month else None),
        query=f"from={days.first.isoformat()}&until={days.last.isoformat()}",
        made=timezone.now(),
    )


def _months(chosen: date | None) -> list[tuple[str, str, bool]]:
    """(value of the address, name, whether it is shown), the newest first."""
    look = figures.first_hour()
    since = timezone.localdate(look) if look else timezone.localdate()
    return [
        (f"{month:%Y-%m}", formats.date_format(month, "YEAR_MONTH_FORMAT"), month == chosen)
        for month in months(since=since)
    ]


def _shown(table: Table) -> dict[str, Any]:
    rows = [[_cell(cell) for cell in row] for row in table.rows]
    return {"title": table.title, "heads": table.heads, "rows": rows, "note": table.note}


def _cell(cell: Cell) -> str:
    if isinstance(cell, float):
        return str(formats.number_format(cell, decimal_pos=1, force_grouping=True))
    return str(formats.number_format(cell, force_grouping=True) if isinstance(cell, int) else cell)
