"""A clerk who corrects and corrects again is at work; a value that keeps coming back is two systems at odds."""

import pytest

from tests.support.firm import Firm


@pytest.mark.parametrize("where", ["espocrm", "advoware"])
def test_six_corrections_of_one_field_within_an_hour_all_arrive(firm: Firm, where: str) -> None:
    espo_id, betnr = firm.pair(titel="Dr.")
    for number in range(1, 7):
        if where == "espocrm":
            firm.sandbox.anna.change(espo_id, titel=f"Prof. {number}")
        else:
            firm.sandbox.clerk.change(betnr, titel=f"Prof. {number}")
        assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "Prof. 6"


def test_the_fourth_return_is_stopped_and_a_reset_lets_it_go_on(firm: Firm) -> None:
    espo_id, betnr = firm.pair(titel="Dr.")
    for swing in range(5):
        firm.sandbox.anna.change(espo_id, titel=("Prof.", "Dr.")[swing % 2])
        status = firm.sync(espo_id).status
        assert status == ("clean" if swing < 4 else "failed"), swing
    record = firm.record(espo_id)
    assert (record.kind, record.fault) == ("blocked", {"code": "oscillation_field", "params": {"field": "titel"}})
    assert firm.advo(betnr)["titel"] == "Dr."
    firm.reset(espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(betnr)["titel"] == "Prof."


def test_a_value_that_each_system_sets_back_counts_as_one_story(firm: Firm) -> None:
    """A workflow in EspoCRM and one in Advoware: every other write goes the other way."""
    espo_id, betnr = firm.pair(titel="Dr.")
    for swing in range(5):
        if swing % 2:
            firm.sandbox.clerk.change(betnr, titel="Dr.")
        else:
            firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.sync(espo_id)
        firm.sync(espo_id)
    assert firm.record(espo_id).kind == "blocked"
