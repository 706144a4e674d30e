"""Advoware's API as plain calls: Beteiligte with their Kommunikation, Termine, two lists, and the login.

Invariants. A PUT carries the whole object as it was read, with the changes laid over. An answer counts only if it is
recognisably the object asked for; a create whose answer names no number is OutcomeUnknown, never success. Nothing but a
Termin is ever deleted: Advoware answers 403 to all else. On a 401 there is one new token and one repetition, of writes
too, since a 401 proves that nothing was done.

To extend: add a method that builds a Request and a reader; oddities go to quirks.py, refusals to answers.py.
"""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

from syncapp.core.appointments.shapes import AdvowareTermin, TerminChange
from syncapp.core.systems import System
from syncapp.remotes.advoware import beteiligte, children, termine
from syncapp.remotes.advoware.answers import ANSWERS
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter, AdvowareKommunikation
from syncapp.remotes.advoware.children import Child, ChildList
from syncapp.remotes.advoware.sign_of_life import MemorySignOfLife
from syncapp.remotes.advoware.termine import Employee, NumberIn
from syncapp.remotes.advoware.tokens import fingerprint, signature
from syncapp.remotes.http.answers import wrong_shape
from syncapp.remotes.http.errors import Forbidden, Invalid, Misconfigured, NotFound, RemoteError
from syncapp.remotes.http.exchange import Answer, Recognised, Request, object_of
from syncapp.remotes.http.session import RemoteClient, RemoteSession
from syncapp.remotes.http.tokens import MemoryTokenStore, Token, bearing, token_in, with_token

T = TypeVar("T")
# At most, whatever the setting: it has to end while the lock for fetching (LOCK_SECONDS) is still held.
TOKEN_TIMEOUT = 45.0
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
    employees_path: str = "Mitarbeiter"
    termin_number_in: NumberIn = "query"

    @property
    def token_key(self) -> str:
        parts = (self.auth_url, self.app_id, self.kanzlei, self.database, self.user, self.password)
        return fingerprint(api_key_base64=self.api_key_base64, parts=(*parts, self.role, self.product_id))

    @property
    def life_key(self) -> str:
        """Names the system whose sign of life is meant: another address is another system."""
        return hashlib.sha256(_base(self).encode()).hexdigest()[:16]


