"""Advoware's Termine and employees between JSON and the shapes of the plan: requests, readers, bodies.

Little is known for sure of this part of the API, so reading is tolerant: names in any case, numbers as text, truth as
0/1 or true/false, an object or a list of one. Writing is careful: a PUT is the whole object as it was read, each field
in the spelling in which it came, without the twin fields (`…Ticks`) that would overwrite what was changed.

Invariants. A list in which one entry has no number is no list: what is missing would look deleted. An entry with a
negative number is derived from others and never written. `frnr` is asked for in lower case: any other spelling is no
filter and brings every Termin, which is noticed, since one answer must be the one asked for.
To extend: a further field is a row of NAMES, and of `termin_of` or `_written`.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from syncapp.core.appointments.shapes import AdvowareTermin, TerminChange
from syncapp.remotes.http.exchange import Request, WrongShape, list_of, object_of, only_of, text_in, words_in

NumberIn = Literal["query", "path", "body"]

# Field of TerminChange -> its name in the API.
NAMES: Mapping[str, str] = {
    "anwalt": "anwalt",
    "datum": "datum",
    "datum_bis": "datumBis",
    "uhrzeit_von": "uhrzeitVon",
    "uhrzeit_bis": "uhrzeitBis",
    "text": "text",
    "ort": "ort",
    "notiz": "notiz",
    "privat": "privat",
    "dauertermin": "dauertermin",
    "turnus": "turnus",
    "turnus_art": "turnusArt",
}
ALL_DAY_NAMES = ("abwesenheit", "ganztaegig", "ganztags")
STAMP_NAMES = ("zuletztgeaendertam", "geaendertam", "rowid")
TRUE = ("1", "-1", "true", "ja")
FALSE = ("", "0", "false", "nein", "no", "n", "f")
# How a truth that comes as a word is written: its word for no -> its word for yes.
WORDS_OF_TRUTH = {"false": "true", "False": "True", "nein": "ja", "Nein": "Ja"}
MASK = re.compile(r"[*•xX]{3,}")
NUMBER = re.compile(r"-?\d{1,18}")
LARGEST_NUMBER = 10**18  # the first one with a digit more
DAY = 10  # characters of YYYY-MM-DD
MIDNIGHT = "00:00:00"


@dataclass(frozen=True)
class Employee:
    """Somebody who has Termine. name and email are "" where Advoware shows none."""

    kuerzel: str
    name: str = ""
    email: str = ""
    active: bool = True


# --- requests


def listing(kuerzel: str, first: date, last: date) -> Request:
    params = (("kuerzel", kuerzel), ("from", first.isoformat()), ("to", last.isoformat()))
    return Request("GET", "Termine", params=params, may_be_nothing=True)


def one(fr_nr: int) -> Request:
    return Request("GET", "Termine", params=(("frnr", str(fr_nr)),), may_be_empty=True)


def creating(change: TerminChange) -> Request:
    return Request("POST", "Termine", body=_new(change))


def updating(current: AdvowareTermin, change: TerminChange, number_in: NumberIn) -> Request:
    return _numbered("PUT", _own(current.fr_nr), number_in, _laid_over(current.raw, change))


def deleting(fr_nr: int, number_in: NumberIn) -> Request:
    return _numbered("DELETE", _own(fr_nr), number_in, {"frNr": fr_nr} if number_in == "body" else None)


def employees(path: str) -> Request:
    return Request("GET", path.strip("/"), params=(("aktiv", "true"),))


def _numbered(method: str, fr_nr: int, number_in: NumberIn, body: object) -> Request:
    if number_in == "path":
        return Request(method, "Termine/{frNr}", {"frNr": fr_nr}, body=body, read_back=True)
    params = (("frnr", str(fr_nr)),) if number_in == "query" else ()
    return Request(method, "Termine", params=params, body=body, read_back=True)


def _own(fr_nr: int) -> int:
    if fr_nr <= 0:
        raise ValueError("an entry that Advoware derives from others cannot be written")
    return fr_nr


# --- readers


def read_list(value: object) -> tuple[AdvowareTermin, ...]:
    """None, as some servers spell an empty list, is one: what it lacks is proved by single reads alone."""
    return () if value is None else _each_once(list_of(value))


def read_one(fr_nr: int) -> Callable[[object], AdvowareTermin | None]:
    """The one asked for; None for nothing, an empty list or object, or the number 0 of an object that nobody filled:
    so a filter says that there is none."""

    def read(value: object) -> AdvowareTermin | None:
        if value in (None, [], {}, [{}]):
            return None
        found = _each_once(value if isinstance(value, list) else [value])
        if len(found) != 1:
            raise WrongShape(f"one Termin expected, a list of {len(found)} came")
        if found[0].fr_nr not in (fr_nr, 0):
            raise WrongShape("another Termin than the one asked for")
        return found[0] if found[0].fr_nr else None

    return read


def _each_once(rows: Sequence[object]) -> tuple[AdvowareTermin, ...]:
    """Rows of one number are one Termin of all whom they name; which of them comes first makes no difference."""
    found: dict[int, set[AdvowareTermin]] = {}
    for termin in map(termin_of, rows):
        found.setdefault(termin.fr_nr, set()).add(termin)
    return tuple(map(_one_of, found.values()))


def _one_of(rows: Collection[AdvowareTermin]) -> AdvowareTermin:
    """What one of them hides is hidden in all; else it is as the first kuerzel's row says it."""
    if len(rows) == 1:
        return next(iter(rows))
    first = min(rows, key=lambda row: (row.anwalt, repr(row)))
    return replace(
        first,
        anwalt=", ".join(sorted({name for row in rows for name in row.anwalt.split(", ")} - {""})),
        privat=any(row.privat for row in rows),
        masked=any(row.masked for row in rows),
        several_rows=True,
    )


