"""Addresses and accounts of a record whose Beteiligter changes: relinked in the admin, unlinked and linked again."""

from typing import Any

import pytest

from syncapp.models import ChildCase, ChildKind, ChildLink
from syncapp.operations.actions import ActionContext, perform
from tests.entities.beteiligte.parts.test_bank_rows import A, B, Konten
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm

HERE = {"plz": "30159", "ort": "Hannover"}
THERE = {"plz": "20095", "ort": "Hamburg"}


@pytest.fixture
def keep(settings: Any) -> str:
    settings.BANK_KEEP = "plain"
    return "plain"


@pytest.fixture
def settled(konten: Konten, settings: Any) -> tuple[ChildLists, ChildLists]:
    """One address and one account that both sides have, and a task about each."""
    settings.ESPOCRM_ADRESSEN = "entity"
    accounts = konten()
    addresses = ChildLists(accounts.firm, accounts.espo_id, accounts.betnr)
    address, account = addresses.item(strasse="Wall 1", **HERE), accounts.item(iban=A)
    accounts.run()
    addresses.edit_item(address, land="Österreich")
    accounts.edit_item(account, bankname="Neu")
    accounts.run()
    assert (addresses.cases, accounts.cases) == ([(12, "change_in_advoware")], [(7, "change_in_advoware")])
    return addresses, accounts


def perform_on(lists: ChildLists, code: str, **details: Any) -> None:
    context = ActionContext(actor="boss", reason="by hand", details=details)
    perform(code=code, record=lists.firm.record(lists.espo_id), action_context=context)


def test_unlinked_both_lists_are_forgotten_and_linked_again_nothing_is_doubled(
    settled: tuple[ChildLists, ChildLists],
) -> None:
    addresses, accounts = settled
    perform_on(accounts, "unlink")
    assert ChildLink.objects.count() == 0
    assert not ChildCase.objects.filter(closed_at=None).exists()
    assert accounts.run() == []
    perform_on(accounts, "link", betnr=accounts.betnr, in_espocrm=None)
    assert [write for write in accounts.run() if write.startswith(("POST", "PUT"))] == []
    # Nobody knows who changed what: the address asks, the account's own spelling of its bank is kept on each side.
    assert (addresses.cases, accounts.cases) == ([(1, "differs")], [])
    assert (len(addresses.entries), len(accounts.entries)) == (1, 1)
    assert accounts.run() == []


@pytest.mark.parametrize("initial", ["both", "match"])
def test_another_beteiligter_s_lists_are_met_for_the_first_time(
    settled: tuple[ChildLists, ChildLists], firm: Firm, settings: Any, initial: str
) -> None:
    addresses, accounts = settled
    settings.ADRESSEN_INITIAL = initial
    other = int(firm.sandbox.clerk.create(name="Andere")["betNr"])
    there = [ChildLists(firm, one.espo_id, other, kind=one.kind) for one in settled]
    there[0].entry(strasse="Ring 3", **THERE)
    there[1].entry(iban=B)
    perform_on(accounts, "link", betnr=other, in_espocrm=accounts.betnr)
    assert not ChildCase.objects.filter(closed_at=None).exists()
    accounts.run()  # Advoware's master data lead here, so that what goes there follows
    accounts.run()
    carried = initial == "both"
    assert [len(one.entries) for one in there] == ([2, 2] if carried else [1, 1])
    assert [len(one.items) for one in there] == ([2, 2] if carried else [1, 1])
    waits = {ChildKind.ADRESSEN: [(3, "waiting"), (4, "waiting")], ChildKind.BANK: [(2, "waiting"), (5, "waiting")]}
    assert [one.cases for one in there] == [[] if carried else waits[one.kind] for one in there]
    # The former one's lists are as they were.
    assert [entry["strasse"] for entry in addresses.entries.values()] == ["Wall 1"]
    assert [entry["iban"] for entry in accounts.entries.values()] == [A]
    assert accounts.run() == []
