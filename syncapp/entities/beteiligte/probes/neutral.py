"""A neutral question to each system: does it work, apart from the records that are in trouble just now?

Asked before five failures in a row are taken for a failure of the system, and before an open breaker closes: a record
whose own content makes a system stumble must neither stop all others nor be what decides that the system is back.
Invariant: GETs only, of what is known to be well; a refusal of one object is an answer too. A wrong login or address is
none, nor is a refusal of everything that can be asked for. To extend: a further system is a row of QUESTIONS.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus

from syncapp.core.beteiligte.field_table import FieldMapError
from syncapp.core.faults.errors import ErrorKind, Opens, kind_row
from syncapp.core.states import Status
from syncapp.core.systems import System
from syncapp.engine import breaker
from syncapp.entities.beteiligte.clients import Clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.entities.beteiligte.snapshot import betnr_in
from syncapp.models import SyncRecord
from syncapp.remotes.http.errors import AuthFailed, Forbidden, Invalid, Misconfigured, RemoteError, Where

# One of them could have been deleted, or be the next to make Advoware stumble.
KNOWN_ONES = 2
NAMED_ONES = 4
# A wrong address, or a login without rights, says it of every object.
SAID_OF_ALL = frozenset({ErrorKind.NOT_FOUND, ErrorKind.FORBIDDEN})
# Of a read: the number, or what stands behind it; or every question of ours, which others prove wrong.
REFUSES_ONE = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
NO_RIGHTS = "check the rights of ADVOWARE_USER in Advoware, and whether ADVOWARE_APP_ID is still released"


def _espocrm(clients: Clients) -> None:
    """The mapping, without which nothing can be read, and one row of the list."""
    remote_metadata.field_map(espocrm=clients.espocrm)
    clients.espocrm.list_page(select=("id",), max_size=1, no_total=True)


def _advoware(clients: Clients) -> None:
    """A Beteiligter of a record that is well; where there is none yet, the list of legal forms."""
    _any_of(_known(), clients, refused=False)


def _any_of(numbers: Iterable[int], clients: Clients, *, refused: bool) -> None:
    """One of these Beteiligte, or the list of legal forms.

    refused: a Beteiligter has been refused already. Where nothing else is granted either, the login is at fault.
    """
    silence: RemoteError | None = None
    for betnr in numbers:
        try:
            clients.advoware.get(betnr)
        except RemoteError as error:
            if error.kind not in SAID_OF_ALL and kind_row(error.kind).opens is Opens.NOTHING:
                return
            refused = refused or isinstance(error, Forbidden)
            silence = None if error.kind in SAID_OF_ALL else error
        else:
            return
    if silence is not None:
        raise silence
    try:
        clients.advoware.ping()
    except Forbidden as error:
        if refused:  # else: whoever refuses does answer
            where = Where(system=error.system, operation=error.operation, status=error.status, hint=NO_RIGHTS)
            raise AuthFailed("refuses everything", **where) from error


def refuses_everything(clients: Clients) -> AuthFailed | None:
    """After Advoware has refused one thing: what is wrong with the login, or None where others work."""
    try:
        _any_of(list(_known()) or named_in_espocrm(clients), clients, refused=True)
    except AuthFailed as trouble:
        return trouble
    except RemoteError:
        return None
    return None


def of_one(error: RemoteError, betnr: int, clients: Clients) -> RemoteError:
    """What went wrong with the read of one Beteiligter. Refused as such (400, 422), it is that record's own fault while
    others can be read; else the way in which we ask is wrong, and stops everything."""
    if not isinstance(error, Misconfigured) or error.status not in REFUSES_ONE:
        return error
    others = [other for other in list(_known()) or named_in_espocrm(clients) if other != betnr]
    try:
        _any_of(others, clients, refused=False)
    except RemoteError:
        return error
    where = Where(system=error.system, operation=error.operation, status=error.status, detail=error.detail)
    return Invalid(error.reason, **where)


def see_advoware_alive(clients: Clients) -> None:
    """Before a POST: the same question, unless Advoware has just answered somebody; raises where that fails.

    A create that is lost leaves a record in doubt; a GET that is lost costs a later try. An Advoware that knows no list
    of legal forms would otherwise never get its first Beteiligter.
    """
    if clients.advoware.seen_alive:
        return
    try:
        _advoware(clients)
    except Misconfigured as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise


def _known() -> Iterator[int]:
    well = SyncRecord.objects.filter(status=Status.CLEAN, betnr__isnull=False, last_check__isnull=False)
    newest = well.order_by("-last_check").values_list("betnr", flat=True)[:KNOWN_ONES]
    return (betnr for betnr in newest if betnr is not None)


def named_in_espocrm(clients: Clients) -> list[int]:
    """Numbers to ask for before anything is synced: without another one, the first record that Advoware does not show
    would pass for a failure of Advoware, and stay the first for good."""
    numbered: Mapping[str, object] = {"type": "isNotNull", "attribute": "betnr"}
    try:
        page = clients.espocrm.list_page(where=[numbered], select=("id", "betnr"), max_size=NAMED_ONES, no_total=True)
    except RemoteError:
        return []
    return [betnr for row in page.rows if (betnr := betnr_in(row)) is not None]


QUESTIONS: Mapping[System, Callable[[Clients], None]] = {System.ESPOCRM: _espocrm, System.ADVOWARE: _advoware}


def trouble_of(system: str, clients: Clients) -> RemoteError | None:
    """What is wrong with the system, whoever asks; None: it works for others, and what failed is at fault itself."""
    try:
        QUESTIONS[System(system)](clients)
    except RemoteError as error:
        return error
    except FieldMapError as error:
        return Misconfigured(str(error), system=System(system), operation="GET Metadata")
    return None


def trouble_before_a_run(system: str, clients: Clients) -> RemoteError | None:
    """The same, before a breaker closes. Without a Beteiligter that is well, an Advoware whose list of legal forms is
    not there, or closed to us, has nothing to answer, be address and login right or wrong: raises NobodyToAsk."""
    if system != System.ADVOWARE or next(_known(), None) is not None:
        return trouble_of(system, clients)
    try:
        clients.advoware.ping()
    except Forbidden as error:
        raise breaker.NobodyToAsk from error
    except RemoteError as error:
        if isinstance(error, Misconfigured) and error.status == HTTPStatus.NOT_FOUND:
            raise breaker.NobodyToAsk from error
        return error
    return None


def count_failure(error: RemoteError, clients: Clients) -> None:
    """A call outside a run went wrong: one more for the breaker, unless the system works for others."""
    breaker.failed(
        system=error.system,
        kind=error.kind,
        reason=error.reason,
        hint=error.hint,
        answers=lambda: trouble_of(error.system, clients) is None,
    )
