"""Looking at many pairs: both sides as they are and what the next run would make of them. Writes nothing remote.

Invariant: GETs only; a pair's trouble is a word in its row and never stops the others, but trouble with a system as a
whole (login, address) ends the preview, since it would be the same for every pair. Memory is that of one portion.
To extend: who needs more of a pair than it says adds a field to Pair.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from django.conf import settings
from django.db import connections

from syncapp.core.beteiligte.plan import RecordPlan
from syncapp.core.faults.errors import ErrorKind, Opens, kind_row
from syncapp.core.sides import Side
from syncapp.engine import control
from syncapp.entities.beteiligte.preview import preview_of
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.read import Gone, read_both
from syncapp.entities.beteiligte.snapshot import Both, Reading
from syncapp.models import SyncRecord
from syncapp.remotes.http.errors import RemoteError
from syncapp.words.plain_errors import in_words, remote_sentence

PORTION = 50
# So many pairs in a row that cannot be read mean that the system is away, not the pairs.
GIVE_UP_AFTER = 20
NO_HINTS: Mapping[str, int | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Pair:
    """One record as both sides show it. `trouble`: gone_in_espocrm, gone_in_advoware, duplicate, unreadable or ""."""

    record: SyncRecord
    reading: Reading | None = None
    plan: RecordPlan | None = None
    trouble: str = ""
    words: str = ""

    @property
    def betnr(self) -> int | None:
        """The number that counts: ours, or the one that EspoCRM shows."""
        shown = self.reading.snapshot.espo.betnr if self.reading else None
        return self.record.betnr if self.record.betnr is not None else shown


class BulkPreview:
    """Reads pairs portion by portion, several at a time, and lets the run's own code judge them."""

    def __init__(self, *, parallel: int | None = None) -> None:
        with in_words():
            self._tools = remote_metadata.configured_tools()
            clients = self._tools.clients
            remote_metadata.read_all(espocrm=clients.espocrm, advoware=clients.advoware)
        self._switches = control.switches()
        self._parallel = max(1, parallel or settings.SYNC_PARALLEL)
        self._unread = 0

    def pairs(
        self, espo_ids: Iterator[str] | Sequence[str], *, hints: Mapping[str, int | None] = NO_HINTS
    ) -> Iterator[Pair]:
        """Every pair, in the order given. hints: by id, the betNr that a list has shown (see `read_both`)."""
        waiting = iter(espo_ids)
        with ThreadPoolExecutor(max_workers=self._parallel, thread_name_prefix="bulk-preview") as pool:
            while portion := list(islice(waiting, PORTION)):
                known = {row.espo_id: row for row in SyncRecord.objects.filter(espo_id__in=portion)}
                records = [known.get(espo_id) or SyncRecord(espo_id=espo_id) for espo_id in portion]
                for record, read in zip(records, pool.map(self._read, records, map(hints.get, portion)), strict=True):
                    yield self._judged(record, read)

    def pair(self, espo_id: str) -> Pair:
        return next(self.pairs([espo_id]))

    def _read(self, record: SyncRecord, hint: int | None) -> Both | Gone | RemoteError:
        """In a thread of its own: both systems are asked, nothing is decided."""
        try:
            return read_both(record, self._tools.clients, hint=hint)
        except RemoteError as error:
            return error
        finally:
            connections.close_all()

    def _judged(self, record: SyncRecord, read: Both | Gone | RemoteError) -> Pair:
        if isinstance(read, RemoteError) and read.status == 404:
            # Without another number to prove it, a run would call the address wrong; a preview only says what it saw.
            return Pair(record, trouble="gone_in_advoware")
        if isinstance(read, RemoteError):
            return self._not_read(record, read)
        try:
            pair = self._planned(record, read)
        except RemoteError as error:  # of a list that is an entity of its own, asked for while the plan is made
            return self._not_read(record, error)
        self._unread = 0
        return pair

    def _not_read(self, record: SyncRecord, error: RemoteError) -> Pair:
        self._unread += 1
        if kind_row(error.kind).opens is Opens.AT_ONCE or self._unread >= GIVE_UP_AFTER:
            with in_words():
                raise error
        return Pair(record, trouble="unreadable", words=remote_sentence(error))

    def _planned(self, record: SyncRecord, read: Both | Gone) -> Pair:
        seen = preview_of(record, read, tools=self._tools, control=self._switches)
        if seen.gone is not None:
            return Pair(record, trouble="gone_in_espocrm" if seen.gone is Side.espocrm else "gone_in_advoware")
        refusal = seen.plan.refusal if seen.plan else None
        if refusal is not None and refusal.kind is ErrorKind.DUPLICATE_LINK:
            return Pair(record, seen.reading, trouble="duplicate", words=str(refusal.params["other"]))
        return Pair(record, seen.reading, seen.plan)
