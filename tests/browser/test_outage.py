"""Advoware is away: what a clerk sees of it, at once and without a promise, until it is back."""

from collections.abc import Callable

from django.contrib.sessions.models import Session

from syncapp.models import Breaker, SyncRecord
from tests.admin import rooms
from tests.browser.town import be_alive
from tests.browser.visitor import Visitor
from tests.support.firm import Firm

Come = Callable[..., Visitor]
PHONE = 390


def outage(firm: Firm, *, records: int = 3) -> list[str]:
    """So many records that are edited in EspoCRM while Advoware answers 503 to everything, until that is noticed."""
    firm.settings.BREAKER_FAILURES = 2
    ids = [firm.pair(name=f"Müller {number}", titel="Dr.")[0] for number in range(records)]
    for espo_id in ids:
        firm.sandbox.anna.change(espo_id, titel="Prof.")
        firm.ask(espo_id)
    firm.sandbox.fault("advoware", "status", status=503, count=999)
    for espo_id in ids[:2]:
        firm.sync(espo_id)
    assert Breaker.objects.get(system="advoware").open_until is not None
    return ids


def test_it_is_seen_at_once_and_tried_again_by_a_button(come: Come, firm: Firm, work: Callable[[], None]) -> None:
    outage(firm)
    be_alive()
    clerk = come("Clerk").go("index")
    clerk.sees("Advoware ist seit", "3 Datensätze warten.", "Nächster Versuch", "Was zu tun ist")
    clerk.click("Ansehen oder jetzt erneut versuchen")
    clerk.sees("gestört", "3 Datensätze warten", "Nichts geht verloren")
    clerk.click("Jetzt erneut versuchen")
    clerk.sees("Advoware wird jetzt gefragt")
    assert clerk.findings() == []
    work()
    clerk.sees("Advoware wurde gefragt und arbeitet noch nicht")
    firm.sandbox.heal()
    clerk.click("Jetzt erneut versuchen")
    work()
    clerk.sees("Advoware hat geantwortet")
    work()
    SyncRecord.objects.filter(status="failed").update(next_retry_at=None, status="dirty")
    assert Breaker.objects.get(system="advoware").open_until is None


def test_what_was_asked_for_is_followed_to_its_end(come: Come, firm: Firm, work: Callable[[], None]) -> None:
    ids = outage(firm)
    clerk = come("Clerk").go("syncapp_syncrecord_changelist")
    clerk.page.locator("#action-toggle:visible").first.check()
    clerk.page.locator("[name=action]").first.select_option("resync")
    clerk.page.get_by_role("button", name="Ausführen").locator("visible=true").first.click()
    clerk.sees("Betrifft", "Advoware ist seit", "bleibt vorgemerkt")
    clerk.page.locator("form .ops-main:visible").last.click()
    clerk.sees("3 angefordert, davon 0 auf beiden Seiten gleich", "Abgleich steht aus")
    clerk.does_not_see("erledigt")
    clerk.width(PHONE)
    assert clerk.overflow() == 0
    assert clerk.findings() == []
    firm.sandbox.heal()
    Breaker.objects.all().delete()
    work()
    clerk.sees("alle gleich", "3 angefordert, davon 3 auf beiden Seiten gleich")
    assert {firm.record(espo_id).status for espo_id in ids} == {"clean"}


def test_the_page_of_a_record_shows_the_side_that_lives(come: Come, firm: Firm) -> None:
    (espo_id, *_others) = outage(firm)
    clerk = come("Clerk").see_record(firm.record(espo_id))
    clerk.settle()
    clerk.sees("Advoware: zuletzt bekannte Werte", "jetziger Stand", "Prof.", "Dr.")
    clerk.width(PHONE)
    assert clerk.overflow() == 0
    assert clerk.findings() == []


def test_a_page_left_open_goes_to_the_login_as_a_whole(come: Come, live: None) -> None:
    clerk = come("Clerk").see_record(rooms.record("dirty"))
    clerk.sees("geändert, Abgleich steht aus")
    Session.objects.all().delete()
    clerk.page.wait_for_url("**/login/?next=/admin/syncapp/syncrecord/**")


def test_a_part_without_an_answer_says_so(come: Come, live: None) -> None:
    clerk = come("Clerk")
    clerk.page.route("**/sides/", lambda route: route.abort())
    clerk.see_record(rooms.record()).sees("Im Augenblick kommt keine Antwort")
    clerk.does_not_see("werden gelesen …")
