"""The stand-in's own description of its API, as a firm's connector serves one: OpenAPI 3.

Invariant: made from the tables that answer requests, by the switches of the moment, so that it says what is done here.
To extend: a further address is a row of PATHS, a further object one of `_schemas`.
"""

from collections.abc import Mapping

from sandbox.advoware import children
from sandbox.advoware.shape import DATE_FIELD, EXTRA_DEFAULTS, MAX_LENGTHS, TOP_LEVEL_CONTACTS
from sandbox.advoware.termin_shape import CLOCKS, DAYS, TEXTS, TRUTHS
from sandbox.advoware.termin_shape import DEFAULTS as TERMIN_DEFAULTS
from sandbox.switches import switches

Json = dict[str, object]
TEXT: Json = {"type": "string", "nullable": True}
WHOLE: Json = {"type": "integer", "format": "int32"}
TRUTH: Json = {"type": "boolean"}
MOMENT: Json = {"type": "string", "format": "date-time", "nullable": True}


def document() -> Json:
    """All of it."""
    return {
        "openapi": "3.0.1",
        "info": {"title": "Advoware (stand-in)", "version": "1"},
        "servers": [{"url": "/api/v1/advonet"}],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _schemas() -> Json:
    return {
        "Beteiligter": _object(_beteiligter()),
        "Kommunikation": _object(_kommunikation()),
        "Adresse": _object(_entry(children.ADRESSEN)),
        "Bankverbindung": _object(_entry(children.BANK)),
        "Termin": _object(_termin()),
        "Mitarbeiter": _object(dict.fromkeys(("kuerzel", "vorname", "name", "email"), TEXT) | {"aktiv": TRUTH}),
    }


def _object(fields: Mapping[str, object]) -> Json:
    return {"type": "object", "properties": dict(fields)}


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(name: str) -> Json:
    return {"type": "array", "items": _reference(name), "nullable": True}


def _text(longest: int) -> Json:
    return {**TEXT, "maxLength": longest}


def _beteiligter() -> Json:
    fields: Json = {"betNr": WHOLE, "rowId": TEXT, "geaendertAm": MOMENT, DATE_FIELD: MOMENT}
    fields |= {name: _text(longest) for name, longest in MAX_LENGTHS.items()}
    fields |= dict.fromkeys((*EXTRA_DEFAULTS, *TOP_LEVEL_CONTACTS), TEXT)
    fields |= {"kommunikation": _list("Kommunikation"), "adressen": _list("Adresse")}
    if switches("advoware")["bank_list"] == "embedded":
        fields["bankverbindungen"] = _list("Bankverbindung")
    return fields


def _kommunikation() -> Json:
    numbers: Json = dict.fromkeys(("id", "betNr", "kommArt", "kommKz"), WHOLE)
    return {**numbers, "rowId": TEXT, "tlf": TEXT, "bemerkung": TEXT, "online": TRUTH}


def _entry(which: children.EntryList) -> Json:
    fields: Json = {"id": WHOLE, "betNr": WHOLE, "rowId": TEXT, "reihenfolgeIndex": WHOLE}
    fields |= {name: _text(longest) for name, longest in which.lengths.items()}
    fields |= {name: MOMENT for name in which.lengths if name.startswith("gueltig")}
    return fields | dict.fromkeys(which.flags, TRUTH)


def _termin() -> Json:
    kinds = dict.fromkeys(DAYS, MOMENT) | dict.fromkeys(TRUTHS, WHOLE) | dict.fromkeys((*TEXTS, *CLOCKS), TEXT)
    whole = {"nr", "turnus", "turnusArt"}
    fields = {name: kinds.get(name, WHOLE if name in whole else TEXT) for name in TERMIN_DEFAULTS}
    if switches("advoware")["termin_names"] == "pascal":
        return {name[:1].upper() + name[1:]: field for name, field in {"frNr": WHOLE, **fields}.items()}
    return {"frNr": WHOLE, **fields}


def _paths() -> Json:
    person = "/Beteiligte/{betNr}"
    paths: dict[str, Json] = {
        "/Beteiligte": {"post": _call(sends="Beteiligter", answers=_reference("Beteiligter"))},
        person: {
            "get": _call(answers=_reference("Beteiligter")),
            "put": _call(sends="Beteiligter", answers=_reference("Beteiligter")),
        },
        f"{person}/Kommunikationen": {"post": _call(sends="Kommunikation", answers=_reference("Kommunikation"))},
        f"{person}/Kommunikationen/{{id}}": {"put": _call(sends="Kommunikation", answers=_reference("Kommunikation"))},
        f"{person}/Adressen": {
            "get": _call(answers=_list("Adresse")),
            "post": _call(sends="Adresse", answers=_reference("Adresse")),
        },
        f"{person}/Adressen/{{number}}": {"put": _call(sends="Adresse", answers=_reference("Adresse"))},
        f"{person}/Bankverbindungen": {
            "get": _call(answers=_list("Bankverbindung")),
            "post": _call(sends="Bankverbindung", answers=_reference("Bankverbindung")),
        },
        "/Termine": _termine(),
        "/Mitarbeiter": {"get": _call(answers=_list("Mitarbeiter"), query=("aktiv",))},
        "/Rechtsformen": {"get": _call(answers={"type": "array", "items": TEXT})},
    }
    if switches("advoware")["termin_number_in"] == "path":
        paths["/Termine/{frNr}"] = {
            "put": _call(sends="Termin", answers=_reference("Termin")),
            "delete": _call(answers=WHOLE),
        }
    return dict(paths)


def _termine() -> Json:
    found: Json = {
        "get": _call(answers=_list("Termin"), query=("kuerzel", "from", "to", "frnr")),
        "post": _call(sends="Termin", answers=WHOLE),
    }
    where = switches("advoware")["termin_number_in"]
    if where != "path":
        query = ("frnr",) if where == "query" else ()
        found["put"] = _call(sends="Termin", answers=_reference("Termin"), query=query)
        found["delete"] = _call(answers=WHOLE, query=query)
    return found


def _call(*, answers: Json, sends: str = "", query: tuple[str, ...] = ()) -> Json:
    call: Json = {"responses": {"200": {"description": "OK", "content": {"application/json": {"schema": answers}}}}}
    if query:
        call["parameters"] = [{"name": name, "in": "query", "schema": TEXT} for name in query]
    if sends:
        call["requestBody"] = {"content": {"application/json": {"schema": _reference(sends)}}}
    return call
