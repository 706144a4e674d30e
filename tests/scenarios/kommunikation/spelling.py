"""How contact points are written in the stories: one line an item or entry, its cells two spaces apart.

    Office  +49511100001  primary            an item: type, value, flags
    TelGesch  0511 100001  [+49511100001] Sekretariat     an entry: kommKz by name, tlf, remark

In a remark `[…]` stands for a marker with that value, `[slot]` for the marker of an emptied entry; `as 7` follows where
the marker names another kommKz than the entry has. `–` is an empty value. An entry is online if it has a value;
`offline` or `online` says so where it is not.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

KINDS = {
    1: "TelGesch",
    2: "FaxGesch",
    3: "Mobil",
    4: "MailGesch",
    5: "Internet",
    6: "TelPrivat",
    7: "FaxPrivat",
    8: "MailPrivat",
    9: "AutoTelefon",
    10: "Sonstige",
    11: "EPost",
    12: "Bea",
}
NUMBERS = {name: number for number, name in KINDS.items()}
EMPTY = "–"
CELL = re.compile(r" {2,}")
MARKER = re.compile(r"\[ESPOCRM:([A-Za-z0-9+/=]+):(\d+)\]")
SLOT = re.compile(r"\[ESPOCRM-SLOT:(\d+)\]")
SHORT = re.compile(r"\[(?!ESPOCRM)([^\[\]]+?)(?: as (\d+))?\]")
FLAGS = {"primary": "primary", "optOut": "opted out", "invalid": "invalid"}

Json = Mapping[str, Any]


def cells(line: str) -> list[str]:
    return CELL.split(line.strip())


def remark(short: str, komm_kz: int) -> str:
    """The remark as Advoware holds it, from its short form."""

    def marker(match: re.Match[str]) -> str:
        number = match[2] or komm_kz
        if match[1] == "slot":
            return f"[ESPOCRM-SLOT:{number}]"
        return f"[ESPOCRM:{base64.b64encode(match[1].encode()).decode()}:{number}]"

    return SHORT.sub(marker, short)


def short_remark(text: str, komm_kz: int) -> str:
    """The short form of a remark. What is no marker of ours stays as it is."""

    def marker(match: re.Match[str]) -> str:
        try:
            return f"[{base64.b64decode(match[1], validate=True).decode()}{_other(match[2], komm_kz)}]"
        except ValueError:
            return match[0]

    return SLOT.sub(lambda match: f"[slot{_other(match[1], komm_kz)}]", MARKER.sub(marker, text))


def _other(number: str, komm_kz: int) -> str:
    return "" if int(number) == komm_kz else f" as {number}"


def entry_line(entry: Json, komm_kz: int) -> str:
    """An entry as the stories write it."""
    tlf = entry.get("tlf") or ""
    found = [KINDS[komm_kz], tlf or EMPTY, short_remark(entry.get("bemerkung") or "", komm_kz)]
    if bool(entry.get("online")) != bool(tlf):
        found.append("online" if entry.get("online") else "offline")
    return "  ".join(cell for cell in found if cell)


def item_lines(rows: Sequence[Json], value: str) -> list[str]:
    """EspoCRM's list as the stories write it; which one is primary is said where there is a choice."""
    lines = []
    for row in rows:
        flags = [word for flag, word in FLAGS.items() if row.get(flag) and not (flag == "primary" and len(rows) == 1)]
        lines.append("  ".join(part for part in (row.get("type") or "email", row[value], ", ".join(flags)) if part))
    return lines


def entry_from(line: str) -> dict[str, Any]:
    """An entry as a person in Advoware enters it."""
    kind, tlf, *rest = cells(line)
    number = NUMBERS[kind]
    value = "" if tlf == EMPTY else tlf
    return {"kommKz": number, "tlf": value, "bemerkung": remark(rest[0], number) if rest else "", "online": bool(value)}


def item_from(line: str) -> dict[str, Any]:
    """An item as a person in EspoCRM enters it."""
    kind, value, *rest = cells(line)
    flags = {flag: word in ", ".join(rest) for flag, word in FLAGS.items()}
    if kind == "email":
        return {"emailAddress": value, **flags}
    return {"phoneNumber": value, "type": kind, **flags}
