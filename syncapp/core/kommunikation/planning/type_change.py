"""A type changed in EspoCRM: Advoware cannot change an entry's kommKz, so somebody is told, or the entry is made anew.

Invariant: told once per change, since the link takes the new type over; never for a type that the entry's kommKz
stands for anyway.
To extend: a new policy is one more function beside `recreate_for_type`, called from stage 1.
"""

from dataclasses import replace

from syncapp.core.kommunikation.kinds import Form
from syncapp.core.kommunikation.knowledge import KnownEntry
from syncapp.core.kommunikation.planning.plan_builder import PlanBuilder
from syncapp.core.kommunikation.planning.steps import empty_entry
from syncapp.core.kommunikation.shapes import Item, Link, ReportCode, TypeChange, Variant
from syncapp.core.parts import Direction


def type_differs(builder: PlanBuilder, known: KnownEntry, form: Form, item: Item) -> bool:
    """Whether the item's type is no longer the one that was synced, nor the one the entry's kommKz stands for."""
    link = known.link
    synced = link.item_type is not None and item.type is not None and known.base_form == form
    return synced and item.type not in (link.item_type, builder.type_of(link.komm_kz, form.medium))


def told_of_type(builder: PlanBuilder, known: KnownEntry, form: Form, item: Item, *, alias: bool = False) -> Link:
    """Policy notify, or where nothing may be recreated: the entry keeps its kommKz and the user is told once.

    A type that another record's user changed (numbers are shared, this record's version stands) is taken over silently.
    """
    link = known.link
    if type_differs(builder, known, form, item) and builder.facts.version_moved:
        if not alias:
            builder.report(ReportCode.type_change, known, old=link.item_type or "", new=item.type or "")
            link = replace(link, type_change_told=item.type)
    elif builder.type_of(link.komm_kz, form.medium) == item.type:
        link = replace(link, type_change_told=None)
    return replace(link, item_type=item.type)


def recreate_for_type(builder: PlanBuilder, item: Item, group: list[KnownEntry]) -> list[KnownEntry]:
    """Policy recreate: entries of the old type are emptied first; the value finds its place in stage 7."""
    wanted = builder.policy.type_change is TypeChange.recreate and builder.direction is not Direction.to_espocrm
    if not wanted or not builder.facts.version_moved:
        return group
    form = group[0].form
    stale = [
        known for known in group if form and type_differs(builder, known, form, item) and not known.stays_unemptied
    ]
    for known in stale:
        empty_entry(builder, known, variant=Variant.type_change)
    remaining = [known for known in group if known not in stale]
    if stale and form and not remaining:
        builder.free_items.discard(form)
        builder.to_place[form] = frozenset(known.id for known in stale)
    return remaining
