"""axe finds nothing serious or critical on any page, in light and in dark, and no page is wider than a phone."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESK, member_of_staff
from tests.browser.town import Town, settle_down
from tests.browser.town_calendars import KEY_FILE, Calendars, settle_calendars
from tests.browser.visitor import Visitor

PHONE = 390
LISTS = (
    *("syncrecord", "conflict", "deletiontask", "childcase", "attempt", "inboxelement", "notice", "sweep", "alert"),
    *("bulkaction", "operatorlog", "proxykey", "proxycall"),
)
Step = Callable[[Visitor, Town], object]
PAGES: dict[str, Step] = {
    "landing page": lambda v, t: v.go("index"),
    **{f"list of {name}": lambda v, t, name=name: v.go(f"syncapp_{name}_changelist") for name in LISTS},  # type: ignore[misc]
    "record": lambda v, t: v.see_record(t.woman),
    "record with conflicts": lambda v, t: v.see_record(t.torn),
    "record with a lock": lambda v, t: v.see_record(t.locked),
    "decide": lambda v, t: v.go("ops_decide", t.torn.pk),
    "decide: queue": lambda v, t: v.go("ops_queue"),
    "decide: together": lambda v, t: v.go("ops_many", t.together.pk),
    "errors by cause": lambda v, t: v.go("ops_causes"),
    "snooze": lambda v, t: v.go("ops_single", t.woman.pk, "snooze"),
    "restore": lambda v, t: v.go("ops_restore", t.lost.pk),
    "deletion": lambda v, t: v.go("ops_deletion", t.deletion.pk),
    "task": lambda v, t: v.go("ops_child_case", t.question.pk),
    "confirm": lambda v, t: v.go("ops_single", t.woman.pk, "reset"),
    "release": lambda v, t: v.go("ops_single", t.locked.pk, "release_lock"),
    "link": lambda v, t: v.go("ops_single", t.woman.pk, "link"),
    "many: question": lambda v, t: v.go("ops_many", t.asked.pk),
    "many: progress": lambda v, t: v.go("ops_many", t.running.pk),
    "attempt": lambda v, t: v.go("syncapp_attempt_change", t.attempt.pk),
    "webhook element": lambda v, t: v.go("syncapp_inboxelement_change", t.element.pk),
    "system": lambda v, t: v.go("ops_system", "advoware"),
    "switches": lambda v, t: v.go("ops_switches"),
    "switch": lambda v, t: v.go("ops_switch", "paused"),
    "key: new": lambda v, t: v.go("ops_proxy_make"),
    "key: limits": lambda v, t: v.go("ops_proxy_limit", t.key.pk),
    "key: revoke": lambda v, t: v.go("ops_proxy_revoke", t.key.pk),
    "read to try": lambda v, t: v.go("ops_proxy_try"),
    "settings": lambda v, t: v.go("ops_configuration"),
    "errors": lambda v, t: v.go("ops_catalogue"),
    "jobs": lambda v, t: v.go("ops_jobs"),
    "comparisons": lambda v, t: v.go("syncapp_driftreport_changelist"),
    "comparison": lambda v, t: v.go("syncapp_driftreport_change", t.drift.pk),
    "guide": lambda v, t: v.go("ops_guide"),
    "users": lambda v, t: v.go("auth_user_changelist"),
    "roles": lambda v, t: v.go("auth_group_changelist"),
}
CALENDAR_LISTS = ("calendaremployee", "appointment", "appointmentconflict", "calendarpass")
# Where calendars are synced; their systems are not asked here, so that pages which ask them show that nobody answers.
CALENDAR_PAGES: dict[str, Callable[[Visitor, Calendars], object]] = {
    **{f"list of {name}": lambda v, c, name=name: v.go(f"syncapp_{name}_changelist") for name in CALENDAR_LISTS},  # type: ignore[misc]
    "calendar": lambda v, c: v.go("syncapp_calendaremployee_change", c.one.pk),
    "calendar that has stopped": lambda v, c: v.go("syncapp_calendaremployee_change", c.stopped.pk),
    "appointment": lambda v, c: v.go("syncapp_appointment_change", c.asked.pk),
    "restore": lambda v, c: v.go("ops_calendar_restore", c.gave_way.pk),
    "go live": lambda v, c: v.go("ops_calendar_act", c.stopped.pk, "release"),
    "clean up": lambda v, c: v.go("ops_calendar_clean", c.one.pk),
    "address": lambda v, c: v.go("ops_calendar_address", c.one.pk),
    "import": lambda v, c: v.go("ops_calendars_import"),
    "one more": lambda v, c: v.go("ops_calendars_add"),
}

OWN_COLOURS = ("calendar", "calendar that has stopped", "appointment", "restore", "clean up")


@pytest.fixture
def town(transactional_db: None) -> Town:
    return settle_down(member_of_staff("boss"))


def test_axe_finds_nothing_grave_and_a_phone_is_wide_enough(come: Callable[..., Visitor], town: Town) -> None:
    """One way through all pages for both: opening them is what takes the time."""
    visitor = come()
    found: dict[str, object] = {}
    for name, open_page in PAGES.items():
        open_page(visitor, town)
        visitor.settle()
        visitor.width(PHONE)
        found[f"{name}, pixels too wide"] = visitor.overflow()
        visitor.width(DESK["width"])
        found[name] = visitor.findings()
    assert {name: what for name, what in found.items() if what} == {}
    assert visitor.troubles == []


def test_contrast_holds_in_dark_mode(come: Callable[..., Visitor], town: Town) -> None:
    """Colours are what differs from the light pages."""
    visitor = come(dark=True)
    found = {}
    for name, open_page in PAGES.items():
        open_page(visitor, town)
        visitor.settle()
        found[name] = visitor.findings("color-contrast")
    assert visitor.is_dark()
    assert {name: findings for name, findings in found.items() if findings} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_calendars(come: Callable[..., Visitor], live: None, settings: Any, dark: bool) -> None:
    """Light: all rules, and the width of a phone; dark: contrast."""
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = KEY_FILE
    calendars, visitor = settle_calendars(), come(dark=dark)
    found: dict[str, object] = {}
    for name, open_page in CALENDAR_PAGES.items():
        if dark and name not in OWN_COLOURS:
            continue
        open_page(visitor, calendars)
        visitor.settle()
        found[name] = visitor.findings(*(("color-contrast",) if dark else ()))
        if not dark:
            visitor.width(PHONE)
            found[f"{name}, pixels too wide"] = visitor.overflow()
            visitor.width(DESK["width"])
    assert {name: what for name, what in found.items() if what} == {}
    assert visitor.troubles == []
