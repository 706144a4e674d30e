"""Bank accounts around their table: crashes at every write, lost databases, missing lists, what is kept of them."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.models import ChildCase, ChildLink, SyncRecord
from tests.entities.beteiligte.parts.test_bank_rows import A, B, C, Konten, paired
from tests.support.child_lists import ChildLists


def ibans(lists: ChildLists) -> tuple[list[str], list[str]]:
    here = sorted(one["iban"] for one in lists.items.values())
    return here, sorted(one["iban"] for one in lists.entries.values())


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_crash_after_each_write_comes_to_the_same_end(
    konten: Konten,
    cut_at: Callable[[int], None],
    n: int,
) -> None:
    lists, _item, number = paired(konten)
    lists.edit_entry(number, bankname="Neu")
    lists.item(iban=B)
    lists.entry(iban=C)
    cut_at(n)  # POST, create, change, the number that goes back
    with pytest.raises(SystemExit):
        lists.run()
    lists.firm.expire_lease(lists.espo_id)
    for _ in range(2):
        lists.run()
    assert ibans(lists) == (sorted([A, B, C]), sorted([A, B, C]))
    assert {one["bankname"] for one in lists.items.values() if one["iban"] == A} == {"Neu"}
    assert (lists.status, lists.cases) == ("clean", [])
    lists.is_silent()


def test_a_lost_database_is_rebuilt_by_iban(konten: Konten) -> None:
    lists, _item, _number = paired(konten)
    lists.item(iban=B)
    lists.run()
    known = lists.links
    ChildLink.objects.all().delete()
    SyncRecord.objects.update(bank_state={})
    assert lists.run() == []
    assert lists.links == known
    lists.is_silent()


@pytest.mark.parametrize("switch, keeps", [("none", "failed"), ("embedded", "dirty")])
def test_a_list_that_is_missing_or_suddenly_empty_removes_nothing(
    konten: Konten,
    switch: str,
    keeps: str,
) -> None:
    lists, item, number = paired(konten)
    if switch == "embedded":
        lists.remove_entry(number)
    lists.firm.sandbox.advoware(bank_list=switch)
    assert lists.run() == []
    assert lists.status == keeps
    assert lists.items[item]["istAktiv"] is True


def test_what_was_kept_in_plain_becomes_fingerprints(konten: Konten, settings: Any, keep: str) -> None:
    settings.BANK_KEEP = "plain"
    lists, _item, _number = paired(konten, kontoinhaber="Erika Muster")
    settings.BANK_KEEP = "hash"
    assert lists.run() == []
    stored = str(list(ChildLink.objects.values("base_espo", "base_advo", "sent", "pending")))
    assert A not in stored
    assert "muster" not in stored.lower()
    lists.is_silent()


def test_with_another_secret_key_nobody_is_asked_about_accounts_that_are_equal(
    konten: Konten, settings: Any, keep: str
) -> None:
    """Fingerprints are made with it; docs/SECURITY.md says what changing it costs."""
    settings.BANK_KEEP = "hash"
    lists, _item, _number = paired(konten, kontoinhaber="Erika Muster")
    lists.item(iban=B)
    lists.run()
    settings.SECRET_KEY = "another-key-after-a-suspicion"
    assert lists.run() == []
    assert lists.cases == []
    lists.is_silent()


def test_people_say_that_it_may_be_sent(blind: Konten) -> None:
    lists = blind()
    item = lists.item(iban=A)
    lists.run()
    ChildCase.objects.update(answer=CaseAnswer.allow.value)
    assert lists.run()[:1] == ["POST Bankverbindungen"]
    assert (lists.status, lists.cases) == ("clean", [])
    lists.is_silent()
    lists.edit_item(item, iban=C)
    lists.run()
    assert lists.cases == [(7, "change_in_advoware")]
    ChildCase.objects.filter(closed_at=None).update(answer=CaseAnswer.done.value)
    lists.run()
    assert lists.cases == []
    lists.is_silent()


def test_a_wrong_iban_that_espocrm_s_hook_refuses_stops_no_other(konten: Konten) -> None:
    lists = konten()
    lists.firm.sandbox.espocrm(bank_hook=True)
    lists.entry(iban=A, bic="KAPUTT")
    lists.entry(iban=B)
    lists.run()
    assert [one["iban"] for one in lists.items.values()] == [B]
    assert lists.run() == []
