"""In which order the processes of a test run take their tests."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def dealt(long: Sequence[T], rest: Sequence[T], *, processes: int) -> list[T]:
    """What lasts begins first: each process starts with a part of all, so the long ones are dealt out to those parts.

    Begun last, one of them would be all that is still running, beside processes without work.
    """
    size = -(-len(rest) // processes)
    parts = [[*long[number::processes], *rest[number * size : (number + 1) * size]] for number in range(processes)]
    return [item for part in parts for item in part]
