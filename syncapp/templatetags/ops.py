"""What the pages need in their templates. Thin: how things look is in syncapp/shown.py.

Invariant: `value` looks at `visible` in the page's context; a page that forgets to set it shows nothing personal.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from syncapp import shown, texts
from syncapp.models import SyncRecord

register = template.Library()


@register.simple_tag(takes_context=True)
def value(context: template.Context, text: object) -> SafeString | str:
    return shown.value(text, visible=bool(context.get("visible")))


@register.simple_tag
def badge(icon: str, word: object, tone: str) -> SafeString:
    return shown.badge(icon, word, tone)


@register.simple_tag
def espocrm_link(espo_id: str) -> SafeString | str:
    return shown.espocrm_link(espo_id)


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    return shown.time(at)


@register.filter
def status_badge(record: SyncRecord) -> SafeString:
    return shown.status(record)


@register.filter
def outcome_badge(outcome: str) -> SafeString:
    return shown.outcome_badge(outcome)


@register.filter
def field_label(key: str) -> str:
    return texts.field_label(key)


@register.filter
def side(name: str) -> str:
    return texts.SYSTEMS.get(name, "–")


@register.filter
def sentence(fault: Mapping[str, Any]) -> str:
    return texts.sentence(fault)
