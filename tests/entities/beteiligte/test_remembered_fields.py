"""A delivery is read by the fields that its process remembers, and judged by those that the database holds."""

from collections.abc import Iterator
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from syncapp.entities.beteiligte import intake
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import InboxElement, RemoteFact, SyncRecord

pytestmark = pytest.mark.django_db
COMPANY, PERSON = {"name": {}, "vorname": {}}, {"lastName": {}, "firstName": {}}
ESPO_ID = "6b020623dbb0b2434"


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    remote_metadata.forget()
    yield
    remote_metadata.forget()


def by_another_process(fields: dict[str, object]) -> None:
    """What this process has not seen being written."""
    RemoteFact.objects.update_or_create(
        pk=remote_metadata.ENTITY_FIELDS, defaults={"value": fields, "fetched_at": timezone.now()}
    )


def result_of(**attributes: object) -> str:
    intake.store(action="update", webhook_id="w", elements=[{"id": ESPO_ID, **attributes}])
    return InboxElement.objects.latest("pk").result


@pytest.fixture
def known() -> SyncRecord:
    return SyncRecord.objects.create(espo_id=ESPO_ID, betnr=1, status="clean", requested=1)


def test_a_further_delivery_asks_for_no_fields(known: SyncRecord) -> None:
    by_another_process(COMPANY)
    result_of(name="Nordwind")
    with CaptureQueriesContext(connection) as asked:
        result_of(name="Nordwind GmbH")
    table = RemoteFact._meta.db_table
    alone = [query["sql"] for query in asked if table in query["sql"] and SyncRecord._meta.db_table not in query["sql"]]
    assert alone == []
    assert any(table in query["sql"] for query in asked), "the moment is asked for beside the records"


@pytest.mark.parametrize("before", [{}, COMPANY], ids=["none were known", "others were known"])
def test_fields_that_another_process_has_read_since_decide(known: SyncRecord, before: dict[str, object]) -> None:
    by_another_process(before)
    assert result_of(lastName="Müller") == "irrelevant"
    by_another_process(PERSON)
    assert result_of(lastName="Müller") == "counted"
    by_another_process(COMPANY)
    assert result_of(lastName="Schmidt") == "irrelevant"


def test_nothing_was_ever_read(known: SyncRecord) -> None:
    assert result_of(name="Nordwind") == "counted"
    assert result_of(lastName="Müller") == "irrelevant"


def test_a_first_delivery_of_records_that_nobody_knows() -> None:
    by_another_process(PERSON)
    assert result_of(lastName="Müller") == "counted"
    assert SyncRecord.objects.get().requested == 1


def test_runs_make_a_table_only_of_fields_that_were_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = remote_metadata._attributes
    monkeypatch.setattr(remote_metadata, "_attributes", lambda fields: made.append(fields) or real(fields))

    def names_of_a_run() -> bool:
        with remote_metadata.at_one_reading():
            return "lastName" in remote_metadata.field_map(espocrm=mock.Mock()).espo_names.values()

    by_another_process(COMPANY)
    assert [names_of_a_run(), names_of_a_run(), len(made)] == [False, False, 1]
    by_another_process(PERSON)
    assert [names_of_a_run(), names_of_a_run()] == [True, True]
    assert made[-1] == PERSON
