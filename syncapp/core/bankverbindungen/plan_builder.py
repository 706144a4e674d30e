"""The pieces of a plan of bank accounts: what is free, what is comparable, and the writes with their links.

Invariant: to Advoware goes nothing but a POST (it has no PUT and no DELETE for accounts), and only of an account whose
IBAN and BIC are right; nothing that a case or a report says shows more than country and last four signs.
To extend: a new kind of write is a method here; when it is due is decided by a row.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from syncapp.core.bankverbindungen.shapes import (
    FIELDS,
    Account,
    AccountLink,
    BankEntry,
    BankFacts,
    BankItem,
    BankPolicy,
    Kept,
)
from syncapp.core.child_lists.builder import Builder
from syncapp.core.child_lists.settling import intent_for
from syncapp.core.child_lists.shapes import Act, CaseCode, ChildOperation, DeclinedValue, LinkState
from syncapp.core.sides import Side
from syncapp.core.spelling.iban import compact, is_valid, is_valid_bic
from syncapp.core.spelling.storable import unsendable

# What makes two accounts the same.
IDENTITY = frozenset({"iban"})


def fault_of(account: Account) -> str | None:
    """The first field that is wrong, or holds what no system should be given; a BIC may be missing."""
    odd = next((name for name in FIELDS if unsendable(getattr(account, name))), None)
    if odd or not is_valid(account.key):
        return odd or "iban"
    bic = compact(account.bic)
    return "bic" if bic and not is_valid_bic(bic) else None


@dataclass
class AccountBuilder(Builder[Kept, BankItem, BankEntry]):
    facts: BankFacts = field(kw_only=True)
    policy: BankPolicy = field(kw_only=True)

    @cached_property
    def in_use(self) -> set[str]:
        return {espo_id for espo_id, item in self.items.items() if item.aktiv}

    def kept_of(self, account: Account) -> Kept:
        return self.facts.keeper.keep(account)

    def is_kept(self, kept: Kept | None, account: Account) -> bool:
        return kept is not None and self.facts.keeper.same(kept, account, self.facts.carried)

    def is_iban_of(self, kept: Kept | None, account: Account) -> bool:
        """Whether it is that account, whatever else each of them says of it."""
        return kept is not None and self.facts.keeper.same(kept, account, IDENTITY)

    def same(self, one: Account, other: Account) -> bool:
        return all(one.normal(name) == other.normal(name) for name in self.facts.carried)

    def post(self, item: BankItem, row: int) -> None:
        """A new account in Advoware."""
        kept = self.kept_of(item.account)
        values = {**self._spelled(item.account), "iban": item.account.key}
        self.add_post(row, item.espo_id, kept, held=kept, values=values)

    def create(self, entry: BankEntry) -> None:
        """Row 5. `name` is the label that people see in EspoCRM; the default of an account is theirs to set."""
        values: dict[str, object] = {**self._spelled(entry.account), "iban": entry.account.key}
        values |= {"name": entry.account.bankname or entry.account.masked, "standard": False}
        values |= {"aktiv": True} if self.facts.has_active else {}
        values |= {"entry_number": entry.id} if entry.id > 0 else {}
        self.add_create(5, entry.id, self.kept_of(entry.account), values)

    def take(self, link: AccountLink, item: BankItem, entry: BankEntry) -> None:
        """Row 8: what Advoware changed."""
        now, kept = entry.account, self.kept_of(entry.account)
        changed = [name for name in self.facts.carried if now.normal(name) != item.account.normal(name)]
        values = {name: now.key if name == "iban" else getattr(now, name) for name in sorted(changed)}
        before = self.kept_of(item.account)
        sent = intent_for(side=Side.espocrm, sent=kept, before=before, other=kept, marker=item.version)
        done = replace(link, base_espo=kept, base_advo=kept, sent=(sent,))
        self.operations.append(ChildOperation(8, Act.put_item, replace(link, sent=(sent,)), done, values))

    def end_item(self, link: AccountLink) -> None:
        """Row 11. A pair until the answer says so: an item in use whose entry has left for good counts as put into use
        again, and would be sent as a new account."""
        before = replace(link, missing=True, sent=())
        gone = replace(before, state=LinkState.gone, refused=None)
        self.operations.append(ChildOperation(11, Act.put_item, before, gone, {"aktiv": False}, removes=True))

    def is_end_refused(self, link: AccountLink) -> bool:
        """Whether EspoCRM has refused row 11 already: it then says so with what the account was."""
        return link.base_advo is not None and link.refused == DeclinedValue(Side.espocrm, link.base_advo)

    def _spelled(self, account: Account) -> dict[str, object]:
        return {name: getattr(account, name) for name in FIELDS if name in self.facts.carried}

    def refuse(self, link: AccountLink, row: int, by: Side, account: Account, fault: str) -> None:
        """Frozen until the value changes, and said so; never with the value."""
        self.case(CaseCode.refused, row, link, by=str(by), field=fault, account=account.masked)
        self.keep(replace(link, refused=DeclinedValue(by, self.kept_of(account))))

    def is_refused(self, link: AccountLink, by: Side, account: Account) -> bool:
        refused = link.refused
        return refused is not None and refused.by is by and self.is_kept(refused.value, account)
