"""The stand-ins as a test sees them: both systems, what people do in them, their faults and their call log."""

import json
from pathlib import Path
from typing import Any

from demo.people import Clerk, Json, Observer, Staff


class Sandbox:
    """One running stand-in server. `anna` works in EspoCRM, `clerk` in Advoware."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.control = Observer(origin)
        self.anna = Staff(origin)
        self.clerk = Clerk(origin)
        self._google_account: Json = {}

    @property
    def espocrm_url(self) -> str:
        return f"{self.origin}/sandbox/espocrm/api/v1"

    @property
    def advoware_url(self) -> str:
        return f"{self.origin}/sandbox/advoware"

    @property
    def token_url(self) -> str:
        return f"{self.advoware_url}/token"

    def reset(self, *, seed: bool = False) -> None:
        """Empty both systems, lift all faults, forget the call log."""
        self.control.tell("reset", seed=seed)
        self.clerk.token = ""

    def fault(self, system: str, fault: str, **details: object) -> Any:
        """Make the next matching requests fail: `fault("advoware", "status", status=500, method="PUT", count=1)`."""
        return self.control.tell("faults", system=system, fault=fault, **{"count": 1, "skip": 0, **details})

    def heal(self) -> None:
        self.control.tell("faults/clear")

    def clear_calls(self) -> None:
        self.control.tell("calls/clear")

    def calls(self, system: str | None = None) -> list[tuple[str, str, str]]:
        """(system, method, path) of every request since the log was cleared, token requests left out."""
        return [
            (call["system"], call["method"], call["path"])
            for call in self.control.calls()
            if (system is None or call["system"] == system) and not call["path"].rstrip("/").endswith("token")
        ]

    def counts(self) -> dict[str, dict[str, int]]:
        """{"espocrm": {"GET": 1, …}, "advoware": {…}}: for comparing with the table of allowed calls."""
        found: dict[str, dict[str, int]] = {"espocrm": {}, "advoware": {}}
        for system, method, _path in self.calls():
            of_system = found.setdefault(system, {})
            of_system[method] = of_system.get(method, 0) + 1
        return found

    def state(self) -> Json:
        """Both systems' records as they are."""
        return dict(self.control.ask("state"))

    def espocrm(self, **settings: object) -> None:
        self.control.tell("espocrm/settings", **settings)

    def advoware(self, **settings: object) -> None:
        self.control.tell("advoware/settings", **settings)

    @property
    def google_url(self) -> str:
        return f"{self.origin}/sandbox/google/calendar/v3"

    def google(self, **settings: object) -> None:
        self.control.tell("google/settings", **settings)

    def google_account(self, *, new: bool = False) -> Json:
        """What a key file of the stand-in's holds; `new`: of a key that replaces the one before it."""
        if new or not self._google_account:
            self._google_account = self.control.tell("google/key", origin=self.origin)
        return self._google_account

    def google_key(self, directory: Path, *, new: bool = False) -> str:
        """The path of a key file."""
        path, content = directory / "google.json", json.dumps(self.google_account(new=new))
        if not path.exists() or path.read_text() != content:  # a file that stays is not read anew
            path.write_text(content)
        return str(path)

    def refuse_google(self, reason: str, **details: object) -> Any:
        """Make the next matching requests to Google fail for a reason of its own."""
        return self.control.tell("google/refuse", reason=reason, **{"count": 1, "skip": 0, **details})

    def in_google(self, act: str, calendar: str, event: str = "", **body: object) -> Json:
        """A person in Google: insert, change, delete, copy or split."""
        return dict(self.control.tell(f"google/act/{act}", calendar=calendar, event=event, body=body))

    def add_termin(self, **fields: object) -> Json:
        return dict(self.control.tell("advoware/termine", **fields))

    def restore(self, espo_id: str) -> None:
        """As an administrator of EspoCRM does it."""
        answer = self.control.http.post(
            f"{self.espocrm_url}/CBeteiligte/action/restoreDeleted",
            json={"id": espo_id},
            headers={"X-Api-Key": "sandbox-admin-key"},
            timeout=10,
        )
        assert answer.ok, answer.text

    def deliver_webhooks(self) -> Any:
        """Send what EspoCRM would send by now; answers how many and with which status codes."""
        return self.control.tell("webhooks/flush")
