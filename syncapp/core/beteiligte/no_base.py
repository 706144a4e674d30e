"""Without a base: what the two systems' own time stamps and row ids say about who changed.

Purpose: records linked by an earlier system, a lost or restored database, a betnr set by hand: there is no ancestor to
compare with, only EspoCRM's bookkeeping of the last sync.
Invariant: nothing is assumed. A side counts as the only one that changed if the other one is certainly untouched;
what cannot be told is "both may have changed", where three_way_merge.py adopts, fills
and asks the policy, but never guesses.

| EspoCRM is      | because                                                      |
| touched         | a run that only showed a status there had found it touched   |
| untouched       | our API user made the last change, or it is not later than the last sync |
| touched         | somebody else changed it after the last sync                 |
| not to be told  | neither author nor times are known                           |

| Advoware is     | because                                                      |
| untouched       | its rowId is the one EspoCRM keeps; without rowIds: geaendertAm is not later than the last sync |
| touched         | its rowId is another; without rowIds: geaendertAm is later   |
| not to be told  | no rowId and no geaendertAm or last sync; or the hour that the clocks repeat in autumn |

A status that we show (a run that failed, or has begun) makes us the author of a change that carried nothing. So what
the record said before is kept (`espo_touched`); where nothing is kept, our name beside such a status proves nothing.

To extend: a further signal is one more line in `touched_in_espocrm` or `_advo_untouched` (None: it cannot tell).
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from syncapp.core.base import NoBase
from syncapp.core.beteiligte.snapshot import AdvowareSide, EspocrmSide
from syncapp.core.states import Status

# What holds where nothing is known: both sides may have changed.
NOTHING_KNOWN = NoBase(espo_touched=True, advo_touched=True, never_synced=True)
# Statuses that a PATCH of its own may have brought, without any data.
_SHOWN_ALONE = frozenset({Status.SYNCING, Status.FAILED, Status.PERMANENTLY_FAILED})


def no_base_signals(
    espo: EspocrmSide, advo: AdvowareSide, *, espo_touched: bool | None, own_user_id: str | None, time_zone: str
) -> NoBase:
    """The signals for one pair. espo_touched: see `touched_in_espocrm`. time_zone: that of Advoware's clock times."""
    if espo.last_sync is None and not espo.known_row_id:
        return NOTHING_KNOWN
    touched = touched_in_espocrm(espo, before=espo_touched, own_user_id=own_user_id)
    untouched = _advo_untouched(advo, espo, ZoneInfo(time_zone))
    if touched is None or untouched is None:
        # "Unknown" must not become "only the other side changed": that would overwrite by assumption.
        return NoBase(espo_touched=True, advo_touched=True)
    return NoBase(espo_touched=touched, advo_touched=not untouched)


def base_is_stale(*, espo_last_sync: datetime | None, our_last_sync: datetime | None) -> bool:
    """Whether EspoCRM remembers a later sync than our database: an older copy of it was restored.

    Then our bases describe a state that later syncs have left: compare with an empty Base and these signals instead.
    """
    if espo_last_sync is None:
        return False
    # EspoCRM keeps whole seconds of the moment we sent, so its copy of the same sync is never the later one.
    return our_last_sync is None or espo_last_sync > our_last_sync


def touched_in_espocrm(espo: EspocrmSide, *, before: bool | None, own_user_id: str | None) -> bool | None:
    """Whether somebody changed EspoCRM's record since the last sync; None: cannot be told.

    before: what the same question was answered before the last status of ours; None: it was not asked.
    """
    if before:
        return True
    ours = bool(own_user_id) and espo.modified_by_id == own_user_id
    if ours and (before is False or espo.status not in _SHOWN_ALONE):
        return False
    if espo.modified_at is None or espo.last_sync is None:
        return None
    return espo.modified_at > espo.last_sync


def _advo_untouched(advo: AdvowareSide, espo: EspocrmSide, time_zone: tzinfo) -> bool | None:
    if advo.row_id and espo.known_row_id:
        return advo.row_id == espo.known_row_id
    if advo.changed_at is None or espo.last_sync is None:
        return None
    verdicts = {moment <= espo.last_sync for moment in _readings(advo.changed_at, time_zone)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _readings(local: datetime, time_zone: tzinfo) -> tuple[datetime, datetime]:
    """The moments a clock time can mean: two different ones in the hour that autumn repeats or spring skips."""
    if local.tzinfo is not None:
        return (local, local)
    first, second = (local.replace(tzinfo=time_zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return (first, second)
