"""EspoCRM's API as plain calls on one entity type; every answer becomes a frozen value or a RemoteError.

Invariants. Nothing is sent that changes nothing (EspoCRM would move version and modifiedAt all the same). Lists are
never asked for more than MAX_PAGE rows, nor with an empty `in` (EspoCRM refuses both), nor by an address of MAX_ADDRESS
bytes or more. Rows of a list never carry phoneNumberData and emailAddressData: only `get` does. Times come as aware UTC
datetimes.

To extend: add a method that builds a Request and a reader; oddities go to quirks.py, refusals to answers.py.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from syncapp.core.echoes import with_numbers
from syncapp.remotes.espocrm.answers import ANSWERS
from syncapp.remotes.espocrm.lists import MAX_ADDRESS, MAX_PAGE, Where, pieces, where_params
from syncapp.remotes.espocrm.times import espo_time
from syncapp.remotes.http.errors import Forbidden, NotFound
from syncapp.remotes.http.exchange import Request, WrongShape, list_of, object_of, text_in, whole_number_in
from syncapp.remotes.http.session import RemoteClient, RemoteSession

T = TypeVar("T")
LONGEST_ID = 36
OVERLAP = 20
# What every list's address holds beside conditions and fields, at its longest.
FIXED = (("orderBy", "modifiedAt"), ("order", "asc"), ("offset", "0000000"), ("maxSize", str(MAX_PAGE)))


@dataclass(frozen=True)
class EspoConfig:
    """`base_url` ends in /api/v1. With a `secret_key` every request is signed instead of carrying the key."""

    base_url: str
    api_key: str = field(repr=False)
    secret_key: str | None = field(default=None, repr=False)
    entity_type: str = "CBeteiligte"
    timeout: float = 30.0


@dataclass(frozen=True)
class EspoEntity:
    """One entity as EspoCRM sent it. A key that is absent was not sent; that is not the same as null."""

    id: str
    attributes: Mapping[str, object] = field(repr=False)

    @property
    def version(self) -> int | None:
        return whole_number_in(self.attributes, "versionNumber")

    @property
    def modified_at(self) -> datetime | None:
        return espo_time(text_in(self.attributes, "modifiedAt"))

    @property
    def marker(self) -> str | None:
        """What moves with every write: the version, else the time of change."""
        if self.version is not None:
            return str(self.version)
        return None if self.modified_at is None else self.modified_at.isoformat()

    @property
    def created_at(self) -> datetime | None:
        return espo_time(text_in(self.attributes, "createdAt"))

    @property
    def modified_by_id(self) -> str | None:
        return text_in(self.attributes, "modifiedById")

    @property
    def modified_by_name(self) -> str | None:
        return text_in(self.attributes, "modifiedByName")

    @property
    def assigned_user_id(self) -> str | None:
        """None for what is no id, as a longer text would be."""
        user_id = text_in(self.attributes, "assignedUserId")
        return user_id if user_id is not None and len(user_id) <= LONGEST_ID else None


@dataclass(frozen=True)
class EspoPage:
    """`total` is None where EspoCRM was asked not to count."""

    rows: tuple[EspoEntity, ...]
    total: int | None


@dataclass(frozen=True)
class EspoAccount:
    id: str
    user_name: str


@dataclass(frozen=True)
class EspoRights:
    """What our user may do. `scopes`: True, False, or {"read": "all", "edit": "no", …} by name of the scope;
    `permissions`: "all", "team", "no" by name, such as mentionPermission. What is not said is not in them."""

    scopes: Mapping[str, object]
    permissions: Mapping[str, object]


@dataclass(frozen=True)
class EspoWebhookEntry:
    id: str
    event: str
    url: str
    is_active: bool
    skip_own: bool
    secret_key: str | None = field(default=None, repr=False)


class EspoClient(RemoteClient):
    def __init__(self, config: EspoConfig) -> None:
        self.config = config
        self._api = RemoteSession(answers=ANSWERS, base_url=config.base_url, timeout=config.timeout)

    def of_type(self, entity_type: str) -> "EspoClient":
        """A client for another entity type, on the same connections and with the same listeners."""
        return self._like(config=replace(self.config, entity_type=entity_type))

    # --- records

    def get(self, record_id: str) -> EspoEntity:
        return self._call(Request("GET", self._one, {"id": record_id}), _record_with(record_id))

    def patch(self, record_id: str, attributes: Mapping[str, object], *, version: int | None = None) -> EspoEntity:
        """`version`: refuse with VersionConflict if EspoCRM is at another one by now (where it looks at all)."""
        if not attributes:
            raise ValueError("a PATCH without attributes would only move the version")
        headers = {} if version is None else {"X-Version-Number": str(version)}
        request = Request("PATCH", self._one, {"id": record_id}, body=dict(attributes), headers=headers)
        return self._call(request, _record_with(record_id))

    def create(self, attributes: Mapping[str, object], *, skip_duplicate_check: bool = False) -> EspoEntity:
        headers = {"X-Skip-Duplicate-Check": "true"} if skip_duplicate_check else {}
        return self._call(Request("POST", self._all, body=dict(attributes), headers=headers), _record)

    def delete(self, record_id: str) -> None:
        self._call(Request("DELETE", self._one, {"id": record_id}), _true)

    def list_page(
        self,
        *,
        where: Sequence[Where] = (),
        select: Sequence[str] = (),
        order_by: str = "modifiedAt",
        offset: int = 0,
        max_size: int = MAX_PAGE,
        no_total: bool = False,
    ) -> EspoPage:
        """One page. `where` items as EspoCRM knows them: {"type": "in", "attribute": "syncStatus", "value": [...]}.

        A `select` that makes the address too long is left out: EspoCRM then shows all that a row has.
        """
        if not 0 <= max_size <= MAX_PAGE:
            raise ValueError(f"max_size must be 0 to {MAX_PAGE}")
        params = [*where_params(where), ("orderBy", order_by), ("order", "asc")]
        params += [("offset", str(offset)), ("maxSize", str(max_size))]
        chosen = [("select", ",".join(select))] if select else []
        if self._address_length([*params, *chosen]) < MAX_ADDRESS:
            params += chosen
        elif self._address_length(params) >= MAX_ADDRESS:
            raise ValueError("too many conditions for one address: ask in pieces")
        headers = {"X-No-Total": "true"} if no_total else {}
        return self._call(Request("GET", self._all, params=params, headers=headers), _page)

    def rows(self, ids: Sequence[str], *, select: Sequence[str]) -> Iterator[EspoEntity]:
        """The list rows of these records, in as many pages as their ids need; those that are gone are left out."""
        fields = ",".join(select)
        # Where the names of the fields leave hardly any room for ids, it is the ids that have to be in.
        select = select if self._address_length([("select", fields)]) < MAX_ADDRESS // 2 else ()
        chosen = [("select", fields)] if select else []

        def length(part: Sequence[str]) -> int:
            return self._address_length([*where_params(_one_of(part)), *chosen, *FIXED])

        for part in pieces(ids, length=length):
            yield from self.list_page(where=_one_of(part), select=select, no_total=True).rows

    def _address_length(self, params: Sequence[tuple[str, str]]) -> int:
        return len(f"{self.config.base_url.rstrip('/')}/{self._all}?{urlencode(params)}")

    def iterate(
        self,
        *,
        where: Sequence[Where] = (),
        select: Sequence[str] = (),
        order_by: str = "modifiedAt",
        max_size: int = MAX_PAGE,
    ) -> Iterator[EspoEntity]:
        """All rows, upwards by the time in `order_by`, each once per state it was seen in; none is left out.

        Rows that are changed during the walk move towards its end and so are seen there; a plain offset would skip one
        unseen row for each that moved. Pages therefore start at the last time seen, and only within one second that
        fills a whole page is an offset used, with OVERLAP rows read again.
        """
        chosen = tuple(dict.fromkeys((*select, "id", order_by))) if select else ()
        since: object = None
        offset = 0
        seen: set[tuple[str, object]] = set()
        while True:
            at_least: Where = {"type": "greaterThanOrEquals", "attribute": order_by, "value": since}
            rows = self.list_page(
                where=where if since is None else (*where, at_least),
                select=chosen,
                order_by=order_by,
                offset=offset,
                max_size=max_size,
                no_total=True,
            ).rows
            for row in rows:
                key = row.id, row.attributes.get(order_by)
                if key not in seen:
                    seen.add(key)
                    yield row
            if len(rows) < max_size:
                return
            last = rows[-1].attributes.get(order_by)
            if last is None or last == since:
                offset += max_size if max_size <= OVERLAP else max_size - OVERLAP
            else:
                since, offset = last, 0
                seen = {key for key in seen if key[1] == since}

    def children(self, *, link: str, parent_id: str) -> tuple[EspoEntity, ...]:
        """All records of this type whose link attribute (such as beteiligteId) names the parent: one request, unless
        there are more than a page holds."""
        where = [{"type": "equals", "attribute": link, "value": parent_id}]
        found = {row.id: row for row in self.iterate(where=where)}
        return tuple(found[record_id] for record_id in sorted(found))

    # --- the installation

    def current_user(self) -> EspoAccount:
        return self._call(Request("GET", "App/user"), _current_user)

    def rights(self) -> EspoRights:
        return self._call(Request("GET", "App/user"), _rights)

    def user_name(self, user_id: str) -> str | None:
        """The name to mention somebody by; None where there is no such user or we may not see it."""
        try:
            return self._call(Request("GET", "User/{id}", {"id": user_id}), _user_name)
        except (Forbidden, NotFound):
            return None

    def metadata(self, key: str) -> object:
        """For example `entityDefs.CBeteiligte.fields.phoneNumber`; None where there is nothing under that key."""
        return self._call(Request("GET", "Metadata", params=[("key", key)]), lambda value: value)

    def post_note(self, *, text: str, record_id: str | None = None, user_ids: Sequence[str] = ()) -> frozenset[str]:
        """A post in the record's stream (people in the text by @user_name are told), or to users directly.

        Answers who is told by a mention: where the right is missing, EspoCRM drops mentions without a word.
        """
        if (record_id is None) == (not user_ids):
            raise ValueError("a note goes either to a record's stream or to users")
        target: dict[str, object] = (
            {"targetType": "users", "usersIds": list(user_ids)}
            if record_id is None
            else {"parentType": self.config.entity_type, "parentId": record_id}
        )
        return self._call(Request("POST", "Note", body={"type": "Post", "post": text, **target}), _mentioned)

    # --- webhooks

    def webhooks(self) -> tuple[EspoWebhookEntry, ...]:
        return self._call(Request("GET", "Webhook", params=[("maxSize", str(MAX_PAGE))]), _webhooks)

    def create_webhook(self, event: str, url: str) -> EspoWebhookEntry:
        return self._call(Request("POST", "Webhook", body={"event": event, "url": url}), _webhook)

    def update_webhook(self, webhook_id: str, **attributes: object) -> EspoWebhookEntry:
        """Attributes by EspoCRM's names. `event` is silently kept as it was (make a new one instead)."""
        return self._call(Request("PATCH", "Webhook/{id}", {"id": webhook_id}, body=attributes), _webhook)

    def delete_webhook(self, webhook_id: str) -> None:
        self._call(Request("DELETE", "Webhook/{id}", {"id": webhook_id}), _true)

    # --- sending

    @property
    def _all(self) -> str:
        return self.config.entity_type

    @property
    def _one(self) -> str:
        return self.config.entity_type + "/{id}"

    def _call(self, request: Request, read: Callable[[object], T]) -> T:
        headers = {**request.headers, **auth_headers(self.config, request.method, request.filled_path)}
        return self._api.call(replace(request, headers=headers), read, observers=self._observers)


