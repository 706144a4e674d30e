"""A field of a child list that is read from elsewhere than at the last sync: empty there, it says nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncapp.core.child_lists.fields import ChildField, resolved
from syncapp.core.sides import Side
from syncapp.engine import control
from syncapp.entities.beteiligte.parts.bankverbindungen import part as bank_part
from syncapp.models import ChildLink
from syncapp.operations.monitoring import drift
from syncapp.operations.previews.record_preview import record_preview
from syncapp.remotes.advoware.children import Child, ChildList, children_in
from tests.entities.beteiligte.parts.test_bank_rows import A, B
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
    assert lists.reports == []
    (shown,) = record_preview(lists.firm.record(lists.espo_id)).children
    assert "bemerkung statt strasse" in str(shown.stopped)

    lists.edit_item(item, bemerkung="Hauptstr. 7")  # filled, it is what EspoCRM says
    lists.run()
    assert (lists.status, streets(lists)[1]) == ("clean", ["Hauptstr. 7"])
    lists.is_silent()


def test_in_shadow_its_record_does_not_count_as_equal_and_drift_says_why(
    adressen: Callable[..., ChildLists], settings: Any
) -> None:
    lists = adressen()
    pair_of(lists)
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    control.set_mode(mode="shadow", by="tests")
    lists.run()
    assert lists.status == "dirty"
    _report, rows = drift.compare(espo_ids=iter([lists.espo_id]), scope="one", by="tests")
    (found,) = rows
    assert (found.field, found.state, found.reason, found.expected) == ("adressen", "missing", "list_waits", False)


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


def test_a_field_that_is_empty_on_both_sides_goes_on(adressen: Callable[..., ChildLists], settings: Any) -> None:
    lists = adressen()
    _item, number = pair_of(lists)
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    lists.edit_entry(number, strasse="")
    assert (lists.run(), lists.status) == ([], "clean")


def test_a_field_that_advoware_has_no_key_for_stops_nothing(konten: Callable[..., ChildLists], settings: Any) -> None:
    settings.ADVOWARE_BANK_MAP = {"bic": ""}
    lists = konten()
    lists.item(iban=A, bic="SOLADEST600")
    lists.entry(iban=A)
    lists.run()
    settings.ESPOCRM_BANK_MAP = {"bic": "advowareKontoId"}
    assert (lists.run(), lists.status) == ([], "clean")


def test_an_item_that_was_away_at_that_look_empties_nothing_when_it_is_back(
    adressen: Callable[..., ChildLists], settings: Any
) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    others = [pair_of(lists, street)[0] for street in ("Ring 3", "Wall 1")]
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    for other, street in zip(others, ("Ring 3", "Wall 1"), strict=True):
        lists.edit_item(other, bemerkung=street)
    lists.edit_item(item, beteiligteId=None)
    assert lists.run() == []
    lists.edit_item(item, beteiligteId=lists.espo_id)
    assert lists.run() == []
    assert streets(lists)[1] == ["Hauptstr. 5", "Ring 3", "Wall 1"]
    assert lists.cases == [(1, "differs")]


def test_a_create_that_nobody_answered_is_not_emptied_once_it_is_found(
    adressen: Callable[..., ChildLists], settings: Any
) -> None:
    lists = adressen()
    item, _number = pair_of(lists)
    link = ChildLink.objects.get(espo_id=item)
    link.pending, link.entry_id = {"at": "advoware", "sent": link.base_espo, "seen": []}, None
    link.base_espo = link.base_advo = None
    link.save()
    settings.ESPOCRM_ADRESSEN_MAP = STREET_FROM_THE_REMARK
    assert lists.run() == []
    assert (fault_of(lists)["code"], streets(lists)[1]) == ("child_moved_field", ["Hauptstr. 5"])


@pytest.mark.parametrize("keep", ["plain", "hash"], indirect=True)
def test_accounts_that_only_their_iban_tells_are_not_gone(
    konten: Callable[..., ChildLists], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_numbers(raw: Any, where: ChildList) -> tuple[Child, ...]:
        return tuple(replace(child, id=None) for child in children_in(raw, where) or ())

    monkeypatch.setattr(bank_part, "children_in", without_numbers)
    lists = konten()
    for iban in (A, B):
        lists.item(iban=iban)
        lists.entry(iban=iban)
    lists.run()
    assert lists.status == "clean"
    settings.ADVOWARE_BANK_MAP = {"iban": "kontonummer"}
    for _look in range(3):
        assert lists.run() == []
    assert fault_of(lists)["code"] == "child_moved_field"
    assert [one["istAktiv"] for one in lists.items.values()] == [True, True]
