"""Days, times and series as people write them, from the canonical form of an appointment.

Invariant: pure but for the active language. To extend: a further group of fields is a branch of `group_text`.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When

RHYTHMS: Mapping[Freq, Any] = {
    Freq.daily: ngettext_lazy("every day", "every %d days"),
    Freq.weekly: ngettext_lazy("every week", "every %d weeks"),
    Freq.monthly: ngettext_lazy("every month", "every %d months"),
    Freq.yearly: ngettext_lazy("every year", "every %d years"),
}


def day_words(day: date) -> str:
    """“Mon, 30.11.2026”."""
    return f"{formats.date_format(day, 'D')}, {formats.date_format(day, 'SHORT_DATE_FORMAT')}"


def times_of(when: When) -> str:
    """The time of day alone: “09:00–10:00”, “all day”; of several days its start."""
    if when.all_day:
        return _("all day")
    start, end = (datetime.fromisoformat(text) for text in (when.start, when.end))
    if start == end:
        return f"{start:%H:%M}"
    if start.date() != end.date():
        return _("from %(time)s") % {"time": f"{start:%H:%M}"}
    return f"{start:%H:%M}–{end:%H:%M}"


def when_words(when: When) -> str:
    """Day and time: “Mon, 30.11.2026, 09:00–10:00”."""
    first, last = date.fromisoformat(when.start[:10]), date.fromisoformat(when.end[:10])
    if first == last:
        return f"{day_words(first)}, {times_of(when)}"
    if when.all_day:
        return f"{day_words(first)} – {day_words(last)}"
    return f"{day_words(first)}, {when.start[11:16]} – {day_words(last)}, {when.end[11:16]}"


def start_words(start: str) -> str:
    """The beginning alone, of what a form says: “2026-11-30” or “2026-11-30T09:00”."""
    if not start:
        return "–"
    return f"{day_words(date.fromisoformat(start[:10]))}{start[10:].replace('T', ', ')}"


def rule_words(rule: SeriesRule | None) -> str:
    """“every 2 weeks until 31.03.2027”; “” for a single one."""
    if rule is None:
        return ""
    words = RHYTHMS[rule.freq]
    rhythm = str(words % rule.interval)
    if not rule.until:
        return rhythm
    until = formats.date_format(date.fromisoformat(rule.until[:10]), "SHORT_DATE_FORMAT")
    return _("%(rhythm)s until %(day)s") % {"rhythm": rhythm, "day": until}


def group_text(form: Canonical, group: Group) -> str:
    """What a form says in one group, for a page; empty where it says nothing."""
    match group:
        case Group.when:
            return when_words(form.when)
        case Group.rule:
            return rule_words(form.rule) or _("single appointment")
        case Group.privat:
            return _("yes") if form.privat else _("no")
    return str(form.of(group))
