"""What we know of each entry before anything is decided: its link, its base, its value, its remark.

Purpose: settles writes whose answer was lost, adopts entries of an unanswered POST, and falls back to the markers when
there are no links at all.
Invariant: while links are known they alone are proof of what was synced; a marker on an unlinked entry proves nothing,
since people copy entries with their remarks. What EspoCRM showed is kept item by item: a normal form tells what is
equal, it never stands for an item.
To extend: a new source of a base is a branch of `_links_from_markers`' kind, called from `learn`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import KNOWN_KOMM_KZ, Form, Medium, guess_komm_kz, item_form, shows_extension
from syncapp.core.kommunikation.late import new_late_write, shows_late_write, still_awaited, still_late
from syncapp.core.kommunikation.shapes import Entry, Facts, Item, Link, LinkBase, Pending, Report, ReportCode
from syncapp.core.spelling import phones


@dataclass(frozen=True)
class KnownEntry:
    """One entry and our knowledge of it. `form` None: it is empty. `spelling` None: EspoCRM would refuse its value.

    cut: Advoware shortened our last remark before we could put the user's text back; `marks` is the remark as it was.
    not_arrived: a write of ours that was to give it another value.
    slot_owed: a write of ours that was to make a slot of it was not answered, or was refused.
    is_late: it shows a write of ours that nobody had answered. new_late: one may land that no earlier look knew of.
    """

    entry: Entry
    link: Link
    linked: bool
    marks: markers.Marks
    form: Form | None
    spelling: str | None
    cut: bool = False
    not_arrived: Pending | None = None
    slot_owed: bool = False
    is_late: bool = False
    new_late: bool = False

    @property
    def id(self) -> int:
        return self.entry.id

    @property
    def tlf(self) -> str:
        return self.entry.tlf or ""

    @property
    def base(self) -> LinkBase | None:
        return self.link.base

    @property
    def base_form(self) -> Form | None:
        return self.link.base_form

    @property
    def intended(self) -> Form | None:
        return self.not_arrived.base.form if self.not_arrived and self.not_arrived.base else None

    @property
    def holds_another(self) -> bool:
        """Advoware did not take the value that the link stands for, and shows what it kept ever since."""
        return self.base is not None and self.base.not_taken is not None and self.tlf == self.base.advo

    @property
    def stays_unemptied(self) -> bool:
        """Advoware was told to empty it, said yes, and shows what it kept ever since."""
        return self.holds_another and self.base is not None and self.base.not_taken == ""

    @property
    def is_online(self) -> bool:
        """As it was; a slot that somebody typed into is in use again."""
        if self.form is None:
            return bool(self.entry.online)
        return self.marks.slot is not None or self.entry.online is not False

    @property
    def is_reusable_slot(self) -> bool:
        """Empty on both sides, marked as a slot (or known as one where the remark cannot hold it), nobody's text."""
        marked = self.marks.slot or markers.parse(self.link.refused_remark).slot
        return self.form is None and self.base is None and marked is not None and not self.marks.user_text.strip()


@dataclass(frozen=True)
class Knowledge:
    """All entries by id, the links whose entry is gone, and whether links are the proof or only markers.

    awaited: POSTs without an answer that may still arrive.
    """

    entries: tuple[KnownEntry, ...]
    vanished: tuple[Link, ...]
    links_known: bool
    reports: tuple[Report, ...]
    awaited: tuple[Link, ...] = ()

    @property
    def awaited_forms(self) -> frozenset[Form]:
        return frozenset(link.pending.base.form for link in self.awaited if link.pending and link.pending.base)

    def bases(self) -> tuple[LinkBase, ...]:
        links = [known.link for known in self.entries] + list(self.vanished)
        bases = {link.base for link in links if link.base}
        return tuple(sorted(bases, key=lambda base: (base.form, base.espo, base.advo)))


@dataclass(frozen=True)
class ShownLists:
    """What EspoCRM showed. `rows`: every item, each value once. `forms`: the normal form of each row.

    by_form: the items that take part, one for each normal form. Another spelling of the same contact point stays in the
    list that goes back, and goes only with it.
    """

    rows: tuple[Item, ...]
    forms: Mapping[Item, Form]
    by_form: Mapping[Form, Item]

    def rows_of(self, form: Form) -> tuple[Item, ...]:
        return tuple(item for item in self.rows if self.forms[item] == form)


