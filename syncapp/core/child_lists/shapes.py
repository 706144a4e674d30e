"""What the plans of child lists (addresses, bank accounts) have in common: links, operations, cases, the plan itself.

Purpose: the frozen words that the pure plans, the service that applies them, the admin and the tests share. A child
list has *items* (records of EspoCRM, or address fields of the parent) and *entries* (elements of Advoware's list).
Invariant: nothing here decides; a link names its sides by their numbers, so that it survives a lost answer.
To extend: a new thing for people to do is a CaseCode, a new thing to mention a Note; both get their words elsewhere.

`V` is what a side holds (`HeldValue`): an `Address`, or of an account only what may be kept (`Kept`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, Protocol, Self, TypeVar

from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.intents import Intent
from syncapp.core.parts import PlannedWrite
from syncapp.core.sides import Side


class HeldValue(Protocol):
    """What a side holds of one element. Its unit is what is written as a whole, and settled as one (settling.py)."""

    @property
    def unit(self) -> str:
        """The unit as one comparable text."""

    def with_unit(self, text: str) -> Self:
        """The same, with the unit that this text says."""

    def to_json(self) -> Mapping[str, object]:
        """As a base is stored."""

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """As it was stored."""

    def filled(self) -> Collection[str]:
        """The names of the fields that it has a value of."""

    def as_agreed(self, held: Self) -> Self:
        """As the base of its side, once the other one was created from it and holds `held`."""


V = TypeVar("V", bound=HeldValue)


class LinkState(StrEnum):
    """linked: a pair. All others keep one side from being taken for new, or from being treated like one.

    tombstone: the item was deleted (or replaced) in EspoCRM while the entry stays. gone: the entry has left Advoware
    while the item stays. waiting: new, and left to people until they say "carry". different: people said that this item
    and this entry are not the same. refused: new, and refused by the other side until its value changes. assumed: an
    account that was here before anybody could know whether Advoware has it. allowed: may be sent blindly.
    """

    linked = "linked"
    tombstone = "tombstone"
    gone = "gone"
    waiting = "waiting"
    different = "different"
    refused = "refused"
    assumed = "assumed"
    allowed = "allowed"


# Links that hold an item and an entry, so that neither is new.
TIES = frozenset({LinkState.linked, LinkState.tombstone, LinkState.gone})


class AliasOf(StrEnum):
    """Which side of an alias follows: its entry stands for the item of a pair, or its item for the entry of one."""

    entry = "entry"
    item = "item"


@dataclass(frozen=True)
class DeclinedValue(Generic[V]):
    """The value that `by` did not take; it is not sent again until that value changes."""

    by: Side
    value: V


@dataclass(frozen=True)
class PendingCreate(Generic[V]):
    """A create under way. `seen`: what was there before it was sent, so that only something newer can be it."""

    at: Side
    sent: V
    seen: tuple[str, ...] = ()


@dataclass(frozen=True)
class PairLink(Generic[V]):
    """Our knowledge of one pair. A base of None: nobody knows what that side held when both agreed.

    espo_id None, or entry_id None: there is (or as yet is) no such side. missing: the entry was absent at the last
    look; only a second look in a row proves it gone. sent, late: writes to one side that were not answered, and those
    of them that may still land. letter_block: the text that people were asked to check.
    """

    espo_id: str | None
    entry_id: int | None
    base_espo: V | None = None
    base_advo: V | None = None
    state: LinkState = LinkState.linked
    alias_of: AliasOf | None = None
    pending: PendingCreate[V] | None = None
    refused: DeclinedValue[V] | None = None
    sent: tuple[Intent, ...] = ()
    late: tuple[Intent, ...] = ()
    missing: bool = False
    letter_block: str = field(default="", repr=False)

    @property
    def is_pair(self) -> bool:
        """Whether this is the one link that ties its item and its entry together."""
        return self.state is LinkState.linked and self.alias_of is None

    @property
    def is_tie(self) -> bool:
        """Whether its item or entry is spoken for: a pair, or what is left of one. Nothing may be in two of them."""
        return self.state in TIES and self.alias_of is None

    def repeats(self, pair: "PairLink[V]") -> bool:
        """Whether this alias is of that pair: a second entry of its item, or a second item of its entry."""
        return self.espo_id == pair.espo_id if self.alias_of is AliasOf.entry else self.entry_id == pair.entry_id

    @property
    def key(self) -> tuple[str, int]:
        return (self.espo_id or "", self.entry_id or 0)


def posts_without_answer(links: Iterable[PairLink[V]]) -> tuple[PairLink[V], ...]:
    """What counts whatever else of our database does not: what was sent to Advoware is never sent again by itself."""
    return tuple(link for link in links if link.pending is not None and link.pending.at is Side.advoware)


class Act(StrEnum):
    """What an operation does. The order of the members is the order in which a plan carries them out."""

    post_entry = "post_entry"
    put_entry = "put_entry"
    create_item = "create_item"
    put_item = "put_item"
    delete_item = "delete_item"

    @property
    def side(self) -> Side:
        return Side.advoware if self.value.endswith("_entry") else Side.espocrm


ACT_ORDER: Mapping[Act, int] = {act: rank for rank, act in enumerate(Act)}
CREATES = frozenset({Act.post_entry, Act.create_item})


@dataclass(frozen=True)
class ChildOperation(Generic[V]):
    """One write. `row`: the row of the decision table that asks for it. `values`: what is sent, by our own field names.

    intent: the link to be committed before anything is sent. done: the link once the answer has come (`after_answer`
    knows better what it brings); None where none is left. removes: counts for the guard of removals.
    """

    row: int
    act: Act
    intent: PairLink[V]
    done: PairLink[V] | None
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    removes: bool = False

    @property
    def side(self) -> Side:
        return self.act.side

    @property
    def espo_id(self) -> str | None:
        return self.intent.espo_id

    def target(self, part: str) -> str:
        """The element that is written: `adressen` for a new one, `adressen.17` for one that is there."""
        number = self.entry_id if self.side is Side.advoware else self.espo_id
        return part if self.act in CREATES or number is None else f"{part}.{number}"

    @property
    def entry_id(self) -> int | None:
        return self.intent.entry_id


class CaseCode(StrEnum):
    """A task for people. One is open per link and code; it closes when a plan no longer names it."""

    delete_in_advoware = "delete_in_advoware"
    change_in_advoware = "change_in_advoware"
    same_or_different = "same_or_different"
    outcome_unknown = "outcome_unknown"
    gone_in_advoware = "gone_in_advoware"
    letter_block = "letter_block"
    double = "double"
    refused = "refused"
    differs = "differs"
    waiting = "waiting"
    allow_post = "allow_post"
    assumed_known = "assumed_known"
    conflict = "conflict"
    not_taken = "not_taken"  # Advoware answered a write well, and holds something else than it was sent
    rewritten = "rewritten"  # written for the fourth time within an hour: two systems correct one another


# Cases that are only listed on the record's page: nobody is told of them.
LISTED_ONLY = frozenset({CaseCode.double, CaseCode.waiting})
# Questions: a person's answer, not an edit, decides them (`answers_of_people`).
HELD = frozenset(
    {
        CaseCode.same_or_different,
        CaseCode.outcome_unknown,
        CaseCode.differs,
        CaseCode.waiting,
        CaseCode.allow_post,
        CaseCode.assumed_known,
    }
)


@dataclass(frozen=True)
class OpenCase:
    """`params` hold what the text needs: values of addresses, of accounts only country and last four digits.

    A plan names all cases that hold, every time; whoever keeps them opens the new ones, renews texts that differ and
    closes the rest.
    """

    code: CaseCode
    row: int
    espo_id: str | None = None
    entry_id: int | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_told(self) -> bool:
        return self.code not in LISTED_ONLY


class Mention(StrEnum):
    """Something that happened and asks nobody for anything: for the page and the history."""

    lost_value = "lost_value"  # a change of Advoware's gave way to EspoCRM's
    used_again = "used_again"  # deleted in EspoCRM, then changed in Advoware: back as a new item
    sent_as_new = "sent_as_new"  # changed in EspoCRM, gone in Advoware: sent as a new entry
    only_in_advoware = "only_in_advoware"  # the representation has no place for it
    wrong_in_advoware = "wrong_in_advoware"  # an account without an IBAN, or one that EspoCRM would refuse
    only_in_espocrm = "only_in_espocrm"  # an account without an IBAN: nothing says which one it is
    expired = "expired"  # ended, never linked: not carried
    remark_cut = "remark_cut"  # Advoware did not keep the marker; our link serves
    payment_changed = "payment_changed"  # the IBAN of an account was changed in Advoware
    owed = "owed"  # left for a run in the other direction
    seen_once = "seen_once"  # gone at this look; the next one decides


@dataclass(frozen=True)
class ChildReport:
    code: Mention
    row: int
    espo_id: str | None = None
    entry_id: int | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)


class ListSide(StrEnum):
    items = "items"
    entries = "entries"


class ListStop(StrEnum):
    missing_list = "missing_list"  # the key was absent, or a page of items is: transient
    shrunk_list = "shrunk_list"  # empty, or half of it gone at once: a second look decides


@dataclass(frozen=True, kw_only=True)
class ListFacts:
    """What holds of any list in this run.

    first_load: this list of this record was never synced. shrunk_seen: lists that had shrunk at once in the run before.
    late_over: no write of an earlier run can land any more.
    """

    first_load: bool = False
    shrunk_seen: frozenset[ListSide] = frozenset()
    late_over: bool = True


@dataclass(frozen=True, kw_only=True)
class ListPolicy:
    """`only_match`: what a first load finds on one side alone waits for people. `max_posts`: new entries a record and
    run; more of them wait."""

    only_match: bool = True
    max_posts: int = 5


class ItemStatus(StrEnum):
    """What an item's `syncStatus` field says, where it has one."""

    clean = "clean"
    unclean = "unclean"
    failed = "failed"


