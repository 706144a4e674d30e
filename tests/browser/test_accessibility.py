"""axe finds nothing serious or critical on any page, in light and in dark, and a thumb finds everything on a phone.

The pages are those of the admin's own addresses: one that is in none of the tables here fails the first test.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.contrib.auth.models import Group
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from rq import SimpleWorker
from rq.registry import FailedJobRegistry

from syncapp.admin.navigation import ABOVE, CALENDARS, PLACES
from syncapp.engine import job_queue, queue_pauses
from syncapp.worker import SyncJob
from tests.browser.conftest import DESK, member_of_staff
from tests.browser.town import Town, settle_down, workers_are_there
from tests.browser.town_calendars import KEY_FILE, Calendars, settle_calendars
from tests.browser.visitor import Visitor

PHONE = 390
Args = Callable[[Town], tuple[object, ...]]

# Each page with what it is about; several rows of one address: what it shows differs.
PAGES: tuple[tuple[str, Args], ...] = (
    ("index", lambda t: ()),
    ("syncapp_syncrecord_change", lambda t: (t.woman.pk,)),
    ("syncapp_syncrecord_change", lambda t: (t.torn.pk,)),
    ("syncapp_syncrecord_change", lambda t: (t.locked.pk,)),
    ("syncapp_attempt_change", lambda t: (t.attempt.pk,)),
    ("syncapp_inboxelement_change", lambda t: (t.element.pk,)),
    ("syncapp_driftreport_change", lambda t: (t.drift.pk,)),
    ("auth_group_change", lambda t: (Group.objects.order_by("pk")[0].pk,)),
    ("auth_group_add", lambda t: ()),
    ("ops_decide", lambda t: (t.torn.pk,)),
    ("ops_restore", lambda t: (t.lost.pk,)),
    ("ops_deletion", lambda t: (t.deletion.pk,)),
    ("ops_child_case", lambda t: (t.question.pk,)),
    ("ops_record_act", lambda t: (t.woman.pk, "sync_now")),
    ("ops_record_act", lambda t: (t.locked.pk, "release_lock")),
    ("ops_record_act", lambda t: (t.woman.pk, "link")),
    ("ops_many", lambda t: (t.asked.pk,)),
    ("ops_many", lambda t: (t.running.pk,)),
    ("ops_many", lambda t: (t.together.pk,)),
    ("ops_record_act", lambda t: (t.woman.pk, "snooze")),
    ("ops_queue", lambda t: ()),
    ("ops_causes", lambda t: ()),
    ("ops_sheet", lambda t: ()),
    ("ops_export_new", lambda t: ("syncrecord",)),
    ("ops_system", lambda t: ("advoware",)),
    ("ops_switches", lambda t: ()),
    ("ops_switch", lambda t: ("paused",)),
    ("ops_proxy_make", lambda t: ()),
    ("ops_proxy_limit", lambda t: (t.key.pk,)),
    ("ops_proxy_revoke", lambda t: (t.key.pk,)),
    ("ops_proxy_try", lambda t: ()),
    ("ops_configuration", lambda t: ()),
    ("ops_catalogue", lambda t: ()),
    ("ops_guide", lambda t: ()),
    ("ops_jobs", lambda t: ()),
    ("ops_job", lambda t: ("webhook", _failed_job())),
    ("ops_queue_pause", lambda t: ("sweep",)),
    ("ops_queue_resume", lambda t: ("bulk",)),
    ("ops_user_new", lambda t: ()),
    ("ops_user", lambda t: (member_of_staff("Clerk").pk,)),
    ("ops_user_act", lambda t: (member_of_staff("Clerk").pk, "lock")),
    ("password_change", lambda t: ()),
    ("password_change_done", lambda t: ()),
    ("login", lambda t: ()),
    ("logout", lambda t: ()),
)
# Where calendars are synced; their systems are away, so that pages which ask them show that nobody answers.
CALENDAR_PAGES: tuple[tuple[str, Callable[[Calendars], tuple[object, ...]]], ...] = (
    ("syncapp_calendaremployee_change", lambda c: (c.one.pk,)),
    ("syncapp_calendaremployee_change", lambda c: (c.stopped.pk,)),
    ("syncapp_appointment_change", lambda c: (c.asked.pk,)),
    ("ops_calendar_restore", lambda c: (c.gave_way.pk,)),
    ("ops_calendar_act", lambda c: (c.stopped.pk, "release")),
    ("ops_calendar_act", lambda c: (c.one.pk, "pause")),
    ("ops_calendar_clean", lambda c: (c.one.pk,)),
    ("ops_calendar_address", lambda c: (c.one.pk,)),
    ("ops_calendars_import", lambda c: ()),
    ("ops_calendars_add", lambda c: ()),
)
# Parts of pages that are loaded with one of those above, or after a press; they are judged there.
PARTS = {
    *("ops_machinery", "ops_charts", "ops_sides", "ops_state", "ops_earlier", "ops_behind", "ops_link_compare"),
    *("ops_many_progress", "ops_system_state", "ops_calendar_now", "ops_calendar_progress", "ops_jobs_state", "search"),
    *("ops_live", "ops_calendar_sides", "ops_calendar_untidy", "ops_export", "ops_export_progress"),
}
# Taken by POST alone, or answered with a file: no page.
NO_PAGE = {
    *("ops_case", "ops_accounts", "ops_by_hand", "ops_many_stop", "ops_acknowledge", "ops_calendar_decide"),
    *("ops_many_undo", "ops_take_back", "ops_cause_wake", "ops_view_save", "ops_view_delete"),
    *("ops_export_stop", "ops_export_file", "ops_guide_picture", "ops_cause_snooze"),
    *("autocomplete", "jsi18n", "view_on_site", "app_list"),
}
# Rows of these lists have no page of their own: they lead elsewhere, or are all told in their list.
NO_ROW_PAGE = {
    *("appointmentconflict", "bulkaction", "proxykey", "calendarpass", "deletiontask", "childcase", "conflict"),
    *("notice", "sweep", "alert", "operatorlog", "proxycall", "export"),
}


def addresses(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of all addresses of the admin, but those of the stand-ins."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        elif pattern.name and "admin" in spaces and not pattern.name.startswith("sandbox_"):
            yield pattern.name


def lists() -> list[str]:
    return sorted({name for name in addresses() if name.endswith("_changelist")})


def test_every_address_of_the_admin_is_looked_at_or_is_no_page() -> None:
    looked_at = {name for name, _args in (*PAGES, *CALENDAR_PAGES)} | set(lists())
    unoffered = {f"syncapp_{model}_change" for model in NO_ROW_PAGE} | {"auth_user_change"}
    left = {
        name
        for name in addresses()
        if not name.endswith(("_add", "_delete", "_history"))  # nothing is added, changed or deleted by hand
        and name not in looked_at | PARTS | NO_PAGE | unoffered
    }
    assert left == set()
    assert (PARTS | NO_PAGE) - set(addresses()) == set(), "rows for what is not there any more"


def test_every_page_is_in_the_menu_or_shows_the_page_above_it() -> None:
    menu = {place.address.partition(":")[2] for _group, places in PLACES for place in places}
    menu |= {place.address.partition(":")[2] for place in CALENDARS}
    below = {name for name, _args in (*PAGES, *CALENDAR_PAGES) if name.startswith("ops_")} - menu
    assert below - set(ABOVE) == {"ops_export_new"}, "a file is ordered from any list"
    assert set(ABOVE) <= set(addresses())
    assert set(ABOVE.values()) <= menu


@pytest.fixture
def town(transactional_db: None, redis_client: Any, settings: Any) -> Town:
    settings.GOOGLE_SERVICE_ACCOUNT_FILE, settings.GOOGLE_CALENDAR_API_URL = KEY_FILE, "http://127.0.0.1:1/"
    made = settle_down(member_of_staff("boss"))
    workers_are_there(redis_client)
    queue_pauses.pause(queue="bulk", by="jan.peters", reason="Advoware wird gewartet")
    queue = job_queue.queue("webhook", settings.REDIS_URL)
    queue.enqueue("syncapp.jobs.no_such_records", [made.refused.pk, made.torn.pk])
    options = {"connection": queue.connection, "serializer": queue.serializer, "job_class": SyncJob}
    SimpleWorker([queue], **options).work(burst=True, logging_level="CRITICAL")
    queue.enqueue("syncapp.jobs.sync_records", [made.woman.pk])
    return made


def _failed_job() -> str:
    return FailedJobRegistry(queue=job_queue.queue("webhook", configured.REDIS_URL)).get_job_ids(cleanup=False)[0]


def test_every_page_can_be_read_heard_and_touched(come: Callable[..., Visitor], town: Town) -> None:
    """One way through all pages: opening them is what takes the time."""
    visitor = come()
    found: dict[str, object] = {}
    calendars = settle_calendars()
    rows = [*((name, args(town)) for name, args in PAGES[:-1]), *((name, ()) for name in lists())]
    rows += [*((name, args(calendars)) for name, args in CALENDAR_PAGES), ("logout", ())]
    for name, args in rows:
        visitor.go(name, *args) if name != "logout" else visitor.log_out()
        visitor.settle()
        told = " ".join(map(str, (name, *args)))
        found[told] = visitor.findings()
        found[f"{told}, dark"] = visitor.findings_in_the_dark()
        found[f"{told}, list is cut off"] = visitor.sideways()
        visitor.width(PHONE)
        found[f"{told}, pixels too wide"] = visitor.overflow()
        found[f"{told}, cut off on a phone"] = visitor.cut_off()
        found[f"{told}, too small for a thumb"] = visitor.small_targets()
        found[f"{told}, icons read aloud"] = visitor.spoken_icons()
        visitor.width(DESK["width"])
    assert {name: what for name, what in found.items() if what} == {}
    assert visitor.troubles == []


def test_the_keyboard_alone_goes_past_the_menu_and_opens_what_opens(come: Callable[..., Visitor], live: None) -> None:
    visitor = come().go("ops_jobs")
    page = visitor.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Zum Inhalt"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    visitor.width(PHONE)
    menu = page.get_by_role("button", name="Menü ein- oder ausblenden")
    menu.focus()
    page.keyboard.press("Enter")
    close = page.get_by_role("button", name="Menü schließen")
    close.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "open-menu"
    assert not close.is_visible()
    visitor.width(DESK["width"])
    account = page.locator(".ops-account")
    account.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Dunkel").focus()
    page.keyboard.press("Enter")
    assert visitor.is_dark()
    page.keyboard.press("Escape")
    assert account.get_attribute("aria-expanded") == "false"


def test_a_list_is_put_in_order_on_a_phone(come: Callable[..., Visitor], town: Town) -> None:
    visitor = come("Clerk", width=PHONE).go("syncapp_syncrecord_changelist")
    names = "cells => cells.map(cell => cell.innerText.split('\\n')[0])"
    visitor.page.locator(".ops-sort summary").click()
    visitor.page.locator(".ops-sort").get_by_role("link", name="Name").click()
    visitor.sees("Reihenfolge: Name (aufsteigend)")
    upwards = visitor.page.eval_on_selector_all("#result_list .ops-who", names)
    visitor.page.locator(".ops-sort summary").click()
    visitor.page.locator(".ops-sort").get_by_role("link", name="Name").click()
    visitor.sees("Reihenfolge: Name (absteigend)")
    downwards = visitor.page.eval_on_selector_all("#result_list .ops-who", names)
    assert len(upwards) > 5
    assert downwards == upwards[::-1]
