"""What pages cost: the same few queries with ten records and with ten thousand, and none of them slow."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from syncapp.models import DriftReport, RecordCount, SearchText, SyncRecord
from syncapp.operations.monitoring import figures
from tests.admin import rooms

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
MOST = 16
# name of the page: at most so many queries; lowering one is progress, raising one wants a reason.
BASELINES = {
    "home": 16,  # whether anything is snoozed
    "records": 10,  # this and the next ones: the saved views above the list
    "failures": 10,
    "search": 11,
    "conflicts": 7,
    "deletions": 7,
    "attempts": 7,
    "inbox": 7,
    "log": 7,
    "notices": 7,
    "comparison": 9,
    "record": 16,  # whether its cause is snoozed
    "causes": 9,
    "queue": 16,
    "sides": 8,
    "behind": 6,
    "charts": 6,
    "switches": 13,
    "decide": 9,  # what stands in the way of a run
    "question": 10,  # whether the queue that it would wait on is paused
}


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: object) -> Iterator[int]:
    """Ten thousand records, ten thousand of them failures of one kind or another; the pk of one with a history."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        before = set(SyncRecord.objects.values_list("pk", flat=True))
        now = timezone.now()
        SyncRecord.objects.bulk_create(
            [
                SyncRecord(
                    espo_id=f"crowd{number:012d}",
                    betnr=500_000 + number,
                    name=f"Person {number}",
                    status="failed",
                    kind="transient" if number % 2 else "validation",
                    fault=rooms.TOO_LONG,
                    base_espo=rooms.VALUES,
                    base_advo=rooms.VALUES,
                    dirty_since=now - timedelta(minutes=number % 300),
                )
                for number in range(10_000)
            ],
            batch_size=500,
        )
        made = SyncRecord.objects.exclude(pk__in=before)
        SearchText.objects.bulk_create(
            [SearchText(record_id=pk, text=f"person {pk}") for pk in made.values_list("pk", flat=True)], batch_size=500
        )
        first = made.order_by("pk").first()
        assert first is not None
        yield first.pk
        SyncRecord.objects.exclude(pk__in=before).delete()
        RecordCount.objects.all().delete()  # what the triggers have counted on the way


def pages(pk: int) -> dict[str, str]:
    record = SyncRecord.objects.get(pk=pk)
    for _times in range(20):
        rooms.history(record)
        rooms.conflict(record)
        rooms.lost()
        rooms.deletion()
    report = DriftReport.objects.create(by="anna", scope="all")
    for field in ("titel", "vorname", "kommunikation"):
        report.rows.create(
            record=record, espo_id=record.espo_id, field=field, state="differs", reason="failed", expected=True
        )
    return {
        "comparison": reverse("admin:syncapp_driftreport_change", args=[report.pk]),
        "home": reverse("admin:index"),
        "records": reverse("admin:syncapp_syncrecord_changelist"),
        "failures": reverse("admin:syncapp_syncrecord_changelist") + "?status__exact=failing&kind__exact=transient",
        "search": reverse("admin:syncapp_syncrecord_changelist") + "?q=person",
        "conflicts": reverse("admin:syncapp_conflict_changelist"),
        "deletions": reverse("admin:syncapp_deletiontask_changelist"),
        "attempts": reverse("admin:syncapp_attempt_changelist"),
        "inbox": reverse("admin:syncapp_inboxelement_changelist"),
        "log": reverse("admin:syncapp_operatorlog_changelist"),
        "notices": reverse("admin:syncapp_notice_changelist"),
        "record": reverse("admin:syncapp_syncrecord_change", args=[pk]),
        "behind": reverse("admin:ops_behind", args=[pk]),
        "charts": reverse("admin:ops_charts", args=["month"]),
        "switches": reverse("admin:ops_switches"),
        "decide": reverse("admin:ops_decide", args=[pk]),
        "causes": reverse("admin:ops_causes"),
        "queue": reverse("admin:ops_queue"),
    }


@pytest.mark.parametrize("name", [name for name in BASELINES if name not in ("sides", "question")])
def test_page_stays_within_its_baseline(name: str, crowd: int, operator: Client) -> None:
    figures.note()
    address = pages(crowd)[name]
    operator.get(reverse("admin:ops_catalogue"))  # what is cached for the process
    with CaptureQueriesContext(
        connection,
    ) as queries:
        began = time.process_time()  # what the page costs, not what else the machine has to do
        answer = operator.get(address)
        seconds = time.process_time() - began
    assert answer.status_code == 200
    assert len(queries) <= BASELINES[name], "\n".join(query["sql"][:200] for query in queries)
    assert BASELINES[name] <= MOST
    assert seconds < 3


def test_a_question_about_ten_thousand_costs_what_one_about_ten_costs(crowd: int, operator: Client) -> None:
    address = reverse("admin:syncapp_syncrecord_changelist") + "?status__exact=failing"
    answer = operator.post(address, {"action": "sync_now", "_selected_action": [crowd], "select_across": 1, "index": 0})
    with CaptureQueriesContext(connection) as queries:
        text = operator.get(answer.url).text
    assert "<b>10000</b>" in text
    assert len(queries) <= BASELINES["question"]
