"""What the steps of the check work with: the people, the call log, and the patience to wait for an outcome."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from demo.people import Clerk, Json, Observer, Staff

PATIENCE_SECONDS = 45
POLL_SECONDS = 0.25
COMPARED = ("name", "vorname", "rechtsform", "titel", "anrede", "bAnrede", "zusatz", "geburtsdatum")


class Unfulfilled(AssertionError):
    """What should have come about did not, in time."""


@dataclass
class World:
    origin: str
    proxy_key: str = ""
    anna: Staff = field(init=False)
    clerk: Clerk = field(init=False)
    observer: Observer = field(init=False)
    record_id: str = ""
    bet_nr: int = 0

    def __post_init__(self) -> None:
        self.anna = Staff(self.origin)
        self.clerk = Clerk(self.origin)
        self.observer = Observer(self.origin)

    def until(self, expected: str, holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until it holds; the words say what was waited for if it never does."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                raise Unfulfilled(f"not within {seconds:g} s: {expected}")
            time.sleep(POLL_SECONDS)

    def in_advoware(self, **fields: object) -> bool:
        return _holds(self.clerk.read(self.bet_nr), fields)

    def in_espocrm(self, **fields: object) -> bool:
        return _holds(self.anna.read(self.record_id), fields)

    def settled(self) -> bool:
        """Clean in EspoCRM's own words, and the same on both sides."""
        record = self.anna.read(self.record_id)
        return record.get("syncStatus") == "clean" and not differences(record, self.clerk.read(self.bet_nr))


def _holds(found: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return all(canonical(name, found.get(name)) == canonical(name, value) for name, value in wanted.items())


def canonical(name: str, value: object) -> str:
    """Both systems' ways to write a date or nothing, made comparable."""
    text = "" if value is None else str(value).strip()
    return text[:10] if name == "geburtsdatum" else text


def differences(record: Json, beteiligter: Json) -> list[str]:
    """Names of the master-data fields that are not the same on both sides."""
    return [name for name in COMPARED if canonical(name, record.get(name)) != canonical(name, beteiligter.get(name))]
