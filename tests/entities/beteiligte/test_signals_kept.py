"""Without a base the signals count as the first look found them: no write of ours, be it of a status, undoes them.

In each story Anna's edit in EspoCRM, made while nothing was known of the record, stands at the end.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest

from syncapp.models import Control
from tests.entities.beteiligte.test_without_base import case, forget, pair
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

__all__ = ["pair"]
ANNAS = "aus EspoCRM"
OFFICE = {"phoneNumber": "+495111234567", "type": "Office", "primary": True, "optOut": False, "invalid": False}

Disturbance = Callable[[Firm, str], None]


def _failing(firm: Firm, espo_id: str, **fault: Any) -> None:
    """One run that fails, and says so in EspoCRM."""
    firm.sandbox.fault("advoware", "status", body="{}", path_contains="Beteiligte", count=1, **fault)
    assert firm.sync(espo_id).status == "failed"
    assert firm.espo(espo_id)["syncStatus"] == "failed"
    firm.sandbox.heal()
    firm.due(espo_id)


def advoware_unreadable(firm: Firm, espo_id: str) -> None:
    _failing(firm, espo_id, status=500, method="GET")


def twice(firm: Firm, espo_id: str) -> None:
    advoware_unreadable(firm, espo_id)
    firm.sandbox.anna.change(espo_id, description="noch etwas")
    advoware_unreadable(firm, espo_id)


def not_written(firm: Firm, espo_id: str) -> None:
    _failing(firm, espo_id, status=429, method="PUT")


def syncing_shown(firm: Firm, espo_id: str) -> None:
    firm.settings.ESPOCRM_SHOW_SYNCING = True


DISTURBANCES = [advoware_unreadable, twice, not_written, syncing_shown]


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_only_espocrm_changed(firm: Firm, pair: tuple[str, int], disturbance: Disturbance) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS)
    disturbance(firm, espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == ANNAS
    assert not firm.record(espo_id).conflicts.exists(), "nobody changed it in Advoware"


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_both_changed_the_same_field(firm: Firm, pair: tuple[str, int], disturbance: Disturbance) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS)
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    disturbance(firm, espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == ANNAS
    assert case(firm, espo_id) == "both_changed"


@pytest.mark.parametrize("disturbance", DISTURBANCES)
def test_something_else_changes_in_advoware_afterwards(
    firm: Firm, pair: tuple[str, int], disturbance: Disturbance
) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS)
    disturbance(firm, espo_id)
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    assert firm.sync(espo_id).status == "clean"
    for shown in (firm.espo(espo_id), firm.advo(betnr)):
        assert (shown["titel"], shown["zusatz"]) == (ANNAS, "c/o")


@pytest.mark.parametrize("disturbance", [advoware_unreadable, syncing_shown])
def test_only_advoware_changed(firm: Firm, pair: tuple[str, int], disturbance: Disturbance) -> None:
    """An edit in Advoware alone is carried all the same, and is no conflict."""
    espo_id, betnr = pair
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    disturbance(firm, espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == "aus Advoware"
    assert not firm.record(espo_id).conflicts.exists()


def test_an_edit_while_a_run_is_failing(firm: Firm, pair: tuple[str, int], meanwhile: Meanwhile) -> None:
    """What the run had read of EspoCRM is older than the edit that its status hides."""
    espo_id, betnr = pair
    meanwhile.before("advoware", "get", lambda: firm.sandbox.anna.change(espo_id, titel=ANNAS))
    advoware_unreadable(firm, espo_id)
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == ANNAS


def test_another_installations_status_proves_nothing(firm: Firm, pair: tuple[str, int]) -> None:
    """Our database was lost after the failure: nothing is kept but that our user wrote last."""
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS)
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    advoware_unreadable(firm, espo_id)
    forget(firm, espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == ANNAS


def test_content_that_has_to_be_corrected(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS, geburtsdatum="2999-01-01")
    assert firm.sync(espo_id).status == "failed"
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "validation"
    assert (firm.espo(espo_id)["titel"], firm.espo(espo_id)["geburtsdatum"]) == (ANNAS, "2999-01-01")


def test_writes_to_advoware_are_held_meanwhile(firm: Firm, pair: tuple[str, int]) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS)
    Control.objects.update(held_sides=["advoware"])
    firm.sync(espo_id)
    Control.objects.update(held_sides=[])
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(betnr)["titel"] == ANNAS


@pytest.mark.parametrize("fails", [False, True])
def test_a_number_that_was_replaced_does_not_come_back(firm: Firm, pair: tuple[str, int], fails: bool) -> None:
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, phoneNumberData=[OFFICE])
    firm.sync(espo_id)
    time.sleep(1.1)
    forget(firm, espo_id)
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{**OFFICE, "phoneNumber": "+495119999999"}], description="neu")
    firm.sandbox.clerk.change(betnr, zusatz="c/o")
    if fails:
        advoware_unreadable(firm, espo_id)
    firm.sync(espo_id)
    assert [row["phoneNumber"] for row in firm.espo(espo_id)["phoneNumberData"]] == ["+495119999999"]


# --- one field without a base, of a record that has one


@pytest.mark.parametrize("who", ["anna", "clerk"])
def test_a_conflict_of_the_first_sync_waits_for_a_person(firm: Firm, pair: tuple[str, int], who: str) -> None:
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    espo_id, betnr = pair
    firm.sandbox.anna.change(espo_id, titel=ANNAS)
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    assert firm.sync(espo_id).status == "conflict"
    if who == "anna":
        firm.sandbox.anna.change(espo_id, zusatz="c/o")
    else:
        firm.sandbox.clerk.change(betnr, zusatz="c/o")
    assert firm.sync(espo_id).status == "conflict"
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == (ANNAS, "aus Advoware")
    assert firm.espo(espo_id)["zusatz"] == firm.advo(betnr)["zusatz"] == "c/o"
    assert firm.record(espo_id).conflicts.get().open


@pytest.mark.parametrize("scope", ["field", "record"])
def test_a_value_without_a_counterpart_is_not_overwritten(firm: Firm, scope: str) -> None:
    """Nor is it in dispute for ever, so that every edit in Advoware would lose with it."""
    firm.settings.SYNC_CONFLICT_SCOPE = scope
    firm.settings.ESPOCRM_VALUE_MAP = {"anrede": {"Herr": "Herr", "Frau": "Frau"}}
    made = firm.sandbox.clerk.create(name="Müller-Lüdenscheidt", vorname="Jürgen", titel="Dr.", anrede="Herr")
    espo_id = firm.new(betnr=made["betNr"], anrede="Familie")
    firm.sync(espo_id)
    before = firm.record(espo_id).conflicts.count()
    firm.sandbox.clerk.change(made["betNr"], zusatz="c/o")
    firm.sync(espo_id)
    assert firm.record(espo_id).conflicts.count() == before
    shown = firm.espo(espo_id)
    assert (shown["anrede"], shown["zusatz"], firm.advo(made["betNr"])["anrede"]) == ("Familie", "c/o", "Herr")
    assert [report["code"] for report in firm.record(espo_id).reports] == ["no_counterpart"]


def test_a_field_that_advoware_shows_at_last_empties_nothing(firm: Firm) -> None:
    made = firm.sandbox.clerk.create(name="Müller-Lüdenscheidt", vorname="Jürgen")
    espo_id = firm.new(betnr=made["betNr"], titel="Dr.")
    firm.sandbox.advoware(omit_fields=["titel"])
    firm.sync(espo_id)
    firm.sandbox.advoware(omit_fields=[])
    firm.sandbox.clerk.change(made["betNr"], zusatz="c/o")
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["titel"] == firm.advo(made["betNr"])["titel"] == "Dr."
