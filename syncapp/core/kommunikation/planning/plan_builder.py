"""The board on which a plan is laid out: what is still free, the lists as they will be, the steps so far.

Purpose: the stages move pieces here; each item and each entry is used once.
Invariant: an entry leaves `free` only through `settle`, so that every entry ends up with exactly one link; a link's old
base stays committed until the PATCH that takes its item away has succeeded.
To extend: stages ask and settle; a new kind of question is a method here, a new decision is not.
"""

from dataclasses import replace

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import Form, Medium
from syncapp.core.kommunikation.knowledge import Knowledge, KnownEntry, ShownLists, canonical_remark, each_once
from syncapp.core.kommunikation.shapes import (
    Facts,
    Item,
    KommPolicy,
    Link,
    LinkBase,
    Operation,
    Pending,
    Phase,
    PutEntry,
    Report,
    ReportCode,
    Variant,
)
from syncapp.core.parts import Direction

ItemKind = tuple[Medium, str | None]
# Steps that change EspoCRM's lists: listed even where Advoware needs no write.
CHANGES_ESPOCRM = frozenset({Variant.remove_item, Variant.add_item, Variant.change_item})


class PlanBuilder:
    def __init__(
        self,
        *,
        shown: ShownLists,
        knowledge: Knowledge,
        direction: Direction,
        facts: Facts,
        policy: KommPolicy,
    ) -> None:
        self.knowledge, self.direction, self.facts, self.policy = knowledge, direction, facts, policy
        self.shown = shown
        self.as_read = dict(shown.by_form)
        self.lists = dict(self.as_read)
        self.free_items = set(self.as_read)
        # Items whose entries are emptied in this run for the sake of their kommKz, with those entries.
        self.to_place: dict[Form, frozenset[int]] = {}
        self.free = {known.id: known for known in knowledge.entries}
        self.before: dict[int, Link] = {}
        self.after: dict[int, Link] = {}
        self.unheld: set[Form] = set()  # items that no entry holds any more: their links are the proof until they go
        self.owed_removals: set[Form] = set()
        self.changed_medium: set[int] = set()  # entries whose former item goes with the PATCH of this run
        self.steps: list[Operation] = []  # of entries without their links, which are not final before the end
        self.reports = list(knowledge.reports)
        self.skipped = False

    def report(self, code: ReportCode, known: KnownEntry | None = None, **params: str) -> None:
        self.reports.append(Report(code, known.id if known else None, params))

    def free_entries(self) -> list[KnownEntry]:
        return [self.free[entry_id] for entry_id in sorted(self.free)]

    def holders(self, form: Form | None) -> list[KnownEntry]:
        """All entries that show this value."""
        return [known for known in self.knowledge.entries if known.form == form]

    def settle(
        self,
        known: KnownEntry,
        done: Link,
        *,
        variant: Variant,
        settles: Phase = Phase.advoware,
        write: PutEntry | None = None,
        needs: frozenset[int] = frozenset(),
        takes_out: tuple[Item, ...] = (),
        puts_in: tuple[Item, ...] = (),
    ) -> None:
        """Takes the entry off the board, with its link as it will be and the write that this needs."""
        del self.free[known.id]
        if done.refused_value is not None and done.refused_value != known.tlf:
            done = replace(done, refused_value=None)
        if done.no_room_told and done.base is not None:
            done = replace(done, no_room_told=False)
        self.after[known.id] = done
        self.before[known.id] = _intent(known, done, settles, write)
        if write or variant in CHANGES_ESPOCRM:
            step = Operation(variant, settles, known.id, write, needs=needs, takes_out=takes_out, puts_in=puts_in)
            self.steps.append(step)

    def leave(self, known: KnownEntry) -> None:
        """Keeps entry and link as they are, but for a remark that was cut."""
        self.settle(known, known.link, variant=Variant.remark_back, write=self.untouched(known))

    def untouched(self, known: KnownEntry) -> PutEntry | None:
        """No write, unless the entry's remark was cut and the user's text has to be put back."""
        return self.put(known, tlf=known.tlf, marker=None)

    def without_base(self, known: KnownEntry) -> KnownEntry:
        """The entry as one that was never synced: its former item is held by another."""
        return replace(known, link=replace(known.link, base=None, alias=False))

    def is_refused(self, known: KnownEntry) -> bool:
        return known.tlf == known.link.refused_value or (known.id, known.tlf) in self.facts.refused

    def is_acceptable(self, known: KnownEntry) -> bool:
        """Whether EspoCRM would take the entry's value; what it holds already it evidently took."""
        return (known.spelling is not None or known.form == known.base_form) and not self.is_refused(known)

    def take_out(self, form: Form) -> tuple[Item, ...]:
        """The contact point goes from EspoCRM's list, in every spelling in which it stands there."""
        del self.lists[form]
        return self.shown.rows_of(form)

    def remove_item(self, form: Form) -> None:
        """A step of its own: no entry is concerned, or not yet."""
        self.steps.append(Operation(Variant.remove_item, Phase.espocrm, takes_out=self.take_out(form)))

    def items_to_be(self, medium: Medium) -> tuple[Item, ...]:
        """EspoCRM's list after the steps so far: all that it showed, but for what a step names."""
        gone = {item for step in self.steps for item in step.takes_out}
        stay = [item for item in self.shown.rows if item not in gone]
        new = [item for step in self.steps for item in step.puts_in]
        return tuple(item for item in each_once([*stay, *new]) if item.medium is medium)

    def has_room(self, medium: Medium) -> bool:
        maximum = self.facts.max_phones if medium is Medium.phone else self.facts.max_emails
        return maximum is None or len(self.items_to_be(medium)) < maximum

    def type_of(self, komm_kz: int, medium: Medium) -> str | None:
        """The EspoCRM type that an entry's kommKz maps to in this installation."""
        if medium is Medium.email:
            return None
        return self.facts.kinds.espo_type(
            komm_kz, phone_types=self.facts.phone_types, default_type=self.facts.default_phone_type
        )

    def item_kind(self, item: Item) -> ItemKind:
        if item.medium is Medium.email:
            return (item.medium, None)
        return (item.medium, item.type or self.facts.default_phone_type)

    def link_kind(self, known: KnownEntry, base: LinkBase) -> ItemKind:
        if base.medium is Medium.email:
            return (base.medium, None)
        return (base.medium, known.link.item_type or self.type_of(known.link.komm_kz, base.medium))

    def put(
        self, known: KnownEntry, *, tlf: str, marker: markers.AnyMarker | None, online: bool | None = None
    ) -> PutEntry | None:
        """The write that gives the entry value, marker and flag (None: remark or flag as it is), if it needs one."""
        remark = self._remark(known, marker)
        if tlf == known.tlf and remark == (known.entry.bemerkung or ""):
            return None
        return PutEntry(known.id, tlf, remark, known.is_online if online is None else online)

    def _remark(self, known: KnownEntry, marker: markers.AnyMarker | None) -> str:
        current = known.marks.user_text if known.cut else known.entry.bemerkung or ""
        if marker is None or (not known.cut and self._is_right(known.marks.found, marker)):
            return current
        wanted = known.marks.rewritten(marker)
        return known.marks.user_text if canonical_remark(wanted) == known.link.refused_remark else wanted

    def _is_right(self, found: markers.AnyMarker | None, wanted: markers.AnyMarker) -> bool:
        if not isinstance(found, markers.Marker) or not isinstance(wanted, markers.Marker):
            return found == wanted
        same_value = self.facts.form_of(found.value) == self.facts.form_of(wanted.value)
        return same_value and found.komm_kz == wanted.komm_kz

    def operations(self) -> tuple[Operation, ...]:
        return tuple(
            step
            if step.entry_id is None
            else replace(step, intent=self.before[step.entry_id], done=self.after[step.entry_id])
            for step in self.steps
        )

    def links_before(self) -> tuple[Link, ...]:
        """All links as they are to be committed before the first remote write."""
        posts = tuple(step.intent for step in self.steps if step.intent)
        proof = tuple(link for link in self.knowledge.vanished if link.base and link.base.form in self.unheld)
        return tuple(self.before.values()) + proof + self.knowledge.awaited + posts

    def links_after(self) -> tuple[Link, ...]:
        """All links once everything has succeeded."""
        posts = tuple(step.done for step in self.steps if step.done)
        owed = tuple(link for link in self.knowledge.vanished if link.base and link.base.form in self.owed_removals)
        return tuple(self.after.values()) + owed + self.knowledge.awaited + posts

    def finish(self) -> None:
        """Entries that no stage used stay as they are; an item that stays although it has to go keeps its proof."""
        for known in self.free_entries():
            self.leave(known)
        for known in self.knowledge.entries:
            if known.base_form in self.owed_removals:
                self.after[known.id] = replace(self.after[known.id], base=known.base)


def _intent(known: KnownEntry, done: Link, settles: Phase, write: PutEntry | None) -> Link:
    """The link to commit before the first remote write."""
    base = done.base if settles is Phase.advoware else known.base
    if write is None:
        return done if settles is Phase.advoware else known.link
    cut_remark = known.entry.bemerkung if known.cut else None
    pending = Pending(base, write.tlf, write.bemerkung, known.marks.user_text, cut_remark)
    # Found equal, or empty, on both sides: that is so whatever becomes of the marker.
    is_so = settles is Phase.advoware and _keeps_value(known, write) and done.base_form != known.base_form
    return replace(done if is_so else known.link, pending=pending)


def _keeps_value(known: KnownEntry, write: PutEntry) -> bool:
    return write.tlf == known.tlf or (known.form is None and not write.tlf)
