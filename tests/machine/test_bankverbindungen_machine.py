"""A state machine over the plan of bank accounts: with and without a list to read, kept in plain and as hashes.

Afterwards: a further run writes nothing, no account is sent twice by the program, none is left alone without a case,
and nothing that is told to people shows one.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncapp.core.bankverbindungen.shapes import BankChange, BankKeep
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.core.parts import Direction
from tests.core.bankverbindungen.world import WRONG, A, B, C, World, bank_facts

picks = st.integers(0, 9)
ibans = st.sampled_from([A, B, C, "DE89 3704 0044 0532 0130 00", WRONG])
faults = st.dictionaries(st.integers(0, 3), st.sampled_from(["", "lost", "late", "refused"]), max_size=2)


class AccountMachine(RuleBasedStateMachine):
    world: World

    @initialize(how=st.sampled_from(BankKeep), readable=st.booleans(), change=st.sampled_from(BankChange))
    def an_installation(self, how: BankKeep, readable: bool, change: BankChange) -> None:
        self.world = World(facts=bank_facts(how, readable=readable))
        self.world.policy = replace(self.world.policy, change=change)

    @rule(iban=ibans, aktiv=st.booleans(), is_old=st.booleans())
    def espo_adds(self, iban: str, aktiv: bool, is_old: bool) -> None:
        self.world.item(iban, aktiv=aktiv, is_old=is_old)

    @precondition(lambda self: self.world.items)
    @rule(pick=picks, iban=ibans, aktiv=st.booleans(), bank=st.sampled_from(["", "Sandbank"]))
    def espo_edits(self, pick: int, iban: str, aktiv: bool, bank: str) -> None:
        self.world.edit_item(self._item(pick), iban=iban, aktiv=aktiv, bankname=bank)

    @precondition(lambda self: self.world.items)
    @rule(pick=picks)
    def espo_deletes(self, pick: int) -> None:
        del self.world.items[self._item(pick)]

    @rule(iban=ibans)
    def advo_adds(self, iban: str) -> None:
        self.world.entry(iban)

    @precondition(lambda self: self.world.entries)
    @rule(pick=picks, iban=ibans, bank=st.sampled_from(["", "Sandbank"]))
    def advo_edits(self, pick: int, iban: str, bank: str) -> None:
        self.world.edit_entry(self._entry(pick), iban=iban, bankname=bank)

    @precondition(lambda self: self.world.entries)
    @rule(pick=picks)
    def advo_deletes(self, pick: int) -> None:
        del self.world.entries[self._entry(pick)]

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
        self.world.links = ()

    @rule()
    def only_hashes_from_now_on(self) -> None:
        world = self.world
        world.facts = replace(world.facts, keeper=replace(world.facts.keeper, how=BankKeep.hash))
        world.links = tuple(world.facts.keeper.resealed_link(link) for link in world.links)

    @rule()
    def people_answer(self) -> None:
        world = self.world
        for case in world.plan().questions[:1]:
            if case.code is CaseCode.outcome_unknown:
                world.links = answers.not_there(world.links, espo_id=case.espo_id or "")
            elif case.code in (CaseCode.allow_post, CaseCode.assumed_known):
                world.links = answers.allow_post(world.links, espo_id=case.espo_id or "")
            elif case.code is CaseCode.waiting:
                world.people_say_carry()

    @rule()
    def settle(self) -> None:
        world = self.world
        world.land_late()
        world.direction = Direction.both
        for _ in range(6):
            world.run()
        assert world.is_still()
        made = world.plans[-1]
        told = {case.espo_id for case in made.cases} | {case.entry_id for case in made.cases}
        # What equals a create in doubt waits for the answer about that one, and is reported so.
        told |= {side for report in made.reports for side in (report.espo_id, report.entry_id)}
        linked = {link.espo_id for link in world.links} | {link.entry_id for link in world.links}
        for item in world.items.values():
            assert item.espo_id in linked | told or not item.aktiv
        if world.facts.readable:
            assert all(number in linked | told for number in world.entries)

    @invariant()
    def one_link_ties_a_pair(self) -> None:
        pairs = [link for link in self.world.links if link.is_pair]
        for numbers in ([one.espo_id for one in pairs if one.espo_id], [one.entry_id for one in pairs if one.entry_id]):
            assert len(numbers) == len(set(numbers))

    @invariant()
    def nothing_told_shows_an_account(self) -> None:
        for made in self.world.plans[-1:]:
            told = f"{made!r} {[case.params for case in made.cases]} {[report.params for report in made.reports]}"
            assert not any(secret in told for secret in (A, B, C, WRONG))

    def _item(self, pick: int) -> str:
        return sorted(self.world.items)[pick % len(self.world.items)]

    def _entry(self, pick: int) -> int:
        return sorted(self.world.entries)[pick % len(self.world.entries)]


TestAccountMachine = AccountMachine.TestCase
