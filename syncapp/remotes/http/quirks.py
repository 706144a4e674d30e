"""The shape of a quirk: what a remote system does that nobody would expect, what is done about it, and the test.

Invariant: each row names a test that exists (tests/remotes/test_quirks.py looks). The documentation renders the tables.
To extend: whoever finds a new oddity writes the test first, then the row in the quirks.py of that system.
"""

from dataclasses import dataclass
from typing import Literal

from syncapp.core.systems import System

Known = Literal["recorded", "described", "assumed"]


@dataclass(frozen=True)
class Quirk:
    """`known_from`: recorded from a real system, described in public material, or assumed because nobody knows."""

    system: System
    what: str
    ours: str
    test: str
    known_from: Known = "described"


@dataclass(frozen=True)
class OpenQuestion:
    """What nobody has seen or been told of a remote system; `carried_by`: the setting or the reader that takes both."""

    what: str
    carried_by: str
