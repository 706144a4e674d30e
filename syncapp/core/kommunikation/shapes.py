"""What goes into a contact plan and what comes out of it.

Purpose: the frozen words that the pure plan, the service that applies it, the admin's preview and the tests share.
Invariant: nothing here decides or does anything; a plan can be shown without a remote call (`Part.describe`).
To extend: a new kind of outcome is a Variant (with its rank), a new thing to tell people a ReportCode.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from syncapp.core.kommunikation.kinds import PHONE_TYPES, Form, KindTable, Medium, espo_spelling, form_of, item_form
from syncapp.core.parts import PlannedWrite
from syncapp.core.sides import Side


class Variant(StrEnum):
    """What one operation is. The order of the members is the order in which a plan carries them out."""

    type_change = "type_change"  # an entry emptied because its item's type changed (policy recreate)
    add_entry = "Var1"  # item new in EspoCRM: entry filled or added
    clear_entry = "Var2"  # item deleted in EspoCRM: entry becomes a slot
    change_entry = "Var5"  # value changed in EspoCRM: entry takes it
    revert = "revert"  # Var6 under to_advoware: the entry gets its old value back
    emptied = "emptied"  # Var4 under to_advoware by policy slot
    slot = "slot"  # an entry that is empty on both sides becomes a slot
    match = "match"  # equal on both sides: the marker is put right
    marker_back = "marker_back"  # a marker of a value that EspoCRM refused is taken back
    add_item = "Var4"  # entry new in Advoware: item added
    change_item = "Var6"  # value changed in Advoware: item takes it
    alias = "alias"  # a further entry of an item that this run adds
    remove_item = "Var3"  # entry emptied or gone in Advoware: item removed
    remark_back = "remark_back"  # Advoware cut a remark: the user's text alone is put back


class Phase(IntEnum):
    """Which confirmation makes an operation true: Advoware's answer, or the PATCH that EspoCRM takes."""

    advoware = 1
    espocrm = 2


# EspoCRM's attributes that hold the two lists.
PHONES, EMAILS = "phoneNumberData", "emailAddressData"
LIST_OF: Mapping[Medium, str] = {Medium.phone: PHONES, Medium.email: EMAILS}
REMOVALS = frozenset({Variant.clear_entry, Variant.remove_item, Variant.emptied})
VARIANT_ORDER: Mapping[Variant, int] = {variant: rank for rank, variant in enumerate(Variant)}


@dataclass(frozen=True)
class Item:
    """One EspoCRM phone or e-mail."""

    medium: Medium
    value: str
    type: str | None = None
    primary: bool = False
    opt_out: bool = False
    invalid: bool = False

    @property
    def flags(self) -> dict[str, object]:
        """Every flag by name: EspoCRM resets one that is left out."""
        return {"primary": self.primary, "optOut": self.opt_out, "invalid": self.invalid}


@dataclass(frozen=True, slots=True)
class SharedFlags:
    """What EspoCRM keeps of a number or an address for all records together. An address has no type."""

    opt_out: bool = False
    invalid: bool = False
    type: str | None = None

    def of(self, item: Item) -> Item:
        """The item as it comes to a further record: opt-out stays, invalid was the value before it, and what EspoCRM
        has of this one holds, or everybody who shares it would have it otherwise."""
        opt_out = item.opt_out or self.opt_out
        return replace(item, type=self.type or item.type, opt_out=opt_out, invalid=self.invalid)


@dataclass(frozen=True)
class Entry:
    """One Advoware Kommunikation, as read. GET answers kommKz 0."""

    id: int
    row_id: str | None = None
    tlf: str | None = None
    bemerkung: str | None = None
    komm_kz: int | None = None
    online: bool | None = None


@dataclass(frozen=True)
class LinkBase:
    """What both sides held at the last sync: the normal form, and the spelling of each side.

    not_taken: what Advoware was last given for it and did not keep ("": it was to be emptied); `advo` then is what it
    kept instead. It is told, and not sent again while both stay as they are.
    """

    medium: Medium
    key: str
    espo: str
    advo: str
    not_taken: str | None = None

    @property
    def form(self) -> Form:
        return Form(self.medium, self.key)


@dataclass(frozen=True)
class Pending:
    """A write under way: the base if it arrives, what it makes of the entry, and the user's remark as it was.

    cut_remark: what Advoware had made of an earlier remark when this write was planned; while the entry still shows
    it, `remark_before` alone knows the user's text. lands: it may have been sent, and can arrive yet. lost: it was
    sent, and the run that sent it saw no answer.
    """

    base: LinkBase | None
    tlf: str
    bemerkung: str
    remark_before: str = ""
    cut_remark: str | None = None
    lands: bool = True
    lost: bool = False


