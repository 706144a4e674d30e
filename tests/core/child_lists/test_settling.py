"""Writes to one side that were not answered, or only echoed, or that land late: row by row, for an address."""

from dataclasses import replace

import pytest

from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import AliasOf, LinkState, PairLink
from syncapp.core.sides import Side
from tests.core.adressen.test_rows import HERE, paired
from tests.core.adressen.world import World

SIDES = pytest.mark.parametrize("side", list(Side))


def edited(side: Side, street: str = "Wall 1") -> tuple[World, str, int]:
    """A pair whose `side` is about to be written: the other one has changed."""
    world, espo_id, number = paired()
    if side is Side.advoware:
        world.edit_item(espo_id, strasse=street)
    else:
        world.edit_entry(number, strasse=street)
    return world, espo_id, number


def at(world: World, side: Side) -> str:
    return world.streets()[side is Side.advoware][0]


def edit(world: World, side: Side, street: str, espo_id: str, number: int) -> None:
    if side is Side.advoware:
        world.edit_entry(number, strasse=street)
    else:
        world.edit_item(espo_id, strasse=street)


@SIDES
def test_a_lost_answer_is_seen_at_the_next_look(side: Side) -> None:
    world, _, _ = edited(side)
    world.run({0: "lost"})
    assert world.links[0].sent
    assert world.is_still()
    assert (world.links[0].sent, world.links[0].late) == ((), ())


@SIDES
def test_after_a_lost_answer_an_edit_of_the_other_side_is_seen(side: Side) -> None:
    world, espo_id, number = edited(side)
    world.run({0: "lost"})
    edit(world, side.other, "Allee 9", espo_id, number)
    world.run()
    assert world.mentions() == []
    assert world.streets() == (["Allee 9"], ["Allee 9"])
    assert world.is_still()


@pytest.mark.parametrize(
    "side, left, told", [(Side.espocrm, "Allee 9", "Wall 1"), (Side.advoware, "Wall 1", "Allee 9")]
)
def test_after_a_lost_answer_an_edit_of_the_same_side_counts_against_the_other(
    side: Side, left: str, told: str
) -> None:
    """Nobody can tell whether it was made before or after ours arrived: EspoCRM leads, and the lost value is told."""
    world, espo_id, number = edited(side)
    world.run({0: "lost"})
    edit(world, side, "Allee 9", espo_id, number)
    made = world.run()
    assert [report.params["strasse"] for report in made.reports] == [told]
    assert world.streets() == ([left], [left])
    assert world.is_still()


@SIDES
def test_a_write_that_did_not_arrive_is_sent_again(side: Side) -> None:
    world, _, _ = edited(side)
    world.run({0: "late"})
    world.late = []
    world.run()
    assert len(world.rows()) == 1
    assert world.is_still()
    assert world.streets() == (["Wall 1"], ["Wall 1"])


@SIDES
def test_a_write_that_lands_late_does_not_undo_a_newer_edit(side: Side) -> None:
    """The older value of ours shows: what the other side says by now is carried over it."""
    world, espo_id, number = edited(side)
    world.facts = replace(world.facts, late_over=False)
    world.run({0: "late"})
    edit(world, side.other, "Allee 9", espo_id, number)
    world.run()
    assert at(world, side) == "Allee 9"
    world.land_late()
    assert at(world, side) == "Wall 1"
    world.run()
    assert world.streets() == (["Allee 9"], ["Allee 9"])
    world.facts = replace(world.facts, late_over=True)
    assert world.is_still()
    assert world.links[0].late == ()


@SIDES
def test_once_nothing_can_land_the_same_value_is_an_edit_like_any_other(side: Side) -> None:
    world, espo_id, number = edited(side)
    world.run({0: "late"})
    world.late = []
    edit(world, side.other, "Allee 9", espo_id, number)
    world.run()
    edit(world, side, "Wall 1", espo_id, number)
    world.run()
    assert world.streets() == (["Wall 1"], ["Wall 1"])


@SIDES
def test_an_answer_that_was_a_mere_echo_is_confirmed_by_the_next_look(side: Side) -> None:
    world, _, _ = edited(side)
    world.run()
    assert [intent.phase for intent in world.links[0].sent] == ["answered"]
    world.run()
    assert world.links[0].sent == ()


@SIDES
def test_not_sent_is_planned_again_and_a_refusal_is_not(side: Side) -> None:
    world, _, _ = edited(side)
    operation = world.plan().operations[0]
    unsent = answers.not_sent(operation)
    assert unsent is not None
    assert (unsent.sent, unsent.refused) == ((), None)
    refused = answers.after_refusal(operation)
    assert refused is not None
    assert refused.sent == ()
    assert refused.refused is not None
    assert refused.refused.by is side


