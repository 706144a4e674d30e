"""Intents of appointments: what became of a write whose answer was lost.

Purpose: before a write its intent is committed with the row; the next pass settles it against what is there.
Invariant: a value is taken for ours only if it is what was sent, or as much of it as the target keeps; anything else
is somebody's edit and is compared as such. Every intent is settled by the first pass that shows the written side.

| the written side shows, per group | settled as | bases |
| --- | --- | --- |
| what was sent | arrived | there: what it shows; here: what was carried |
| the beginning of a text that was sent | arrived, cut | as above; of Advoware what was sent, so Google is put back |
| the base | not arrived | as they were: the change is carried again |
| anything else | edited | as they were: compared as an edit |

| write | lost answer means |
| --- | --- |
| insert_event | made again with the same id: 409 leads to what is there |
| patch_event, put_termin | the table above |
| delete_event, delete_termin | nothing: 404 and 410 are success, and evidence decides anyway |
| reword_event | nothing: what an occurrence shows decides |
| post_termin | exactly one equal Termin without a row is adopted, else a person decides (unlinked.py) |

To extend: a new kind of write is a row of the second table.
"""

from collections.abc import Collection
from dataclasses import replace

from syncapp.core.appointments.forms.canonical import TEXTS, Canonical, Group
from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.appointments.rows import AppointmentAction, AppointmentIntent, AppointmentPair

LEAVES_NOTHING = (AppointmentAction.delete_event, AppointmentAction.delete_termin, AppointmentAction.reword_event)


def settle(pair: AppointmentPair, *, advoware: Canonical | None, google: Canonical | None) -> AppointmentPair:
    """The row without its intent, if the written side was shown; its bases say what the intent came to."""
    intent = pair.intent
    if intent is None or intent.action is AppointmentAction.post_termin:
        return pair
    if intent.action in LEAVES_NOTHING:
        return replace(pair, intent=None)
    now = google if intent.action.side is CalendarSide.google else advoware
    if now is None:
        return pair
    return _settled(pair, intent, now)


def _settled(pair: AppointmentPair, intent: AppointmentIntent, now: Canonical) -> AppointmentPair:
    there = pair.base_google if intent.action.side is CalendarSide.google else pair.base_advoware
    arrived = {group for group in intent.groups if _is_ours(group, intent, now, there)}
    settled = replace(pair, intent=None)
    if not arrived and intent.action is not AppointmentAction.insert_event:
        return settled
    if intent.action is AppointmentAction.insert_event:
        settled = replace(
            settled, base_advoware=intent.carried, base_google=intent.sent, shown=intent.shown or pair.shown
        )
    elif intent.shown is not None and not _is_partly_as_before(intent, now, there, arrived):
        settled = replace(settled, shown=intent.shown)
    return rebased(settled, intent, now, frozenset(arrived))


def _is_partly_as_before(
    intent: AppointmentIntent, now: Canonical, base: Canonical | None, arrived: Collection[Group]
) -> bool:
    """Whether some of what was to be shown otherwise still stands there as before: then the write never came, and
    somebody typed by chance what it was to bring elsewhere. Taken for shown otherwise, a text would stay unhidden.
    """
    return base is not None and any(now.of(group) == base.of(group) for group in intent.groups if group not in arrived)


def rebased(
    pair: AppointmentPair, intent: AppointmentIntent, now: Canonical, groups: frozenset[Group]
) -> AppointmentPair:
    """The row after those groups of a write have arrived and show as `now`."""
    sent, carried = intent.sent, intent.carried
    if sent is None or carried is None:
        raise ValueError("an intent of a write that carries values has both")
    if intent.action.side is CalendarSide.google:
        return with_bases(pair, groups, advoware=carried, google=now)
    # Where Advoware shows something else than was sent, the base says what was sent: so it counts as changed there,
    # and Google is put back.
    return with_bases(pair, groups, advoware=sent, google=carried)


def with_bases(
    pair: AppointmentPair, groups: frozenset[Group], *, advoware: Canonical, google: Canonical
) -> AppointmentPair:
    """The row whose bases say of these groups what the forms say; of all, where there was no base yet."""
    return replace(
        pair,
        base_advoware=(pair.base_advoware or advoware).with_groups_of(advoware, groups),
        base_google=(pair.base_google or google).with_groups_of(google, groups),
    )


def _is_ours(group: Group, intent: AppointmentIntent, now: Canonical, base: Canonical | None) -> bool:
    if intent.sent is None:
        return False
    sent, shows = intent.sent.of(group), now.of(group)
    if shows == sent:
        return True
    if base is not None and shows == base.of(group):
        return False
    return group in TEXTS and is_beginning(str(shows), str(sent))


def is_beginning(shows: str, sent: str) -> bool:
    """Whether that is what a target kept of a text: its beginning, but not nothing of it."""
    return bool(shows) and sent.startswith(shows)
