"""Conflicts in words: what was there before, what was kept, and which rule settled it where nobody did.

To extend: a further rule that settles conflicts is a row of RULES, what may be kept one of KEPT. Where nothing
was kept, the question was closed without an answer, and no rule has had a say.
"""

from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.models import Conflict
from syncapp.words import Words, html, sentences

FIELDS = frozenset(row.key for row in MAPPING)

KEPT: Mapping[str, Words] = {**SYSTEM_NAMES, "neither": _("another value"), "agreed": _("settled")}
RULES: Mapping[str, Words] = {
    "espocrm_wins": _("rule: EspoCRM wins"),
    "advoware_wins": _("rule: Advoware wins"),
    "manual": _("both sides agree again"),
    "": _("nobody: changed, deleted or linked anew since"),
}


def before(conflict: Conflict) -> str | None:
    """What the field held on both sides before, as people write it; None where it was empty, or nobody knows.

    Bases of a field that differ tell of no sync that made the sides equal: core/beteiligte/next_base.py.
    """
    known = conflict.field not in FIELDS or conflict.base_espo == conflict.base_advo
    return sentences.field_value(conflict.field, conflict.base_espo) if known else None


def shown_before(conflict: Conflict, *, visible: bool) -> SafeString | str:
    text = before(conflict)
    if text or not visible:
        return html.value(text, visible=visible)
    return format_html('<span class="ops-empty">{}</span>', _("empty or not known"))
