"""Alerts: rules looked at regularly, told on a change of state, grouped into one message.

    rules     the table: what is looked at, and from when on it is too much
    watch     evaluating the rules: opening, closing, acknowledging
    telling   mails and messages: one for all that has changed
    silence   noticing that nobody evaluates any more
    digest    the morning's mail: what is open, for whom, since when

Invariant: a rule that is broken for hours is told once, and once more when it is over; messages hold links, names of
fields and counts, never values.
"""

from syncapp.operations.alerts.digest import send_digest_if_due
from syncapp.operations.alerts.silence import notice_silence, watch_closely
from syncapp.operations.alerts.telling import ping_dead_man, tell
from syncapp.operations.alerts.watch import acknowledge, evaluate, open_alerts

__all__ = [
    "acknowledge",
    "evaluate",
    "notice_silence",
    "open_alerts",
    "ping_dead_man",
    "send_digest_if_due",
    "tell",
    "watch_closely",
]
