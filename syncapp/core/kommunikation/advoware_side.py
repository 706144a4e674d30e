"""Stages 3, 4 and 6: what people changed, emptied, removed or added in Advoware.

Invariant: nothing here goes to EspoCRM under to_advoware; what is left out that way is reported as owed.
To extend: a new row is a function here, named after what it does, with a test that bears the row's name.
"""

from dataclasses import replace

from syncapp.core.kommunikation.kinds import Form
from syncapp.core.kommunikation.knowledge import KnownEntry
from syncapp.core.kommunikation.markers import Marker
from syncapp.core.kommunikation.planning.plan_builder import PlanBuilder
from syncapp.core.kommunikation.planning.steps import (
    doubt,
    empty_entry,
    lose,
    marked,
    names_own_value,
    refused_value,
    tell_of_reading,
)
from syncapp.core.kommunikation.planning.type_change import told_of_type
from syncapp.core.kommunikation.shapes import Item, Link, LinkBase, OnConflict, Phase, PutEntry, ReportCode, Variant
from syncapp.core.parts import Direction
from syncapp.core.spelling.letters import plain


def put_back(builder: PlanBuilder) -> None:
    """Before all stages: what a write of ours has set back that nobody had answered gives way to EspoCRM's value.

    Where that has changed or gone since, stage 5 sees to it; of an entry that had been emptied by then nothing is left.
    """
    for known in builder.free_entries():
        base = known.base
        if not known.is_late or known.form == known.base_form or (base and base.form not in builder.as_read):
            continue
        if base is None and known.form in builder.as_read and len(builder.holders(known.form)) == 1:
            continue
        if base is not None and not builder.holders(base.form):
            builder.free_items.discard(base.form)
        if builder.direction is Direction.to_espocrm:
            builder.skipped = True
            builder.report(ReportCode.change_owed, known)
            builder.leave(known)
        elif base is None:
            lose(builder, known, ReportCode.late_writer)
            empty_entry(builder, known, variant=Variant.clear_entry)
        else:
            revert(builder, known, base, ReportCode.late_writer)


def take_changed_values(builder: PlanBuilder) -> None:
    """Var6. Changed in Advoware alone: EspoCRM's item takes the value, or both stay as they are where it cannot."""
    for known in builder.free_entries():
        base = known.base
        if base is None or known.form is None or known.form == base.form or base.form not in builder.free_items:
            continue
        builder.free_items.discard(base.form)
        if not builder.is_acceptable(known):
            freeze(builder, known, base)
        elif builder.direction is Direction.to_advoware:
            revert(builder, known, base)
        elif known.form.medium is not base.medium:
            change_medium(builder, known, base)
        else:
            change_item(builder, known, known.form, base)


def freeze(builder: PlanBuilder, known: KnownEntry, base: LinkBase) -> None:
    """EspoCRM keeps its item, Advoware its text; a marker of a value that was refused just now is taken back."""
    refused = builder.is_refused(known)
    reason = ReportCode.refused if refused else ReportCode.not_representable
    builder.report(ReportCode.frozen, known, reason=reason.value)
    write = builder.untouched(known)
    if refused and names_own_value(builder, known):
        write = builder.put(known, tlf=known.tlf, marker=Marker(base.espo, known.link.komm_kz))
    link = told_of_type(builder, known, base.form, builder.as_read[base.form])
    done = replace(link, refused_value=known.tlf if refused else None)
    stay_apart(builder, known, done, write, refused=refused)


def revert(
    builder: PlanBuilder, known: KnownEntry, base: LinkBase, because: ReportCode = ReportCode.lost_value
) -> None:
    """Var6 under to_advoware, or set back by a late write of ours: the entry gets back what it held, to the letter."""
    lose(builder, known, because)
    item = builder.as_read[base.form]
    # What Advoware kept in place of EspoCRM's value is not what it goes back to.
    held = base.advo if base.not_taken is None else plain(item.value)
    agreed = replace(base, espo=item.value, advo=held, not_taken=None)
    done = replace(told_of_type(builder, known, base.form, item), base=agreed)
    wanted = Marker(item.value, known.link.komm_kz)
    write = builder.put(known, tlf=held, marker=wanted, online=True if known.form is None else None)
    builder.settle(known, done, variant=Variant.revert, write=write)


