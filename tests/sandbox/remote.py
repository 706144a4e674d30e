"""What the tests of the stand-ins speak to them with: no client of the system under test, so that neither hides the
other's mistakes."""

import base64
import hashlib
import hmac
import uuid
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import requests

TIMEOUT = 20


class Control:
    """The control API; an answer other than 200 fails the test."""

    def __init__(self, origin: str) -> None:
        self.base = f"{origin}/sandbox/control/"
        self.session = requests.Session()

    def post(self, path: str, body: dict[str, Any], *, status: int = 200) -> Any:
        answer = self.session.post(self.base + path, json=body, timeout=TIMEOUT)
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.session.get(self.base + path, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get("calls")["calls"]
        return found

    def advoware(self, **switches: object) -> None:
        self.post("advoware/settings", switches)

    def fault(self, fault: str, **wanted: object) -> None:
        self.post("faults", {"fault": fault, "system": "advoware", **wanted})


def token_request(**changes: object) -> dict[str, object]:
    """A correctly signed token request; `changes` are made before signing."""
    body: dict[str, object] = {
        "AppID": "sandbox-app",
        "Kanzlei": "1",
        "Database": "sandbox",
        "User": "sync",
        "Role": 2,
        "Product": 64,
        "Password": "sandbox",
        "Nonce": str(uuid.uuid4()),
        "RequestTimeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        **changes,
    }
    message = f"{body['Product']}:{body['AppID']}:{body['Nonce']}:{body['RequestTimeStamp']}"
    digest = hmac.new(b"sandbox-advoware-secret", message.encode(), hashlib.sha512).digest()
    return {**body, "HMAC512Signature": base64.b64encode(digest).decode()}


class Advoware:
    def __init__(self, origin: str) -> None:
        self.root = f"{origin}/sandbox/advoware/"
        self.base = f"{self.root}api/v1/advonet/"
        self.session = requests.Session()

    def ask_for_token(self, body: dict[str, object]) -> requests.Response:
        return self.session.post(f"{self.root}token", json=body, timeout=TIMEOUT)

    @cached_property
    def token(self) -> str:
        return str(self.ask_for_token(token_request()).json()["access_token"])

    def request(self, method: str, path: str, body: object = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.session.request(method, self.base + path, json=body, headers=headers, timeout=TIMEOUT)

    def create(self, **fields: object) -> dict[str, Any]:
        answer = self.request("POST", "Beteiligte", {"name": "Muster", **fields})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def get(self, bet_nr: int) -> dict[str, Any]:
        answer = self.request("GET", f"Beteiligte/{bet_nr}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def put(self, whole: dict[str, Any], **changes: object) -> requests.Response:
        return self.request("PUT", f"Beteiligte/{whole['betNr']}", {**whole, **changes})

    def add_entry(self, bet_nr: int, **entry: object) -> dict[str, Any]:
        answer = self.request("POST", f"Beteiligte/{bet_nr}/Kommunikationen", {"kommKz": 1, **entry})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
