"""Addresses in fields of the record: the same table with a fixed list of items, carried in the record's one PATCH."""

from typing import Any

import pytest

from syncapp.entities.beteiligte.probes import recheck
from syncapp.models import ChildKind, ChildLink, SyncRecord
from tests.entities.beteiligte.test_sweep import aged
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm
from tests.support.meanwhile import Meanwhile

HERE = {"plz": "30159", "ort": "Hannover"}
THERE = {"plz": "20095", "ort": "Hamburg"}
HANNOVER = {"billingAddressPostalCode": "30159", "billingAddressCity": "Hannover"}
HAMBURG = {"shippingAddressPostalCode": "20095", "shippingAddressCity": "Hamburg"}


@pytest.fixture(autouse=True)
def _fields(settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN, settings.ADRESSEN_INITIAL = "field", "both"
    settings.ESPOCRM_ADRESSEN_FIELDS = ["billingAddress", "shippingAddress"]


def linked_later(firm: Firm, **attributes: object) -> ChildLists:
    """A pair from before addresses were switched on."""
    lists = ChildLists(firm, *firm.pair(**attributes))
    SyncRecord.objects.update(adressen_state={})
    ChildLink.objects.all().delete()
    return lists


def settled(firm: Firm) -> tuple[ChildLists, int]:
    """One address in both, the other field empty."""
    lists = linked_later(firm)
    number = lists.entry(strasse="Wall 1", **HERE)
    lists.run()
    assert firm.espo(lists.espo_id)["billingAddressStreet"] == "Wall 1"
    return lists, number


def silent(lists: ChildLists) -> None:
    """Not a request more than without addresses."""
    lists.firm.is_silent(lists.espo_id)
    assert lists.status == "clean"


def test_a_new_record_comes_with_its_addresses(firm: Firm) -> None:
    espo_id = firm.new(billingAddressStreet="Wall 1", **HANNOVER)
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "clean"
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"POST": 2}}
    lists = ChildLists(firm, espo_id, firm.record(espo_id).betnr or 0)
    (entry,) = lists.entries.values()
    assert (entry["strasse"], entry["standardAnschrift"]) == ("Wall 1", True)
    assert entry["bemerkung"] == f"[ESPOCRM-ID:{espo_id}:billingAddress]"
    silent(lists)


@pytest.mark.parametrize("standard", [True, False])
def test_an_empty_field_takes_the_entry_that_is_meant_by_it(firm: Firm, standard: bool) -> None:
    lists = linked_later(firm)
    lists.entry(strasse="Wall 1", standardAnschrift=standard, **HERE)
    if standard:
        lists.entry(strasse="Ring 3", **THERE)
    firm.sandbox.clear_calls()
    firm.sync(lists.espo_id)
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1}}
    shown = firm.espo(lists.espo_id)
    assert (shown["billingAddressStreet"], shown["billingAddressCity"]) == ("Wall 1", "Hannover")
    assert shown["shippingAddressStreet"] is None
    assert lists.reports == (["child_only_in_advoware"] if standard else [])
    silent(lists)


def test_row_8_put(firm: Firm) -> None:
    lists, number = settled(firm)
    firm.sandbox.anna.change(lists.espo_id, billingAddressStreet="Allee 9\nHinterhaus", titel="Prof.")
    firm.sandbox.clear_calls()
    firm.sync(lists.espo_id)
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1, "PUT": 2}}
    assert lists.entries[number]["strasse"] == "Allee 9, Hinterhaus"
    assert firm.espo(lists.espo_id)["billingAddressStreet"] == "Allee 9\nHinterhaus"
    silent(lists)


def test_row_9_take_goes_with_the_one_patch(firm: Firm) -> None:
    lists, number = settled(firm)
    lists.edit_entry(number, strasse="Ring 3", land="Österreich")
    firm.sandbox.clerk.change(lists.betnr, zusatz="c/o Meier")
    firm.sandbox.clear_calls()
    firm.sync(lists.espo_id)
    assert firm.counts() == {"espocrm": {"GET": 1, "PATCH": 1}, "advoware": {"GET": 1}}
    shown = firm.espo(lists.espo_id)
    assert (shown["billingAddressStreet"], shown["billingAddressCountry"]) == ("Ring 3", "Österreich")
    assert shown["zusatz"] == "c/o Meier"
    silent(lists)


def test_row_3_a_second_field_is_filled(firm: Firm) -> None:
    lists, _number = settled(firm)
    firm.sandbox.anna.change(lists.espo_id, shippingAddressStreet="Ring 3", **HAMBURG)
    assert lists.run() == ["POST Adressen"]
    assert sorted(one["strasse"] for one in lists.entries.values()) == ["Ring 3", "Wall 1"]
    silent(lists)


