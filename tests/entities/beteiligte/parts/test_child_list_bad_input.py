"""Addresses, accounts and lists as nobody should send them, and sends them: what becomes of each by its name.

Handled as the tables say or reported on the record, and the rest goes on: beside every odd one stands a good one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from syncapp.entities.beteiligte.parts.child_lists.marks import is_its_own
from syncapp.entities.beteiligte.parts.child_lists.reading import by_number
from syncapp.models import ChildKind
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.advoware.children import Child
from syncapp.remotes.advoware.client import AdvowareClient
from tests.entities.beteiligte.parts.test_bank_rows import WRONG, A, B, Konten
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm

HERE = {"plz": "30159", "ort": "Hannover"}
THERE = {"plz": "20095", "ort": "Hamburg"}
GOOD = {"strasse": "Ring 3", **THERE}
LONG = {"strasse": "x" * 200, "ort": "o" * 100}  # 300 characters, more than Advoware takes
BLANK = {"strasse": "   ", "plz": " ", "ort": " "}
Adressen = Callable[..., ChildLists]
Values = Mapping[str, object]


@pytest.fixture
def keep(settings: Any) -> str:
    """What is kept of an account makes no difference here; its own tests go through both ways."""
    settings.BANK_KEEP = "hash"
    return "hash"


def test_entries_that_share_a_number_are_no_list_to_write_to() -> None:
    """One of them would pass for gone; as where every place in the order is 0."""
    assert by_number((Child(0, None, {}), Child(0, None, {}))) is None
    assert list(by_number((Child(0, None, {}), Child(1, None, {}))) or ()) == [0, 1]


def test_a_number_of_ours_for_an_account_without_one_is_not_advoware_s() -> None:
    assert [is_its_own(number) for number in (None, -7, 0, 7)] == [False, False, True, True]


def held(side: Mapping[Any, Values], *names: str) -> list[dict[str, object]]:
    """What a side's elements hold of these fields, the good one's left out."""
    rows = [{name: one[name] for name in names if one.get(name)} for one in side.values()]
    return [row for row in rows if row != {name: value for name, value in GOOD.items() if name in names} and row]


def is_silent(lists: ChildLists) -> None:
    lists.run()  # a refusal is told to people now
    lists.is_silent()


# --- addresses


@pytest.mark.parametrize(
    "item, entry",
    [
        pytest.param({"strasse": "Wall 1\nHinterhaus", **HERE}, {"strasse": "Wall 1, Hinterhaus"}, id="line breaks"),
        pytest.param({"strasse": "Wall 1", "land": None, **HERE}, {}, id="without country"),
        pytest.param({"strasse": "Wall 1", "plz": "D-30159", "ort": "Hannover"}, {}, id="D-30159"),
        pytest.param({"strasse": "Postfach 12 34", "plz": "30001", "ort": "Hannover"}, {}, id="Postfach"),
        pytest.param(
            {"strasse": "12345678\nPackstation 123", **HERE}, {"strasse": "12345678, Packstation 123"}, id="Packstation"
        ),
        pytest.param(
            {"strasse": "1 Main St", "plz": "SW1A 1AA", "ort": "London", "land": "United Kingdom"},
            {"land": "Großbritannien"},
            id="foreign",
        ),
        pytest.param({"strasse": "Wall 1", "land": "Nirgendwo", **HERE}, {}, id="unknown country"),
    ],
)
def test_an_odd_address_of_espocrm_is_carried(adressen: Adressen, item: Values, entry: Values) -> None:
    lists = adressen()
    lists.item(**item)
    lists.item(**GOOD)
    assert lists.run() == ["POST Adressen"] * 2 + ["PATCH CAdressen"] * 2
    wanted = {name: value for name, value in {**item, **entry}.items() if value}
    assert held(lists.entries, "strasse", "plz", "ort", "land") == [wanted]
    assert held(lists.items, "strasse", "plz", "ort", "land") == [{k: v for k, v in item.items() if v}]
    assert (lists.status, lists.cases, lists.reports) == ("clean", [], [])
    lists.is_silent()


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"strasse": "x" * 100, "ort": "o" * 100, "land": "l" * 50, "postfach": "p" * 50}, id="300 signs"),
        pytest.param({"strasse": "Wall 1\r\nHinterhaus", **HERE}, id="line breaks"),
        pytest.param({"strasse": "Wall 1", "plz": "D-30159", "ort": "Hannover"}, id="D-30159"),
        pytest.param({"postfach": "12 34", "postfachPLZ": "30001", "ort": "Hannover"}, id="Postfach"),
        pytest.param({"strasse": "Packstation 123", **HERE}, id="Packstation"),
        pytest.param({"strasse": "Wall 1", "plz": "A-1010", "ort": "Wien", "land": "A"}, id="foreign"),
        pytest.param({"strasse": "a < b", **HERE}, id="signs of markup"),
    ],
)
def test_an_odd_address_of_advoware_is_carried(adressen: Adressen, entry: Values) -> None:
    lists = adressen()
    lists.entry(**entry)
    lists.entry(**GOOD)
    assert lists.run() == ["POST CAdressen"] * 2
    assert held(lists.items, "strasse", "plz", "ort", "land", "postfach", "postfachPLZ") == [entry]
    assert (lists.status, lists.cases, lists.reports) == ("clean", [], [])
    lists.is_silent()


def test_300_characters_are_refused_by_advoware_and_said_so(adressen: Adressen) -> None:
    lists = adressen()
    lists.item(**LONG)
    lists.item(**GOOD)
    assert lists.run() == ["POST Adressen", "POST Adressen", "PATCH CAdressen"]
    assert (lists.status, lists.cases) == ("failed", [(20, "refused")])
    assert held(lists.entries, "strasse") == []
    is_silent(lists)


@pytest.mark.parametrize("street", ["x" * 300, "Wall\x031"], ids=["300 characters", "control character"])
def test_what_espocrm_would_refuse_is_not_sent_and_said_so(
    adressen: Adressen, monkeypatch: pytest.MonkeyPatch, street: str
) -> None:
    lists = adressen()
    show(monkeypatch, "adressen", [{"id": 1, "strasse": street, **HERE}, {"id": 2, **GOOD}])
    assert lists.run() == ["POST CAdressen"]
    assert (lists.status, lists.cases) == ("failed", [(20, "refused")])
    assert held(lists.items, "strasse") == []
    is_silent(lists)


@pytest.mark.parametrize(
    "side, writes", [("item", ["POST Adressen", "PATCH CAdressen"]), ("entry", ["POST CAdressen"])]
)
def test_an_address_of_blanks_alone_is_none(adressen: Adressen, side: str, writes: list[str]) -> None:
    lists = adressen()
    getattr(lists, side)(**BLANK)
    getattr(lists, side)(**GOOD)
    assert lists.run() == writes
    assert (lists.status, lists.cases, len(lists.links)) == ("clean", [], 1)
    lists.is_silent()


@pytest.mark.parametrize(
    "side, writes, row",
    [
        ("item", ["POST Adressen"] * 2 + ["PATCH CAdressen"] * 2, 6),
        ("entry", ["POST CAdressen"] * 2, 5),
    ],
)
def test_the_same_address_twice_on_one_side_is_one_pair_and_a_double(
    adressen: Adressen, side: str, writes: list[str], row: int
) -> None:
    lists = adressen()
    for street in ("Wall 1", "Wall 1"):
        getattr(lists, side)(strasse=street, **HERE)
    getattr(lists, side)(**GOOD)
    assert lists.run() == writes
    lists.run()
    assert (lists.status, lists.cases) == ("clean", [(row, "double")])
    assert sorted((len(lists.items), len(lists.entries))) == [2, 3]
    lists.is_silent()


def test_the_same_address_twice_on_each_side_is_two_pairs(adressen: Adressen) -> None:
    lists = adressen()
    for _ in range(2):
        lists.item(strasse="Wall 1", **HERE)
    for _ in range(3):
        lists.entry(strasse="Wall 1", **HERE)
    assert lists.run() == []
    assert lists.cases == [(5, "double")]
    lists.is_silent()


# --- accounts


def test_blanks_and_small_letters_are_the_same_iban(konten: Konten) -> None:
    """Each side keeps its spelling; what is sent is the compact form."""
    lists = konten()
    lists.firm.sandbox.espocrm(bank_hook=False)
    lists.item(iban="de89 3704 0044 0532 0130 00")
    lists.entry(iban="de02 1203 0000 0000 2020 51")
    assert lists.run() == ["POST Bankverbindungen", "POST CBankverbindungen", "PATCH CBankverbindungen"]
    assert {one["iban"] for one in lists.items.values()} == {"de89 3704 0044 0532 0130 00", B}
    assert {one["iban"] for one in lists.entries.values()} == {A, "de02 1203 0000 0000 2020 51"}
    assert (lists.status, lists.cases) == ("clean", [])
    lists.is_silent()


@pytest.mark.parametrize("account", [{"iban": WRONG}, {"iban": A, "bic": "KAPUTT"}], ids=["check digit", "BIC"])
def test_a_wrong_account_of_espocrm_is_refused_and_said_so(konten: Konten, account: dict[str, str]) -> None:
    lists = konten()
    lists.firm.sandbox.espocrm(bank_hook=False)
    lists.item(**account)
    lists.item(iban=B)
    assert lists.run() == ["POST Bankverbindungen", "PATCH CBankverbindungen"]
    assert (lists.status, lists.cases) == ("failed", [(2, "refused")])
    assert [one["iban"] for one in lists.entries.values()] == [B]
    is_silent(lists)


@pytest.mark.parametrize(
    "account",
    [{"iban": WRONG}, {"iban": A, "bic": "KAPUTT"}, {"iban": None, "bankname": "Konto 4711"}],
    ids=["check digit", "BIC", "without IBAN"],
)
def test_a_wrong_account_of_advoware_stays_there_and_is_named(konten: Konten, account: dict[str, str | None]) -> None:
    lists = konten()
    lists.entry(**account)
    lists.entry(iban=B)
    assert lists.run() == ["POST CBankverbindungen"]
    assert (lists.status, lists.cases, lists.reports) == ("clean", [], ["child_wrong_in_advoware"])
    assert [one["iban"] for one in lists.items.values()] == [B]
    lists.is_silent()


def test_an_account_of_espocrm_without_an_iban_is_named_and_not_sent(konten: Konten) -> None:
    lists = konten()
    lists.item(iban=None, bankname="Konto 4711")
    lists.item(iban=B)
    assert lists.run() == ["POST Bankverbindungen", "PATCH CBankverbindungen"]
    assert (lists.status, lists.cases, lists.reports) == ("clean", [], ["child_only_in_espocrm"])
    assert [one["iban"] for one in lists.entries.values()] == [B]
    lists.is_silent()


@pytest.mark.parametrize("side", ["item", "entry"])
def test_the_same_iban_twice_on_one_side_is_one_pair_and_a_double(konten: Konten, side: str) -> None:
    lists = konten()
    for _ in range(2):
        getattr(lists, side)(iban=A)
    lists.run()
    assert lists.run() == []
    assert (lists.status, lists.cases) == ("clean", [(6, "double")])
    assert sorted((len(lists.items), len(lists.entries))) == [1, 2]
    lists.is_silent()


# --- lists


def show(monkeypatch: pytest.MonkeyPatch, key: str, listed: object) -> None:
    """What a GET shows as a list of the Beteiligter."""
    get = AdvowareClient.get

    def odd(client: AdvowareClient, number: int) -> AdvowareBeteiligter:
        found = get(client, number)
        return replace(found, raw={**found.raw, key: listed})

    monkeypatch.setattr(AdvowareClient, "get", odd)


def test_accounts_with_neither_number_nor_iban_keep_nothing_from_being_carried(
    konten: Konten, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists = konten()
    show(monkeypatch, "bankverbindungen", [{"konto": "4711"}, {"konto": "4712"}, {"iban": B}])
    assert lists.run() == ["POST CBankverbindungen"]
    assert (lists.status, lists.reports) == ("clean", ["child_wrong_in_advoware"] * 2)
    lists.is_silent()


@pytest.fixture
def both(firm: Firm, settings: Any, konten: Konten) -> tuple[ChildLists, ChildLists]:
    """Addresses and accounts of one record, with something new to carry in each, and in the master data."""
    settings.ESPOCRM_ADRESSEN = "entity"
    accounts = konten()
    addresses = ChildLists(firm, accounts.espo_id, accounts.betnr)
    addresses.item(**GOOD)
    accounts.item(iban=B)
    firm.sandbox.clerk.change(accounts.betnr, zusatz="c/o Meier")
    return addresses, accounts


NO_LISTS = [
    pytest.param(["Wall 1"], id="list of texts"),
    pytest.param("Wall 1", id="text"),
    pytest.param(7, id="number"),
    pytest.param({"id": 1}, id="object"),
]
OTHER = {"adressen": "POST Bankverbindungen", "bankverbindungen": "POST Adressen"}
KINDS = {"adressen": ChildKind.ADRESSEN, "bankverbindungen": ChildKind.BANK}


@pytest.mark.parametrize("key", ["adressen", "bankverbindungen"])
@pytest.mark.parametrize("listed", NO_LISTS)
def test_what_is_no_list_stops_its_own_kind_alone(
    both: tuple[ChildLists, ChildLists], monkeypatch: pytest.MonkeyPatch, key: str, listed: object
) -> None:
    one, _ = both
    show(monkeypatch, key, listed)
    assert [write for write in one.run() if write.startswith("POST")] == [OTHER[key]]
    assert one.firm.espo(one.espo_id)["zusatz"] == "c/o Meier"
    assert one.firm.record(one.espo_id).fault == {"code": "child_missing_list", "params": {"kind": KINDS[key].value}}


@pytest.mark.parametrize("key", ["adressen", "bankverbindungen"])
def test_a_list_that_is_null_is_empty(
    both: tuple[ChildLists, ChildLists], monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    one, _ = both
    show(monkeypatch, key, None)
    assert [write for write in one.run() if write.startswith("POST")] == ["POST Adressen", "POST Bankverbindungen"]
    assert (one.status, one.reports) == ("clean", [])


def test_an_address_without_an_id_stops_addresses_alone(
    both: tuple[ChildLists, ChildLists], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody could write to it: nothing of the list is written, and the record says why."""
    one, _ = both
    show(monkeypatch, "adressen", [{"strasse": "Wall 1", **HERE}])
    assert [write for write in one.run() if write.startswith("POST")] == ["POST Bankverbindungen"]
    assert one.firm.espo(one.espo_id)["zusatz"] == "c/o Meier"
    assert (one.status, one.reports) == ("clean", ["child_no_numbers"])


