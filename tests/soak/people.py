"""Who edits what in EspoCRM and in Advoware, how often, and what has to be there in the end.

People save in the stand-ins themselves, so that no fault that is meant for the product hits them; EspoCRM tells of
it by webhooks, Advoware tells nobody. Nobody edits a record that somebody has edited a moment ago: what two people do
to one value is a conflict, and those are made on purpose. A further kind of edit is a function and its row of EDITS.
"""

import itertools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from sandbox.advoware import children
from sandbox.advoware import records as advoware
from sandbox.espocrm import records as espocrm
from sandbox.espocrm.entities import ADRESSEN, BANK
from sandbox.models.advoware import Kommunikation, ListEntry
from sandbox.models.espocrm import EspoRecord
from sandbox.seed_children import account
from tests.soak.filling import PERSON, Populace, anna

Pair = tuple[str, int]
FIELDS = ("titel", "zusatz", "bAnrede", "anrede", "vorname")


@dataclass
class Ledger:
    """What was edited, and what both sides have to show of it at the end."""

    fields: dict[tuple[str, str], str] = field(default_factory=dict)
    points: set[tuple[str, str]] = field(default_factory=set)
    places: set[tuple[str, str]] = field(default_factory=set)
    ibans: set[tuple[str, str]] = field(default_factory=set)
    created: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    disputed: set[tuple[str, str]] = field(default_factory=set)
    in_advoware: dict[int, datetime] = field(default_factory=dict)  # by betNr: it has to be found by looking
    counts: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kind: str) -> None:
        with self.lock:
            self.counts[kind] = self.counts.get(kind, 0) + 1


class People:
    """They go through everybody in a disorder of their own, and meet each record again only when all had their turn."""

    def __init__(self, populace: Populace, *, seed: int) -> None:
        self.chance = random.Random(seed)
        self.ledger = Ledger()
        self.staff = anna()
        self.numbers = itertools.count(1)
        furnished, plain = list(populace.furnished), [one for one in populace.everybody if one not in _set(populace)]
        self.chance.shuffle(furnished)
        self.chance.shuffle(plain)
        self._furnished, self._plain = itertools.cycle(furnished), itertools.cycle(plain or furnished)

    def furnished(self) -> Pair:
        return self._next(self._furnished)

    def somebody(self) -> Pair:
        return self._next(self._plain)

    def _next(self, whose: "itertools.cycle[Pair]") -> Pair:
        with self.ledger.lock:
            return next(one for one in whose if one[0] not in self.ledger.deleted)

    def edit(self) -> None:
        """One edit of some kind."""
        row = self.chance.choices(EDITS, weights=[row.weight for row in EDITS])[0]
        row.make(self)
        self.ledger.count(row.name)

    def value(self) -> str:
        return f"Wert {next(self.numbers)}"


def _set(populace: Populace) -> set[Pair]:
    return set(populace.furnished)


# --- master data


def field_in_espocrm(people: People) -> None:
    (espo_id, _betnr), name, value = people.somebody(), people.chance.choice(FIELDS), people.value()
    people.ledger.fields[espo_id, name] = value
    espocrm.update(PERSON, espo_id, {name: value}, people.staff)


def field_in_advoware(people: People) -> None:
    (espo_id, betnr), name, value = people.somebody(), people.chance.choice(FIELDS), people.value()
    people.ledger.fields[espo_id, name] = value
    advoware.edit(betnr, {name: value})
    people.ledger.in_advoware[betnr] = timezone.now()


def both_sides(people: People) -> None:
    """One field, two people: asked about, and decided by somebody."""
    espo_id, betnr = people.somebody()
    people.ledger.disputed.add((espo_id, "zusatz"))
    people.ledger.fields.pop((espo_id, "zusatz"), None)
    advoware.edit(betnr, {"zusatz": people.value()})
    espocrm.update(PERSON, espo_id, {"zusatz": people.value()}, people.staff)
    people.ledger.in_advoware[betnr] = timezone.now()


