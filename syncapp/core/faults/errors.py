"""The kinds of error: one row each says what becomes of the record, of the breaker, and whether people are told.

Invariant: every kind that can be raised has a row in `KINDS`; which kinds wait for a person
and the like is read from that table. An unknown kind is treated as `bug`.
To extend: add the member, its row, its texts in `syncapp/words/sentences.py`, and the test of the same name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ErrorKind(StrEnum):
    """What went wrong, in the one word that decides about everything else. The values are stored."""

    TRANSIENT = "transient"
    BUG = "bug"
    VALIDATION = "validation"
    FORBIDDEN = "forbidden"
    AUTH = "auth"
    CONFIGURATION = "configuration"
    CREATE_OUTCOME_UNKNOWN = "create_outcome_unknown"
    DUPLICATE_LINK = "duplicate_link"
    BLOCKED = "blocked"
    NEEDS_CONFIRMATION = "needs_confirmation"
    # Of a remote answer only: an entity decides what it means for the record before anything is stored.
    NOT_FOUND = "not_found"


class Then(StrEnum):
    """What happens to the record after an error."""

    RETRY = "retry"  # failed, tried again by itself after a wait
    WAIT_FOR_CHANGE = "wait_for_change"  # failed, until the record changes or somebody tries again
    WAIT_FOR_PERSON = "wait_for_person"  # failed, until somebody decides
    PUT_BACK = "put_back"  # the connection is at fault, not the record


class Opens(StrEnum):
    """What an error does to the breaker of the system that caused it."""

    NOTHING = "nothing"
    AFTER_FIVE = "after_five"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind: what becomes of the record, what it does to the breaker, whether the responsible user is told."""

    kind: ErrorKind
    then: Then
    opens: Opens
    tells_user: bool


KINDS: dict[ErrorKind, KindRow] = {
    row.kind: row
    for row in (
        KindRow(ErrorKind.TRANSIENT, Then.RETRY, Opens.AFTER_FIVE, tells_user=False),
        KindRow(ErrorKind.BUG, Then.RETRY, Opens.NOTHING, tells_user=False),
        KindRow(ErrorKind.VALIDATION, Then.WAIT_FOR_CHANGE, Opens.NOTHING, tells_user=True),
        KindRow(ErrorKind.FORBIDDEN, Then.WAIT_FOR_CHANGE, Opens.NOTHING, tells_user=False),
        KindRow(ErrorKind.AUTH, Then.PUT_BACK, Opens.AT_ONCE, tells_user=False),
        KindRow(ErrorKind.CONFIGURATION, Then.PUT_BACK, Opens.AT_ONCE, tells_user=False),
        KindRow(ErrorKind.CREATE_OUTCOME_UNKNOWN, Then.WAIT_FOR_PERSON, Opens.AFTER_FIVE, tells_user=False),
        KindRow(ErrorKind.DUPLICATE_LINK, Then.WAIT_FOR_PERSON, Opens.NOTHING, tells_user=True),
        KindRow(ErrorKind.BLOCKED, Then.WAIT_FOR_PERSON, Opens.NOTHING, tells_user=False),
        KindRow(ErrorKind.NEEDS_CONFIRMATION, Then.WAIT_FOR_PERSON, Opens.NOTHING, tells_user=False),
    )
}


def kinds_that(*then: Then) -> frozenset[ErrorKind]:
    """The kinds after which the record does one of these."""
    return frozenset(row.kind for row in KINDS.values() if row.then in then)


# Errors that only a person can settle; a change is remembered but starts no run.
WAITS_FOR_PERSON = kinds_that(Then.WAIT_FOR_PERSON)
# Errors that the next change may mend; looked at again after a day.
WAITS_FOR_CHANGE = kinds_that(Then.WAIT_FOR_CHANGE)
# Errors that pass without anybody's doing.
MENDS_ITSELF = kinds_that(Then.RETRY, Then.PUT_BACK) - {ErrorKind.BUG}
# Codes of `blocked` that no guard's confirmation ends: the values of one record go back and forth.
SWINGING = frozenset({"oscillation_conflicts", "oscillation_field"})


def kind_row(kind: str) -> KindRow:
    """The row of a kind as it is stored or raised."""
    return KINDS[ErrorKind(kind)] if kind in KINDS else KINDS[ErrorKind.BUG]


def impersonal(fault: Mapping[str, Any]) -> dict[str, Any]:
    """A fault without a person's values, which its `points` alone may hold: for the history and for notices."""
    params = fault.get("params") or {}
    if not params.get("points"):
        return dict(fault)
    hidden = [{name: value for name, value in point.items() if name != "value"} for point in params["points"]]
    return {**fault, "params": {**params, "points": hidden}}
