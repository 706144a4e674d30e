"""The kept counts of records: equal to a count whoever changes what, short, and mended where they were got round."""

import itertools
import random
from collections import Counter as Tally
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from syncapp.core.faults import causes
from syncapp.models import RecordCount, SyncRecord
from syncapp.operations.maintenance import record_counts
from tests.support import clearing

pytestmark = pytest.mark.django_db
STATUSES, KINDS, HOLDS = ("clean", "failed", "dirty"), ("", "transient"), ("", "paused")
WAYS = [*itertools.product(STATUSES, KINDS, HOLDS)]
FAULTS: tuple[dict[str, Any], ...] = ({}, {"code": "bug"}, {"code": "remote", "params": {"system": "espocrm"}})


def counted() -> dict[tuple[str, ...], int]:
    rows = SyncRecord.objects.values_list("status", "kind", "hold", "fault")
    return Tally((status, kind, hold, causes.of(fault)) for status, kind, hold, fault in rows)


def kept() -> dict[tuple[str, ...], int]:
    return {tuple(stands): number for *stands, number in RecordCount.objects.sums(*record_counts.COLUMNS)}


def record(number: int, way: tuple[str, str, str] = ("clean", "", "")) -> SyncRecord:
    return SyncRecord(espo_id=f"e{number}", status=way[0], kind=way[1], hold=way[2])


def test_every_way_to_change_a_record_is_counted() -> None:
    chance = random.Random(16)
    SyncRecord.objects.bulk_create(record(number, chance.choice(WAYS)) for number in range(40))
    for _step in range(60):
        status, kind, hold = chance.choice(WAYS)
        some = SyncRecord.objects.filter(pk__in=chance.sample(list(SyncRecord.objects.values_list("pk", flat=True)), 3))
        act = chance.randrange(6)
        if act == 0:
            some.update(status=status, kind=kind, hold=hold)
        elif act == 5:
            some.update(fault=chance.choice(FAULTS))
        elif act == 1:
            row = some[0]
            row.status, row.hold = status, hold
            row.save()
        elif act == 2:
            some.filter(pk=some[0].pk).delete()
        elif act == 3:
            record(1000 + _step, (status, kind, hold)).save()
        else:
            some.update(name="as it stood")
        assert kept() == counted()
    assert record_counts.mend() == 0


def test_what_is_rolled_back_was_not_counted() -> None:
    record(1).save()
    with transaction.atomic():
        SyncRecord.objects.update(status="failed")
        transaction.set_rollback(True)
    assert kept() == {("clean", "", "", ""): 1}


def test_a_change_of_anything_else_adds_no_row() -> None:
    record(1).save()
    rows = RecordCount.objects.count()
    SyncRecord.objects.update(name="other", status="clean")
    assert RecordCount.objects.count() == rows


def test_folding_leaves_the_sums_and_a_row_for_each_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_counts, "AT_ONCE", 7)
    SyncRecord.objects.bulk_create(record(number) for number in range(10))
    SyncRecord.objects.filter(espo_id="e3").update(status="failed", kind="transient")
    SyncRecord.objects.filter(espo_id="e4").delete()
    record_counts.fold()
    assert sorted(RecordCount.objects.values_list("status", "kind", "hold", "number")) == [
        ("clean", "", "", 8),
        ("failed", "transient", "", 1),
    ]


@pytest.mark.parametrize("rows, rounds", [(6, 1), (7, 2), (20, 4)])
def test_folding_ends_whatever_there_is(monkeypatch: pytest.MonkeyPatch, rows: int, rounds: int) -> None:
    monkeypatch.setattr(record_counts, "AT_ONCE", 7)
    done, some = [], record_counts._fold_some
    monkeypatch.setattr(record_counts, "_fold_some", lambda: done.append(1) or some())
    SyncRecord.objects.bulk_create(record(number) for number in range(rows))
    record_counts.fold()
    assert kept() == counted()
    assert RecordCount.objects.count() == 1
    assert len(done) == rounds


@pytest.mark.skipif("connection.vendor != 'postgresql'")
class TestLength:
    """PostgreSQL reads its file whole, with all that deleted rows have left there: a mass act must not make every
    scrape and every look at the landing page dearer for good."""

    def pages(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_size(%s) / 8192", (record_counts.COUNTS,))
            return int(cursor.fetchone()[0])

    def swollen(self) -> None:
        RecordCount.objects.bulk_create(
            RecordCount(status="clean", kind="", hold="", number=number) for number in [1, -1] * 5000
        )

    def test_what_a_mass_act_has_left_is_gone_after_the_next_fold(self) -> None:
        record(1).save()
        self.swollen()
        assert self.pages() > 40
        record_counts.fold()
        assert self.pages() == 1
        assert kept() == counted()
        record(2).save()
        assert kept() == counted()

    def test_a_short_one_is_left_alone(self, django_assert_num_queries: Any) -> None:
        record(1).save()
        record_counts.fold()
        with django_assert_num_queries(3):
            record_counts.fold()

    def test_whoever_is_at_work_is_not_waited_for(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO", "advosync.sweep")
        record(1).save()
        self.swollen()
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute(f"BEGIN; LOCK TABLE {record_counts.COUNTS} IN ACCESS SHARE MODE")
                record_counts.fold()
        finally:
            other.close()
        assert "record_counts_left_long" in caplog.text
        assert kept() == counted()


def test_what_got_round_the_triggers_is_mended_and_told(caplog: pytest.LogCaptureFixture) -> None:
    record(1).save()
    RecordCount.objects.update(number=5)
    RecordCount.objects.create(status="dirty", kind="", hold="", number=-2)
    assert record_counts.prove() == 2
    assert kept() == counted()
    assert "record_counts_were_wrong" in caplog.text
    assert record_counts.prove() == 0


def test_the_next_migration_makes_the_triggers_anew_and_counts() -> None:
    record_counts.uninstall()
    record(1).save()
    assert kept() == {}
    record_counts.install()
    record(2).save()
    assert kept() == counted() == {("clean", "", "", ""): 2}


def test_migrate_takes_the_triggers_away_and_brings_them_back() -> None:
    """SQLite rebuilds a table under another name, and refuses that while a trigger names one that is gone."""
    record(1).save()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        found = record_counts._standing(cursor, vendor=connection.vendor)
    assert set(record_counts.TRIGGERS) <= found
    record(2).save()
    assert kept() == counted()


@pytest.mark.django_db(transaction=True)
def test_between_tests_the_counts_are_emptied_after_what_they_count() -> None:
    """Else the triggers leave the next test one record less than none."""
    record(1).save()
    clearing._empty(connection)
    assert not RecordCount.objects.exists()
