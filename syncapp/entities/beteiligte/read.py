"""Reading both sides. What cannot be read is an error that says what it means for the record.

Invariant: a record counts as gone only on proof: EspoCRM names it as missing, Advoware knows another number meanwhile.
It counts as refused only while Advoware grants something else.
A run and a preview read alike; only a run commits a new link, and shows that it is at work.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass, replace
from functools import partial

from django.conf import settings
from django.db.models import F

from syncapp.core.sides import Side
from syncapp.core.states import Status
from syncapp.core.systems import System
from syncapp.engine.runs.run import RunLog
from syncapp.engine.runs.steps import Step
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.links import claims, gone
from syncapp.entities.beteiligte.probes import neutral
from syncapp.entities.beteiligte.snapshot import Both, EspoReading, NewLink, Reading, betnr_in, reading_of
from syncapp.entities.beteiligte.writing.espocrm_status import show_syncing
from syncapp.models import SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.http.errors import Forbidden, Misconfigured, NotFound, NotFoundPage, RemoteError

# Other numbers that are asked before a 404 counts for a wrong address: several records may vanish at once.
PROOFS = 3
NO_PROOF = "shows nothing for this betNr, and no other known betNr is readable to prove that the address is right"
# Those under way in the same batch prove it too: in a first load there are no others yet.
PROVING = (Status.CLEAN, Status.DIRTY, Status.CONFLICT, Status.SYNCING)
READERS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="read-espocrm")


@dataclass(frozen=True, slots=True)
class Gone:
    """That side does not know the record any more, confirmed. `espo`: where EspoCRM still shows it."""

    side: Side
    espo: EspoEntity | None = None
    link: NewLink | None = None


def read(context: Context, log: RunLog) -> Reading | Step:
    """Both sides, for a run."""
    row, clients = context.row, context.tools.clients

    def shown(espo: EspoEntity) -> None:
        log.shown.append(espo)
        log.seen.append(EspoReading(espo, context.tools.field_map, context.control))

    both = read_both(row, clients, stand_in=context.stand_in, hint=context.hint, shown=shown)
    if both.link is not None:
        taken = claims.relink(context, both.link.betnr, taken_from=both.link.taken_from)
        if taken is not None:
            return taken
    if isinstance(both, Gone):
        return gone.verdict(context, log, both.side)
    from_both = partial(reading_of, row, tools=context.tools, control=context.control)
    reading = from_both(both)
    if not settings.ESPOCRM_SHOW_SYNCING or not reading.may_write or context.is_held(Side.espocrm):
        return reading
    after = show_syncing(context, log, reading)
    return after if isinstance(after, Step) else from_both(replace(both, espo=after))


def read_both(
    row: SyncRecord,
    clients: Clients,
    *,
    stand_in: EspoEntity | None = None,
    hint: int | None = None,
    shown: Callable[[EspoEntity], object] = lambda _espo: None,
) -> Both | Gone:
    """GETs only. At the same time where the Beteiligter is known already.

    stand_in: a list row in place of EspoCRM's record. hint: the betNr that a record without link will probably show
    there: it is read ahead, and counts only if the record itself names it. shown: told what EspoCRM shows, also where
    Advoware fails.
    """
    if row.betnr is None:
        return _first_read(row, clients, hint, shown)
    espo, advo, trouble = _answers(row, row.betnr, clients, stand_in)
    if espo is None:
        return Gone(Side.espocrm)
    shown(espo)
    theirs = relinked_to(row, espo)
    if theirs is not None:
        return _newly_linked(row, clients, espo, theirs)
    if claims.was_emptied(row, espo) and claims.claimant(row, clients.espocrm) is not None:
        return Both(espo, None, NewLink(None))
    if trouble is not None:
        raise trouble
    return Gone(Side.advoware, espo) if row.linked and advo is None else Both(espo, advo)


def _first_read(
    row: SyncRecord, clients: Clients, hint: int | None, shown: Callable[[EspoEntity], object]
) -> Both | Gone:
    """Of a record that is tied to no Beteiligter: whether there is one, only EspoCRM's record says."""
    ahead = None if hint is None else READERS.submit(copy_context().run, clients.advoware.get, hint)
    try:
        espo = find_espocrm(clients, row.espo_id)
    finally:
        if ahead is not None:
            wait([ahead])  # also where it is not wanted: no call of a run goes on after its end
    if espo is None:
        return Gone(Side.espocrm)
    shown(espo)
    theirs = relinked_to(row, espo)
    if theirs is None:
        return Both(espo)
    return _newly_linked(row, clients, espo, theirs, ahead if theirs == hint else None)


