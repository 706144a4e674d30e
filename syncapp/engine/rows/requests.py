"""Asking for a sync: the generation grows and the status follows the table, in one transaction with its cause.

Invariant: `requested` never grows without the status being what the table says. Callers enqueue after the commit.
"""

from collections import Counter as Tally
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils import timezone

from syncapp.core.requests import Trigger
from syncapp.core.states import Event, Status, next_status
from syncapp.engine.rows.prepared import PreparedForMany, insert
from syncapp.models import LeasedRow

KNOWN_STATUSES = frozenset(Status)
# The columns of a row that no failure is known of.
RESTING: Mapping[str, Any] = {"kind": "", "fault": {}, "retry_count": 0, "next_retry_at": None, "auto_reset_at": None}
STARTS_OVER = frozenset({Event.RESET, Event.RESTORED, Event.DECIDED, Event.RELINKED})


def _changes(record: LeasedRow, *, event: Event, trigger: str, source: str, now: datetime) -> dict[str, Any]:
    """The columns that a request changes beside `requested`; `record` is the row as locked by the caller."""
    status = _status_after(record, event)
    changes: dict[str, Any] = {"status": status, "trigger": trigger, "source": source}
    if status != record.status or record.dirty_since is None:
        changes["dirty_since"] = record.dirty_since or now
    if event in STARTS_OVER:
        changes |= {"oscillation_confirmed_at": now} if event is Event.RESET else {}
        changes |= RESTING
    return changes


def _as_a_run_leaves_room(record: LeasedRow, event: Event) -> Event:
    """Where a run holds the record there is nothing to start over; the generation sees to one more."""
    return Event.CHANGED if event is Event.RESET and record.status == Status.SYNCING else event


def _status_after(record: LeasedRow, event: Event) -> str:
    """By the table. What a newer version, at work beside this one, calls it stays; it finds the request by itself."""
    if record.status not in KNOWN_STATUSES:
        return record.status
    return next_status(Status(record.status), event, kind=record.kind, linked=record.linked)


@transaction.atomic
def request_sync(
    model: type[LeasedRow],
    *,
    record_id: int,
    event: Event = Event.CHANGED,
    trigger: str = Trigger.SYNC_CHECK,
    source: str,
    cause: str = "",
    **extra: Any,
) -> bool:
    """Ask for a sync of one record; `extra` are columns to set with it.

    False if the record is not there any more, or if a run is at work on what `extra` would take from under it.
    """
    record = model._default_manager.select_for_update().filter(pk=record_id).first()
    if record is None or (record.status == Status.SYNCING and extra.keys() & model.of_the_run):
        return False
    requests = Requests(model, source=source, now=timezone.now())
    requests.add(record, event=event, trigger=trigger, cause=cause or source, **extra)
    requests.write()
    return True


@cache
def _these(model: type[LeasedRow]) -> PreparedForMany[LeasedRow]:
    return PreparedForMany(lambda ids: model._default_manager.filter(pk__in=ids))


@cache
def _more(times: int) -> Mapping[str, Any]:
    return {"requested": F("requested") + times}


class Requests:
    """Many requests in one transaction: as many UPDATEs as there are different changes, however many records.

    The caller holds the rows' locks and calls `write` before it commits.
    """

    def __init__(self, model: type[LeasedRow], *, source: str, now: datetime) -> None:
        self._model, self._source, self._now = model, source, now
        self._changes: dict[int, dict[str, Any]] = {}
        self._times: Tally[int] = Tally()
        self._steps: list[Model] = []

    @property
    def record_ids(self) -> list[int]:
        """Of the records that want a run, in the order in which they were named."""
        return list(self._times)

    def add(self, record: LeasedRow, *, event: Event, trigger: str, cause: str, **extra: Any) -> None:
        """One more request; the row in hand is changed at once, for whatever is asked of it next.

        extra: columns to set with it, none that is a run's own.
        """
        event = _as_a_run_leaves_room(record, event)
        changes = _changes(record, event=event, trigger=trigger, source=self._source, now=self._now) | extra
        if changes["status"] != record.status:
            self._steps.append(record.step(after=str(changes["status"]), event=event, cause=cause))
        for name, value in {**changes, "requested": record.requested + 1}.items():
            setattr(record, name, value)
        self._changes.setdefault(record.pk, {}).update(changes)
        self._times[record.pk] += 1

    def write(self) -> None:
        for times, changes, ids in self._alike():
            _these(self._model).update(ids, changes, _more(times))
        self._model.history_model("status_changes")._default_manager.bulk_create(self._steps)

    def _alike(self) -> list[tuple[int, dict[str, Any], list[int]]]:
        groups: list[tuple[int, dict[str, Any], list[int]]] = []
        for record_id, times in self._times.items():
            changes = self._changes[record_id]
            same = next((ids for number, like, ids in groups if (number, like) == (times, changes)), None)
            if same is None:
                groups.append((times, changes, [record_id]))
            else:
                same.append(record_id)
        return groups


def log_change(record: LeasedRow, *, after: str, event: Event, cause: str) -> None:
    """Write the step of the state machine, if it is one."""
    if after != record.status:
        insert(record.step(after=after, event=event, cause=cause))
