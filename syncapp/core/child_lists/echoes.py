"""Is a webhook's element about an item (an address, an account) a change, or the echo of our own write?

Invariant: only what equals our link's base is dropped, as for the record itself (core/echoes.py): deliveries are never
compared with one another. To extend: a further row is a condition of `judge_item`, and a test that bears its number.

| # | element | result |
| --- | --- | --- |
| 1 | any, while a run of its record goes on | waits for that run's commit |
| 2 | delete of an item that no link knows | irrelevant |
| 3 | delete of an item that a link knows | counted |
| 4 | names another record than the link, or one to which no link ties it | counted, for both records |
| 5 | update without any judged value | irrelevant |
| 6 | asks for a sync (`unclean`, not written by us) | counted |
| 7 | values, all of them what the link's base says, pair and record at rest | echo |
| 8 | marks of ours alone | echo |
| 9 | anything else | counted |
"""

from dataclasses import dataclass

from syncapp.core.echoes import Judged
from syncapp.core.states import Status


@dataclass(frozen=True, slots=True)
class ItemElement:
    """One element. `has_values`: it carries fields that are kept equal; `values_are_base`: each says what the link's
    base says; `moved`: it names another record than the link, or this one anew; `asks`, `has_marks`: of the item's own
    sync status."""

    action: str
    has_values: bool = False
    values_are_base: bool = False
    moved: bool = False
    asks: bool = False
    has_marks: bool = False


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What we know. `at_rest`: a pair without a write that was not answered; `linked`: some link names the item."""

    record_status: str
    linked: bool = False
    at_rest: bool = False


def judge_item(element: ItemElement, known: KnownItem, *, in_commit: bool = False) -> Judged:
    """One row of the table above. `in_commit` judges an element that came while the run went on."""
    if known.record_status == Status.SYNCING and not in_commit:
        return Judged.WAITING
    if element.action == "delete":
        return Judged.COUNTED if known.linked else Judged.IRRELEVANT
    if element.moved:
        return Judged.COUNTED
    if element.action == "update" and not (element.has_values or element.has_marks):
        return Judged.IRRELEVANT
    if element.asks:
        return Judged.COUNTED
    if element.has_values or element.action == "create":
        is_base = element.values_are_base or not element.has_values
        at_rest = known.at_rest and known.record_status == Status.CLEAN
        return Judged.ECHO if is_base and at_rest else Judged.COUNTED
    return Judged.ECHO
