"""The decision table of bank accounts over HTTP: each row by its number, kept in plain and kept as a hash alike."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from syncapp.models import Attempt, ChildCase, ChildLink, FieldChange
from tests.support.child_lists import ChildLists

# Published examples and made-up accounts with right check digits.
A = "DE89370400440532013000"
B = "DE02120300000000202051"
C = "AT611904300234573201"
WRONG = "DE89370400440532013001"
Konten = Callable[..., ChildLists]


def paired(konten: Konten, **more: str) -> tuple[ChildLists, str, int]:
    lists = konten()
    item, number = lists.item(iban=A, **more), lists.entry(iban=A, **more)
    assert lists.run() == []
    assert lists.links == [(item, number, "linked")]
    return lists, item, number


def test_row_1_match(konten: Konten) -> None:
    lists = konten()
    item = lists.item(iban=A, bankname="Commerzbank")
    number = lists.entry(iban="de89 3704 0044 0532 0130 00", bankname="CoBa")
    assert lists.run() == []
    assert (lists.status, lists.links) == ("clean", [(item, number, "linked")])
    assert lists.items[item]["bankname"] == "Commerzbank"
    lists.is_silent()


def test_row_1_entered_again_after_it_was_deleted(konten: Konten) -> None:
    """Its task is closed, and Advoware has the account once."""
    lists, item, number = paired(konten)
    lists.item(iban=B)
    lists.run()
    lists.delete_item(item)
    assert (lists.run(), lists.cases) == ([], [(10, "delete_in_advoware")])
    again = lists.item(iban=A)
    assert (lists.run(), lists.cases) == ([], [])
    assert (again, number, "linked") in lists.links
    assert len(lists.entries) == 2
    lists.is_silent()


def test_row_2_post(konten: Konten) -> None:
    lists = konten()
    lists.item(iban=A, bic="COBADEFF", kontoinhaber="K. Müller")
    assert lists.run() == ["POST Bankverbindungen", "PATCH CBankverbindungen"]
    (sent,) = lists.entries.values()
    assert (sent["iban"], sent["bic"], sent["kontoinhaber"]) == (A, "COBADEFF", "K. Müller")
    lists.is_silent()


def test_row_3_without_a_list_only_what_people_allow(blind: Konten) -> None:
    lists = blind()
    lists.item(iban=A)
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(3, "allow_post")])
    lists.is_silent()


def test_row_3_by_setting(blind: Konten, settings: Any) -> None:
    settings.BANK_BLIND_POST = True
    lists = blind()
    lists.item(iban=A)
    assert lists.run() == ["POST Bankverbindungen", "PATCH CBankverbindungen"]
    lists.is_silent()


def test_row_3_older_than_the_first_day(blind: Konten, settings: Any) -> None:
    from datetime import date

    settings.BANK_BLIND_POST, settings.BANK_SINCE = True, date(2099, 1, 1)
    lists = blind()
    lists.item(iban=A)
    assert lists.run() == []
    assert lists.cases == [(3, "assumed_known")]
    lists.is_silent()


def test_row_4_inactive(konten: Konten) -> None:
    lists = konten()
    lists.item(iban=A, istAktiv=False)
    assert lists.run() == []
    assert (lists.links, lists.cases, lists.status) == ([], [], "clean")
    lists.is_silent()


def test_row_5_bring(konten: Konten) -> None:
    lists = konten()
    number = lists.entry(iban="DE89 3704 0044 0532 0130 00", bankname="Commerzbank", kontoinhaber="K. Müller")
    assert lists.run() == ["POST CBankverbindungen"]
    (made,) = lists.items.values()
    assert (made["iban"], made["name"], made["istStandard"]) == (A, "Commerzbank", False)
    assert (made["advowareKontoId"], made["kontoinhaber"]) == (str(number), "K. Müller")
    lists.is_silent()


@pytest.mark.parametrize("iban", [None, WRONG, "12345678"])
def test_row_5_what_espocrm_would_refuse_stays_there(konten: Konten, iban: str | None) -> None:
    lists = konten()
    lists.entry(iban=iban, bankname="Konto 4711")
    assert lists.run() == []
    assert (lists.status, lists.reports) == ("clean", ["child_wrong_in_advoware"])
    lists.is_silent()


def test_row_6_twice_on_one_side(konten: Konten) -> None:
    lists, _item, _number = paired(konten)
    lists.entry(iban=A)
    assert lists.run() == []
    lists.item(iban=A)
    assert lists.run() == []
    assert lists.cases == [(6, "double"), (6, "double")]
    lists.is_silent()


def test_row_7_no_write_and_the_case_closes_by_itself(konten: Konten) -> None:
    lists, item, number = paired(konten)
    lists.edit_item(item, iban=C)
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(7, "change_in_advoware")])
    assert lists.case("change_in_advoware").params == {"old": "DE…3000", "new": "AT…3201"}
    assert lists.entries[number]["iban"] == A
    lists.is_silent()
    lists.edit_entry(number, iban=C)
    assert lists.run() == []
    assert lists.cases == []
    lists.is_silent()


def test_row_7_post_by_setting(konten: Konten, settings: Any) -> None:
    settings.BANK_CHANGE = "post"
    lists, item, number = paired(konten)
    lists.edit_item(item, iban=C)
    assert lists.run() == ["POST Bankverbindungen", "PATCH CBankverbindungen"]
    assert lists.cases == [(10, "delete_in_advoware")]
    assert [one["iban"] for one in lists.entries.values()] == [A, C]
    lists.is_silent()
    assert lists.entries[number]["iban"] == A


def test_row_8_take(konten: Konten, mailoutbox: list[Any]) -> None:
    lists, item, number = paired(konten, bankname="Alt")
    lists.edit_entry(number, bankname="Neu")
    assert lists.run() == ["PATCH CBankverbindungen"]
    lists.edit_entry(number, iban="AT61 1904 3002 3457 3201")
    assert lists.run() == ["PATCH CBankverbindungen"]
    assert (lists.items[item]["iban"], lists.items[item]["bankname"]) == (C, "Neu")
    assert "child_payment_changed" in lists.reports
    lists.is_silent()


def test_row_9_nothing_is_written_on_either_side(konten: Konten) -> None:
    lists, item, number = paired(konten)
    lists.edit_item(item, iban=B)
    lists.edit_entry(number, iban=C)
    assert lists.run() == []
    assert (lists.items[item]["iban"], lists.entries[number]["iban"]) == (B, C)
    assert (lists.status, lists.cases) == ("clean", [(9, "conflict")])
    lists.is_silent()


@pytest.mark.parametrize("deleted", [True, False])
def test_row_10_tombstone(konten: Konten, deleted: bool) -> None:
    lists, item, number = paired(konten)
    lists.item(iban=B)
    lists.run()
    if deleted:
        lists.delete_item(item)
    else:
        lists.edit_item(item, istAktiv=False)
    assert lists.run() == []
    assert lists.cases == [(10, "delete_in_advoware")]
    assert lists.case("delete_in_advoware").params == {"account": "DE…3000"}
    lists.is_silent()
    lists.remove_entry(number)
    assert [lists.run(), lists.run()] == [[], []]
    assert lists.cases == []
    lists.is_silent()


def test_row_11_gone_at_the_second_look(konten: Konten) -> None:
    lists, item, number = paired(konten)
    lists.item(iban=B)
    lists.run()
    lists.remove_entry(number)
    assert lists.run() == []
    assert lists.run() == ["PATCH CBankverbindungen"]
    assert lists.items[item]["istAktiv"] is False
    lists.is_silent()


def gone_at_the_second_look(konten: Konten, fault: str) -> tuple[ChildLists, str]:
    """An entry has left for good; the write that ends its item meets this."""
    lists, item, number = paired(konten)
    lists.item(iban=B)
    lists.run()
    lists.remove_entry(number)
    assert lists.run() == []
    where: dict[str, Any] = {"method": "PATCH", "path_contains": "CBankverbindungen"}
    if fault.isdigit():
        lists.firm.sandbox.fault("espocrm", "status", status=int(fault), **where)
    else:
        lists.firm.sandbox.fault("espocrm", fault, **where)
    lists.run()
    lists.firm.sandbox.heal()
    return lists, item


@pytest.mark.parametrize("fault", ["503", "cut_before", "cut_after"])
def test_row_11_a_write_that_did_not_come_through_is_no_new_account(konten: Konten, fault: str) -> None:
    lists, item = gone_at_the_second_look(konten, fault)
    assert "POST Bankverbindungen" not in lists.run() + lists.run()
    assert [entry["iban"] for entry in lists.entries.values()] == [B]
    assert (lists.items[item]["istAktiv"], lists.status, lists.cases) == (False, "clean", [])
    lists.is_silent()


@pytest.mark.parametrize("fault", ["400", "409"])
def test_row_11_refused_it_stays_as_it_is_until_people_end_it(konten: Konten, fault: str) -> None:
    lists, item = gone_at_the_second_look(konten, fault)
    for _ in range(2):
        assert lists.run() == []
        assert [code for _row, code in lists.cases] == ["refused"]
    assert [entry["iban"] for entry in lists.entries.values()] == [B]
    lists.edit_item(item, istAktiv=False)
    lists.run()
    assert (lists.run(), lists.status, lists.cases) == ([], "clean", [])
    lists.is_silent()


def test_row_11_a_crash_after_the_write_is_no_new_account(konten: Konten, cut_at: Callable[[int], None]) -> None:
    lists, item, number = paired(konten)
    lists.item(iban=B)
    lists.run()
    lists.remove_entry(number)
    lists.run()
    cut_at(1)
    with pytest.raises(SystemExit):
        lists.run()
    lists.firm.expire_lease(lists.espo_id)
    assert "POST Bankverbindungen" not in lists.run() + lists.run()
    assert (lists.items[item]["istAktiv"], lists.status) == (False, "clean")
    lists.is_silent()


def test_row_12_label_and_default_are_not_carried(konten: Konten) -> None:
    lists, item, number = paired(konten)
    before = lists.entries[number]["rowId"]
    lists.edit_item(item, name="Hauptkonto", istStandard=True)
    assert lists.run() == []
    assert lists.entries[number]["rowId"] == before
    lists.is_silent()


def test_row_13_a_lost_answer_is_adopted(konten: Konten) -> None:
    lists = konten()
    item = lists.item(iban=A)
    lists.firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Bankverbindungen")
    assert lists.run() == ["POST Bankverbindungen"]
    assert lists.status == "failed"
    assert lists.run() == ["PATCH CBankverbindungen"]  # the number of the entry
    (number,) = lists.entries
    assert (lists.status, lists.links) == ("clean", [(item, number, "linked")])
    lists.is_silent()


def test_row_13_never_sent_again_by_itself(konten: Konten) -> None:
    lists = konten()
    lists.item(iban=A)
    lists.firm.sandbox.fault("advoware", "cut_before", method="POST", path_contains="Bankverbindungen")
    assert lists.run() == ["POST Bankverbindungen"]
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("failed", [(13, "outcome_unknown")])
    lists.is_silent()


def test_row_14_without_a_list_people_say(blind: Konten, settings: Any) -> None:
    settings.BANK_BLIND_POST = True
    lists = blind()
    lists.item(iban=A)
    lists.firm.sandbox.fault("advoware", "cut_after", method="POST", path_contains="Bankverbindungen")
    assert lists.run() == ["POST Bankverbindungen"]
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("failed", [(14, "outcome_unknown")])
    lists.is_silent()


# --- secrecy


def test_an_account_is_nowhere_but_where_it_has_to_be(
    konten: Konten, keep: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Through matches, changes, refusals and lost answers: not in logs, cases, reports, history, paths or messages."""
    caplog.set_level(logging.DEBUG)
    lists, item, number = paired(konten, kontoinhaber="Käthe Geheim")
    lists.edit_item(item, iban=C)
    lists.run()
    lists.edit_entry(number, iban=B)
    lists.run()
    lists.edit_entry(number, iban=C)
    lists.run()
    lists.edit_entry(number, iban=WRONG)
    lists.run()
    lists.item(iban="GB82WEST12345698765432", kontoinhaber="Käthe Geheim")
    lists.firm.sandbox.fault("advoware", "status", status=400, body="GB82WEST12345698765432", method="POST")
    lists.run()
    lists.firm.sandbox.fault("advoware", "status", status=500, body="GB82WEST12345698765432", method="POST")
    lists.run()
    record = lists.firm.record(lists.espo_id)
    told = [
        caplog.text,
        str([(row.params, row.code) for row in ChildCase.objects.all()]),
        str((record.reports, record.fault, record.bank_state, record.not_taken)),
        str(list(FieldChange.objects.values_list("before", "after", "field"))),
        str([(row.summary, row.traceback, row.fault) for row in Attempt.objects.all()]),
        str(lists.firm.sandbox.calls()),
        str(lists.firm.espo(lists.espo_id)),
    ]
    if keep == "hash":
        told.append(str(list(ChildLink.objects.values())))
    for text in told:
        for secret in (A, B, C, WRONG, "WEST12345698765432", "Geheim", "geheim", "370400440532"):
            assert secret not in text