def new_person(people: People) -> None:
    number = next(people.numbers)
    phone = {"phoneNumber": f"+4930{60000000 + number}", "type": "Mobile", "primary": True}
    body = {"name": f"Neumann {number}", "vorname": "Ida", "anrede": "Frau", "phoneNumberData": [phone]}
    made = espocrm.create(PERSON, body, people.staff)
    people.ledger.created.append(str(made["id"]))
    people.ledger.points.add((str(made["id"]), str(phone["phoneNumber"])))


def gone_in_espocrm(people: People) -> None:
    espo_id, _betnr = people.somebody()
    with people.ledger.lock:
        people.ledger.deleted.add(espo_id)
    espocrm.delete(PERSON, espo_id, people.staff)


# --- contact points


def _phones(espo_id: str) -> list[dict[str, object]]:
    rows = EspoRecord.objects.get(pk=espo_id).phones.select_related("point")
    return [{"phoneNumber": row.point.name, "type": row.point.type, "primary": row.primary} for row in rows]


def number_in_espocrm(people: People) -> None:
    espo_id, _betnr = people.furnished()
    number = f"+4930{70000000 + next(people.numbers)}"
    people.ledger.points.add((espo_id, number))
    kept = _phones(espo_id)[-4:]
    _forget_points(people, espo_id, {str(one["phoneNumber"]) for one in kept} | {number})
    espocrm.update(
        PERSON, espo_id, {"phoneNumberData": [*kept, {"phoneNumber": number, "type": "Mobile"}]}, people.staff
    )


def _forget_points(people: People, espo_id: str, left: set[str]) -> None:
    """Numbers that this save takes away need not be there any more."""
    gone = {one for one in people.ledger.points if one[0] == espo_id and one[1] not in left and "@" not in one[1]}
    people.ledger.points -= gone


def address_in_espocrm(people: People) -> None:
    espo_id, _betnr = people.furnished()
    mail = f"neu{next(people.numbers)}@example.org"
    kept = [row.point.name for row in EspoRecord.objects.get(pk=espo_id).emails.select_related("point")]
    people.ledger.points.add((espo_id, mail))
    espocrm.update(
        PERSON, espo_id, {"emailAddressData": [{"emailAddress": one} for one in (*kept, mail)]}, people.staff
    )


def entry_in_advoware(people: People) -> None:
    espo_id, betnr = people.furnished()
    number = next(people.numbers)
    people.ledger.points.add((espo_id, f"+4930{80000000 + number}"))
    body = {"tlf": f"030 / {80000000 + number}", "kommKz": 3, "bemerkung": "mobil", "online": True}
    advoware.create_kommunikation(betnr, body)
    people.ledger.in_advoware[betnr] = timezone.now()


def entry_changed_in_advoware(people: People) -> None:
    espo_id, betnr = people.furnished()
    row = Kommunikation.objects.filter(beteiligter_id=betnr, komm_kz=1).exclude(tlf="").exclude(tlf=None).first()
    if row is None:
        return
    number = next(people.numbers)
    before = f"+49{''.join(filter(str.isdigit, row.tlf or ''))[1:]}"
    people.ledger.points.discard((espo_id, before))
    people.ledger.points.add((espo_id, f"+4930{90000000 + number}"))
    advoware.edit_kommunikation(betnr, row.pk, {"tlf": f"030 / {90000000 + number}"})
    people.ledger.in_advoware[betnr] = timezone.now()


# --- addresses and accounts


def street_in_espocrm(people: People) -> None:
    espo_id, _betnr = people.furnished()
    street = f"Lindenweg {next(people.numbers)}"
    people.ledger.places.add((espo_id, street))
    body = {"beteiligteId": espo_id, "name": "Neu", "strasse": street, "plz": "30159", "ort": "Hannover"}
    espocrm.create(ADRESSEN, body, people.staff)


