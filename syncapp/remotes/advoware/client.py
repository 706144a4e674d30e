"""Advoware's API as plain calls: Beteiligte with their Kommunikation, the list of Rechtsformen, and the login.

Invariants. A PUT carries the whole object as it was read, with the changes laid over. An answer counts only if it is
recognisably the object asked for; a create whose answer names no betNr is OutcomeUnknown, never success. Nothing is
deleted: Advoware answers 403 to that. On a 401 there is one new token and one repetition, of writes too, since a 401
proves that nothing was done.

To extend: add a method that builds a Request and a reader; oddities go to quirks.py, refusals to answers.py.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

from syncapp.core.letters import plain
from syncapp.core.systems import System
from syncapp.remotes.advoware.answers import ANSWERS
from syncapp.remotes.advoware.children import (
    Child,
    ChildList,
    creating,
    listing,
    read_created,
    read_list,
    read_updated,
    updating,
)
from syncapp.remotes.advoware.sign_of_life import MemorySignOfLife, SignOfLife
from syncapp.remotes.advoware.tokens import RedisTokenStore, Token, TokenStore, fingerprint, signature, usable_lifetime
from syncapp.remotes.http.errors import AuthFailed, Forbidden, Invalid, Misconfigured, NotFound, RemoteError
from syncapp.remotes.http.exchange import (
    Request,
    WrongShape,
    is_of_a_calendar,
    list_of,
    object_of,
    only_object_of,
    text_in,
    whole_number_in,
    words_in,
)
from syncapp.remotes.http.session import Observer, RemoteSession

__all__ = [
    "AdvoConfig",
    "AdvowareClient",
    "Beteiligter",
    "Kommunikation",
    "RedisTokenStore",
    "TokenStore",
    "signature",
]

T = TypeVar("T")
TOKEN_TIMEOUT = 20.0
RECHTSFORM_KEYS = ("name", "bezeichnung", "text")
LARGEST_KOMM_KZ = 32_767
NOTHING: Mapping[str, object] = {}
# Refusals of one object or one content: whoever refuses like that is at work.
ANSWERS_ALL_THE_SAME = (Forbidden, Invalid, NotFound)


@dataclass(frozen=True)
class AdvoConfig:
    """`base_url` with or without `prefix` at its end; `auth_url` is the whole address of the token, used as it is."""

    base_url: str
    auth_url: str
    app_id: str
    api_key_base64: str = field(repr=False)
    kanzlei: str
    database: str
    user: str
    password: str = field(repr=False)
    role: int = 2
    product_id: int = 64
    prefix: str = "api/v1/advonet"
    token_lifetime_minutes: float = 55
    timeout: float = 30.0

    @property
    def token_key(self) -> str:
        parts = (self.auth_url, self.app_id, self.kanzlei, self.database, self.user, self.password)
        return fingerprint(api_key_base64=self.api_key_base64, parts=(*parts, self.role, self.product_id))

    @property
    def life_key(self) -> str:
        """Names the system whose sign of life is meant: another address is another system."""
        return hashlib.sha256(_base(self).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Kommunikation:
    """One entry. A GET answers komm_kz 0 always; only the answer to a create has the real one.

    `online` None: the answer does not say, which is not "out of use".
    """

    id: int
    row_id: str | None
    tlf: str | None = field(repr=False)
    bemerkung: str | None = field(repr=False)
    komm_kz: int
    online: bool | None


@dataclass(frozen=True)
class Beteiligter:
    """`raw` is the whole object as read.

    `kommunikation` None: the answer had no such key, or an entry that cannot be read, which is not "no entry".
    """

    bet_nr: int
    row_id: str | None
    raw: Mapping[str, object] = field(repr=False)
    kommunikation: tuple[Kommunikation, ...] | None = field(default=None, repr=False)

    @property
    def changed_at(self) -> datetime | None:
        return local_time(text_in(self.raw, "geaendertAm"))


class AdvowareClient:
    """Thread-safe. `with_observer` gives a client on the same connections that tells one more listener."""

    def __init__(
        self,
        config: AdvoConfig,
        *,
        tokens: TokenStore,
        life: SignOfLife | None = None,
        observers: Sequence[Observer] = (),
        sessions: tuple[RemoteSession, RemoteSession] | None = None,
    ) -> None:
        self.config = config
        self._tokens = tokens
        self._life = life or MemorySignOfLife()
        self._observers = tuple(observers)
        login_base, _, self._login_path = config.auth_url.rpartition("/")
        self._api, self._login = sessions or (
            RemoteSession(answers=ANSWERS, base_url=_base(config), timeout=config.timeout),
            RemoteSession(answers=ANSWERS, base_url=login_base, timeout=min(config.timeout, TOKEN_TIMEOUT)),
        )

    def with_observer(self, observer: Observer) -> AdvowareClient:
        return AdvowareClient(
            self.config,
            tokens=self._tokens,
            life=self._life,
            observers=(*self._observers, observer),
            sessions=(self._api, self._login),
        )

    @property
    def last_server_date(self) -> datetime | None:
        """The remote clock as of the last answer (header Date), for telling how far ours is off."""
        return self._api.last_server_date

    @property
    def seen_alive(self) -> bool:
        """Whether it has answered properly just now, to any process (see sign_of_life.py): ask before `create`."""
        return self._life.seen(self.config.life_key)

    # --- Beteiligte

    def get(self, bet_nr: int) -> Beteiligter:
        return self._call(Request("GET", "Beteiligte/{betNr}", {"betNr": bet_nr}), _beteiligter_with(bet_nr))

    def create(self, fields: Mapping[str, object]) -> Beteiligter:
        """Not repeatable: after OutcomeUnknown somebody has to look whether it exists. No POST unless `seen_alive`."""
        return self._call(Request("POST", "Beteiligte", body=dict(fields)), _beteiligter)

    def update(self, current: Beteiligter, changes: Mapping[str, object]) -> Beteiligter:
        """`current` as read last, with `changes` laid over. An answer without content gives an empty `raw`."""
        body = {**current.raw, **changes}
        request = Request("PUT", "Beteiligte/{betNr}", {"betNr": current.bet_nr}, body=body)
        return self._call(request, _updated(current.bet_nr))

    # --- Kommunikation

    def create_kommunikation(
        self, bet_nr: int, *, tlf: str | None, bemerkung: str | None, komm_kz: int, online: bool
    ) -> Kommunikation:
        body = {"tlf": tlf, "bemerkung": bemerkung, "kommKz": komm_kz, "online": online}
        request = Request("POST", "Beteiligte/{betNr}/Kommunikationen", {"betNr": bet_nr}, body=body)
        return self._call(request, lambda value: _entry(value, sent=body))

    def update_kommunikation(
        self, bet_nr: int, entry: Kommunikation, *, tlf: str | None, bemerkung: str | None, online: bool
    ) -> Kommunikation:
        """kommKz is left out: Advoware ignores it here, and what was read of it is 0."""
        body = {"tlf": tlf, "bemerkung": bemerkung, "online": online}
        values = {"betNr": bet_nr, "id": entry.id}
        request = Request("PUT", "Beteiligte/{betNr}/Kommunikationen/{id}", values, body=body)
        return self._call(request, _entry_after(entry, body))

    # --- addresses and bank accounts

    def children(self, bet_nr: int, which: ChildList) -> tuple[Child, ...]:
        """A list by an address of its own, if there is one; `children_in` reads the one inside a Beteiligter."""
        return self._call(listing(bet_nr, which), read_list(which))

    def create_child(self, bet_nr: int, which: ChildList, fields: Mapping[str, object]) -> Child:
        """Not repeatable. `id` None: done, and its number is not known before the list is read again."""
        return self._call(creating(bet_nr, which, fields), read_created(which))

    def update_child(self, bet_nr: int, which: ChildList, current: Child, changes: Mapping[str, object]) -> Child:
        """`current` as read last, with `changes` laid over. An answer without content gives an empty `raw`."""
        return self._call(updating(bet_nr, which, current, changes), read_updated(which, current))

    # --- lists

    def rechtsformen(self) -> frozenset[str]:
        return self._call(Request("GET", "Rechtsformen"), _rechtsformen)

    # --- login

    def _call(self, request: Request, read: Callable[[object], T]) -> T:
        token = self._token(refused=None)
        try:
            return self._send(request, token, read)
        except AuthFailed as refusal:
            if refusal.status != 401:
                raise
        return self._send(request, self._token(refused=token), read)

    def _send(self, request: Request, token: str, read: Callable[[object], T]) -> T:
        signed = replace(request, headers={"Authorization": f"Bearer {token}"})
        try:
            found = self._api.call(signed, read, observers=self._observers)
        except RemoteError as error:
            if not isinstance(error, ANSWERS_ALL_THE_SAME):
                self._life.failed(self.config.life_key)
            raise
        self._life.answered(self.config.life_key)
        return found

    def _token(self, *, refused: str | None) -> str:
        return self._tokens.token(key=self.config.token_key, fetch=self._fetch_token, refused=refused)

    def _fetch_token(self) -> Token:
        request = Request("POST", self._login_path, body=self._login_body(), effect=False)
        return self._login.call(request, self._read_token, observers=self._observers)

    def _login_body(self) -> dict[str, object]:
        config = self.config
        nonce = str(uuid.uuid4())
        timestamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        try:
            signed = signature(
                product_id=config.product_id,
                app_id=config.app_id,
                nonce=nonce,
                timestamp=timestamp,
                api_key_base64=config.api_key_base64,
            )
        except ValueError:
            raise Misconfigured(
                "ADVOWARE_API_KEY is not base64", system=System.ADVOWARE, operation="POST token"
            ) from None
        return {
            "AppID": config.app_id,
            "Kanzlei": config.kanzlei,
            "Database": config.database,
            "User": config.user,
            "Role": config.role,
            "Product": config.product_id,
            "Password": config.password,
            "Nonce": nonce,
            "HMAC512Signature": signed,
            "RequestTimeStamp": timestamp,
        }

    def _read_token(self, value: object) -> Token:
        body = {re.sub(r"\W|_", "", name).lower(): item for name, item in object_of(value).items()}
        token = text_in(body, "accesstoken")
        if not token:
            raise WrongShape("no access_token")
        lifetime = usable_lifetime(
            expires_in=whole_number_in(body, "expiresin"), upper_bound=self.config.token_lifetime_minutes * 60
        )
        return Token(token, lifetime)


def local_time(text: str | None) -> datetime | None:
    """Advoware's time, which has no zone; fractions beyond microseconds are cut. None for one with a zone."""
    try:
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text or ""))
    except ValueError:
        return None
    return moment if moment.tzinfo is None and is_of_a_calendar(moment) else None


