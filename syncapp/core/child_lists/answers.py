"""What becomes of our links: by the answer to a write, by a refusal, by nothing at all, and by what people say.

Purpose: the service that applies a plan asks here after each operation what to commit; an action of people asks here
what a decision makes of the links.
Invariant. What the answer shows is the base of that side; without an answer the intent stays and the next look decides.
A create whose answer names no number stays pending: it is adopted when it is seen, and never sent to Advoware twice.
To extend: another outcome of a write is a function here, and a line in the service.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from syncapp.core.child_lists.settling import answered, with_unit_of
from syncapp.core.child_lists.shapes import (
    CREATES,
    Act,
    AliasOf,
    ChildOperation,
    ChildPlan,
    DeclinedValue,
    LinkState,
    PairLink,
    V,
)
from syncapp.core.sides import Side

Outcomes = Mapping[int, PairLink[V] | None]


# --- answers to writes


def after_advoware(
    operation: ChildOperation[V],
    *,
    entry_id: int | None,
    shown: V | None,
    row_id: str | None,
    same: Callable[[V, V], bool],
    is_readable: bool = True,
) -> PairLink[V] | None:
    """The link after Advoware's answer. `shown`: the entry as EspoCRM sees it, None where the answer was empty.

    A create without a number waits to be seen; where no list can be read (`is_readable`), the answer is all there is.
    same: whether two values are equal as they are compared; what Advoware did not take so is not sent once more.
    """
    if operation.done is None or (entry_id is None and is_readable):
        return operation.intent
    done = replace(operation.done, entry_id=entry_id, base_advo=operation.done.base_advo if shown is None else shown)
    if shown is not None and operation.done.base_advo is not None and not same(operation.done.base_advo, shown):
        done = replace(done, refused=_declined(operation.done))
    if operation.act is Act.post_entry:
        return _agreed(done)
    # A PUT is about the place alone: what it did not send keeps the base that tells whether people changed it.
    base = with_unit_of(operation.done.base_advo, shown)
    sent = answered(operation.done.sent, shown=shown, marker=row_id)
    return replace(done, base_advo=base, sent=sent)


def _agreed(done: PairLink[V]) -> PairLink[V]:
    """A new pair: what the POST did not carry, or Advoware did not keep, nobody has agreed on."""
    espo, advo = done.base_espo, done.base_advo
    return done if espo is None or advo is None else replace(done, base_espo=espo.as_agreed(advo))


def _declined(done: PairLink[V]) -> DeclinedValue[V] | None:
    return None if done.base_espo is None else DeclinedValue(Side.advoware, done.base_espo)


def is_not_taken(operation: ChildOperation[V], after: PairLink[V]) -> bool:
    """Whether the answer to this write showed something else than was sent."""
    if operation.side is not Side.advoware or operation.done is None or after.pending is not None:
        return False
    return after.refused is not None and after.refused == _declined(operation.done)


def is_partly_agreed(operation: ChildOperation[V], after: PairLink[V]) -> bool:
    """Whether a new pair holds something in EspoCRM alone, which is told to people by the next look."""
    if operation.act is not Act.post_entry or operation.done is None or after.pending is not None:
        return False
    return after.base_espo != operation.done.base_espo


def after_espocrm(
    operation: ChildOperation[V], *, espo_id: str, shown: V | None, version: str | None
) -> PairLink[V] | None:
    """The link after EspoCRM's answer; None where none is left."""
    if operation.done is None:
        return None
    done = replace(operation.done, espo_id=espo_id)
    if operation.act is Act.create_item:
        return done if shown is None else replace(done, base_espo=shown)
    sent = answered(done.sent, shown=shown, marker=version)
    return replace(done, base_espo=with_unit_of(done.base_espo, shown), sent=sent)


def after_refusal(operation: ChildOperation[V]) -> PairLink[V] | None:
    """A 400: certainly nothing was written. It is not sent again until the value changes."""
    by = operation.side
    if operation.act in CREATES:
        pending = operation.intent.pending
        value = pending.sent if pending else None
        refused = None if value is None else DeclinedValue(by, value)
        return replace(operation.intent, state=LinkState.refused, pending=None, refused=refused)
    link = replace(operation.intent, sent=())
    source = operation.done and (operation.done.base_espo if by is Side.advoware else operation.done.base_advo)
    return replace(link, refused=DeclinedValue(by, source)) if source else link


def not_sent(operation: ChildOperation[V]) -> PairLink[V] | None:
    """Certainly never sent: planned again from what is there. None where there was no link before."""
    if operation.act in CREATES:
        return None
    return replace(operation.intent, sent=())


def final_links(plan: ChildPlan[V], outcomes: Outcomes[V]) -> tuple[PairLink[V], ...]:
    """All links after a run. `outcomes`: by place in `plan.operations`; what is missing there was not sent."""
    after = [
        outcomes[place] if place in outcomes else not_sent(operation) for place, operation in enumerate(plan.operations)
    ]
    return (*plan.kept, *(link for link in after if link is not None))


# --- answers of people