def _newly_linked(
    row: SyncRecord, clients: Clients, espo: EspoEntity, betnr: int, ahead: "Future[AdvowareBeteiligter] | None" = None
) -> Both | Gone:
    """The Beteiligter that somebody has set in EspoCRM, unless another record holds it. ahead: Advoware's answer."""
    other = claims.remembered_holder(row, betnr)
    if other is not None and claims.holds(other, betnr, clients.espocrm):
        return Both(espo, betnr_of_other=other.espo_id)
    link, advo = NewLink(betnr, other), find_advoware(clients, row, betnr, ahead)
    return Gone(Side.advoware, espo, link) if advo is None else Both(espo, advo, link)


def _answers(
    row: SyncRecord, betnr: int, clients: Clients, stand_in: EspoEntity | None
) -> tuple[EspoEntity | None, AdvowareBeteiligter | None, RemoteError | None]:
    """EspoCRM's and Advoware's answer, None where that side does not know it; and what went wrong with Advoware."""
    # With what is bound for the log lines of this run.
    future = None if stand_in else READERS.submit(copy_context().run, find_espocrm, clients, row.espo_id)
    advo, trouble = None, None
    try:
        advo = find_advoware(clients, row, betnr)
    except RemoteError as error:
        trouble = error
    finally:
        # Read in any case: a record that is gone in EspoCRM is gone whatever Advoware says.
        espo = future.result() if future else stand_in
    return espo, advo, trouble


def relinked_to(row: SyncRecord, espo: EspoEntity) -> int | None:
    """The betNr that somebody has set in EspoCRM; None if it shows ours, none, or one that we wrote before."""
    theirs = betnr_in(espo)
    if theirs == row.betnr or (row.linked and theirs == row.espocrm_status.get("betnr")):
        return None
    return theirs


def find_espocrm(clients: Clients, espo_id: str) -> EspoEntity | None:
    """EspoCRM's record; None if it names it as missing."""
    try:
        return clients.espocrm.get(espo_id)
    except NotFound:
        return None


def find_advoware(
    clients: Clients, row: SyncRecord, betnr: int, ahead: "Future[AdvowareBeteiligter] | None" = None
) -> AdvowareBeteiligter | None:
    """The Beteiligter. That there is none (404, or nothing shown) counts (None) only if another known number is
    readable: else the address is wrong. Nor is the record at fault where Advoware refuses everything.

    ahead: the answer to the very same question, where it has been asked already.
    """
    try:
        return ahead.result() if ahead is not None else clients.advoware.get(betnr)
    except Forbidden as refusal:
        raise neutral.refuses_everything(clients) or refusal from None
    except Misconfigured as refusal:
        raise neutral.of_one(refusal, betnr, clients) from None
    except NotFound as missing:
        others = (
            SyncRecord.objects.filter(betnr__isnull=False, status__in=PROVING)
            .exclude(pk=row.pk)
            .order_by(F("last_check").desc(nulls_last=True))
            .values_list("betnr", flat=True)[:PROOFS]
        )
        known = [other for other in others if other is not None] or neutral.named_in_espocrm(clients)
        if any(_readable(clients, other) for other in known if other != betnr):
            return _found_after_all(clients, betnr) if isinstance(missing, NotFoundPage) else None
        raise Misconfigured(
            NO_PROOF, system=System.ADVOWARE, operation=missing.operation, status=missing.status
        ) from missing


def _found_after_all(clients: Clients, betnr: int) -> AdvowareBeteiligter | None:
    """A web page may be of a server in front, while Advoware was on its way back: asked again now that it answers."""
    try:
        return clients.advoware.get(betnr)
    except NotFound:
        return None


def _readable(clients: Clients, betnr: int) -> bool:
    try:
        clients.advoware.get(betnr)
    except (NotFound, Forbidden):
        return False
    except Misconfigured as refusal:
        if refusal.status not in neutral.REFUSES_ONE:
            raise
        return False
    return True
