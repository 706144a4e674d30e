"""Stages 2, 5 and 7: what people changed, deleted or added in EspoCRM, and what of that a run left unfinished.

Invariant: no value goes to Advoware under to_espocrm; what is left out that way is reported as owed.
To extend: a new row is a function here, named after what it does, with a test that bears the row's name.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from syncapp.core.kommunikation.kinds import Form, Medium
from syncapp.core.kommunikation.knowledge import KnownEntry
from syncapp.core.kommunikation.markers import Marker
from syncapp.core.kommunikation.planning.plan_builder import PlanBuilder
from syncapp.core.kommunikation.planning.steps import doubt, empty_entry, lose, marked, refused_value
from syncapp.core.kommunikation.shapes import Item, Link, Operation, Pending, Phase, PostEntry, ReportCode, Variant
from syncapp.core.parts import Direction
from syncapp.core.spelling.letters import plain


def follow_late(builder: PlanBuilder) -> None:
    """Var5 that an earlier run had decided on and could not write: the entry counts as a holder of its new item.

    Before stages 3 and 4 ask who holds that item: the entry that did follow may have been deleted or changed since, and
    that says nothing about this one. An item that somebody else's entry holds by now is left to that entry; one that
    only its own further entries hold is not: they were written, and this one was not.
    """
    for known in sorted(builder.free_entries(), key=lambda known: (known.link.alias, known.id)):
        form = known.intended
        if form is None or not may_follow(builder, known, form):
            continue
        held = form not in builder.free_items
        builder.free_items.discard(form)
        if builder.direction is Direction.to_espocrm:
            owe_change(builder, known)
        else:
            take_value(builder, known, form, alias=held)


def may_follow(builder: PlanBuilder, known: KnownEntry, form: Form) -> bool:
    item = builder.as_read.get(form)
    if item is None or known.base is None or known.base_form in builder.as_read:
        return False
    if form in builder.knowledge.awaited_forms:
        return False
    if known.form is None or not builder.is_acceptable(known):
        return False
    if form not in builder.free_items:
        return known.link.alias or held_by_aliases(builder, form)
    return builder.item_kind(item) == builder.link_kind(known, known.base)


def held_by_aliases(builder: PlanBuilder, form: Form) -> bool:
    """Whether all that hold it were given it as the further entries of an item, and none as its first."""
    holders = builder.holders(form)
    return bool(holders) and all(known.link.alias and known.base_form == form for known in holders)


def follow_espocrm(builder: PlanBuilder) -> None:
    """Var2 and Var5. Gone or changed in EspoCRM: the entry becomes a slot, or takes the value that replaced its own."""
    orphans = [known for known in builder.free_entries() if known.base and known.base_form not in builder.as_read]
    if builder.direction is Direction.to_espocrm:
        # Without links a marker alone would have to say that somebody deleted the item: such an entry is a new one.
        for known in orphans if builder.knowledge.links_known else ():
            owe_change(builder, known)
        return
    for known in orphans:
        if not builder.is_acceptable(known):
            let_go(builder, known)
    remaining = sorted(
        (known for known in orphans if known.id in builder.free),
        key=lambda known: (known.base_form or (), known.link.alias, known.id),
    )
    open_items = builder.free_items - builder.knowledge.awaited_forms
    candidates = Counter(builder.item_kind(builder.as_read[form]) for form in open_items)
    groups = [list(group) for _, group in groupby(remaining, key=lambda known: known.base_form)]
    for group in sorted(groups, key=lambda group: group[0].id):
        follow_group(builder, group, candidates)


def owe_change(builder: PlanBuilder, known: KnownEntry) -> None:
    builder.skipped = True
    builder.report(ReportCode.change_owed, known)
    # Also what an earlier run had decided on: until then, it holds that item.
    done = replace(known.link, pending=known.not_arrived)
    builder.settle(known, done, variant=Variant.remark_back, write=builder.untouched(known))


def let_go(builder: PlanBuilder, known: KnownEntry) -> None:
    """The entry holds something that EspoCRM cannot take: it is nobody's counterpart any more."""
    builder.report(ReportCode.let_go, known)
    done = replace(known.link.untied(), refused_value=refused_value(builder, known))
    builder.settle(known, done, variant=Variant.remark_back, write=builder.untouched(known))