def read_number(value: object) -> int:
    """The new number: bare, in an object, or as the only one of a list."""
    held = only_of(value)
    number = _number(_folded(held).get("frnr") if isinstance(held, dict) else held)
    if number is None or number <= 0:
        raise WrongShape("no number of the new Termin")
    return number


def termin_of(value: object) -> AdvowareTermin:
    raw = object_of(value)
    held = _folded(raw)
    number = _number(held.get("frnr"))
    if number is None:
        raise WrongShape("a Termin without frNr")
    privat = _no_clear_no(held.get("privat"))
    return AdvowareTermin(
        fr_nr=number,
        anwalt=_kuerzel(held.get("anwalt")),
        datum=_moment(held.get("datum")),
        datum_bis=_moment(held.get("datumbis")),
        uhrzeit_von=_moment(held.get("uhrzeitvon")),
        uhrzeit_bis=_moment(held.get("uhrzeitbis")),
        text=words_in(held, "text") or "",
        ort=words_in(held, "ort") or "",
        notiz=words_in(held, "notiz") or "",
        privat=privat,
        dauertermin=_no_clear_no(held.get("dauertermin")),
        turnus=_number(held.get("turnus")) or 0,
        turnus_art=_number(held.get("turnusart")) or 0,
        all_day=_all_day(held),
        masked=privat and _is_masked(held),
        stamp=next((stamp for name in STAMP_NAMES if (stamp := words_in(held, name))), ""),
        raw=raw,
    )


def read_employees(value: object) -> tuple[Employee, ...]:
    return tuple(_employee(item) for item in list_of(value))


def _employee(item: object) -> Employee:
    if isinstance(item, str):
        held: Mapping[str, object] = {"kuerzel": item}
    else:
        held = _folded(object_of(item))
    kuerzel = (words_in(held, "kuerzel") or "").strip()
    if not kuerzel:
        raise WrongShape("an employee without kuerzel")
    names = [text.strip() for key in ("vorname", "name") if (text := text_in(held, key))]
    email = next((text for key in ("email", "e-mail", "mail") if (text := text_in(held, key))), "")
    return Employee(kuerzel, " ".join(names), email.strip(), _true(held.get("aktiv", True)))


