"""Passes 2, 3 and 5: what people changed, emptied, removed or added in Advoware.

Invariant: nothing here goes to EspoCRM under to_advoware; what is left out that way is reported as owed.
To extend: a new row is a function here, named after what it does, with a test that bears the row's name.
"""

from dataclasses import replace

from syncapp.core.contacts.board import REMARK_BACK, Board, Step, base_of, is_online
from syncapp.core.contacts.kinds import Form
from syncapp.core.contacts.knowledge import Known
from syncapp.core.contacts.shapes import (
    Item,
    Link,
    LinkBase,
    OnConflict,
    Phase,
    PutEntry,
    ReportCode,
    Variant,
)
from syncapp.core.contacts.steps import doubt, empty_entry, lose, marked, names_own_value, refused_value
from syncapp.core.contacts.type_change import told_of_type
from syncapp.core.markers import Marker
from syncapp.core.parts import Direction

MARKER_BACK = "refused by EspoCRM; marker taken back"


def take_changed_values(board: Board) -> None:
    for known in board.free_entries():
        base = known.base
        if base is None or known.form is None or known.form == base.form or base.form not in board.free_items:
            continue
        board.free_items.discard(base.form)
        if not board.is_acceptable(known):
            freeze(board, known, base)
        elif board.direction is Direction.to_advoware:
            revert(board, known, base)
        elif known.form.medium is not base.medium:
            change_medium(board, known, base)
        else:
            change_item(board, known, known.form, base)


def freeze(board: Board, known: Known, base: LinkBase) -> None:
    """EspoCRM keeps its item, Advoware its text; a marker of a value that was refused just now is taken back."""
    refused = board.is_refused(known)
    reason = ReportCode.refused if refused else ReportCode.not_representable
    board.report(ReportCode.frozen, known, reason=reason.value)
    write = board.untouched(known)
    if refused and names_own_value(board, known):
        write = board.put(known, tlf=known.tlf, marker=Marker(base.espo, known.link.komm_kz), online=is_online(known))
    link = told_of_type(board, known, base.form, board.as_read[base.form])
    done = replace(link, refused_value=known.tlf if refused else None)
    stay_apart(board, known, done, write, refused=refused)


def revert(board: Board, known: Known, base: LinkBase) -> None:
    """Var6 under to_advoware: the entry gets back what it held, to the letter."""
    lose(board, known)
    item = board.as_read[base.form]
    done = replace(told_of_type(board, known, base.form, item), base=replace(base, espo=item.value))
    wanted = Marker(item.value, known.link.komm_kz)
    write = board.put(known, tlf=base.advo, marker=wanted, online=is_online(known))
    board.settle(known, done, variant=Variant.revert, write=write, what="put back to EspoCRM's value")


def change_item(board: Board, known: Known, form: Form, base: LinkBase) -> None:
    """Var6: the item takes the entry's value; if that stands among the items already, the old item goes.

    Type and opt-out stay; what was marked as invalid was the old value.
    """
    old = board.lists.pop(base.form)
    doubt(board, known, old.value)
    alias = form in board.lists
    if not alias:
        board.lists[form] = replace(old, value=known.spelling or known.tlf, invalid=False)
    item = board.lists[form]
    link = told_of_type(board, known, base.form, old)
    done = replace(link, base=base_of(form, espo=item.value, advo=known.tlf), item_type=item.type, alias=alias)
    write = marked(board, known, Marker(item.value, done.komm_kz), alias=alias)
    board.settle(
        known, done, variant=Variant.var6, settles=Phase.espocrm, write=write, what="item takes the entry's value"
    )


def change_medium(board: Board, known: Known, base: LinkBase) -> None:
    """An address typed over a number: a removal here, an addition in pass 5, when all removals have made room."""
    board.changed_medium.add(known.id)
    doubt(board, known, board.lists.pop(base.form).value)
    board.steps.append(Step(Variant.var3, Phase.espocrm, "item removed; its entry holds another medium"))


def remove_emptied(board: Board) -> None:
    for known in board.free_entries():
        base = known.base
        if base is None or known.form is not None:
            continue
        if base.form not in board.free_items:
            empty_entry(board, known, variant=Variant.slot, what="empty on both sides; becomes a slot")
            continue
        board.free_items.discard(base.form)
        if board.direction is Direction.to_advoware:
            owe_removal(board, base.form)
            board.leave(known)
        else:
            doubt(board, known, board.lists.pop(base.form).value)
            empty_entry(
                board, known, variant=Variant.var3, settles=Phase.espocrm, what="item removed; entry becomes a slot"
            )
    remove_unheld(board)


