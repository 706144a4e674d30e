"""Whom to tell what: notices are committed with the outcome they belong to, and sent afterwards.

Invariant: a notice names fields and numbers, never values. To extend: a new event is a text in words/sentences.py.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncapp.models import LeasedRow


@dataclass(frozen=True, slots=True)
class Tell:
    """One thing to tell the responsible user. `record_exists` False: the record that it would stand at is gone."""

    event: str
    params: Mapping[str, Any] = field(default_factory=dict)
    record_exists: bool = True


def queue_notices(*, record: LeasedRow, notices: Iterable[Tell]) -> None:
    """Commit the notices; whom each is for, the row says (for a record: the user remembered from the last read)."""
    rows = (
        record.history("notices", event=notice.event, params=dict(notice.params), record_exists=notice.record_exists)
        for notice in notices
    )
    record.history_model("notices")._default_manager.bulk_create(rows)


_sender: Callable[[int | None], object] | None = None


def send_with(sender: Callable[[int | None], object]) -> None:
    """Have this send notices: called with a record's id, or None for all that wait. A second one replaces the first."""
    global _sender
    _sender = sender


def send(*, record_id: int | None = None) -> None:
    """Send what waits, of one record or of all."""
    if _sender is not None:
        _sender(record_id)
