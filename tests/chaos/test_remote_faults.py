"""Every kind of remote fault on every call that a run makes: afterwards both sides are equal and nothing is doubled."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from syncapp.models import Attempt
from tests.chaos.audit import audit
from tests.chaos.conftest import Close
from tests.chaos.plant import Plant, Process
from tests.chaos.scenarios import (
    changed_in_advoware,
    changed_in_espocrm,
    linked,
    linked_with_contacts,
    nothing,
    only_in_espocrm,
    six_variants,
)
from tests.support import operator

pytestmark = pytest.mark.chaos
TIMEOUT = 1
# Seconds until a byte has to come; the whole of a call may take five more, so that a drip ends as well.
ENVIRONMENT = {"ESPOCRM_TIMEOUT_SECONDS": str(TIMEOUT), "ADVOWARE_TIMEOUT_SECONDS": str(TIMEOUT)}


@dataclass(frozen=True)
class FaultKind:
    """`proves`: the answer says that nothing was done, so that even a create may simply be tried again."""

    name: str
    details: dict[str, object]
    proves: bool = False
    count: int = 1


KINDS = (
    FaultKind("time-out before the effect", {"fault": "hold_cut", "seconds": TIMEOUT + 1}),
    FaultKind("time-out after the effect", {"fault": "delay", "seconds": TIMEOUT + 1}),
    FaultKind("cut before the effect", {"fault": "cut_before"}, count=2),
    FaultKind("cut after the effect", {"fault": "cut_after"}, count=2),
    FaultKind("500", {"fault": "status", "status": 500}),
    FaultKind("500 after the effect", {"fault": "status", "status": 500, "after": True}),
    FaultKind("429 with Retry-After", {"fault": "status", "status": 429, "headers": {"Retry-After": "1"}}, proves=True),
    FaultKind("401", {"fault": "status", "status": 401}, proves=True, count=2),
    FaultKind("half a JSON", {"fault": "half_json"}),
    FaultKind("cut within the body", {"fault": "half_body"}, count=2),
    FaultKind("empty 200", {"fault": "empty_200"}),
    FaultKind("slow drip", {"fault": "drip", "seconds": 0.1}),
    FaultKind("HTML", {"fault": "html_200"}),
    FaultKind("JSON of another type", {"fault": "wrong_type"}),
)


@dataclass(frozen=True)
class RemoteCall:
    """One call of a run: what the run has to do, and which of its requests gets the fault."""

    name: str
    prepare: Callable[[Plant], str]
    edit: Callable[[Plant, str], None]
    system: str
    method: str
    path: str
    creates: bool = False


CALLS = (
    RemoteCall("create: GET EspoCRM", only_in_espocrm, nothing, "espocrm", "GET", "CBeteiligte/"),
    RemoteCall("create: POST", only_in_espocrm, nothing, "advoware", "POST", "Beteiligte", creates=True),
    RemoteCall("create: POST Kommunikation", only_in_espocrm, nothing, "advoware", "POST", "Kommunikationen"),
    RemoteCall("create: PATCH", only_in_espocrm, nothing, "espocrm", "PATCH", "CBeteiligte/"),
    RemoteCall("update: GET EspoCRM", linked, changed_in_espocrm, "espocrm", "GET", "CBeteiligte/"),
    RemoteCall("update: GET Advoware", linked, changed_in_espocrm, "advoware", "GET", "Beteiligte/"),
    RemoteCall("update: PUT", linked, changed_in_espocrm, "advoware", "PUT", "Beteiligte/"),
    RemoteCall("update: PATCH", linked, changed_in_advoware, "espocrm", "PATCH", "CBeteiligte/"),
    RemoteCall("contacts: POST", linked_with_contacts, six_variants, "advoware", "POST", "Kommunikationen"),
    RemoteCall("contacts: PUT", linked_with_contacts, six_variants, "advoware", "PUT", "Kommunikationen"),
    RemoteCall("contacts: PATCH", linked_with_contacts, six_variants, "espocrm", "PATCH", "CBeteiligte/"),
)


def each() -> list[object]:
    return [
        pytest.param(
            kind,
            call,
            id=f"{kind.name}: {call.name}",
        )
        for kind in KINDS
        for call in CALLS
    ]


@pytest.mark.parametrize("kind, call", each())
def test_fault(plant: Plant, steady: Process, close_books: Close, kind: FaultKind, call: RemoteCall) -> None:
    espo_id = call.prepare(plant)
    call.edit(plant, espo_id)
    details = {"method": call.method, "path_contains": call.path, "count": kind.count, **kind.details}
    plant.sandbox.fault(call.system, **details)
    plant.ask(espo_id, queue="sweep")
    plant.settle()
    plant.sandbox.heal()
    if call.creates and not kind.proves:
        _settle_create(plant, espo_id)
    plant.settle()
    plant.pass_late_look(espo_id)
    plant.settle()
    assert Attempt.objects.filter(espo_id=espo_id, outcome="done").exists()
    close_books(f"remote fault: {kind.name}", audit(plant, [espo_id]))


def _settle_create(plant: Plant, espo_id: str) -> None:
    """Whoever looks finds one Beteiligter or none, and says so."""
    record = plant.record(espo_id)
    assert (record.status, record.kind) == ("failed", "create_outcome_unknown")
    numbers = [row["betNr"] for row in plant.sandbox.state()["advoware"]]
    assert len(numbers) <= 1
    if numbers:
        operator.link_to_betnr(record, numbers[0])
    else:
        operator.create_after_all(record)
