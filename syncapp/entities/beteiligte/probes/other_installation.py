"""Another program that syncs the same EspoCRM: a second installation by mistake, or the one that this one replaces.

It is known by what it leaves there: a time of the last sync that none of our runs has sent, of a moment at which we
were at work ourselves. After an older database was put back such times are our own, of before; so only those count
that are younger than our work without a longer pause.
Invariant: noticed in the transaction that ends a run, and only told: what it leaves is carried like anybody's edit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from syncapp.engine import dispatcher
from syncapp.models import Heartbeat

NAME = "other_installation"
# By how much the clocks of two machines may differ.
MARGIN = timedelta(minutes=5)
KEPT = 50


def notice(stamp: datetime | None) -> None:
    """The end of a run that found this stamp, later than any of ours: somebody else must have written it."""
    since = dispatcher.at_work_since() if stamp is not None else None
    if stamp is None or since is None or stamp <= since + MARGIN:
        return
    row, _made = Heartbeat.objects.select_for_update().get_or_create(pk=NAME, defaults={"at": timezone.now()})
    row.at = timezone.now()
    row.detail = {"moments": [*row.detail.get("moments", ()), row.at.isoformat()][-KEPT:]}
    row.save()


def moments(*, after: datetime) -> Sequence[datetime]:
    """When runs have come upon such a stamp, oldest first."""
    row = Heartbeat.objects.filter(pk=NAME, at__gt=after).first()
    found = row.detail.get("moments", ()) if row is not None else ()
    return [at for at in map(datetime.fromisoformat, found) if at > after]
