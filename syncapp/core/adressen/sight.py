"""One side's address as the other one can see it, and whether two of them are the same.

Purpose: EspoCRM may have no field for a part (a Postfach, a country, a date). Such a part is not compared; a Postfach
without a street is then read out of, and written into, the street line.
Invariant: what is hidden from EspoCRM is never moved by a change of what it sees (`mixes`: a mixed address is never
sent). To extend: whatever else may be missing on one side is laid out in `visible` and `hidden`.
"""

from dataclasses import dataclass, replace

from syncapp.core.adressen import markers
from syncapp.core.adressen.shapes import FIXED, MAIN, PLACE, Address, AddressEntry, AddressFacts
from syncapp.core.adressen.spelling import equality
from syncapp.core.sides import Side
from syncapp.core.spelling.storable import unsendable


@dataclass(frozen=True)
class Sight:
    facts: AddressFacts

    def form(self, address: Address) -> equality.AddressForm:
        return equality.form_of(self.place(address), home=self.facts.home)

    def same(self, one: Address, other: Address) -> bool:
        return self.form(one) == self.form(other)

    def similar(self, one: Address, other: Address) -> bool:
        return equality.is_similar(self.place(one), self.place(other), home=self.facts.home)

    def place(self, address: Address) -> Address:
        """Where it is, with the parts that EspoCRM has a field for."""
        if "postfach" not in self.facts.carried and address.postfach and not address.strasse:
            line = address.postfach if "postfach" in address.postfach.casefold() else f"Postfach {address.postfach}"
            address = replace(address, strasse=line, plz=address.postfach_plz or address.plz)
        kept = {name: getattr(address, name) for name in PLACE if name in self.facts.carried}
        return Address(**kept)

    def hidden(self, address: Address) -> tuple[str, ...]:
        """Fixed parts that EspoCRM does not see."""
        seen = self.place(address)
        lost = [name for name in FIXED if name not in self.facts.carried and name != "land"]
        shown_in_street = not address.strasse and seen.strasse
        return () if shown_in_street else tuple(getattr(address, name) for name in lost)

    def visible(self, entry: AddressEntry) -> Address:
        """The entry as an item would hold it: place and side facts, without the marker."""
        address = entry.address
        facts = {
            "standard": address.standard,
            "aktiv": not self.is_expired(address),
            "gueltig_von": address.gueltig_von,
            "gueltig_bis": address.gueltig_bis,
            "bemerkung": markers.user_text(address.bemerkung),
        }
        kept = {name: value for name, value in facts.items() if name in self.facts.carried}
        return replace(self.place(address), **kept)  # type: ignore[arg-type]

    def is_expired(self, address: Address) -> bool:
        return bool(address.gueltig_bis) and address.gueltig_bis < self.facts.today.isoformat()

    def mixes(self, item: Address, entry: Address) -> bool:
        """Whether the main part of the item, laid over the entry, would make an address that neither side means, or
        empty the main part: what Advoware makes of that is not known."""
        result = overlaid(entry, item)
        emptied = any(entry.of(MAIN).values()) and not any(result.of(MAIN).values())
        return emptied or not self.same(result, item) or self.hidden(result) != self.hidden(entry)

    def is_unfit(self, by: Side, address: Address) -> bool:
        """Whether that side would refuse it, as far as that is known before it is sent."""
        return any(self._is_unfit(by, name, getattr(address, name)) for name in PLACE)

    def _is_unfit(self, by: Side, name: str, text: str) -> bool:
        if unsendable(text):
            return True
        too_long = len(text) > self.facts.limits.get(name, len(text))
        forbidden = name in self.facts.plain and any(sign in text for sign in "<>=")
        return by is Side.espocrm and (too_long or forbidden)


def overlaid(entry: Address, item: Address) -> Address:
    """The entry with the item's main part, in the entry's own spelling where that part did not change."""
    return replace(
        entry,
        strasse=item.street_line,
        plz=entry.plz if equality.code_form(entry.plz) == equality.code_form(item.plz) else item.plz,
        ort=entry.ort if equality.folded(entry.ort) == equality.folded(item.ort) else item.ort,
    )
