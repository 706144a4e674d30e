"""Bringing back a value that lost: it is a write to EspoCRM, and so it obeys the mode."""

import pytest

from syncapp.models import Mode
from syncapp.services import control
from syncapp.services.acts.conflicts import restore
from syncapp.services.acts.shapes import Doing, Refused
from tests.services.conftest import Firm


@pytest.fixture
def lost(firm: Firm) -> tuple[Firm, str]:
    """A record whose Advoware value lost a conflict."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    assert firm.sync(espo_id).status == "clean"
    return firm, espo_id


def test_the_value_that_lost_comes_back_on_both_sides(lost: tuple[Firm, str]) -> None:
    firm, espo_id = lost
    restore(conflict=firm.record(espo_id).conflicts.get(), doing=Doing(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus Advoware"
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(firm.record(espo_id).betnr or 0)["titel"] == "aus Advoware"


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.PAUSED])
def test_nothing_is_restored_while_nothing_may_be_written(lost: tuple[Firm, str], mode: str) -> None:
    firm, espo_id = lost
    control.set_mode(mode=mode, by="tests")
    with pytest.raises(Refused):
        restore(conflict=firm.record(espo_id).conflicts.get(), doing=Doing(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus EspoCRM"
    assert firm.record(espo_id).conflicts.get().restored_at is None


def test_nothing_is_restored_while_writes_to_espocrm_are_held(lost: tuple[Firm, str]) -> None:
    firm, espo_id = lost
    control.hold_side(side="espocrm", held=True, by="tests")
    with pytest.raises(Refused):
        restore(conflict=firm.record(espo_id).conflicts.get(), doing=Doing(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus EspoCRM"
