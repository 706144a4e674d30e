"""The item's own sync status in EspoCRM (`syncStatus`, `advowareLastSync`), where its entity has these fields.

Invariant: written where it shows something else than holds, both together; an empty status is filled only along with
another write. A status that EspoCRM refuses costs nothing but itself; one that an outage has cost is written at a
later look, since the addresses and accounts themselves have been carried.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import (
    Act,
    ChildOperation,
    ChildPlan,
    ItemStatus,
    PairLink,
    V,
    posts_without_answer,
)
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import Context
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import SyncRecord
from syncapp.remotes.espocrm.client import EspoEntity
from syncapp.remotes.espocrm.times import spelled_time
from syncapp.remotes.http.errors import Forbidden, Invalid, NotFound, RemoteError, VersionConflict

STATUS, STAMP = "syncStatus", "advowareLastSync"
# When a look follows for what an outage has left unwritten.
AGAIN_AFTER = timedelta(minutes=5)


def marks_for(attributes: frozenset[str] | None, status: ItemStatus, now: datetime) -> Mapping[str, object]:
    """What rides along with a write; nothing where EspoCRM has no such fields, or nobody knows."""
    wanted = {STATUS: status.value, STAMP: spelled_time(now)}
    return {name: value for name, value in wanted.items() if attributes is not None and name in attributes}


def with_number(operation: ChildOperation[V]) -> Mapping[str, object]:
    """What an item is sent, together with Advoware's number of its entry, if it has one."""
    link = operation.intent
    number = link.entry_id if link.alias_of is None else None  # a double's number is that of its pair
    return {**operation.values, "entry_number": number} if is_its_own(number) else operation.values


def is_its_own(number: int | None) -> bool:
    """Whether it is Advoware's number: an account without one is known here by a negative one."""
    return number is not None and number >= 0


def settle_marks(
    context: Context,
    snapshot: ListSnapshot[V],
    plan: ChildPlan[V],
    links: Iterable[PairLink[V]],
    *,
    owed: frozenset[str],
    entity_type: str,
) -> frozenset[str]:
    """PATCH each item whose status says something else, and each that was sent: with the number that it has now.

    owed: items that an earlier run has left without one. Answered: those that an outage has left so in this run; the
    first one ends the attempts.
    """
    if plan.record_fields:
        return frozenset()  # address fields of the record have no status of their own
    client, sent = context.tools.clients.espocrm.of_type(entity_type), owed | _sent(plan, snapshot.links)
    known = remote_metadata.child_attributes(entity_type, espocrm=context.tools.clients.espocrm)
    for espo_id, attributes in _unsaid(snapshot, plan, links, sent, known):
        context.renew()
        try:
            client.patch(espo_id, attributes)
        except (Forbidden, Invalid, NotFound, VersionConflict):
            continue  # what people see there is a courtesy; the record's page says what holds
        except RemoteError:
            return sent & set(plan.states) | {espo_id}
    return frozenset()


def _unsaid(
    snapshot: ListSnapshot[V],
    plan: ChildPlan[V],
    links: Iterable[PairLink[V]],
    sent: frozenset[str],
    known: frozenset[str] | None,
) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The items that do not say what holds, and what each is to say."""
    now, written = timezone.now(), {one.espo_id for one in plan.of_side(Side.espocrm)}
    numbers = {link.espo_id: link.entry_id for link in links if link.is_pair and is_its_own(link.entry_id)}
    for espo_id, status in plan.states.items():
        item = snapshot.records.get(espo_id)
        if item is None or espo_id in written:
            continue
        number = _number_for(item, snapshot.names, numbers.get(espo_id))
        says_so = item.attributes.get(STATUS) in (None, "", status.value)
        attributes = {**marks_for(known, status, now), **number}
        if attributes and (not says_so or (number and espo_id in sent)):
            yield espo_id, attributes


def _sent(plan: ChildPlan[V], before: Iterable[PairLink[V]]) -> frozenset[str]:
    """Items that Advoware has been sent by this run, or by an earlier one that has not seen the answer."""
    posted = [one.espo_id for one in plan.operations if one.act is Act.post_entry]
    posted += [link.espo_id for link in posts_without_answer(before)]
    return frozenset(espo_id for espo_id in posted if espo_id is not None)


def looked_at_again(row: SyncRecord) -> Mapping[str, object]:
    """Columns that bring the record back soon, at rest as it is."""
    now = timezone.now()
    is_coming = row.late_look_at is not None and row.late_look_at > now
    return {} if is_coming else {"late_look_at": now + AGAIN_AFTER}


def _number_for(item: EspoEntity, names: ChildMap, number: int | None) -> dict[str, object]:
    """The number where the item shows another one, or none."""
    shown = names.read_espo(item.attributes).get("entry_number")
    return {} if number is None or shown == number else names.write_espo({"entry_number": number})
