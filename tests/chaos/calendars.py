"""An office with calendars whose passes run in real workers."""

from pathlib import Path
from typing import Any

import pytest

from syncapp.remotes.registry import forget
from tests.chaos.plant import Plant, Process
from tests.support.calendars import USER, Office

SETTINGS = ("GOOGLE_SERVICE_ACCOUNT_FILE", "GOOGLE_CALENDAR_API_URL", "GOOGLE_DELEGATED_USER")


@pytest.fixture
def office(plant: Plant, settings: Any, tmp_path: Path) -> Office:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = plant.sandbox.google_key(tmp_path)
    settings.GOOGLE_CALENDAR_API_URL = plant.sandbox.google_url
    settings.GOOGLE_DELEGATED_USER = USER
    forget()
    return Office(plant.sandbox, settings)


def worker(plant: Plant, office: Office) -> Process:
    return plant.begin_worker("calendar", **{name: getattr(office.settings, name) for name in SETTINGS})
