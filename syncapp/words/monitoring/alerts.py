"""What each alert says, and what to do then.

To extend: a row here for each rule of operations/alerts/rules.py; figures stand in braces.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class AlertWords:
    text: Words
    advice: Words


ALERTS: Mapping[str, AlertWords] = {
    "permanently_failed": AlertWords(
        _("{number} records have failed for good (more than {limit})."),
        _("Open the list, look at the kinds of error, and start them again together."),
    ),
    "slow_sync": AlertWords(
        _("A sync took {seconds} seconds (more than {limit})."),
        _("One of the two systems answers slowly. Ask whoever runs it if it lasts."),
    ),
    "many_errors": AlertWords(
        _("{number} syncs have failed within an hour (more than {limit})."),
        _("Look under “Errors by cause”: often there is one cause for many."),
    ),
    "no_sweep": AlertWords(
        _("No sweep for {minutes} minutes: changes that no webhook told of are not found."),
        _("The scheduler or the worker of the queue “sweep” is not running. Have them started."),
    ),
    "job_failing": AlertWords(
        _("A regular job fails each time: {jobs} ({failures} times in a row)."),
        _("“Failed jobs” and doctor name the error. Send it to whoever looks after Advosync."),
    ),
    "other_installation": AlertWords(
        _("Another program syncs the same EspoCRM: {number} records within an hour, the last at {at}."),
        _(
            "Find the other one (a second Advosync, a test machine, the program before it) and stop it: two at once can"
            " make a person twice in Advoware. Then look through the persons made since."
        ),
    ),
    "oldest_unsynced": AlertWords(
        _("{number} changes have been waiting for more than {limit} minutes."),
        _(
            "If a system is disturbed or everything is paused, they wait until that is over. If not, the workers are"
            " not running, or there is more to do than they can do."
        ),
    ),
    "breaker_open": AlertWords(
        _("{systems} has not been answering for minutes. Nothing is lost, everything waits."),
        _("Nothing here: the sync goes on by itself. Ask whoever runs the system."),
    ),
    "long_pause": AlertWords(
        _("The sync has been paused for {hours} hours."),
        _("If nobody needs the pause any more, end it under “Switches”."),
    ),
    "guard_stopped": AlertWords(
        _("Stopped until somebody looks: {number} records, for unusually many changes or going back and forth."),
        _(
            "Look at the samples under “Switches” and confirm if this is meant to be. Of what goes back and forth the "
            "record's page says what to do."
        ),
    ),
    "long_round": AlertWords(
        _("At the present budget it takes {hours} hours to look at all records in Advoware once."),
        _("Raise SYNC_RECHECK_PER_SWEEP, or sweep more often (SYNC_SWEEP_MINUTES)."),
    ),
    "rechtsformen_unread": AlertWords(
        _("Advoware's list of legal forms cannot be read: what is written is checked against an old list or none."),
        _("Have the rights of the interface user in Advoware checked; doctor names the cause."),
    ),
    "calendar_stopped": AlertWords(
        _("{number} calendars wait for somebody: {kuerzel}."),
        _("python manage.py calendar employees says why; release them when the numbers are right."),
    ),
    "calendar_given_up": AlertWords(
        _("{number} calendars have failed for good: {kuerzel}."),
        _(
            "The list says what is wrong with each, its page what to do about it. They are tried again by themselves"
            " with every pass, by “Pass now” at once."
        ),
    ),
    "calendar_late": AlertWords(
        _("{number} calendars have not been looked at for more than {minutes} minutes."),
        _(
            "If Advoware or Google is disturbed or everything is paused, they wait until that is over. If not, the"
            " worker of the queue “calendar” is not running, or there is more to do than it can do."
        ),
    ),
    "calendar_quota": AlertWords(
        _("Google takes no new appointments until {until}; all else goes on."),
        _("Nothing here: it goes on by itself. Ask Google for a higher quota if it happens often."),
    ),
    "proxy_wrong_keys": AlertWords(
        _("{number} calls with a wrong key within an hour (more than {limit})."),
        _("Look at the addresses: a program of the firm with an old key, or somebody who has no business here."),
    ),
    "proxy_key_ends": AlertWords(
        _("{number} keys of other programs end within {days} days."),
        _("Make a new key, enter it in the program, and revoke the old one; or move the end."),
    ),
    "proxy_key_ended": AlertWords(
        _("{number} keys of other programs have ended and were in use: a program that has no new one is refused."),
        _(
            "Move the end, and the program goes on at once; or make a new key and enter it in the program. A key whose"
            " program is gone or has a new one is to be revoked: then nobody is told of it any more."
        ),
    ),
    "proxy_unknown": AlertWords(
        _("Of {number} writes of other programs nobody knows whether Advoware carried them out."),
        _("Look in Advoware what has arrived, and tell whoever answers for the program."),
    ),
}
