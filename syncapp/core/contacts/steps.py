"""Steps that several passes take: marking an entry, emptying it, telling of a lost value.

Purpose: each of them once.
Invariant: none of them decides; the row that calls them has decided.
To extend: a step moves here when a second row needs it.
"""

from dataclasses import replace

from syncapp.core import phones
from syncapp.core.contacts.board import Board, is_online
from syncapp.core.contacts.kinds import Medium
from syncapp.core.contacts.knowledge import Known
from syncapp.core.contacts.shapes import Item, Phase, PutEntry, ReportCode, Variant
from syncapp.core.markers import Marker, SlotMarker


def marked(board: Board, known: Known, marker: Marker, *, alias: bool) -> PutEntry | None:
    """The write that gives the entry its marker. An alias needs none, but a false one is replaced."""
    wanted = None if alias and known.marks.found is None else marker
    return board.put(known, tlf=known.tlf, marker=wanted, online=is_online(known))


def empty_entry(
    board: Board,
    known: Known,
    *,
    variant: Variant,
    what: str,
    settles: Phase = Phase.advoware,
    takes_out: tuple[Item, ...] = (),
) -> None:
    """The entry becomes a slot of its kommKz, with the user's text."""
    done = replace(known.link, base=None, item_type=None, alias=False, type_change_told=None)
    write = board.put(known, tlf="", marker=SlotMarker(known.link.komm_kz), online=False)
    board.settle(known, done, variant=variant, settles=settles, write=write, what=what, takes_out=takes_out)


def lose(board: Board, known: Known) -> None:
    board.report(ReportCode.lost_value, known, value=known.tlf)


def doubt(board: Board, known: Known, value: str) -> None:
    """People copy markers too: without links, a value that goes on a marker's word is logged, to be put back."""
    if not board.knowledge.links_known:
        board.report(ReportCode.by_marker_alone, known, value=value)


def tell_of_reading(board: Board, known: Known) -> None:
    """Its plus or its zero may be missing: told when it is carried, and not again."""
    is_number = known.form is not None and known.form.medium is Medium.phone
    if is_number and len(phones.readings(known.tlf, board.facts.region)) > 1:
        board.report(ReportCode.read_as_international, known, carried=known.spelling or "")


def refused_value(board: Board, known: Known) -> str | None:
    return known.tlf if board.is_refused(known) else None


def names_own_value(board: Board, known: Known) -> bool:
    marker = known.marks.marker
    return marker is not None and board.facts.form_of(marker.value) == known.form
