"""Replays recorded requests of a real EspoCRM 9.2.7 against the stand-in and collects where the answers differ.

A chapter is a run of exchanges that belong together. It starts on an empty database with the recorded users, plants
what existed when the recording began, and replays its exchanges in order with the clock at each recorded moment and
with the recorded identifiers, so that answers can be compared to the letter. A gap in the recording (a request that was
made and not kept) is a row in the chapter's `before`: what to do ahead of the named exchange.
"""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import get_resolver

from sandbox import switches
from sandbox.espocrm import auth, clock, people, shapes
from sandbox.espocrm.entities import ENTITY_TYPES, PERSON
from sandbox.models.espocrm import (
    EmailAddress,
    EspoRecord,
    EspoUser,
    PhoneNumber,
    RecordEmail,
    RecordPhone,
)

Json = Any
RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
BOT, HMAC_BOT = "6b020523c2fd7ebe6", "6b02052401f0dc51b"
ADMIN, ANNA = "6b02048a85033f9a3", "6b02052450b3b3308"
KEY, HMAC_KEY, HMAC_SECRET = "bot-key", "hmac-key", "hmac-secret"
PERSON_CUSTOM = {row.name for row in PERSON.fields if row.custom}
# Attributes that the stand-in's entities got after the recordings were made.
NEWER: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Exchange:
    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    sent: Json
    status: int
    answer_headers: Mapping[str, str]
    answer: Json

    def moment(self, otherwise: str) -> str:
        """When it was answered, as far as the answer tells."""
        answer = self.answer if isinstance(self.answer, dict) else {}
        return str(answer.get("modifiedAt") or answer.get("createdAt") or otherwise)


@cache
def exchanges() -> dict[str, Exchange]:
    found = {}
    for line in (RECORDINGS / "exchanges-9.2.7.jsonl").read_text().splitlines():
        row = json.loads(line)
        request, response = row["request"], row["response"]
        found[row["name"]] = Exchange(
            row["name"],
            request["method"],
            request["path"],
            request["headers"],
            request["body"],
            response["status"],
            response["headers"],
            response["body"],
        )
    return found


@cache
def deliveries() -> list[Json]:
    return [json.loads(line) for line in (RECORDINGS / "deliveries-9.2.7.jsonl").read_text().splitlines()]


def answer_of(name: str) -> Json:
    return exchanges()[name].answer


def natural(name: str) -> list[tuple[int, str]]:
    return [(int(digits or 0), text) for digits, text in re.findall(r"(\d*)(\D*)", name)]


def named(pattern: str) -> list[str]:
    return sorted((name for name in exchanges() if re.fullmatch(pattern, name)), key=natural)


@dataclass(frozen=True)
class Chapter:
    names: list[str]
    plant: Callable[[], None] = lambda: None
    before: Mapping[str, Callable[[], None]] = field(default_factory=dict)
    optimistic_locking: bool = True
    moment: str = "2026-11-21 21:30:00"


def reset(*, optimistic_locking: bool) -> None:
    EspoRecord.objects.all().delete()
    EspoUser.objects.all().delete()
    switches.reset()
    switches.turn("espocrm", {"optimistic_locking": optimistic_locking, "login_lockout": False, "formula": False})
    EspoUser.objects.create(id=BOT, user_name="syncbot", name="syncbot", api_key=KEY, role=people.ROLE)
    EspoUser.objects.create(
        id=HMAC_BOT,
        user_name="syncbothmac",
        name="syncbothmac",
        api_key=HMAC_KEY,
        secret_key=HMAC_SECRET,
        role=people.ROLE,
    )
    EspoUser.objects.create(id=ADMIN, user_name="admin", name="Admin", type="admin", password="admin")
    EspoUser.objects.create(
        id=ANNA, user_name="anna", name="Anna Anwalt", type="regular", password="anna", role=people.STAFF_ROLE
    )


