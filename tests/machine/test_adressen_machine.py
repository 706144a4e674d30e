"""A state machine over the address plan: people on both sides, copied markers, crashes, lost and late answers, a lost
database with and without the field for the entry's number.

Whatever happened, `settle` demands: a further run writes nothing, no pair differs without a case, no item and no entry
is left alone, nothing was sent twice by the program, and no address was ever a mixture of two.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncapp.core.adressen.shapes import Address, AddressEntry, FixedChange, Remove
from syncapp.core.adressen.sight import Sight
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import CaseCode, LinkState
from syncapp.core.parts import Direction
from syncapp.core.sides import Side
from tests.core.adressen.world import World

STREETS = ("Hauptstr. 5", "Hauptstraße 5", "Hauptstr. 7", "Wall 1", "Ring 3", "Postfach 12 34")
TOWNS = (("30159", "Hannover", ""), ("D-30159", "hannover", "D"), ("1010", "Wien", "Österreich"))
FAULTS = ("", "", "lost", "late", "cut", "dead", "refused")

picks = st.integers(0, 9)
streets = st.sampled_from(STREETS)
towns = st.sampled_from(TOWNS)
faults = st.dictionaries(st.integers(0, 3), st.sampled_from(FAULTS), max_size=2)


def place(street: str, town: tuple[str, str, str]) -> dict[str, str]:
    return {"strasse": street, "plz": town[0], "ort": town[1], "land": town[2]}


class AddressMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.typed: set[object] = set()  # every address that people wrote, by its normal form

    @initialize(
        number_field=st.booleans(),
        remark_max=st.sampled_from([None, None, 5]),
        flag=st.booleans(),
        remove=st.sampled_from(Remove),
        fixed=st.sampled_from(FixedChange),
    )
    def an_installation(
        self, number_field: bool, remark_max: int | None, flag: bool, remove: Remove, fixed: FixedChange
    ) -> None:
        world = self.world
        world.number_field, world.remark_max = number_field, remark_max
        world.policy = replace(world.policy, remove=remove, fixed_change=fixed)
        if not flag:
            world.facts = replace(world.facts, carried=world.facts.carried - {"aktiv"})

    # --- people

    @rule(street=streets, town=towns)
    def espo_adds(self, street: str, town: tuple[str, str, str]) -> None:
        self._typed(place(street, town))
        self.world.item(**place(street, town))

    @precondition(lambda self: self.world.items)
    @rule(pick=picks, street=streets, town=towns)
    def espo_edits(self, pick: int, street: str, town: tuple[str, str, str]) -> None:
        self._typed(place(street, town))
        self.world.edit_item(self._item(pick), **place(street, town))

    @precondition(lambda self: self.world.items)
    @rule(pick=picks)
    def espo_deletes(self, pick: int) -> None:
        del self.world.items[self._item(pick)]

    @precondition(lambda self: self.world.items)
    @rule(pick=picks)
    def espo_sets_the_default(self, pick: int) -> None:
        espo_id = self._item(pick)
        self.world.edit_item(espo_id, standard=not self.world.items[espo_id].address.standard)

    @rule(street=streets, town=towns)
    def advo_adds(self, street: str, town: tuple[str, str, str]) -> None:
        self._typed(place(street, town))
        self.world.entry(**place(street, town))

    @precondition(lambda self: self.world.entries)
    @rule(pick=picks, street=streets, town=towns)
    def advo_edits(self, pick: int, street: str, town: tuple[str, str, str]) -> None:
        self._typed(place(street, town))
        self.world.edit_entry(self._entry(pick), **place(street, town))

    @precondition(lambda self: self.world.entries)
    @rule(pick=picks)
    def advo_deletes(self, pick: int) -> None:
        del self.world.entries[self._entry(pick)]

    @precondition(lambda self: self.world.entries)
    @rule(pick=picks)
    def advo_ends(self, pick: int) -> None:
        self.world.edit_entry(self._entry(pick), gueltig_bis="2026-01-31")

    @precondition(lambda self: self.world.entries)
    @rule(pick=picks, street=streets)
    def advo_copies_with_the_remark(self, pick: int, street: str) -> None:
        copied = self.world.entries[self._entry(pick)].address
        self._typed({**copied.of(("plz", "ort", "land")), "strasse": street})
        self.world.entry(**replace(copied, strasse=street).__dict__)

    # --- runs

    @rule(faults=faults, direction=st.sampled_from(Direction))
    def a_run(self, faults: dict[int, str], direction: Direction) -> None:
        self.world.direction = direction
        self.world.run(faults)

    @precondition(lambda self: self.world.late)
    @rule()
    def what_was_late_lands(self) -> None:
        self.world.land_late()

    @precondition(lambda self: not self.world.late)
    @rule()
    def the_database_is_lost(self) -> None:
        self.world.lose_database()

    @rule()
    def people_answer(self) -> None:
        """The first open question, one way or the other."""
        world = self.world
        questions = world.plan().questions
        if not questions:
            return
        case = questions[0]
        espo, advo = world.items.get(case.espo_id or ""), world.entries.get(case.entry_id or 0)
        if case.code is CaseCode.outcome_unknown and case.espo_id:
            world.links = answers.not_there(world.links, espo_id=case.espo_id)
        if case.code is CaseCode.waiting:
            world.people_say_carry()
        if espo is None or advo is None:
            return
        shown = Sight(world.facts).visible(
            AddressEntry(advo.id, replace(advo.address, standard=bool(advo.address.standard)))
        )
        both = {"espo_id": espo.espo_id, "entry_id": advo.id}
        if case.code is CaseCode.same_or_different and advo.id % 2:
            world.links = answers.the_same(world.links, **both, espo=espo.address, advo=shown)
        elif case.code is CaseCode.same_or_different:
            world.links = answers.different(world.links, **both)
        elif case.code is CaseCode.differs:
            side = Side.espocrm if advo.id % 2 else Side.advoware
            world.links = answers.keep_side(world.links, **both, side=side, espo=espo.address, advo=shown)

    @rule()
    def settle(self) -> None:
        """Enough runs in both directions without faults; then everything is equal, or a case says why not."""
        world = self.world
        world.land_late()
        world.direction = Direction.both
        for _ in range(6):
            world.run()
        assert world.is_still()
        assert not world.plans[-1].owed or world.plans[-1].stopped is None
        self._nothing_is_left_alone()

    def _nothing_is_left_alone(self) -> None:
        world, sight = self.world, Sight(self.world.facts)
        plan = world.plans[-1]
        told = {(case.espo_id, case.entry_id) for case in plan.cases if case.is_told}
        asked = {side for pair in told for side in pair} | {case.espo_id or case.entry_id for case in plan.cases}
        # What equals a create in doubt waits for the answer about that one, and is reported so.
        asked |= {report.espo_id or report.entry_id for report in plan.reports}
        linked_items = {link.espo_id for link in world.links}
        linked_entries = {link.entry_id for link in world.links}
        for link in world.links:
            item, entry = world.items.get(link.espo_id or ""), world.entries.get(link.entry_id or 0)
            if link.is_pair and item and entry:
                equal = sight.same(item.address, entry.address)
                assert equal or (link.espo_id, link.entry_id) in told or self._is_by_decision(link)
        for espo_id in world.items:
            assert espo_id in linked_items or espo_id in asked
        for number, entry in world.entries.items():
            assert number in linked_entries or number in asked or sight.is_expired(entry.address)

    def _is_by_decision(self, link: object) -> bool:
        """People said that both are the same, each in its spelling."""
        return link.base_espo is not None and not Sight(self.world.facts).same(link.base_espo, link.base_advo)

    # --- always

    @invariant()
    def no_address_is_a_mixture(self) -> None:
        sight = Sight(self.world.facts)
        for item in self.world.items.values():
            assert sight.form(item.address) in self.typed
        for entry in self.world.entries.values():
            assert sight.form(entry.address) in self.typed

    @invariant()
    def one_link_ties_a_pair(self) -> None:
        pairs = [link for link in self.world.links if link.is_pair]
        for numbers in ([one.espo_id for one in pairs if one.espo_id], [one.entry_id for one in pairs if one.entry_id]):
            assert len(numbers) == len(set(numbers))
        assert all(link.state is LinkState.linked for link in self.world.links if link.alias_of)

    # --- helpers

    def _typed(self, parts: dict[str, object]) -> None:
        self.typed.add(Sight(self.world.facts).form(Address(**parts)))

    def _item(self, pick: int) -> str:
        return sorted(self.world.items)[pick % len(self.world.items)]

    def _entry(self, pick: int) -> int:
        return sorted(self.world.entries)[pick % len(self.world.entries)]


TestAddressMachine = AddressMachine.TestCase
