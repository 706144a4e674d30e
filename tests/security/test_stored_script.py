"""Whatever stands in any column of any row is text on every page, and no page breaks over it.

With `codes`, also the program's own words are replaced by unknown ones: what a page of this version meets while a newer
one is at work beside it, during an update.
"""

from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from syncapp.models import (
    BackfillRun,
    CalendarEmployee,
    CalendarStatusChange,
    Export,
    FailingJob,
    Heartbeat,
    QueuePause,
    SavedView,
    SyncRecord,
    UserAccount,
)
from syncapp.operations.monitoring import figures
from tests.admin import rooms
from tests.admin.test_hostile import HOSTILE, harmless
from tests.security.addresses import every_address
from tests.security.world import World, spoil

pytestmark = pytest.mark.django_db
# All but what would end the session of the rest.
PAGES = [one for one in every_address() if one.name.startswith("admin:") and one.name != "admin:logout"]
FINE = {200, 301, 302, 403, 404, 405}
# What no page shows: signs, numbers and digests, a file's bytes, texts to search in, facts in a system's own shape.
SHOWN_NOWHERE = {
    *("ProcessSign", "Counter", "GuardCount", "KeptAnswer", "ExportPart", "AppointmentSearchText", "RemoteFact"),
}


@pytest.fixture
def furnished(planted: World, boss: Client) -> World:
    """Also a row of each table that the other tests of this folder have no use for."""
    now, me = timezone.now(), User.objects.get(username="chefin")
    record = SyncRecord.objects.get(pk=planted.ids["syncapp_syncrecord"])
    record.links.create(entry_id=7, komm_kz=1, base={"espo": "x"}, item_type="Mobile", type_change_told="x")
    street = {"strasse": "Wall 1"}
    record.child_links.create(kind="adressen", espo_id="a", entry_id=8, state="linked", base_espo=street)
    rooms.snoozed(record, until=now + timedelta(days=1))
    SavedView.objects.create(user=me, place="syncrecord", name="x", query="q=x", shared=True)
    # Of the number by which the pages of an export are asked for (tests/security/world.py).
    Export.objects.create(
        pk=record.pk, user=me, source="syncrecord", title="x", form="csv", state="failed", refusal="x"
    )
    QueuePause.objects.create(queue="bulk", reason="x", by="anna", since=now)
    FailingJob.objects.create(name="sweep", failures=9, since=now, fault={"code": "x", "params": {"a": "x"}})
    Heartbeat.objects.create(name="dispatcher", at=now, detail={"since": now.isoformat()})
    BackfillRun.objects.create(by="anna", total=3, moved_at=now)
    UserAccount.objects.create(user_id=planted.ids["auth_user"], invited_by="anna", issuer="x", subject="x")
    employee = CalendarEmployee.objects.get(pk=planted.ids["syncapp_calendaremployee"])
    CalendarStatusChange.objects.create(record=employee, before="dirty", after="failed", event="failed", cause="x")
    figures.note()
    return planted


def test_every_table_that_a_page_shows_has_a_row(furnished: World) -> None:
    empty = {model.__name__ for model in apps.get_app_config("syncapp").get_models() if not model.objects.exists()}
    assert empty == SHOWN_NOWHERE, "add one to furnished"


@pytest.mark.parametrize(
    "name, codes",
    [
        ("script", False),
        ("attribute", True),
        *(pytest.param(name, codes, marks=pytest.mark.long) for name in HOSTILE for codes in (False, True)),
    ],
)
def test_no_page_obeys_what_is_stored(name: str, codes: bool, furnished: World, boss: Client, redis_url: str) -> None:
    spoil(HOSTILE[name], codes=codes)
    faults = [fault for address in PAGES for fault in looked_at(furnished.path(address), boss)]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def looked_at(path: str, boss: Client) -> list[str]:
    """What is wrong with the page, if anything."""
    try:
        answer = boss.get(path)
    except Exception as error:  # nobody could open it
        return [f"{path}: {type(error).__name__}: {error}"]
    text = "" if answer.streaming else answer.text
    try:
        harmless(text)
    except AssertionError:
        return [f"{path}: obeys"]
    return [] if answer.status_code in FINE else [f"{path}: {answer.status_code}"]
