"""The way of one call: who, how often, what, may it, then the body; what is sent has a row in the audit.

Invariant: each step either goes on or raises a Refusal, and whatever happens one answer and one row of the audit come
of it. Nothing here knows of Django's requests: the two addresses in views/ hand in an Incoming.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings

from syncapp.core.proxy.bodies import read_body
from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.grants import OwnerCheck, Permit, belongs, fitting, permit
from syncapp.core.proxy.paths import Query, decoded, only_endpoint, read_path, read_query
from syncapp.core.proxy.resources import METHODS, WITH_BODY, Match, matches, note_on, offered
from syncapp.core.spelling.storable import json_as_it_came
from syncapp.core.systems import System
from syncapp.engine import control
from syncapp.models import Mode
from syncapp.proxy import answers, callers, forwarding, keys, openapi, repetitions, slots, wakening
from syncapp.proxy.answers import ProxyAnswer, Reply
from syncapp.proxy.callers import Caller
from syncapp.proxy.forwarding import Sending
from syncapp.proxy.records import Incoming, Record, found_by


def answer(incoming: Incoming) -> Reply:
    """One call for Advoware, on either address."""
    record = Record(incoming)
    return record.closed_with(found_by(_passed_on, record), plain=incoming.raw_path is not None)


def try_read(
    *, username: str, address: str, endpoint: str, raw_query: str, request_id: str
) -> tuple[ProxyAnswer, Reply]:
    """An operator's GET from the admin."""
    incoming = Incoming("GET", raw_query, endpoint, {}, address, None, lambda size: b"", request_id)
    record = Record(incoming, callers.of_operator(username, address))
    found = found_by(_passed_on, record)
    return found, record.closed_with(found, plain=True)


def whoami(incoming: Incoming) -> Reply:
    """What the key is and may; nothing is asked of Advoware."""
    return _about_us(incoming, _described)


def description(incoming: Incoming) -> Reply:
    """The OpenAPI file."""
    return _about_us(incoming, lambda caller: openapi.document(keys.table(), base=settings.PUBLIC_URL))


def _about_us(incoming: Incoming, told: Callable[[Caller], object]) -> Reply:
    """An address of ours: the same door, and a row in the audit only if it stays shut."""

    def asked(record: Record) -> ProxyAnswer:
        caller = _enter(record)
        if incoming.method != "GET":
            raise ProxyRefusal(Code.METHOD_NOT_OFFERED, "offered: GET", offers=("GET",))
        return answers.own(told(caller))

    record = Record(incoming)
    found = found_by(asked, record)
    if found.good:
        return answers.reply(found, plain=True, request_id=incoming.request_id)
    return record.closed_with(found, plain=True)


def _described(caller: Caller) -> dict[str, object]:
    row = caller.row
    return {
        "name": caller.name,
        "grants": [str(grant) for grant in caller.grants],
        "expires": row.expires_at.isoformat() if row else None,
        "networks": row.networks if row else [],
        "rate_per_minute": row.rate_per_minute if row else settings.PROXY_RATE_PER_MINUTE,
        "address": caller.address,
        "writes_paused": not _writes_allowed(),
    }


# --- the steps


def _enter(record: Record) -> Caller:
    """Who is it, and how often. An operator of the admin has no key to show, and is known before."""
    if not settings.PROXY_ENABLED:
        raise ProxyRefusal(Code.PROXY_OFF)
    caller = record.caller or callers.of_key(record.incoming.headers, record.incoming.address)
    record.caller = caller
    callers.admit(caller)
    return caller


def _passed_on(record: Record) -> ProxyAnswer:
    """What is it, and may it."""
    caller, incoming = _enter(record), record.incoming
    if incoming.method not in METHODS:
        raise ProxyRefusal(Code.METHOD_NOT_OFFERED, offers=METHODS)
    query, rows = _read(record)
    found = offered(rows, incoming.method)
    record.template, record.path_ids = found.resource.template, found.ids
    fitting(caller.grants, method=incoming.method, resource=found.resource)
    rehearsal = query.dry_run and incoming.writes
    if incoming.writes and not rehearsal and not _writes_allowed():
        raise ProxyRefusal(Code.WRITES_PAUSED)
    body = _body(record)
    name = repetitions.name_of(incoming.headers) if incoming.method == "POST" else ""
    may = permit(
        caller.grants,
        method=incoming.method,
        resource=found.resource,
        parameters=query.parameters,
        body=body,
        ids=found.ids,
    )
    sending = Sending(incoming.method, found, may.parameters, body, incoming.request_id)
    done = _rehearsed(sending, may, record) if rehearsal else _once(sending, may, record, caller, name)
    return replace(done, note=note_on(found.resource, record.parameters))


def _read(record: Record) -> tuple[Query, tuple[Match, ...]]:
    incoming = record.incoming
    query = read_query(incoming.raw_query)
    text = only_endpoint(query) if incoming.raw_path is None else decoded(incoming.raw_path)
    if incoming.raw_path is not None and query.endpoints:
        raise ProxyRefusal(Code.BAD_QUERY, "endpoint belongs to /advoware/proxy")
    rows = matches(keys.table(), read_path(text, prefixes=forwarding.prefixes()))
    record.template, record.path_ids = rows[0].resource.template, rows[0].ids
    record.parameters = tuple(name for name, _value in query.parameters)
    return query, rows


