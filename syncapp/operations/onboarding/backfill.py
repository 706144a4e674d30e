"""The first load: every record of EspoCRM once, in the order in which they were created.

Invariant: the progress row moves after a portion is done, so that a load that was stopped anyhow goes on where it was;
doing a portion again does no harm. Each record is synced by the same run as after a webhook, with the same guards.
Memory is that of one portion and of one page of EspoCRM's list, which is read while the portion is dealt with. A
preview reads everything, remembers each betNr it has seen, and writes nothing but its own progress row.
To extend: what becomes of a record in a preview is a FirstLoadAction (previews/first_load_preview.py); what a run does
is `_sync`.
"""

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from syncapp.core.beteiligte.plan import BETNR_HIDDEN
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.guards import GuardKind
from syncapp.core.requests import Source, Trigger
from syncapp.core.states import Event, Status
from syncapp.engine import batch, breaker, control, guards
from syncapp.engine.rows.one_writer import in_turn
from syncapp.engine.rows.requests import Requests
from syncapp.engine.runs.sync_record import Ended, Order
from syncapp.entities.beteiligte.clients import SYSTEMS, configured_clients
from syncapp.entities.beteiligte.intake import records_of
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.read import PROVING
from syncapp.entities.beteiligte.snapshot import is_betnr_hidden, is_in_pilot
from syncapp.models import BackfillRun, Mode, OperatorLog, SyncRecord
from syncapp.operations.previews.bulk_preview import BulkPreview
from syncapp.operations.previews.first_load_preview import FirstLoadPreview, foresee
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.espocrm.times import spelled_time
from syncapp.remotes.http.errors import NotFound, RemoteError
from syncapp.words.plain_errors import PlainError, in_words

# A portion is what takes about five seconds: progress and pace are kept at its end, where all wait for the last.
SECONDS_A_PORTION = 5.0
SMALLEST, LARGEST = 50, 500
PAGE = 200  # of EspoCRM's list
AT_WORK = timedelta(minutes=2)
# Ids of one and the same second that are remembered; a load that was stopped in a greater crowd reads it again.
CROWD = 2000
LOOK_AGAIN_SECONDS = 15.0


class Watcher:
    """Who wants to know how it goes; every method may be left as it is."""

    def total(self, number: int) -> None: ...
    def moved(self, run: BackfillRun) -> None: ...
    def foreseen(self, preview: FirstLoadPreview) -> None: ...
    def waiting(self, why: str) -> None: ...


@dataclass
class Load:
    """One load. `per_minute`: at most so many records; 0: as fast as it goes."""

    by: str
    create: bool = False
    preview: bool = False
    per_minute: int = 600
    wait: bool = True
    watcher: Watcher = field(default_factory=Watcher)
    sleep: Callable[[float], None] = time.sleep

    def run(self, *, restart: bool = False) -> BackfillRun:
        """Until all is done. Raises PlainError where it has to stop; the next call goes on."""
        if not self.preview:
            _refuse_unless_live()
        row = _row(self, restart=restart)
        with in_words():
            self.watcher.total(_count(row))
            work = _Preview(self) if self.preview else _Sync(self)
            with closing(_read_ahead(_rows_after(row))) as rows:
                self._deal_with(rows, work, row)
        return _end(row)

    def _deal_with(self, rows: Iterator[EspoEntity], work: "_Preview | _Sync", row: BackfillRun) -> None:
        size = SMALLEST  # how long one takes shows then
        while portion := list(islice(rows, work.most(size))):
            started = time.monotonic()
            found = work.deal_with(portion)
            _move(row, portion, found)
            self.watcher.moved(row)
            seconds = time.monotonic() - started
            self._slow_down(len(portion), seconds)
            size = self._portion(seconds / len(portion))

    def _portion(self, seconds: float) -> int:
        """Records of the next portion, where one has taken so many seconds."""
        each = max(seconds, 60 / self.per_minute if self.per_minute else 0.0)
        return max(SMALLEST, int(min(LARGEST, SECONDS_A_PORTION / each if each else LARGEST)))

    def _slow_down(self, records: int, seconds: float) -> None:
        if self.per_minute:
            self.sleep(max(0.0, records * 60 / self.per_minute - seconds))


class _Preview:
    """Reads both sides of everything; nothing is written."""

    def __init__(self, load: Load) -> None:
        self.load, self.both = load, BulkPreview()
        self._betnrs: set[int] = set()

    def most(self, _size: int) -> int:
        return SMALLEST

    def deal_with(self, rows: list[EspoEntity]) -> Counter[str]:
        found: Counter[str] = Counter()
        shown = {row.id: _betnr(row) for row in rows}
        for pair in self.both.pairs(list(shown), hints=shown):
            seen = foresee(pair, create=self.load.create)
            if seen.betnr in self._betnrs:
                seen = seen.as_duplicate()
            elif seen.betnr is not None:
                self._betnrs.add(seen.betnr)
            self.load.watcher.foreseen(seen)
            found[seen.action.value] += 1
            found.update(seen.lists)
        return found