def test_row_14_emptied(firm: Firm) -> None:
    lists, number = settled(firm)
    firm.sandbox.anna.change(lists.espo_id, shippingAddressStreet="Ring 3", **HAMBURG)
    lists.run()
    empty = {f"billingAddress{part}": None for part in ("Street", "PostalCode", "City")}
    firm.sandbox.anna.change(lists.espo_id, **empty)
    assert lists.run() == []
    assert lists.cases == [(14, "delete_in_advoware")]
    assert lists.entries[number]["strasse"] == "Wall 1"
    silent(lists)
    assert firm.espo(lists.espo_id)["billingAddressStreet"] is None


def test_row_16_the_field_is_emptied_at_the_second_look(firm: Firm) -> None:
    lists, number = settled(firm)
    firm.sandbox.anna.change(lists.espo_id, shippingAddressStreet="Ring 3", **HAMBURG)
    lists.run()
    lists.remove_entry(number)
    lists.run()
    assert firm.espo(lists.espo_id)["billingAddressStreet"] == "Wall 1"
    lists.run()
    shown = firm.espo(lists.espo_id)
    assert (shown["billingAddressStreet"], shown["billingAddressCity"]) == (None, None)
    silent(lists)


@pytest.mark.parametrize("fault", ["cut_before", "cut_after"])
def test_a_patch_that_nobody_answers(firm: Firm, fault: str) -> None:
    lists, number = settled(firm)
    lists.edit_entry(number, strasse="Ring 3")
    firm.sandbox.fault("espocrm", fault, method="PATCH", count=2)
    firm.sync(lists.espo_id)
    assert lists.status == "failed"
    firm.sandbox.heal()
    firm.sync(lists.espo_id)
    assert firm.espo(lists.espo_id)["billingAddressStreet"] == "Ring 3"
    silent(lists)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_crash_after_each_write(firm: Firm, cut_at: Any, n: int) -> None:
    lists, number = settled(firm)
    firm.sandbox.anna.change(lists.espo_id, shippingAddressStreet="Gasse 4", titel="Prof.", **HAMBURG)
    lists.edit_entry(number, strasse="Ring 3")
    cut_at(n)  # the record's PUT, the POST, the PATCH
    with pytest.raises(SystemExit):
        firm.sync(lists.espo_id)
    firm.expire_lease(lists.espo_id)
    for _ in range(2):
        firm.sync(lists.espo_id)
    shown = firm.espo(lists.espo_id)
    assert (shown["billingAddressStreet"], shown["shippingAddressStreet"]) == ("Ring 3", "Gasse 4")
    assert sorted(one["strasse"] for one in lists.entries.values()) == ["Gasse 4", "Ring 3"]
    silent(lists)


def test_one_that_espocrm_refuses_stops_no_other(firm: Firm) -> None:
    lists, number = settled(firm)
    lists.edit_entry(number, ort="<Hannover>")
    firm.sandbox.clerk.change(lists.betnr, zusatz="c/o Meier")
    firm.sync(lists.espo_id)
    assert firm.espo(lists.espo_id)["zusatz"] == "c/o Meier"
    assert firm.espo(lists.espo_id)["billingAddressCity"] == "Hannover"
    assert (lists.status, lists.cases) == ("failed", [(20, "refused")])
    lists.edit_entry(number, ort="Hannover-Linden")
    firm.sync(lists.espo_id)
    assert firm.espo(lists.espo_id)["billingAddressCity"] == "Hannover-Linden"
    silent(lists)


def test_without_versions_an_address_field_that_moves_meanwhile_asks_for_one_more_look(
    firm: Firm, meanwhile: Meanwhile
) -> None:
    firm.sandbox.espocrm(optimistic_locking=False)
    lists, number = settled(firm)
    firm.sandbox.clerk.change(lists.betnr, titel="Prof.")
    edit = lambda: firm.sandbox.anna.change(lists.espo_id, billingAddressStreet="Wall 2")  # noqa: E731
    meanwhile.before("espocrm", "patch", edit)
    assert firm.sync(lists.espo_id).status == "dirty"
    assert firm.sync(lists.espo_id, forced=False).status == "clean"
    assert (firm.espo(lists.espo_id)["titel"], lists.entries[number]["strasse"]) == ("Prof.", "Wall 2")
    silent(lists)


def test_a_list_row_of_the_sweep_without_the_address_plans_no_emptying(firm: Firm) -> None:
    lists, _number = settled(firm)
    ids = aged(firm, lists.espo_id)
    firm.sandbox.clear_calls()
    recheck.recheck_records(ids)
    assert not any(method in ("PUT", "PATCH", "POST") for _system, method, _path in firm.sandbox.calls())
    assert lists.cases == []
    links = ChildLink.objects.filter(kind=ChildKind.ADRESSEN)
    assert {link.state for link in links} == {"linked"}
    silent(lists)