def _writes_allowed() -> bool:
    switches = control.switches()
    return switches.mode == Mode.LIVE and System.ADVOWARE not in switches.held_sides


def _body(record: Record) -> object:
    """The JSON of a POST or PUT; others have none."""
    incoming = record.incoming
    if incoming.method not in WITH_BODY:
        if incoming.length or "Transfer-Encoding" in incoming.headers:
            raise ProxyRefusal(Code.BODY_UNEXPECTED)
        return None
    if incoming.length is None:
        raise ProxyRefusal(Code.LENGTH_REQUIRED)
    kind = incoming.headers.get("Content-Type", "application/json").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise ProxyRefusal(Code.NOT_JSON)
    limit = settings.PROXY_MAX_REQUEST_KIB * 1024
    raw = b"" if incoming.length > limit else incoming.read(limit + 1)
    if incoming.length > limit or len(raw) > limit:
        raise ProxyRefusal(Code.TOO_LARGE, f"at most {settings.PROXY_MAX_REQUEST_KIB} KiB")
    record.request_bytes = len(raw)
    return read_body(raw)


def _rehearsed(sending: Sending, may: Permit, record: Record) -> ProxyAnswer:
    """What would be sent. A limited key's object is looked at as before the write, which would be refused else."""
    if may.check is OwnerCheck.BEFORE:
        with _place(record):
            fault = _looked_before(sending, may)
        if fault is not None:
            return fault
    shown = {
        "dry_run": True,
        "method": sending.method,
        "url": forwarding.address(sending),
        "parameters": [list(pair) for pair in sending.parameters],
        "body": sending.body,
    }
    found = answers.own(shown, code=Code.DRY_RUN)
    return replace(found, content=json_as_it_came(found.content))


def _once(sending: Sending, may: Permit, record: Record, caller: Caller, name: str) -> ProxyAnswer:
    """A POST with an Idempotency-Key is sent once; everything else as often as it is asked for."""
    if not name or caller.row is None:
        return _carried(sending, may, record)
    record.idempotency = name
    claim = repetitions.claim(name, caller.row, sending)
    if claim.before is not None:
        record.repeated = True
        return claim.before
    try:
        found = _carried(sending, may, record)
    except BaseException:  # whatever ends it
        if not sending.left:
            repetitions.give_back(claim.row)
        raise
    sent, call_id = sending.attempts > 0, record.row.pk if record.row else None
    repetitions.settle(claim.row, found, sent=sent, call_id=call_id)
    return found


def _carried(sending: Sending, may: Permit, record: Record) -> ProxyAnswer:
    """Sent; a write apart from the sync, recorded before it."""
    with _place(record):
        found = _written(sending, may, record) if sending.writes else _sent(sending, record)
    if may.check is OwnerCheck.ANSWER and found.good:
        _must_belong(may, found)
    return found


@contextmanager
def _place(record: Record) -> Iterator[None]:
    """For a call to Advoware, while it is to be called at all."""
    forwarding.is_down(record.caller)
    with slots.slot():
        yield


def _written(sending: Sending, may: Permit, record: Record) -> ProxyAnswer:
    """What a limited key may touch is looked at when nobody else can write it any more; a pause may have begun while it
    waited for that."""
    write = wakening.ProxyWrite(sending.match, sending.parameters, sending.body, sending.late_at)
    with wakening.apart(write):
        if not _writes_allowed():
            raise ProxyRefusal(Code.WRITES_PAUSED)
        fault = _looked_before(sending, may)
        if fault is not None:
            return fault
        record.begin()
        found = None
        try:
            found = _sent(sending, record)
        finally:
            write.done = _may_be_done(sending, found)
            write.unanswered = write.done and not (found and found.good)
    return found


def _sent(sending: Sending, record: Record) -> ProxyAnswer:
    try:
        return forwarding.send(sending)
    finally:
        record.attempts, record.left = sending.attempts, sending.left


def _may_be_done(sending: Sending, found: ProxyAnswer | None) -> bool:
    """Whether a write has changed Advoware, or may have; without an answer a fault of ours has ended it."""
    return sending.left if found is None else found.code in (Code.OK, Code.OUTCOME_UNKNOWN)


def _looked_before(sending: Sending, may: Permit) -> ProxyAnswer | None:
    """Read what is to be written, where a key is limited to its owner's; why it cannot be, if something is wrong."""
    owner = may.owner
    if may.check is not OwnerCheck.BEFORE or owner is None:
        return None
    there = Match(sending.match.resource, (), owner.read_at, (owner.read_at,))
    asked = ((owner.single, may.single),)
    look = Sending("GET", there, asked, None, sending.request_id, sending.until)
    found = forwarding.send(look)
    if found.good:
        _must_belong(may, found)
        if time.monotonic() > sending.late_at:
            raise ProxyRefusal(Code.TIMED_OUT)
        return None
    return found


def _must_belong(may: Permit, found: ProxyAnswer) -> None:
    if not belongs(may, json.loads(found.content or "null")):
        raise ProxyRefusal(Code.NOT_YOURS)