def test_an_account_without_an_id_is_known_by_its_iban(
    both: tuple[ChildLists, ChildLists], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, accounts = both
    show(monkeypatch, "bankverbindungen", [{"iban": B}, {"iban": A}])
    writes = ["POST Adressen", "PATCH CAdressen", "POST CBankverbindungen"]
    assert sorted(one.run()) == sorted(writes)
    assert sorted(item["iban"] for item in accounts.items.values()) == [B, A]
    assert all(item["advowareKontoId"] is None for item in accounts.items.values())
    assert one.status == "clean"


@pytest.mark.parametrize(
    "listed, why",
    [
        ([{"id": 0, "iban": A}, {"id": 0, "iban": B}], "child_same_number"),
        ([{"id": 1, "IBAN": A}, {"id": 2, "IBAN": B}], "child_no_iban"),
    ],
    ids=["one number", "no iban"],
)
def test_accounts_that_cannot_be_told_apart_stop_accounts_alone(
    both: tuple[ChildLists, ChildLists], monkeypatch: pytest.MonkeyPatch, listed: object, why: str
) -> None:
    """Read all the same, one would be sent a second time, or written over another."""
    one, accounts = both
    accounts.item(iban=A)
    show(monkeypatch, "bankverbindungen", listed)
    assert [write for write in one.run() if write.startswith("POST")] == ["POST Adressen"]
    assert one.firm.espo(one.espo_id)["zusatz"] == "c/o Meier"
    assert (one.status, one.reports) == ("clean", [why])
    assert accounts.run() == []
    assert (accounts.links, accounts.cases) == ([], [])


def test_a_pair_keeps_its_account_where_all_entries_show_one_number(konten: Konten) -> None:
    lists = konten()
    for iban in (A, B):
        lists.item(iban=iban)
    lists.run()
    held = lists.items, lists.links
    lists.firm.sandbox.advoware(bank_numbers="zero")
    for _ in range(3):
        assert lists.run() == []
    assert (lists.items, lists.links) == held
    lists.firm.sandbox.advoware(bank_numbers="own")
    lists.is_silent()


# --- what it costs


def test_a_list_costs_one_request_to_espocrm_and_none_to_advoware(both: tuple[ChildLists, ChildLists]) -> None:
    one, accounts = both
    one.run()
    # Each new one: the POST, and the PATCH that tells its number; the record's own PATCH carries its master data.
    assert one.firm.counts() == {"espocrm": {"GET": 3, "PATCH": 3}, "advoware": {"GET": 1, "POST": 2}}
    assert one.run() == []
    assert one.firm.counts() == {"espocrm": {"GET": 3}, "advoware": {"GET": 1}}
    (number,) = accounts.entries
    accounts.edit_entry(number, bankname="Neu")
    assert one.run() == ["PATCH CBankverbindungen"]
    # Of the record's own two: its sync status, and what was seen.
    assert one.firm.counts()["advoware"] == {"GET": 1}
    assert one.firm.counts()["espocrm"]["GET"] == 3


# --- a list that shrinks


@pytest.mark.parametrize("kind", ["adressen", "konten"])
def test_a_list_that_shrinks_by_half_at_once_is_believed_at_the_second_look(
    request: pytest.FixtureRequest, kind: str
) -> None:
    lists: ChildLists = request.getfixturevalue(kind)()
    news: list[dict[str, object]] = [{"iban": A}, {"iban": B}, {"iban": "AT611904300234573201"}]
    if kind == "adressen":
        news = [{"strasse": street, **HERE} for street in ("Wall 1", "Allee 9", "Gasse 4")]
    for new in news:
        lists.entry(**new)
    lists.run()
    lists.remove_entry(*list(lists.entries)[:2])
    assert lists.run() == []
    assert [one["istAktiv"] for one in lists.items.values()] == [True] * 3
    assert lists.status == "dirty"
    for _ in range(2):
        lists.run()
    assert sorted(one["istAktiv"] for one in lists.items.values()) == [False, False, True]
    lists.is_silent()
