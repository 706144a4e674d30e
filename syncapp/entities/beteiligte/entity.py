"""Beteiligte: EspoCRM's CBeteiligte and Advoware's Beteiligter, as the engine runs them.

Purpose: the row of engine/registry.py for this kind of record; every step is a module of this folder.
"""

from contextlib import AbstractContextManager

from django.db.models import F, Q

from syncapp.core.beteiligte.field_table import FieldMapError
from syncapp.core.beteiligte.plan import RecordPlan, plan_record
from syncapp.core.echoes import Judged
from syncapp.core.requests import QueueName
from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.core.systems import System
from syncapp.engine import control, job_queue, registry
from syncapp.engine.rows.prepared import Prepared
from syncapp.engine.runs.run import CallLog
from syncapp.entities.beteiligte.apply import apply
from syncapp.entities.beteiligte.check import check
from syncapp.entities.beteiligte.child_events.judging import judge_waiting
from syncapp.entities.beteiligte.clients import SYSTEMS, Tools, configured_clients
from syncapp.entities.beteiligte.finding import texts
from syncapp.entities.beteiligte.intake import judged_as, read_all
from syncapp.entities.beteiligte.links import gone
from syncapp.entities.beteiligte.probes import neutral, remote_metadata
from syncapp.entities.beteiligte.read import read
from syncapp.entities.beteiligte.result import result_of
from syncapp.entities.beteiligte.snapshot import Reading
from syncapp.entities.beteiligte.sweep_steps import SWEEP_STEPS
from syncapp.entities.beteiligte.writing.espocrm_status import show_failure
from syncapp.models import Control, InboxElement, SyncRecord
from syncapp.models import Result as InboxResult
from syncapp.remotes.http.errors import Misconfigured, RemoteError

WAITING = Prepared(
    lambda record_id, result: InboxElement.objects.filter(record_id=record_id, result=result).order_by("pk"),
    "record_id",
    "result",
)


class Beteiligte(registry.Entity):
    """See engine/registry.py for what each of these is asked for."""

    name = "beteiligte"
    model = SyncRecord
    job = job_queue.SYNC_JOB
    queue = QueueName.SWEEP
    urgent_queue = QueueName.URGENT
    systems = SYSTEMS
    sides = tuple(Side)
    in_use = True
    read = staticmethod(read)
    check = staticmethod(check)
    apply = staticmethod(apply)
    result_of = staticmethod(result_of)
    show_failure = staticmethod(show_failure)
    sweep_steps = SWEEP_STEPS

    def session(self) -> AbstractContextManager[None]:
        return remote_metadata.at_one_reading()

    def probe(self, system: str) -> RemoteError | None:
        return neutral.trouble_before_a_run(system, configured_clients())

    def answers(self, system: str, tools: Tools) -> bool:
        return neutral.trouble_of(system, tools.clients) is None

    def equip(self, calls: CallLog) -> Tools:
        """The mapping comes from EspoCRM's metadata (kept for a day); settings that contradict it stop everything."""
        try:
            tools = remote_metadata.configured_tools()
        except FieldMapError as error:
            raise Misconfigured(str(error), system=System.ESPOCRM, operation="GET Metadata") from error
        return Tools(tools.clients.counted_by(calls), tools.field_map)

    def before_lease(self, row: SyncRecord, tools: Tools) -> None:
        gone.look_for_restored(row, clients=tools.clients)

    def may_write(self, row: SyncRecord, switches: Control, tools: Tools) -> bool:
        names = (row.name if tools.field_map.person else "", row.base_espo.get("name") or "")
        return control.writes_allowed(control=switches, identity=row.espo_id, names=names)

    def plan(self, reading: Reading) -> RecordPlan:
        return plan_record(reading.snapshot)

    def also_asked(self) -> Q:
        """Counts as deleted in EspoCRM and has been named since: one GET tells whether it is back."""
        return Q(status=Status.DELETED_IN_ESPOCRM, requested__gt=F("completed"), hold="")

    def waiting(self, row: SyncRecord) -> list[InboxElement]:
        return WAITING.rows(record_id=row.pk, result=InboxResult.WAITING.value)

    def close_inbox(self, row: SyncRecord) -> None:
        mine = InboxElement.objects.filter(record=row)
        # Values of what belongs to nobody are not kept: they bear an id by which no person's erasure would find them.
        mine.exclude(kind="").update(attributes={})
        mine.update(result=InboxResult.UNKNOWN)

    def judge_waiting(self, row: SyncRecord, tools: Tools) -> list[tuple[InboxElement, Judged]]:
        """Read within the bound of one delivery, however many have come: the closing transaction must not wait."""
        elements = self.waiting(row)
        own = [one for one in elements if not one.kind]
        said = read_all(((one.action, one.attributes) for one in own), tools.field_map)
        judged = [
            (one, judged_as(read, one.attributes, tools.field_map, row, in_commit=True))
            for one, read in zip(own, said, strict=True)
        ]
        return judged + judge_waiting([one for one in elements if one.kind], row)

    def refresh(self, row: SyncRecord, as_found: SyncRecord) -> None:
        texts.refresh(row, before=texts.parts_of(as_found))


registry.register(Beteiligte(), usual=True)