def keeps_extensions(*, items: Sequence[Item], entries: Sequence[Entry], links: Sequence[Link], facts: Facts) -> bool:
    """Whether EspoCRM evidently keeps extensions: it shows one, or did when a marker or a link was written."""
    bases = [base for link in links for base in (link.base, link.pending and link.pending.base) if base]
    found = [markers.parse(entry.bemerkung).marker for entry in entries]
    texts = [item.value for item in items if item.medium is Medium.phone]
    texts += [base.espo for base in bases] + [marker.value for marker in found if marker]
    return facts.extensions or shows_extension(texts, facts.region)


def learn(
    *, entries: Sequence[Entry], links: Sequence[Link], facts: Facts, stored_hash: str | None, items: Sequence[Item]
) -> Knowledge:
    """Joins entries and links. `items` and `stored_hash` are what EspoCRM holds now."""
    unique = {entry.id: entry for entry in sorted(entries, key=_order)}
    links_known = bool(links) if facts.links_known is None else facts.links_known
    if links_known:
        found = _links_of(unique, links, facts)
    else:
        forms = frozenset(item_form(item.medium, item.value, facts.region) for item in items)
        # Without a hash no sync was ever completed here: then, too, a missing item was never deleted by anybody.
        may_be_unfinished = facts.espo_untouched or not stored_hash
        found = _links_from_markers(unique, forms, facts, may_be_unfinished=may_be_unfinished)
    linked = {link.entry_id for link in links}
    known = tuple(_known(entry, found.get(entry.id), entry.id in linked, facts) for entry in unique.values())
    vanished = tuple(
        link for link in links if link.entry_id not in {*unique, None} and link.base and not _moves(link, links)
    )
    awaited = () if facts.late_over or not links_known else still_awaited(links, found.values())
    return Knowledge(known, vanished if links_known else (), links_known, tuple(_oddities(entries)), awaited)


def _order(entry: Entry) -> tuple[int, str]:
    """By id; the rest only so that one id read twice gives the same plan every time."""
    return (entry.id, repr(entry))


def shown_items(items: Sequence[Item], knowledge: Knowledge, region: str) -> ShownLists:
    """EspoCRM's items and their normal forms: the link's where the text is still the one of the last sync.

    Two values never become one, whatever a link says: a form that another item has by its own text stays that item's.
    """
    known_texts = {(base.medium, base.espo): base.form for base in knowledge.bases()}
    rows = each_once(sorted(items, key=lambda item: (not item.primary, item.value, item.type or "")))
    by_text = {item: item_form(item.medium, item.value, region) for item in rows}
    forms: dict[Item, Form] = {}
    found: dict[Form, Item] = {}
    for item in rows:
        own = by_text[item]
        linked = known_texts.get((item.medium, item.value), own)
        forms[item] = own if linked in found or linked in by_text.values() else linked
        if forms[item].key:
            found.setdefault(forms[item], item)
    return ShownLists(rows, forms, found)


def each_once(items: Iterable[Item]) -> tuple[Item, ...]:
    """EspoCRM knows a value once, whatever the letter case: a second one would only take the primary flag away."""
    return tuple({(item.medium, item.value.casefold()): item for item in reversed(list(items))}.values())[::-1]


def recognized(knowledge: Knowledge, shown: ShownLists, facts: Facts) -> Knowledge:
    """The entries, each as what stands in EspoCRM already, or internationally in another entry, if that fits its text.

    Same digits are the same number, and of two readings the one that exists counts, before anything is read into a
    spelling: else `436641234567` would become a second number beside `+436641234567`.
    """
    known_numbers = _known_numbers(knowledge, shown)
    entries = [_as_known(known, known_numbers, shown, facts) for known in knowledge.entries if not known.holds_another]
    for known in knowledge.entries:
        if known.holds_another:
            entries.append(_as_kept(known, {one.form for one in entries}, shown, facts))
    return replace(knowledge, entries=tuple(sorted(entries, key=lambda known: known.id)))


def _as_kept(known: KnownEntry, held: Collection[Form | None], shown: ShownLists, facts: Facts) -> KnownEntry:
    """What Advoware kept stands in EspoCRM, too: that is what the entry is, whatever it was once given.

    Not where another entry is that already and this one alone stands for its item: Advoware would be given once more
    what it does not take, in one more entry with every run.
    """
    own = facts.form_of(known.tlf)
    stands_alone = known.base_form in shown.by_form and known.base_form not in held
    if own not in shown.by_form or (own in held and stands_alone):
        return known
    return replace(known, form=own)