def street_changed_in_espocrm(people: People) -> None:
    espo_id, betnr = people.furnished()
    row = _items(espo_id, ADRESSEN.name).first()
    if row is None or not _is_synced(espo_id, betnr):
        return
    street = f"Ahornweg {next(people.numbers)}"
    people.ledger.places.discard((espo_id, str(row.extra.get("strasse"))))
    people.ledger.places.add((espo_id, street))
    espocrm.update(ADRESSEN, row.pk, {"strasse": street}, people.staff)


def _is_synced(espo_id: str, betnr: int) -> bool:
    """Whether both show the same streets: an edit of one that is still on its way is not edited over on the other."""
    there = {str(row.fields.get("strasse")) for row in ListEntry.objects.filter(beteiligter_id=betnr, kind="adressen")}
    return {str(row.extra.get("strasse")) for row in _items(espo_id, ADRESSEN.name)} == there


def _items(espo_id: str, entity: str) -> Any:
    return EspoRecord.objects.filter(entity_type=entity, deleted=False, extra__beteiligteId=espo_id).order_by("id")


def street_in_advoware(people: People) -> None:
    espo_id, betnr = people.furnished()
    street = f"Eichenweg {next(people.numbers)}"
    people.ledger.places.add((espo_id, street))
    children.create(betnr, "adressen", {"strasse": street, "plz": "20095", "ort": "Hamburg"})
    people.ledger.in_advoware[betnr] = timezone.now()


def street_changed_in_advoware(people: People) -> None:
    espo_id, betnr = people.furnished()
    row = ListEntry.objects.filter(beteiligter_id=betnr, kind="adressen").first()
    if row is None or not _is_synced(espo_id, betnr):
        return
    street = f"Ulmenweg {next(people.numbers)}"
    people.ledger.places.discard((espo_id, str(row.fields.get("strasse"))))
    people.ledger.places.add((espo_id, street))
    children.edit(row, {"strasse": street})
    people.ledger.in_advoware[betnr] = timezone.now()


def account_in_espocrm(people: People) -> None:
    espo_id, _betnr = people.furnished()
    money = account(100_000 + next(people.numbers), "Erika Mustermann")
    people.ledger.ibans.add((espo_id, str(money["iban"])))
    espocrm.create(BANK, {"beteiligteId": espo_id, "name": "Konto", **money}, people.staff)


def account_in_advoware(people: People) -> None:
    espo_id, betnr = people.furnished()
    money = account(500_000 + next(people.numbers), "Erika Mustermann")
    people.ledger.ibans.add((espo_id, str(money["iban"])))
    children.create(betnr, "bankverbindungen", money)
    people.ledger.in_advoware[betnr] = timezone.now()


@dataclass(frozen=True)
class KindOfEdit:
    name: str
    weight: int
    make: Callable[[People], None]


EDITS = (
    KindOfEdit("field in EspoCRM", 30, field_in_espocrm),
    KindOfEdit("field in Advoware", 18, field_in_advoware),
    KindOfEdit("one field on both sides", 2, both_sides),
    KindOfEdit("new person", 6, new_person),
    KindOfEdit("person deleted in EspoCRM", 1, gone_in_espocrm),
    KindOfEdit("number in EspoCRM", 7, number_in_espocrm),
    KindOfEdit("e-mail address in EspoCRM", 4, address_in_espocrm),
    KindOfEdit("entry in Advoware", 5, entry_in_advoware),
    KindOfEdit("entry changed in Advoware", 4, entry_changed_in_advoware),
    KindOfEdit("address in EspoCRM", 4, street_in_espocrm),
    KindOfEdit("address changed in EspoCRM", 3, street_changed_in_espocrm),
    KindOfEdit("address in Advoware", 3, street_in_advoware),
    KindOfEdit("address changed in Advoware", 2, street_changed_in_advoware),
    KindOfEdit("account in EspoCRM", 2, account_in_espocrm),
    KindOfEdit("account in Advoware", 2, account_in_advoware),
)
