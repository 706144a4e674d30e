"""Pass 1: entries equal in value to an item.

Invariant: one entry of an item is its match and bears the marker; further ones are aliases that follow the item.
To extend: who of several entries is the match is one sort key, `by_claim`.
"""

from dataclasses import replace

from syncapp.core.contacts.board import Board, base_of
from syncapp.core.contacts.kinds import Form
from syncapp.core.contacts.knowledge import Known
from syncapp.core.contacts.shapes import Item, Phase, Variant
from syncapp.core.contacts.steps import marked
from syncapp.core.contacts.type_change import recreate_for_type, told_of_type
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