class _Sync:
    """Has each record synced by a run; what waits for a person is left to a person."""

    def __init__(self, load: Load) -> None:
        self.load = load

    def most(self, size: int) -> int:
        """With creates a quarter of what the guard allows: all of it is free only where nobody else creates."""
        return min(size, max(1, settings.SYNC_GUARD_MAX_CREATES // 4)) if self.load.create else size

    def deal_with(self, rows: list[EspoEntity]) -> Counter[str]:
        _refuse_unless_live()
        left_out: Counter[str] = Counter()
        ours = SyncRecord.objects.filter(espo_id__in=[row.id for row in rows]).only("espo_id", "betnr", "hold")
        known = {record.espo_id: record for record in ours}
        released: dict[str, bool] = {}
        field_map = remote_metadata.field_map()  # once for all of them: it is a query
        for row in rows:
            record = known.get(row.id)
            unlinked = _betnr(row) is None and (record is None or record.betnr is None)
            if not is_in_pilot(row, field_map):
                left_out["not_in_pilot"] += 1
            elif record is not None and record.hold:
                left_out["held"] += 1
            elif unlinked and is_betnr_hidden(row):
                left_out[BETNR_HIDDEN] += 1
            elif unlinked and not self.load.create:
                left_out["unlinked"] += 1
            else:
                released[row.id] = unlinked
        self._wait_for_guard(sum(released.values()))
        ids = self._asked(released)
        shown = {ids[row.id]: _betnr(row) for row in rows if row.id in ids}
        leaders = []
        for leader in _proving(shown):
            leaders.append(leader)
            self._sync([leader], shown)
        self._sync([record_id for record_id in shown if record_id not in leaders], shown)
        return left_out + _outcome(list(shown))

    def _asked(self, released: Mapping[str, bool]) -> dict[str, int]:
        """Our rows by EspoCRM's ids, each asked for once, all in one transaction; the creates of old records (True)
        are released by --create."""
        with in_turn():
            records = records_of(sorted(released))
            requests = Requests(SyncRecord, source=Source.COMMAND, now=timezone.now())
            for espo_id, is_create in released.items():
                record = records[espo_id]
                waits = record.status == Status.FAILED and record.kind in (ErrorKind.NEEDS_CONFIRMATION, "")
                requests.add(
                    record,
                    event=Event.RESET if waits else Event.CHANGED,
                    trigger=Trigger.CREATE if is_create else Trigger.SYNC_CHECK,
                    cause=f"first load: {self.load.by}",
                    **({"create_released": True} if is_create else {}),
                )
            requests.write()
        return {espo_id: record.pk for espo_id, record in records.items()}

    def _wait_for_guard(self, creates: int) -> None:
        """The guard on creates is respected by going no faster than it allows, and by leaving room for others: what
        is made in EspoCRM meanwhile would else be stopped by it, and with that all further creates."""
        limit = settings.SYNC_GUARD_MAX_CREATES
        while creates:
            room = guards.remaining(GuardKind.CREATES)
            if room is None or room >= min(creates + limit // 4, limit):
                return
            why = (
                f"{limit} creates within 15 minutes are allowed (SYNC_GUARD_MAX_CREATES), or the guard has stopped "
                "something; confirm the guard in the admin to go on at once"
            )
            if not self.load.wait:
                raise PlainError(why)
            self.load.watcher.waiting(why)
            self.load.sleep(LOOK_AGAIN_SECONDS)

    def _sync(self, ids: list[int], shown: Mapping[int, int | None]) -> None:
        """shown: the betNr of EspoCRM's list, so that both sides are read at once; the record itself has the word."""
        if not ids:
            return
        with remote_metadata.at_one_reading():
            ended = batch.sync_batch([Order(one, Source.COMMAND, forced=True, hint=shown.get(one)) for one in ids])
        if Ended.PAUSED in ended:
            raise PlainError("everything is paused; run the same command again to go on")
        # A run that opened the breaker itself was put back: it has to come again.
        if Ended.BREAKER_OPEN in ended or breaker.any_open(systems=SYSTEMS):
            raise PlainError("a system does not answer (see sync_status); run the same command again to go on")


def _proving(asked: Mapping[int, int | None]) -> Iterator[int]:
    """Records of {record: betNr} that go first, until one of them is known.

    A 404 counts as gone only where another number is readable; without any, a first record that Advoware does not
    know would look like a wrong address and end the load.
    """
    for record_id, betnr in asked.items():
        if SyncRecord.objects.filter(betnr__isnull=False, status__in=PROVING).exists():
            return
        if betnr is None:
            continue
        try:
            configured_clients().advoware.get(betnr)
        except NotFound:
            continue
        except RemoteError:
            return  # the run meets it too, and knows what it means
        yield record_id


def _outcome(ids: list[int]) -> Counter[str]:
    """{status, or kind of error where it failed: how many}"""
    rows = SyncRecord.objects.filter(pk__in=ids).order_by().values_list("status", "kind").annotate(Count("pk"))
    found: Counter[str] = Counter()
    for status, kind, number in rows:
        found[f"{status}: {kind}" if kind else status] += number
    return found


def _refuse_unless_live() -> None:
    mode = control.switches().mode
    if mode == Mode.PAUSED:
        raise PlainError("everything is paused; run the same command again when it goes on")
    if mode != Mode.LIVE:
        raise PlainError("the installation is in shadow: look at backfill --preview, then python manage.py mode live")


def _betnr(row: EspoEntity) -> int | None:
    value = row.attributes.get("betnr")
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


# --- progress


def unfinished(*, preview: bool) -> BackfillRun | None:
    return BackfillRun.objects.filter(preview=preview, ended_at=None).order_by("-pk").first()


def _row(load: Load, *, restart: bool) -> BackfillRun:
    row = unfinished(preview=load.preview)
    if row is not None and row.moved_at is not None and row.moved_at > timezone.now() - AT_WORK and row.by != load.by:
        raise PlainError(f"another one is at work since {row.started_at:%H:%M} UTC, by {row.by}")
    if row is not None and (restart or row.create != load.create):
        BackfillRun.objects.filter(pk=row.pk).update(ended_at=timezone.now())
        row = None
    if row is not None:
        BackfillRun.objects.filter(pk=row.pk).update(by=load.by, moved_at=timezone.now())
        return row
    row = BackfillRun.objects.create(preview=load.preview, create=load.create, by=load.by, moved_at=timezone.now())
    if not load.preview:
        action = "backfill --create" if load.create else "backfill"
        OperatorLog.objects.create(actor=load.by, action=action, count=0)
    return row


def _move(row: BackfillRun, portion: list[EspoEntity], found: Counter[str]) -> None:
    last = portion[-1].created_at
    at_mark = [one.id for one in portion if one.created_at == last]
    if last == row.mark:
        at_mark = [*row.at_mark, *at_mark]
    row.mark, row.at_mark = last or row.mark, at_mark if len(at_mark) <= CROWD else []
    row.seen += len(portion)
    row.counts = dict(Counter(row.counts) + found)
    row.moved_at = timezone.now()
    row.save(update_fields=["mark", "at_mark", "seen", "counts", "moved_at", "total"])


def _end(row: BackfillRun) -> BackfillRun:
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    if not row.preview:
        result = ", ".join(f"{number} {name}" for name, number in row.counts.items())
        OperatorLog.objects.create(actor=row.by, action="backfill ended", count=row.seen, result=result)
    return row


# --- EspoCRM's list


def _count(row: BackfillRun) -> int:
    page = configured_clients().espocrm.list_page(select=("id",), max_size=1)
    row.total = page.total or 0
    return row.total


def _rows_after(row: BackfillRun) -> Iterator[EspoEntity]:
    """Every record from where the load was, in the order of creation, which no write of ours moves."""
    clients = configured_clients()
    field_map, done = remote_metadata.field_map(espocrm=clients.espocrm), frozenset(row.at_mark)
    # A pilot goes by what the record is called on either side, which need not be EspoCRM's own `name`.
    names = dict.fromkeys(("name", field_map.espo_names["name"], field_map.company_espo_name or "name"))
    found = clients.espocrm.iterate(where=_from(row.mark), select=(*names, "betnr"), order_by="createdAt")
    return (one for one in found if one.id not in done)


def _read_ahead(rows: Iterable[EspoEntity]) -> Generator[EspoEntity, None, None]:
    """The same rows; while a page of them is dealt with, the next one is fetched."""
    rows = iter(rows)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-list") as beside:
        coming = beside.submit(lambda: list(islice(rows, PAGE)))
        while page := coming.result():
            coming = beside.submit(lambda: list(islice(rows, PAGE)))
            yield from page


def _from(mark: datetime | None) -> list[dict[str, object]]:
    if mark is None:
        return []
    return [{"type": "greaterThanOrEquals", "attribute": "createdAt", "value": spelled_time(mark)}]
