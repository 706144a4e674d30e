"""Bank accounts as a part of the record: created in Advoware, never changed there; all else is a task for people.

Invariant: payment data. An IBAN, a holder, a BIC and a bank stand in the requests and in what the setting lets a link
keep, and nowhere else: not in the history, a log, a notice or an error; there an account is its country and last four.
Of each the inbox keeps a seal (HMAC), which is enough to tell whether a link holds the same.
To extend: what both kinds of child lists do alike is in parts/child_lists; here is what is an account's own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.utils import timezone

from syncapp.core.bankverbindungen.fields import (
    ACCOUNT_FIELDS,
    Unreadable,
    carried,
    entry_of,
    iban_key,
    item_of,
    unreadable,
)
from syncapp.core.bankverbindungen.plan import BankSnapshot
from syncapp.core.bankverbindungen.shapes import (
    FIELDS,
    Account,
    BankEntry,
    BankFacts,
    BankItem,
    BankKeep,
    Keeper,
    Kept,
)
from syncapp.core.child_lists.answers import after_advoware
from syncapp.core.child_lists.fields import ChildMap
from syncapp.core.child_lists.shapes import ChildOperation, LinkState, PairLink
from syncapp.core.spelling.iban import found_by_iban
from syncapp.engine.runs.run import Failed
from syncapp.entities.beteiligte.clients import Clients, Context
from syncapp.entities.beteiligte.parts.bankverbindungen import configured
from syncapp.entities.beteiligte.parts.child_lists import reading, state
from syncapp.entities.beteiligte.parts.child_lists.describing import LineSpelling
from syncapp.entities.beteiligte.parts.child_lists.kind import Tell
from syncapp.entities.beteiligte.parts.child_lists.marks import STAMP, STATUS
from syncapp.entities.beteiligte.parts.child_lists.part import ChildListPart
from syncapp.entities.beteiligte.parts.child_lists.reading import EspoList
from syncapp.entities.beteiligte.parts.child_lists.snapshot import ListSnapshot
from syncapp.entities.beteiligte.parts.child_lists.store import stored_links
from syncapp.models import ChildKind, ChildLink, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.advoware.children import Child, children_in
from syncapp.remotes.espocrm.client import EspoEntity

AccountLists = ListSnapshot[Kept]
# In what the inbox keeps of an element: the seals, and what is no payment data and kept as it is.
SEALED = "sealed"
PLAIN = ("aktiv", "entry_number")


def _whole(account: Account) -> str:
    parts = (account.iban, account.bic, account.bankname, account.kontoinhaber)
    return " · ".join(part for part in parts if part)


class BankPart(ChildListPart[Kept]):
    name = "bankverbindungen"
    kind = ChildKind.BANK
    value_type = Kept
    is_on = staticmethod(configured.is_on)
    is_readable = staticmethod(configured.is_readable)
    fields = ACCOUNT_FIELDS
    entity_type = staticmethod(configured.entity_type)
    link_attribute = staticmethod(configured.link_attribute)
    names = staticmethod(configured.account_map)
    spelling = LineSpelling[Account, Kept](text=lambda one: one.masked, kept=lambda one: one.tail, whole=_whole)
    column = "bank_state"
    forgotten: ClassVar[Mapping[str, Any]] = {"bank_state": {}}
    personal: ClassVar[Mapping[str, Any]] = {"bank_state": {}}

    # --- webhooks of its entity. Label and default are EspoCRM's alone (row 12), and are not judged

    def keeps(self, attributes: Mapping[str, Any], names: ChildMap) -> Mapping[str, Any]:
        """Nothing else of the element: a firm's own fields may hold the IBAN in another spelling."""
        said = super().says(attributes, names)
        account = Account(**{name: str(said[name] or "") for name in FIELDS if name in said})
        seals = {name: seal for name, seal in _sealer().keep(account).values if name in said}
        plain = ("id", self.link_attribute(), STATUS, STAMP)
        kept = {name: attributes[name] for name in plain if name in attributes}
        kept |= {names.attributes[name]: said[name] for name in PLAIN if name in said}
        return {**kept, SEALED: seals}

    def says(self, kept: Mapping[str, Any], names: ChildMap) -> dict[str, object]:
        said = {name: value for name, value in super().says(kept, names).items() if name in PLAIN}
        return said | (kept.get(SEALED) or {})

    def is_base(self, name: str, value: object, link: ChildLink) -> bool:
        if name == "aktiv":
            return (value is not False) == (link.state == LinkState.linked)
        return super().is_base(name, value, link)

    def said_of(self, base: Kept, name: str) -> object:
        return _sealer().resealed(base).value(name)

    # --- reading

    def both_lists(
        self, row: SyncRecord, found: EspoList, names: ChildMap, advo: AdvowareBeteiligter | None, clients: Clients
    ) -> AccountLists:
        children, trouble = _children(advo, clients)
        why, params = _why_unreadable(children, names)
        keeper = configured.keeper()
        entries, numbered = _entries(children or (), names, keeper)
        items = None if found.records is None else tuple(_item(one, names) for one in found.records.values())
        stored = tuple(_sealed(link, keeper) for link in stored_links(row, self.kind, self.value_type))
        facts = _facts_of(row, keeper, names, first_meeting=advo is not None)
        return ListSnapshot(
            self.name,
            lists=BankSnapshot(items, None if children is None else entries, facts, stored, configured.policy()),
            names=names,
            children=numbered,
            records=found.records or {},
            seen=_fingerprint(entries, keeper),
            trouble=found.trouble or trouble,
            why=why,
            params=params,
        )

    def with_entries(self, before: AccountLists, advo: AdvowareBeteiligter) -> AccountLists:
        after = _inside(advo)
        if after is None or _unreadable(after, before.names):
            return before
        entries, children = _entries(after, before.names, before.lists.facts.keeper)
        if reading.shows_less(before.children, children):
            return before
        return replace(before, children=children, lists=replace(before.lists, entries=entries))

    def fingerprint(self, advo: AdvowareBeteiligter) -> str | None:
        entries = _entries_inside(advo)
        return None if entries is None else _fingerprint(entries, configured.keeper())

    def visible_entries(self, advo: AdvowareBeteiligter) -> Mapping[int, Kept] | None:
        entries, keep = _entries_inside(advo), configured.keeper().keep
        return None if entries is None else {entry.id: keep(entry.account) for entry in entries}

    # --- writing

    def to_advoware(
        self, context: Context, snapshot: AccountLists, operation: ChildOperation[Kept], tell: Tell
    ) -> PairLink[Kept] | None:
        """A POST: an account is never changed there."""
        where, names, facts = configured.entry_list(), snapshot.names, snapshot.lists.facts
        fields = names.write_advo(operation.values)
        child = context.tools.clients.advoware.create_child(context.row.betnr or 0, where, fields).with_sent(fields)
        shown = facts.keeper.keep(_entry(child, names, facts.keeper).account) if child.raw else None
        return after_advoware(
            operation,
            entry_id=child.id,
            shown=shown,
            row_id=child.row_id,
            same=lambda sent, held: _has_taken(sent, held, facts.carried),
            is_readable=facts.readable,
        )

    def item_as_kept(self, entity: EspoEntity, snapshot: AccountLists) -> Kept:
        kept: Kept = snapshot.lists.facts.keeper.keep(_item(entity, snapshot.names).account)
        return kept

    # --- showing

    def shown(self, snapshot: AccountLists) -> tuple[Mapping[str, Account], Mapping[int, Account]]:
        lists: BankSnapshot = snapshot.lists
        items = {item.espo_id: item.account for item in lists.items or ()}
        return items, {entry.id: entry.account for entry in lists.entries or ()}

    def as_kept(self, snapshot: AccountLists) -> tuple[Mapping[str, Kept], Mapping[int, Kept]]:
        keep = snapshot.lists.facts.keeper.keep
        items, entries = self.shown(snapshot)
        return (
            {espo_id: keep(account) for espo_id, account in items.items()},
            {number: keep(account) for number, account in entries.items()},
        )

    def words_of(self, value: Kept) -> Iterable[str]:
        """The last four alone, marked, so that a whole IBAN finds no phone number that holds them."""
        return [found_by_iban(value.tail)] if value.tail[-4:].isalnum() else []


