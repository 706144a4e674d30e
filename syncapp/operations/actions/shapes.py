"""What an act is: a row with its right, its words, why it may not be done and what it does.

Invariant: an act changes one record in one transaction, or refuses with a sentence that says why and what to do.
To extend: see operations/actions/table.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from syncapp.core.requests import Source
from syncapp.core.states import FAILING, Status
from syncapp.models import OperatorLog, SyncRecord
from syncapp.words.actions.record_actions import RECORD_ACTIONS
from syncapp.words.actions.shapes import ActionWords, Worded
from syncapp.words.plain_errors import PlainError

# What one step of a mass action is about: the id of a row, or its own spelling of something remote.
Target = int | str
M = TypeVar("M", bound=Model)


class ActionRefused(PlainError):
    """The act is not possible; the text says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """Who acts, why, and with which further details. `source` is person or command."""

    actor: str
    reason: str = ""
    source: str = Source.PERSON
    user_id: int | None = None
    bulk_id: int | None = None  # the act on many that this one is part of
    details: Mapping[str, Any] | None = None

    def detail(self, name: str) -> Any:
        return (self.details or {}).get(name)

    def cause(self, code: str) -> str:
        """For the record's own history: what was done, and by whom."""
        return f"{code}: {self.actor}"


# Does it; what came of it, in a few words for the log.
ActionBody = Callable[[SyncRecord, ActionContext], str]


@dataclass(frozen=True, slots=True)
class OfferedAction(Worded):
    """What an act on anything has: its code and its words, its right, and how it is done."""

    right: str
    _: KW_ONLY
    needs_reason: bool = False
    enqueues: bool = False  # a run is asked for and enqueued afterwards
    grave: bool = False
    remote: bool = False  # it writes to a remote system: done by a worker, never while a page waits
    asks: str = ""  # what else the confirmation asks for: a row of admin/pages/casework/asking.py

    @property
    def permission(self) -> str:
        return f"syncapp.{self.right}"


@dataclass(frozen=True, slots=True)
class RecordAction(OfferedAction):
    """An act on a record. why_not: the sentence that refuses, or "". in_vain: it has been tried already, and failed."""

    texts = RECORD_ACTIONS

    why_not: Callable[[SyncRecord, datetime], str]
    carry_out: ActionBody
    _: KW_ONLY
    many: bool = True
    enqueues: bool = True
    in_vain: bool = False

    @property
    def words(self) -> ActionWords:
        words = self.texts[self.code]
        return words.after_failure if self.in_vain else words

    def fitting(self, record: SyncRecord) -> "RecordAction":
        """The same act in the words that fit the record as it stands."""
        return replace(self, in_vain=record.status in (*FAILING, Status.DELETED_IN_ADVOWARE))


def still_there(rows: "QuerySet[M]", target: Target, said: str) -> M:
    """The row of that id; ActionRefused with this sentence where it has gone meanwhile."""
    row = rows.filter(pk=target).first()
    if row is None:
        raise ActionRefused(said)
    return row


def log_action(
    *,
    action_context: ActionContext,
    action: str,
    record: SyncRecord | None = None,
    target: str = "",
    result: str = "",
    count: int = 1,
) -> OperatorLog:
    """One row: who, what, why, and what came of it. target: what it was about, where that is no record."""
    return OperatorLog.objects.create(
        actor=action_context.actor,
        action=action,
        target=record.espo_id if record else target,
        record=record,
        count=count,
        reason=action_context.reason,
        result=result,
    )
