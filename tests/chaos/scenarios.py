"""What a run may have in hand when its worker dies: six jobs, each with the remote writes that it makes, in order.

The writes are a table, so that a test can ask for each by its number; the undisturbed run proves the table complete.
To extend: a further job is a `Scenario` with its writes; every kill test then takes it as well.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.chaos.plant import Plant

Prepare = Callable[[Plant], str]
Edit = Callable[[Plant, str], None]

POST = ("advoware", "POST", "Beteiligte")
PUT = ("advoware", "PUT", "Beteiligte")
ADD = ("advoware", "POST", "Kommunikationen")
CHANGE = ("advoware", "PUT", "Kommunikationen")
PATCH = ("espocrm", "PATCH", "CBeteiligte")


@dataclass(frozen=True)
class Scenario:
    """`prepare` makes the record and gives its id; `edit` is what people do; `writes` is what the run then does."""

    name: str
    prepare: Prepare
    edit: Edit
    writes: tuple[tuple[str, str, str], ...]

    def skip(self, place: int) -> int:
        """How many calls like that one come before it: what a fault has to let pass."""
        system, method, _part = self.writes[place]
        return sum(write[:2] == (system, method) for write in self.writes[:place])


def phone(number: str, kind: str) -> dict[str, object]:
    return {"phoneNumber": number, "type": kind}


def mail(address: str) -> dict[str, object]:
    return {"emailAddress": address}


CONTACTS = {
    "phoneNumberData": [
        phone("+495111000001", "Office"),
        phone("+4915110000002", "Mobile"),
        phone("+495111000003", "Fax"),
    ],
    "emailAddressData": [mail("ida@example.org")],
}


def betnr(plant: Plant, espo_id: str) -> int:
    number = plant.record(espo_id).betnr
    assert number is not None
    return number


def entry(plant: Plant, espo_id: str, tlf: str) -> int:
    """The number of an entry in Advoware, by its value."""
    rows = plant.sandbox.clerk.read(betnr(plant, espo_id))["kommunikation"]
    return next(int(row["id"]) for row in rows if row["tlf"] == tlf)


def only_in_espocrm(plant: Plant) -> str:
    return plant.new(**CONTACTS)


def linked(plant: Plant) -> str:
    return plant.pair()[0]


def linked_with_contacts(plant: Plant) -> str:
    return plant.pair(**CONTACTS)[0]


def nothing(plant: Plant, espo_id: str) -> None:
    return None


def changed_in_espocrm(plant: Plant, espo_id: str) -> None:
    plant.sandbox.anna.change(espo_id, titel="Prof.", zusatz=None, geburtsdatum="1961-04-12")


def changed_in_advoware(plant: Plant, espo_id: str) -> None:
    plant.sandbox.clerk.change(betnr(plant, espo_id), titel="Dr. h. c.", bAnrede="Guten Tag")


def changed_on_both(plant: Plant, espo_id: str) -> None:
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.sandbox.clerk.change(betnr(plant, espo_id), bAnrede="Guten Tag")


def changed_twice(plant: Plant, espo_id: str) -> None:
    plant.sandbox.anna.change(espo_id, titel="Prof.")
    plant.sandbox.clerk.change(betnr(plant, espo_id), titel="Dr. Dr.", bAnrede="Guten Tag")


def six_variants(plant: Plant, espo_id: str) -> None:
    """One new number and one new address, one deleted on either side, one changed on either side."""
    number = betnr(plant, espo_id)
    clerk = plant.sandbox.clerk

    def change(tlf: str, new: str | None) -> None:
        row = next(r for r in clerk.read(number)["kommunikation"] if r["tlf"] == tlf)
        clerk.change_contact(number, row["id"], tlf=new, bemerkung=row["bemerkung"], online=bool(new))

    change("+495111000003", None)
    change("ida@example.org", "ida.probst@example.org")
    clerk.add_contact(number, tlf="buero@example.org", bemerkung="nur Rechnungen", kommKz=4, online=True)
    phones: list[Any] = [phone("+495111000099", "Office"), phone("+495111000003", "Fax")]
    plant.sandbox.anna.change(espo_id, phoneNumberData=[*phones, phone("+495111000005", "Other")])


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("create", only_in_espocrm, nothing, (POST, ADD, ADD, ADD, ADD, PATCH)),
        Scenario("update to Advoware", linked, changed_in_espocrm, (PUT, PATCH)),
        Scenario("update to EspoCRM", linked, changed_in_advoware, (PATCH,)),
        Scenario("merge", linked, changed_on_both, (PUT, PATCH)),
        Scenario("conflict", linked, changed_twice, (PUT, PATCH)),
        Scenario(
            "six variants",
            linked_with_contacts,
            six_variants,
            (ADD, CHANGE, CHANGE, CHANGE, CHANGE, CHANGE, PATCH),
        ),
    )
}
