"""The parts of the installation on the landing page: who serves which queue."""

from datetime import timedelta
from typing import Any

import pytest
import redis
from django.utils import timezone

from syncapp.models import Heartbeat
from syncapp.operations.monitoring.signs import health, vitals

pytestmark = pytest.mark.django_db
NAME = "Arbeitsprozesse für Kalender"


@pytest.mark.parametrize("connected", [True, False])
def test_each_system_that_is_in_use_has_one_line(settings: Any, connected: bool) -> None:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json" if connected else ""
    told = [vital.name for vital in vitals.from_rows(now=timezone.now(), breakers=()) if vital.icon == "dns"]
    assert told == ["EspoCRM", "Advoware", *(["Google"] if connected else [])]


@pytest.mark.parametrize("connected", [True, False])
def test_calendars_need_a_worker_only_where_google_is_connected(
    redis_client: redis.Redis, settings: Any, connected: bool
) -> None:
    settings.QUEUE_NAMES = ("webhook", "sweep", "bulk", *(["calendar"] if connected else []), "schedule")
    told = {vital.name: vital for vital in vitals.from_redis()}
    assert (NAME in told) is connected
    if connected:
        assert told[NAME].well is False
        assert told[NAME].words == "es läuft kein Arbeitsprozess"


@pytest.mark.parametrize(
    "part, name, ago, setting, value, well",
    [
        ("sweep", "Sammellauf", 50, "SYNC_SWEEP_MINUTES", 15, False),
        ("sweep", "Sammellauf", 50, "SYNC_SWEEP_MINUTES", 60, True),
        ("dispatcher", "Auftragsverteilung", 20, "SYNC_DISPATCH_SECONDS", 60, False),
        ("dispatcher", "Auftragsverteilung", 20, "SYNC_DISPATCH_SECONDS", 600, True),
    ],
)
def test_what_is_set_to_come_seldom_is_not_told_as_silent(
    part: str, name: str, ago: int, setting: str, value: int, well: bool, settings: Any
) -> None:
    setattr(settings, setting, value)
    Heartbeat.objects.create(name=part, at=timezone.now() - timedelta(minutes=ago))
    told = {vital.name: vital.well for vital in vitals.from_rows(now=timezone.now(), breakers=())}
    assert (told[name], getattr(health, part)().ok) == (well, well)
