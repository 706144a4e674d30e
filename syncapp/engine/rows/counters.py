"""Counters that survive every restart: one row a name and label set, raised in place.

Invariant: a counter only grows, by atomic UPDATEs. Counting costs the caller nothing but memory: a process gathers for
a few seconds and then writes all at once, so a process that is killed loses those seconds of figures and no more.
Label values come from closed lists, never from data. To extend: count under a new name; the metrics show it.
"""

import atexit
import logging
import os
import threading
from collections import Counter as Tally
from collections.abc import Mapping

from django.conf import settings
from django.db import Error as DatabaseError  # InterfaceError too: a connection that is closed already
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from syncapp.models import Counter

log = logging.getLogger("advosync.metrics")

# Upper bounds in seconds of the histograms' buckets; a last one without bound is added when they are shown.
SYNC_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
LAG_BUCKETS = (1, 5, 15, 60, 300, 900, 3600, 14400, 86400)


class Buffer:
    """What this process has counted and not written yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Tally[tuple[str, str]] = Tally()
        self._timer: threading.Timer | None = None

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """counts: by name and labels."""
        with self._lock:
            self._counts.update(counts)
            if self._timer is None and settings.COUNTER_FLUSH_SECONDS:
                self._timer = threading.Timer(settings.COUNTER_FLUSH_SECONDS, self._in_background)
                self._timer.daemon = True
                self._timer.start()
        if not settings.COUNTER_FLUSH_SECONDS:
            self.flush()

    def flush(self) -> int:
        """Write everything; how many rows. What cannot be written now is kept for the next time."""
        with self._lock:
            counts, self._counts, self._timer = self._counts, Tally(), None
        try:
            with transaction.atomic():
                for (name, labels), by in sorted(counts.items()):
                    _raise(name, labels, by)
        except DatabaseError as error:
            log.warning("counters_not_written", extra={"error": type(error).__name__})
            with self._lock:
                self._counts.update(counts)
            return 0
        return len(counts)

    def _in_background(self) -> None:
        try:
            self.flush()
        finally:
            connection.close()

    def forget(self) -> None:
        """After a fork the parent's figures are the parent's, and its timer is not here."""
        self.__init__()  # type: ignore[misc]


BUFFER = Buffer()
atexit.register(lambda: BUFFER.flush() if BUFFER._counts else None)
os.register_at_fork(after_in_child=BUFFER.forget)


def count(name: str, by: int = 1, **labels: object) -> None:
    """Raise a counter. `labels` are joined in sorted order: `action=create,result=accepted`."""
    BUFFER.add({(name, joined(labels)): by})


def observe(name: str, seconds: float, *, buckets: tuple[float, ...], **labels: object) -> None:
    """Add one observation to a histogram: its bucket, and the sum in milliseconds."""
    bound = next((str(upper) for upper in buckets if seconds <= upper), "+Inf")
    bucket, milliseconds = joined({**labels, "le": bound}), int(seconds * 1000)
    BUFFER.add({(f"{name}_bucket", bucket): 1, (f"{name}_sum_ms", joined(labels)): milliseconds})


def joined(labels: dict[str, object]) -> str:
    return ",".join(f"{name}={labels[name]}" for name in sorted(labels))


def split(labels: str) -> dict[str, str]:
    """The labels of a row, as a dictionary."""
    return dict(pair.split("=", 1) for pair in labels.split(",") if pair)


def _raise(name: str, labels: str, by: int) -> None:
    rows = Counter.objects.filter(name=name, labels=labels)
    if rows.update(value=F("value") + by):
        return
    try:
        with transaction.atomic():
            Counter.objects.create(name=name, labels=labels, value=by)
    except IntegrityError:
        rows.update(value=F("value") + by)
