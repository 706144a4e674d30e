"""What a caller gets: status, body and headers, in the form that each of the two addresses promises.

| what came of it | `/advoware/proxy` | `/advoware/api/…` |
| --- | --- | --- |
| good | Advoware's status, `{"result": <its JSON>}` | Advoware's status and its JSON |
| 204 of Advoware | 200 `{"result": null}` | 204 |
| a good status without JSON to a PUT or DELETE of a Termin | its status, `{"result": null}` | its status, no body |
| anything else | `{"error", "details", "code", "request_id", "advoware_status"}` | the same |

Invariant: of Advoware's headers none comes through; its 401 never does. Every answer says that nobody may keep it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.rate import whole_seconds
from syncapp.words.proxy import CODES

ALWAYS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ProxyAnswer:
    """What came of a call. `content`: Advoware's JSON as text, empty for none; `details`: fit for the caller."""

    code: Code
    status: int
    advoware_status: int | None = None
    content: str = ""
    details: object = ""
    retry_after: float | None = None
    note: str = ""
    offers: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        return self.code in (Code.OK, Code.DRY_RUN)


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def refused(refusal: ProxyRefusal) -> ProxyAnswer:
    """A refusal of our own."""
    return ProxyAnswer(
        refusal.code,
        refusal.code.status,
        details=refusal.hint,
        retry_after=refusal.retry_after,
        offers=refusal.offers,
    )


def own(content: object, *, code: Code = Code.OK, status: int = 200) -> ProxyAnswer:
    """JSON of ours."""
    return ProxyAnswer(code, status, content=json.dumps(content, ensure_ascii=False))


def reply(found: ProxyAnswer, *, plain: bool, request_id: str) -> Reply:
    """As the address promises it."""
    headers = {**ALWAYS, **_headers(found)}
    if not found.good:
        return _json(found.status, _fault(found, request_id), headers)
    if plain or found.code is Code.DRY_RUN:
        if not found.content:
            return Reply(found.status, b"", headers)
        return _json(found.status, found.content, headers)
    return _json(200 if found.status == 204 else found.status, f'{{"result": {found.content or "null"}}}', headers)


def _json(status: int, body: str, headers: Mapping[str, str]) -> Reply:
    # Half a character, as Advoware may hold it, has no UTF-8: only an escape can hand it on.
    raw = body.encode("utf-8", errors="backslashreplace")
    return Reply(status, raw, {"Content-Type": JSON, **headers})


def _headers(found: ProxyAnswer) -> dict[str, str]:
    headers = {}
    if found.retry_after is not None:
        headers["Retry-After"] = str(whole_seconds(found.retry_after))
    if found.advoware_status is not None:
        headers["X-Advoware-Status"] = str(found.advoware_status)
    if found.note:
        headers["X-Advosync-Note"] = found.note
    if found.code is Code.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="advoware"'
    if found.offers:
        headers["Allow"] = ", ".join(found.offers)
    return headers


def _fault(found: ProxyAnswer, request_id: str) -> str:
    row = CODES[found.code]
    body = {
        "error": row.error,
        "details": found.details or row.advice_for_programs,
        "code": found.code,
        "request_id": request_id,
        "advoware_status": found.advoware_status,
    }
    return json.dumps(body, ensure_ascii=False)
