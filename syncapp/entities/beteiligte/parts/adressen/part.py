"""Addresses as a part of the record, kept in EspoCRM as records of their own or as address fields of the record.

Invariant: what Advoware cannot change after the POST is never mixed with what it can (core/adressen); an answer that
shows no addresses removes none.
To extend: what both kinds of child lists do alike is in parts/child_lists; here is what is an address's own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from django.utils import timezone

from syncapp.core.adressen.fields import ENTITY_FIELDS, entry_of, item_of
from syncapp.core.adressen.markers import named_item
from syncapp.core.adressen.plan import AddressSnapshot
from syncapp.core.adressen.shapes import PLACE, Address, AddressEntry, AddressFacts, AddressItem, Representation
from syncapp.core.adressen.sight import Sight
from syncapp.core.adressen.spelling.countries import country_code
from syncapp.core.adressen.spelling.equality import both_ways
from syncapp.core.child_lists.answers import after_advoware
from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import (
    Act,
    ChildOperation,
    ChildPlan,
    ChildReport,
    LinkState,
    Mention,
    PairLink,
)
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.conflicts import log_once
from syncapp.entities.beteiligte.parts.adressen import configured
from syncapp.entities.beteiligte.parts.adressen.restoring import restoring
from syncapp.entities.beteiligte.parts.child_lists import reading, state
from syncapp.entities.beteiligte.parts.child_lists.describing import LineSpelling, entry_at
from syncapp.entities.beteiligte.parts.child_lists.kind import Tell
from syncapp.entities.beteiligte.parts.child_lists.part import ChildListPart
from syncapp.entities.beteiligte.parts.child_lists.reading import EspoList
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.child_lists.store import stored_links
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import ChildKind, ChildLink, Conflict, FieldChange, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.advoware.children import Child, children_in
from syncapp.remotes.espocrm.client import EspoEntity

AddressLists = ListSnapshot[Address]
# Of how many known addresses the spelling of a country is taken.
SAMPLE = 500
# So many writes of one pair within an hour, and it is left alone: two systems correct one another.
REWRITES, REWRITES_WITHIN = 3, timedelta(hours=1)


class AdressenPart(ChildListPart[Address]):
    name = "adressen"
    kind = ChildKind.ADRESSEN
    value_type = Address
    fields = ENTITY_FIELDS
    entity_type = staticmethod(configured.entity_type)
    link_attribute = staticmethod(configured.link_attribute)
    names = staticmethod(configured.entity_map)
    spelling = LineSpelling[Address, Address](text=lambda one: one.line, kept=lambda one: one.line)
    column = "adressen_state"
    forgotten: ClassVar[Mapping[str, Any]] = {"adressen_state": {}}
    personal: ClassVar[Mapping[str, Any]] = {"adressen_state": {}}

    def is_on(self) -> bool:
        return configured.representation() is not None

    def has_entity(self) -> bool:
        """Address fields of the record come with the record's own webhooks."""
        return configured.representation() is Representation.entity

    def said_of(self, base: Address, name: str) -> object:
        return getattr(base, name)

    # --- reading

    def lists_of(
        self, row: SyncRecord, *, espo: EspoEntity, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> AddressLists:
        if not self.has_entity():
            return self._of_record(row, espo, advo)
        return super().lists_of(row, espo=espo, advo=advo, clients=clients)

    def both_lists(
        self, row: SyncRecord, found: EspoList, names: ChildMap, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> AddressLists:
        items = None if found.records is None else tuple(_item(one, names) for one in found.records.values())
        facts = _facts_of(row, advo, names, reading.bounds_of(self.entity_type(), names))
        lists = self._with_lists(row, advo, names, items, facts)
        return replace(lists, records=found.records or {}, trouble=found.trouble)

    def _of_record(self, row: SyncRecord, espo: EspoEntity, advo: AdvowareBeteiligter | None) -> AddressLists:
        """Address fields of the record: a fixed number of items, each named by the record and its prefix."""
        maps = {_field_id(row, prefix): configured.record_map(prefix) for prefix in configured.prefixes()}
        shown = {name for names in maps.values() for name in names.attributes.values()}
        if not shown <= set(espo.attributes):
            return ListSnapshot(self.name)  # a list row without addresses says nothing of them
        found = {item_id: item_of(item_id, espo.attributes, names) for item_id, names in maps.items()}
        items = tuple(replace(one, version=espo.marker) for one in found.values())
        names = next(iter(maps.values()))
        facts = replace(
            _facts_of(row, advo, names, reading.FieldBounds(limits=RECORD_LIMITS, plain=RECORD_PLAIN)),
            representation=Representation.field,
            empty_fields=tuple(one.espo_id for one in items if one.address.is_empty),
        )
        lists = self._with_lists(row, advo, names, items, facts)
        return replace(lists, record_fields=maps)

    def _with_lists(
        self,
        row: SyncRecord,
        advo: AdvowareBeteiligter | None,
        names: ChildMap,
        items: tuple[AddressItem, ...] | None,
        facts: AddressFacts,
    ) -> AddressLists:
        children = None if advo is None else children_in(advo.raw, configured.entry_list())
        numbered = reading.by_number(children)
        if children is not None and numbered is None:
            about = {"field": configured.entry_list().number}
            return ListSnapshot(self.name, why="child_no_numbers", params=about)
        entries = None if numbered is None else _entries(numbered, names)
        own = _spellings(entry.address.land for entry in entries or ())
        facts = replace(facts, land_spellings={**facts.land_spellings, **own})
        stored = stored_links(row, self.kind, self.value_type)
        return ListSnapshot(
            self.name,
            lists=AddressSnapshot(items, entries, facts, stored, configured.policy()),
            names=names,
            children=numbered or {},
            seen=_fingerprint(entries or ()),
        )

    def with_entries(self, before: AddressLists, advo: AdvowareBeteiligter) -> AddressLists:
        after = reading.by_number(children_in(advo.raw, configured.entry_list()))
        if after is None or reading.shows_less(before.children, after):
            return before
        return replace(before, children=after, lists=replace(before.lists, entries=_entries(after, before.names)))

    def fingerprint(self, advo: AdvowareBeteiligter) -> str | None:
        numbered = reading.by_number(children_in(advo.raw, configured.entry_list()))
        return None if numbered is None else _fingerprint(_entries(numbered, configured.entity_map(None)))

    def visible_entries(self, advo: AdvowareBeteiligter) -> Mapping[int, Address] | None:
        numbered = reading.by_number(children_in(advo.raw, configured.entry_list()))
        names = _names()
        if numbered is None or names is None:
            return None
        sight = Sight(AddressFacts(today=timezone.localdate(), carried=names.carried - {"entry_number"}))
        return {entry.id: sight.visible(entry) for entry in _entries(numbered, names)}

    # --- address fields of the record, which come with its own webhooks and rows

    def judge_event(self, attributes: Mapping[str, object]) -> Mapping[str, object]:
        return {name: _as_kept(attributes[name]) for name in self.listed() if name in attributes}

    def edited_besides(self, before: EspoEntity, answer: EspoEntity, sent: Collection[str]) -> bool:
        read, shown = (self.judge_event(one.attributes) for one in (before, answer))
        return any(name in shown and shown[name] != read[name] for name in read if name not in sent)

    def held(self, row: SyncRecord) -> Mapping[str, object]:
        """A field that no pair stands for is empty as far as we know."""
        if not self.listed():
            return {}
        known: dict[str, object] = dict.fromkeys(self.listed(), "")
        for prefix in configured.prefixes():
            names = configured.record_map(prefix)
            link = ChildLink.objects.filter(
                record_id=row.pk, kind=self.kind, espo_id=_field_id(row, prefix), state=LinkState.linked, alias_of=""
            ).first()
            if link is not None and link.base_espo is not None:
                base = Address.from_json(link.base_espo)
                known |= {attribute: getattr(base, name) for name, attribute in names.attributes.items()}
        return known

    def listed(self) -> tuple[str, ...]:
        if configured.representation() is not Representation.field:
            return ()
        maps = (configured.record_map(prefix) for prefix in configured.prefixes())
        return tuple(name for names in maps for name in names.attributes.values())

    # --- writing

    def to_advoware(
        self, context: Context, snapshot: AddressLists, operation: ChildOperation[Address], tell: Tell
    ) -> PairLink[Address] | None:
        client, where = context.tools.clients.advoware, configured.entry_list()
        bet_nr, names = context.row.betnr or 0, snapshot.names
        fields = names.write_advo(operation.values)
        if operation.act is Act.post_entry:
            child = client.create_child(bet_nr, where, fields)
        else:
            child = client.update_child(bet_nr, where, snapshot.children[operation.entry_id or 0], fields)
            fields = {**snapshot.children[operation.entry_id or 0].raw, **fields}
        child = child.with_sent(fields)
        sight, entry = Sight(snapshot.lists.facts), _entry(child, names)
        shown = sight.visible(entry) if child.raw else None
        is_made = operation.act is Act.post_entry and child.raw and child.id is not None
        if is_made and named_item(entry.address.bemerkung) != operation.espo_id:
            tell(ChildReport(Mention.remark_cut, operation.row, operation.espo_id, child.id))
        same = partial(_has_taken, sight) if operation.act is Act.post_entry else sight.same
        return after_advoware(operation, entry_id=child.id, shown=shown, row_id=child.row_id, same=same)

    def item_as_kept(self, entity: EspoEntity, snapshot: AddressLists) -> Address:
        return _item(entity, snapshot.names).address

    def log_losses(self, context: Context, snapshot: AddressLists, plan: ChildPlan[Address]) -> None:
        """What EspoCRM's address is about to replace, whole, so that a person can put it back."""
        items, entries = self.shown(snapshot)
        links = {(link.espo_id, link.entry_id): link for link in snapshot.links}

        def lost(report: ChildReport) -> Conflict:
            link = links.get((report.espo_id, report.entry_id))
            return Conflict(
                record=context.row,
                attempt_started=context.started_at,
                field=f"{self.name}.{report.entry_id}",
                case=report.code,
                base_espo=_text(link.base_espo if link else None),
                base_advo=_text(link.base_advo if link else None),
                espo=_text(items.get(report.espo_id or "")),
                advo=_text(entry_at(entries, report.entry_id)),
                policy="espocrm_wins",
                kept=Side.espocrm,
            )

        log_once(context, [lost(one) for one in plan.reports if one.code is Mention.lost_value])

    restoring = staticmethod(restoring)

    # --- showing

    def shown(self, snapshot: AddressLists) -> tuple[Mapping[str, Address], Mapping[int, Address]]:
        lists: AddressSnapshot = snapshot.lists
        sight = Sight(lists.facts)
        items = {item.espo_id: item.address for item in lists.items or ()}
        return items, {entry.id: sight.visible(entry) for entry in lists.entries or ()}

    as_kept = shown

    def words_of(self, value: Address) -> Iterable[str]:
        """A street in both of its usual spellings: people type the one that they have before them."""
        streets = {value.street_line, both_ways(value.street_line)}
        return [text for text in (*sorted(streets), value.ort, value.plz, value.postfach_plz) if text]


# Lengths of EspoCRM's address type; all parts but the street refuse some signs.
RECORD_LIMITS: Mapping[str, int] = {"strasse": 255, "plz": 40, "ort": 100, "land": 100}
RECORD_PLAIN = frozenset({"plz", "ort", "land"})


def _names() -> ChildMap | None:
    """The field map as far as it is known without asking; None where it is not."""
    if configured.representation() is Representation.field:
        prefixes = configured.prefixes()
        return configured.record_map(prefixes[0]) if prefixes else None
    known = remote_metadata.child_attributes(configured.entity_type())
    return None if known is None else configured.entity_map(known)


def _field_id(row: SyncRecord, prefix: str) -> str:
    """What names an address field of the record as an item."""
    return f"{row.espo_id}:{prefix}"


def _as_kept(value: object) -> object:
    """As a base keeps it: EspoCRM trims texts, and an empty one is null there."""
    return value.strip() if isinstance(value, str) else "" if value is None else value


def _text(address: Address | None) -> str | None:
    return address.to_text() if address else None


def _item(entity: EspoEntity, names: ChildMap) -> AddressItem:
    return item_of(entity.id, entity.attributes, names, version=entity.marker, is_ours=reading.is_ours(entity))


def _entry(child: Child, names: ChildMap) -> AddressEntry:
    return entry_of(child.id or 0, child.raw, names, row_id=child.row_id)


def _entries(numbered: Mapping[int, Child], names: ChildMap) -> tuple[AddressEntry, ...]:
    return tuple(_entry(child, names) for child in numbered.values())


def _fingerprint(entries: Iterable[AddressEntry]) -> str:
    return reading.fingerprint({entry.id: repr(sorted(entry.address.to_json().items())) for entry in entries})


def _facts_of(
    row: SyncRecord, advo: AdvowareBeteiligter | None, names: ChildMap, bounds: reading.FieldBounds
) -> AddressFacts:
    return AddressFacts(
        today=timezone.localdate(),
        home=configured.home_country(),
        carried=names.carried - {"entry_number"},
        limits=bounds.limits,
        plain=bounds.plain,
        # Whoever is created in this run has nothing there that a first meeting could match.
        first_load=advo is not None and not state.is_loaded(row.adressen_state),
        shrunk_seen=state.shrunk_in(row.adressen_state),
        rewritten=_rewritten(row),
        late_over=row.late_look_at is None or row.late_look_at <= timezone.now(),
        land_spellings=_land_spellings(),
    )


def _rewritten(row: SyncRecord) -> frozenset[str]:
    """Items whose pair was written so often of late that it is left alone."""
    since = timezone.now() - REWRITES_WITHIN
    changes = FieldChange.objects.filter(record_id=row.pk, field__startswith="adressen.", at__gt=since)
    counts = Counter(changes.values_list("field", flat=True))
    return frozenset(field.partition(".")[2] for field, number in counts.items() if number >= REWRITES)


def _land_spellings() -> Mapping[str, str]:
    """What Advoware was read to call a country, most frequent first, by ISO code; kept for a day."""
    return dict(remote_metadata.fresh(remote_metadata.LAND_SPELLINGS, _counted_spellings))


def _counted_spellings() -> Mapping[str, str]:
    recent = ChildLink.objects.filter(kind=ChildKind.ADRESSEN, base_advo__isnull=False).order_by("-pk")
    return _spellings(
        str((base or {}).get("land") or "") for base in recent.values_list("base_advo", flat=True)[:SAMPLE]
    )


def _spellings(lands: Iterable[str]) -> Mapping[str, str]:
    home = configured.home_country()
    counts = Counter((country_code(land, home=home), land) for land in lands if land.strip())
    return {code: land for (code, land), _number in reversed(counts.most_common())}


def _has_taken(sight: Sight, sent: Address, held: Address) -> bool:
    """What was sent empty with a new entry Advoware may fill by itself, as its own country."""
    filled = {name: value for name in PLACE if (value := getattr(sent, name))}
    return sight.same(replace(held, **filled), held)
