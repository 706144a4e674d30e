"""`anschrift`: the block of a letter that an entry may carry beside its address.

Purpose: a PUT that changes the address must not leave the old one in the block, nor spoil a text of somebody's own.
Invariant: only lines that say nothing but the old street, or the old code and city, are replaced; else the block stays
as it is and people are asked to check it.
To extend: how a line may spell code and city is `_says_town`.
"""

from syncapp.core.adressen.shapes import Address, LetterBlock
from syncapp.core.adressen.spelling.equality import form_of


def renewed(before: Address, after: Address, *, mode: LetterBlock) -> str | None:
    """The block that goes with the new address; None where people have to check it."""
    block = before.anschrift
    if not block.strip():
        return block
    if mode is LetterBlock.keep:
        return None
    lines = block.splitlines()
    kinds = [_kind(line, before) for line in lines]
    if _moved(before, after) - set(kinds):
        return None
    now = {"street": after.strasse, "town": f"{after.plz} {after.ort}".strip()}
    new = [now[kind] if kind else line for kind, line in zip(kinds, lines, strict=True)]
    return ("\r\n" if "\r\n" in block else "\n").join(new)


def _moved(before: Address, after: Address) -> set[str]:
    """Which kinds of line the change makes wrong."""
    moved = set()
    if _street(before) != _street(after):
        moved.add("street")
    if _town(before) != _town(after):
        moved.add("town")
    return moved


def _kind(line: str, address: Address) -> str | None:
    if address.strasse and _street(Address(strasse=line)) == _street(address):
        return "street"
    return "town" if _says_town(line, address) else None


def _says_town(line: str, address: Address) -> bool:
    code, _, city = line.strip().partition(" ")
    return bool(address.plz or address.ort) and _town(Address(plz=code, ort=city)) == _town(address)


def _street(address: Address) -> tuple[str, str]:
    form = form_of(Address(strasse=address.strasse), home="")
    return form.street, form.postfach


def _town(address: Address) -> tuple[str, str]:
    form = form_of(Address(plz=address.plz, ort=address.ort), home="")
    return form.code, form.city
