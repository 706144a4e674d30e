"""The usual roles, made by `migrate` where they do not exist yet.

Invariant: a role that exists is left as it is, since an installation may have cut it differently; deleting it brings
the usual one back. To extend: a right is a word in one of the sets.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from syncapp.models.casework import RIGHTS

READER = frozenset({"view_syncrecord", "view_conflict", "view_deletiontask", "view_case", "view_bulkaction"})
HISTORY = frozenset({"view_attempt", "view_statuschange", "view_fieldchange", "view_inboxelement", "view_notice"})
LOGS = frozenset(
    {
        *("view_operatorlog", "view_sweep", "view_alert", "view_guard", "view_breaker", "view_heartbeat"),
        *("view_control", "view_driftreport", "view_driftrow"),
    }
)
CLERK = frozenset(
    {"view_values", "sync_now", "reset_record", "release_lock", "tick_off_deletion", "decide_conflict", "work_case"}
)
EVERYTHING = frozenset(code for code, _name in RIGHTS)

ROLES: dict[str, frozenset[str]] = {
    "Reader": READER,
    "Clerk": READER | HISTORY | CLERK,
    "Operator": READER | HISTORY | LOGS | CLERK | EVERYTHING,
    "Auditor": READER | HISTORY | LOGS,
}
# What a role may do, for the list of roles.
MEANINGS = {
    "Reader": _("sees records, conflicts and tasks, but no personal values"),
    "Clerk": _("sees everything about records, starts syncs, decides conflicts, ticks off deletions"),
    "Operator": _("may do everything, switches and settings included"),
    "Auditor": _("sees the logs, but no personal values"),
}
# Rights of other apps, by role.
ELSEWHERE = {"Operator": Q(content_type__app_label="django_rq", codename="admin")}


def install(*, using: str = "default", **_signal: Any) -> list[str]:
    """Make the roles that are missing; which they were. Called after every migration."""
    if using != "default":
        return []
    made = []
    for name, codes in ROLES.items():
        role, created = Group.objects.get_or_create(name=name)
        if created:
            wanted = Q(content_type__app_label="syncapp", codename__in=codes) | ELSEWHERE.get(name, Q(pk__in=[]))
            role.permissions.set(Permission.objects.filter(wanted))
            made.append(name)
    return made
