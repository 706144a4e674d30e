"""Three employees with their Termine in Advoware and a calendar in Google each, as an office uses them.

To extend: a further story is a function of the world here, and its row in demo/steps.py.
"""

import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import requests

from demo.people import TIMEOUT, Json, direct
from demo.world import Unfulfilled, World

GRANT = "calendar:sync"
EMPLOYEES = ("SB", "AI", "RO")
ORGANISER = "kalender@kanzlei.example"
PATIENCE_SECONDS = 90


class Managed(Protocol):
    """What manages the demo's installation."""

    @property
    def folder(self) -> Path: ...

    @property
    def origin(self) -> str: ...

    def manage(self, *arguments: str) -> str: ...


def environment(folder: Path, origin: str) -> dict[str, str]:
    return {
        "GOOGLE_SERVICE_ACCOUNT_FILE": str(folder / "google.json"),
        "GOOGLE_CALENDAR_API_URL": f"{origin}/sandbox/google/calendar/v3",
        "GOOGLE_DELEGATED_USER": ORGANISER,
        "CALENDAR_SYNC_MINUTES": "1",
        "CALENDAR_WRITE_TO_ADVOWARE": "true",
    }


def issue_key(installation: Managed) -> None:
    """The key file of a service account of the stand-in's."""
    path = str(installation.folder / "google.json")
    installation.manage("sandbox_google_key", path, "--origin", installation.origin)


def set_up(installation: Managed) -> None:
    """As in docs/GOOGLE_SETUP.md, while everything is running: employees, calendars, shares, live."""
    installation.manage("calendar", "employees", "--from-advoware")
    installation.manage("calendar", "share", *EMPLOYEES)
    for kuerzel in EMPLOYEES:
        installation.manage("calendar", "set", kuerzel, "mode=live", "--reason", "demo")


@dataclass
class Desk:
    """Somebody who looks into both calendars of an employee, and edits in either."""

    world: World
    kuerzel: str = "SB"
    http: requests.Session = field(default_factory=direct)

    def ask(self) -> None:
        """The trigger of the earlier system, with a key."""
        url = f"{self.world.origin}/advoware/calendar/sync"
        headers = {"X-Api-Key": self.world.proxy_key}
        answer = self.http.post(url, json={"kuerzel": self.kuerzel}, headers=headers, timeout=TIMEOUT)
        if answer.status_code not in (200, 202):
            raise Unfulfilled(f"the trigger answered with {answer.status_code} {answer.text[:200]}")

    def state(self) -> Any:
        return self.world.observer.ask("state")

    def termine(self) -> dict[int, Json]:
        return {row["frNr"]: row for row in self.state()["termine"] if row["anwalt"] == self.kuerzel}

    def calendar(self) -> str:
        """Its id in Google, found by an event of this employee's: each names its Termin."""
        return next(str(own) for own, events in self.state()["google"].items() if self._is_theirs(events))

    def _is_theirs(self, events: list[Json]) -> bool:
        texts = {row["text"] for row in self.termine().values()}
        return any(event.get("summary") in texts for event in events)

    def events(self) -> list[Json]:
        google = self.state()["google"]
        found = [event for events in google.values() if self._is_theirs(events) for event in events]
        return [event for event in found if event.get("status") != "cancelled" and not event.get("recurringEventId")]

    def event(self, text: str) -> Json:
        return next((one for one in self.events() if one.get("summary") == text), {})

    def termin(self, text: str) -> Json:
        return next((row for row in self.termine().values() if row["text"] == text), {})

    def enter(self, text: str, days: int, **fields: object) -> int:
        common = {"anwalt": self.kuerzel, "datum": day(days), "uhrzeitVon": "16:00:00", "uhrzeitBis": "16:45:00"}
        made = self.world.observer.tell("advoware/termine", **{**common, "text": text, **fields})
        return int(made["frNr"])

    def in_google(self, act: str, event: str = "", **body: object) -> Json:
        return dict(
            self.world.observer.tell(f"google/act/{act}", calendar=self.calendar(), event=event, body=body) or {}
        )

    def until(self, expected: str, holds: Any) -> None:
        self.ask()
        self.world.until(expected, holds, seconds=PATIENCE_SECONDS)


