"""250 failures of one kind, tried again at once: chosen by kind, counted before, seen while it goes, logged after."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from syncapp.models import BulkAction, OperatorLog, SyncRecord
from syncapp.operations.actions.bulk import many
from tests.admin import rooms
from tests.browser.visitor import Visitor

NUMBER = 250
ACTION = "Jetzt abgleichen oder erneut versuchen"


@pytest.fixture
def breakdown(live: None) -> None:
    """250 records that failed for one reason, and one that failed for another."""
    like = rooms.permanently_failed(name="Person 000")
    names = ("status", "kind", "fault", "retry_count", "auto_reset_at", "requested", "dirty_since", "last_check")
    columns = {name: getattr(like, name) for name in names}
    SyncRecord.objects.bulk_create(
        SyncRecord(espo_id=f"68b{number:014d}", betnr=50_000 + number, name=f"Person {number:03d}", **columns)
        for number in range(1, NUMBER)
    )
    rooms.failed(name="Andere Ursache")


class Worker(threading.Thread):
    """A worker that rests after each portion until it is told to go on, so that people see it work."""

    def __init__(self, bulk: BulkAction) -> None:
        super().__init__()
        self.bulk, self.go_on = bulk, threading.Semaphore(0)

    def run(self) -> None:
        many.work(bulk_id=self.bulk.pk, seen=lambda _position: bool(self.go_on.acquire(timeout=60)))
        connection.close()


def test_250_failures_of_one_kind_are_tried_again_at_once(
    come: Callable[..., Visitor], breakdown: None, redis_client: object
) -> None:
    operator = come("Operator").go("index")
    operator.click("dauerhaft fehlgeschlagen")
    operator.sees("250")
    operator.page.locator("#action-toggle:visible, .action-toggle:visible").first.check()
    operator.click("Alle 250")
    operator.page.locator("select[name=action]").select_option(label=ACTION)
    operator.click("Ausführen")
    operator.sees("Betrifft 250 Datensätze", "Person 000")
    operator.does_not_see("Andere Ursache")
    operator.fill(reason="Advoware war nicht erreichbar")
    operator.click(ACTION)
    operator.sees("0 von 250 bearbeitet", "in Arbeit", "Sie können diese Seite verlassen")
    worker = Worker(BulkAction.objects.get())
    worker.start()
    operator.sees("50 von 250 bearbeitet")
    worker.go_on.release()
    operator.sees("100 von 250 bearbeitet", "100 Abgleich steht aus")
    worker.go_on.release(n=9)
    operator.sees("250 angefordert, davon 0 auf beiden Seiten gleich", "250 Abgleich steht aus", "Zu den Datensätzen")
    operator.does_not_see("erledigt")
    worker.join()
    assert SyncRecord.objects.filter(status="permanently_failed").count() == 0
    assert SyncRecord.objects.filter(status="failed").count() == 1
    entry = OperatorLog.objects.get(action="sync_now")
    assert (entry.actor, entry.action, entry.count) == ("jan.peters", "sync_now", 250)
    assert entry.reason == "Advoware war nicht erreichbar"