def _base(config: AdvoConfig) -> str:
    base, prefix = config.base_url.rstrip("/"), config.prefix.strip("/")
    inside = not prefix or urlsplit(base).path.endswith(f"/{prefix}")
    return base if inside else f"{base}/{prefix}"


# --- readers


def _beteiligter(value: object) -> Beteiligter:
    raw = only_object_of(value)
    bet_nr = whole_number_in(raw, "betNr")
    if bet_nr is None:
        raise WrongShape("a Beteiligter without betNr")
    return Beteiligter(bet_nr, words_in(raw, "rowId"), raw, _entries(raw))


def _beteiligter_with(bet_nr: int) -> Callable[[object], Beteiligter]:
    def read(value: object) -> Beteiligter:
        found = _beteiligter(value)
        if found.bet_nr != bet_nr:
            raise WrongShape("another Beteiligter than the one asked for")
        return found

    return read


def _updated(bet_nr: int) -> Callable[[object], Beteiligter]:
    def read(value: object) -> Beteiligter:
        return Beteiligter(bet_nr, None, {}) if value is None else _beteiligter_with(bet_nr)(value)

    return read


def _entries(raw: Mapping[str, object]) -> tuple[Kommunikation, ...] | None:
    if "kommunikation" not in raw:
        return None
    entries = raw["kommunikation"]
    if entries is None:
        return ()
    found = list_of(entries)
    # An entry that nobody can address: without it the list would look as if it had been deleted.
    return tuple(_entry(item) for item in found) if all(_is_entry(item) for item in found) else None


