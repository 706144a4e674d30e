"""How many stories a machine on the real services tries, and in which portions.

In every run of the tests a few; in `make machine` 2,000 for each machine, told in portions that processes share: one
machine alone takes half an hour. Hypothesis draws each portion's stories anew, so that they are 2,000 different ones.
"""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

STEPS = 30
LONG, PORTIONS = 2000, 8
IS_LONG = settings.default.max_examples >= LONG

in_portions = pytest.mark.parametrize("portion", range(1, PORTIONS + 1) if IS_LONG else [1])


def tell(machine: type[RuleBasedStateMachine], *, short: int, **chosen: Any) -> None:
    """One portion of the machine's stories; `short` is how many in a run that is not the long one."""
    examples = LONG // PORTIONS if IS_LONG else short
    run_state_machine_as_test(
        machine, settings=settings(settings.default, max_examples=examples, stateful_step_count=STEPS, **chosen)
    )
