"""List rows in place of single GETs, and what re-checks and sweeps cost with addresses and accounts switched on."""

from typing import Any

import pytest

from syncapp.entities.beteiligte.links.discovery import discover
from syncapp.entities.beteiligte.parts.adressen.part import AdressenPart
from syncapp.entities.beteiligte.probes import recheck, remote_metadata
from syncapp.models import ChildCase, ChildLink, SyncRecord
from syncapp.remotes.espocrm.client import EspoEntity
from tests.entities.beteiligte.test_child_records import item
from tests.entities.beteiligte.test_intake import clean_record
from tests.support.firm import Firm

pytestmark = pytest.mark.django_db(transaction=True)
PLACE = {"billingAddressStreet": "Lindenallee 4", "billingAddressPostalCode": "30159", "billingAddressCity": "Hannover"}


@pytest.fixture
def in_fields(firm: Firm) -> Firm:
    firm.settings.ESPOCRM_ADRESSEN = "field"
    firm.settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress"]
    firm.settings.ADRESSEN_INITIAL = "both"
    return firm


@pytest.fixture
def in_records(firm: Firm) -> Firm:
    firm.settings.ESPOCRM_ADRESSEN = "entity"
    firm.settings.ADRESSEN_INITIAL = "both"
    remote_metadata.forget()
    return firm


def paths(firm: Firm) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"espocrm": [], "advoware": []}
    for system, method, path in firm.sandbox.calls():
        found[system].append(f"{method} {path.rsplit('/', 2)[-1] if system == 'espocrm' else path.rsplit('/', 1)[-1]}")
    return found


def looked_at_again(firm: Firm, espo_id: str) -> dict[str, list[str]]:
    firm.sandbox.clear_calls()
    recheck.recheck_records([firm.record(espo_id).pk])
    return paths(firm)


def entries(firm: Firm, betnr: int) -> list[dict[str, Any]]:
    return list(firm.advo(betnr)["adressen"])


def test_a_row_that_carries_the_address_stands_for_the_record(in_fields: Firm) -> None:
    espo_id, betnr = in_fields.pair(**PLACE)
    assert [entry["ort"] for entry in entries(in_fields, betnr)] == ["Hannover"]
    in_fields.sync(espo_id)
    assert looked_at_again(in_fields, espo_id) == {"espocrm": ["GET CBeteiligte"], "advoware": [f"GET {betnr}"]}
    assert in_fields.record(espo_id).status == "clean"


def test_what_changed_in_advoware_is_taken_by_a_re_check_with_a_list_row(in_fields: Firm) -> None:
    espo_id, betnr = in_fields.pair(**PLACE)
    in_fields.sync(espo_id)
    (entry,) = entries(in_fields, betnr)
    in_fields.sandbox.clerk._call(
        "PUT", f"Beteiligte/{betnr}/Adressen/{entry['id']}", json={**entry, "strasse": "Uferstraße 1"}
    )
    looked_at_again(in_fields, espo_id)
    assert in_fields.espo(espo_id)["billingAddressStreet"] == "Uferstraße 1"
    assert in_fields.record(espo_id).status == "clean"


def test_a_row_without_the_address_plans_no_emptying(in_fields: Firm) -> None:
    """Where the address of the list became too long, or a right is missing, rows lack attributes: that says nothing."""
    espo_id, betnr = in_fields.pair(**PLACE)
    record = in_fields.record(espo_id)
    row = EspoEntity(espo_id, {"id": espo_id, "name": "x", "billingAddressStreet": None})
    snapshot = AdressenPart().read(record, espo=row, advo=None, clients=None)  # type: ignore[arg-type]
    assert snapshot.lists is None
    assert len(entries(in_fields, betnr)) == 1
    assert not ChildCase.objects.exists()


def test_an_emptied_address_of_the_record_is_seen_by_the_sweep(in_fields: Firm) -> None:
    espo_id, _betnr = in_fields.pair(**PLACE)
    discover()
    in_fields.sandbox.anna.change(espo_id, **dict.fromkeys(PLACE, None))
    discover()
    assert in_fields.record(espo_id).status == "dirty"


def test_a_sweep_after_our_own_write_of_an_address_finds_nothing(in_fields: Firm) -> None:
    espo_id, _betnr = in_fields.pair(**PLACE)
    discover()
    assert in_fields.record(espo_id).status == "clean"


def test_a_re_check_with_addresses_in_records_costs_one_list_more_and_nothing_in_advoware(in_records: Firm) -> None:
    espo_id, betnr = in_records.pair()
    item(in_records, espo_id)
    in_records.sync(espo_id)
    assert [entry["ort"] for entry in entries(in_records, betnr)] == ["Hannover"]
    in_records.sync(espo_id)
    seen = looked_at_again(in_records, espo_id)
    assert sorted(seen["espocrm"]) == ["GET CAdressen", "GET CBeteiligte"]
    assert seen["advoware"] == [f"GET {betnr}"]


def test_switched_off_a_re_check_costs_what_it_always_did(firm: Firm) -> None:
    espo_id, betnr = firm.pair()
    seen = looked_at_again(firm, espo_id)
    assert seen == {"espocrm": ["GET CBeteiligte"], "advoware": [f"GET {betnr}"]}


@pytest.mark.parametrize("on", [True, False])
def test_what_espocrm_held_is_asked_of_our_links_only_where_fields_are_kept_equal(
    on: bool, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.ESPOCRM_ADRESSEN = "field" if on else "off"
    settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress"]
    record = clean_record()
    with django_assert_num_queries(int(on)):
        AdressenPart().held(record)
    assert (ChildLink.objects.count(), SyncRecord.objects.count()) == (0, 1)
