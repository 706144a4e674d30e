"""Conflicts in words: what was kept, and which rule settled it where nobody did.

To extend: a further rule that settles conflicts is a row of RULES, what may be kept one of KEPT.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.systems import SYSTEM_NAMES
from syncapp.words import Words

KEPT: Mapping[str, Words] = {**SYSTEM_NAMES, "neither": _("another value"), "agreed": _("settled")}
RULES: Mapping[str, Words] = {
    "espocrm_wins": _("rule: EspoCRM wins"),
    "advoware_wins": _("rule: Advoware wins"),
    "manual": _("both sides agree again"),
}
