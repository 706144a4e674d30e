"""The description for programs (OpenAPI 3.1), from the tables: what is offered, and what each answer means.

Invariant: what stands here is what the tables say; nothing is written down twice. To extend: the tables.
"""

from collections.abc import Iterable
from typing import Any

from syncapp.core.proxy.codes import Code
from syncapp.core.proxy.resources import EVERYTHING, ID, INT, READS, WITH_BODY, Resource, numbered
from syncapp.words.proxy import CODES

Json = dict[str, Any]
INTEGER: Json = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
SEGMENT: Json = {"type": "string", "pattern": r"^(?!\.+$)[A-Za-z0-9ÄÖÜäöüß_.~-]{1,64}$"}
ANYTHING: Json = {"type": ["object", "array", "string", "number", "boolean", "null"]}
SCHEMAS: dict[str, Json] = {INT: INTEGER, ID: SEGMENT}
SENT: Json = {"type": ["object", "array"]}


def document(table: Iterable[Resource], *, base: str = "") -> Json:
    """The whole file. Rows for everything cannot be described, so they are not in it."""
    rows = [row for row in table if row.template != EVERYTHING]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Advoware over Advosync",
            "version": "1",
            "description": "Reads and writes of Advoware for the firm's other programs. A key is needed for every "
            "address. A write that ends with `outcome_unknown` may have been carried out: read before repeating.",
        },
        **({"servers": [{"url": base.rstrip("/")}]} if base else {}),
        "security": [{"bearer": []}, {"header": []}],
        "paths": {
            **_paths(rows),
            "/advoware/proxy": _compatible(rows),
            "/advoware/proxy/whoami": {"get": _own("whoami", "What the key is and may", _WHOAMI)},
            "/advoware/openapi.json": {"get": _own("openapi", "This file", {"type": "object"})},
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
            },
            "schemas": {"Fault": _fault()},
        },
    }


def _path(row: Resource) -> str:
    return f"/advoware/api/{numbered(row.segments)}"


def _paths(rows: Iterable[Resource]) -> Json:
    """Rows that are one path here are one item: of each method the widest row, which says what is offered in all."""
    rows = tuple(rows)
    found: Json = {_path(row): {} for row in rows}
    for row in sorted(rows, key=lambda row: row.vagueness, reverse=True):
        item, blanks = found[_path(row)], _blanks(row)
        if blanks:
            item.setdefault("parameters", blanks)
        own = [] if item.get("parameters", []) == blanks else blanks
        for method in row.methods:
            item.setdefault(method.lower(), _operation(row, method, own))
    return found


def _blanks(row: Resource) -> list[Json]:
    schemas = [SCHEMAS[part] for part in row.segments if part in SCHEMAS]
    return [
        {"name": f"id{number}", "in": "path", "required": True, "schema": schema}
        for number, schema in enumerate(schemas, start=1)
    ]


def _operation(row: Resource, method: str, blanks: Iterable[Json]) -> Json:
    """`blanks`: those that differ from the path's own."""
    known = [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string", "maxLength": 500}}
        for name in row.parameters
    ]
    name = "_".join(part.strip("{}") for part in row.segments)
    return _call(method, name, row.note, (*blanks, *known), ANYTHING)


def _call(method: str, name: str, summary: str, parameters: Iterable[Json], answer: Json) -> Json:
    body = {"requestBody": {"required": True, "content": {"application/json": {"schema": SENT}}}}
    return {
        "operationId": f"{method.lower()}_{name}",
        "summary": summary,
        "parameters": [*parameters, *_extras(method)],
        **(body if method in WITH_BODY else {}),
        "responses": _responses(answer),
    }


def _extras(method: str) -> list[Json]:
    if method in READS:
        return []
    rehearsal: Json = {
        "name": "dry_run",
        "in": "query",
        "description": "1: say what would be sent, and write nothing",
        "schema": {"type": "string", "enum": ["0", "1"]},
    }
    repetition: Json = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "the same key and content: sent once, answered again for a day",
        "schema": {"type": "string", "minLength": 8, "maxLength": 128, "pattern": "^[!-~][ -~]*[!-~]$"},
    }
    return [rehearsal, repetition] if method == "POST" else [rehearsal]


def _compatible(rows: Iterable[Resource]) -> Json:
    methods = sorted({method for row in rows for method in row.methods})
    endpoint: Json = {
        "name": "endpoint",
        "in": "query",
        "required": True,
        "description": "the path without base, such as Beteiligte/104860",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }
    answer: Json = {"type": "object", "properties": {"result": ANYTHING, "dry_run": {"const": True}}}
    summary = "The address of the earlier system; the answer stands in `result`."
    return {method.lower(): _call(method, "proxy", summary, (endpoint,), answer) for method in methods}


def _own(name: str, summary: str, schema: Json) -> Json:
    return {"operationId": name, "summary": summary, "responses": _responses(schema, good="As described")}


def _responses(schema: Json, *, good: str = "Advoware's own status") -> Json:
    fault = {"application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}}
    return {
        "2XX": {"description": good, "content": {"application/json": {"schema": schema}}},
        **{str(status): {"description": "; ".join(words), "content": fault} for status, words in _by_status().items()},
        "4XX": {"description": f"{Code.ADVOWARE_REFUSED}: Advoware's own status", "content": fault},
    }


def _by_status() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for code in sorted(Code, key=lambda code: code.status):
        if code.status >= 400:
            found.setdefault(code.status, []).append(f"{code}: {CODES[code].error}")
    return found


def _fault() -> Json:
    codes = [code.value for code in Code if CODES[code].error]
    return {
        "type": "object",
        "required": ["error", "details", "code", "request_id", "advoware_status"],
        "properties": {
            "error": {"type": "string"},
            "details": ANYTHING,
            "code": {"type": "string", "enum": codes},
            "request_id": {"type": "string"},
            "advoware_status": {"type": ["integer", "null"]},
        },
    }


_WHOAMI: Json = {
    "type": "object",
    "required": ["name", "grants", "expires", "rate_per_minute"],
    "properties": {
        "name": {"type": "string"},
        "grants": {"type": "array", "items": {"type": "string"}},
        "expires": {"type": ["string", "null"]},
        "networks": {"type": "array", "items": {"type": "string"}},
        "rate_per_minute": {"type": "integer"},
        "address": {"type": "string"},
        "writes_paused": {"type": "boolean"},
    },
}