class AdvowareClient(RemoteClient):
    def __init__(
        self,
        config: AdvoConfig,
        *,
        tokens: MemoryTokenStore,
        life: MemorySignOfLife | None = None,
    ) -> None:
        self.config = config
        self._tokens = tokens
        self._life = life or MemorySignOfLife()
        self._api = RemoteSession(answers=ANSWERS, base_url=_base(config), timeout=config.timeout)
        login_base, _, self._login_path = config.auth_url.rpartition("/")
        login_timeout = min(config.timeout, TOKEN_TIMEOUT)
        self._login = RemoteSession(answers=ANSWERS, base_url=login_base, timeout=login_timeout)

    @property
    def seen_alive(self) -> bool:
        """Whether it has answered properly just now, to any process (see sign_of_life.py): ask before `create`."""
        return self._life.seen(self.config.life_key)

    # --- Beteiligte

    def get(self, bet_nr: int) -> AdvowareBeteiligter:
        """NotFound, also where Advoware answers with nothing: to be confirmed by another number."""
        request = Request("GET", "Beteiligte/{betNr}", {"betNr": bet_nr}, may_be_nothing=True)
        return _there(self._call(request, beteiligte.beteiligter_if_any(bet_nr)), request)

    def create(self, fields: Mapping[str, object]) -> AdvowareBeteiligter:
        """Not repeatable: after OutcomeUnknown somebody has to look whether it exists. No POST unless `seen_alive`."""
        return self._call(Request("POST", "Beteiligte", body=dict(fields)), beteiligte.read_beteiligter)

    def update(self, current: AdvowareBeteiligter, changes: Mapping[str, object]) -> AdvowareBeteiligter:
        """`current` as read last, with `changes` laid over. An answer without content gives an empty `raw`."""
        body = {**current.raw, **changes}
        request = Request("PUT", "Beteiligte/{betNr}", {"betNr": current.bet_nr}, body=body)
        return self._call(request, beteiligte.updated(current.bet_nr))

    # --- Kommunikation

    def create_kommunikation(
        self, bet_nr: int, *, tlf: str | None, bemerkung: str | None, komm_kz: int, online: bool
    ) -> AdvowareKommunikation:
        body = {"tlf": tlf, "bemerkung": bemerkung, "kommKz": komm_kz, "online": online}
        request = Request("POST", "Beteiligte/{betNr}/Kommunikationen", {"betNr": bet_nr}, body=body)
        return self._call(request, lambda value: beteiligte.read_entry(value, sent=body))

    def update_kommunikation(
        self, bet_nr: int, entry: AdvowareKommunikation, *, tlf: str | None, bemerkung: str | None, online: bool
    ) -> AdvowareKommunikation:
        """kommKz is left out: Advoware ignores it here, and what was read of it is 0."""
        body = {"tlf": tlf, "bemerkung": bemerkung, "online": online}
        values = {"betNr": bet_nr, "id": entry.id}
        request = Request("PUT", "Beteiligte/{betNr}/Kommunikationen/{id}", values, body=body)
        return self._call(request, beteiligte.entry_after(entry, body))

    # --- Termine

    def termine(self, kuerzel: str, *, first: date, last: date) -> tuple[AdvowareTermin, ...]:
        """Those of one employee in that range of days; whether a series that began before is among them is unknown."""
        return self._call(termine.listing(kuerzel, first, last), termine.read_list)

    def termine_unless(
        self, known: str, kuerzel: str, *, first: date, last: date
    ) -> Recognised[tuple[AdvowareTermin, ...]]:
        """The same; where the answer has the digest `known`, it is decoded only once somebody wants its value."""
        send = partial(self._api.recognised, read=termine.read_list, known=known)
        return self._sent(termine.listing(kuerzel, first, last), send)

    def termin(self, fr_nr: int) -> AdvowareTermin:
        """NotFound, also where Advoware answers with nothing: to be confirmed by another one, as for Beteiligte."""
        request = termine.one(fr_nr)
        return _there(self._call(request, termine.read_one(fr_nr)), request)

    def create_termin(self, change: TerminChange) -> int:
        """Its number. Not repeatable: after OutcomeUnknown somebody has to look. No POST unless `seen_alive`."""
        return self._call(termine.creating(change), termine.read_number)

    def update_termin(self, current: AdvowareTermin, change: TerminChange) -> None:
        """`current` as read last, with `change` laid over. What Advoware took of it tells only the next `termin`."""
        self._call(termine.updating(current, change, self.config.termin_number_in), _whatever)

    def delete_termin(self, fr_nr: int) -> None:
        """Forbidden (403, 405) where this Advoware does not delete; NotFound where it is gone already."""
        self._call(termine.deleting(fr_nr, self.config.termin_number_in), _whatever)

    # --- addresses and bank accounts

    def children(self, bet_nr: int, which: ChildList) -> tuple[Child, ...]:
        """A list by an address of its own, if there is one; `children_in` reads the one inside a Beteiligter."""
        return self._call(children.listing(bet_nr, which), children.read_list(which))

    def create_child(self, bet_nr: int, which: ChildList, fields: Mapping[str, object]) -> Child:
        """Not repeatable. `id` None: done, and its number is not known before the list is read again."""
        return self._call(children.creating(bet_nr, which, fields), children.read_created(which))

    def update_child(self, bet_nr: int, which: ChildList, current: Child, changes: Mapping[str, object]) -> Child:
        """`current` as read last, with `changes` laid over. An answer without content gives an empty `raw`."""
        return self._call(children.updating(bet_nr, which, current, changes), children.read_updated(which, current))

    # --- lists

    def employees(self) -> tuple[Employee, ...]:
        """The active employees, by their kuerzel."""
        return self._call(termine.employees(self.config.employees_path), termine.read_employees)

    def rechtsformen(self) -> frozenset[str]:
        return self._call(Request("GET", "Rechtsformen"), beteiligte.read_rechtsformen)

    def ping(self) -> None:
        """Ask for the one list that needs no number. Any JSON will do: nobody knows the shape of that list for sure."""
        self._call(Request("GET", "Rechtsformen"), _whatever)

    # --- whatever else the API has

    def pass_on(self, request: Request) -> Answer:
        """Any request, with the same login and table of errors; the good answer as it came.

        No sign of life: what a program asks of some other address says nothing about the calls of the sync.
        """

        def send(token: str) -> Answer:
            answer = self._api.answered(bearing(request, token), observers=self._observers)
            if "html" in answer.headers.get("content-type", "").lower():
                raise wrong_shape(System.ADVOWARE, request, answer.status, "called HTML")
            return answer

        return with_token(self._token, send)

    @property
    def base_url(self) -> str:
        """Where every path begins."""
        return self._api.base_url

    @property
    def prefixes(self) -> tuple[str, ...]:
        """What may stand before a path of the API, in the settings or in what others have noted of it."""
        return (self.config.prefix, "api/v1/advonet", "api/v1")

    # --- login

    def _call(self, request: Request, read: Callable[[object], T]) -> T:
        return self._sent(request, partial(self._api.call, read=read))

    def _sent(self, request: Request, send: Callable[..., T]) -> T:
        def bearing_one(token: str) -> T:
            try:
                found = send(bearing(request, token), observers=self._observers)
            except RemoteError as error:
                if not isinstance(error, ANSWERS_ALL_THE_SAME):
                    self._life.failed(self.config.life_key)
                raise
            self._life.answered(self.config.life_key)
            return found

        return with_token(self._token, bearing_one)

    def _token(self, refused: str | None) -> str:
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
        bound = self.config.token_lifetime_minutes * 60
        return token_in(body, upper_bound=bound, value="accesstoken", expires_in="expiresin")


def _there(found: T | None, request: Request) -> T:
    """What a good answer has shown; one that shows nothing says that it is not there."""
    if found is None:
        raise NotFound("no such object", system=System.ADVOWARE, operation=request.operation, status=200)
    return found


def _whatever(value: object) -> None:
    """The answer to such a write proves nothing about what was taken."""


def _base(config: AdvoConfig) -> str:
    base, prefix = config.base_url.rstrip("/"), config.prefix.strip("/")
    inside = not prefix or urlsplit(base).path.endswith(f"/{prefix}")
    return base if inside else f"{base}/{prefix}"