def follow_group(
    builder: PlanBuilder, group: Sequence[KnownEntry], candidates: Counter[tuple[Medium, str | None]]
) -> None:
    """An item's entries take the value that replaced it; with several to choose from, nobody's text moves by guess."""
    first = group[0]
    kind = builder.link_kind(first, first.base) if first.base else None
    open_items = builder.free_items - builder.knowledge.awaited_forms
    fitting = sorted(form for form in open_items if builder.item_kind(builder.as_read[form]) == kind)
    guess = kind is not None and candidates[kind] > 1 and any(known.marks.user_text.strip() for known in group)
    if fitting and not guess:
        builder.free_items.discard(fitting[0])
        for rank, known in enumerate(group):
            take_value(builder, known, fitting[0], alias=rank > 0)
        return
    for known in group:
        if known.stays_unemptied:
            builder.report(ReportCode.not_taken, known, sent="")
            builder.leave(known)
            continue
        give_up_value(builder, known)
        empty_entry(builder, known, variant=Variant.clear_entry)


def take_value(builder: PlanBuilder, known: KnownEntry, form: Form, *, alias: bool) -> None:
    """Var5: the entry takes the item's value, in EspoCRM's spelling."""
    give_up_value(builder, known)
    item = builder.as_read[form]
    tlf = plain(item.value)
    done = known.link.tied(item, form, tlf=tlf, alias=alias)
    write = marked(builder, known, item, tlf=tlf, alias=alias)
    builder.settle(known, done, variant=Variant.change_entry, write=write)


def give_up_value(builder: PlanBuilder, known: KnownEntry) -> None:
    """The entry's value yields to EspoCRM's: told once, as a change that is lost or as the word of a marker."""
    if known.form != known.base_form:
        lose(builder, known, ReportCode.late_writer if known.is_late else ReportCode.lost_value)
    else:
        doubt(builder, known, known.tlf)


def bring_new_items(builder: PlanBuilder) -> None:
    """Var1. Held by EspoCRM alone: it takes a slot, or a new entry.

    A slot serves if it stood before this run and nobody wrote into its remark. What was sent without an answer, and may
    still arrive, is owed: a second entry could not be deleted.
    """
    remaining = sorted(builder.free_items | set(builder.to_place))
    if builder.direction is Direction.to_espocrm:
        builder.skipped = builder.skipped or bool(remaining)
        return
    for form in [form for form in remaining if form in builder.knowledge.awaited_forms]:
        remaining.remove(form)
        builder.skipped = True
        builder.report(ReportCode.awaited, value=builder.as_read[form].value)
    usable = [known for known in builder.free_entries() if known.is_reusable_slot]
    for form in remaining:
        item = builder.as_read[form]
        komm_kz = builder.facts.kinds.new_komm_kz(item.medium, item.type)
        slot = next((known for known in usable if known.link.komm_kz == komm_kz), None)
        if slot:
            usable.remove(slot)
            fill_slot(builder, slot, form, item)
        else:
            post_entry(builder, form, item, komm_kz)


def fill_slot(builder: PlanBuilder, known: KnownEntry, form: Form, item: Item) -> None:
    tlf = plain(item.value)
    done = known.link.tied(item, form, tlf=tlf)
    write = builder.put(known, tlf=tlf, marker=Marker(item.value, done.komm_kz), online=True)
    needs = builder.to_place.get(form, frozenset())
    builder.settle(known, done, variant=Variant.add_entry, write=write, needs=needs)


def post_entry(builder: PlanBuilder, form: Form, item: Item, komm_kz: int) -> None:
    write = PostEntry(plain(item.value), Marker(item.value, komm_kz).text, komm_kz)
    done = Link(entry_id=None, komm_kz=komm_kz).tied(item, form, tlf=write.tlf)
    intent = replace(done, base=None, pending=Pending(done.base, write.tlf, write.bemerkung))
    needs = builder.to_place.get(form, frozenset())
    builder.steps.append(Operation(Variant.add_entry, Phase.advoware, None, write, intent, done, needs))
