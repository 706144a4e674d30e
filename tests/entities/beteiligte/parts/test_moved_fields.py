"""A field of a child list that is read from elsewhere than at the last sync: empty there, it says nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.core.child_lists.fields import ChildField, resolved
from syncapp.core.sides import Side
from tests.entities.beteiligte.parts.test_bank_rows import A
from tests.entities.beteiligte.parts.test_child_list_runs import HERE, pair_of, streets
from tests.support.child_lists import ChildLists

# The remark stands in for a field that an administrator has just added to the entity.
STREET_FROM_THE_REMARK = {"strasse": "bemerkung", "bemerkung": ""}
STREET = ChildField("strasse", "strasse", ("strasse", "addressStreet"))


def fault_of(lists: ChildLists) -> Any:
    return lists.firm.record(lists.espo_id).fault


def test_a_field_that_the_entity_gains_is_another_source() -> None:
    before = resolved((STREET,), known=("addressStreet",))
    after = resolved((STREET,), known=("addressStreet", "strasse"))
    assert after.moved(Side.espocrm, before.sources) == {"strasse": "addressStreet"}
    assert after.moved(Side.espocrm, after.sources) == {}
    assert after.moved(Side.espocrm, {}) == {}
    assert after.moved(Side.advoware, before.sources) == {}


def test_a_street_read_from_an_empty_field_empties_nothing(adressen: Callable[..., ChildLists], settings: Any) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    lists.firm.sandbox.anna.change(lists.espo_id, titel="Prof.")
    assert lists.run() == []
    told = {"field": "bemerkung", "former": "strasse", "entity": "CAdressen"}
    assert fault_of(lists) == {"code": "child_moved_field", "params": told}
    assert lists.firm.advo(lists.betnr)["titel"] == "Prof."
    assert streets(lists)[1] == ["Hauptstr. 5"]

    lists.edit_item(item, bemerkung="Hauptstr. 7")  # filled, it is what EspoCRM says
    lists.run()
    assert (lists.status, streets(lists)[1]) == ("clean", ["Hauptstr. 7"])
    lists.is_silent()


def test_a_field_that_was_always_empty_may_be_read_from_elsewhere(
    adressen: Callable[..., ChildLists], settings: Any
) -> None:
    lists = adressen()
    lists.item(strasse="", **HERE)
    lists.entry(strasse="", **HERE)
    lists.run()
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    assert lists.run() == []
    assert lists.status == "clean"


def test_the_former_field_named_again_goes_on(adressen: Callable[..., ChildLists], settings: Any) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    lists.run()
    assert lists.status == "failed"
    settings.ESPOCRM_ADRESSEN_MAP = {}
    lists.edit_item(item, strasse="Wall 1")
    lists.run()
    assert (lists.status, streets(lists)) == ("clean", (["Wall 1"], ["Wall 1"]))


@pytest.mark.parametrize("keep", ["plain", "hash"], indirect=True)
def test_an_account_s_field_read_from_an_empty_key_empties_nothing(
    konten: Callable[..., ChildLists], settings: Any
) -> None:
    lists = konten()
    lists.item(iban=A, bic="SOLADEST600")
    lists.entry(iban=A, bic="SOLADEST600")
    lists.run()
    assert lists.status == "clean"
    settings.ADVOWARE_BANK_MAP = {"bic": "swift"}
    assert lists.run() == []
    told = {"field": "swift", "former": "bic", "entity": "Advoware"}
    assert fault_of(lists) == {"code": "child_moved_field", "params": told}
    assert [one["bic"] for one in lists.items.values()] == ["SOLADEST600"]
