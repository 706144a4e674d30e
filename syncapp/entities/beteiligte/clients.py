"""What a run works with: a client for each side, counted, and the field table of this installation."""

from dataclasses import dataclass

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.systems import System
from syncapp.engine.runs.run import CallLog, RunContext
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.registry import advoware_client, espocrm_client

# Whom a run calls: another system that is down does not hold it up.
SYSTEMS = (System.ESPOCRM, System.ADVOWARE)


@dataclass(frozen=True, slots=True)
class Clients:
    """Both remote systems."""

    espocrm: EspoClient
    advoware: AdvowareClient

    def counted_by(self, calls: CallLog) -> "Clients":
        """The same, telling `calls` of each call."""
        return Clients(self.espocrm.with_observer(calls), self.advoware.with_observer(calls))


@dataclass(frozen=True, slots=True)
class Tools:
    clients: Clients
    field_map: FieldMap


Context = RunContext[Tools, SyncRecord]


def configured_clients() -> Clients:
    return Clients(espocrm_client(), advoware_client())
