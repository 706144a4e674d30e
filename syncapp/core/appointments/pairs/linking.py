"""What both sides count as having agreed on where a Termin and an event are linked anew.

Purpose: a row that was lost says neither how its event showed the Termin nor what was last equal; here both are read
from what the event shows.
Invariant: linking brings no hidden text into Google and none that Google shows with a loss into Advoware.

| the event | counts as shown | texts |
| --- | --- | --- |
| of ours, with the fixed words of an anonymous or a private one | so | both sides as they are: the words are no edit |
| private, as its Termin is, where Google may not show such | busy | both as they are: what was typed there stays |
| private, as its Termin is, where Google may show them | open | merged |
| any other | full | merged; the beginning of a longer text of Advoware is no edit |

Merged: the fuller one counts as changed, and where both say something, both.
To extend: another way to show is a line of `_shown`.
"""

from dataclasses import replace

from syncapp.core.appointments.forms.canonical import GROUPS, TEXTS, Canonical, Group, Value
from syncapp.core.appointments.forms.drafts import SHOWS_ALL, Shown, shown_in_google
from syncapp.core.appointments.forms.plain_text import is_cut
from syncapp.core.appointments.pairs.sides import IndexedSnapshot
from syncapp.core.appointments.policy import CalendarSide, Private
from syncapp.core.appointments.rows import AppointmentPair
from syncapp.core.appointments.shapes import AdvowareTermin


def linked_anew(
    context: IndexedSnapshot, pair: AppointmentPair, termin: AdvowareTermin, google: Canonical | None, *, ours: bool
) -> AppointmentPair:
    """The row of that event with its Termin. ours: the event itself names it."""
    known = replace(pair, fr_nr=termin.fr_nr, origin=CalendarSide.advoware)
    form = context.reading(termin).form
    if form is None or google is None:
        return known
    shown = _shown(context, termin, form, google, ours=ours)
    bases = {group: _bases(group, form, google, shown) for group in GROUPS}
    return replace(
        known,
        shown=shown,
        base_advoware=form.with_values({group: one[0] for group, one in bases.items()}),
        base_google=google.with_values({group: one[1] for group, one in bases.items()}),
    )


def _shown(
    context: IndexedSnapshot, termin: AdvowareTermin, form: Canonical, google: Canonical, *, ours: bool
) -> Shown:
    for hidden in (Shown.busy, Shown.anonymous) if ours else ():
        words = shown_in_google(form, hidden)
        marked = google.privat or hidden is Shown.anonymous
        if marked and not google.differing(words) & TEXTS and form.differing(words) & TEXTS:
            return hidden
    if not (form.privat and google.privat):
        return Shown.full
    may_show = context.policy.private is Private.full and not termin.masked
    return Shown.open if may_show else Shown.busy


def _bases(group: Group, form: Canonical, google: Canonical, shown: Shown) -> tuple[Value, Value]:
    there, here = form.of(group), google.of(group)
    if group in TEXTS and (shown not in SHOWS_ALL or is_cut(str(here), str(there))):
        return there, here
    if group is Group.privat and shown is Shown.busy:
        return here, here
    if there == here:
        return there, here
    return ("", "") if there == "" or here == "" else (here, there)
