"""What the product counts stands in the database when somebody looks, and not before.

Written at once, a third of the statements of a run would be figures; written by a thread, as in an installation, they
would meet the transactions of tests. Invariant: whoever reads Counter in this process reads all that was counted in
it, and the next test finds nothing of it.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import Model, QuerySet
from django.db.models.manager import BaseManager
from django.test.utils import CaptureQueriesContext

from syncapp.engine.rows import counters
from syncapp.models import Counter


class Waiting(counters.Buffer):
    """Gathers, and has no thread that writes."""

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        with self._lock:
            self._counts.update(counts)
        if not settings.COUNTER_FLUSH_SECONDS:
            self.flush()

    def drop(self) -> None:
        with self._lock:
            self._counts.clear()

    def write(self) -> None:
        if self._counts:
            self.flush()


BUFFER = Waiting()


def install() -> None:
    """For every test of this process."""
    counters.BUFFER = BUFFER
    get_queryset, listen = BaseManager.get_queryset, CaptureQueriesContext.__enter__

    def looked_at(self: BaseManager[Model]) -> QuerySet[Model]:
        if self.model is Counter:
            BUFFER.write()
        return get_queryset(self)

    def listening(self: CaptureQueriesContext) -> CaptureQueriesContext:
        BUFFER.write()  # what was counted before is nothing that this part of the test asks
        return listen(self)

    BaseManager.get_queryset = looked_at
    CaptureQueriesContext.__enter__ = listening