@dataclass(frozen=True)
class LateWrite:
    """A write that nobody answered and no look has seen arrive: what it makes of its entry, whenever it lands.

    along: it was to leave the value as it was (a marker); base: EspoCRM's spelling of what both sides held then.
    """

    tlf: str
    along: bool = False
    base: str | None = None


@dataclass(frozen=True)
class Link:
    """Our knowledge of one entry. `entry_id` None: a POST under way. `base` None: not synced.

    refused_remark: the remark that Advoware did not keep whole; it is not sent again, this link serves instead.
    refused_value: the `tlf` that EspoCRM refused; it is not sent again until the entry's value changes.
    type_change_told: the new EspoCRM type that the user was told about while the entry kept its kommKz.
    no_room_told: the user was told that EspoCRM has no room for the entry; once, until it has had some.
    late: writes to it that may land yet.
    """

    entry_id: int | None
    komm_kz: int
    base: LinkBase | None = None
    item_type: str | None = None
    pending: Pending | None = None
    alias: bool = False
    refused_remark: str | None = None
    refused_value: str | None = None
    type_change_told: str | None = None
    no_room_told: bool = False
    late: tuple[LateWrite, ...] = ()

    @property
    def base_form(self) -> Form | None:
        return self.base.form if self.base else None

    def tied(self, item: Item, form: Form, *, tlf: str, alias: bool = False, not_taken: str | None = None) -> "Link":
        """Of an entry that holds `tlf` for this item."""
        base = LinkBase(form.medium, form.key, espo=item.value, advo=tlf, not_taken=not_taken)
        return replace(self, base=base, item_type=item.type, alias=alias, refused_value=None)

    def untied(self) -> "Link":
        """Of an entry that holds nothing of any item."""
        return replace(self, base=None, item_type=None, alias=False)


class ListName(StrEnum):
    """The three lists that may be empty."""

    phones = "phones"
    emails = "emails"
    entries = "entries"


@dataclass(frozen=True)
class Facts:
    """What the plan must know of this installation and this run.

    empty_seen: lists that were already empty in the run before.
    refused: (entry id, tlf) that EspoCRM refused in this run.
    version_moved: this record's own version is not the one that the last complete contact sync left behind.
    links_known: whether our links are complete; None means: if there are any.
    extensions: EspoCRM keeps them here, so that they tell two numbers apart (by default it drops them).
    late_over: no write of an earlier run can land any more, but for those that this look is the first after.
    shared: flags of values that are new to this record, where another record of ours holds them already.
    """

    phone_types: tuple[str, ...] = PHONE_TYPES
    default_phone_type: str = "Mobile"
    max_phones: int | None = None
    max_emails: int | None = None
    region: str = "DE"
    top_level: Mapping[str, str] = field(default_factory=dict)
    espo_untouched: bool = False
    empty_seen: frozenset[ListName] = frozenset()
    refused: frozenset[tuple[int, str]] = frozenset()
    version_moved: bool = False
    links_known: bool | None = None
    extensions: bool = False
    late_over: bool = True
    shared: Mapping[Form, SharedFlags] = field(default_factory=dict)
    kinds: KindTable = field(default_factory=KindTable)

    def form_of(self, value: str | None) -> Form | None:
        """The normal form of a text of either side."""
        return form_of(value, self.region, extensions=self.extensions)

    def as_shared(self, item: Item) -> Item:
        """An addition, with what EspoCRM has of its value already as far as we know; left out, that would be reset."""
        return self.shared.get(item_form(item.medium, item.value, self.region), SharedFlags()).of(item)

    def spelling_of(self, value: str | None) -> str | None:
        """What EspoCRM can be given for a text of Advoware; None: it would refuse it."""
        return espo_spelling(value, self.region, extensions=self.extensions)


class OnConflict(StrEnum):
    skip = "skip"
    slot = "slot"


class TypeChange(StrEnum):
    notify = "notify"
    recreate = "recreate"


@dataclass(frozen=True)
class KommPolicy:
    new_in_advoware_on_conflict: OnConflict = OnConflict.skip
    type_change: TypeChange = TypeChange.notify


@dataclass(frozen=True)
class PostEntry:
    tlf: str
    bemerkung: str
    komm_kz: int
    online: bool = True


@dataclass(frozen=True)
class PutEntry:
    entry_id: int
    tlf: str
    bemerkung: str
    online: bool


@dataclass(frozen=True)
class Operation:
    """One step of a plan.

    intent: the link to be committed before the first remote write. done: the link once `settles` has been reached.
    Both are None where the step concerns no link (an item whose entry is gone).
    needs: entries whose own write in this plan must have succeeded; if one failed, this step is left out and counts
    as failed too, else a value would stand in Advoware twice.
    takes_out, puts_in: what it does to EspoCRM's list, item by item. What no operation takes out goes back as it was.
    """

    variant: Variant
    settles: Phase
    entry_id: int | None = None
    write: PostEntry | PutEntry | None = None
    intent: Link | None = None
    done: Link | None = None
    needs: frozenset[int] = frozenset()
    takes_out: tuple[Item, ...] = ()
    puts_in: tuple[Item, ...] = ()

    @property
    def removes(self) -> bool:
        """Whether a contact point goes, on either side: what the mass-change guard counts."""
        return self.variant in REMOVALS

    @property
    def user_text_before(self) -> str:
        """The remark as it was, to be put back where Advoware cuts the new one."""
        return self.intent.pending.remark_before if self.intent and self.intent.pending else ""


