"""What contact points may cost in remote calls, counted by the stand-ins: + k in Advoware, nothing in EspoCRM."""

from typing import Any

import pytest

from syncapp.entities.beteiligte.probes import recheck
from tests.scenarios.kommunikation.stage import Stage

NUMBERS = [f"+4951110000{n}" for n in range(10)]
ADDRESSES = [f"person{n}@example.org" for n in range(10)]


def holds_all_in_espocrm(stage: Stage) -> None:
    for number, address in zip(NUMBERS, ADDRESSES, strict=True):
        stage.holds_in_espocrm(f"Office  {number}")
        stage.holds_in_espocrm(f"email  {address}")


def holds_all_in_advoware(stage: Stage) -> None:
    for number, address in zip(NUMBERS, ADDRESSES, strict=True):
        stage.holds_in_advoware(f"TelGesch  {number.replace('+49', '0')}")
        stage.holds_in_advoware(f"MailGesch  {address.capitalize()}")


def cost(stage: Stage, *, status: str = "clean") -> dict[str, Any]:
    stage.run(status)
    return stage.firm.counts()


def calls(*, espo_patch: int = 1, advo_get: int = 1, **advoware: int) -> dict[str, Any]:
    espocrm = {"GET": 1} | ({"PATCH": espo_patch} if espo_patch else {})
    return {"espocrm": espocrm, "advoware": ({"GET": advo_get} if advo_get else {}) | advoware}


def test_create_with_ten_numbers_and_ten_addresses(stage: Stage) -> None:
    holds_all_in_espocrm(stage)
    stage.not_in_advoware()
    assert cost(stage) == calls(advo_get=0, POST=21)
    assert cost(stage) == calls(espo_patch=0)


def test_first_meeting_of_ten_numbers_and_ten_addresses_on_each_side(stage: Stage) -> None:
    holds_all_in_espocrm(stage)
    holds_all_in_advoware(stage)
    assert cost(stage) == calls(PUT=20)
    assert cost(stage) == calls(espo_patch=0)


@pytest.mark.parametrize("changed", [1, 3, 10])
def test_numbers_changed_in_espocrm_cost_one_call_each(changed: int, stage: Stage) -> None:
    holds_all_in_espocrm(stage)
    holds_all_in_advoware(stage)
    stage.in_step()
    for number in NUMBERS[:changed]:
        stage.anna_changes(number, "to", number.replace("+4951110000", "+4951120000"))
    assert cost(stage) == calls(PUT=changed)
    assert cost(stage) == calls(espo_patch=0)


@pytest.mark.parametrize("changed", [1, 3, 10])
def test_numbers_changed_in_advoware_cost_one_call_each_and_one_patch(changed: int, stage: Stage) -> None:
    holds_all_in_espocrm(stage)
    holds_all_in_advoware(stage)
    stage.in_step()
    for number in NUMBERS[:changed]:
        national = number.replace("+49", "0")
        stage.clerk_changes(national, "to", national.replace("051110000", "051120000"))
    assert cost(stage) == calls(PUT=changed)
    assert cost(stage) == calls(espo_patch=0)


def test_numbers_deleted_in_advoware_cost_the_patch_alone(stage: Stage) -> None:
    holds_all_in_espocrm(stage)
    holds_all_in_advoware(stage)
    stage.in_step()
    stage.clerk_deletes(NUMBERS[0].replace("+49", "0"))
    stage.clerk_deletes(NUMBERS[1].replace("+49", "0"))
    assert cost(stage) == calls()
    assert cost(stage) == calls(espo_patch=0)


def test_contact_points_ride_along_with_the_master_data(stage: Stage) -> None:
    """Both sides changed, both media: still one PUT, one PATCH, and one call for each contact point."""
    holds_all_in_espocrm(stage)
    holds_all_in_advoware(stage)
    stage.in_step()
    stage.firm.sandbox.anna.change(stage.espo_id, titel="Prof. Dr.")
    stage.clerk_sets("zusatz", "c/o Meier")
    stage.anna_changes(NUMBERS[0], "to", "+49511200000")
    stage.clerk_changes(ADDRESSES[0].capitalize(), "to", "neu@example.org")
    assert cost(stage) == calls(PUT=3)
    assert cost(stage) == calls(espo_patch=0)


def test_what_is_only_in_advoware_costs_nothing(stage: Stage) -> None:
    stage.holds_in_advoware("Internet  www.example.org")
    stage.holds_in_advoware("Sonstige  siehe Akte")
    stage.in_step()
    stage.clerk_changes("siehe Akte", "to", "siehe Akte, Blatt 3")
    assert cost(stage) == calls(espo_patch=0)


def test_no_run_of_a_batch_reads_espocrm_for_a_record_at_rest(stage: Stage) -> None:
    """A re-check gets the contact lists from what the last sync left, and reads the record only to write."""
    holds_all_in_espocrm(stage)
    stage.in_step()
    stage.firm.sandbox.clear_calls()
    recheck.recheck_records([stage.record.pk])
    assert stage.firm.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}  # the GET is the list page
    stage.clerk_deletes(NUMBERS[0])
    stage.firm.sandbox.clear_calls()
    recheck.recheck_records([stage.record.pk])
    assert stage.firm.counts() == {"espocrm": {"GET": 2, "PATCH": 1}, "advoware": {"GET": 2}}
    assert stage.record.status == "clean"
