"""Moments in words: how long ago, in how long, and the exact time in the installation's zone.

Invariant: pure but for the active language; `now` is an argument. To extend: a further unit is a row of UNITS.
"""

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

DAY = 86400
# (seconds of one, the words for a past, the words for a future moment)
UNITS = (
    (DAY * 365, ngettext_lazy("%d year ago", "%d years ago"), ngettext_lazy("in %d year", "in %d years")),
    (DAY * 30, ngettext_lazy("%d month ago", "%d months ago"), ngettext_lazy("in %d month", "in %d months")),
    (DAY, ngettext_lazy("%d day ago", "%d days ago"), ngettext_lazy("in %d day", "in %d days")),
    (3600, ngettext_lazy("%d hour ago", "%d hours ago"), ngettext_lazy("in %d hour", "in %d hours")),
    (60, ngettext_lazy("%d minute ago", "%d minutes ago"), ngettext_lazy("in %d minute", "in %d minutes")),
)
LASTING = (
    (DAY, ngettext_lazy("%d day", "%d days")),
    (3600, ngettext_lazy("%d hour", "%d hours")),
    (60, ngettext_lazy("%d minute", "%d minutes")),
    (1, ngettext_lazy("%d second", "%d seconds")),
)


def relative(moment: datetime, *, now: datetime) -> str:
    """“5 minutes ago”, “in 2 hours”, “just now”."""
    seconds = (moment - now).total_seconds()
    for size, past, future in UNITS:
        number = int(abs(seconds) // size)
        if number:
            return str((future if seconds > 0 else past) % number)
    return _("in a moment") if seconds > 0 else _("just now")


def exact(moment: datetime) -> str:
    """Date and time of day, to the second, in the installation's zone and the active language's order."""
    local = timezone.localtime(moment)
    return f"{formats.date_format(local, 'SHORT_DATE_FORMAT')}, {local:%H:%M:%S}"


def clock(moment: datetime, *, now: datetime) -> str:
    """The time of day, with the date unless it is today's."""
    local = timezone.localtime(moment)
    if local.date() == timezone.localtime(now).date():
        return f"{local:%H:%M}"
    return f"{formats.date_format(local, 'SHORT_DATE_FORMAT')}, {local:%H:%M}"


def lasting(span: timedelta) -> str:
    """“5 minutes”: how long something took or takes, in its greatest unit."""
    seconds = abs(span.total_seconds())
    for size, words in LASTING:
        number = int(seconds // size)
        if number:
            return str(words % number)
    return str(LASTING[-1][1] % 0)


def lasting_short(seconds: float) -> str:
    """“0.4 s”, “12 s”, “3 min”, “2 h”: for figures and charts."""
    for size, unit in ((DAY, "d"), (3600, "h"), (60, "min")):
        if seconds >= size * 2:
            return f"{seconds / size:.0f} {unit}"
    if seconds >= 10 or not seconds:
        return f"{seconds:.0f} s"
    return f"{formats.number_format(seconds, decimal_pos=1)} s"
