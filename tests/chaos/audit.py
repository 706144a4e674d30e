"""The books after the faults have ended: what was lost, what is there twice, what is stuck.

Everything is read from the stand-ins themselves and from our rows, nothing from what the product says of itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from syncapp.core.spelling import emails, phones
from syncapp.models import Conflict, SyncRecord
from tests.chaos.plant import Plant

FIELDS = ("name", "vorname", "rechtsform", "titel", "anrede", "bAnrede", "zusatz", "geburtsdatum")
Person = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """lost: values that did not arrive. doubled: Beteiligte or contact points that are there twice. stuck: records."""

    records: int
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    stuck: tuple[str, ...]

    @property
    def are_good(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)


def text_of(field: str, value: object) -> str:
    """Both systems' ways to write a date or nothing, made comparable."""
    text = "" if value is None else str(value).strip()
    return text[:10] if field == "geburtsdatum" else text


def numbers(record: Mapping[str, Any]) -> list[str]:
    """EspoCRM's phones and e-mails in normal form."""
    rows = [row["phoneNumber"] for row in record.get("phoneNumberData") or ()]
    rows += [row["emailAddress"] for row in record.get("emailAddressData") or ()]
    return sorted(normal(row) for row in rows)


def entries(beteiligter: Mapping[str, Any]) -> list[str]:
    """Advoware's, without slots."""
    return sorted(normal(row["tlf"]) for row in beteiligter.get("kommunikation") or () if (row["tlf"] or "").strip())


def normal(value: str) -> str:
    return emails.normal_form(value) if "@" in value else phones.normal_form(value, "DE")


def audit(
    plant: Plant,
    espo_ids: Iterable[str],
    *,
    expected: Mapping[str, Mapping[str, str]] | None = None,
    status: str = "clean",
) -> Books:
    """Both sides of these records compared, field by field. expected: values that have to be there, by EspoCRM id."""
    ids = set(espo_ids)
    plant.wait(plant.idle, seconds=10)  # a job too many may just have found that there is nothing to do
    state = plant.sandbox.state()
    people = {row["id"]: row for row in state["espocrm"] if row["id"] in ids}
    rows = {row.espo_id: row for row in SyncRecord.objects.filter(espo_id__in=ids)}
    by_number = {row["betNr"]: row for row in state["advoware"]}
    lost, doubled, stuck = [], [], []
    for espo_id, person in people.items():
        row = rows.get(espo_id)
        if row is None or row.status != status or row.lease_token:
            stuck.append(f"{espo_id}: {row and (row.status, row.kind, row.lease_holder)}")
        beteiligter = by_number.get(row.betnr) if row else None
        if beteiligter is None:
            lost += [f"{espo_id}: has no Beteiligter"] if status == "clean" else []
            continue
        lost += _differences(person, beteiligter, (expected or {}).get(espo_id, {}))
        doubled += _twice(espo_id, person, beteiligter)
    doubled += _doubles_of(people.values(), state["advoware"])
    if status == "clean":
        stuck += plant.locks_left()
    return Books(len(ids), tuple(lost), tuple(doubled), tuple(stuck))


def _differences(person: Person, beteiligter: Person, expected: Mapping[str, str]) -> list[str]:
    found = [
        f"{person['id']}: {field} {person.get(field)!r} / {beteiligter.get(field)!r}"
        for field in FIELDS
        if text_of(field, person.get(field)) != text_of(field, beteiligter.get(field))
    ]
    found += [
        f"{person['id']}: {field} is {person.get(field)!r}, not {value!r}"
        for field, value in expected.items()
        if text_of(field, person.get(field)) != value
    ]
    here, there = numbers(person), entries(beteiligter)
    if set(here) != set(there):
        found.append(f"{person['id']}: contact points {here} / {there}")
    return found


def _twice(espo_id: str, person: Person, beteiligter: Person) -> list[str]:
    here, there = Counter(numbers(person)), Counter(entries(beteiligter))
    return [f"{espo_id}: {value} twice" for count in (here, there) for value, times in count.items() if times > 1]


def _doubles_of(people: Iterable[Person], beteiligte: Iterable[Person]) -> list[str]:
    """One Beteiligter a person: names are unique in these tests."""
    names = Counter((row["name"], row["vorname"]) for row in beteiligte)
    return [f"{name}: {times} Beteiligte" for name, times in names.items() if times > 1]


def portrait(plant: Plant, espo_id: str) -> dict[str, Any]:
    """Everything of one record that must not depend on whether a worker was killed: no ids, no times."""
    record = SyncRecord.objects.get(espo_id=espo_id)
    state = plant.sandbox.state()
    person = next(row for row in state["espocrm"] if row["id"] == espo_id)
    theirs = [row for row in state["advoware"] if row["betNr"] == record.betnr]
    return {
        "status": (record.status, record.kind, record.retry_count, person["syncStatus"]),
        "linked": person["betnr"] == record.betnr,
        "left": (_unanswered(record), record.create_intent, record.lease_token),
        "espocrm": {field: person.get(field) for field in FIELDS},
        "phones": sorted((row["phoneNumber"], row["type"], row["primary"]) for row in person["phoneNumberData"]),
        "emails": sorted((row["emailAddress"], row["primary"]) for row in person["emailAddressData"]),
        "advoware": [{field: row.get(field) for field in FIELDS} for row in theirs],
        "entries": [
            sorted((e["tlf"] or "", e["kommKz"], e["bemerkung"] or "", e["online"]) for e in row["kommunikation"])
            for row in theirs
        ],
        "conflicts": sorted(
            Conflict.objects.filter(record=record).values_list("field", "espo", "advo", "kept", "open"), key=str
        ),
    }


def _unanswered(record: SyncRecord) -> list[Any]:
    """Intents of an answered write stay until the next look: how many looks there were does not matter here."""
    return [intent for intent in record.open_intents if intent["phase"] == "sent"]
