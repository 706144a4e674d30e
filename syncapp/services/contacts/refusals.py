"""What EspoCRM refused of a run's lists, and what is left out of the next PATCH for it.

Invariant: one bad contact point never blocks the rest. Every refusal leaves out more than the one before, so that
trying again comes to an end: first the likeliest addition to the named list; where nothing in it is new, the list.
"""

from dataclasses import dataclass

from syncapp.core.contacts import Entry, Medium

PHONES, EMAILS = "phoneNumberData", "emailAddressData"
LIST_OF = {Medium.phone: PHONES, Medium.email: EMAILS}
# EspoCRM names the field, not the attribute that holds its list.
MEDIUM_OF_FIELD = {
    "phoneNumber": Medium.phone,
    PHONES: Medium.phone,
    "emailAddress": Medium.email,
    EMAILS: Medium.email,
}


@dataclass(frozen=True, slots=True)
class Refusals:
    """additions: (entry id, tlf) that EspoCRM would not take. lists: those that it refuses without anything new."""

    additions: frozenset[tuple[int, str]] = frozenset()
    lists: frozenset[Medium] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.additions or self.lists)


class ListRefused(Exception):
    """EspoCRM did not take a list: the PATCH goes again without these. `entries`: Advoware's as they are now."""

    def __init__(self, refusals: Refusals, entries: tuple[Entry, ...]) -> None:
        super().__init__("EspoCRM refused a contact list")
        self.refusals, self.entries = refusals, entries
