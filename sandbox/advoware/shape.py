"""The shape of Advoware's objects: field names, maxima, dates, and how a stored row is answered.

Pure but for the switches. A further field with a maximum is a row in MAX_LENGTHS; further keys need nothing, they are
kept.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sandbox.advoware import children
from sandbox.advoware.bad_value import BadValue
from sandbox.models.advoware import Beteiligter, Kommunikation
from sandbox.switches import switches

BERLIN = ZoneInfo("Europe/Berlin")
MAX_LENGTHS = {
    "name": 140,
    "vorname": 30,
    "rechtsform": 50,
    "titel": 50,
    "anrede": 35,
    "bAnrede": 150,
    "zusatz": 100,
}
DATE_FIELD = "geburtsdatum"
IGNORED_BY_PUT = ("art", "kurzname", "geburtsname", "familienstand", "handelsRegisterNummer", "registergericht")
# Never taken from a body: keys that Advoware sets itself, and lists that have addresses of their own.
OWN_KEYS = frozenset({"betNr", "rowId", "geaendertAm", "kommunikation", "adressen", "bankverbindungen"})
TOP_LEVEL_CONTACTS = {
    "telGesch": 1,
    "faxGesch": 2,
    "mobil": 3,
    "emailGesch": 4,
    "internet": 5,
    "telPrivat": 6,
    "faxPrivat": 7,
    "emailPrivat": 8,
    "autotelefon": 9,
    "ePost": 11,
    "bea": 12,
}
# What a new Beteiligter has beside the synced fields: a client that does not hand these back loses them.
EXTRA_DEFAULTS: dict[str, object] = {
    "art": None,
    "kurzname": None,
    "geburtsname": None,
    "familienstand": None,
    "handelsRegisterNummer": None,
    "registergericht": None,
    "bemerkungen": None,
    "steuerNummer": None,
    "kennzeichen": 0,
    "anlagen": [],
}
RECHTSFORMEN = (
    "AG",
    "e.K.",
    "e.V.",
    "GbR",
    "GmbH",
    "GmbH & Co. KG",
    "KG",
    "natürliche Person",
    "OHG",
    "PartG mbB",
    "Stiftung",
    "UG",
)
EMPTY_DATES: dict[str, object] = {"null": None, "": "", "0001-01-01T00:00:00": "0001-01-01T00:00:00"}


def berlin(moment: datetime) -> str:
    return moment.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M:%S")


def text_to_store(key: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadValue(f"{key}: Text erwartet")
    habits = switches("advoware")
    text = value.strip() if habits["trims_text"] else value
    if len(text) <= MAX_LENGTHS[key]:
        return text
    if habits["too_long"] == "cut":
        return text[: MAX_LENGTHS[key]]
    raise BadValue(f"{key}: höchstens {MAX_LENGTHS[key]} Zeichen")


def date_to_store(value: object) -> str | None:
    taken = switches("advoware")["empty_date"]
    if value in EMPTY_DATES.values():
        if taken != "any" and value != EMPTY_DATES[str(taken)]:
            raise BadValue(f"{DATE_FIELD}: {value!r} ist kein Datum")
        return None
    try:
        day = date.fromisoformat(str(value).partition("T")[0])
    except ValueError:
        raise BadValue(f"{DATE_FIELD}: {value!r} ist kein Datum") from None
    return f"{day.isoformat()}T00:00:00"


def fields_to_store(body: Mapping[str, object]) -> dict[str, object]:
    """What of a body is stored, each value checked; raises BadValue."""
    stored: dict[str, object] = {}
    for key, value in body.items():
        if key in OWN_KEYS or key in TOP_LEVEL_CONTACTS:
            continue
        if key in MAX_LENGTHS:
            stored[key] = text_to_store(key, value)
        elif key == DATE_FIELD:
            stored[key] = date_to_store(value)
        else:
            stored[key] = value
    if not str(stored.get("name") or "").strip():
        raise BadValue("name: darf nicht leer sein")
    if stored.get("rechtsform") and stored["rechtsform"] not in RECHTSFORMEN:
        raise BadValue(f"rechtsform: {stored['rechtsform']!r} ist nicht bekannt")
    return stored


def kommunikation_json(row: Kommunikation, *, komm_kz: int, with_row_id: bool = True) -> dict[str, object]:
    return {
        "id": row.pk,
        "betNr": row.beteiligter_id,
        **({"rowId": row.row_id} if with_row_id else {}),
        "kommArt": 0,
        "kommKz": komm_kz,
        "tlf": row.tlf,
        "bemerkung": row.bemerkung,
        "online": row.online,
    }


def top_level_contacts(rows: Iterable[Kommunikation]) -> dict[str, str | None]:
    found: dict[int, str] = {}
    for row in rows:
        if row.tlf:
            found.setdefault(row.komm_kz, row.tlf)
    return {key: found.get(number) for key, number in TOP_LEVEL_CONTACTS.items()}


def beteiligter_json(row: Beteiligter, *, true_numbers: bool = False) -> dict[str, object]:
    """The whole object, with the oddities that are switched on. `true_numbers`: each entry's real kommKz."""
    habits = switches("advoware")
    entries = list(row.kommunikation.all())
    answer: dict[str, object] = {"betNr": row.bet_nr, "rowId": row.row_id, **row.fields}
    if not habits["omit_geaendertAm"]:
        answer["geaendertAm"] = berlin(row.geaendert_am)
    if habits["top_level_contacts"]:
        answer |= top_level_contacts(entries)
    if not habits["omit_kommunikation"]:
        real = true_numbers or bool(habits["kommkz_on_get"])
        shown = [] if habits["empty_kommunikation"] else entries
        answer["kommunikation"] = [kommunikation_json(e, komm_kz=e.komm_kz if real else 0) for e in shown]
    answer |= children.embedded(row, everything=true_numbers)
    omitted = habits["omit_fields"]
    return {key: value for key, value in answer.items() if not isinstance(omitted, list) or key not in omitted}


def rechtsformen_json() -> list[object]:
    shape = str(switches("advoware")["rechtsformen_shape"])
    if shape == "strings":
        return list(RECHTSFORMEN)
    return [{"id": number, shape: text} for number, text in enumerate(RECHTSFORMEN, start=1)]
