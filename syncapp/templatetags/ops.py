"""What the pages need in their templates. Thin: how things look is in syncapp/words/html.py.

Invariant: `value` and `record_link` look at `visible` in the page's context; a page that forgets it shows no value.
"""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.contrib.admin.templatetags.admin_list import result_headers
from django.db.models import Model
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from syncapp import __version__
from syncapp.models import CalendarEmployee, Conflict, Control, OperatorLog, SyncRecord
from syncapp.operations.actions import OfferedAction, child_cases, conflicts
from syncapp.operations.people import sign_in
from syncapp.words import actor_words, hand_tasks, html, plans, queues, sentences
from syncapp.words.actions.logged import action_name, result_words, target_words
from syncapp.words.child_lists.labels import search_hint as what_finds_a_record
from syncapp.words.monitoring.heaps import QUICK_FILTERS
from syncapp.words.monitoring.looks import MODES, TONE_ICONS, UNKNOWN
from syncapp.words.runs.conflicts import KEPT, shown_before
from syncapp.words.time_format import clock

register = template.Library()

# What templates call by the name of what it does elsewhere.
register.simple_tag(html.symbol, name="icon")
register.simple_tag(html.badge, name="badge")
register.simple_tag(html.espocrm_link, name="espocrm_link")
register.filter("queue_title", queues.title_of)
register.filter("moment", html.time)
register.filter("actor_words", actor_words)
register.filter("status_badge", html.status)
register.filter("badge_of_status", html.status_badge)
register.filter("outcome_badge", html.outcome_badge)
register.filter("phone_type", hand_tasks.phone_type)
register.filter("action_name", action_name)
register.filter("field_label", sentences.field_label)
register.filter("conflict_note", plans.conflict_note)


@register.simple_tag(takes_context=True)
def value(context: template.Context, text: object) -> SafeString | str:
    return html.value(text, visible=bool(context.get("visible")))


@register.simple_tag(takes_context=True)
def field_value(context: template.Context, key: str, text: str | None) -> SafeString | str:
    """A value of a field, written as people write it."""
    return html.value(sentences.field_value(key, text), visible=bool(context.get("visible")))


@register.simple_tag(takes_context=True)
def before(context: template.Context, conflict: Conflict) -> SafeString | str:
    return shown_before(conflict, visible=bool(context.get("visible")))


@register.simple_tag(takes_context=True)
def record_link(context: template.Context, record: SyncRecord) -> SafeString | str:
    """The record by name, or by its id for those who may not see names."""
    label = html.name(record, visible=True) if context.get("visible") else record.espo_id
    return html.record_link(record.pk, label)


@register.filter
def row_title(row: object) -> object:
    """What the head of a page calls a row: one of the history by its record's name, for those who may see names."""
    if not isinstance(row, Model):
        return capfirst(str(row))
    record, viewer = getattr(row, "record", None), getattr(row, "viewer", None)
    if not isinstance(record, SyncRecord) or viewer is None or not viewer.sees_values or not record.name:
        return row
    return str(row).replace(record.espo_id, record.name)


@register.simple_tag
def sort_choices(shown: Any) -> list[dict[str, object]]:
    """The columns that a list can be put in order by, each with the address that does it; a second press turns it."""
    found = [head for head in result_headers(shown) if head.get("sortable")]
    return [
        {
            "label": capfirst(str(head["text"])),
            "link": head["url_toggle"] if head["sorted"] else head["url_primary"],
            "current": head["sort_priority"] == 1,
            "ascending": head["ascending"],
        }
        for head in found
    ]


@register.simple_tag
def firm_sign_in() -> dict[str, object]:
    """Whether people can log in through the firm's identity provider, and what it is called."""
    return {"on": sign_in.is_on(), "label": settings.OIDC_LABEL}


@register.simple_tag
def search_hint(visible: bool) -> str:
    return what_finds_a_record(children=child_cases.is_on(), values=visible)


@register.simple_tag
def record_url(record: SyncRecord) -> str:
    return html.record_url(record.pk)


@register.simple_tag
def act_button(row: SyncRecord | CalendarEmployee, act: OfferedAction, main: bool = False) -> SafeString:
    """To the page where an act on a record or a calendar is explained and confirmed."""
    page = "record_act" if isinstance(row, SyncRecord) else "calendar_act"
    return html.button(html.page_url(page, row.pk, act.code), act.label, act.icon, main=main)


@register.simple_tag
def switch_button(switch: Any) -> SafeString:
    return html.button(html.page_url("switch", switch.code), switch.label, switch.icon)


@register.simple_tag
def restore_cell(conflict: Conflict, allowed: bool) -> SafeString | str:
    """What can be done about the value that lost."""
    if conflict.restored_at:
        return format_html("{} {}", _("restored"), html.time(conflict.restored_at))
    if conflicts.restorable(conflict) or not allowed:
        return "–"
    about = sentences.field_label(conflict.field)
    return html.button(html.page_url("restore", conflict.pk), _("Restore"), "history", about=about)


@register.simple_tag
def job_link(job: Any, perms: Any) -> SafeString:
    """The job in words, with its page for those who may open it."""
    if "syncapp.see_jobs" not in perms:
        return format_html("{}", job.title)
    return format_html(
        '<a class="ops-link" id="job-{}" href="{}">{}</a>', job.id, html.page_url("job", job.queue, job.id), job.title
    )


@register.simple_tag(takes_context=True)
def quick_filters(context: template.Context) -> list[dict[str, object]]:
    """The filters that are used most, with a mark on the one in use."""
    used = context["request"].GET.urlencode()
    return [
        {"url": f"?{query}", "label": label, "icon": icon, "tone": tone, "active": used == query}
        for query, label, icon, tone in QUICK_FILTERS
    ]


@register.filter
def state_badge(state: str) -> SafeString:
    """How a worker or a job stands."""
    return html.badge(*queues.STATES.get(state, ("help", state, "off")))


@register.filter
def since_when(at: datetime | None) -> str:
    return clock(at, now=timezone.now()) if at is not None else "–"


@register.filter
def number(value: float | None) -> str:
    return str(formats.number_format(value or 0, decimal_pos=0, use_l10n=True, force_grouping=True))


@register.filter
def plain(value: float) -> str:
    """A number for an attribute, where a comma would be an error."""
    return f"{value:g}"


@register.simple_tag
def version() -> str:
    return __version__


@register.filter
def mode_badge(control: Control) -> SafeString:
    icon, tone = MODES.get(control.mode, UNKNOWN)
    return html.badge(icon, control.get_mode_display(), tone)


@register.filter
def log_words(entry: OperatorLog) -> str:
    """What a row of the log says besides the act."""
    return result_words(entry.action, entry.result) or target_words(entry.action, entry.target)


@register.filter
def tone_icon(tone: str) -> str:
    return TONE_ICONS.get(tone, "help")


@register.filter
def side(name: str) -> str:
    return str(KEPT.get(name, "–"))
