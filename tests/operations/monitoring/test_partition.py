"""Every record lies in one heap and in no other, whatever it looks like; and the counts count just that."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import Status
from syncapp.engine import control
from syncapp.models import SyncRecord
from syncapp.operations.monitoring import attention, partition
from syncapp.words import html
from syncapp.words.monitoring.heaps import HEAPS

pytestmark = pytest.mark.django_db
NOW = timezone.now()
STATUSES = [status.value for status in Status]
KINDS = ["", "unheard_of", *(kind.value for kind in ErrorKind)]
HOLDS = ["", "paused"]
LEASES: dict[str, dict[str, Any]] = {
    "none": {},
    "alive": {
        "lease_token": "t",
        "lease_since": NOW - timedelta(minutes=1),
        "lease_expires": NOW + timedelta(minutes=4),
    },
    "expired": {
        "lease_token": "t",
        "lease_since": NOW - timedelta(minutes=2),
        "lease_expires": NOW - timedelta(minutes=1),
    },
    "renewed for an hour": {
        "lease_token": "t",
        "lease_since": NOW - timedelta(hours=1),
        "lease_expires": NOW + timedelta(minutes=4),
    },
}
DIRTY = [None, NOW - timedelta(hours=9), NOW - timedelta(minutes=1)]


@pytest.fixture
def everything() -> int:
    """Every combination of what decides; how many records."""
    epoch = control.current_epoch(control.switches())
    rows = [
        SyncRecord(
            espo_id=f"p{number}",
            status=status,
            kind=kind,
            hold=hold,
            dirty_since=dirty,
            requested=3,
            deferred=3 if aside else 0,
            deferred_epoch=epoch if aside else 0,
            **LEASES[lease],
        )
        for number, (status, kind, hold, lease, dirty, aside) in enumerate(
            itertools.product(STATUSES, KINDS, HOLDS, LEASES, DIRTY, [True, False])
        )
    ]
    SyncRecord.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def test_the_heaps_are_disjoint_and_complete(everything: int) -> None:
    conditions = partition.conditions(NOW, control.switches())
    assert conditions.keys() == HEAPS.keys()
    heaps = {code: set(SyncRecord.objects.filter(cut).values_list("pk", flat=True)) for code, cut in conditions.items()}
    for one, other in itertools.combinations(heaps, 2):
        assert not heaps[one] & heaps[other], f"{one} and {other} share records"
    assert sum(map(len, heaps.values())) == everything, "none is left out"
    assert all(heaps.values()), "and none is empty"


def test_the_counts_are_those_of_the_heaps(everything: int) -> None:
    counted = partition.counted(now=NOW, switches=control.switches())
    assert partition.counted(records=SyncRecord.objects.all(), now=NOW, switches=control.switches()) == counted
    for code, condition in partition.conditions(NOW, control.switches()).items():
        assert counted[code] == SyncRecord.objects.filter(condition).count(), code
    counts = attention.counted(now=NOW, switches=control.switches())
    assert counts.total == everything


def test_twelve_that_are_given_up_are_twelve_and_nothing_else() -> None:
    SyncRecord.objects.bulk_create(
        SyncRecord(espo_id=f"p{number}", status=Status.PERMANENTLY_FAILED, kind="transient") for number in range(12)
    )
    counts = attention.counted(now=NOW, switches=control.switches())
    assert {code: number for code, number in counts.heaps.items() if number} == {"permanently_failed": 12}
    assert counts.waiting == 0, "and they are not told as going on by themselves"


def test_every_heap_has_a_look() -> None:
    waits_for_somebody = {code for code in HEAPS if code.startswith("failed_")}
    assert HEAPS.keys() - waits_for_somebody <= html.HEAPS.keys() <= HEAPS.keys()