def _others(links: Iterable[PairLink[V]], *, espo_id: str, entry_id: int) -> Iterator[PairLink[V]]:
    """What stays of the links once these two are a pair: whatever one of them was tied to before is free again.

    The case may stand while an older partner is missing for the first time; with both links, the second look would
    take the item for one that Advoware has deleted. People may also name an entry that waits to be deleted by hand,
    because a clerk has entered there what nobody had an answer to; as a pair and a tombstone it would be two things.
    """
    for link in links:
        stands_twice = link.alias_of is AliasOf.entry  # it might take the place of its pair's entry one day
        if link.key == (espo_id, entry_id) or (link.entry_id == entry_id and (link.is_tie or stands_twice)):
            continue
        if not (link.is_tie and link.espo_id == espo_id and link.entry_id is not None):
            yield link
        elif link.state is LinkState.tombstone:
            yield replace(link, espo_id=None)  # that other entry still must not come back


def the_same(
    links: Iterable[PairLink[V]], *, espo_id: str, entry_id: int, espo: V, advo: V, send: bool = False
) -> tuple[PairLink[V], ...]:
    """Item and entry belong together; each keeps its spelling. `send`: EspoCRM's goes to Advoware in the next run."""
    link = PairLink(espo_id, entry_id, base_espo=_to_be_sent(espo, advo) if send else espo, base_advo=advo)
    return (*_others(links, espo_id=espo_id, entry_id=entry_id), link)


def different(links: Iterable[PairLink[V]], *, espo_id: str, entry_id: int) -> tuple[PairLink[V], ...]:
    """Both are carried, each as something of its own."""
    return (*links, PairLink(espo_id, entry_id, state=LinkState.different))


def it_is_there(links: Iterable[PairLink[V]], *, espo_id: str, entry_id: int) -> tuple[PairLink[V], ...]:
    """The create that nobody answered has this number in Advoware, whatever else that entry was taken for."""

    def adopted(link: PairLink[V]) -> PairLink[V]:
        sent = link.pending.sent if link.pending else None
        return replace(link, entry_id=entry_id, base_espo=sent, base_advo=sent, pending=None)

    found = list(links)
    posts = [adopted(link) for link in found if _is_open_post(link, espo_id)]
    rest = (link for link in found if not _is_open_post(link, espo_id))
    return (*(_others(rest, espo_id=espo_id, entry_id=entry_id) if posts else rest), *posts)


def not_there(links: Iterable[PairLink[V]], *, espo_id: str) -> tuple[PairLink[V], ...]:
    """The create did not arrive: the next run sends it again."""
    return tuple(link for link in links if not _is_open_post(link, espo_id))


def _is_open_post(link: PairLink[V], espo_id: str) -> bool:
    return link.espo_id == espo_id and link.pending is not None and link.pending.at is Side.advoware


def as_new_entry(links: Iterable[PairLink[V]], *, espo_id: str) -> tuple[PairLink[V], ...]:
    """The item is to become an entry of its own; the one that could not be changed waits to be deleted by hand."""

    def parted(link: PairLink[V]) -> PairLink[V]:
        if not (link.is_pair and link.espo_id == espo_id):
            return link
        return replace(link, espo_id=None, state=LinkState.tombstone, sent=(), late=(), refused=None, letter_block="")

    return tuple(parted(link) for link in links)


def keep_side(
    links: Iterable[PairLink[V]], *, espo_id: str, entry_id: int, side: Side, espo: V, advo: V
) -> tuple[PairLink[V], ...]:
    """A pair whose sides differ, and nobody knows who changed: the other side takes this one's value."""
    bases = (_to_be_sent(espo, advo), advo) if side is Side.espocrm else (espo, espo)

    def based(link: PairLink[V]) -> PairLink[V]:
        is_it = link.is_pair and (link.espo_id, link.entry_id) == (espo_id, entry_id)
        return replace(link, base_espo=bases[0], base_advo=bases[1]) if is_it else link

    return tuple(based(link) for link in links)


def _to_be_sent(espo: V, advo: V) -> V:
    """EspoCRM's base so that its unit alone counts as changed: what Advoware cannot be sent is nobody's edit."""
    return espo.with_unit(advo.unit)


def letter_block_checked(links: Iterable[PairLink[V]], *, entry_id: int) -> tuple[PairLink[V], ...]:
    return tuple(replace(link, letter_block="") if link.entry_id == entry_id else link for link in links)


def allow_post(links: Sequence[PairLink[V]], *, espo_id: str) -> tuple[PairLink[V], ...]:
    """People say that Advoware does not have it yet (where its list cannot be read)."""
    kept = tuple(link for link in links if link.espo_id != espo_id)
    return (*kept, PairLink(espo_id, None, state=LinkState.allowed))


def deleted_by_hand(links: Iterable[PairLink[V]], *, espo_id: str, entry_id: int) -> tuple[PairLink[V], ...]:
    """People say that Advoware no longer has it (where its list cannot be read)."""
    stone = (espo_id, entry_id)
    return tuple(link for link in links if not (link.key == stone and link.state is LinkState.tombstone))


def done_by_hand(links: Iterable[PairLink[V]], *, espo_id: str, value: V) -> tuple[PairLink[V], ...]:
    """People say that Advoware holds what the item says (where its list cannot be read)."""
    kept = tuple(link for link in links if link.espo_id != espo_id)
    numbers = [link.entry_id for link in links if link.espo_id == espo_id]
    return (*kept, PairLink(espo_id, numbers[0] if numbers else None, base_espo=value, base_advo=value))
