"""The remote systems, by the names under which breakers, metrics, notices and settings know them; and what is none."""

import ipaddress
from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlsplit


class System(StrEnum):
    """To extend: a member here, a folder in `remotes/`, and a row in `remotes/registry.py`."""

    ESPOCRM = "espocrm"
    ADVOWARE = "advoware"
    GOOGLE_CALENDAR = "google_calendar"


# What Google's side of a calendar is called (CalendarSide): in settings, stored rows and commands.
GOOGLE = "google"
# What people call them; no words to translate.
SYSTEM_NAMES: Mapping[str, str] = {
    System.ESPOCRM: "EspoCRM",
    System.ADVOWARE: "Advoware",
    System.GOOGLE_CALENDAR: "Google",
    GOOGLE: "Google",
}


def system_of(side: str) -> System:
    """The system that a side of a record or of a calendar is; ValueError for what is none."""
    return System.GOOGLE_CALENDAR if side == GOOGLE else System(side)


def side_of(system: System) -> str:
    """What a side of a record or of a calendar is called that is this system."""
    return GOOGLE if system is System.GOOGLE_CALENDAR else system.value


def is_here(host: str) -> bool:
    """Whether a host is this machine itself: what is sent there crosses no network."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_in_the_clear(address: str) -> bool:
    """Whether what is sent to this address can be read on its way."""
    parts = urlsplit(address)
    return parts.scheme == "http" and not is_here(parts.hostname or "")
