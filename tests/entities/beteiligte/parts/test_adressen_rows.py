"""The decision table of addresses over HTTP: each row by its number, the writes it costs, and a silent run after it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from syncapp.models import Conflict
from syncapp.remotes.advoware.client import AdvowareClient
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm

HERE = {"plz": "30159", "ort": "Hannover"}
THERE = {"plz": "20095", "ort": "Hamburg"}
DELETES = {"create": "yes", "read": "all", "edit": "all", "delete": "all", "stream": "all"}
Adressen = Callable[..., ChildLists]


def paired(adressen: Adressen, **parts: object) -> tuple[ChildLists, str, int]:
    """One address that both sides have, spelled differently, settled."""
    lists = adressen()
    item = lists.item(strasse="Hauptstr. 5", **HERE, **parts)
    number = lists.entry(strasse="Hauptstraße 5", **HERE)
    assert lists.run() == []
    assert lists.links == [(item, number, "linked")]
    return lists, item, number


def test_row_1_match(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    assert lists.status == "clean"
    assert lists.entries[number]["strasse"] == "Hauptstraße 5"
    assert lists.items[item]["strasse"] == "Hauptstr. 5"
    lists.is_silent()


def test_row_1_entered_again_after_it_was_deleted(adressen: Adressen) -> None:
    """Its task is closed, and Advoware has the address once."""
    lists, item, number = paired(adressen)
    lists.item(strasse="Ring 3", **THERE)
    lists.run()
    lists.delete_item(item)
    assert (lists.run(), lists.cases) == ([], [(14, "delete_in_advoware")])
    again = lists.item(strasse="Hauptstr. 5", **HERE)
    assert (lists.run(), lists.cases) == ([], [])
    assert (again, number, "linked") in lists.links
    assert len(lists.entries) == 2
    lists.is_silent()


def test_row_2_held(adressen: Adressen) -> None:
    lists = adressen()
    lists.item(strasse="Hauptstr. 5", **HERE)
    lists.entry(strasse="Hauptstr. 7", **HERE)
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(2, "same_or_different")])
    assert lists.case("same_or_different").params["advo_strasse"] == "Hauptstr. 7"
    lists.is_silent()
    assert lists.cases == [(2, "same_or_different")]


def test_row_3_add(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Hauptstr. 5", land="Austria", bemerkung="Hintereingang", **HERE)
    assert lists.run() == ["POST Adressen", "PATCH CAdressen"]
    (sent,) = lists.entries.values()
    assert sent["bemerkung"] == f"[ESPOCRM-ID:{item}] Hintereingang"
    assert (sent["strasse"], sent["plz"], sent["ort"]) == ("Hauptstr. 5", "30159", "Hannover")
    assert (sent["land"], sent["standardAnschrift"]) == ("Österreich", True)
    lists.is_silent()


def test_row_4_bring(adressen: Adressen) -> None:
    lists = adressen()
    number = lists.entry(strasse="Hauptstr. 5", standardAnschrift=True, bemerkung="oben", **HERE)
    assert lists.run() == ["POST CAdressen"]
    (made,) = lists.items.values()
    assert (made["advowareAdresseId"], made["istStandard"], made["bemerkung"]) == (number, True, "oben")
    assert (made["strasse"], made["plz"], made["ort"]) == ("Hauptstr. 5", "30159", "Hannover")
    lists.is_silent()


def test_row_5_alias_of_an_entry_follows(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    second = lists.entry(strasse="Hauptstr. 5", **HERE)
    assert lists.run() == []
    assert lists.cases == [(5, "double")]
    lists.edit_item(item, strasse="Wall 1")
    assert lists.run() == ["PUT Adressen", "PUT Adressen"]
    assert {entry["strasse"] for entry in lists.entries.values()} == {"Wall 1"}
    lists.is_silent()
    lists.edit_entry(second, strasse="Allee 9")
    assert lists.run() == ["POST CAdressen"]
    assert sorted(one["strasse"] for one in lists.items.values()) == ["Allee 9", "Wall 1"]
    lists.is_silent()
    assert lists.entries[number]["strasse"] == "Wall 1"


def test_row_6_alias_of_an_item_follows(adressen: Adressen) -> None:
    lists, _item, number = paired(adressen)
    second = lists.item(strasse="Hauptstr. 5", **HERE)
    assert lists.run() == []
    assert lists.cases == [(6, "double")]
    lists.edit_entry(number, strasse="Wall 1")
    assert lists.run() == ["PATCH CAdressen", "PATCH CAdressen"]
    assert {item["strasse"] for item in lists.items.values()} == {"Wall 1"}
    lists.is_silent()
    lists.edit_item(second, strasse="Allee 9")
    assert lists.run() == ["POST Adressen", "PATCH CAdressen"]
    lists.is_silent()


def test_row_7_nothing(adressen: Adressen) -> None:
    lists, _item, _number = paired(adressen)
    lists.is_silent()


def test_row_8_put(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_entry(number, bemerkung="Klingel links", postfach="")
    lists.run()
    lists.edit_item(item, strasse="Wall 1", plz="D-30159")
    assert lists.run() == ["PUT Adressen"]
    entry = lists.entries[number]
    assert (entry["strasse"], entry["plz"], entry["bemerkung"]) == ("Wall 1", "30159", "Klingel links")
    assert lists.items[item]["plz"] == "D-30159"
    lists.is_silent()


def test_row_8_what_advoware_cuts_is_told_in_the_same_run(adressen: Adressen) -> None:
    lists = adressen()
    lists.firm.sandbox.advoware(too_long="cut")
    lists.item(strasse="x" * 200, **HERE)
    lists.run()
    assert lists.cases == [(3, "not_taken")]
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(3, "not_taken")])


def test_row_3_what_advoware_fills_in_by_itself_is_no_difference(
    adressen: Adressen, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = adressen()
    real = AdvowareClient.create_child

    def filling(client: AdvowareClient, *given: Any) -> Any:
        child = real(client, *given)
        return replace(child, raw={**child.raw, "land": "Österreich"})

    monkeypatch.setattr(AdvowareClient, "create_child", filling)
    lists.item(strasse="Wall 1", plz="1010", ort="Wien")
    lists.run()
    assert (lists.status, lists.cases) == ("clean", [])


def test_row_9_take(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_entry(number, strasse="Wall 1", land="AT", plz="1010", ort="Wien")
    assert lists.run() == ["PATCH CAdressen"]
    shown = lists.items[item]
    assert (shown["strasse"], shown["plz"], shown["ort"], shown["land"]) == ("Wall 1", "1010", "Wien", "AT")
    lists.is_silent()


def test_row_9_ended_in_advoware(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_entry(number, gueltigBis="2020-01-31T00:00:00")
    assert lists.run() == ["PATCH CAdressen"]
    assert lists.items[item]["istAktiv"] is False
    lists.is_silent()


def test_row_10_changed_alike(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_item(item, strasse="Ringstraße 3")
    lists.edit_entry(number, strasse="Ringstr. 3")
    assert lists.run() == []
    assert lists.status == "clean"
    lists.is_silent()
    lists.edit_entry(number, strasse="Ringstr. 4")
    assert lists.run() == ["PATCH CAdressen"]


def test_row_11_espocrm_leads_and_the_loser_is_logged(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_item(item, strasse="Wall 1")
    lists.edit_entry(number, strasse="Allee 9")
    assert lists.run() == ["PUT Adressen"]
    assert lists.entries[number]["strasse"] == "Wall 1"
    conflict = Conflict.objects.get(record__espo_id=lists.espo_id)
    assert (conflict.field, conflict.kept, conflict.open) == (f"adressen.{number}", "espocrm", False)
    assert "Allee 9" in conflict.advo
    lists.is_silent()


def test_row_12_a_mixed_address_is_never_sent(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_item(item, strasse="Graben 1", plz="1010", ort="Wien", land="Österreich")
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(12, "change_in_advoware")])
    assert lists.entries[number]["strasse"] == "Hauptstraße 5"
    lists.is_silent()
    lists.edit_entry(number, strasse="Graben 1", plz="1010", ort="Wien", land="A")
    assert lists.run() == []
    assert lists.cases == []
    lists.is_silent()


def test_row_12_set_back(adressen: Adressen) -> None:
    lists, item, _number = paired(adressen)
    lists.edit_item(item, land="Österreich")
    assert lists.run() == []
    lists.edit_item(item, land=None)
    assert lists.run() == []
    assert lists.cases == []
    lists.is_silent()


def test_row_12_as_a_new_entry_by_setting(adressen: Adressen, settings: Any) -> None:
    settings.ADRESSE_FIXED_CHANGE = "replace"
    lists, item, number = paired(adressen)
    lists.edit_item(item, land="Österreich")
    assert lists.run() == ["POST Adressen", "PATCH CAdressen"]
    assert lists.cases == [(14, "delete_in_advoware")]
    assert len(lists.entries) == 2
    lists.is_silent()
    lists.remove_entry(number)
    lists.run()
    lists.run()
    assert lists.cases == []


def test_row_13_side_facts(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_item(item, istStandard=True)
    assert lists.run() == []
    assert lists.cases == [(13, "change_in_advoware")]
    assert lists.entries[number]["standardAnschrift"] is False
    lists.is_silent()
    assert lists.items[item]["istStandard"] is True
    lists.edit_entry(number, standardAnschrift=True)
    assert lists.run() == []
    assert lists.cases == []
    lists.is_silent()


@pytest.mark.parametrize("answer", ["object", "list", "empty", "number"])
def test_row_13_a_new_default_address_is_told_in_the_run_after_its_post(adressen: Adressen, answer: str) -> None:
    """Letters go on going to the old one until somebody moves the flag in Advoware."""
    lists = adressen()
    lists.firm.sandbox.advoware(post_answer=answer)
    lists.entry(strasse="Ring 3", standardAnschrift=True, **THERE)
    lists.run()
    item = lists.item(strasse="Wall 1", istStandard=True, **HERE)
    lists.run()
    lists.run()
    lists.run()
    assert (lists.status, lists.cases) == ("clean", [(13, "change_in_advoware")])
    assert lists.case("change_in_advoware").params == {"standard": "True"}
    assert lists.items[item]["istStandard"] is True
    lists.is_silent()
    lists.edit_entry(max(lists.entries), standardAnschrift=True)
    lists.run()
    assert lists.cases == []


def test_row_13_after_a_post_whose_facts_were_not_all_kept_the_next_run_follows_at_once(adressen: Adressen) -> None:
    lists = adressen()
    lists.entry(strasse="Ring 3", standardAnschrift=True, **THERE)
    lists.run()
    lists.item(strasse="Wall 1", **HERE)
    lists.run()
    assert lists.status == "clean"
    lists.item(strasse="Gasse 4", istStandard=True, **HERE)
    lists.run()
    assert lists.status == "dirty"


def test_row_3_a_mark_that_advoware_cut_is_told_once_and_the_remark_is_a_task(adressen: Adressen) -> None:
    lists = adressen()
    lists.firm.sandbox.advoware(cut_remark=5)
    item = lists.item(strasse="Hauptstr. 5", bemerkung="Hintereingang", **HERE)
    lists.item(strasse="Wall 1", **HERE)
    lists.run()
    assert lists.reports == ["child_remark_cut"] * 2
    lists.run()
    assert (lists.reports, lists.cases) == ([], [(13, "change_in_advoware")])
    assert lists.case("change_in_advoware").params == {"bemerkung": "Hintereingang"}
    assert lists.items[item]["bemerkung"] == "Hintereingang"
    lists.is_silent()


def test_row_3_a_mark_that_advoware_kept_is_not_told(adressen: Adressen) -> None:
    lists = adressen()
    lists.item(strasse="Hauptstr. 5", bemerkung="Hintereingang", **HERE)
    lists.run()
    assert lists.reports == []


def test_row_14_tombstone(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.item(strasse="Wall 1", **THERE)
    lists.run()
    lists.delete_item(item)
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(14, "delete_in_advoware")])
    lists.is_silent()
    assert len(lists.items) == 1
    lists.edit_entry(number, gueltigBis="2020-01-31T00:00:00")
    assert lists.run() == []
    assert lists.cases == []
    lists.is_silent()


def test_row_15_used_again(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.item(strasse="Wall 1", **THERE)
    lists.run()
    lists.delete_item(item)
    lists.run()
    lists.edit_entry(number, strasse="Allee 9")
    assert lists.run() == ["POST CAdressen"]
    assert (lists.cases, "child_used_again" in lists.reports) == ([], True)
    assert sorted(one["strasse"] for one in lists.items.values()) == ["Allee 9", "Wall 1"]
    lists.is_silent()


def test_row_16_gone_ends_the_item_at_the_second_look(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.item(strasse="Wall 1", **THERE)
    lists.run()
    lists.remove_entry(number)
    assert lists.run() == []
    assert lists.status == "dirty"
    assert lists.run() == ["PATCH CAdressen"]
    assert lists.items[item]["istAktiv"] is False
    lists.is_silent()


@pytest.mark.parametrize("remove, writes", [("task", []), ("delete", ["DELETE CAdressen"])])
def test_row_16_without_a_flag(firm: Firm, adressen: Adressen, settings: Any, remove: str, writes: list[str]) -> None:
    settings.ESPOCRM_ADRESSEN_MAP, settings.ADRESSE_REMOVE = {"aktiv": ""}, remove
    firm.sandbox.control.tell("espocrm/role", CAdressen=DELETES)
    lists, item, number = paired(adressen)
    lists.item(strasse="Wall 1", **THERE)
    lists.run()
    lists.remove_entry(number)
    lists.run()
    assert lists.run() == writes
    assert (item in lists.items) == (remove == "task")
    assert lists.cases == ([(16, "gone_in_advoware")] if remove == "task" else [])
    lists.is_silent()


def test_row_17_the_edit_outlives_the_entry(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.item(strasse="Ring 3", **THERE)
    lists.run()
    lists.remove_entry(number)
    lists.edit_item(item, strasse="Wall 1")
    assert lists.run() == []
    assert lists.run() == ["POST Adressen", "PATCH CAdressen"]
    assert sorted(one["strasse"] for one in lists.entries.values()) == ["Ring 3", "Wall 1"]
    lists.is_silent()


def test_row_18_nobody_has_it(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.remove_entry(number)
    lists.delete_item(item)
    for _ in range(3):
        assert lists.run() == []
    assert (lists.links, lists.cases, lists.status) == ([], [], "clean")
    lists.is_silent()


def test_row_19_moved_to_another_beteiligter(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Hauptstr. 5", **HERE)
    lists.item(strasse="Wall 1", **THERE)
    lists.run()
    other = adressen()
    lists.edit_item(item, beteiligteId=other.espo_id)
    assert lists.run() == []
    assert lists.cases == [(14, "delete_in_advoware")]
    assert other.run() == ["POST Adressen", "PATCH CAdressen"]
    assert [one["strasse"] for one in other.entries.values()] == ["Hauptstr. 5"]
    assert len(lists.entries) == 2
    for one in (lists, other):
        one.is_silent()


def test_row_20_refused_by_advoware_is_frozen_until_it_changes(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_item(item, strasse="x" * 120)
    lists.item(strasse="Wall 1", **THERE)
    assert lists.run() == ["POST Adressen", "PUT Adressen", "PATCH CAdressen"]
    assert (lists.status, lists.cases) == ("failed", [(20, "refused")])
    assert lists.firm.record(lists.espo_id).kind == "validation"
    assert lists.run() == []
    lists.edit_item(item, strasse="Ring 3")
    assert lists.run() == ["PUT Adressen"]
    assert (lists.status, lists.cases) == ("clean", [])
    assert lists.entries[number]["strasse"] == "Ring 3"
    lists.is_silent()


def test_row_20_what_espocrm_would_refuse_is_not_sent(adressen: Adressen) -> None:
    lists, item, number = paired(adressen)
    lists.edit_entry(number, plz="1" * 20, ort="o" * 100, land="l" * 50)
    lists.run()
    assert lists.items[item]["ort"] == "o" * 100
    lists.edit_entry(number, strasse="\x07 Glocke")
    assert lists.run() == ["PATCH CAdressen"]  # its sync status alone
    assert (lists.status, lists.cases) == ("failed", [(20, "refused")])
    assert (lists.items[item]["strasse"], lists.items[item]["syncStatus"]) == ("Hauptstraße 5", "failed")
    assert lists.run() == []
    lists.edit_entry(number, strasse="Glocke 1")
    assert lists.run() == ["PATCH CAdressen"]
    assert (lists.status, lists.cases) == ("clean", [])
    lists.is_silent()


def test_row_21_empty_ones_are_ignored(adressen: Adressen) -> None:
    lists = adressen()
    lists.item(strasse=None, land="Deutschland")
    lists.entry(strasse=" ", land="D", bemerkung="leer")
    assert lists.run() == []
    assert (lists.links, lists.cases, lists.status) == ([], [], "clean")
    lists.is_silent()


def test_row_22_an_unanswered_post_is_adopted_when_it_is_seen(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Wall 1", **HERE)
    lists.firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Adressen")
    assert lists.run() == ["POST Adressen"]
    assert lists.status == "failed"
    (number,) = lists.entries
    lists.edit_entry(number, strasse="Allee 9")
    assert lists.run() == ["PATCH CAdressen"]
    assert (lists.status, lists.links) == ("clean", [(item, number, "linked")])
    assert lists.items[item]["strasse"] == "Allee 9"
    lists.is_silent()


def test_row_22_never_sent_again_by_itself(adressen: Adressen) -> None:
    lists = adressen()
    item = lists.item(strasse="Wall 1", **HERE)
    lists.firm.sandbox.fault("advoware", "cut_before", method="POST", path_contains="Adressen")
    assert lists.run() == ["POST Adressen"]
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("failed", [(22, "outcome_unknown")])
    late = lists.entry(strasse="Wall 1", bemerkung=f"[ESPOCRM-ID:{item}]", **HERE)
    assert lists.run() == ["PATCH CAdressen"]  # the number of the entry
    assert (lists.status, lists.links) == ("clean", [(item, late, "linked")])
    lists.is_silent()
