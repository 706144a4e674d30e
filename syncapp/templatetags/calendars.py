"""What the pages of the calendars need in their templates. Thin: the words are in syncapp/words/calendars/.

Invariant: `calendar_entry` looks at `visible` in the page's context, as `value` of ops.py does.
"""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.models import CalendarEmployee
from syncapp.operations.calendars.week import DayEntry
from syncapp.words import html
from syncapp.words.calendars import cases
from syncapp.words.calendars.looks import MARKS, mode_look
from syncapp.words.calendars.when import times_of

register = template.Library()
register.filter("times_of", times_of)


@register.filter
def calendar_mode(row: CalendarEmployee) -> SafeString:
    icon, tone, words = mode_look(row.mode)
    return html.badge(icon, words, tone)


@register.simple_tag(takes_context=True)
def calendar_entry(context: template.Context, entry: DayEntry) -> SafeString:
    """One appointment on one day: its time, its subject, and how the two sides agree."""
    icon, tone, words = MARKS[entry.agreement]
    form = entry.seen.advoware or entry.seen.google
    shown = html.value(form.text if form else "", visible=bool(context.get("visible")))
    inside = format_html(
        '<b>{}</b> <span>{}</span>{}<span class="material-symbols-outlined" title="{}" aria-hidden="true">{}</span>'
        '<span class="ops-sr">{}</span>',
        times_of(entry.when),
        shown,
        _where(entry),
        words,
        icon,
        words,
    )
    if entry.seen.pk is None:
        return format_html('<div class="ops-entry ops-{}">{}</div>', tone, inside)
    url = reverse("admin:syncapp_appointment_change", args=[entry.seen.pk])
    return format_html('<a class="ops-entry ops-{}" href="{}">{}</a>', tone, url, inside)


def _where(entry: DayEntry) -> SafeString | str:
    """Of one that was moved: on which side it stands on this day."""
    if bool(entry.advoware) is bool(entry.google):
        return ""
    return format_html(
        " <small>{}</small>", SYSTEM_NAMES[CalendarSide.advoware if entry.advoware else CalendarSide.google]
    )


@register.filter
def appointment_action(action: str) -> object:
    return cases.ACTIONS.get(action, action)


@register.filter
def appointment_group(group: str) -> object:
    return cases.GROUPS.get(group, group)
