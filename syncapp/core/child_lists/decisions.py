"""What people may answer to a case, and what their answer makes of our links when the next run looks.

Purpose: an answer waits beside its case and is applied to what the next run reads, before anything is planned; so it
meets the values of that moment, and the preview shows what it leads to.
Invariant: an answer whose item or entry is not there any more changes nothing. One that makes the values of both sides
count as agreed holds for those that people saw: an edit after it is asked about anew (`still_meant`). `noted` never
changes a link: somebody has seen the case and leaves it as it is.
To extend: an answer is a member of `CaseAnswer`, its place in OFFERED and a row of EFFECTS.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic

from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import CaseCode, LinkState, OpenCase, PairLink, V
from syncapp.core.sides import Side


class CaseAnswer(StrEnum):
    same = "same"  # item and entry are one; each keeps its spelling
    same_send = "same_send"  # they are one, and EspoCRM's spelling goes to Advoware
    different = "different"  # each is carried as something of its own
    there = "there"  # what was sent without an answer stands in Advoware, under the number that was found
    not_there = "not_there"  # it does not: it is sent again
    keep_espocrm = "keep_espocrm"
    keep_advoware = "keep_advoware"
    carry = "carry"  # what a first load, or a crowd of new ones, has left waiting
    as_new = "as_new"  # a new entry in place of a change by hand
    allow = "allow"  # it may be sent, although nobody can read whether it is there
    known = "known"  # it stands in Advoware already
    done = "done"  # done by hand, where nobody can read whether it is
    noted = "noted"


# What each case offers where Advoware's list can be read, and where it cannot.
OFFERED: Mapping[CaseCode, tuple[CaseAnswer, ...]] = {
    CaseCode.same_or_different: (CaseAnswer.same, CaseAnswer.same_send, CaseAnswer.different),
    CaseCode.outcome_unknown: (CaseAnswer.there, CaseAnswer.not_there),
    CaseCode.differs: (CaseAnswer.keep_espocrm, CaseAnswer.keep_advoware),
    CaseCode.waiting: (CaseAnswer.carry,),
    CaseCode.change_in_advoware: (CaseAnswer.as_new, CaseAnswer.noted),
    CaseCode.delete_in_advoware: (CaseAnswer.noted,),
    CaseCode.gone_in_advoware: (CaseAnswer.noted,),
    CaseCode.letter_block: (CaseAnswer.done,),
    CaseCode.refused: (CaseAnswer.noted,),
    CaseCode.conflict: (),
    CaseCode.not_taken: (),
    CaseCode.rewritten: (),
    CaseCode.double: (),
    CaseCode.allow_post: (CaseAnswer.allow, CaseAnswer.known),
    CaseCode.assumed_known: (CaseAnswer.known, CaseAnswer.allow),
}
BY_HAND: Mapping[CaseCode, tuple[CaseAnswer, ...]] = {
    CaseCode.change_in_advoware: (CaseAnswer.done, CaseAnswer.noted),
    CaseCode.delete_in_advoware: (CaseAnswer.done, CaseAnswer.noted),
    CaseCode.not_taken: (CaseAnswer.done,),
}
# After these the values of that moment are the bases: an edit that nobody saw would count as known to both sides.
OF_VALUES = frozenset(
    {
        *((CaseCode.same_or_different, answer) for answer in (CaseAnswer.same, CaseAnswer.same_send)),
        *((CaseCode.differs, answer) for answer in (CaseAnswer.keep_espocrm, CaseAnswer.keep_advoware)),
        *((code, CaseAnswer.done) for code in (CaseCode.change_in_advoware, CaseCode.not_taken)),
        *((code, CaseAnswer.known) for code in (CaseCode.allow_post, CaseCode.assumed_known)),
    }
)
# What EspoCRM alone knows of an entry (row 13) cannot be sent as a new one.
ONLY_TOLD = 13


def offered(code: CaseCode, *, row: int = 0, readable: bool = True) -> tuple[CaseAnswer, ...]:
    """What people may answer to this case; a case without any closes by itself, when both sides agree."""
    found = OFFERED[code] if readable else BY_HAND.get(code, OFFERED[code])
    return tuple(one for one in found if not (row == ONLY_TOLD and one is CaseAnswer.as_new))


@dataclass(frozen=True)
class Decision:
    """A person's answer to one case. `number`: the entry that was found in Advoware, for `there`. `params`: what the
    case said."""

    code: CaseCode
    answer: CaseAnswer
    espo_id: str = ""
    entry_id: int = 0
    number: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AnsweredCase(Generic[V]):
    """One answer beside what this look shows of both sides."""

    decision: Decision
    links: tuple[PairLink[V], ...]
    items: Mapping[str, V]
    entries: Mapping[int, V]

    @property
    def espo_id(self) -> str:
        return self.decision.espo_id

    @property
    def entry_id(self) -> int:
        return self.decision.entry_id

    @property
    def item(self) -> V | None:
        return self.items.get(self.espo_id)

    @property
    def ids(self) -> dict[str, Any]:
        return {"espo_id": self.espo_id, "entry_id": self.entry_id}

    @property
    def both(self) -> dict[str, Any] | None:
        """Both sides as they are now; None where one of them is not there any more."""
        item, entry = self.item, self.entries.get(self.entry_id)
        if item is None or entry is None:
            return None
        return {**self.ids, "espo": item, "advo": entry}


Links = tuple[PairLink[V], ...]


def still_meant(decisions: Iterable[Decision], cases: Iterable[OpenCase]) -> tuple[Decision, ...]:
    """Without those about values that are others by now. cases: as they would be asked now, had nobody answered."""
    said = {(case.code, case.espo_id or "", case.entry_id or 0): dict(case.params) for case in cases}
    return tuple(
        one
        for one in decisions
        if (one.code, one.answer) not in OF_VALUES or said.get((one.code, one.espo_id, one.entry_id)) == one.params
    )


def decided(
    links: Iterable[PairLink[V]],
    decisions: Iterable[Decision],
    *,
    items: Mapping[str, V],
    entries: Mapping[int, V],
) -> tuple[PairLink[V], ...]:
    """The links as people's answers leave them. items, entries: what this look shows, by id and by number."""
    found = tuple(links)
    for decision in decisions:
        effect = EFFECTS.get((decision.code, decision.answer))
        if effect is not None:
            found = effect(AnsweredCase(decision, found, items, entries))
    return found


