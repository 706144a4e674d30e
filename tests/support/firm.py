"""An installation that is live, with both stand-ins, and short words for what tests do all the time."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.states import Event
from syncapp.engine.rows import locks
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs.sync_record import Order, SyncResult, sync_record
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import RemoteFact, SyncRecord
from syncapp.remotes import registry
from tests.support.meanwhile import Meanwhile
from tests.support.sandbox import Sandbox

PERSON = {
    "name": "Müller-Lüdenscheidt",
    "vorname": "Jürgen",
    "titel": "Dr.",
    "anrede": "Herr",
    "bAnrede": "Sehr geehrter Herr Dr. Müller-Lüdenscheidt",
    "geburtsdatum": "1961-04-12",
}


@dataclass
class Firm:
    """The installation under test and the people around it."""

    sandbox: Sandbox
    made: int = 0
    settings: Any = None

    def new(self, **attributes: object) -> str:
        """A new record in EspoCRM; its id. A second one of a test has another name, since EspoCRM refuses doubles."""
        self.made += 1
        name = PERSON["name"] + (f" {self.made}" if self.made > 1 else "")
        return str(self.sandbox.anna.create(**{**PERSON, "name": name, **attributes})["id"])

    def sync(self, espo_id: str, **options: Any) -> SyncResult:
        """One run, as the job of a webhook would start it."""
        record = SyncRecord.objects.get_or_create(espo_id=espo_id)[0]
        return sync_record(Order(record.pk, **{"forced": True, **options}))

    def pair(self, **attributes: object) -> tuple[str, int]:
        """A record that is synced and equal on both sides, with an empty call log: its EspoCRM id and betNr."""
        espo_id = self.new(**attributes)
        result = self.sync(espo_id)
        assert result.status == "clean", (result, self.record(espo_id).fault)
        self.sandbox.clear_calls()
        betnr = self.record(espo_id).betnr
        assert betnr is not None
        return espo_id, betnr

    def record(self, espo_id: str) -> SyncRecord:
        return SyncRecord.objects.get(espo_id=espo_id)

    def _request(self, espo_id: str, event: Event, *, trigger: str, source: str) -> None:
        request_sync(SyncRecord, record_id=self.record(espo_id).pk, event=event, trigger=trigger, source=source)

    def ask(self, espo_id: str) -> None:
        """What a webhook leaves behind."""
        request_sync(
            SyncRecord, record_id=self.record(espo_id).pk, event=Event.CHANGED, trigger="update", source="webhook"
        )

    def reset(self, espo_id: str) -> None:
        """What a person's reset leaves behind."""
        request_sync(
            SyncRecord, record_id=self.record(espo_id).pk, event=Event.RESET, trigger="sync_check", source="person"
        )

    def relinked(self, espo_id: str) -> None:
        """What the webhook of a changed betnr leaves behind."""
        request_sync(
            SyncRecord, record_id=self.record(espo_id).pk, event=Event.RELINKED, trigger="update", source="webhook"
        )

    def expire_lease(self, espo_id: str) -> None:
        """The holder is dead: its lease has run out, and so has its lock in Redis."""
        SyncRecord.objects.filter(espo_id=espo_id).update(lease_expires=timezone.now() - timedelta(hours=1))
        locks.remove(f"cbeteiligte:{espo_id}")

    def due(self, espo_id: str) -> None:
        """The waiting time of a failed record is over."""
        SyncRecord.objects.filter(espo_id=espo_id).update(next_retry_at=timezone.now() - timedelta(hours=1))

    def advoware_is_unreachable(self) -> None:
        """Nothing listens where Advoware should be; the token is still good."""
        self.settings.ADVOWARE_API_BASE_URL = "http://127.0.0.1:1/advoware"

    def espo(self, espo_id: str) -> dict[str, Any]:
        return self.sandbox.anna.read(espo_id)

    def advo(self, betnr: int) -> dict[str, Any]:
        return self.sandbox.clerk.read(betnr)

    def counts(self) -> dict[str, dict[str, int]]:
        return self.sandbox.counts()

    def is_silent(self, espo_id: str) -> None:
        """A further run reads once on each side and writes nothing."""
        self.sandbox.clear_calls()
        self.sync(espo_id)
        assert self.counts() == {"espocrm": {"GET": 1}, "advoware": {"GET": 1}}


# What the stand-in EspoCRM says of itself after a reset, by its entity: always the same, so one test asks for all.
_told: dict[str, list[tuple[str, Any]]] = {}


@pytest.fixture
def firm(live: None, sandbox: Sandbox, redis_client: object, settings: Any) -> Firm:
    registry.forget()
    remote_metadata.forget()
    told = _told.get(settings.ESPOCRM_ENTITY_TYPE, ())
    RemoteFact.objects.bulk_create(RemoteFact(key=key, value=value, fetched_at=timezone.now()) for key, value in told)
    clients = configured_clients()
    remote_metadata.read_all(espocrm=clients.espocrm, advoware=clients.advoware)
    if settings.ESPOCRM_ENTITY_TYPE not in _told:
        facts = RemoteFact.objects.filter(pk__startswith="espocrm.")
        _told[settings.ESPOCRM_ENTITY_TYPE] = list(facts.values_list("key", "value"))
    sandbox.clear_calls()
    return Firm(sandbox, settings=settings)


@pytest.fixture
def edited(firm: Firm) -> tuple[str, int]:
    """A pair with an edit in EspoCRM that waits to be carried."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    firm.ask(espo_id)
    firm.sandbox.clear_calls()
    return espo_id, betnr


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    return Meanwhile(monkeypatch)
