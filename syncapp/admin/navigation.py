"""The sidebar: where people go, in the order in which they need it.

Invariant: an entry is shown only to those who may open it, and each page checks that again by itself.
To extend: a page is a row of PLACES; one that is reached from another alone, a row of ABOVE.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.translation import gettext_lazy as _

from syncapp.operations.calendars import in_use
from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One entry: the name of its address, its icon, and the right it needs ("" for everybody who may log in)."""

    title: Words
    icon: str
    address: str
    right: str = ""


def _list(title: Words, icon: str, model: str, app: str = "syncapp") -> MenuEntry:
    """A list, for those who may see its rows."""
    return MenuEntry(title, icon, f"admin:{app}_{model}_changelist", f"{app}.view_{model}")


RECORDS = "syncapp_syncrecord_changelist"
CALENDAR_LIST = "syncapp_calendaremployee_changelist"

PLACES: tuple[tuple[Words, tuple[MenuEntry, ...]], ...] = (
    (
        "",
        (
            MenuEntry(_("What needs me"), "home", "admin:index"),
            _list(_("Records"), "contacts", "syncrecord"),
            _list(_("Conflicts"), "call_split", "conflict"),
            MenuEntry(_("Errors by cause"), "category", "admin:ops_causes", "syncapp.view_syncrecord"),
            _list(_("Deletions to do"), "delete_sweep", "deletiontask"),
            _list(_("Addresses and accounts"), "home_pin", "childcase"),
        ),
    ),
    (
        _("What happened"),
        (
            _list(_("Sync attempts"), "history", "attempt"),
            _list(_("Webhook inbox"), "inbox", "inboxelement"),
            _list(_("Notices to users"), "campaign", "notice"),
            _list(_("Sweeps"), "cleaning_services", "sweep"),
            _list(_("Comparisons"), "difference", "driftreport"),
            _list(_("Alerts"), "notifications", "alert"),
            _list(_("Mass actions"), "checklist", "bulkaction"),
            MenuEntry(_("Figures"), "bar_chart", "admin:ops_sheet", "syncapp.view_syncrecord"),
            MenuEntry(_("Exports"), "download", "admin:syncapp_export_changelist", "syncapp.export"),
            _list(_("Operator log"), "fact_check", "operatorlog"),
        ),
    ),
    (
        _("Other programs"),
        (
            _list(_("keys of the proxy"), "key", "proxykey"),
            _list(_("calls of the proxy"), "swap_horiz", "proxycall"),
            MenuEntry(_("Try a read of Advoware"), "travel_explore", "admin:ops_proxy_try", "syncapp.try_proxy"),
        ),
    ),
    (
        _("Installation"),
        (
            MenuEntry(_("Switches"), "toggle_on", "admin:ops_switches", "syncapp.view_control"),
            MenuEntry(_("Settings in force"), "tune", "admin:ops_configuration", "syncapp.see_settings"),
            MenuEntry(_("Guide"), "help", "admin:ops_guide"),
            MenuEntry(_("Errors and what to do"), "menu_book", "admin:ops_catalogue", "syncapp.view_syncrecord"),
            MenuEntry(_("Jobs and queues"), "stacks", "admin:ops_jobs", "syncapp.see_jobs"),
            _list(_("Users"), "person", "user", app="auth"),
            _list(_("Roles"), "group", "group", app="auth"),
        ),
    ),
)

# Only where calendars are synced, and before the rooms of the installation.
CALENDARS: tuple[MenuEntry, ...] = (
    _list(_("calendars"), "calendar_month", "calendaremployee"),
    _list(_("appointments"), "event", "appointment"),
    _list(_("What gave way"), "call_split", "appointmentconflict"),
    _list(_("passes over calendars"), "history", "calendarpass"),
)

