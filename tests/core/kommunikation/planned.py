"""The contact plan of lists that a test names one by one."""

from collections.abc import Sequence

from syncapp.core.kommunikation import plan as plans
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Facts, Item, KommPolicy, Link
from syncapp.core.parts import Direction


def plan(
    *,
    items: Sequence[Item] | None,
    entries: Sequence[Entry] | None,
    links: Sequence[Link],
    stored_hash: str | None = None,
    direction: Direction = Direction.both,
    facts: Facts | None = None,
    policy: KommPolicy | None = None,
) -> ContactPlan:
    snapshot = plans.KommunikationSnapshot(
        None if items is None else tuple(items),
        None if entries is None else tuple(entries),
        tuple(links),
        stored_hash,
        facts=facts or Facts(),
        policy=policy or KommPolicy(),
    )
    return plans.plan(snapshot, direction)
