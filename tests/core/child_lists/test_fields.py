"""Field maps of addresses and accounts: which names count, what is read, and how it is written."""

from typing import Any

import pytest

from syncapp.core.adressen import fields as adressen
from syncapp.core.adressen.shapes import Address, AddressEntry, AddressItem
from syncapp.core.bankverbindungen import fields as bank
from syncapp.core.bankverbindungen.shapes import Account, Keeper
from syncapp.core.child_lists.fields import ChildField, ChildMapError, resolved

STANDARD_TYPE = ("addressStreet", "addressCity", "addressPostalCode", "addressCountry", "addressState", "name")


def test_german_names_come_first() -> None:
    names = resolved(adressen.ENTITY_FIELDS, known=("strasse", "plz", "ort", "istAktiv", "addressStreet"))
    assert names.attributes == {"strasse": "strasse", "plz": "plz", "ort": "ort", "aktiv": "istAktiv"}
    assert names.missing == ()
    assert names.carried == {"strasse", "plz", "ort", "aktiv"}


def test_else_espocrm_s_own_address() -> None:
    names = resolved(adressen.ENTITY_FIELDS, known=STANDARD_TYPE)
    assert names.attributes == {
        "strasse": "addressStreet",
        "plz": "addressPostalCode",
        "ort": "addressCity",
        "land": "addressCountry",
    }


def test_an_entity_without_a_street_is_not_synced() -> None:
    assert resolved(adressen.ENTITY_FIELDS, known=("plz", "ort")).missing == ("strasse",)


def test_an_installation_s_own_names() -> None:
    names = resolved(adressen.ENTITY_FIELDS, espo={"strasse": "cStrasse", "land": ""}, advo={"ort": "stadt"})
    assert names.attributes["strasse"] == "cStrasse"
    assert "land" not in names.attributes
    assert names.keys["ort"] == "stadt"
    assert names.keys["land"] == "land"


@pytest.mark.parametrize(
    "row, hidden",
    [
        ({"strasse": "Wall 1", "plz": None, "ort": "", "land": None}, ""),
        ({"strasse": "Wall 1", "ort": "Hannover", "land": None}, "plz"),
        ({"strasse": "Wall 1", "plz": "30159", "ort": "Hannover"}, "land"),
    ],
)
def test_a_field_that_a_row_does_not_show_is_not_empty(row: dict[str, object], hidden: str) -> None:
    known = ("strasse", "plz", "ort", "land", "advowareAdresseId")
    names = resolved(adressen.ENTITY_FIELDS, known=known)
    assert names.hidden_in([row], known=known) == hidden


def test_where_nobody_knows_the_fields_only_what_is_needed_has_to_be_shown() -> None:
    names = resolved(adressen.ENTITY_FIELDS)
    assert names.hidden_in([{"strasse": "Wall 1", "plz": None, "ort": ""}], known=()) == ""
    assert names.hidden_in([{"strasse": "Wall 1", "plz": None}], known=()) == "ort"


SPELLINGS: dict[str, tuple[tuple[object, ...], ...]] = {
    "text": (("Wall 1", " Wall 1 ", "Wall 1\n"), ("", None, " ", True, [])),
    "flag": ((True, "true", 1, "1"), (False, 0, "False"), (None, "", "x")),
    "day": (("2026-01-02", "2026-01-02T00:00:00", "2026-01-02 00:00:00"), ("", None, "0001-01-01T00:00:00", "x", 5)),
    "number": ((17, "17"), (None, "", "x")),
}


@pytest.mark.parametrize("fields", [adressen.ENTITY_FIELDS, bank.ACCOUNT_FIELDS], ids=["addresses", "accounts"])
def test_both_sides_are_read_alike_in_whatever_spelling(fields: tuple[ChildField, ...]) -> None:
    """Else a second pass would write what the first one has just written."""
    names = resolved(fields)
    for row in fields:
        for spellings in SPELLINGS[row.kind]:
            for spelled in spellings:
                if attribute := names.attributes.get(row.name):
                    assert names.read_espo({attribute: spelled})[row.name] == spellings[0], (row.name, spelled)
                if key := names.keys.get(row.name):
                    assert names.read_advo({key: spelled})[row.name] == spellings[0], (row.name, spelled)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ChildMapError, match="street is no field of this list; there are: aktiv, "):
        resolved(adressen.ENTITY_FIELDS, espo={"street": "x"})


