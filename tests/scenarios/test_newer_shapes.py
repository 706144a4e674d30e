"""Two versions side by side: what the newer one keeps in a shape that this one cannot read is not lost nor guessed at.

The record is left to the newer version, or its run ends as an error that is tried again by itself; nothing is written
to either system, and what stands in the row stays as it was left. Words and columns that this version does not know:
tests/engine/test_other_versions.py.
"""

from typing import Any

import pytest

from syncapp.engine.runs.sync_record import Ended
from syncapp.entities.beteiligte.probes.confirm import confirm_writes
from syncapp.models import Appointment, CalendarEmployee, ContactLink, SyncRecord
from tests.support.calendars import Office
from tests.support.firm import Firm

PHONE = {"phoneNumber": "+493023125410", "type": "Office", "primary": True}
INTENT = {
    **{"side": "advoware", "field": "titel", "sent": "Prof.", "before": "Dr.", "other": "Prof.", "marker": "1"},
    "phase": "sent",
}
NEWER: dict[str, dict[str, Any]] = {
    "a key more in an intent": {"open_intents": [{**INTENT, "tomorrow": 1}]},
    "a side more in an intent": {"open_intents": [{**INTENT, "side": "outlook"}]},
    "a phase more in an intent": {"open_intents": [{**INTENT, "phase": "queued"}]},
    "a key more in one that may still land": {"superseded": [{**INTENT, "tomorrow": 1}]},
}


@pytest.mark.parametrize("name", NEWER)
@pytest.mark.parametrize("status", ["dirty", "clean"])
def test_a_record_is_left_to_whoever_can_read_it(name: str, status: str, firm: Firm) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, zusatz="neu")
    rows = SyncRecord.objects.filter(espo_id=espo_id)
    rows.update(**NEWER[name], status=status, unconfirmed=True)
    before = rows.values().get()
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).ended == Ended.NOT_DUE
    assert confirm_writes([before["id"]]) == {"left": 1}
    assert rows.values().get() == before
    assert not {method for counts in firm.counts().values() for method in counts} & {"PUT", "POST", "PATCH"}
    rows.update(open_intents=[], superseded=[])  # the newer version has settled it
    firm.ask(espo_id)
    assert firm.sync(espo_id).status == "clean"


def test_a_contact_point_waits_too(firm: Firm) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[PHONE])
    newer = {"format": 2, "said": ["030", "23125410"]}
    before = ContactLink.objects.get(record__espo_id=espo_id).base
    ContactLink.objects.filter(record__espo_id=espo_id).update(base=newer)
    firm.sandbox.anna.change(espo_id, phoneNumberData=[])
    firm.sandbox.clear_calls()
    assert firm.sync(espo_id).status == "failed"
    assert firm.record(espo_id).kind == "bug"
    assert ContactLink.objects.get(record__espo_id=espo_id).base == newer
    assert len(firm.advo(betnr)["kommunikation"]) == 1
    ContactLink.objects.filter(record__espo_id=espo_id).update(base=before)
    firm.sync(espo_id)
    assert firm.sync(espo_id).status == "clean"
    assert firm.espo(espo_id)["phoneNumberData"] == []


@pytest.mark.parametrize("column", ["status", "kind", "closed"])
def test_a_calendar_waits_too(column: str, office: Office) -> None:
    office.hire()
    fr_nr = office.enter()
    office.settle()
    before = getattr(office.row(fr_nr), column)
    Appointment.objects.update(**{column: "tomorrow"})
    office.edit(fr_nr, text="neu")
    office.clear()
    office.sync(full=True)
    employee = CalendarEmployee.objects.get()
    assert (employee.status, employee.kind, employee.next_retry_at is None) == ("failed", "bug", False)
    assert getattr(office.row(fr_nr), column) == "tomorrow"
    assert office.writes() == 0
    Appointment.objects.update(**{column: before})
    office.due()
    office.settle()
    assert office.event(fr_nr).summary == "neu"
