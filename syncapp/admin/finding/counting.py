"""How many rows a list has: counted up to ten thousand, beyond that only for whoever asks.

To count a million rows takes longer than to show fifty of them. A page that lies beyond what was counted is reached by
asking for the number, or better by a filter.
Invariant: a number that is shown is right; where more rows were not counted, the list says so. To go past thousands of
rows costs their keys in an index, not the rows with all that they show.
To extend: lists that count otherwise name another paginator.
"""

from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import cached_property

LIMIT = 10_000
COUNT_VAR = "count"
EXACTLY = "all"
# How many rows a page of a list has.
SIZE_VAR = "rows"


class LimitedPaginator(Paginator):
    """Counts up to LIMIT rows. `exact`: all of them; `more`: there are some that were not counted."""

    exact = False

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        if self.exact:
            return int(rows.count())
        # Their keys alone: what a row shows beside its columns is not looked up for thousands of them.
        return int(rows.order_by().values("pk")[: LIMIT + 1].count())

    @cached_property
    def count(self) -> int:
        return self._counted if self.exact else min(self._counted, LIMIT)

    def page(self, number: Any) -> Any:
        """A page beyond the first: the keys of its rows, then these rows."""
        number = self.validate_number(number)
        begin = (number - 1) * self.per_page
        if not begin:
            return super().page(number)
        rows: Any = self.object_list
        keys = rows.values("pk")[begin : min(begin + self.per_page, self.count)]
        return Page(rows.filter(pk__in=keys), number, self)

    @property
    def more(self) -> bool:
        return not self.exact and self._counted > LIMIT
