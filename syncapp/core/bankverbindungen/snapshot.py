"""The bank accounts of one record: all that their plan is made from.

Invariant: frozen; nothing else has an influence on the plan. `items` or `entries` None: missing, which is not empty.
To extend: a further fact is a field of `BankFacts`, or of this class where the record's plan has a say in it.
"""

from dataclasses import dataclass, field

from syncapp.core.bankverbindungen.plan import BankPlan, plan
from syncapp.core.bankverbindungen.shapes import AccountLink, BankEntry, BankFacts, BankItem, BankPolicy
from syncapp.core.child_lists.shapes import posts_without_answer
from syncapp.core.parts import Around


@dataclass(frozen=True)
class BankSnapshot:
    items: tuple[BankItem, ...] | None
    entries: tuple[BankEntry, ...] | None
    facts: BankFacts
    links: tuple[AccountLink, ...] = ()
    policy: BankPolicy = field(default_factory=BankPolicy)

    def plan(self, around: Around) -> BankPlan:
        """What one run does to the accounts. Without a list to read, links are all there is, however old they are."""
        links = posts_without_answer(self.links) if around.stale_base and self.facts.readable else self.links
        return plan(
            # What was created by this run has no account yet, whether or not the answer shows the list.
            entries=self.entries or () if around.created else self.entries,
            items=self.items,
            links=links,
            facts=self.facts,
            direction=around.direction,
            policy=self.policy,
        )
