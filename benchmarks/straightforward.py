"""A run as the first idea has it, with the same clients and the same outcome in our tables, and without any guarantee.

No lease, no fence, no intents, no guards, no locks: a run that dies half-way, or two at once, would lose or double
something. It reads both sides, carries the fields that differ from the base, reports to EspoCRM, and saves the record,
its attempt, its steps and what it has changed, each as the ORM does it.
"""

from typing import Any

Values = dict[str, str | None]


def run(espo_id: str) -> None:
    """One run over a record of ours."""
    from django.utils import timezone

    from syncapp.entities.beteiligte.clients import configured_clients
    from syncapp.entities.beteiligte.probes import remote_metadata
    from syncapp.models import Attempt, StatusChange, SyncRecord

    record = SyncRecord.objects.get(espo_id=espo_id)
    attempt = Attempt.objects.create(
        record=record, espo_id=espo_id, trigger="update", source="webhook", started_at=timezone.now()
    )
    StatusChange.objects.create(record=record, before=record.status, after="syncing", event="started", cause="webhook")
    record.status = "syncing"
    record.save()
    clients, fields = configured_clients(), remote_metadata.field_map()
    person = clients.espocrm.get(espo_id)
    left = dict(fields.read_espo(person.attributes))
    if record.betnr is None:
        right = _create(clients, fields, record, left)
    else:
        right = _compare(clients, fields, record, left, attempt)
    _save(record, attempt, left, right)


def _create(clients: Any, fields: Any, record: Any, left: Values) -> Values:
    made = clients.advoware.create(fields.to_advo(fields.created_with(left)))
    record.betnr, record.row_id = made.bet_nr, made.row_id or ""
    reported = {"betnr": made.bet_nr, "syncStatus": "clean", "advowareRowId": made.row_id}
    clients.espocrm.patch(record.espo_id, reported)
    return dict(fields.read_advo(made.raw))


def _compare(clients: Any, fields: Any, record: Any, left: Values, attempt: Any) -> Values:
    """Carry what one side has changed; what both changed goes to Advoware."""
    there = clients.advoware.get(record.betnr)
    right = dict(fields.read_advo(there.raw))
    to_advoware = {name: value for name, value in left.items() if value != record.base_espo.get(name)}
    to_espocrm = {
        name: value for name, value in right.items() if value != record.base_advo.get(name) and name not in to_advoware
    }
    if to_advoware:
        _noted(record, attempt, "advoware", right, to_advoware)
        there = clients.advoware.update(there, fields.to_advo(to_advoware))
        right |= to_advoware
    if to_espocrm:
        _noted(record, attempt, "espocrm", left, to_espocrm)
        left |= to_espocrm
    if to_advoware or to_espocrm:
        told = {"syncStatus": "clean", "advowareRowId": there.row_id}
        clients.espocrm.patch(record.espo_id, fields.to_espo(to_espocrm) | told)
    return right


def _noted(record: Any, attempt: Any, side: str, before: Values, after: Values) -> None:
    from syncapp.models import FieldChange

    for name, value in after.items():
        FieldChange.objects.create(
            record=record, attempt=attempt, side=side, field=name, before=before.get(name), after=value
        )


def _save(record: Any, attempt: Any, left: Values, right: Values) -> None:
    from django.utils import timezone

    from syncapp.models import StatusChange

    StatusChange.objects.create(record=record, before=record.status, after="clean", event="done", cause="webhook")
    record.status, record.base_espo, record.base_advo = "clean", left, right
    record.completed, record.last_check, record.last_synced_at = record.requested, timezone.now(), timezone.now()
    record.dirty_since = None
    record.save()
    attempt.outcome, attempt.verdict, attempt.duration_ms = "done", "no_change", 1
    attempt.save()