def test_an_answer_that_shows_more_than_was_sent_is_the_base() -> None:
    world, espo_id, number = edited(Side.advoware, "Ein sehr langer Weg 1")
    operation = world.plan().operations[0]
    from syncapp.core.adressen.shapes import Address

    cut = Address("Ein sehr", "30159", "Hannover")
    link = answers.after_advoware(
        operation, entry_id=number, shown=cut, row_id="r9", same=lambda one, other: one == other
    )
    assert link is not None
    assert link.base_advo is not None
    assert (link.base_advo.strasse, link.sent) == ("Ein sehr", ())
    assert link.base_espo is not None
    assert link.base_espo.strasse == "Ein sehr langer Weg 1"
    world.links = (link,)
    world.edit_entry(number, strasse="Ein sehr")
    assert world.is_still()
    assert world.items[espo_id].address.strasse == "Ein sehr langer Weg 1"


def test_a_create_that_was_never_sent_leaves_nothing() -> None:
    world = World()
    world.item("Wall 1", **HERE)
    made = world.plan()
    assert answers.final_links(made, {}) == ()
    assert made.links_before[0].pending is not None
    assert [operation.done and operation.done.pending for operation in made.operations] == [None]


# --- answers of people


class Letter(str):
    """A value that is all unit."""

    @property
    def unit(self) -> str:
        return str(self)

    def with_unit(self, text: str) -> "Letter":
        return Letter(text)


PAIR = PairLink[Letter]("i1", 1, "a", "b", letter_block="x", late=())
OTHER = PairLink[Letter]("i2", 2, "a", "b", letter_block="y")


def test_the_same() -> None:
    links = answers.the_same(
        (OTHER, PairLink("i1", 1, state=LinkState.different)),
        espo_id="i1",
        entry_id=1,
        espo=Letter("a"),
        advo=Letter("b"),
    )
    assert links == (OTHER, PairLink("i1", 1, "a", "b"))
    sending = answers.the_same((), espo_id="i1", entry_id=1, espo=Letter("a"), advo=Letter("b"), send=True)
    assert sending == (PairLink("i1", 1, "b", "b"),)


def test_the_same_frees_what_one_of_them_was_a_pair_with() -> None:
    alias = PairLink[Letter]("i1", 3, "a", "a", alias_of=AliasOf.entry)
    open_post = PairLink[Letter]("i1", None)
    links = (replace(PAIR, missing=True), alias, open_post, PairLink("i3", 4, "a", "b"), OTHER)
    after = answers.the_same(links, espo_id="i1", entry_id=4, espo=Letter("a"), advo=Letter("b"))
    assert after == (alias, open_post, OTHER, PairLink("i1", 4, "a", "b"))


def test_different() -> None:
    assert answers.different((OTHER,), espo_id="i1", entry_id=1) == (
        OTHER,
        PairLink("i1", 1, state=LinkState.different),
    )


def test_as_a_new_entry() -> None:
    alias = PairLink[Letter]("i1", 3, "a", "a", alias_of=AliasOf.entry)
    stone = replace(PAIR, espo_id=None, state=LinkState.tombstone, letter_block="")
    assert answers.as_new_entry((PAIR, alias, OTHER), espo_id="i1") == (stone, alias, OTHER)


@pytest.mark.parametrize("side, base", [(Side.espocrm, "B"), (Side.advoware, "A")])
def test_keep_one_side(side: Side, base: str) -> None:
    links = answers.keep_side((PAIR, OTHER), espo_id="i1", entry_id=1, side=side, espo=Letter("A"), advo=Letter("B"))
    assert links == (replace(PAIR, base_espo=base, base_advo=base), OTHER)


def test_a_checked_letter_block() -> None:
    assert answers.letter_block_checked((PAIR, OTHER), entry_id=1) == (replace(PAIR, letter_block=""), OTHER)


def test_allowed_done_and_deleted_by_hand() -> None:
    assert answers.allow_post((PAIR, OTHER), espo_id="i1") == (OTHER, PairLink("i1", None, state=LinkState.allowed))
    assert answers.done_by_hand((PAIR, OTHER), espo_id="i1", value="c") == (OTHER, PairLink("i1", 1, "c", "c"))
    assert answers.done_by_hand((OTHER,), espo_id="i1", value="c") == (OTHER, PairLink("i1", None, "c", "c"))
    stone = replace(PAIR, state=LinkState.tombstone)
    other = replace(stone, espo_id=None, entry_id=-7)
    assert answers.deleted_by_hand((stone, other, OTHER), espo_id="i1", entry_id=1) == (other, OTHER)
    assert answers.deleted_by_hand((stone, other, OTHER), espo_id="", entry_id=-7) == (stone, OTHER)
    assert answers.deleted_by_hand((PAIR, OTHER), espo_id="i1", entry_id=1) == (PAIR, OTHER)