def test_an_item_as_read() -> None:
    names = resolved(adressen.ENTITY_FIELDS)
    attributes = {
        "strasse": " Wall 1 ",
        "plz": None,
        "istAktiv": False,
        "istStandard": "x",
        "gueltigVon": "2026-01-02 10:00:00",
        "advowareAdresseId": "17",
        "unknown": 1,
    }
    expected = Address("Wall 1", aktiv=False, gueltig_von="2026-01-02")
    assert adressen.item_of("i1", attributes, names, version="3") == AddressItem("i1", expected, 17, "3")


def test_an_entry_as_read() -> None:
    names = resolved(adressen.ENTITY_FIELDS)
    raw = {"strasse": "Wall 1", "postfachPLZ": "1", "gueltigBis": "2026-01-02T00:00:00", "anschrift": "Block"}
    expected = Address("Wall 1", postfach_plz="1", gueltig_bis="2026-01-02", anschrift="Block", standard=False)
    assert adressen.entry_of(4, raw, names, row_id="r") == AddressEntry(4, expected, "r")
    assert adressen.entry_of(4, {"standardAnschrift": True}, names).address.standard is True


@pytest.mark.parametrize(
    "ends, day",
    [
        ("2026-12-31T00:00:00", "2026-12-31"),
        ("2026-12-30T23:00:00Z", "2026-12-31"),
        ("0001-01-01T00:00:00", ""),
        ("31.12.2026", ""),
        ("", ""),
        (None, ""),
        (20261231, ""),
    ],
)
def test_the_day_on_which_an_address_ends(ends: Any, day: str) -> None:
    """What is no day must not pass for one long gone: every address would count as ended."""
    names = resolved(adressen.ENTITY_FIELDS)
    assert adressen.entry_of(4, {"strasse": "Wall 1", "gueltigBis": ends}, names).address.gueltig_bis == day


@pytest.mark.parametrize(
    "said, flag", [(True, True), (1, True), ("true", True), (False, False), (0, False), ("0", False), ([], None)]
)
def test_a_flag_in_any_spelling(said: Any, flag: bool | None) -> None:
    names = resolved(adressen.ENTITY_FIELDS)
    assert adressen.item_of("i1", {"istStandard": said}, names).address.standard is flag


@pytest.mark.parametrize("said, text", [(30159, "30159"), ("30159 ", "30159"), (None, ""), (True, ""), ({}, "")])
def test_a_number_in_place_of_text(said: Any, text: str) -> None:
    names = resolved(adressen.ENTITY_FIELDS)
    assert adressen.entry_of(4, {"plz": said}, names).address.plz == text


def test_written_to_each_side() -> None:
    names = resolved(adressen.ENTITY_FIELDS)
    values = {"strasse": "", "aktiv": False, "gueltig_bis": "2026-01-02", "gueltig_von": "", "entry_number": 4, "x": 1}
    assert names.write_espo(values) == {
        "strasse": None,
        "istAktiv": False,
        "gueltigBis": "2026-01-02",
        "gueltigVon": None,
        "advowareAdresseId": 4,
    }
    assert names.write_advo(values) == {"strasse": "", "gueltigBis": "2026-01-02T00:00:00", "gueltigVon": ""}


def test_address_fields_of_the_record() -> None:
    names = resolved(adressen.RECORD_FIELDS, prefix="billingAddress")
    attributes = {"billingAddressStreet": "a\nb", "billingAddressCity": "Ulm", "billingAddressPostalCode": "1"}
    assert adressen.item_of("billingAddress", attributes, names).address == Address("a\nb", "1", "Ulm")
    assert names.write_espo({"land": "DE", "postfach": "1"}) == {"billingAddressCountry": "DE"}
    assert names.missing == ()