def _known_numbers(knowledge: Knowledge, shown: ShownLists) -> dict[str, tuple[Form, str]]:
    """Form and EspoCRM's spelling by digits: of EspoCRM's numbers first, then of those that name their country."""
    found: dict[str, tuple[Form, str]] = {}
    for form, item in shown.by_form.items():
        if form.medium is Medium.phone:
            found.setdefault(phones.digits(item.value), (form, item.value))
    for known in knowledge.entries:
        is_number = known.form is not None and known.form.medium is Medium.phone
        names_itself = is_number and not known.holds_another
        if names_itself and known.form and known.spelling and phones.is_international(known.tlf):
            found.setdefault(phones.digits(known.spelling), (known.form, known.spelling))
    return found


def _as_known(
    known: KnownEntry, numbers: Mapping[str, tuple[Form, str]], shown: ShownLists, facts: Facts
) -> KnownEntry:
    if known.form is None or known.form.medium is not Medium.phone or len(known.tlf) > phones.LONGEST:
        return known
    if known.form in shown.by_form or known.form == known.base_form:
        return known
    bare = [] if any(char.isalpha() for char in known.tlf) else [phones.digits(known.tlf)]
    candidates = bare + [phones.digits(one) for one in phones.readings(known.tlf, facts.region)]
    form, spelling = next((numbers[one] for one in candidates if one in numbers), (known.form, known.spelling))
    return replace(known, form=form, spelling=spelling)


def effective_form(entry: Entry, base: LinkBase | None, facts: Facts) -> Form | None:
    """The entry's normal form; the base's where the text is still the one that this side held at the last sync."""
    if base and (entry.tlf or "") == base.advo:
        return base.form
    return facts.form_of(entry.tlf)


def cut_write(link: Link, entry: Entry) -> Pending | None:
    """Our write, where the remark is the beginning of what that sent, and the user's text not yet put back.

    A remark in which nothing of that text is missing was not cut: somebody took away the marker that stood behind it.
    """
    kept, pending = entry.bemerkung or "", link.pending
    if pending is None or not kept:
        return None
    sent, text = pending.bemerkung, pending.remark_before
    is_less = sent.startswith(kept) and not markers.same_remark(sent, kept) and kept.strip() != text.strip()
    return pending if is_less or kept == pending.cut_remark else None


def _known(entry: Entry, link: Link | None, linked: bool, facts: Facts) -> KnownEntry:
    cut = cut_write(link, entry) if link else None
    marks = markers.parse(cut.remark_before if cut else entry.bemerkung)
    if link is None:
        link = Link(entry_id=entry.id, komm_kz=_komm_kz(entry, marks, facts))
    if cut and cut.cut_remark is None:
        link = replace(link, refused_remark=canonical_remark(cut.bemerkung))
    new_late = None if cut else new_late_write(link, entry, facts)
    return KnownEntry(
        entry=entry,
        link=replace(link, pending=None, late=still_late(link, new_late, facts)),
        linked=linked,
        marks=marks,
        form=effective_form(entry, link.base, facts),
        spelling=facts.spelling_of(entry.tlf),
        cut=cut is not None,
        not_arrived=_not_arrived(link),
        slot_owed=link.pending is not None and markers.parse(link.pending.bemerkung).slot is not None,
        is_late=shows_late_write(link, entry, facts),
        new_late=new_late is not None,
    )


def _not_arrived(link: Link) -> Pending | None:
    """Kept on in the plan, it is what was decided on; as a write that may land it is kept apart."""
    pending = link.pending
    return replace(pending, lands=False) if pending and pending.base and pending.base != link.base else None


def canonical_remark(remark: str) -> str:
    """The remark with its marker in front: two remarks with the same marker and the same text become equal."""
    marks = markers.parse(remark)
    return markers.Marks(after=marks.user_text).rewritten(marks.found) if marks.found else remark


def _komm_kz(entry: Entry, marks: markers.Marks, facts: Facts) -> int:
    if marks.found:
        return marks.found.komm_kz
    return guess_komm_kz(entry.tlf, own=entry.komm_kz, top_level=facts.top_level, region=facts.region)