def remove_unheld(board: Board) -> None:
    """Items with a base that no entry holds: it is gone, or holds another item's value. Never by markers alone."""
    if not board.knowledge.links_known:
        return
    bases = {base.form for base in board.knowledge.bases()}
    for form in sorted(board.free_items & bases):
        board.free_items.discard(form)
        board.unheld.add(form)
        if board.direction is Direction.to_advoware:
            owe_removal(board, form)
        else:
            del board.lists[form]
            board.steps.append(Step(Variant.var3, Phase.espocrm, "item removed; its entry is gone or holds another"))


def owe_removal(board: Board, form: Form) -> None:
    """The item stays in this run; every link with its base keeps it, as the proof for the next."""
    board.skipped = True
    board.owed_removals.add(form)
    board.report(ReportCode.removal_owed, medium=form.medium.value)


def bring_new_entries(board: Board) -> None:
    for known in board.free_entries():
        if known.form is not None:
            bring_new_entry(board, known, known.form)


def bring_new_entry(board: Board, known: Known, form: Form) -> None:
    if known.id not in board.changed_medium:
        known = board.without_base(known)
    # What is about to stand in EspoCRM is joined first: a value refused earlier may have got there another way.
    if form in board.lists:
        join(board, known, form)
    elif not board.is_acceptable(known):
        leave_alone(board, known, ReportCode.refused if board.is_refused(known) else ReportCode.not_representable)
    elif not board.has_room(form.medium):
        leave_alone(board, known, ReportCode.over_maximum)
    elif board.direction is Direction.to_advoware:
        keep_out(board, known)
    else:
        add_item(board, known, form)


def leave_alone(board: Board, known: Known, code: ReportCode) -> None:
    """Only in Advoware. Its item, if it had one, is held by another entry; a refused value gives its marker back."""
    board.report(code, known)
    refused = refused_value(board, known)
    write = board.untouched(known)
    if refused is not None and names_own_value(board, known):
        write = PutEntry(known.id, known.tlf, known.marks.user_text, is_online(known))
    done = replace(known.link, base=None, item_type=None, alias=False, refused_value=refused)
    stay_apart(board, known, done, write, refused=refused is not None)


def stay_apart(board: Board, known: Known, done: Link, write: PutEntry | None, *, refused: bool) -> None:
    """Nothing of the entry is carried; what is written concerns its remark alone.

    While the number under which it was known still stands in EspoCRM, the old base is the proof that this has to go.
    And only a list that EspoCRM takes proves that what was left out of it had been refused.
    """
    variant, what = (Variant.marker_back, MARKER_BACK) if refused else (Variant.remark_back, REMARK_BACK)
    settles = Phase.espocrm if refused or known.id in board.changed_medium else Phase.advoware
    board.settle(known, done, variant=variant, settles=settles, write=write, what=what)


def join(board: Board, known: Known, form: Form) -> None:
    """Its value is among the items to be: one more entry of that item."""
    item = board.lists[form]
    base = base_of(form, espo=item.value, advo=known.tlf)
    done = replace(known.link, base=base, item_type=item.type, alias=True, refused_value=None)
    write = marked(board, known, Marker(item.value, done.komm_kz), alias=True)
    board.settle(
        known, done, variant=Variant.alias, settles=Phase.espocrm, write=write, what="one more entry of an item"
    )


def keep_out(board: Board, known: Known) -> None:
    """Var4 under to_advoware: left for the next run, or emptied, by policy."""
    if board.policy.new_in_advoware_on_conflict is OnConflict.slot:
        lose(board, known)
        empty_entry(board, known, variant=Variant.emptied, what="new in Advoware; emptied by policy")
        return
    board.skipped = True
    board.report(ReportCode.addition_owed, known)
    done = replace(known.link, base=None, item_type=None, alias=False)
    board.settle(known, done, variant=Variant.remark_back, write=board.untouched(known), what=REMARK_BACK)


def add_item(board: Board, known: Known, form: Form) -> None:
    """Var4: the entry's value becomes an item, in the spelling that EspoCRM takes."""
    item = Item(form.medium, known.spelling or known.tlf, board.type_of(known.link.komm_kz, form.medium))
    board.lists[form] = item
    base = base_of(form, espo=item.value, advo=known.tlf)
    done = replace(known.link, base=base, item_type=item.type, alias=False)
    write = marked(board, known, Marker(item.value, done.komm_kz), alias=False)
    board.settle(known, done, variant=Variant.var4, settles=Phase.espocrm, write=write, what="item added in EspoCRM")
