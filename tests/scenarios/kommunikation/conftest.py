"""The stage for stories about contact points: a live installation, both stand-ins, and the wire in between."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.models import GuardCount, SyncRecord
from tests.scenarios.kommunikation import wire as wires
from tests.scenarios.kommunikation.stage import Stage
from tests.scenarios.kommunikation.wire import Wire
from tests.support.firm import Firm, firm

__all__ = ["firm"]


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return wires.install(monkeypatch)


@pytest.fixture
def stage(firm: Firm, wire: Wire, settings: Any) -> Stage:
    return Stage(firm, wire, settings)


@pytest.fixture
def anew(firm: Firm, wire: Wire, settings: Any) -> Callable[[], Stage]:
    """A fresh stage within one test: both systems and our database as on the first day."""

    def fresh() -> Stage:
        firm.sandbox.reset()
        SyncRecord.objects.all().delete()
        GuardCount.objects.all().delete()
        firm.made = 0
        return Stage(firm, wire, settings)

    return fresh
