"""What we know of each entry before anything is decided: its link, its base, its value, its remark.

Purpose: settles writes whose answer was lost, adopts entries of an unanswered POST, and falls back to the markers when
there are no links at all.
Invariant: while links are known they alone are proof of what was synced; a marker on an unlinked entry proves nothing,
since people copy entries with their remarks.
To extend: a new source of a base is a branch of `_links_from_markers`' kind, called from `learn`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import KNOWN_KOMM_KZ, Form, espo_spelling, form_of, guess_komm_kz, item_form
from syncapp.core.kommunikation.shapes import Entry, Facts, Item, Link, LinkBase, Report, ReportCode


@dataclass(frozen=True)
class Known:
    """One entry and our knowledge of it. `form` None: it is empty. `spelling` None: EspoCRM would refuse its value.

    cut: Advoware shortened our last remark before we could put the user's text back; `marks` is the remark as it was.
    intended: the value that a write of ours, which did not arrive, was to give it.
    """

    entry: Entry
    link: Link
    linked: bool
    marks: markers.Marks
    form: Form | None
    spelling: str | None
    cut: bool = False
    intended: Form | None = None

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
        return self.link.base.form if self.link.base else None

    @property
    def is_reusable_slot(self) -> bool:
        """Empty on both sides, marked as a slot (or known as one where the remark cannot hold it), nobody's text."""
        marked = self.marks.slot or markers.parse(self.link.refused_remark).slot
        return self.form is None and self.base is None and marked is not None and not self.marks.user_text.strip()


@dataclass(frozen=True)
class Knowledge:
    """All entries by id, the links whose entry is gone, and whether links are the proof or only markers."""

    entries: tuple[Known, ...]
    vanished: tuple[Link, ...]
    links_known: bool
    reports: tuple[Report, ...]

    def bases(self) -> tuple[LinkBase, ...]:
        links = [known.link for known in self.entries] + list(self.vanished)
        bases = {link.base for link in links if link.base}
        return tuple(sorted(bases, key=lambda base: (base.form, base.espo, base.advo)))


def learn(
    *, entries: Sequence[Entry], links: Sequence[Link], facts: Facts, stored_hash: str | None, items: Sequence[Item]
) -> Knowledge:
    """Joins entries and links. `items` and `stored_hash` are what EspoCRM holds now."""
    unique = {entry.id: entry for entry in sorted(entries, key=_order)}
    links_known = bool(links) if facts.links_known is None else facts.links_known
    if links_known:
        found = _links_of(unique, links, facts.region)
    else:
        forms = frozenset(item_form(item.medium, item.value, facts.region) for item in items)
        # Without a hash no sync was ever completed here: then, too, a missing item was never deleted by anybody.
        may_be_unfinished = facts.espo_untouched or not stored_hash
        found = _links_from_markers(unique, forms, facts, may_be_unfinished=may_be_unfinished)
    linked = {link.entry_id for link in links}
    known = tuple(_known(entry, found.get(entry.id), entry.id in linked, facts) for entry in unique.values())
    vanished = tuple(link for link in links if link.entry_id not in {*unique, None} and link.base)
    return Knowledge(known, vanished if links_known else (), links_known, tuple(_oddities(entries)))


def _order(entry: Entry) -> tuple[int, str]:
    """By id; the rest only so that one id read twice gives the same plan every time."""
    return (entry.id, repr(entry))


def items_by_form(items: Sequence[Item], knowledge: Knowledge, region: str) -> dict[Form, Item]:
    """EspoCRM's items by normal form: the link's where the text is still the one of the last sync. Doubles collapse.

    Two values never do, whatever a link says: a form that another item has by its own text stays that item's.
    """
    known_texts = {(base.medium, base.espo): base.form for base in knowledge.bases()}
    by_text = {item: item_form(item.medium, item.value, region) for item in items}
    found: dict[Form, Item] = {}
    for item in sorted(items, key=lambda item: (not item.primary, item.value, item.type or "")):
        own = by_text[item]
        linked = known_texts.get((item.medium, item.value), own)
        form = own if linked in found or linked in by_text.values() else linked
        if form.key:
            found.setdefault(form, item)
    return found


def effective_form(entry: Entry, base: LinkBase | None, region: str) -> Form | None:
    """The entry's normal form; the base's where the text is still the one that this side held at the last sync."""
    if base and (entry.tlf or "") == base.advo:
        return base.form
    return form_of(entry.tlf, region)


