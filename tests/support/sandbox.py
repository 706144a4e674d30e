"""The stand-ins as a test sees them: both systems, what people do in them, their faults and their call log."""

from typing import Any

from demo.people import Clerk, Json, Observer, Staff


class Sandbox:
    """One running stand-in server. `anna` works in EspoCRM, `clerk` in Advoware."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.control = Observer(origin)
        self.anna = Staff(origin)
        self.clerk = Clerk(origin)

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
            found[system][method] = found[system].get(method, 0) + 1
        return found

    def state(self) -> Json:
        """Both systems' records as they are."""
        return dict(self.control.ask("state"))

    def espocrm(self, **settings: object) -> None:
        self.control.tell("espocrm/settings", **settings)

    def advoware(self, **settings: object) -> None:
        self.control.tell("advoware/settings", **settings)

    def deliver_webhooks(self) -> Any:
        """Send what EspoCRM would send by now; answers how many and with which status codes."""
        return self.control.tell("webhooks/flush")