def _sealer() -> Keeper:
    """Seals whatever the installation keeps in its links."""
    return Keeper(configured.keeper().key, BankKeep.hash)


def _facts_of(row: SyncRecord, keeper: Keeper, names: ChildMap, *, first_meeting: bool) -> BankFacts:
    """first_meeting: Advoware's Beteiligter was there before this run; then its first list is a first load."""
    return BankFacts(
        keeper,
        readable=configured.is_readable(),
        carried=carried(names),
        has_active="aktiv" in names.attributes,
        first_load=first_meeting and not state.is_loaded(row.bank_state),
        shrunk_seen=state.shrunk_in(row.bank_state),
        late_over=row.late_look_at is None or row.late_look_at <= timezone.now(),
    )


def _children(advo: AdvowareBeteiligter | None, clients: Clients) -> tuple[tuple[Child, ...] | None, Failed | None]:
    """Advoware's accounts, none where nothing can be read; None where the list is missing, and what Advoware says."""
    if not configured.is_readable():
        return (), None
    if advo is None:
        return None, None
    where = configured.entry_list()
    if not configured.is_read_by_itself():
        return children_in(advo.raw, where), None
    try:
        return clients.advoware.children(advo.bet_nr, where), None
    except reading.OF_THIS_LIST as error:
        return None, reading.of_this_list(error)


