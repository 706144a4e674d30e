"""What is written: how Google shows a form, and the bodies of writes to either side.

Purpose: everything that leaves for a remote system is composed here.
Invariant: `shown_in_google` loses on purpose (anonymous, busy) or for want of room; a group that lost is lossy, and
no group that is lossy ever comes back to Advoware.

| shown as | when | text | ort, notiz | privat |
| --- | --- | --- | --- | --- |
| full | as it is | as it is, or its beginning | as they are, or their beginning | as it is |
| open | as it is | as it is, or its beginning | as they are, or their beginning | yes, since CALENDAR_PRIVATE is full |
| busy | as it is | a fixed word | none | yes |
| anonymous | as it is | a fixed word | none | as it is |

To extend: another way to show is a member of Shown and a row here.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from enum import StrEnum

from syncapp.core.appointments.forms import berlin, series
from syncapp.core.appointments.forms.canonical import GROUPS, TEXTS, Canonical, Group
from syncapp.core.appointments.forms.plain_text import cut, is_cut
from syncapp.core.appointments.forms.series import When
from syncapp.core.appointments.shapes import EventChange, GoogleTime, TerminChange

ZONE = "Europe/Berlin"
# What Google keeps of a text, with room for what it adds to it.
LONGEST_TEXT = 1000
LONGEST_NOTIZ = 8000
_FIRST, _LAST = "00:00:00", "23:59:00"
# The fixed words in place of a text.
ANONYMOUS_TITLE, PRIVATE_TITLE = "Termin", "Privat"


# Advoware's form and Google's.
Agreed = tuple[Canonical, Canonical] | None


def both(advoware: Canonical | None, google: Canonical | None) -> Agreed:
    return None if advoware is None or google is None else (advoware, google)


class Shown(StrEnum):
    """How much of a Termin its event shows."""

    full = "full"
    open = "open"
    busy = "busy"
    anonymous = "anonymous"


# Of these Google holds all that there is, so what gave way can be brought back.
SHOWS_ALL = frozenset({Shown.full, Shown.open})


def shown_in_google(form: Canonical, shown: Shown) -> Canonical:
    """What Google is to show of a form."""
    if shown is Shown.anonymous:
        return Canonical(form.when, form.rule, ANONYMOUS_TITLE, "", "", form.privat)
    if shown is Shown.busy:
        return Canonical(form.when, form.rule, PRIVATE_TITLE, "", "", True)
    return _as_much_as_fits(form)


def _as_much_as_fits(form: Canonical) -> Canonical:
    return replace(
        form,
        text=cut(form.text, LONGEST_TEXT),
        ort=cut(form.ort, LONGEST_TEXT),
        notiz=cut(form.notiz, LONGEST_NOTIZ),
    )


def lossy_groups(form: Canonical, shown: Shown) -> frozenset[Group]:
    """The groups whose change in Google must not come back."""
    if shown is Shown.anonymous:
        return frozenset(GROUPS) - {Group.when}
    if shown is Shown.busy:
        return frozenset({Group.text, Group.ort, Group.notiz})
    return form.differing(_as_much_as_fits(form))


def less_in_google(advoware: Canonical, google: Canonical, shown: str) -> frozenset[Group]:
    """The groups of which Google holds less on purpose, or for want of room: nothing that anybody has to see to."""
    if shown not in SHOWS_ALL:
        return TEXTS | {Group.privat}
    return cut_groups(advoware, google)


def cut_groups(whole: Canonical, kept: Canonical) -> frozenset[Group]:
    """The texts of which only the beginning was kept, whoever has cut them."""
    return frozenset(group for group in TEXTS if is_cut(str(kept.of(group)), str(whole.of(group))))


def differing_groups(advoware: Canonical, google: Canonical, shown: str, agreed: Agreed = None) -> frozenset[Group]:
    """The groups in which the two sides differ, for people who look at both.

    agreed: what a pass has taken for equal, Google's trimmed, cut or hidden version of it included.
    """
    groups = advoware.differing(google) - less_in_google(advoware, google, shown)
    if agreed is None:
        return groups
    known = agreed[0].differing(advoware) | agreed[1].differing(google)
    return groups & known


def event_change(form: Canonical, groups: Iterable[Group], *, was: Canonical | None = None) -> EventChange:
    """The body that gives an event these groups of what Google is to show.

    was: what it shows now; an equal start and an equal rule are left out, so that exceptions of the series survive.
    """
    wanted = frozenset(groups)
    start = end = recurrence = None
    if Group.when in wanted or (Group.rule in wanted and was is not None and was.rule is None):
        start, end = google_times(form.when)
        if was is not None and Group.rule not in wanted and google_times(was.when)[0] == start:
            start = None
    says_rule = Group.rule in wanted and (was is not None or form.rule is not None)
    # What UNTIL means depends on the start: said anew with it, the last occurrence stays.
    if says_rule or (start is not None and form.rule is not None):
        recurrence = series.to_google(form.rule, form.when)
    return EventChange(
        start=start,
        end=end,
        recurrence=recurrence,
        summary=form.text if Group.text in wanted else None,
        location=form.ort if Group.ort in wanted else None,
        description=form.notiz if Group.notiz in wanted else None,
        visibility=("private" if form.privat else "default") if Group.privat in wanted else None,
    )


def google_times(when: When) -> tuple[GoogleTime, GoogleTime]:
    """Start and end as Google wants them: local times with their zone, or dates, the end exclusive."""
    if not when.all_day:
        return tuple(GoogleTime(date_time=f"{at}:00", time_zone=ZONE) for at in (when.start, when.end))  # type: ignore[return-value]
    after = date.fromisoformat(when.end) + berlin.DAY
    return GoogleTime(date=when.start), GoogleTime(date=after.isoformat())


def termin_change(form: Canonical, groups: Iterable[Group]) -> TerminChange:
    """The fields that give a Termin these groups; when and rule share `datumBis`, so they are written together."""
    wanted = frozenset(groups)
    times = _times(form) if wanted & {Group.when, Group.rule} else TerminChange()
    return replace(
        times,
        text=form.text if Group.text in wanted else None,
        ort=form.ort if Group.ort in wanted else None,
        notiz=form.notiz if Group.notiz in wanted else None,
        privat=form.privat if Group.privat in wanted else None,
    )


def _times(form: Canonical) -> TerminChange:
    when, rule = form.when, form.rule
    last = (rule.until or series.FOR_EVER) if rule else when.end[:10]
    return TerminChange(
        datum=when.start[:10],
        datum_bis=last,
        uhrzeit_von=_FIRST if when.all_day else f"{when.start[11:]}:00",
        uhrzeit_bis=_LAST if when.all_day else f"{when.end[11:]}:00",
        dauertermin=rule is not None,
        turnus=rule.interval if rule else 0,
        turnus_art=series.TURNUS_ART_OF[rule.freq] if rule else 0,
        all_day=when.all_day,
    )
