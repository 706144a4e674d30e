"""Looking at many pairs: both sides as they are and what the next run would make of them. Writes nothing remote.

Invariant: GETs only; a pair's trouble is a word in its row and never stops the others, but trouble with a system as a
whole (login, address) ends the survey, since it would be the same for every pair. Memory is that of one portion.
To extend: who needs more of a pair than it says adds a field to Pair.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.db import connections

from syncapp.core.beteiligte.field_table import FieldMap
from syncapp.core.errors import Opens, kind_row
from syncapp.core.kommunikation import ContactPlan
from syncapp.engine.run import Clients, GoneInAdvoware, GoneInEspocrm
from syncapp.engine.sync_record import configured_clients
from syncapp.entities.beteiligte import remote_metadata
from syncapp.entities.beteiligte.claims import holds, remembered_holder
from syncapp.entities.beteiligte.decide import Decision, decide
from syncapp.entities.beteiligte.parts.kommunikation import contact_plan
from syncapp.entities.beteiligte.read import Snapshot
from syncapp.models import SyncRecord
from syncapp.operations.previews.dry_run import look_ahead
from syncapp.remotes.http.errors import RemoteError
from syncapp.words.plain_errors import in_words, remote_sentence

PORTION = 50
# So many pairs in a row that cannot be read mean that the system is away, not the pairs.
GIVE_UP_AFTER = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """One record as both sides show it. `trouble`: gone_in_espocrm, gone_in_advoware, duplicate, unreadable or ""."""

    record: SyncRecord
    look: Snapshot | None = None
    decision: Decision | None = None
    contacts: ContactPlan | None = None
    trouble: str = ""
    words: str = ""

    @property
    def betnr(self) -> int | None:
        """The number that counts: ours, or the one that EspoCRM shows."""
        shown = self.look.betnr_in_espocrm if self.look else None
        return self.record.betnr if self.record.betnr is not None else shown


class BulkPreview:
    """Reads pairs portion by portion, several at a time, and lets the run's own code judge them."""

    def __init__(self, *, parallel: int | None = None) -> None:
        with in_words():
            self.clients: Clients = configured_clients()
            self.field_map: FieldMap = remote_metadata.field_map(espocrm=self.clients.espocrm)
            self.own_user_id = remote_metadata.own_user_id(espocrm=self.clients.espocrm)
            self.rechtsformen = remote_metadata.rechtsformen(advoware=self.clients.advoware)
        self._parallel = max(1, parallel or settings.SYNC_PARALLEL)
        self._unread = 0

    def pairs(self, espo_ids: Iterator[str] | Sequence[str]) -> Iterator[Pair]:
        """Every pair, in the order given."""
        waiting = iter(espo_ids)
        with ThreadPoolExecutor(max_workers=self._parallel, thread_name_prefix="survey") as pool:
            while portion := list(islice(waiting, PORTION)):
                known = {row.espo_id: row for row in SyncRecord.objects.filter(espo_id__in=portion)}
                records = [known.get(espo_id) or SyncRecord(espo_id=espo_id) for espo_id in portion]
                for record, read in zip(records, pool.map(self._read, records), strict=True):
                    yield self._judged(record, read)

    def pair(self, espo_id: str) -> Pair:
        return next(self.pairs([espo_id]))

    def _read(self, record: SyncRecord) -> Snapshot | Exception:
        """In a thread of its own: both systems are asked, nothing is decided."""
        try:
            return look_ahead(record, self.clients, self.field_map)
        except (RemoteError, GoneInEspocrm, GoneInAdvoware) as error:
            return error
        finally:
            connections.close_all()

    def _judged(self, record: SyncRecord, read: Snapshot | Exception) -> Pair:
        if isinstance(read, Snapshot):
            self._unread = 0
            try:
                return self._decided(record, read)
            except RemoteError as error:
                return Pair(record, trouble="unreadable", words=remote_sentence(error))
        if isinstance(read, GoneInEspocrm):
            return Pair(record, trouble="gone_in_espocrm")
        if isinstance(read, GoneInAdvoware) or (isinstance(read, RemoteError) and read.status == 404):
            # Without another number to prove it, a run would call the address wrong; a survey only says what it saw.
            return Pair(record, trouble="gone_in_advoware")
        if not isinstance(read, RemoteError):
            raise read
        self._unread += 1
        if kind_row(read.kind).opens is Opens.AT_ONCE or self._unread >= GIVE_UP_AFTER:
            with in_words():
                raise read
        return Pair(record, trouble="unreadable", words=remote_sentence(read))

    def _decided(self, record: SyncRecord, look: Snapshot) -> Pair:
        if look.advo is None:
            # What a create would be followed by: the plan against a Beteiligter without contact points.
            return Pair(record, look, contacts=contact_plan(record=record, look=look, decision=None))
        other = remembered_holder(record, look.advo.bet_nr)
        if other is not None and holds(other, look.advo.bet_nr, self.clients.espocrm):
            return Pair(record, look, trouble="duplicate", words=other.espo_id)
        decision = decide(record=record, look=look, field_map=self.field_map, own_user_id=self.own_user_id)
        return Pair(record, look, decision, contact_plan(record=record, look=look, decision=decision))
