"""Pass 1: entries equal in value to an item, and what follows when the item's type has changed.

Invariant: one entry of an item is its match and bears the marker; further ones are aliases that follow the item.
To extend: a new policy for type changes is a branch of `match_equal_values`' group.
"""

from dataclasses import replace

from syncapp.core.contacts.board import Board, base_of
from syncapp.core.contacts.kinds import Form
from syncapp.core.contacts.knowledge import Known
from syncapp.core.contacts.shapes import Direction, Item, Link, Phase, ReportCode, TypeChange, Variant
from syncapp.core.contacts.steps import empty_entry, marked
from syncapp.core.markers import Marker


def match_equal_values(board: Board) -> None:
    holders: dict[Form, list[Known]] = {}
    for known in board.free_entries():
        if known.form in board.free_items:
            holders.setdefault(known.form, []).append(known)
    for form in sorted(holders):
        item = board.as_read[form]
        group = recreate_for_type(board, item, by_claim(holders[form], form))
        if group:
            board.free_items.discard(form)
        for rank, known in enumerate(group):
            match(board, known, form, item, alias=rank > 0)


def by_claim(group: list[Known], form: Form) -> list[Known]:
    """First the linked one with this base, then linked, then lowest id; who was an alias stays behind who was not."""
    return sorted(group, key=lambda k: (k.base_form != form, k.link.alias, not k.linked, k.id))


def match(board: Board, known: Known, form: Form, item: Item, *, alias: bool) -> None:
    done = replace(
        told_of_type(board, known, form, item, alias=alias),
        base=base_of(form, espo=item.value, advo=known.tlf),
        alias=alias,
        refused_value=None,
    )
    # While its former item still stands in EspoCRM, the old base is the only proof that it has to go.
    former_stands = known.base_form != form and known.base_form in board.as_read
    board.settle(
        known,
        done,
        variant=Variant.match,
        settles=Phase.espocrm if former_stands else Phase.advoware,
        write=marked(board, known, Marker(item.value, done.komm_kz), alias=alias),
        what="equal on both sides; marker put right",
    )


def type_differs(board: Board, known: Known, form: Form, item: Item) -> bool:
    """Whether the item's type is no longer the one that was synced, nor the one the entry's kommKz stands for."""
    link = known.link
    synced = link.item_type is not None and item.type is not None and known.base_form == form
    return synced and item.type not in (link.item_type, board.type_of(link.komm_kz, form.medium))


def told_of_type(board: Board, known: Known, form: Form, item: Item, *, alias: bool) -> Link:
    """Policy notify: the entry keeps its kommKz, the user is told once; a type changed elsewhere is taken over."""
    link = known.link
    if type_differs(board, known, form, item) and board.facts.version_moved:
        if may_not_recreate(board):
            board.skipped = True
            return link
        if not alias:
            board.report(ReportCode.type_change, known, old=link.item_type or "", new=item.type or "")
            link = replace(link, type_change_told=item.type)
    elif board.type_of(link.komm_kz, form.medium) == item.type:
        link = replace(link, type_change_told=None)
    return replace(link, item_type=item.type)


def may_not_recreate(board: Board) -> bool:
    recreate = board.policy.type_change is TypeChange.recreate
    return recreate and board.direction is Direction.to_espocrm


def recreate_for_type(board: Board, item: Item, group: list[Known]) -> list[Known]:
    """Policy recreate: entries of the old type are emptied first; the value finds its place in pass 6."""
    wanted = board.policy.type_change is TypeChange.recreate and board.direction is not Direction.to_espocrm
    if not wanted or not board.facts.version_moved:
        return group
    form = group[0].form
    stale = [known for known in group if form and type_differs(board, known, form, item)]
    for known in stale:
        empty_entry(board, known, variant=Variant.type_change, what="emptied, since its type changed in EspoCRM")
    remaining = [known for known in group if known not in stale]
    if stale and form and not remaining:
        board.free_items.discard(form)
        board.to_place[form] = frozenset(known.id for known in stale)
    return remaining
