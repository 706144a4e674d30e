"""The six variants of a changed contact point, each as a person would bring it about.

A number or address that is new, gone or changed on either side: three edits in EspoCRM, three in Advoware. After each
both sides hold the same, and nothing stands there twice.
"""

from demo.people import Json
from demo.world import World

OFFICE = {"phoneNumber": "+49511330011", "type": "Office", "primary": True}
MOBILE = {"phoneNumber": "+491701112233", "type": "Mobile"}
OTHER_OFFICE = {"phoneNumber": "+49511330099", "type": "Office", "primary": True}


def new_in_espocrm(world: World) -> str:
    """Var1: a number added in EspoCRM becomes an entry in Advoware."""
    world.anna.change(world.record_id, phoneNumberData=[OFFICE, MOBILE])
    _until(world, "both numbers are in Advoware", espo={"+49511330011", "+491701112233"})
    return "two numbers"


def gone_in_espocrm(world: World) -> str:
    """Var2: a number deleted in EspoCRM leaves an empty entry, since Advoware cannot delete."""
    world.anna.change(world.record_id, phoneNumberData=[OFFICE])
    _until(world, "the mobile number is gone in Advoware", espo={"+49511330011"})
    emptied = [entry for entry in _entries(world) if not entry["tlf"]]
    return f"{len(emptied)} entry emptied"


def changed_in_espocrm(world: World) -> str:
    """Var5: a number changed in EspoCRM changes its entry."""
    before = {entry["id"] for entry in _entries(world)}
    world.anna.change(world.record_id, phoneNumberData=[OTHER_OFFICE])
    _until(world, "the new number is in Advoware", espo={"+49511330099"})
    return "same entry" if before == {entry["id"] for entry in _entries(world)} else "another entry"


def new_in_advoware(world: World) -> str:
    """Var4: an entry added in Advoware arrives in EspoCRM; the spelling there is Advoware's own."""
    world.clerk.add_contact(world.bet_nr, tlf="0511 44 55 66", bemerkung="Zentrale", kommKz=1, online=True)
    _until(world, "the number is in EspoCRM", espo={"+49511330099", "+49511445566"})
    return "0511 44 55 66 as +49511445566"


def changed_in_advoware(world: World) -> str:
    """Var6: an entry changed in Advoware changes the number in EspoCRM; the remark stays."""
    entry = next(entry for entry in _entries(world) if entry["tlf"] == "0511 44 55 66")
    _write(world, entry, "0511 44 55 77")
    _until(world, "the changed number is in EspoCRM", espo={"+49511330099", "+49511445577"})
    kept = next(entry for entry in _entries(world) if entry["tlf"] == "0511 44 55 77")["bemerkung"]
    return "remark kept" if str(kept).endswith("Zentrale") else f"remark {kept}"


def gone_in_advoware(world: World) -> str:
    """Var3: an entry emptied in Advoware takes the number away in EspoCRM."""
    entry = next(entry for entry in _entries(world) if entry["tlf"] == "0511 44 55 77")
    _write(world, entry, "")
    _until(world, "the number is gone in EspoCRM", espo={"+49511330099"})
    return "one number left"


def _write(world: World, entry: Json, tlf: str) -> None:
    world.clerk.change_contact(world.bet_nr, entry["id"], tlf=tlf, bemerkung=entry["bemerkung"], online=entry["online"])


def _entries(world: World) -> list[Json]:
    return list(world.clerk.read(world.bet_nr)["kommunikation"])


def _until(world: World, expected: str, *, espo: set[str]) -> None:
    """Both sides hold just these numbers, each once, and EspoCRM says clean."""

    def equal() -> bool:
        there = [row["phoneNumber"] for row in world.anna.read(world.record_id)["phoneNumberData"]]
        here = [_international(entry["tlf"]) for entry in _entries(world) if entry["tlf"]]
        return sorted(there) == sorted(espo) == sorted(here) and world.settled()

    world.until(expected, equal)


def _international(tlf: str) -> str:
    digits = "".join(sign for sign in tlf if sign.isdigit() or sign == "+")
    return f"+49{digits[1:]}" if digits.startswith("0") else digits
