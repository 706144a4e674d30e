"""Who holds a calendar, since when and why, as one sentence; for the page, the list and the command.

Invariant: a calendar that was held before reason and person were kept says that it is held.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from syncapp.models import CalendarEmployee
from syncapp.words.time_format import clock


def held_words(row: CalendarEmployee, *, now: datetime) -> str:
    """ "" where nobody holds it."""
    if not row.hold:
        return ""
    if not row.hold_actor or row.hold_since is None:
        return _("Paused by hand.")
    known = {"actor": row.hold_actor, "since": clock(row.hold_since, now=now), "reason": row.hold_reason}
    if not row.hold_reason:
        return _("Paused by %(actor)s since %(since)s, without a reason.") % known
    return _("Paused by %(actor)s since %(since)s: %(reason)s") % known
