"""What people do about calendars, from the admin, the command line and over HTTP.

    employees   who has a calendar: read from Advoware, set an address, a mode, a choice
    sharing     make the calendar in Google, share it, and look whether the share is there
    passes      ask for a pass, now or in the foreground; pause, release, take away a lock
    decisions   what a person decides about an appointment
    background  the acts that call Google, as steps of a mass action
    cleaning    duplicates, orphans, all calendars: list them, and remove what is provably ours
    drift       what differs, without changing anything
    capability  what was found out about the two systems, reset by hand

Invariant: every act names who acts and leaves a row in the operator log; what cannot be done is refused with a sentence
that says what to do instead. Nothing calls a remote system inside a transaction.
"""

from syncapp.remotes.registry import google_calendar_in_use


def in_use() -> bool:
    """Whether this installation syncs calendars; without it nothing of them shows."""
    return google_calendar_in_use()