# Pages that are not in the menu, by the page of it that leads there.
ABOVE: Mapping[str, str] = {
    **dict.fromkeys(("syncapp_syncrecord_change", "ops_record_act", "ops_decide", "ops_by_hand"), RECORDS),
    **dict.fromkeys(("ops_queue", "ops_restore"), "syncapp_conflict_changelist"),
    "syncapp_driftreport_change": "syncapp_driftreport_changelist",
    "ops_deletion": "syncapp_deletiontask_changelist",
    "ops_child_case": "syncapp_childcase_changelist",
    "ops_cause_snooze": "ops_causes",
    "ops_many": "syncapp_bulkaction_changelist",
    "ops_export": "syncapp_export_changelist",
    "ops_switch": "ops_switches",
    "ops_system": "index",
    **dict.fromkeys(("ops_job", "ops_queue_pause", "ops_queue_resume"), "ops_jobs"),
    **dict.fromkeys(("ops_proxy_make", "ops_proxy_limit", "ops_proxy_revoke"), "syncapp_proxykey_changelist"),
    **dict.fromkeys(("ops_user_new", "ops_user", "ops_user_act"), "auth_user_changelist"),
    **dict.fromkeys(("syncapp_calendaremployee_change", "ops_calendar_act", "ops_calendar_clean"), CALENDAR_LIST),
    **dict.fromkeys(("ops_calendar_address", "ops_calendars_import", "ops_calendars_add"), CALENDAR_LIST),
    **dict.fromkeys(("syncapp_appointment_change", "ops_calendar_decide"), "syncapp_appointment_changelist"),
    "ops_calendar_restore": "syncapp_appointmentconflict_changelist",
}


def groups() -> tuple[tuple[Words, tuple[MenuEntry, ...]], ...]:
    """The menu of this installation."""
    if not in_use():
        return PLACES
    return (*PLACES[:1], (_("Calendars"), CALENDARS), *PLACES[1:])


def title_of(address: str) -> str:
    """What the menu calls the page at this address; "" for one that it does not name."""
    found = (place.title for _group, places in groups() for place in places if place.address == address)
    return str(next(found, ""))


def place_above(address: str, user: Any) -> MenuEntry | None:
    """The page of the menu that a page belongs to, for the way back; None where it is in the menu, or not for them."""
    above = ABOVE.get(address, "")
    found = (place for _group, places in groups() for place in places if place.address == f"admin:{above}")
    place = next(found, None)
    return place if place is not None and (not place.right or user.has_perm(place.right)) else None


def may_open(url: str, user: Any) -> bool:
    """Whether this visitor may open the page of the menu that this address leads to."""
    name = resolve(urlsplit(url).path).view_name
    rights = (place.right for _group, places in groups() for place in places if place.address == name)
    return all(not right or user.has_perm(right) for right in rights)


def place_of(address: str) -> int:
    """Where the menu has the page at this address; behind all others where it does not name it."""
    known = [place.address for _group, places in groups() for place in places]
    return known.index(address) if address in known else len(known)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The entries that this visitor may open."""
    shown = []
    for title, places in groups():
        items = [_item(place) for place in places if not place.right or request.user.has_perm(place.right)]
        if items:
            shown.append({"title": title, "separator": bool(title), "items": items})
    return shown + _sandbox(request)


def _sandbox(request: HttpRequest) -> list[dict[str, Any]]:
    """The stand-ins, where this installation has them; Google's only where calendars are synced."""
    if not apps.is_installed("sandbox") or not request.user.has_module_perms("sandbox"):
        return []
    link = reverse("admin:app_list", args=["sandbox"])
    items = [
        {"title": _("EspoCRM and Advoware to play with"), "icon": "science", "link": link},
        {"title": _("Outages to show"), "icon": "power_off", "link": reverse("sandbox_outages")},
    ]
    if settings.GOOGLE_SERVICE_ACCOUNT_FILE:
        week = reverse("sandbox_google_week")
        items.insert(1, {"title": _("A week in Google"), "icon": "calendar_month", "link": week})
    return [{"title": _("Stand-ins"), "separator": True, "items": items}]


def _item(place: MenuEntry) -> dict[str, Any]:
    link = reverse(place.address)
    return {"title": place.title, "icon": place.icon, "link": link}
