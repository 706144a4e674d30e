"""Addresses and bank accounts for the people of the seed, in many states of being the same on both sides.

Streets and towns are made up, accounts have right check digits and belong to nobody. What becomes of a person's list
is a row of STATES, dealt out in turn; a further state is a further row.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.advoware import children
from sandbox.espocrm import records as espocrm
from sandbox.espocrm.entities import ADRESSEN, BANK
from sandbox.models.advoware import Beteiligter
from sandbox.models.espocrm import EspoRecord, EspoUser

STREETS = ("Lindenallee", "Am Alten Markt", "Uferstraße", "Große Bergstraße", "Kapellenweg", "Schloßplatz")
TOWNS = (("30159", "Hannover"), ("20095", "Hamburg"), ("48143", "Münster"), ("01067", "Dresden"), ("79098", "Freiburg"))
BANKS = (("12030000", "BYLADEM1001", "Sandbank"), ("37040044", "COBADEFFXXX", "Musterbank"))


def iban(nth: int) -> str:
    """A German one with its check digits."""
    basic = f"{BANKS[nth % len(BANKS)][0]}{nth + 1:010d}"
    return f"DE{98 - int(f'{basic}131400') % 97:02d}{basic}"


def address(nth: int) -> dict[str, object]:
    plz, ort = TOWNS[nth % len(TOWNS)]
    return {"strasse": f"{STREETS[nth % len(STREETS)]} {nth % 90 + 1}", "plz": plz, "ort": ort}


def account(nth: int, holder: str) -> dict[str, object]:
    _code, bic, bank = BANKS[nth % len(BANKS)]
    return {"iban": iban(nth), "bic": bic, "kontoinhaber": holder, "bankname": bank}


@dataclass
class Lists:
    """The lists of one person; either side may be missing."""

    nth: int
    record: EspoRecord | None
    row: Beteiligter | None
    staff: EspoUser

    @property
    def holder(self) -> str:
        name = self.record.name if self.record else (self.row.fields.get("name") if self.row else "")
        return str(name or "")

    def item(self, **values: object) -> None:
        if self.record:
            body = {"beteiligteId": self.record.id, "name": values.get("strasse"), **values}
            espocrm.create(ADRESSEN, body, self.staff)

    def entry(self, **values: object) -> None:
        if self.row:
            children.create(self.row.bet_nr, "adressen", values)

    def account_item(self, **values: object) -> None:
        if self.record:
            body = {"beteiligteId": self.record.id, "name": values.get("bankname"), **values}
            espocrm.create(BANK, body, self.staff)

    def account_entry(self, **values: object) -> None:
        if self.row:
            children.create(self.row.bet_nr, "bankverbindungen", values)


def equal(lists: Lists) -> None:
    lists.item(**address(lists.nth), istStandard=True)
    lists.entry(**address(lists.nth), standardAnschrift=True)
    lists.account_item(**account(lists.nth, lists.holder), istStandard=True)
    lists.account_entry(**account(lists.nth, lists.holder))


def spelled_differently(lists: Lists) -> None:
    given = address(lists.nth)
    lists.item(**given, land="Germany")
    street = str(given["strasse"]).replace("straße", "str.")
    lists.entry(**{**given, "strasse": street, "plz": f"D-{given['plz']}"}, land="Deutschland", standardAnschrift=True)


def only_in_espocrm(lists: Lists) -> None:
    lists.item(**address(lists.nth))
    lists.account_item(**account(lists.nth, lists.holder))


def only_in_advoware(lists: Lists) -> None:
    lists.entry(**address(lists.nth), standardAnschrift=True, bemerkung="Klingel links")
    lists.account_entry(**account(lists.nth, lists.holder))


def similar(lists: Lists) -> None:
    given = address(lists.nth)
    lists.item(**given)
    lists.entry(**{**given, "strasse": f"{given['strasse']} a"}, standardAnschrift=True)


def postfach_and_ended(lists: Lists) -> None:
    plz, ort = TOWNS[lists.nth % len(TOWNS)]
    lists.entry(postfach=f"{lists.nth} 07", postfachPLZ=plz, ort=ort)
    lists.entry(**address(lists.nth + 1), gueltigBis="2019-12-31T00:00:00")
    lists.account_entry(iban=None, kontoinhaber=lists.holder, bankname="Konto 4711, BLZ 37040044")


def abroad_twice(lists: Lists) -> None:
    there: dict[str, object] = {"strasse": f"Ringstraße {lists.nth}", "plz": "1010", "ort": "Wien"}
    lists.item(**there, land="Austria")
    lists.entry(**there, land="Österreich")
    lists.entry(**there, land="A")


STATES: tuple[Callable[[Lists], None], ...] = (
    equal,
    spelled_differently,
    only_in_espocrm,
    only_in_advoware,
    similar,
    postfach_and_ended,
    abroad_twice,
)


def deal(*, nth: int, record: EspoRecord | None, row: Beteiligter | None, staff: EspoUser) -> None:
    STATES[nth % len(STATES)](Lists(nth, record, row, staff))
