"""Who may open what: a row for every address. A page without a row fails the test, so nobody forgets to decide.

Most pages have their row in tests/admin/test_rights.py, beside the tests of what is done there; here are the others,
and the rules for what the admin makes alike for each model.
"""

from collections.abc import Mapping

from tests.admin.test_rights import PAGES, POSTS

ROLES = ("Reader", "Clerk", "Operator", "Auditor", "")
NOBODY: frozenset[str] = frozenset()
STAFF = frozenset(ROLES)  # whoever may log in, also without a role
SEE = frozenset({"Reader", "Clerk", "Operator", "Auditor"})
HISTORY = frozenset({"Clerk", "Operator", "Auditor"})
OPERATION = frozenset({"Operator", "Auditor"})
WORK = frozenset({"Clerk", "Operator"})
OPERATOR = frozenset({"Operator"})

# Who sees the list of a model; no model's rows are added or deleted by hand.
MODELS: Mapping[str, frozenset[str]] = {
    "syncrecord": SEE, "conflict": SEE, "deletiontask": SEE, "childcase": SEE, "bulkaction": SEE,
    "attempt": HISTORY, "inboxelement": HISTORY, "notice": HISTORY,
    "export": OPERATION, "operatorlog": OPERATION, "sweep": OPERATION, "alert": OPERATION, "driftreport": OPERATION,
    "proxykey": OPERATION, "proxycall": OPERATION,
    "appointment": SEE, "calendaremployee": SEE, "appointmentconflict": SEE, "calendarpass": HISTORY,
}  # fmt: skip
# Lists whose rows have no page of their own.
NO_PAGE = {"appointmentconflict", "calendarpass", "export", "notice", "operatorlog", "proxykey"}
# Their rows lead back to the list, by Django's redirect.
LED_BACK = {"bulkaction", "export"}

OTHERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("admin:index", "admin:login", "admin:logout", "admin:search", "admin:jsi18n"), STAFF),
    **dict.fromkeys(("admin:password_change", "admin:password_change_done", "admin:ops_guide_picture"), STAFF),
    **dict.fromkeys(("admin:ops_sides", "admin:ops_state", "admin:ops_system", "admin:ops_system_state"), SEE),
    **dict.fromkeys(("admin:ops_calendar_now", "admin:ops_calendar_sides", "admin:ops_calendar_progress"), SEE),
    # Of those with the right, an export is its owner's alone.
    **dict.fromkeys(("admin:ops_export", "admin:ops_export_progress", "admin:ops_export_file"), OPERATION),
    "admin:ops_cause_snooze": OPERATOR,
    **dict.fromkeys(("admin:ops_calendar_act", "admin:ops_calendar_restore", "admin:ops_by_hand"), WORK),
    **dict.fromkeys(("admin:ops_link_compare", "admin:ops_record_act"), OPERATOR),  # of pausing; others: test_rights.py
    **dict.fromkeys(("admin:ops_many", "admin:ops_many_progress"), OPERATOR),  # of pausing
    **dict.fromkeys(("admin:ops_calendars_import", "admin:ops_calendars_add"), OPERATOR),
    **dict.fromkeys(("admin:ops_calendar_address", "admin:ops_calendar_clean"), OPERATOR),
    "admin:ops_calendar_untidy": OPERATOR,
    "admin:ops_job": OPERATOR,
    **dict.fromkeys(("admin:ops_user", "admin:ops_user_act"), NOBODY),  # people are for superusers
    # What the admin offers and nothing here uses.
    **dict.fromkeys(("admin:autocomplete", "admin:app_list", "admin:view_on_site"), NOBODY),
}
# Taken by POST alone: who may send it. What it then does: tests/admin/test_rights.py, tests/admin/test_calendars.py.
SENT: Mapping[str, frozenset[str]] = {
    **{name: frozenset(roles) for name, (_about, _body, roles) in POSTS.items()},
    **dict.fromkeys(("admin:ops_many_stop", "admin:ops_many_undo"), OPERATOR),
    "admin:ops_export_stop": OPERATION,
    "admin:ops_take_back": WORK,
    "admin:ops_cause_wake": OPERATOR,
    # Of a list that one sees, and one's own views alone: 404 for all others.
    **dict.fromkeys(("admin:ops_view_save", "admin:ops_view_delete"), STAFF),
    "admin:ops_calendar_decide": WORK,
}
# No login is asked for: what is instead.
BY_OTHER_MEANS: Mapping[str, str] = {
    "": "leads to the admin",
    "health_live": "open: says that the process answers",
    "health_ready": "open: says which part is down, no names",
    "metrics": "from this machine, or with METRICS_TOKEN",
    "set_language": "open: sets a cookie",
    "invitation": "the link that somebody was given",
    "oidc_authentication_": "open: leads to the identity provider and back; 404 without one",
    "proxy": "the key of a program",
    "proxy_whoami": "the key of a program",
    "proxy_openapi": "the key of a program",
    "proxy_api": "the key of a program",
    "calendar_sync": "the key of a program",
    "webhook_": "EspoCRM's signature",
    "former_webhook_": "EspoCRM's signature",
}


def who_may_open(name: str) -> frozenset[str] | None:
    """The roles that may open the page; None where no row says."""
    if name in PAGES:
        return frozenset(PAGES[name][1])
    if name in OTHERS:
        return OTHERS[name]
    if name.startswith("admin:auth_"):
        return NOBODY  # users and roles are for superusers
    model, _sign, page = name.removeprefix("admin:syncapp_").rpartition("_")
    if model not in MODELS:
        return None
    if page in ("add", "delete") or (model in NO_PAGE and page != "changelist"):
        return NOBODY
    return MODELS[model] if page in ("changelist", "change", "history") else None


def door_of(name: str) -> str | None:
    """What is asked for instead of a login; None where no row says."""
    return next(
        (
            what
            for start, what in BY_OTHER_MEANS.items()
            if name == start or (start.endswith("_") and name.startswith(start))
        ),
        None,
    )