def plant(shown: Mapping[str, Any], *, entity_name: str = "CBeteiligte", **changes: Any) -> EspoRecord:
    """Makes the record that an answer shows, whether it was answered alone or as a row of a list."""
    shown = {**shown, **changes}
    entity = ENTITY_TYPES[entity_name]
    EspoRecord.objects.filter(id=shown["id"]).delete()
    record = EspoRecord(id=shown["id"], entity_type=entity_name)
    record.created_at = record.modified_at = shown.get("createdAt") or "2026-11-21 20:00:00"
    for row in entity.stored:
        if row.name in shown:
            shapes.set_stored(record, row, shown[row.name])
    record.version_number = shown.get("versionNumber")
    record.created_by_id = shown.get("createdById", BOT)
    record.modified_by_id = shown.get("modifiedById")
    record.assigned_user_id = shown.get("assignedUserId")
    record.save()
    for row in _rows(shown, "phoneNumber"):
        facts = {"type": row.get("type", "Office")} | _flags(row)
        number = PhoneNumber.objects.get_or_create(name=row["phoneNumber"], defaults={"id": clock.new_id()})[0]
        PhoneNumber.objects.filter(id=number.id).update(**facts)
        RecordPhone.objects.create(record=record, point=number, primary=row["primary"])
    for row in _rows(shown, "emailAddress"):
        facts = {"name": row["emailAddress"]} | _flags(row)
        lower = row["emailAddress"].lower()
        address = EmailAddress.objects.get_or_create(lower=lower, defaults={"id": clock.new_id(), **facts})[0]
        EmailAddress.objects.filter(id=address.id).update(**facts)
        RecordEmail.objects.create(record=record, point=address, primary=row["primary"])
    return record


def _flags(row: Mapping[str, Any]) -> dict[str, bool]:
    return {"opt_out": row.get("optOut", False), "invalid": row.get("invalid", False)}


def _rows(shown: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    if shown.get(f"{name}Data") is not None:
        return list(shown[f"{name}Data"])
    return [{name: shown[name], "primary": True}] if shown.get(name) else []


def set_version(record_id: str, version: int) -> Callable[[], None]:
    """For requests that were made and not recorded: they moved the version and nothing else that matters."""
    return lambda: (EspoRecord.objects.filter(id=record_id).update(version_number=version), None)[1]


def send(exchange: Exchange) -> HttpResponse:
    """The recorded request, with credentials in place of those that the recording blanked out."""
    headers = dict(exchange.headers) | _credentials(exchange)
    form = isinstance(exchange.sent, str) and re.match(r"\w+=", exchange.sent)
    raw = exchange.name in ("a10_empty_body", "a11_form_body", "a9_bad_json")
    body = exchange.sent if raw else "" if exchange.sent is None else json.dumps(exchange.sent)
    request = RequestFactory().generic(
        exchange.method,
        exchange.path,
        body,
        content_type="application/x-www-form-urlencoded" if form else "application/json",
        headers=headers,
    )
    match = get_resolver("sandbox.espocrm.urls").resolve(request.path)
    response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    return response


def _basic(user_name: str) -> str:
    return "Basic " + base64.b64encode(f"{user_name}:{user_name}".encode()).decode()


def _credentials(exchange: Exchange) -> dict[str, str]:
    name = exchange.name
    if "Authorization" in exchange.headers:
        return {"Authorization": _basic("anna" if "anna" in name else "admin")}
    if "X-Hmac-Authorization" in exchange.headers:
        path = exchange.path.removeprefix("/api/v1")
        signed = "/Wrong" if name == "j4_hmac_wrong_path" else path if "query_signed" in name else path.split("?")[0]
        digest = auth.signature(HMAC_SECRET, f"{exchange.method} {signed}")
        return {"X-Hmac-Authorization": base64.b64encode(f"{HMAC_KEY}:{digest}".encode()).decode()}
    if "X-Api-Key" in exchange.headers:
        key = HMAC_KEY if name == "j5_apikey_of_hmac_user" else "wrong" if "wrong_key" in name else KEY
        return {"X-Api-Key": key}
    return {}


def difference(exchange: Exchange, response: HttpResponse, *, shape_only: bool) -> str:
    """Empty if the stand-in answered as recorded."""
    found = []
    if response.status_code != exchange.status:
        found.append(f"status {response.status_code}, recorded {exchange.status}")
    for name in ("X-Status-Reason", "Content-Type", "WWW-Authenticate"):
        if response.headers.get(name) != exchange.answer_headers.get(name):
            found.append(f"{name} {response.headers.get(name)!r}, recorded {exchange.answer_headers.get(name)!r}")
    found += _body_differences(exchange, response, shape_only=shape_only)
    return "; ".join(found)


def _body_differences(exchange: Exchange, response: HttpResponse, *, shape_only: bool) -> list[str]:
    text = response.content.decode()
    try:
        given = json.loads(text) if text else None
    except ValueError:
        given = text
    person = "CBeteiligtePerson" in exchange.path and isinstance(given, dict)
    # The recorded installation had no fields of its own on the Person entity; the stand-in's has them.
    given = {name: value for name, value in given.items() if name not in PERSON_CUSTOM} if person else given
    wanted = exchange.answer
    if shape_only:
        given, wanted = shape(given), shape(wanted)
    else:
        given, wanted = comparable(given), comparable(wanted)
    return list(unequal(wanted, given))


def comparable(value: Json) -> Json:
    """Without what cannot be the same twice: secrets, and the order of contact points."""
    if isinstance(value, dict):
        return {
            name: "<secret>"
            if name == "secretKey"
            else sorted(entry, key=json.dumps)
            if name in ("phoneNumberData", "emailAddressData") and isinstance(entry, list)
            else comparable(entry)
            for name, entry in value.items()
        }
    return [comparable(entry) for entry in value] if isinstance(value, list) else value


def shape(value: Json) -> Json:
    """The keys alone; of a list, those of each different entry."""
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(entry), sort_keys=True) for entry in value})
    return "…"


