"""A Beteiligter's lists of addresses and bank accounts: what is read of them, and where they are written.

Invariant: a list that is absent, or holds anything but objects, is None, which is not an empty list; a present null is
an empty one. A create whose answer names no number is done all the same: it is found again when the list is read.
To extend: another list of a Beteiligter is a `ChildList`; what its fields mean is said in core.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from syncapp.remotes.http.exchange import (
    Request,
    WrongShape,
    list_of,
    marker_in,
    number_alone,
    object_of,
    says_done,
    whole_number_in,
)


@dataclass(frozen=True)
class ChildList:
    """`path`: the name in the address of the list. `key`: in the Beteiligter. `number`: the field that counts in a
    PUT's address; nobody knows whether that is `id` or `reihenfolgeIndex`."""

    path: str
    key: str
    number: str = "id"


@dataclass(frozen=True)
class Child:
    """`raw` is the whole entry as read; `id` None: it carries no number, so that nobody can address it."""

    id: int | None
    row_id: str | None
    raw: Mapping[str, object] = field(repr=False)

    def with_sent(self, sent: Mapping[str, object]) -> "Child":
        """Of the answer to a write: a key that it lacks is no value, so what was sent counts for it."""
        return replace(self, raw={**sent, **self.raw}) if self.raw else self


def children_in(raw: Mapping[str, object], which: ChildList) -> tuple[Child, ...] | None:
    """The entries inside a Beteiligter as read."""
    if which.key not in raw:
        return None
    entries = raw[which.key]
    if entries is None:
        return ()
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        return None
    return tuple(_child(entry, which) for entry in entries)


def listing(bet_nr: int, which: ChildList) -> Request:
    return Request("GET", f"Beteiligte/{{betNr}}/{which.path}", {"betNr": bet_nr}, may_be_nothing=True)


def creating(bet_nr: int, which: ChildList, fields: Mapping[str, object]) -> Request:
    """Where the list is inside the Beteiligter, the next look tells whether it was made: any good answer will do."""
    shown = bool(which.key)
    return Request(
        "POST", f"Beteiligte/{{betNr}}/{which.path}", {"betNr": bet_nr}, body=dict(fields), may_be_empty=shown
    )


def updating(bet_nr: int, which: ChildList, current: Child, changes: Mapping[str, object]) -> Request:
    """The whole entry as read, with the changes laid over."""
    if current.id is None:
        raise ValueError("an entry without a number has no address to write to")
    values, body = {"betNr": bet_nr, "number": current.id}, {**current.raw, **changes}
    return Request("PUT", f"Beteiligte/{{betNr}}/{which.path}/{{number}}", values, body=body, may_be_empty=True)


def read_list(which: ChildList) -> Callable[[object], tuple[Child, ...]]:
    """A list; a 204 or a null says that it is empty."""
    return lambda value: tuple(_child(object_of(entry), which) for entry in list_of([] if value is None else value))


def read_created(which: ChildList) -> Callable[[object], Child]:
    """An object, a list of one, a number alone, or nothing."""

    def read(value: object) -> Child:
        number = number_alone(value)
        if number is not None:
            return Child(number, None, {})
        if isinstance(value, list):
            # The whole list, or none: which of them is new cannot be told.
            value = value[0] if len(value) == 1 else None
        return Child(None, None, {}) if value is None else _child(object_of(value), which)

    return read


def read_updated(which: ChildList, current: Child) -> Callable[[object], Child]:
    """The entry that was written. No content, true or its number alone: nothing more is known until the next look."""

    def read(value: object) -> Child:
        if says_done(value, current.id):
            return Child(current.id, None, {})
        found = [_child(object_of(entry), which) for entry in (value if isinstance(value, list) else [value])]
        same = [child for child in found if child.id == current.id] or [child for child in found if child.id is None]
        if not same:
            raise WrongShape("another entry than the one written")
        return Child(current.id, same[0].row_id, same[0].raw)

    return read


def _child(raw: Mapping[str, object], which: ChildList) -> Child:
    return Child(whole_number_in(raw, which.number), marker_in(raw, "rowId"), raw)
