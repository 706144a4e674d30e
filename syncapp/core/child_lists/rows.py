"""The shape of a decision table, for the documentation and for the tests that bear its numbers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableRow:
    """`link`, `item`, `entry`: what is known and what is found, in words; `result`: what the plan does about it."""

    number: int
    link: str
    item: str
    entry: str
    result: str
