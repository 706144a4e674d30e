"""Looking at both sides. Reads only; what cannot be read is an error that says what it means for the record.

Invariant: a record counts as gone only on proof: EspoCRM names it as missing, Advoware knows another number meanwhile.
"""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from http import HTTPStatus

from django.db.models import F

from syncapp.core.beteiligte.field_table import Values
from syncapp.core.beteiligte.validation import Fault
from syncapp.core.states import Status
from syncapp.core.systems import System
from syncapp.engine.run import Clients, GoneInAdvoware, GoneInEspocrm, Run
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.client import Beteiligter
from syncapp.remotes.espocrm.client import EspoRecord
from syncapp.remotes.http.errors import Forbidden, Misconfigured, NotFound
from syncapp.remotes.http.exchange import LARGEST_NUMBER

# Other numbers that are asked before a 404 counts for a wrong address: several records may vanish at once.
PROOFS = 3
# Those under way in the same batch prove it too: in a first load there are no others yet.
PROVING = (Status.CLEAN, Status.DIRTY, Status.CONFLICT, Status.SYNCING)
READERS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="read-espocrm")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Both sides as read just now; `advo` is None where the record is not linked."""

    espo: EspoRecord
    advo: Beteiligter | None
    espo_values: Values
    advo_values: Values

    @property
    def betnr_in_espocrm(self) -> int | None:
        value = self.espo.attributes.get("betnr")
        usable = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_NUMBER
        return value if usable and isinstance(value, int) else None

    @property
    def faults(self) -> list[Fault]:
        """A betnr that is neither empty nor a number: creating a Beteiligter for it would make a double."""
        is_empty = not self.espo.attributes.get("betnr")
        return [] if is_empty or self.betnr_in_espocrm is not None else [Fault("betnr", "no_betnr")]


def look(run: Run) -> Snapshot:
    """Read both sides, at the same time where the Beteiligter is known already."""
    record = run.record
    if record.betnr is None:
        espo = read_espocrm(run.clients, record.espo_id)
        run.espo_read = espo
        return Snapshot(espo, None, run.field_map.read_espo(espo.attributes), {})
    if run.espo_row is not None:
        run.espo_read = run.espo_row
        return both(run, run.espo_row, read_advoware(run.clients, record, record.betnr))
    # With what is bound for the log lines of this run.
    future = READERS.submit(copy_context().run, read_espocrm, run.clients, record.espo_id)
    missing: Exception | None = None
    advo: Beteiligter | None = None
    try:
        advo = read_advoware(run.clients, record, record.betnr)
    except (GoneInAdvoware, Misconfigured) as error:
        missing = error
    finally:
        # Read in any case: a record that is gone in EspoCRM is gone whatever Advoware says.
        espo = future.result()
        run.espo_read = espo
    if advo is not None:
        return both(run, espo, advo)
    alone = Snapshot(espo, None, run.field_map.read_espo(espo.attributes), {})
    if missing is not None and relinked_to(record, alone) is None:
        raise missing
    return alone  # somebody has linked the record to another number, which is read next


def relinked_to(record: SyncRecord, seen: Snapshot) -> int | None:
    """The betNr that somebody has set in EspoCRM; None if it shows ours, none, or one that we wrote before."""
    theirs = seen.betnr_in_espocrm
    if theirs == record.betnr or (record.linked and theirs == record.espocrm_status.get("betnr")):
        return None
    return theirs


def both(run: Run, espo: EspoRecord, advo: Beteiligter) -> Snapshot:
    """A look made of two answers."""
    return Snapshot(espo, advo, run.field_map.read_espo(espo.attributes), run.field_map.read_advo(advo.raw))


def read_espocrm(clients: Clients, espo_id: str) -> EspoRecord:
    try:
        return clients.espocrm.get(espo_id)
    except NotFound:
        raise GoneInEspocrm from None


def see_advoware_alive(run: Run) -> None:
    """Before a POST: one GET unless Advoware has just answered somebody; raises where that fails.

    A create that is lost leaves a record in doubt; a GET that is lost costs a later try. Asked is a Beteiligter that we
    know, since that is what is to be created; else the list of legal forms, and whoever refuses that does answer.
    """
    if run.clients.advoware.seen_alive:
        return
    known = SyncRecord.objects.filter(betnr__isnull=False, status__in=PROVING).order_by(
        F("last_check").desc(nulls_last=True)
    )
    betnr = known.values_list("betnr", flat=True).first()
    if betnr is not None and _readable(run.clients, betnr):
        return
    try:
        run.clients.advoware.rechtsformen()
    except Forbidden:
        return
    except Misconfigured as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def read_advoware(clients: Clients, record: SyncRecord, betnr: int) -> Beteiligter:
    """The Beteiligter. A 404 counts only if another known number is readable: else the address is wrong."""
    try:
        return clients.advoware.get(betnr)
    except NotFound as missing:
        others = (
            SyncRecord.objects.filter(betnr__isnull=False, status__in=PROVING)
            .exclude(pk=record.pk)
            .order_by(F("last_check").desc(nulls_last=True))
            .values_list("betnr", flat=True)[:PROOFS]
        )
        if not any(_readable(clients, other) for other in others if other is not None):
            reason = (
                "answers 404 for this betNr, and no other known betNr is readable to prove that the address is right"
            )
            raise Misconfigured(
                reason, system=System.ADVOWARE, operation=missing.operation, status=missing.status
            ) from missing
        raise GoneInAdvoware from None


def _readable(clients: Clients, betnr: int) -> bool:
    try:
        clients.advoware.get(betnr)
    except NotFound:
        return False
    return True
