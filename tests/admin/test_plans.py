"""No page reads a large table from one end to the other: by the plans of all queries of all pages, not by the clock."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from benchmarks.pages import addresses
from benchmarks.plans import LARGE, Plans
from syncapp.models import Attempt, InboxElement, SearchText, StatusChange, SyncRecord

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("live"),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a small table is read whole by PostgreSQL's choice"),
]
SEARCHES = [f"/admin/syncapp/{model}/?q=muster" for model in ("syncrecord", "attempt", "inboxelement", "conflict")]
COUNTED = re.compile(r'SELECT COUNT\(.*FROM "(\w+)"', re.DOTALL)


@pytest.fixture(autouse=True)
def rows() -> None:
    now = timezone.now()
    record = SyncRecord.objects.create(espo_id="e1", betnr=1, name="Muster", status="failed", kind="transient")
    SearchText.objects.create(record=record, text="^^muster")
    attempt = {"trigger": "update", "source": "webhook", "started_at": now}
    Attempt.objects.create(record=record, espo_id="e1", **attempt)
    StatusChange.objects.create(record=record, before="clean", after="failed", event="failed")
    InboxElement.objects.create(
        record=record, espo_id="e1", action="update", attributes={}, result="counted", delivery="0" * 32
    )


def plans_of(client: Client, address: str) -> Plans | None:
    plans = Plans()
    with connection.execute_wrapper(plans):
        answer = client.get(address)
    return plans if answer.status_code == 200 else None


def test_no_page_reads_a_large_table_whole(admin_client: Client) -> None:
    looked = {address: plans_of(admin_client, address) for address in [*addresses(), *SEARCHES]}
    opened = {address: plans for address, plans in looked.items() if plans is not None}
    assert len(opened) > 30
    whole = [f"{address}: {line}" for address, plans in opened.items() for line in plans.explained()]
    assert not [line for line in whole if ": reads " in line], "\n".join(whole)


def test_no_page_counts_a_large_table_without_a_limit(admin_client: Client) -> None:
    found = []
    for address in addresses():
        plans = plans_of(admin_client, address)
        statements = plans.statements if plans is not None else ()
        found += [f"{address}: {sql[:200]}" for sql in statements if "LIMIT" not in sql and counts_whole(sql)]
    assert not found, "\n".join(found)


def counts_whole(sql: str) -> bool:
    """A count of all rows of a large table."""
    match = COUNTED.match(sql)
    return match is not None and match[1] in LARGE and "WHERE" not in sql
