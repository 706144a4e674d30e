"""The people of the admin's tests, and a world in which every page has something to show."""

from typing import Any

import pytest

from tests.admin.conftest import _no_jobs, as_role, boss, live, person  # noqa: F401
from tests.security import world


@pytest.fixture
def planted(live: None, settings: Any) -> world.World:  # noqa: F811
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    return world.plant()
