"""How modes of calendars and agreements of appointments look: icon, tone, words.

Invariant: an icon, a word and a colour, never a colour alone. Keys: CalendarMode, and SideAgreement of
operations/calendars/week.py.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from syncapp.words import Words

MODES: Mapping[str, tuple[str, str, Words]] = {
    "live": ("bolt", "good", _("live")),
    "shadow": ("visibility", "wait", _("shadow")),
    "off": ("power_settings_new", "off", _("off")),
}


def mode_look(mode: str) -> tuple[str, str, Words]:
    """How a calendar's mode looks, also of one that another version has written."""
    return MODES.get(mode, ("help", "off", mode))


MARKS: Mapping[str, tuple[str, str, Words]] = {
    "equal": ("check", "good", _("equal on both sides")),
    "differs": ("difference", "warn", _("differs between the two sides")),
    "advoware_only": ("business_center", "wait", _("only in Advoware")),
    "google_only": ("smartphone", "wait", _("only in Google")),
    "unsupported": ("link_off", "off", _("cannot be carried over")),
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