def _links_of(entries: Mapping[int, Entry], links: Sequence[Link], facts: Facts) -> dict[int, Link]:
    found: dict[int, Link] = {}
    for link in links:
        entry = None if link.entry_id is None else entries.get(link.entry_id)
        if entry and entry.id not in found:
            found[entry.id] = _unless_filled(_settled(link, entry, facts), entry)
    for link in links:
        if link.entry_id is None and link.pending:
            unlinked = [entry for entry in entries.values() if entry.id not in found]
            adopted = _answer_of_post(link, unlinked, facts)
            if adopted:
                landed = replace(link.pending, lands=False)
                found[adopted.id] = replace(link, entry_id=adopted.id, base=landed.base, pending=landed)
    return found


def _settled(link: Link, entry: Entry, facts: Facts) -> Link:
    """A write whose answer was lost has arrived if the entry holds what was sent; its base then is the link's."""
    if link.pending is None or not _has_arrived(link.pending, link.base, entry, facts):
        return link
    if link.pending.base is None and link.base:
        return replace(link.untied(), type_change_told=None)
    return replace(link, base=link.pending.base)


def _moves(link: Link, links: Sequence[Link]) -> bool:
    """A write without an answer was to empty its entry, and the value to go to one that is still to be made.

    Gone since, that may have been an empty one, and is no proof that somebody has deleted the value. Between losing it
    and bringing it once more, it comes once more.
    """
    waiting = [one.pending.base for one in links if one.entry_id is None and one.pending and one.pending.base]
    empties = link.pending is not None and link.pending.base is None
    return empties and any(link.base and base.form == link.base.form for base in waiting)


def _unless_filled(link: Link, entry: Entry) -> Link:
    """Advoware stayed empty when it was given a value, and somebody has entered something since: what never stood there
    was not changed, and goes on as an item without an entry."""
    never_held = link.base is not None and bool(link.base.not_taken) and not link.base.advo
    return link.untied() if never_held and entry.tlf else link


def _has_arrived(pending: Pending, base: LinkBase | None, entry: Entry, facts: Facts) -> bool:
    """What somebody typed into a slot of ours is no change of the value that we had taken out of it."""
    form, slot = facts.form_of(entry.tlf), markers.parse(pending.bemerkung).slot
    if form == facts.form_of(pending.tlf):
        return True
    is_new = base is None or form != base.form
    return slot is not None and is_new and markers.parse(entry.bemerkung).slot == slot


def _answer_of_post(link: Link, unlinked: Sequence[Entry], facts: Facts) -> Entry | None:
    """The entry that an unanswered POST has made: every other entry had a link before the POST was sent."""
    sent = facts.form_of(link.pending.tlf) if link.pending else None

    def is_ours(entry: Entry) -> bool:
        marker = markers.parse(entry.bemerkung).marker
        if marker:
            return facts.form_of(marker.value) == sent
        return cut_write(link, entry) is not None and facts.form_of(entry.tlf) == sent

    ours = [entry for entry in unlinked if is_ours(entry)]
    return min(ours, key=lambda entry: (facts.form_of(entry.tlf) != sent, entry.id), default=None)


def _links_from_markers(
    entries: Mapping[int, Entry], items: frozenset[Form], facts: Facts, *, may_be_unfinished: bool
) -> dict[int, Link]:
    """Bases from markers alone: of several entries with one value one owns it, by its text, else by its id."""
    claims: dict[Form, list[tuple[bool, int, markers.Marker]]] = {}
    for entry in entries.values():
        marker = markers.parse(entry.bemerkung).marker
        form = facts.form_of(marker.value) if marker else None
        if marker and form:
            claims.setdefault(form, []).append((facts.form_of(entry.tlf) != form, entry.id, marker))
    found = {}
    for form, claimants in claims.items():
        differs, entry_id, marker = min(claimants, key=lambda claim: claim[:2])
        # The marker is ours, nobody deleted anything in EspoCRM, and the item is not there: it never arrived.
        if may_be_unfinished and not differs and form not in items:
            continue
        advo = marker.value if differs else entries[entry_id].tlf or ""
        base = LinkBase(form.medium, form.key, espo=marker.value, advo=advo)
        found[entry_id] = Link(entry_id=entry_id, komm_kz=marker.komm_kz, base=base)
    return found


def _oddities(entries: Iterable[Entry]) -> Iterable[Report]:
    seen: set[int] = set()
    for entry in entries:
        if entry.id in seen:
            yield Report(ReportCode.duplicate_entry, entry.id)
        seen.add(entry.id)
        if entry.komm_kz is not None and entry.komm_kz not in KNOWN_KOMM_KZ | {0}:
            yield Report(ReportCode.unknown_komm_kz, entry.id, {"komm_kz": str(entry.komm_kz)})
