"""What people do about calendars, from the admin, the command line and over HTTP.

Invariant: every act names who acts and leaves a row in the operator log; what cannot be done is refused with a sentence
that says what to do instead. Nothing calls a remote system inside a transaction.
"""

from syncapp.remotes.registry import google_calendar_in_use


def in_use() -> bool:
    """Whether this installation syncs calendars; without it nothing of them shows."""
    return google_calendar_in_use()