def auth_headers(config: EspoConfig, method: str, path: str) -> Mapping[str, str]:
    """The key itself, or a signature over method and path; the query is left out of it, as EspoCRM does."""
    if not config.secret_key:
        return {"X-Api-Key": config.api_key}
    digest = hmac.new(config.secret_key.encode(), f"{method} /{path}".encode(), hashlib.sha256).hexdigest()
    return {"X-Hmac-Authorization": base64.b64encode(f"{config.api_key}:{digest}".encode()).decode()}


def _one_of(ids: Sequence[str]) -> Sequence[Where]:
    return [{"type": "in", "attribute": "id", "value": list(ids)}]


# --- readers


def _record(value: object) -> EspoEntity:
    attributes = object_of(value)
    record_id = text_in(attributes, "id")
    if not record_id:
        raise WrongShape("an entity without id")
    return EspoEntity(record_id, with_numbers(attributes))


def _record_with(record_id: str) -> Callable[[object], EspoEntity]:
    def read(value: object) -> EspoEntity:
        record = _record(value)
        if record.id != record_id:
            raise WrongShape("another entity than the one asked for")
        return record

    return read


def _page(value: object) -> EspoPage:
    body = object_of(value)
    total = whole_number_in(body, "total")
    rows = tuple(_record(row) for row in list_of(body.get("list")))
    return EspoPage(rows, total if total is not None and total >= 0 else None)


