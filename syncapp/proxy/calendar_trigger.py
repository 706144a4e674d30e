"""`POST /advoware/calendar/sync`: another program asks for passes over one calendar, or over all.

| asked | answer |
| --- | --- |
| a kuerzel | 202 `triggered`; 200 `already_running`: one more pass follows |
| `ALL`, or nothing | 202 `triggered` |
| a kuerzel that has no calendar, or whose calendar is not synced (set aside, off, not in CALENDAR_ONLY) | 404 |
| no key, or one without the grant `calendar:sync` | 401, 403 |
| no JSON object, other names, other types | 400 |
| a body without its length | 411 |
| while the database is away | 503 |

`full_content: false` makes that one pass show no texts in Google. Invariant: nothing is synced while the caller waits;
each call leaves a row in the audit, and every answer is JSON. Where calendars are not set up, the address is none;
PROXY_ENABLED is about Advoware, and says nothing of it.
"""

import json

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.grants import CALENDAR_SYNC
from syncapp.core.requests import Source
from syncapp.core.spelling.storable import storable_json
from syncapp.entities.appointments import due_passes
from syncapp.models import CalendarEmployee
from syncapp.proxy import callers
from syncapp.proxy.answers import ProxyAnswer, Reply, own
from syncapp.proxy.records import Incoming, Record, found_by

LONGEST_BODY = 4096
ALL = "ALL"
NAMES = frozenset({"kuerzel", "full_content"})


def answer(incoming: Incoming) -> Reply:
    record = Record(incoming, template=CALENDAR_SYNC)
    return record.closed_with(found_by(_asked, record), plain=True)


def _asked(record: Record) -> ProxyAnswer:
    incoming = record.incoming
    caller = record.caller = callers.of_key(incoming.headers, incoming.address)
    callers.admit(caller)
    if not any(grant.template == CALENDAR_SYNC for grant in caller.grants):
        raise ProxyRefusal(Code.NOT_GRANTED, f"needed: {CALENDAR_SYNC}")
    if incoming.method != "POST":
        raise ProxyRefusal(Code.METHOD_NOT_OFFERED, "offered: POST", offers=("POST",))
    if "Transfer-Encoding" in incoming.headers:  # of a body in pieces nothing is handed in
        raise ProxyRefusal(Code.LENGTH_REQUIRED)
    body = incoming.read(LONGEST_BODY + 1)
    record.request_bytes = len(body)
    kuerzel, full_content = _read(body)
    if kuerzel == ALL:
        return _trigger_all(full_content)
    return _trigger(kuerzel, full_content)


def _read(body: bytes) -> tuple[str, bool]:
    """Both are optional."""
    if len(body) > LONGEST_BODY:
        raise ProxyRefusal(Code.TOO_LARGE, f"at most {LONGEST_BODY} bytes")
    try:
        given = storable_json(json.loads(body or b"{}"))
    except (ValueError, RecursionError):
        raise ProxyRefusal(Code.BAD_BODY, "no JSON") from None
    if not isinstance(given, dict) or given.keys() - NAMES:
        raise ProxyRefusal(Code.BAD_BODY, "a JSON object with kuerzel and full_content, both optional")
    kuerzel, full_content = given.get("kuerzel", ALL), given.get("full_content", True)
    if not isinstance(kuerzel, str) or not isinstance(full_content, bool):
        raise ProxyRefusal(Code.BAD_BODY, "kuerzel is a text, full_content true or false")
    return kuerzel.strip() or ALL, full_content


def _trigger_all(full_content: bool) -> ProxyAnswer:
    ids = list(due_passes.synced().values_list("pk", flat=True))
    due_passes.request_passes(ids, source=Source.PROXY, cause="trigger", anonymous=not full_content)
    return _said(202, "triggered", ALL, "Calendar sync triggered for ALL")


def _trigger(kuerzel: str, full_content: bool) -> ProxyAnswer:
    row = CalendarEmployee.objects.filter(kuerzel__iexact=kuerzel).first()
    if row is None:
        raise ProxyRefusal(Code.NOT_OFFERED, "no calendar of that kuerzel")
    if due_passes.left_alone(row):
        raise ProxyRefusal(Code.NOT_OFFERED, "the calendar of that kuerzel is not synced")
    running = due_passes.is_running(row)
    due_passes.request_passes([row.pk], source=Source.PROXY, cause="trigger", anonymous=not full_content, urgent=True)
    if running:
        return _said(200, "already_running", row.kuerzel, f"Calendar sync of {row.kuerzel} is going on")
    return _said(202, "triggered", row.kuerzel, f"Calendar sync triggered for {row.kuerzel}")


def _said(status: int, word: str, kuerzel: str, message: str) -> ProxyAnswer:
    return own({"status": word, "kuerzel": kuerzel, "message": message}, status=status)