@dataclass(frozen=True)
class ChildPlan(Generic[V]):
    """Everything one run does to one child list, in the order of `operations`; a PartPlan of the record (core/parts).

    name: the part's, for the targets of its writes. kept: the links that no operation changes. owed: a run in another
    direction, or a second look, has to follow. shrunk: lists to be remembered as seen so. states: by item, what its
    syncStatus field should say. record_fields: items that are fields of the record, and how each is written; what they
    are sent goes with the record's one PATCH.
    """

    name: str = ""
    operations: tuple[ChildOperation[V], ...] = ()
    cases: tuple[OpenCase, ...] = ()
    reports: tuple[ChildReport, ...] = ()
    kept: tuple[PairLink[V], ...] = ()
    owed: bool = False
    stopped: ListStop | None = None
    shrunk: frozenset[ListSide] = frozenset()
    removals: int = 0
    states: Mapping[str, ItemStatus] = field(default_factory=dict)
    record_fields: Mapping[str, ChildMap] = field(default_factory=dict)

    @property
    def links_before(self) -> tuple[PairLink[V], ...]:
        """All links, to be committed before the first write."""
        return (*self.kept, *(one.intent for one in self.operations))

    @property
    def is_empty(self) -> bool:
        """Whether neither side would be written."""
        return not self.operations

    def advoware_writes(self) -> tuple[PlannedWrite, ...]:
        return self._writes(Side.advoware)

    def espocrm_writes(self) -> tuple[PlannedWrite, ...]:
        """Records of their own, which the record's one PATCH does not carry."""
        return () if self.record_fields else self._writes(Side.espocrm)

    def espocrm_values(self) -> Mapping[str, object]:
        """Items that are fields of the record, by EspoCRM's attributes."""
        found: dict[str, object] = {}
        for operation in self.of_side(Side.espocrm) if self.record_fields else ():
            found |= self.record_fields[operation.espo_id or ""].write_espo(operation.values)
        return found

    def steps(self) -> tuple[str, ...]:
        return tuple(f"{self.name}.{one.act} (row {one.row})" for one in self.operations)

    def _writes(self, side: Side) -> tuple[PlannedWrite, ...]:
        return tuple(
            PlannedWrite(
                side=one.side,
                act="create" if one.act in CREATES else "change",
                target=one.target(self.name),
                values=one.values,
                reason=f"row {one.row}",
            )
            for one in self.of_side(side)
        )

    def of_side(self, side: Side) -> tuple[ChildOperation[V], ...]:
        return tuple(operation for operation in self.operations if operation.side is side)

    @property
    def questions(self) -> tuple[OpenCase, ...]:
        return tuple(case for case in self.cases if case.code in HELD)
