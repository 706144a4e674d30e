"""What people do about calendars, from the admin, the command line and over HTTP.

    employees   who has a calendar: read from Advoware, set an address, a mode, a choice
    sharing     make the calendar in Google, share it, and look whether the share is there
    passes      ask for a pass, now or in the foreground; pause, release, take away a lock
    decisions   what a person decides about an appointment
    cleaning    duplicates, orphans, all calendars: list them, and remove what is provably ours
    drift       what differs, without changing anything

Invariant: every act names who acts and leaves a row in the operator log; what cannot be done is refused with a sentence
that says what to do instead. Nothing calls a remote system inside a transaction.
"""
