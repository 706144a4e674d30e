"""The usual roles, made by `migrate` where they do not exist yet, under names in the installation's language.

Invariant: a role that exists, under its name in any language, is left as it is, since an installation may have cut it
differently; deleting it brings the usual one back. To extend: a right is a word in one of the sets.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.utils import translation

from syncapp.models.casework import RIGHTS
from syncapp.words import Words
from syncapp.words.onboarding.roles import ROLE_NAMES

CALENDARS = frozenset({"view_calendaremployee", "view_appointment", "view_appointmentconflict"})
CALENDAR_HISTORY = frozenset({"view_calendarpass", "view_calendarstatuschange", "view_appointmentchange"})
# Of these nothing is to be seen where no calendars are synced.
OF_CALENDARS = CALENDARS | CALENDAR_HISTORY | {"manage_calendars"}
READER = frozenset(
    {
        *("view_syncrecord", "view_conflict", "view_deletiontask", "view_childcase"),
        *("view_case", "view_bulkaction"),
        *CALENDARS,
    }
)
HISTORY = frozenset(
    {
        *("view_attempt", "view_statuschange", "view_fieldchange", "view_inboxelement", "view_notice"),
        *CALENDAR_HISTORY,
    }
)
LOGS = frozenset(
    {
        *("view_operatorlog", "view_sweep", "view_alert", "view_guard", "view_breaker", "view_heartbeat"),
        *("view_control", "view_driftreport", "view_driftrow", "view_proxykey", "view_proxycall"),
        "export",
    }
)
CLERK = frozenset(
    {
        *("view_values", "sync_now", "release_lock", "tick_off_deletion", "decide_conflict"),
        *("settle_case", "work_case"),
    }
)
# Nobody has these by a usual role: an installation gives them to whom it trusts with payment data.
BY_NAME = frozenset({"see_accounts"})
EVERYTHING = frozenset(code for code, _name in RIGHTS) - BY_NAME

ROLES: dict[str, frozenset[str]] = {
    "Reader": READER,
    "Clerk": READER | HISTORY | CLERK,
    "Operator": READER | HISTORY | LOGS | CLERK | EVERYTHING,
    "Auditor": READER | HISTORY | LOGS,
}


def install(*, using: str = "default", **_signal: Any) -> list[str]:
    """Make the roles that are missing; which they were. Called after every migration."""
    if using != "default":
        return []
    made = []
    for role, codes in ROLES.items():
        if Group.objects.filter(name__in=names_of(role)).exists():
            continue
        with translation.override(settings.LANGUAGE_CODE):
            group = Group.objects.create(name=str(ROLE_NAMES[role]))
        group.permissions.set(Permission.objects.filter(content_type__app_label="syncapp", codename__in=codes))
        made.append(group.name)
    return made


def in_every_language(name: Words) -> frozenset[str]:
    """What it may be called here, since the installation's language may have changed."""
    called = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            called.add(str(name))
    return frozenset(called)


def names_of(role: str) -> frozenset[str]:
    return in_every_language(ROLE_NAMES[role])


def usual_role(group_name: str) -> str:
    """Which of the usual roles a group is; "" for one that the installation has made itself."""
    return next((role for role in ROLES if group_name in names_of(role)), "")
