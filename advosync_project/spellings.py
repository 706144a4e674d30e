"""docs/SPELLINGS.md: the table of spellings, drawn from the file that the tests read.

Invariant: what nobody sees is shown by its code, so that a row can be read.
To extend: a kind of value is a row of HEADS and a function that gives the cells.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from unicodedata import category, combining

TABLE = Path(__file__).resolve().parent.parent / "docs" / "spellings.toml"
Row = Mapping[str, str]


def groups() -> Iterator[tuple[str, Sequence[str], list[Sequence[str]]]]:
    """Title, head and rows of each table."""
    for group in tomllib.loads(TABLE.read_text())["group"]:
        head, cells = HEADS[group["kind"]]
        region = f" (region {group['region']})" if "region" in group else ""
        yield group["title"] + region, head, [cells(row) for row in group["rows"]]


def readable(text: str) -> str:
    """As code, with everything that would not show by its number."""
    inner = text.strip(" ")
    outer = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    shown = "␣" * outer[0] + "".join(map(_shown, inner)).replace("  ", "␣␣") + "␣" * outer[1]
    return f"`{shown}`" if shown else ""


def _shown(char: str) -> str:
    hidden = category(char) in ("Cc", "Cf") or (category(char) == "Zs" and char != " ") or combining(char)
    return f"⟨{ord(char):04X}⟩" if hidden else char


def _phone(row: Row) -> Sequence[str]:
    if "espocrm" not in row:
        return readable(row["written"]), "stays in Advoware", row["note"]
    value = readable(row["espocrm"])
    value += f" (with extensions {readable(row['kept'])})" if "kept" in row else ""
    value += f", told once; could be {readable(row['also'])}" if "also" in row else ""
    return readable(row["written"]), value, row["note"]


def _email(row: Row) -> Sequence[str]:
    return readable(row["written"]), readable(row.get("espocrm", "")) or "stays in Advoware", row["note"]


def _text(row: Row) -> Sequence[str]:
    return readable(row["written"]), readable(row.get("espocrm", "")) or "empty", row["note"]


def _date(row: Row) -> Sequence[str]:
    if "compared" in row:
        return readable(row["written"]), "not carried", "not carried", row["note"]
    day = row.get("espocrm")
    return readable(row["written"]), day or "empty", f"{day}T00:00:00" if day else "empty", row["note"]


HEADS: Mapping[str, tuple[Sequence[str], Callable[[Row], Sequence[str]]]] = {
    "phone": (("written in Advoware", "in EspoCRM", "what it is"), _phone),
    "email": (("written in Advoware", "in EspoCRM", "what it is"), _email),
    "text": (("written on one side", "on the other", "what it is"), _text),
    "date": (("written", "sent to EspoCRM", "sent to Advoware", "what it is"), _date),
}