def _kuerzel(value: object) -> str:
    """Whose it is: a kuerzel, an object with one, or several of either."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_kuerzel, value)))
    held = _folded(value) if isinstance(value, dict) else {"kuerzel": value}
    return words_in(held, "kuerzel") or ""


def _folded(raw: Mapping[str, object]) -> dict[str, object]:
    return dict(zip(_names(tuple(raw)), raw.values(), strict=True))


@lru_cache(maxsize=64)
def _names(keys: tuple[str, ...]) -> tuple[str, ...]:
    """In lower case; one list names the same keys in each of its entries."""
    return tuple(key.lower() for key in keys)


def _number(value: object) -> int | None:
    if type(value) is int:
        return value if abs(value) < LARGEST_NUMBER else None
    if isinstance(value, bool) or not isinstance(value, float | str):
        return None
    text = str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()
    return int(text) if NUMBER.fullmatch(text) else None


def _true(value: object) -> bool:
    if value is None or isinstance(value, int | float):
        return bool(value)
    return str(value).strip().lower() in TRUE


def _no_clear_no(value: object) -> bool:
    """Better hidden than shown, and better refused as a series without a rhythm than shown once."""
    return _true(value) or (isinstance(value, str) and value.strip().lower() not in FALSE)


def _moment(value: object) -> str:
    """A spelling that nobody knows stays one, and is refused as such: taken for none, it would be a whole day."""
    return "" if value is None else str(value)


def _all_day(held: Mapping[str, object]) -> bool | None:
    found = [held[name] for name in ALL_DAY_NAMES if name in held]
    return any(_true(value) for value in found) if found else None


def _is_masked(held: Mapping[str, object]) -> bool:
    """Sure are two cases: no text comes at all, or one of nothing but masking letters."""
    text = held.get("text")
    return text is None or MASK.fullmatch(str(text).strip()) is not None


# --- bodies


def _new(change: TerminChange) -> dict[str, object]:
    body = _written(change, like={})
    if change.datum is not None:
        body["datum"] = f"{change.datum}T{change.uhrzeit_von or MIDNIGHT}"
    if change.datum_bis is not None:
        body["datumBis"] = f"{change.datum_bis}T{change.uhrzeit_bis or MIDNIGHT}"
    return body


def _laid_over(raw: Mapping[str, object], change: TerminChange) -> dict[str, object]:
    spelled = {key.lower(): key for key in raw}
    held = _folded(raw)
    body = {key: value for key, value in raw.items() if not key.lower().endswith("ticks")}
    days = {
        **_day("datum", "uhrzeitVon", change.datum, change.uhrzeit_von, held),
        **_day("datumBis", "uhrzeitBis", change.datum_bis, change.uhrzeit_bis, held),
    }
    for name, value in {**_written(change, like=held), **days}.items():
        body[spelled.get(name.lower(), name)] = value
    if change.all_day is not None:
        for name in ALL_DAY_NAMES:
            if name in held:
                body[spelled[name]] = _truth(change.all_day, like=held[name])
    return body


def _written(change: TerminChange, *, like: Mapping[str, object]) -> dict[str, object]:
    """By the API's names: what changes, each value in the spelling of the one that is there."""
    found: dict[str, object] = {}
    for field, name in NAMES.items():
        value = getattr(change, field)
        if value is None:
            continue
        if isinstance(value, bool):
            value = _truth(value, like=like.get(name.lower()))
        elif field == "notiz":
            value = value.replace("\n", "\r\n")
        found[name] = value
    return found


def _day(
    name: str, clock_name: str, day: str | None, clock: str | None, held: Mapping[str, object]
) -> dict[str, object]:
    """A day, which may hold the time of that field as well: then a new time changes it, too."""
    before = str(held.get(name.lower()) or "")
    if day is None and clock is None:
        return {}
    if not before or "T" not in before:
        return {} if day is None else {name: day}
    old = before[DAY + 1 :]
    holds_time = clock_name.lower() not in held or not old.startswith(MIDNIGHT[:5])
    time = (clock or old) if holds_time else MIDNIGHT
    return {name: f"{day or before[:DAY]}T{time}"}


def _truth(value: bool, *, like: object) -> object:
    """Truth as the other side spells it: 0/1 unless it shows true/false or a word."""
    if isinstance(like, bool):
        return value
    for no, yes in WORDS_OF_TRUTH.items():
        if like in (no, yes):
            return yes if value else no
    return str(int(value)) if isinstance(like, str) else int(value)
