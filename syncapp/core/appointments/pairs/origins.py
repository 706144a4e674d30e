"""What an event was moved, copied or split off from: the row of the Termin whose number it bears.

Purpose: Google shows less than there is where a calendar has no texts, where a Termin is private, and where a text is
too long. A Termin that is made from such an event has to say what the first one says, or nothing is made.
Invariant: a word that stands in place of a text, and the beginning of a longer one, never become a text of Advoware.
The text of a private Termin goes by a copy into no other calendar, and into nothing that is not private.

| the event bears the number of | what Google shows with a loss | the new Termin |
| --- | --- | --- |
| a Termin that a row knows, here or in another calendar | as that row shows it | has the text of that row's Termin |
| the same | otherwise | has what was typed |
| a Termin that no row knows, or a private one whose text may not go there | a fixed word, or cut | is not made, told |
| the same | otherwise | has what was typed |
| a series of this calendar that runs on in Advoware, as its end does not come back | any | is not made, told |
| none | any | has what was typed |

To extend: a further way to lose a text is one of `drafts.lossy_groups`.
"""

from dataclasses import replace

from syncapp.core.appointments.forms.canonical import TEXTS, Canonical, Group
from syncapp.core.appointments.forms.drafts import (
    ANONYMOUS_TITLE,
    PRIVATE_TITLE,
    Shown,
    cut_groups,
    lossy_groups,
    shown_in_google,
)
from syncapp.core.appointments.forms.google_ids import FR_NR, OWN_ID
from syncapp.core.appointments.forms.plain_text import ends_cut
from syncapp.core.appointments.pairs.sides import IndexedSnapshot, TerminSide, advoware_side
from syncapp.core.appointments.policy import is_companion, is_copy
from syncapp.core.appointments.rows import AppointmentPair, Kind
from syncapp.core.appointments.shapes import CalendarEvent

LONGEST_NUMBER = 12


def named_by(event: CalendarEvent) -> int | None:
    """The Termin whose number an event bears: its own, or that of what it is a copy of."""
    text = event.properties.get(FR_NR, "")
    return int(text) if len(text) <= LONGEST_NUMBER and text.removeprefix("-").isdecimal() else None


def origin_of(context: IndexedSnapshot, event: CalendarEvent) -> AppointmentPair | None:
    """The row of that Termin: the one whose event it was, else any; of these one of this calendar, then the latest."""
    number, snapshot = named_by(event), context.snapshot
    if number is None:
        return None
    rows = [one for one in (*snapshot.named, *snapshot.closed, *snapshot.pairs) if one.fr_nr == number]
    known = [one for one in rows if one.base_advoware is not None]
    own = [one for one in known if one.google_id == event.properties.get(OWN_ID)]
    return next(reversed(own or known), None)


def taken_over(pair: AppointmentPair, was: AppointmentPair | None) -> AppointmentPair:
    """The row of an event that was moved here: it is the appointment that it was in the other calendar."""
    if was is None:
        return pair
    return replace(pair, base_advoware=was.base_advoware, shown=was.shown, origin=was.origin)


def copied(
    context: IndexedSnapshot, pair: AppointmentPair, event: CalendarEvent, form: Canonical
) -> tuple[AppointmentPair, Canonical]:
    """The row of an event without a Termin, and what the Termin is to say that is made of it."""
    was = _lender(context, event, form)
    if was is None or was.base_advoware is None:
        return replace(pair, shown=Shown.full), form
    said = _with_hidden_texts(form, was, was.base_advoware)
    known = replace(pair, shown=_shown_as(form, said, was))
    # Who made it decides whether its text may be seen in Google once it is private.
    return (replace(known, origin=was.origin) if was.base_advoware.privat else known), said


def lacks_text(context: IndexedSnapshot, event: CalendarEvent, form: Canonical) -> bool:
    """Whether it shows our words in place of a text that nobody here knows, or may tell."""
    if named_by(event) is None or _lender(context, event, form) is not None:
        return False
    return form.text in (ANONYMOUS_TITLE, PRIVATE_TITLE) or any(ends_cut(str(form.of(one))) for one in TEXTS)


def is_rest_of_series(context: IndexedSnapshot, event: CalendarEvent, form: Canonical, *, told: bool) -> bool:
    """Whether its days are those of a series that runs on in Advoware, since what Google says of its end stays there.

    told: so it was before; that more may come back by now does not end the series."""
    number = named_by(event)
    if form.rule is None or number is None or event.properties.get(OWN_ID) == event.id:
        return False
    row = next((one for one in context.snapshot.pairs if one.fr_nr == number), None)
    if row is None:
        return False
    side = advoware_side(context, row)
    series = side.form or row.base_advoware
    if series is None or series.rule is None or (series.last_day() or form.when.start) < form.when.start[:10]:
        return False
    return told or not _rule_comes_back(context, row, side, series)


def _rule_comes_back(context: IndexedSnapshot, row: AppointmentPair, side: TerminSide, series: Canonical) -> bool:
    employee, termin = context.snapshot.employee, side.termin
    companion = is_copy(row.anwalt, employee) if termin is None else is_companion(termin, employee)
    lossy = lossy_groups(series, row.shown) | lossy_groups(series, context.shown(row, side))
    return not (companion or row.kind is Kind.special or side.masked or Group.rule in lossy)


def _lender(context: IndexedSnapshot, event: CalendarEvent, form: Canonical) -> AppointmentPair | None:
    was = origin_of(context, event)
    if was is None or was.base_advoware is None:
        return None
    here = not any(was is one for one in context.snapshot.named)
    return was if not was.base_advoware.privat or (here and form.privat) else None


def _with_hidden_texts(form: Canonical, was: AppointmentPair, base: Canonical) -> Canonical:
    showed = shown_in_google(base, was.shown)
    kept = was.base_google or showed
    hidden = (lossy_groups(base, was.shown) | cut_groups(showed, kept)) & TEXTS
    return form.with_groups_of(base, {one for one in hidden if form.of(one) in (showed.of(one), kept.of(one))})


def _shown_as(form: Canonical, said: Canonical, was: AppointmentPair) -> Shown:
    """How the event shows its Termin from the first on. What was typed over a private one stays in Google; where a
    calendar has no texts, it goes from there once Advoware has it."""
    if was.shown is Shown.busy:
        return Shown.busy
    words = shown_in_google(said, Shown.anonymous)
    return Shown.anonymous if was.shown is Shown.anonymous and not form.differing(words) & TEXTS else Shown.full