def unequal(wanted: Json, given: Json, where: str = "body") -> list[str]:
    if isinstance(wanted, dict) and isinstance(given, dict):
        missing = [f"{where} lacks {name}" for name in wanted if name not in given]
        extra = [f"{where} has {name}" for name in given if name not in wanted and name not in NEWER]
        deeper = [
            part for name in wanted if name in given for part in unequal(wanted[name], given[name], f"{where}.{name}")
        ]
        return missing + extra + deeper
    if isinstance(wanted, list) and isinstance(given, list) and len(wanted) == len(given):
        return [p for n, (w, g) in enumerate(zip(wanted, given, strict=True)) for p in unequal(w, g, f"{where}[{n}]")]
    return [] if wanted == given else [f"{where} is {str(given)[:120]!r}, recorded {str(wanted)[:120]!r}"]


def run(chapter: Chapter, shape_only: frozenset[str]) -> dict[str, str]:
    """Replays a chapter; the difference by name. Leaves the database as it was."""
    results: dict[str, str] = {}
    with transaction.atomic(using="sandbox"):
        reset(optimistic_locking=chapter.optimistic_locking)
        chapter.plant()
        for name in chapter.names:
            exchange = exchanges()[name]
            with time_machine.travel(f"{exchange.moment(chapter.moment)}+00:00", tick=False):
                chapter.before.get(name, lambda: None)()
                response = send_with_recorded_id(exchange)
            results[name] = difference(exchange, response, shape_only=name in shape_only)
        transaction.set_rollback(True, using="sandbox")
    return results


def send_with_recorded_id(exchange: Exchange) -> HttpResponse:
    """What the request makes gets the identifier that it got in the recording."""
    made = exchange.method == "POST" and isinstance(exchange.answer, dict) and "id" in exchange.answer
    with next_id(exchange.answer["id"]) if made else nullcontext():
        return send(exchange)


@contextmanager
def next_id(ident: str) -> Iterator[None]:
    """The first identifier given out is this one."""
    ids, real = [ident], clock.new_id
    clock.new_id = lambda: ids.pop() if ids else real()  # type: ignore[assignment]
    try:
        yield
    finally:
        clock.new_id = real  # type: ignore[assignment]
