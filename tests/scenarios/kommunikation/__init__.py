"""Stories about contact points, played over HTTP."""

import pytest

pytest.register_assert_rewrite("tests.scenarios.kommunikation.stage")
