"""The pieces of an address plan: what is free, what each pair will hold, and the writes with their links.

Purpose: the rows (pairs, aliases, newcomers) ask and settle here.
Invariant: each item and each entry is used once; a link changes its base only through a write that was answered, or
where both sides are seen equal.
To extend: a new kind of write is a method here; when it is due is decided by a row.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property

from syncapp.core.adressen import markers
from syncapp.core.adressen.shapes import (
    PLACE,
    Address,
    AddressEntry,
    AddressFacts,
    AddressItem,
    AddressLink,
    AddressPolicy,
    LandForm,
)
from syncapp.core.adressen.sight import Sight, overlaid
from syncapp.core.adressen.spelling import letter_block
from syncapp.core.adressen.spelling.countries import country_code, german_name
from syncapp.core.child_lists.builder import Builder
from syncapp.core.child_lists.settling import intent_for
from syncapp.core.child_lists.shapes import Act, CaseCode, ChildOperation, DeclinedValue
from syncapp.core.sides import Side


@dataclass(frozen=True)
class Target:
    """What a pair will hold in EspoCRM after this run. waits: until people have decided, nothing follows it."""

    address: Address
    waits: bool = False


@dataclass
class AddressBuilder(Builder[Address, AddressItem, AddressEntry]):
    facts: AddressFacts = field(kw_only=True)
    policy: AddressPolicy = field(kw_only=True)
    links_known: bool = field(kw_only=True)
    different: set[tuple[str, int]] = field(default_factory=set)
    targets: dict[str, Target] = field(default_factory=dict)
    reused: dict[int, AddressLink] = field(default_factory=dict)

    @cached_property
    def sight(self) -> Sight:
        return Sight(self.facts)

    def visible(self, entry: AddressEntry) -> Address:
        return self.sight.visible(entry)

    def told(self, item: Address, entry: AddressEntry) -> dict[str, str]:
        """Both sides, as the parameters of a text for people."""
        return {**item.told("espo_"), **self.visible(entry).told("advo_")}

    def pair(self, link: AddressLink, address: Address, *, waits: bool = False) -> None:
        """Keeps a pair and remembers what its aliases have to follow."""
        self.keep(link)
        self.aim(link, address, waits=waits)

    def aim(self, link: AddressLink, address: Address, *, waits: bool = False) -> None:
        if link.espo_id is not None:
            self.targets[link.espo_id] = Target(address, waits)

    def offer(self, link: AddressLink, entry: AddressEntry) -> None:
        """An entry that was changed after its item had gone: it is free, and what is left of its pair says where from.

        It may be by now what another item, or another pair, says.
        """
        self.free_entries.add(entry.id)
        self.reused[entry.id] = link

    # --- writes to Advoware

    def post(self, item: AddressItem, row: int) -> None:
        """A new entry, with everything that can be said only now."""
        sent = self._as_entry(item)
        # An entry that was not sent as the default one is none.
        held = self.visible(AddressEntry(0, replace(sent, standard=bool(sent.standard))))
        self.add_post(row, item.espo_id, item.address, held=held, values=sent.to_json())

    def _as_entry(self, item: AddressItem) -> Address:
        address = item.address
        return replace(
            address,
            strasse=address.street_line,
            land=self._land(address.land),
            standard=True if not self.entries and self.posts == 0 else None,
            aktiv=None,
            bemerkung=markers.marked(item.espo_id, address.bemerkung),
        )

    def _land(self, text: str) -> str:
        if not text.strip() or self.policy.land_form is LandForm.text:
            return text
        code = country_code(text, home=self.facts.home)
        if self.policy.land_form is LandForm.iso2:
            return code if german_name(code) else text
        read = self.facts.land_spellings.get(code) if self.policy.land_form is LandForm.as_read else None
        return read or german_name(code) or text

    def put(self, link: AddressLink, item: AddressItem, entry: AddressEntry, row: int) -> None:
        """The main part of an entry, with its letter block where that follows by rule."""
        after = overlaid(entry.address, item.address)
        block = letter_block.renewed(entry.address, after, mode=self.policy.letter_block)
        changed = replace(after, anschrift=entry.address.anschrift if block is None else block)
        now, then = self.visible(entry), self.sight.place(changed)
        intent = intent_for(side=Side.advoware, sent=then, before=now, other=item.address, marker=entry.row_id)
        done = replace(
            link,
            base_espo=(link.base_espo or item.address).with_place(item.address),
            base_advo=(link.base_advo or now).with_place(then),
            letter_block=entry.address.anschrift if block is None else "",
        )
        if block is None:
            self.case(CaseCode.letter_block, row, link, anschrift=entry.address.anschrift)
        values = changed.of(("strasse", "plz", "ort", "anschrift"))
        before, done = replace(link, sent=(intent,)), replace(done, sent=(intent,))
        self.operations.append(ChildOperation(row, Act.put_entry, before, done, values))

    # --- writes to EspoCRM

    def create(self, entry: AddressEntry, row: int) -> None:
        shown = self.visible(entry)
        self.add_create(row, entry.id, shown, {**shown.to_json(), "entry_number": entry.id})

    def change_item(
        self,
        link: AddressLink,
        item: AddressItem,
        values: dict[str, object],
        done: AddressLink,
        row: int,
        *,
        removes: bool = False,
    ) -> None:
        """A PUT of the item. Its place is one unit, sent whole, and has an intent; side facts are simply sent again.

        Where EspoCRM does not look at versions, a PUT of two lines that lands late would leave half of two addresses.
        """
        intent = link
        if any(name in values for name in PLACE):
            after = replace(item.address, **{name: values[name] for name in PLACE if name in values})  # type: ignore[arg-type]
            sent = intent_for(
                side=Side.espocrm,
                sent=after,
                before=item.address,
                other=done.base_advo or after,
                marker=item.version,
            )
            intent, done = replace(link, sent=(sent,)), replace(done, sent=(sent,))
            whole = {name: getattr(after, name) for name in PLACE if name in self.facts.carried}
            values = {**whole, **values}
        self.operations.append(ChildOperation(row, Act.put_item, intent, done, values, removes))

    def delete_item(self, link: AddressLink, row: int) -> None:
        self.operations.append(ChildOperation(row, Act.delete_item, link, None, {}, removes=True))

    # --- refusals

    def is_refused(self, link: AddressLink, by: Side, value: Address) -> bool:
        """To Advoware goes the place alone; EspoCRM may have refused any part of what it was sent."""
        if link.refused is None or link.refused.by is not by:
            return False
        refused = link.refused.value
        return refused == value if by is Side.espocrm else refused.unit == value.unit

    def is_place_refused(self, link: AddressLink, value: Address) -> bool:
        """Of what EspoCRM was sent as a place alone: flags and remark of that address may have moved since."""
        return link.refused is not None and self.is_refused(link, Side.espocrm, link.refused.value.with_place(value))

    def would_refuse(self, link: AddressLink, by: Side, value: Address) -> bool:
        """Whether it is not worth sending: refused already, or certain to be."""
        return self.sight.is_unfit(by, value) or self.is_refused(link, by, value)

    def refuse(self, link: AddressLink, by: Side, value: Address) -> None:
        """Frozen until the value changes, and said so."""
        self.case(CaseCode.refused, 20, link, by=str(by))
        self.keep(replace(link, refused=DeclinedValue(by, value)))
