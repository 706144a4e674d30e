"""Addresses and bank accounts go round, as people would bring it about: made, changed, and what no program may change.

Items are records of their own in EspoCRM; in Advoware somebody works by hand, who may do what the API cannot.
"""

from dataclasses import replace

from demo.people import Json, Staff
from demo.world import Unfulfilled, World

ADDRESS = {"strasse": "Lindenallee 7", "plz": "30159", "ort": "Hannover"}
IBAN, OTHER_IBAN = "DE89370400440532013000", "DE02120300000000202051"
PLACE = ("strasse", "plz", "ort")
WRITES = frozenset({"POST", "PUT"})


def address_from_espocrm(world: World) -> str:
    _make(world, "CAdressen", name="Kanzlei", **ADDRESS)
    world.until("the address is in Advoware", lambda: _places(world, "adressen") == [tuple(ADDRESS.values())])
    return "Lindenallee 7"


def address_from_advoware(world: World) -> str:
    """Changed there by hand, and another one added."""
    (entry,) = _by_hand(world, "adressen")
    _by_hand(world, "adressen", edit=[{"id": entry["id"], "strasse": "Lindenallee 9"}])
    _by_hand(world, "adressen", add=[{"strasse": "Uferstraße 3", "plz": "20095", "ort": "Hamburg"}])
    wanted = ["Lindenallee 9", "Uferstraße 3"]
    world.until(
        "both are in EspoCRM",
        lambda: sorted(str(item["strasse"]) for item in _items(world, "CAdressen")) == wanted and _marked(world),
    )
    return "Lindenallee 9, Uferstraße 3"


def account_from_espocrm(world: World) -> str:
    _make(
        world, "CBankverbindungen", name="Hauptkonto", iban=IBAN, kontoinhaber="Brückner-Özgür", bankname="Musterbank"
    )
    world.until("the account is in Advoware", lambda: _ibans(world) == [IBAN])
    return f"…{IBAN[-4:]}"


def account_from_advoware(world: World) -> str:
    (entry,) = _by_hand(world, "bankverbindungen")
    _by_hand(world, "bankverbindungen", edit=[{"id": entry["id"], "iban": OTHER_IBAN}])
    world.until(
        "the changed account is in EspoCRM",
        lambda: [item["iban"] for item in _items(world, "CBankverbindungen")] == [OTHER_IBAN],
    )
    return f"…{IBAN[-4:]} became …{OTHER_IBAN[-4:]}"


def becomes_a_task(world: World) -> str:
    """A country, which no program may change in Advoware: nothing of the address is written, somebody is told."""
    item = next(one for one in _items(world, "CAdressen") if one["ort"] == "Hannover")
    before = world.observer.last_call()
    _staff(world, "CAdressen").change(item["id"], strasse="Ringstraße 1", plz="1010", ort="Wien", land="Österreich")
    world.until("the responsible user is told by a Note", lambda: bool(_calls(world, before, "/Note")))
    world.until("EspoCRM shows that something is open", lambda: _status(world, item["id"]) == "unclean")
    written = _calls(world, before, "/Adressen")
    if written:
        raise Unfulfilled(f"something was written to Advoware: {written[0]['method']} {written[0]['path']}")
    return "told, and nothing written"


def closes_by_itself(world: World) -> str:
    """Somebody changes it by hand; the next look finds both equal, and nobody has to say so."""
    item = next(one for one in _items(world, "CAdressen") if one["ort"] == "Wien")
    entry = next(one for one in _by_hand(world, "adressen") if one["ort"] == "Hannover")
    changed = {"id": entry["id"], "strasse": "Ringstraße 1", "plz": "1010", "ort": "Wien", "land": "A"}
    _by_hand(world, "adressen", edit=[changed])
    world.until("nothing is open any more", lambda: _status(world, item["id"]) == "clean")
    return "changed by hand, and the task is gone"


def _staff(world: World, entity: str) -> Staff:
    return replace(world.anna, entity=entity)


def _make(world: World, entity: str, **attributes: object) -> None:
    _staff(world, entity).create(beteiligteId=world.record_id, **attributes)


def _items(world: World, entity: str) -> list[Json]:
    """What belongs to the record, as EspoCRM lists it."""
    return [item for item in _staff(world, entity).all() if item.get("beteiligteId") == world.record_id]


def _status(world: World, item_id: str) -> str:
    return str(_staff(world, "CAdressen").read(item_id).get("syncStatus"))


def _marked(world: World) -> bool:
    return all(item.get("syncStatus") == "clean" for item in _items(world, "CAdressen"))


def _by_hand(world: World, kind: str, **verbs: object) -> list[Json]:
    """A person in Advoware, who may do everything; what the list holds then."""
    return list(world.observer.tell(f"advoware/beteiligte/{world.bet_nr}", **{kind: verbs})[kind])


def _places(world: World, kind: str) -> list[tuple[object, ...]]:
    return [tuple(entry[name] for name in PLACE) for entry in _by_hand(world, kind)]


def _ibans(world: World) -> list[object]:
    return [entry["iban"] for entry in _by_hand(world, "bankverbindungen")]


def _calls(world: World, since: int, mark: str) -> list[Json]:
    return [call for call in world.observer.calls(since=since) if call["method"] in WRITES and mark in call["path"]]