def change_item(builder: PlanBuilder, known: KnownEntry, form: Form, base: LinkBase) -> None:
    """Var6: the item takes the entry's value; if that stands among the items already, the old item goes.

    Type and opt-out stay; what was marked as invalid was the old value. What other records that hold the new value say
    of it counts.
    """
    old, takes_out = builder.as_read[base.form], builder.take_out(base.form)
    give_up_item(builder, known, old, base)
    alias = form in builder.lists
    item = builder.lists.setdefault(form, builder.facts.as_shared(replace(old, value=known.spelling or known.tlf)))
    if not alias:
        tell_of_reading(builder, known)
    link = told_of_type(builder, known, base.form, old)
    done = link.tied(item, form, tlf=known.tlf, alias=alias)
    write = marked(builder, known, item, tlf=known.tlf, alias=alias)
    builder.settle(
        known,
        done,
        variant=Variant.change_item,
        settles=Phase.espocrm,
        write=write,
        takes_out=takes_out,
        puts_in=() if alias else (item,),
    )


def change_medium(builder: PlanBuilder, known: KnownEntry, base: LinkBase) -> None:
    """An address typed over a number: a removal here, an addition in stage 6, when all removals have made room."""
    builder.changed_medium.add(known.id)
    give_up_item(builder, known, builder.as_read[base.form], base)
    builder.remove_item(base.form)


def give_up_item(builder: PlanBuilder, known: KnownEntry, item: Item, base: LinkBase) -> None:
    """EspoCRM's value yields to the entry's. If Advoware never took it, both sides have changed it: it is lost."""
    if base.not_taken:
        builder.report(ReportCode.lost_value, known, value=item.value)
    else:
        doubt(builder, known, item.value)


def remove_emptied(builder: PlanBuilder) -> None:
    """Var3. Emptied or gone in Advoware: EspoCRM's item goes; an empty entry becomes a slot.

    Of a value that Advoware never took, nobody there can have removed it: such an item finds its place in stage 7.
    """
    for known in builder.free_entries():
        base = known.base
        if known.form is not None or (base is None and not known.slot_owed):
            continue
        if base is None or base.not_taken or base.form not in builder.free_items:
            empty_entry(builder, known, variant=Variant.slot)
            continue
        builder.free_items.discard(base.form)
        # Also of what is only owed: the run that removes it has the link, and takes it for proof.
        doubt(builder, known, builder.as_read[base.form].value)
        if builder.direction is Direction.to_advoware:
            owe_removal(builder, base.form)
            builder.leave(known)
        else:
            empty_entry(
                builder,
                known,
                variant=Variant.remove_item,
                settles=Phase.espocrm,
                takes_out=builder.take_out(base.form),
            )
    remove_unheld(builder)


def remove_unheld(builder: PlanBuilder) -> None:
    """Items with a base that no entry holds: it is gone, or holds another item's value. Never by markers alone."""
    if not builder.knowledge.links_known:
        return
    bases = {base.form for base in builder.knowledge.bases() if not base.not_taken}
    for form in sorted(builder.free_items & bases):
        builder.free_items.discard(form)
        builder.unheld.add(form)
        if builder.direction is Direction.to_advoware:
            owe_removal(builder, form)
        else:
            builder.remove_item(form)


def owe_removal(builder: PlanBuilder, form: Form) -> None:
    """The item stays in this run; every link with its base keeps it, as the proof for the next."""
    builder.skipped = True
    builder.owed_removals.add(form)
    builder.report(ReportCode.removal_owed, medium=form.medium.value)