@pytest.mark.parametrize("value, number", [(7, 7), ("7", 7), ("x", None), (True, None), (None, None), (7.5, None)])
def test_the_number_may_be_text(value: Any, number: int | None) -> None:
    names = resolved(bank.ACCOUNT_FIELDS)
    item = bank.item_of("i1", {"iban": "DE1", "advowareKontoId": value}, names, is_old=False)
    assert item.entry_number == number


def test_an_account_as_read() -> None:
    names = resolved(bank.ACCOUNT_FIELDS, advo={"bankname": "institut", "kontoinhaber": ""})
    item = bank.item_of("i1", {"iban": "DE1", "bic": "B", "istAktiv": False}, names, is_old=True, version="2")
    assert (item.account, item.aktiv, item.is_old, item.version) == (Account("DE1", "B"), False, True, "2")
    assert bank.item_of("i1", {}, names, is_old=False).aktiv is True
    entry = bank.entry_of(3, {"iban": "DE1", "institut": "Bank", "kontoinhaber": "X"}, names, keeper=Keeper(b"k"))
    assert (entry.id, entry.account) == (3, Account("DE1", bankname="Bank"))
    assert bank.carried(names) == {"iban", "bic", "bankname"}
    assert bank.entry_of(None, {"iban": "DE1"}, names, keeper=Keeper(b"k")).id < 0


@pytest.mark.parametrize(
    "entries, why",
    [
        ([], None),
        ([(1, {"iban": "DE1"}), (2, {"konto": "4711"})], None),
        ([(None, {"iban": "DE1"}), (None, {"iban": "DE1"})], None),
        ([(7, {"iban": None})], None),
        ([(0, {"iban": "DE1"}), (0, {"iban": "DE2"})], "same_number"),
        ([(1, {"IBAN": "DE1"}), (2, {"IBAN": "DE2"})], "no_iban"),
    ],
)
def test_accounts_that_nobody_can_tell_apart_are_not_readable(
    entries: list[tuple[int | None, dict[str, object]]], why: str | None
) -> None:
    assert bank.unreadable(entries, resolved(bank.ACCOUNT_FIELDS)) == why


def test_accounts_with_the_iban_left_out_of_the_map_are_not_readable() -> None:
    names = resolved(bank.ACCOUNT_FIELDS, advo={"iban": ""})
    assert bank.unreadable([(1, {"iban": "DE1"})], names) is bank.Unreadable.no_iban
    assert bank.unreadable([], names) is None


def test_of_the_accounts_in_what_was_read_no_more_is_shown_than_may_be() -> None:
    account = {"id": 1, "IBAN": "DE89370400440532013001", "inhaber": "Erika", "Bankname": "Bank", "bic": "", "x": "y"}
    read = {
        "name": "Muster",
        "konten": [account, {"konto": "DE89 3704 0044 0532 0130 00"}],
        "text": ["AT611904300234573201", 7, None],
        "bankname": "of no account",
    }
    shown = {"id": 1, "IBAN": "DE…3001", "inhaber": "…", "Bankname": "…", "bic": "", "x": "y"}
    assert bank.masked_accounts(read, {"kontoinhaber": "inhaber"}) == {
        "name": "Muster",
        "konten": [shown, {"konto": "DE…3000"}],
        "text": ["AT…3201", 7, None],
        "bankname": "of no account",
    }
    assert bank.masked_accounts({"konto": "4711"}, {"iban": "konto"}) == {"konto": "…"}


def test_which_keys_look_like_a_list_of_accounts() -> None:
    raw = {
        "konten": [{"IBAN": "x"}],
        "adressen": [{"strasse": "x"}],
        "bank": [{"kontoIban": None}, 1],
        "iban": "DE1",
        "leer": [],
        "zahlen": [1],
    }
    assert bank.looks_like_accounts(raw) == ("bank", "konten")