class ReportCode(StrEnum):
    not_representable = "not_representable"
    over_maximum = "over_maximum"
    refused = "refused"
    frozen = "frozen"
    lost_value = "lost_value"  # a change of one side gave way to the other's
    late_writer = "late_writer"  # a write of ours that nobody had answered has landed, and is put right
    by_marker_alone = "by_marker_alone"  # without links a marker's word decided: the value that went, to be put back
    removal_owed = "removal_owed"  # a Var3 that the direction leaves for the next run
    addition_owed = "addition_owed"  # a Var4 that the direction leaves for the next run
    change_owed = "change_owed"  # a change of EspoCRM's that the direction leaves for the next run
    let_go = "let_go"  # the item is gone and the entry holds nothing EspoCRM could take: no longer linked
    type_change = "type_change"
    read_as_international = "read_as_international"  # it could lack its plus or its zero; carried as the former
    not_taken = "not_taken"  # Advoware said yes to a value and kept another: people put it right there
    awaited = "awaited"  # sent to Advoware without an answer: not sent again as long as it may arrive
    unknown_komm_kz = "unknown_komm_kz"
    duplicate_entry = "duplicate_entry"


@dataclass(frozen=True)
class Report:
    """Something to tell people. `params` may hold values: for the record's page and the conflict log, not for logs."""

    code: ReportCode
    entry_id: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)


class Stop(StrEnum):
    missing_list = "missing_list"
    empty_list = "empty_list"


@dataclass(frozen=True)
class ContactPlan:
    """Everything one run will do for the contact points of one record.

    phones, emails: EspoCRM's lists as they will be; None: unchanged, not to be sent.
    links_before: all links, to be committed before the first remote write. links_after: all links when everything has
    succeeded (see answers.final_links for what the answers add). skipped: something is owed, the record stays dirty.
    new_late: this look is the first one after a write that may land yet.
    """

    operations: tuple[Operation, ...] = ()
    phones: tuple[Item, ...] | None = None
    emails: tuple[Item, ...] | None = None
    reports: tuple[Report, ...] = ()
    links_before: tuple[Link, ...] = ()
    links_after: tuple[Link, ...] = ()
    skipped: bool = False
    stopped: Stop | None = None
    empty_lists: frozenset[ListName] = frozenset()
    new_late: bool = False

    @property
    def writes(self) -> tuple[Operation, ...]:
        """The operations that write to Advoware, in order."""
        return tuple(operation for operation in self.operations if operation.write)

    @property
    def changes_espocrm(self) -> bool:
        return self.phones is not None or self.emails is not None

    @property
    def is_empty(self) -> bool:
        """Whether neither side would be written."""
        return not self.writes and not self.changes_espocrm

    def advoware_writes(self) -> tuple[PlannedWrite, ...]:
        """Every write to Advoware; what a cut remark adds to them is not known before the answer."""
        return tuple(_planned(operation) for operation in self.writes)

    def espocrm_writes(self) -> tuple[PlannedWrite, ...]:
        """None: phones and e-mails are fields of the record."""
        return ()

    def espocrm_values(self, *, without: Collection[Medium] = ()) -> dict[str, object]:
        """The lists that change, whole, as the PATCH carries them; `without` those that EspoCRM refuses."""
        lists: dict[str, object] = {}
        if self.phones is not None and Medium.phone not in without:
            lists[PHONES] = [{"phoneNumber": item.value, "type": item.type, **item.flags} for item in self.phones]
        if self.emails is not None and Medium.email not in without:
            lists[EMAILS] = [{"emailAddress": item.value, **item.flags} for item in self.emails]
        return lists

    def steps(self) -> tuple[str, ...]:
        return tuple(str(operation.variant) for operation in self.operations)


def _planned(operation: Operation) -> PlannedWrite:
    write, reason = operation.write, str(operation.variant)
    if isinstance(write, PostEntry):
        values = {"tlf": write.tlf, "bemerkung": write.bemerkung, "kommKz": write.komm_kz, "online": write.online}
        return PlannedWrite(Side.advoware, "create", "kommunikation", values, reason)
    if write is None:
        raise ValueError("a step without a write is not planned as one")
    values = {"tlf": write.tlf, "bemerkung": write.bemerkung, "online": write.online}
    return PlannedWrite(Side.advoware, "change", f"kommunikation.{write.entry_id}", values, reason)