def day(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


def hours(days: int, start: str, end: str) -> Json:
    return {
        side: {"dateTime": f"{day(days)}T{clock}:00", "timeZone": "Europe/Berlin"}
        for side, clock in (("start", start), ("end", end))
    }


def side_by_side(world: World) -> str:
    """Each employee's Termine are in a Google calendar of their own."""
    found = []
    for kuerzel in EMPLOYEES:
        desk = Desk(world, kuerzel)
        texts = {row["text"] for row in desk.termine().values() if not row.get("privat")}
        desk.until(
            f"{kuerzel} has {len(texts)} Termine in Google",
            lambda desk=desk, texts=texts: texts <= {event.get("summary") for event in desk.events()},
        )
        found.append(f"{kuerzel} {len(desk.events())}")
    return ", ".join(found)


def moved_in_advoware(world: World) -> str:
    desk, text = Desk(world), "Besprechung Neumandat"
    number = desk.termin(text)["frNr"]
    world.observer.tell(f"advoware/termine/{number}", uhrzeitVon="11:00:00", uhrzeitBis="12:00:00")
    desk.until("the event is at 11:00", lambda: _starts(desk.event(text)) == "11:00")
    return "09:00 to 11:00"


def moved_in_google(world: World) -> str:
    desk, text = Desk(world), "Verhandlung LG Hannover"
    desk.in_google("change", desk.event(text)["id"], **hours(1, "13:30", "15:00"))
    desk.until("the Termin is at 13:30", lambda: str(desk.termin(text).get("uhrzeitVon"))[:5] == "13:30")
    return "10:30 to 13:30"


def series(world: World) -> str:
    """One made in Advoware, one in Google."""
    desk = Desk(world)
    ours, theirs = (f"{name} {secrets.token_hex(2)}" for name in ("Teamrunde", "Sport"))
    desk.enter(ours, 3, dauertermin=1, turnus=2, turnusArt=2, datumBis=day(90))
    desk.in_google("insert", summary=theirs, recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"], **hours(4, "18:00", "19:00"))
    desk.until(
        "either series is on the other side",
        lambda: (
            any("INTERVAL=2" in rule for rule in desk.event(ours).get("recurrence", ()))
            and desk.termin(theirs).get("turnusArt") == 2
        ),
    )
    return "fortnightly to Google, six weeks to Advoware"


def deleted_in_advoware(world: World) -> str:
    desk, text = Desk(world), f"Entfällt {secrets.token_hex(2)}"
    number = desk.enter(text, 5)
    desk.until("it is in Google", lambda: bool(desk.event(text)))
    world.observer.tell(f"advoware/termine/{number}/delete")
    desk.until("it is gone from Google", lambda: not desk.event(text))
    return f"frNr {number}"


def deleted_in_google(world: World) -> str:
    """What was made in Google goes from Advoware; what was made in Advoware is put back into Google."""
    desk, text = Desk(world), f"Zahnarzt {secrets.token_hex(2)}"
    made = desk.in_google("insert", summary=text, **hours(6, "08:00", "08:30"))
    desk.until("it is in Advoware", lambda: bool(desk.termin(text)))
    desk.in_google("delete", str(made["id"]))
    kept = "Rückruf Sachverständige"
    desk.in_google("delete", desk.event(kept)["id"])
    desk.until(
        "made there: gone from Advoware; made here: back in Google",
        lambda: not desk.termin(text) and bool(desk.event(kept)),
    )
    return "one gone, one put back"


def _starts(event: Json) -> str:
    return str((event.get("start") or {}).get("dateTime", ""))[11:16]