def _is_entry(item: object) -> bool:
    if not isinstance(item, Mapping) or whole_number_in(item, "id") is None:
        return False
    return item.get("tlf") is None or words_in(item, "tlf") is not None


def _entry(value: object, *, sent: Mapping[str, object] = NOTHING) -> Kommunikation:
    """`sent`: what a write carried. It counts where the answer to that write lacks a key, which is no value."""
    raw = {**sent, **only_object_of(value)}
    number = whole_number_in(raw, "id")
    if number is None:
        raise WrongShape("a Kommunikation without id")
    return Kommunikation(
        id=number,
        row_id=words_in(raw, "rowId"),
        tlf=words_in(raw, "tlf"),
        bemerkung=words_in(raw, "bemerkung"),
        komm_kz=_komm_kz(raw),
        online=online if isinstance(online := raw.get("online"), bool) else None,
    )


def _komm_kz(raw: Mapping[str, object]) -> int:
    """0 where it is not told, as every GET does, or not one of the numbers that kinds have."""
    number = whole_number_in(raw, "kommKz") or 0
    return number if 0 < number <= LARGEST_KOMM_KZ else 0


def _entry_after(before: Kommunikation, sent: Mapping[str, object]) -> Callable[[object], Kommunikation]:
    """The entry that an update answered; without content what was sent, with an unknown rowId."""

    def read(value: object) -> Kommunikation:
        found = _entry({"id": before.id, "kommKz": before.komm_kz} if value is None else value, sent=sent)
        if found.id != before.id:
            raise WrongShape("another Kommunikation than the one written")
        return found

    return read


def _rechtsformen(value: object) -> frozenset[str]:
    names = (_rechtsform(item) for item in list_of(value))
    return frozenset(plain(name) for name in names if name and plain(name))


def _rechtsform(item: object) -> str | None:
    if isinstance(item, str):
        return item
    raw = object_of(item)
    return next((text for key in RECHTSFORM_KEYS if (text := text_in(raw, key))), None)
