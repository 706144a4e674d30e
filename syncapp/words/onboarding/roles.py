"""The usual roles in words: their names, what each may do, and the rights that Django makes.

To extend: a role of operations/onboarding/roles.py is a row of ROLE_NAMES, ROLE_MEANINGS and ROLE_ICONS.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

ROLE_NAMES: Mapping[str, Words] = {
    "Reader": _("Reader"),
    "Clerk": _("Clerk"),
    "Operator": _("Operator"),
    "Auditor": _("Auditor"),
}
# What a role may do, for the list of roles.
ROLE_MEANINGS: Mapping[str, Words] = {
    "Reader": _("sees records, conflicts and tasks, but no personal values"),
    "Clerk": _("sees everything about records, starts syncs, decides conflicts, does the tasks by hand"),
    "Operator": _("may do everything but see bank accounts in full, switches and settings included"),
    "Auditor": _("sees and exports logs and figures, but no personal values"),
}
ROLE_ICONS: Mapping[str, str] = {
    "Reader": "visibility",
    "Clerk": "edit_note",
    "Operator": "settings",
    "Auditor": "fact_check",
}
VERBS: Mapping[str, Words] = {
    "view": _("See"),
    "add": _("Add"),
    "change": _("Change"),
    "delete": _("Delete"),
}