def _same(one: AnsweredCase[V], *, send: bool) -> Links[V]:
    return answers.the_same(one.links, **one.both, send=send) if one.both else one.links


def _there(one: AnsweredCase[V]) -> Links[V]:
    """With its number; without one, where nobody can read it, what was sent counts as what is there."""
    espo_id, number = one.espo_id, one.decision.number
    if number:
        return answers.it_is_there(one.links, espo_id=espo_id, entry_id=number)
    sent = next((link.pending.sent for link in one.links if link.espo_id == espo_id and link.pending), None)
    return one.links if sent is None else answers.done_by_hand(one.links, espo_id=espo_id, value=sent)


def _keep(one: AnsweredCase[V], side: Side) -> Links[V]:
    return answers.keep_side(one.links, **one.both, side=side) if one.both else one.links


def _no_longer_waiting(one: AnsweredCase[V]) -> Links[V]:
    """This one alone; the others go on waiting."""
    key = (one.espo_id, one.entry_id)
    return tuple(link for link in one.links if link.state is not LinkState.waiting or link.key != key)


def _known(one: AnsweredCase[V]) -> Links[V]:
    """Advoware holds what the item says."""
    if one.item is None:
        return one.links
    return answers.done_by_hand(one.links, espo_id=one.espo_id, value=one.item)


EFFECTS: Mapping[tuple[CaseCode, CaseAnswer], Callable[[AnsweredCase[Any]], tuple[PairLink[Any], ...]]] = {
    (CaseCode.same_or_different, CaseAnswer.same): lambda one: _same(one, send=False),
    (CaseCode.same_or_different, CaseAnswer.same_send): lambda one: _same(one, send=True),
    (CaseCode.same_or_different, CaseAnswer.different): lambda one: answers.different(one.links, **one.ids),
    (CaseCode.outcome_unknown, CaseAnswer.there): _there,
    (CaseCode.outcome_unknown, CaseAnswer.not_there): lambda one: answers.not_there(one.links, espo_id=one.espo_id),
    (CaseCode.differs, CaseAnswer.keep_espocrm): lambda one: _keep(one, Side.espocrm),
    (CaseCode.differs, CaseAnswer.keep_advoware): lambda one: _keep(one, Side.advoware),
    (CaseCode.waiting, CaseAnswer.carry): _no_longer_waiting,
    (CaseCode.change_in_advoware, CaseAnswer.as_new): lambda one: answers.as_new_entry(one.links, espo_id=one.espo_id),
    (CaseCode.change_in_advoware, CaseAnswer.done): _known,
    (CaseCode.not_taken, CaseAnswer.done): _known,
    (CaseCode.delete_in_advoware, CaseAnswer.done): lambda one: answers.deleted_by_hand(one.links, **one.ids),
    (CaseCode.letter_block, CaseAnswer.done): lambda one: answers.letter_block_checked(
        one.links, entry_id=one.entry_id
    ),
    (CaseCode.allow_post, CaseAnswer.allow): lambda one: answers.allow_post(one.links, espo_id=one.espo_id),
    (CaseCode.assumed_known, CaseAnswer.allow): lambda one: answers.allow_post(one.links, espo_id=one.espo_id),
    (CaseCode.allow_post, CaseAnswer.known): _known,
    (CaseCode.assumed_known, CaseAnswer.known): _known,
}
