"""The people around the product: somebody in EspoCRM, somebody in Advoware, and whoever watches the stand-ins.

They use plain HTTP, as browsers and other programs would, and nothing of the product: what they see is evidence.
"""

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

TIMEOUT = 10
STAFF_KEY = "sandbox-staff-key"
ADVOWARE_APP = "sandbox-app"
ADVOWARE_SECRET = b"sandbox-advoware-secret"
ADVOWARE_LOGIN = {"Kanzlei": "1", "Database": "sandbox", "User": "sync", "Role": 2, "Password": "sandbox"}
PRODUCT = 64

Json = dict[str, Any]


class Refused(AssertionError):
    """A stand-in did not do what somebody asked of it."""


def direct() -> requests.Session:
    """A session that no proxy of the machine gets between: everything is on this machine."""
    session = requests.Session()
    session.trust_env = False
    return session


def _answer(response: requests.Response) -> Any:
    if not response.ok:
        reason = response.headers.get("X-Status-Reason", "") or response.text[:200]
        raise Refused(f"{response.request.method} {response.url}: {response.status_code} {reason}")
    return response.json() if response.content else None


@dataclass
class Staff:
    """Anna, who works in EspoCRM."""

    origin: str
    key: str = STAFF_KEY
    entity: str = "CBeteiligte"
    http: requests.Session = field(default_factory=direct)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        url = f"{self.origin}/sandbox/espocrm/api/v1/{path}"
        return _answer(self.http.request(method, url, headers={"X-Api-Key": self.key}, timeout=TIMEOUT, **options))

    def own_id(self) -> str:
        return str(self._call("GET", "App/user")["user"]["id"])

    def create(self, **attributes: object) -> Json:
        return dict(self._call("POST", self.entity, json=attributes))

    def read(self, record_id: str) -> Json:
        return dict(self._call("GET", f"{self.entity}/{record_id}"))

    def all(self) -> list[Json]:
        """The first two hundred records, as EspoCRM lists them."""
        return list(self._call("GET", self.entity, params={"maxSize": 200})["list"])

    def change(self, record_id: str, **attributes: object) -> Json:
        return dict(self._call("PUT", f"{self.entity}/{record_id}", json=attributes))

    def delete(self, record_id: str) -> None:
        self._call("DELETE", f"{self.entity}/{record_id}")


@dataclass
class Clerk:
    """Somebody who works in Advoware; other programs of the firm write through the same API."""

    origin: str
    http: requests.Session = field(default_factory=direct)
    token: str = ""

    def _log_in(self) -> None:
        nonce, stamp = str(uuid.uuid4()), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
        message = f"{PRODUCT}:{ADVOWARE_APP}:{nonce}:{stamp}".encode()
        signature = base64.b64encode(hmac.new(ADVOWARE_SECRET, message, hashlib.sha512).digest()).decode()
        body = ADVOWARE_LOGIN | {
            "AppID": ADVOWARE_APP,
            "Product": PRODUCT,
            "Nonce": nonce,
            "HMAC512Signature": signature,
            "RequestTimeStamp": stamp,
        }
        answer = _answer(self.http.post(f"{self.origin}/sandbox/advoware/token", json=body, timeout=TIMEOUT))
        self.token = answer["access_token"]

    def _call(self, method: str, path: str, **options: Any) -> Any:
        if not self.token:
            self._log_in()
        return _answer(
            self.http.request(
                method,
                f"{self.origin}/sandbox/advoware/api/v1/advonet/{path}",
                headers={"Authorization": f"Bearer {self.token}"},
                timeout=TIMEOUT,
                **options,
            )
        )

    def read(self, bet_nr: int) -> Json:
        return _one(self._call("GET", f"Beteiligte/{bet_nr}"))

    def create(self, **fields: object) -> Json:
        return _one(self._call("POST", "Beteiligte", json=fields))

    def change(self, bet_nr: int, **fields: object) -> Json:
        return _one(self._call("PUT", f"Beteiligte/{bet_nr}", json=self.read(bet_nr) | fields))

    def add_contact(self, bet_nr: int, **entry: object) -> Json:
        return _one(self._call("POST", f"Beteiligte/{bet_nr}/Kommunikationen", json=entry))

    def change_contact(self, bet_nr: int, entry_id: int, **entry: object) -> Json:
        return _one(self._call("PUT", f"Beteiligte/{bet_nr}/Kommunikationen/{entry_id}", json=entry))


def _one(answer: Any) -> Json:
    """Advoware answers an object or a list with one."""
    return dict(answer[0] if isinstance(answer, list) else answer)


@dataclass
class Observer:
    """Reads the stand-ins' own log, and sets their faults and habits, through the control API."""

    origin: str
    http: requests.Session = field(default_factory=direct)
    seen: int = 0

    def ask(self, path: str, **parameters: object) -> Any:
        url = f"{self.origin}/sandbox/control/{path}"
        return _answer(self.http.get(url, params=dict(parameters), timeout=TIMEOUT))  # type: ignore[arg-type]

    def tell(self, path: str, **body: object) -> Any:
        return _answer(self.http.post(f"{self.origin}/sandbox/control/{path}", json=body, timeout=60))

    def calls(self, since: int = 0) -> list[Json]:
        """Every request that reached a stand-in after number `since`."""
        return list(self.ask("calls", since=since)["calls"])

    def last_call(self) -> int:
        """The number of the newest request."""
        self.seen = max((int(call["n"]) for call in self.calls(since=self.seen)), default=self.seen)
        return self.seen