def bring_new_entries(builder: PlanBuilder) -> None:
    """Var4. Held by Advoware alone: it is added in EspoCRM, unless EspoCRM has refused this value."""
    for known in builder.free_entries():
        if known.form is not None:
            bring_new_entry(builder, known, known.form)


def bring_new_entry(builder: PlanBuilder, known: KnownEntry, form: Form) -> None:
    if known.id not in builder.changed_medium:
        known = builder.without_base(known)
    # What is about to stand in EspoCRM is joined first: a value refused earlier may have got there another way.
    if form in builder.lists:
        join(builder, known, form)
    elif not builder.is_acceptable(known):
        leave_alone(builder, known, ReportCode.refused if builder.is_refused(known) else ReportCode.not_representable)
    elif not builder.has_room(form.medium):
        leave_alone(builder, known, ReportCode.over_maximum)
    elif builder.direction is Direction.to_advoware:
        keep_out(builder, known)
    else:
        add_item(builder, known, form)


def leave_alone(builder: PlanBuilder, known: KnownEntry, code: ReportCode) -> None:
    """Only in Advoware. Its item, if it had one, is held by another entry; what EspoCRM has not taken gives its marker
    back."""
    no_room = code is ReportCode.over_maximum
    # Whoever has been told that EspoCRM's list is full need not hear it at every run.
    builder.report(code, known, **({"again": "yes"} if no_room and known.link.no_room_told else {}))
    refused = refused_value(builder, known)
    write = builder.untouched(known)
    marker_back = (refused is not None or no_room) and names_own_value(builder, known)
    if marker_back:
        write = PutEntry(known.id, known.tlf, known.marks.user_text, known.is_online)
    done = replace(known.link.untied(), refused_value=refused, no_room_told=no_room)
    stay_apart(builder, known, done, write, refused=refused is not None or marker_back)


def stay_apart(builder: PlanBuilder, known: KnownEntry, done: Link, write: PutEntry | None, *, refused: bool) -> None:
    """Nothing of the entry is carried; what is written concerns its remark alone.

    While the number under which it was known still stands in EspoCRM, the old base is the proof that this has to go.
    And only a list that EspoCRM takes proves that what was left out of it had been refused.
    """
    variant = Variant.marker_back if refused else Variant.remark_back
    settles = Phase.espocrm if refused or known.id in builder.changed_medium else Phase.advoware
    builder.settle(known, done, variant=variant, settles=settles, write=write)


def join(builder: PlanBuilder, known: KnownEntry, form: Form) -> None:
    """Its value is among the items to be: one more entry of that item."""
    item = builder.lists[form]
    done = known.link.tied(item, form, tlf=known.tlf, alias=True)
    write = marked(builder, known, item, tlf=known.tlf, alias=True)
    builder.settle(known, done, variant=Variant.alias, settles=Phase.espocrm, write=write)


def keep_out(builder: PlanBuilder, known: KnownEntry) -> None:
    """Var4 under to_advoware: left for the next run, or emptied, by policy."""
    if builder.policy.new_in_advoware_on_conflict is OnConflict.slot:
        lose(builder, known)
        empty_entry(builder, known, variant=Variant.emptied)
        return
    builder.skipped = True
    builder.report(ReportCode.addition_owed, known)
    done = replace(known.link, item_type=None)  # it comes here without a base
    builder.settle(known, done, variant=Variant.remark_back, write=builder.untouched(known))


def add_item(builder: PlanBuilder, known: KnownEntry, form: Form) -> None:
    """Var4: the entry's value becomes an item, in the spelling that EspoCRM takes, with the flags that it has there."""
    item = Item(form.medium, known.spelling or known.tlf, builder.type_of(known.link.komm_kz, form.medium))
    item = builder.lists[form] = builder.facts.as_shared(item)
    done = known.link.tied(item, form, tlf=known.tlf)
    write = marked(builder, known, item, tlf=known.tlf, alias=False)
    tell_of_reading(builder, known)
    builder.settle(
        known,
        done,
        variant=Variant.add_item,
        settles=Phase.espocrm,
        write=write,
        puts_in=(item,),
    )
