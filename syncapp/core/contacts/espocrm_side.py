"""Passes 4 and 6: what people changed, deleted or added in EspoCRM.

Invariant: no value goes to Advoware under to_espocrm; what is left out that way is reported as owed.
To extend: a new row is a function here, named after what it does, with a test that bears the row's name.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from syncapp.core.contacts.board import REMARK_BACK, Board, Step, base_of, is_online
from syncapp.core.contacts.kinds import Form, Medium
from syncapp.core.contacts.knowledge import Known
from syncapp.core.contacts.shapes import Item, Link, Pending, Phase, PostEntry, ReportCode, Variant
from syncapp.core.contacts.steps import doubt, empty_entry, lose, refused_value
from syncapp.core.markers import Marker
from syncapp.core.parts import Direction


def follow_espocrm(board: Board) -> None:
    orphans = [known for known in board.free_entries() if known.base and known.base_form not in board.as_read]
    if board.direction is Direction.to_espocrm:
        # Without links a marker alone would have to say that somebody deleted the item: such an entry is a new one.
        for known in orphans if board.knowledge.links_known else ():
            owe_change(board, known)
        return
    for known in orphans:
        if not board.is_acceptable(known):
            let_go(board, known)
    remaining = sorted(
        (known for known in orphans if known.id in board.free),
        key=lambda known: (known.base_form or (), known.link.alias, known.id),
    )
    candidates = Counter(board.item_kind(board.as_read[form]) for form in board.free_items)
    groups = [list(group) for _, group in groupby(remaining, key=lambda known: known.base_form)]
    for group in sorted(groups, key=lambda group: group[0].id):
        follow_group(board, group, candidates)


def owe_change(board: Board, known: Known) -> None:
    board.skipped = True
    board.report(ReportCode.change_owed, known)
    board.leave(known)


def let_go(board: Board, known: Known) -> None:
    """The entry holds something that EspoCRM cannot take: it is nobody's counterpart any more."""
    board.report(ReportCode.let_go, known)
    done = replace(known.link, base=None, item_type=None, alias=False, refused_value=refused_value(board, known))
    board.settle(known, done, variant=Variant.remark_back, write=board.untouched(known), what=REMARK_BACK)


def follow_group(board: Board, group: Sequence[Known], candidates: Counter[tuple[Medium, str | None]]) -> None:
    """An item's entries take the value that replaced it; with several to choose from, nobody's text moves by guess."""
    group = [known for known in group if not follow_late(board, known)]
    if not group:
        return
    first = group[0]
    kind = board.link_kind(first, first.base) if first.base else None
    fitting = sorted(form for form in board.free_items if board.item_kind(board.as_read[form]) == kind)
    guess = kind is not None and candidates[kind] > 1 and any(known.marks.user_text.strip() for known in group)
    if fitting and not guess:
        board.free_items.discard(fitting[0])
        for rank, known in enumerate(group):
            take_value(board, known, fitting[0], alias=rank > 0)
        return
    for known in group:
        give_up_value(board, known)
        empty_entry(board, known, variant=Variant.var2, what="deleted in EspoCRM; entry becomes a slot")


def follow_late(board: Board, known: Known) -> bool:
    """An alias whose item's match has followed already, when a run died between the two."""
    late = known.link.alias and known.intended in board.as_read and known.intended not in board.free_items
    if late and known.intended:
        take_value(board, known, known.intended, alias=True)
    return late


def take_value(board: Board, known: Known, form: Form, *, alias: bool) -> None:
    """Var5: the entry takes the item's value, in EspoCRM's spelling."""
    give_up_value(board, known)
    item = board.as_read[form]
    base = base_of(form, espo=item.value, advo=item.value)
    done = replace(known.link, base=base, item_type=item.type, alias=alias)
    wanted = None if alias and known.marks.found is None else Marker(item.value, done.komm_kz)
    write = board.put(known, tlf=item.value, marker=wanted, online=is_online(known))
    board.settle(known, done, variant=Variant.var5, write=write, what="entry takes EspoCRM's value")


def give_up_value(board: Board, known: Known) -> None:
    """The entry's value yields to EspoCRM's: told once, as a change that is lost or as the word of a marker."""
    if known.form != known.base_form:
        lose(board, known)
    else:
        doubt(board, known, known.tlf)


def bring_new_items(board: Board) -> None:
    """Var1. A slot serves if it stood before this run and nobody wrote into its remark."""
    remaining = sorted(board.free_items | set(board.to_place))
    if board.direction is Direction.to_espocrm:
        board.skipped = board.skipped or bool(remaining)
        return
    usable = [known for known in board.free_entries() if known.is_reusable_slot]
    for form in remaining:
        item = board.as_read[form]
        komm_kz = board.facts.kinds.new_komm_kz(item.medium, item.type)
        slot = next((known for known in usable if known.link.komm_kz == komm_kz), None)
        if slot:
            usable.remove(slot)
            fill_slot(board, slot, form, item)
        else:
            post_entry(board, form, item, komm_kz)


def fill_slot(board: Board, known: Known, form: Form, item: Item) -> None:
    base = base_of(form, espo=item.value, advo=item.value)
    done = replace(known.link, base=base, item_type=item.type, alias=False)
    write = board.put(known, tlf=item.value, marker=Marker(item.value, done.komm_kz), online=True)
    needs = board.to_place.get(form, frozenset())
    board.settle(known, done, variant=Variant.var1, write=write, what="new in EspoCRM; fills a slot", needs=needs)


def post_entry(board: Board, form: Form, item: Item, komm_kz: int) -> None:
    write = PostEntry(item.value, Marker(item.value, komm_kz).text, komm_kz)
    base = base_of(form, espo=item.value, advo=item.value)
    done = Link(entry_id=None, komm_kz=komm_kz, base=base, item_type=item.type)
    intent = replace(done, base=None, pending=Pending(base, write.tlf, write.bemerkung))
    needs = board.to_place.get(form, frozenset())
    step = Step(Variant.var1, Phase.advoware, "new in EspoCRM; entry added", None, write, (intent, done), needs)
    board.steps.append(step)