def _true(value: object) -> None:
    if value is not True:
        raise WrongShape("true expected")


def _current_user(value: object) -> EspoAccount:
    user = object_of(object_of(value).get("user"))
    return EspoAccount(_record(user).id, text_in(user, "userName") or "")


def _rights(value: object) -> EspoRights:
    acl = object_of(value).get("acl")
    said = acl if isinstance(acl, Mapping) else {}
    table = said.get("table")
    permissions = {name: level for name, level in said.items() if name.endswith("Permission")}
    return EspoRights(table if isinstance(table, Mapping) else {}, permissions)


def _mentioned(value: object) -> frozenset[str]:
    data = _record(value).attributes.get("data")
    mentions = data.get("mentions") if isinstance(data, Mapping) else None
    return frozenset(name.removeprefix("@") for name in mentions) if isinstance(mentions, Mapping) else frozenset()


def _user_name(value: object) -> str | None:
    return text_in(object_of(value), "userName")


def _webhook(value: object) -> EspoWebhookEntry:
    body = _record(value).attributes
    return EspoWebhookEntry(
        id=_record(value).id,
        event=text_in(body, "event") or "",
        url=text_in(body, "url") or "",
        is_active=body.get("isActive") is True,
        skip_own=body.get("skipOwn") is True,
        secret_key=text_in(body, "secretKey"),
    )


def _webhooks(value: object) -> tuple[EspoWebhookEntry, ...]:
    return tuple(_webhook(row) for row in list_of(object_of(value).get("list")))
