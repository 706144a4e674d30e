"""The field table of bank accounts. Advoware's names are not known: each is a setting (`ADVOWARE_BANK_MAP`).

Invariant: label (`name`) and default (`standard`) belong to EspoCRM alone (row 12); `entry_number` is ours.
To extend: a field is a row here, and one of `Account` where it is compared.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from syncapp.core.bankverbindungen.shapes import FIELDS, Account, BankEntry, BankItem, Keeper
from syncapp.core.child_lists.fields import ChildField, ChildMap
from syncapp.core.spelling.iban import compact, is_valid, masked, masked_in

ACCOUNT_FIELDS: tuple[ChildField, ...] = (
    ChildField("iban", "iban", ("iban",), needed=True),
    ChildField("bic", "bic", ("bic",)),
    ChildField("kontoinhaber", "kontoinhaber", ("kontoinhaber",)),
    ChildField("bankname", "bankname", ("bankname",)),
    ChildField("name", "", ("name",)),
    ChildField("standard", "", ("istStandard",), "flag"),
    ChildField("aktiv", "", ("istAktiv",), "flag"),
    ChildField("entry_number", "", ("advowareKontoId",), "number"),
)


class Unreadable(StrEnum):
    """Why Advoware's entries say nothing of its accounts."""

    same_number = "same_number"
    no_iban = "no_iban"


def unreadable(entries: Iterable[tuple[int | None, Mapping[str, object]]], names: ChildMap) -> Unreadable | None:
    """Of entries as read, each with its own number: two with one number, of which one would pass for gone; or none
    that has what the map calls an IBAN, so that every account would seem to be missing there."""
    found = tuple(entries)
    numbers = [number for number, _raw in found if number is not None]
    if len(set(numbers)) < len(numbers):
        return Unreadable.same_number
    if found and not any(iban_key(names) in raw for _number, raw in found):
        return Unreadable.no_iban
    return None


def iban_key(names: ChildMap) -> str:
    return names.keys.get("iban", "")


def carried(names: ChildMap) -> frozenset[str]:
    """What both sides have a place for, and so can be compared."""
    return frozenset(name for name in FIELDS if name in names.attributes and name in names.keys)


def item_of(
    espo_id: str,
    attributes: Mapping[str, object],
    names: ChildMap,
    *,
    is_old: bool,
    version: str | None = None,
    is_ours: bool = False,
) -> BankItem:
    values = names.read_espo(attributes)
    number = values.get("entry_number")
    return BankItem(
        espo_id,
        _account(values),
        aktiv=values.get("aktiv") is not False,
        is_old=is_old,
        entry_number=number if isinstance(number, int) else None,
        version=version,
        is_ours=is_ours,
    )


def entry_of(
    number: int | None, raw: Mapping[str, object], names: ChildMap, *, keeper: Keeper, row_id: str | None = None
) -> BankEntry:
    """An entry without a number of its own gets one from its IBAN, or, without that, from all it says."""
    account = _account(names.read_advo(raw))
    return BankEntry(keeper.number(account, raw) if number is None else number, account, row_id)


def looks_like_accounts(raw: Mapping[str, object]) -> tuple[str, ...]:
    """The keys of a Beteiligter that hold a list of objects with an IBAN: what `ADVOWARE_BANK_LIST` may name."""

    def has_iban(value: object) -> bool:
        return isinstance(value, list) and any(isinstance(entry, Mapping) and names_an_iban(entry) for entry in value)

    return tuple(sorted(key for key, value in raw.items() if has_iban(value)))


def names_an_iban(keys: Iterable[object]) -> bool:
    return any("iban" in str(key).casefold() for key in keys)


def masked_accounts(value: object, named: Mapping[str, str]) -> object:
    """What was read of Advoware, with no more of an account than may be shown of one: country and last four signs.

    named: Advoware's keys as this installation calls them, by our own names. An IBAN elsewhere is known by its shape.
    """
    if isinstance(value, str):
        return masked_in(value)
    if isinstance(value, list):
        return [masked_accounts(one, named) for one in value]
    if not isinstance(value, Mapping):
        return value
    keys = {row.name: row.advo for row in ACCOUNT_FIELDS if row.advo} | dict(named)
    ibans = [key for key, text in value.items() if text and _holds_an_iban(key, text, keys)]
    beside = {keys[name].casefold() for name in FIELDS} if ibans else set()
    return {
        masked_in(str(key)): masked(str(text))
        if key in ibans
        else "…"
        if text and str(key).casefold() in beside
        else masked_accounts(text, named)
        for key, text in value.items()
    }


def _holds_an_iban(key: object, value: object, keys: Mapping[str, str]) -> bool:
    if not isinstance(value, str):
        return False
    return names_an_iban([key]) or key == keys["iban"] or is_valid(compact(value))


def _account(values: Mapping[str, object]) -> Account:
    return Account(**{name: str(values.get(name) or "") for name in FIELDS})
