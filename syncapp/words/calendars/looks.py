"""How modes of calendars and agreements of appointments look: icon, tone, words.

Invariant: an icon, a word and a colour, never a colour alone. Keys: CalendarMode, and SideAgreement of
operations/calendars/week.py.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from syncapp.words import Words
from syncapp.words.calendars.cases import AGREEMENTS, MODE_WORDS

MODES: Mapping[str, tuple[str, str, Words]] = {
    "live": ("bolt", "good", MODE_WORDS["live"]),
    "shadow": ("visibility", "wait", MODE_WORDS["shadow"]),
    "off": ("power_settings_new", "off", MODE_WORDS["off"]),
}


def mode_look(mode: str) -> tuple[str, str, Words]:
    """How a calendar's mode looks, also of one that another version has written."""
    return MODES.get(mode, ("help", "off", mode))


MARKS: Mapping[str, tuple[str, str, Words]] = {
    "equal": ("check", "good", AGREEMENTS["equal"]),
    "differs": ("difference", "warn", AGREEMENTS["differs"]),
    "advoware_only": ("business_center", "wait", AGREEMENTS["advoware_only"]),
    "google_only": ("smartphone", "wait", AGREEMENTS["google_only"]),
    "unsupported": ("link_off", "off", AGREEMENTS["unsupported"]),
}

# What somebody has to do about appointments, by their pile in the list, and about calendars.
PILES: Mapping[str, Any] = {
    "given_up": ngettext_lazy("calendar permanently failed", "calendars permanently failed", "number"),
    "ask": ngettext_lazy("appointment to decide", "appointments to decide", "number"),
    "failed": ngettext_lazy("appointment not carried over", "appointments not carried over", "number"),
    "awaiting_removal": ngettext_lazy(
        "appointment to delete in Advoware", "appointments to delete in Advoware", "number"
    ),
}


def pile_words(pile: str, number: int) -> str:
    return str(PILES[pile] % {"number": number})


# What Google calls the right to a calendar.
SHARED_AS: Mapping[str, Words] = {
    "": "–",
    "freeBusyReader": _("sees only free and busy"),
    "reader": _("may look"),
    "writerWithoutPrivateAccess": _("may look and change, not what is private"),
    "writer": _("may look and change"),
    "owner": _("may do everything"),
}
