"""What the acts are called where they stand in logs, also those that are done elsewhere.

To extend: an act on records has its name in services/acts/table.py; what else is logged, a row of ELSEWHERE.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from syncapp.services.acts.others import OTHERS
from syncapp.services.acts.table import ACTS

ELSEWHERE: dict[str, str | Promise] = {
    "mode": _("Changed the mode"),
    "hold_side": _("Stopped the writes to one side"),
    "resume_side": _("Resumed the writes to one side"),
    "confirm_guard": _("Confirmed what a guard had stopped"),
    "decide_conflict": _("Decided a conflict"),
    "deletion_done": _("Ticked off a deletion"),
    "deletion_reopened": _("Opened a deletion again"),
    "type_corrected": _("Corrected a contact point's type in Advoware"),
    "case": _("Changed who looks after it"),
    "purge_history": _("Deleted old history"),
    "purge_person": _("Erased a person's values"),
    "acknowledge_alert": _("Took note of an alert"),
}


def action_name(code: str) -> str:
    """The act in words; the code itself where it has none."""
    if code in ELSEWHERE:
        return str(ELSEWHERE[code])
    row = OTHERS.get(code) or ACTS.get(code)
    return str(row.label) if row else code