def was_cut(link: Link, entry: Entry) -> bool:
    """Whether the remark is the beginning of one that we sent, and the user's text not yet put back."""
    kept = entry.bemerkung or ""
    if link.pending is None or not kept:
        return False
    sent = link.pending.bemerkung
    return kept == link.pending.cut_remark or (sent.startswith(kept) and not markers.same_remark(sent, kept))


def _known(entry: Entry, link: Link | None, linked: bool, facts: Facts) -> Known:
    cut = link is not None and was_cut(link, entry)
    remark = link.pending.remark_before if cut and link and link.pending else entry.bemerkung
    marks = markers.parse(remark)
    if link is None:
        link = Link(entry_id=entry.id, komm_kz=_komm_kz(entry, marks, facts))
    if cut and link.pending and link.pending.cut_remark is None:
        link = replace(link, refused_remark=canonical_remark(link.pending.bemerkung))
    return Known(
        entry=entry,
        link=replace(link, pending=None),
        linked=linked,
        marks=marks,
        form=effective_form(entry, link.base, facts.region),
        spelling=espo_spelling(entry.tlf, facts.region),
        cut=cut,
        intended=_not_arrived(link),
    )


def _not_arrived(link: Link) -> Form | None:
    pending = link.pending
    return pending.base.form if pending and pending.base and pending.base != link.base else None


def canonical_remark(remark: str) -> str:
    """The remark with its marker in front: two remarks with the same marker and the same text become equal."""
    marks = markers.parse(remark)
    return markers.Marks(after=marks.user_text).rewritten(marks.found) if marks.found else remark


def _komm_kz(entry: Entry, marks: markers.Marks, facts: Facts) -> int:
    if marks.found:
        return marks.found.komm_kz
    return guess_komm_kz(entry.tlf, own=entry.komm_kz, top_level=facts.top_level, region=facts.region)


def _links_of(entries: Mapping[int, Entry], links: Sequence[Link], region: str) -> dict[int, Link]:
    found: dict[int, Link] = {}
    for link in links:
        entry = None if link.entry_id is None else entries.get(link.entry_id)
        if entry and entry.id not in found:
            found[entry.id] = _settled(link, entry, region)
    for link in links:
        if link.entry_id is None and link.pending:
            unlinked = [entry for entry in entries.values() if entry.id not in found]
            adopted = _answer_of_post(link, unlinked, region)
            if adopted:
                found[adopted.id] = replace(link, entry_id=adopted.id, base=link.pending.base)
    return found


def _settled(link: Link, entry: Entry, region: str) -> Link:
    """A write whose answer was lost has arrived if the entry holds what was sent; its base then is the link's."""
    if link.pending is None or form_of(entry.tlf, region) != form_of(link.pending.tlf, region):
        return link
    if link.pending.base is None and link.base:
        return replace(link, base=None, item_type=None, alias=False, type_change_told=None)
    return replace(link, base=link.pending.base)


def _answer_of_post(link: Link, unlinked: Sequence[Entry], region: str) -> Entry | None:
    """The entry that an unanswered POST has made: every other entry had a link before the POST was sent."""
    sent = form_of(link.pending.tlf, region) if link.pending else None

    def is_ours(entry: Entry) -> bool:
        marker = markers.parse(entry.bemerkung).marker
        if marker:
            return form_of(marker.value, region) == sent
        return was_cut(link, entry) and form_of(entry.tlf, region) == sent

    ours = [entry for entry in unlinked if is_ours(entry)]
    return min(ours, key=lambda entry: (form_of(entry.tlf, region) != sent, entry.id), default=None)


def _links_from_markers(
    entries: Mapping[int, Entry], items: frozenset[Form], facts: Facts, *, may_be_unfinished: bool
) -> dict[int, Link]:
    """Bases from markers alone: of several entries with one value one owns it, by its text, else by its id."""
    claims: dict[Form, list[tuple[bool, int, markers.Marker]]] = {}
    for entry in entries.values():
        marker = markers.parse(entry.bemerkung).marker
        form = form_of(marker.value, facts.region) if marker else None
        if marker and form:
            claims.setdefault(form, []).append((form_of(entry.tlf, facts.region) != form, entry.id, marker))
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
