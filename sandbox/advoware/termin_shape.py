"""The shape of a Termin: what is stored of a body, and how a stored one is answered, by the switches.

Stored are days as YYYY-MM-DD, times as HH:MM:SS, truth as 0 or 1, under the names of the API in camel case.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from sandbox.advoware.bad_value import BadValue
from sandbox.advoware.shape import berlin
from sandbox.models.advoware import Mitarbeiter, Termin
from sandbox.switches import switches

DEFAULTS: dict[str, object] = {
    "anwalt": "",
    "sb": "",
    "datum": None,
    "datumBis": None,
    "uhrzeitVon": None,
    "uhrzeitBis": None,
    "text": "",
    "ort": "",
    "notiz": "",
    "privat": 0,
    "dauertermin": 0,
    "turnus": 0,
    "turnusArt": 0,
    "ganztags": 0,
    "vorbereitungsDauer": None,
    "istErledigt": 0,
    "nr": 0,
    "azRubrum": None,
}
DAYS = ("datum", "datumBis")
CLOCKS = ("uhrzeitVon", "uhrzeitBis", "vorbereitungsDauer")
TRUTHS = ("privat", "dauertermin", "ganztags", "istErledigt")
TEXTS = ("text", "ort", "notiz")
ALL_DAY_FIELDS = ("abwesenheit", "ganztaegig")
OWN_KEYS = ("frNr", "rowId", "geaendertAm")
CLOCK = re.compile(r"(?:\d{4}-\d\d-\d\dT)?(?P<clock>\d\d:\d\d)(?P<seconds>:\d\d)?(?:\.\d+)?")
TICKS = 10_000_000
NO_DATE = "0001-01-01"
KINDS = {"vorbereitungsDauer": (1, "Vorbereitung")}


def stored(body: Mapping[str, object], *, by_person: bool = False) -> dict[str, object]:
    """What of a body is kept, each value checked; names in either case; raises BadValue."""
    habits = switches("advoware")
    given = {key[:1].lower() + key[1:]: value for key, value in body.items()}
    found: dict[str, object] = {}
    for key, value in given.items():
        if key in OWN_KEYS or key == "uhrzeitBisTicks":
            continue
        if key in ALL_DAY_FIELDS:
            if key == habits["termin_all_day_field"]:
                found["ganztags"] = _truth(key, value)
        else:
            found[key] = _kept(key, value)
    if habits["termin_start_in_datum"] and "T" in str(given.get("datum")) and not by_person:
        found["uhrzeitVon"] = _clock("datum", given["datum"])
    ticks = given.get("uhrzeitBisTicks")
    if habits["termin_twin"] and isinstance(ticks, int):
        found["uhrzeitBis"] = str(timedelta(seconds=ticks // TICKS)).rjust(8, "0")
    return found


def _kept(key: str, value: object) -> object:
    if key in DAYS:
        return _day(key, value)
    if key in CLOCKS:
        return _clock(key, value)
    if key in TRUTHS:
        return _truth(key, value)
    if key in TEXTS:
        return _text(key, value)
    if key in ("turnus", "turnusArt"):
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadValue(f"{key}: Zahl erwartet")
        return value
    return value


def _day(key: str, value: object) -> str | None:
    if value in (None, "") or str(value).startswith(NO_DATE):
        return None
    try:
        return date.fromisoformat(str(value).partition("T")[0]).isoformat()
    except ValueError:
        raise BadValue(f"{key}: {value!r} ist kein Datum") from None


def _clock(key: str, value: object) -> str | None:
    if value in (None, ""):
        return None
    found = CLOCK.fullmatch(str(value))
    if found is None:
        raise BadValue(f"{key}: {value!r} ist keine Uhrzeit")
    return f"{found['clock']}{found['seconds'] or ':00'}"


def _truth(key: str, value: object) -> int:
    if value not in (0, 1, None):  # True and False are among them
        raise BadValue(f"{key}: 0 oder 1 erwartet")
    return int(bool(value))


def _text(key: str, value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise BadValue(f"{key}: Text erwartet")
    longest = switches("advoware")["termin_max"]
    text = (value or "").replace("\r\n", "\n")
    return text[:longest] if isinstance(longest, int) else text


def termin_json(row: Termin) -> dict[str, object]:
    """The object as this Advoware shows it."""
    habits = switches("advoware")
    shown = {key: value for key, value in row.fields.items() if key != "ganztags"}
    shown = {"frNr": row.fr_nr, **shown}
    clock = str(row.fields.get("uhrzeitVon") or "00:00:00")
    start_in_day = bool(habits["termin_start_in_datum"])
    shown["datum"] = f"{row.fields['datum']}T{clock if start_in_day else '00:00:00'}" if row.fields["datum"] else None
    shown["datumBis"] = f"{row.fields['datumBis']}T00:00:00" if row.fields.get("datumBis") else None
    for key in CLOCKS:
        shown[key] = _spelled(row.fields.get(key), str(row.fields["datum"]))
    if start_in_day:
        del shown["uhrzeitVon"]
    if field := habits["termin_all_day_field"]:
        shown[str(field)] = row.fields["ganztags"]
    if habits["termin_crlf"]:
        shown["notiz"] = str(shown.get("notiz") or "").replace("\n", "\r\n")
    if habits["termin_truth"] == "bool":
        shown |= {key: bool(shown[key]) for key in (*TRUTHS, *ALL_DAY_FIELDS) if key in shown}
    shown |= _extras(row)
    if habits["termin_names"] == "pascal":
        return {key[:1].upper() + key[1:]: value for key, value in shown.items()}
    return shown


def _extras(row: Termin) -> dict[str, object]:
    """The stamp, the twin field, and the mask over what is private."""
    habits = switches("advoware")
    found: dict[str, object] = {}
    if habits["termin_stamp"] == "geaendertAm":
        found["geaendertAm"] = berlin(row.geaendert_am)
    elif habits["termin_stamp"] == "rowId":
        found["rowId"] = row.row_id
    if habits["termin_twin"] and (clock := row.fields.get("uhrzeitBis")):
        hours, minutes, seconds = (int(part) for part in str(clock).split(":"))
        found["uhrzeitBisTicks"] = (hours * 3600 + minutes * 60 + seconds) * TICKS
    if habits["termin_masks_private"] and row.fields.get("privat"):
        found |= {"text": "***", "ort": None, "notiz": None}
    return found


def special_json(row: Termin) -> Iterator[dict[str, object]]:
    """The entries that Advoware derives from a Termin, with negative numbers."""
    for key, (kind, title) in KINDS.items():
        if not (duration := row.fields.get(key)) or not (start := row.fields.get("uhrzeitVon")):
            continue
        length, until = (_seconds(str(clock)) for clock in (duration, start))
        begins = str(timedelta(seconds=max(until - length, 0))).rjust(8, "0")
        fields = {**row.fields, "uhrzeitVon": begins, "uhrzeitBis": start, "text": f"{title}: {row.fields['text']}"}
        derived = Termin(fr_nr=row.fr_nr, row_id=row.row_id, geaendert_am=row.geaendert_am, fields=fields)
        shown = termin_json(derived)
        number = next(name for name in shown if name.lower() == "frnr")
        yield {**shown, number: -(row.fr_nr * 10 + kind), "special": kind}


def employee_json(row: Mitarbeiter) -> object:
    if switches("advoware")["employees_shape"] == "strings":
        return row.kuerzel
    return {
        "kuerzel": row.kuerzel,
        "vorname": row.vorname,
        "name": row.name,
        "email": row.email or None,
        "aktiv": row.aktiv,
    }


def _spelled(clock: object, day: str) -> str | None:
    if clock is None:
        return None
    how = switches("advoware")["termin_times"]
    if how == "HH:MM":
        return str(clock)[:5]
    return {"HH:MM:SS.fff": f"{clock}.000", "datetime": f"{day}T{clock}"}.get(str(how), str(clock))


def _seconds(clock: str) -> int:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + seconds
