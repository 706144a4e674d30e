"""How many examples hypothesis tries: a profile, chosen with HYPOTHESIS_PROFILE.

`dev` (default), `ci`, `deterministic` (where CI is set: fixed examples, no database of failures), `long` (make
machine), `mutation`. A plugin too, since mutmut runs the tests without any conftest.
"""

import os

from hypothesis import HealthCheck, Phase, settings

SLOW_MACHINE = (HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("dev", deadline=None, max_examples=30, stateful_step_count=30)
settings.register_profile(
    "ci", deadline=None, max_examples=30, stateful_step_count=30, suppress_health_check=SLOW_MACHINE
)
settings.register_profile("deterministic", settings.get_profile("ci"), derandomize=True, database=None)
settings.register_profile(
    "long", settings.get_profile("ci"), max_examples=2000, stateful_step_count=30, print_blob=True
)
# One mutant after the other: few examples, always the same, and no shrinking of what is meant to fail.
settings.register_profile(
    "mutation", settings.get_profile("deterministic"), max_examples=15, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "deterministic" if os.environ.get("CI") else "dev"))
