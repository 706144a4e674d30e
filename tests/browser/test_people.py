"""What an administrator and an operator do with a browser: let somebody in, lock them out, pause a queue."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from rq import SimpleWorker

from syncapp.engine import job_queue
from syncapp.worker import SyncJob
from tests.admin import rooms
from tests.browser.visitor import Visitor
from tests.support.provider import configure, provider
from tests.support.roles import group_of

Come = Callable[..., Visitor]
PASSWORD = "Kranich-Ufer-2031"


def test_somebody_is_let_in_by_a_link_and_locked_out_again(come: Come, live: None, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.PUBLIC_URL = ""
    boss = come().go("auth_user_changelist")
    boss.click("Neuer Benutzer")
    boss.fill(first_name="Jonas", last_name="Reuter", email="jonas.reuter@kanzlei.example")
    boss.page.get_by_role("radio", name="Sachbearbeitung").check()
    boss.page.locator("summary", has_text="Sachbearbeitung").click()
    boss.sees("Darf Konflikte entscheiden")
    boss.click("Konto anlegen")
    boss.sees("Dies wird nur einmal angezeigt.")
    link = boss.page.locator("#the-secret").inner_text()
    boss.click("Ich habe es weitergegeben")
    boss.sees("Ist eingeladen und hat noch kein Passwort gewählt.")

    jonas = come("", width=390)
    jonas.page.goto(link)
    assert jonas.overflow() <= 0
    jonas.fill(password=PASSWORD, again=PASSWORD)
    jonas.click("Passwort festlegen und anmelden")
    jonas.sees("Willkommen", "Was ist zu tun?")

    boss.page.reload()
    boss.sees("Meldet sich mit einem eigenen Passwort an.")
    boss.click("Sperren")
    boss.sees("wird sofort abgemeldet")
    boss.click("Sperren", exact=True)
    boss.sees("Jonas Reuter ist gesperrt.")
    jonas.go("index")
    assert "/login/" in jonas.page.url
    assert boss.troubles == jonas.troubles == []


def test_somebody_signs_in_through_the_firm(come: Come, live: None, settings: Any) -> None:
    with provider() as firm:
        configure(settings, firm, OIDC_ROLES={"kanzlei": "Clerk"}, OIDC_LABEL="Microsoft")
        firm.person = {"sub": "1", "email": "sabine@kanzlei.example", "name": "Sabine Krause", "groups": ["alle"]}
        sabine = come("")
        sabine.page.goto(reverse("admin:syncapp_conflict_changelist"))
        sabine.click("Mit Microsoft anmelden")
        sabine.sees("Keine Ihrer Gruppen gibt hier eine Rolle.")
        firm.person["groups"] = ["kanzlei"]
        sabine.page.goto(reverse("admin:syncapp_conflict_changelist"))
        sabine.click("Mit Microsoft anmelden")
        sabine.page.wait_for_url("**/syncapp/conflict/")
        sabine.sees("Konflikte")
    assert User.objects.get().groups.get() == group_of("Clerk")
    assert sabine.troubles == []


def test_a_queue_is_paused_and_goes_on(come: Come, live: None, redis_client: Any) -> None:
    operator = come("Operator").go("ops_jobs")
    operator.click("Pausieren Sammellauf")
    operator.sees("gescheiterte Versuche nicht wiederholt")
    operator.fill(reason="Advoware wird gewartet")
    operator.click("„Sammellauf“ pausieren")
    operator.sees("„Sammellauf“ ist pausiert.", "Advoware wird gewartet")
    clerk = come("Clerk").go("index")
    clerk.sees("Die Warteschlange „Sammellauf“ ist pausiert", "Grund: Advoware wird gewartet")
    operator.click("Fortsetzen Sammellauf")
    operator.click("„Sammellauf“ fortsetzen")
    operator.sees("„Sammellauf“ läuft sofort weiter.")
    clerk.go("index")
    clerk.does_not_see("Die Warteschlange")
    assert operator.troubles == clerk.troubles == []


def test_a_failed_job_leads_to_its_record_and_runs_again(
    come: Come, live: None, redis_client: Any, settings: Any
) -> None:
    record = rooms.record(name="Frieda Müller")
    queue = job_queue.queue("webhook", settings.REDIS_URL)
    queue.enqueue("syncapp.jobs.no_such_records", [record.pk])
    SimpleWorker([queue], connection=queue.connection, serializer=queue.serializer, job_class=SyncJob).work(
        burst=True, logging_level="CRITICAL"
    )
    operator = come("Operator").go("ops_jobs")
    failed = operator.page.locator("section[aria-labelledby=failed]")
    assert "Frieda Müller" in failed.inner_text()
    failed.get_by_role("link").first.click()
    operator.sees("Wie er endete", "Frieda Müller")
    operator.click("Noch einmal ausführen")
    operator.sees("Der Auftrag steht wieder in seiner Warteschlange", "ValueError")
    assert len(queue) == 1
    assert operator.troubles == []
