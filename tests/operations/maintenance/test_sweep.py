"""The sweep knows no kind of rows by name: each entity says what is to be done for its own."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.utils import timezone

from syncapp.engine import control, registry
from syncapp.engine.registry import SweepStep
from syncapp.models import Breaker
from syncapp.operations.maintenance import sweep

pytestmark = pytest.mark.django_db
OWN = {"alerts": 0, "purged": 0}


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A further kind of rows, and no other."""
    steps = (SweepStep("letters_found", lambda: 7, needs_systems=True), SweepStep("letters_tidied", lambda: 2))
    entity = SimpleNamespace(name="letters", systems=("google_calendar",), sweep_steps=steps)
    monkeypatch.setattr(registry, "entities", lambda: (entity,))


def away(system: str) -> None:
    Breaker.objects.create(system=system, open_until=timezone.now() + timedelta(minutes=1))


@pytest.mark.usefixtures("letters", "redis_client")
class TestAFurtherEntity:
    def test_its_steps_are_taken(self) -> None:
        assert sweep.sweep().counts == {"letters_found": 7, "letters_tidied": 2, **OWN}

    def test_a_system_that_it_does_not_call_does_not_hold_it_up(self) -> None:
        away("espocrm")
        assert sweep.sweep().counts["letters_found"] == 7

    def test_what_asks_a_system_that_is_away_waits_and_nothing_else_does(self) -> None:
        away("google_calendar")
        assert sweep.sweep().counts.keys() == {"letters_tidied", *OWN}

    def test_what_asks_systems_waits_while_everything_is_paused(self) -> None:
        control.set_mode(mode="paused", by="anna")
        assert sweep.sweep().counts.keys() == {"letters_tidied", *OWN}


def test_the_sweep_names_no_entity() -> None:
    assert "syncapp.entities" not in Path(sweep.__file__).read_text()


def test_no_two_steps_count_under_one_name() -> None:
    names = Counter(step.name for _entity, step in sweep.steps())
    assert names.total() > len(OWN)
    assert [name for name, number in names.items() if number > 1] == []
