"""What a step of a run can say: go on (with a value of its own), read again, or finished.

Invariant: whatever steers a run is one of these values; exceptions are for a lost lease and for errors of remote
systems.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncapp.core.states import Event
from syncapp.engine.rows.notices import Tell
from syncapp.engine.runs.run import Failed
from syncapp.models import Outcome


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ends. `columns` are written with the outcome; `again` asks for one more look at once.

    event: None puts the record back to what it was. along, afterwards: what the same
    transaction commits, before and after the outcome.
    planned: what would have been written, where nothing may be. forget: the record was never known, its row goes.
    """

    event: Event | None
    outcome: Outcome
    columns: Mapping[str, Any] = field(default_factory=dict)
    completes: bool = False
    again: bool = False
    kind: str = ""
    fault: Mapping[str, Any] = field(default_factory=dict)
    traceback: str = ""
    notices: tuple[Tell, ...] = ()
    verdict: str = ""
    planned: tuple[str, ...] = ()
    along: tuple[Callable[[], object], ...] = ()
    afterwards: tuple[Callable[[], object], ...] = ()
    forget: bool = False


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What was read does not hold any more, or only a part could be carried. `counts`: as one of the few attempts.

    cause: what the run fails with if the last of them ends like this; None: that the record keeps moving.
    """

    counts: bool = True
    cause: Failed | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The run is over: as this result says, or with this error."""

    result: RunResult | Failed


Step = ReadAgain | Finished