def _inside(advo: AdvowareBeteiligter) -> tuple[Child, ...] | None:
    """The list as the Beteiligter shows it; None where it stands elsewhere, or is not shown."""
    where = configured.entry_list()
    return children_in(advo.raw, where) if where.key else None


def _entries_inside(advo: AdvowareBeteiligter) -> tuple[BankEntry, ...] | None:
    children, names = _inside(advo), configured.account_map(None)
    if children is None or _unreadable(children, names):
        return None
    return _entries(children, names, configured.keeper())[0]


def _why_unreadable(children: Iterable[Child] | None, names: ChildMap) -> tuple[str, Mapping[str, str]]:
    why = _unreadable(children, names)
    field = configured.entry_list().number if why is Unreadable.same_number else iban_key(names)
    return (f"child_{why}", {"field": field}) if why else ("", {})


def _unreadable(children: Iterable[Child] | None, names: ChildMap) -> Unreadable | None:
    return unreadable(((child.id, child.raw) for child in children or ()), names)


def _sealed(link: PairLink[Kept], keeper: Keeper) -> PairLink[Kept]:
    """What was kept in plain before the setting changed becomes fingerprints, too."""
    return link if keeper.how is BankKeep.plain else keeper.resealed_link(link)


def _item(entity: EspoEntity, names: ChildMap) -> BankItem:
    return item_of(
        entity.id,
        entity.attributes,
        names,
        is_old=configured.is_old(entity.created_at),
        version=entity.marker,
        is_ours=reading.is_ours(entity),
    )


def _entry(child: Child, names: ChildMap, keeper: Keeper) -> BankEntry:
    return entry_of(child.id, child.raw, names, keeper=keeper, row_id=child.row_id)


def _entries(
    children: tuple[Child, ...], names: ChildMap, keeper: Keeper
) -> tuple[tuple[BankEntry, ...], Mapping[int, Child]]:
    """The same as the plan wants them, and by the numbers that they have there."""
    entries = tuple(_entry(child, names, keeper) for child in children)
    return entries, {entry.id: child for entry, child in zip(entries, children, strict=True)}


def _fingerprint(entries: Iterable[BankEntry], keeper: Keeper) -> str:
    return reading.fingerprint({entry.id: repr(keeper.keep(entry.account).values) for entry in entries})


def _has_taken(sent: Kept, held: Kept, names: Iterable[str]) -> bool:
    """What was sent empty Advoware may fill by itself, as a bank's name by its BIC."""
    return all(held.value(name) == sent.value(name) for name in names if sent.value(name))
