"""Records as the operations room meets them: one function a state, made-up people."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from syncapp.engine import control
from syncapp.entities.beteiligte.finding import texts
from syncapp.models import (
    Attempt,
    CallOutcome,
    ChildCase,
    Conflict,
    DeletionTask,
    FieldChange,
    InboxElement,
    Notice,
    OperatorLog,
    ProxyCall,
    ProxyKey,
    Snooze,
    SyncRecord,
)
from syncapp.operations.actions.snoozing import standing
from syncapp.proxy import keys

NUMBERS = itertools.count(1)
VALUES = {"name": "Müller", "vorname": "Frieda", "titel": "Dr.", "geburtsdatum": "1971-03-09"}
TOO_LONG = {"code": "validation", "params": {"faults": [{"field": "vorname", "rule": "max_length", "limit": 30}]}}
AWAY = {
    "code": "remote_transient",
    "params": {
        "system": "advoware",
        "operation": "GET Beteiligte/{betNr}",
        "status": 503,
        "reason": "error 503 without a text",
    },
}


def go_live() -> None:
    control.set_mode(mode="live", by="tests", reason="fixture")
    OperatorLog.objects.all().delete()


def record(status: str = "clean", **columns: Any) -> SyncRecord:
    """A record of Frieda Müller with a phone number and an e-mail address."""
    number = next(NUMBERS)
    made = SyncRecord.objects.create(
        **{
            "espo_id": f"5f0{number:014d}",
            "betnr": 10_000 + number,
            "name": "Frieda Müller",
            "status": status,
            "base_espo": dict(VALUES),
            "base_advo": dict(VALUES),
            "requested": 1,
            "completed": 1 if status == "clean" else 0,
            "last_check": timezone.now(),
            "dirty_since": None if status == "clean" else timezone.now() - timedelta(minutes=5),
            "lists": {
                "phoneNumberData": [["+49511123456", "Office", True, False, False]],
                "emailAddressData": [["frieda.mueller@example.org", "", True, False, False]],
            },
            **columns,
        }
    )
    texts.refresh(made, before=[])
    return made


def failed(kind: str = "validation", **columns: Any) -> SyncRecord:
    fault = {"validation": TOO_LONG, "transient": AWAY}.get(kind, {"code": kind, "params": {}})
    return record("failed", **{"kind": kind, "fault": fault, **columns})


def permanently_failed(**columns: Any) -> SyncRecord:
    later = timezone.now() + timedelta(hours=20)
    return record(
        "permanently_failed",
        **{"kind": "transient", "fault": AWAY, "retry_count": 5, "auto_reset_at": later, **columns},
    )


def locked(**columns: Any) -> SyncRecord:
    now = timezone.now()
    return record(
        "syncing",
        **{
            "lease_token": "t" * 32,
            "lease_holder": "worker-7:4711:33",
            "lease_since": now - timedelta(minutes=1),
            "lease_expires": now + timedelta(minutes=4),
            "status_before": "dirty",
            "fence": 3,
            **columns,
        },
    )


def conflict(made: SyncRecord | None = None, **columns: Any) -> Conflict:
    """An open conflict on the title: Prof. Dr. in EspoCRM, Dr. med. in Advoware."""
    return Conflict.objects.create(
        **{
            "record": made or record("conflict"),
            "field": "titel",
            "case": "both_changed",
            "base_espo": "Dr.",
            "base_advo": "Dr.",
            "espo": "Prof. Dr.",
            "advo": "Dr. med.",
            "policy": "manual",
            "open": True,
            **columns,
        }
    )


def lost(**columns: Any) -> Conflict:
    """A settled one that EspoCRM won."""
    return conflict(record(), **{"open": False, "kept": "espocrm", "policy": "espocrm_wins", **columns})


def snoozed(made: SyncRecord | None = None, **columns: Any) -> Snooze:
    """A failed record that nobody wants to be reminded of."""
    made = made or failed()
    return Snooze.objects.create(
        **{"record": made, "seen": standing(made), "reason": "kommt neu", "by": "anna", **columns}
    )


def deletion(**columns: Any) -> DeletionTask:
    made = record("deleted_in_espocrm")
    return DeletionTask.objects.create(**{"record": made, "espo_id": made.espo_id, "betnr": made.betnr, **columns})


SIMILAR = {
    "espo_strasse": "Hauptstr. 5",
    "espo_ort": "Hannover",
    "advo_strasse": "Hauptstr. 5 a",
    "advo_ort": "Hannover",
}


def child_case(made: SyncRecord | None = None, **columns: Any) -> ChildCase:
    """A question about two similar addresses."""
    return ChildCase.objects.create(
        **{
            "record": made or record(),
            "kind": "adressen",
            "code": "same_or_different",
            "row": 2,
            "espo_id": f"adr{next(NUMBERS):014d}",
            "entry_id": next(NUMBERS),
            "params": dict(SIMILAR),
            "opened_at": timezone.now() - timedelta(minutes=3),
            **columns,
        }
    )


def account_case(made: SyncRecord | None = None, **columns: Any) -> ChildCase:
    """A changed account, to be changed by hand in Advoware."""
    params = {"old": "DE…3000", "new": "DE…2051"}
    return child_case(made, **{"kind": "bank", "code": "change_in_advoware", "row": 7, "params": params, **columns})


def history(made: SyncRecord, *, text: str = "Dr.") -> Attempt:
    """An attempt with a field change, a webhook element, a notice and a log row."""
    attempt = Attempt.objects.create(
        record=made,
        espo_id=made.espo_id,
        trigger="update",
        source="webhook",
        started_at=timezone.now(),
        duration_ms=420,
        outcome="done",
        verdict="espocrm_newer",
        fields_changed=["advoware.titel"],
        summary={"Var1": {"done": 2}},
    )
    FieldChange.objects.create(record=made, attempt=attempt, side="advoware", field="titel", before=None, after=text)
    InboxElement.objects.create(
        delivery="11111111-1111-1111-1111-111111111111",
        record=made,
        espo_id=made.espo_id,
        action="update",
        attributes={"id": made.espo_id, "titel": text},
        result="counted",
    )
    Notice.objects.create(record=made, espo_id=made.espo_id, event="conflict_open", params={"fields": ["titel"]})
    OperatorLog.objects.create(actor="anna", action="sync_now", target=made.espo_id, record=made, reason="")
    return attempt


def proxy_key(name: str = "telephone", **columns: Any) -> ProxyKey:
    """A key of another program."""
    row, _text = keys.make(name=name, grants=["GET Beteiligte/{int}"], by="root", owner="Anna Vogt")
    ProxyKey.objects.filter(pk=row.pk).update(**columns)
    row.refresh_from_db()
    return row


def proxy_call(**columns: Any) -> ProxyCall:
    """A read of that program."""
    return ProxyCall.objects.create(
        **{
            "caller": "telephone",
            "address": "10.0.5.17",
            "method": "GET",
            "template": "Beteiligte/{int}",
            "path_ids": ["104860"],
            "outcome": CallOutcome.DONE,
            "code": "ok",
            "status": 200,
            "advoware_status": 200,
            "request_id": "a" * 32,
            **columns,
        }
    )
