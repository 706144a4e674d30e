"""A pure model of both systems' bank accounts, and a run over it that can be refused or answered into the void.

Advoware: a POST, and nothing else. EspoCRM: everything, but its hook refuses a wrong IBAN.
"""

from dataclasses import dataclass, field, replace

from syncapp.core.bankverbindungen.plan import BankPlan, BankSnapshot
from syncapp.core.bankverbindungen.shapes import (
    FIELDS,
    Account,
    AccountLink,
    BankEntry,
    BankFacts,
    BankItem,
    BankKeep,
    BankPolicy,
    Keeper,
    Kept,
)
from syncapp.core.child_lists import answers
from syncapp.core.child_lists.shapes import Act, ChildOperation
from syncapp.core.parts import Around
from syncapp.core.sides import Side
from syncapp.core.spelling.iban import compact, is_valid
from tests.core.child_lists.world import ListWorld

# Published examples and made-up accounts with right check digits.
A = "DE89370400440532013000"
B = "DE02120300000000202051"
C = "AT611904300234573201"
WRONG = "DE89370400440532013001"


def bank_facts(how: BankKeep = BankKeep.plain, **more: object) -> BankFacts:
    return BankFacts(keeper=Keeper(b"a key of the test", how), **more)


@dataclass
class World(ListWorld):
    facts: BankFacts = field(default_factory=bank_facts)
    policy: BankPolicy = field(default_factory=lambda: BankPolicy(only_match=False))
    items: dict[str, BankItem] = field(default_factory=dict)
    entries: dict[int, BankEntry] = field(default_factory=dict)

    def item(self, iban: str, *, aktiv: bool = True, is_old: bool = False, **more: str) -> str:
        espo_id = f"i{self._moved()}"
        self.items[espo_id] = BankItem(espo_id, Account(iban, **more), aktiv, is_old, version=self._moved())
        return espo_id

    def entry(self, iban: str, **more: str) -> int:
        number = int(self._moved())
        self.entries[number] = BankEntry(number, Account(iban, **more))
        return number

    def edit_item(self, espo_id: str, *, aktiv: bool | None = None, **more: str) -> None:
        item = self.items[espo_id]
        now = item.aktiv if aktiv is None else aktiv
        account = replace(item.account, **more)
        self.items[espo_id] = replace(item, account=account, aktiv=now, version=self._moved())

    def edit_entry(self, number: int, **more: str) -> None:
        self.entries[number] = replace(self.entries[number], account=replace(self.entries[number].account, **more))

    def plan(self) -> BankPlan:
        lists = BankSnapshot(
            tuple(self.items.values()), tuple(self.entries.values()), self.facts, self.links, self.policy
        )
        return lists.plan(Around(self.direction))

    def run(self, faults: dict[int, str] | None = None) -> BankPlan:
        made = self.plan()
        self.plans.append(made)
        self.links = made.links_before
        faults = faults or {}
        outcomes = {place: self._do(one, faults.get(place, "")) for place, one in enumerate(made.operations)}
        self.links = answers.final_links(made, outcomes)
        self.facts = replace(self.facts, shrunk_seen=made.shrunk)
        return made

    def _do(self, operation: ChildOperation[Kept], fault: str) -> AccountLink | None:
        if fault == "refused":
            return answers.after_refusal(operation)
        if fault == "late":
            self.late.append(lambda: self._write(operation))
            return operation.intent
        number = self._write(operation)
        if fault == "lost":
            return operation.intent
        if operation.side is Side.advoware:
            shown = self.facts.keeper.keep(self.entries[number].account)
            return answers.after_advoware(
                operation,
                entry_id=number,
                shown=shown,
                row_id=None,
                same=lambda sent, held: sent.values == held.values,
                is_readable=self.facts.readable,
            )
        item = self.items[str(number)]
        kept = self.facts.keeper.keep(item.account)
        return answers.after_espocrm(operation, espo_id=item.espo_id, shown=kept, version=item.version)

    def _write(self, operation: ChildOperation[Kept]) -> str | int:
        values = dict(operation.values)
        account = {name: str(value) for name, value in values.items() if name in FIELDS}
        if operation.act is Act.post_entry:
            return self.entry(account.pop("iban"), **account)
        iban = account.get("iban")
        assert iban is None or (iban == compact(iban) and is_valid(iban))
        if operation.act is Act.create_item:
            espo_id = self.item(account.pop("iban"), **account)
            self.items[espo_id] = replace(self.items[espo_id], entry_number=values.get("entry_number"))
            return espo_id
        assert operation.espo_id
        if operation.espo_id in self.items:  # a late PATCH of what people have deleted meanwhile is a 404
            self.edit_item(operation.espo_id, aktiv=values.get("aktiv"), **account)
        return operation.espo_id
