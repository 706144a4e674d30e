"""Stage 1: entries equal in value to an item.

Invariant: one entry of an item is its match and bears the marker; further ones are aliases that follow the item.
To extend: who of several entries is the match is one sort key, `by_claim`.
"""

from syncapp.core.kommunikation.kinds import Form
from syncapp.core.kommunikation.knowledge import KnownEntry
from syncapp.core.kommunikation.planning.plan_builder import PlanBuilder
from syncapp.core.kommunikation.planning.steps import keeps_another, marked
from syncapp.core.kommunikation.planning.type_change import recreate_for_type, told_of_type
from syncapp.core.kommunikation.shapes import Item, Phase, ReportCode, Variant


def match_equal_values(builder: PlanBuilder) -> None:
    """Equal on both sides: an entry and an item that hold the same value are one contact point."""
    holders: dict[Form, list[KnownEntry]] = {}
    for known in builder.free_entries():
        if known.form in builder.free_items:
            holders.setdefault(known.form, []).append(known)
    for form in sorted(holders):
        item = builder.as_read[form]
        group = recreate_for_type(builder, item, by_claim(holders[form], form))
        if group:
            builder.free_items.discard(form)
        for rank, known in enumerate(group):
            match(builder, known, form, item, alias=rank > 0)


def by_claim(group: list[KnownEntry], form: Form) -> list[KnownEntry]:
    """First the linked one with this base, then linked, then lowest id; who was an alias stays behind who was not.

    Any entry that has the value is a better match than one in which Advoware keeps another.
    """
    return sorted(group, key=lambda k: (k.holds_another, k.base_form != form, k.link.alias, not k.linked, k.id))


def match(builder: PlanBuilder, known: KnownEntry, form: Form, item: Item, *, alias: bool) -> None:
    differs = keeps_another(builder, known, form)
    # An empty entry beside one that holds the value lacks nothing.
    if differs and (known.tlf or not alias):
        builder.report(ReportCode.not_taken, known, sent=item.value)
    link = told_of_type(builder, known, form, item, alias=alias)
    done = link.tied(item, form, tlf=known.tlf, alias=alias, not_taken=item.value if differs else None)
    # While its former item still stands in EspoCRM, the old base is the only proof that it has to go.
    former_stands = known.base_form != form and known.base_form in builder.as_read
    # A marker says what both sides hold, so an entry that holds something else keeps the one it has.
    write = builder.untouched(known) if differs else marked(builder, known, item, tlf=known.tlf, alias=alias)
    builder.settle(
        known,
        done,
        variant=Variant.match,
        settles=Phase.espocrm if former_stands else Phase.advoware,
        write=write,
    )
