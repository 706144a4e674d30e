"""Both sides' contact points next to each other, with what the plan makes of each. For a page.

Invariant: codes and plain values, no words, no decision: everything comes from the snapshot and from its plan.
To extend: a further thing to show of a contact point is a field of PartLine.
"""

from collections.abc import Iterator, Mapping, Sequence

from syncapp.core.beteiligte.field_table import Side
from syncapp.core.kommunikation import ContactPlan, Entry, Item, Link, Medium, PutEntry, markers
from syncapp.core.kommunikation.kinds import KOMM_KINDS, form_of, item_form
from syncapp.core.kommunikation.snapshot import KommunikationSnapshot
from syncapp.entities.beteiligte.part import PartChange, PartLine

KOMM_NAMES = {kind.komm_kz: kind.name for kind in KOMM_KINDS}


def lines_of(snapshot: KommunikationSnapshot, plan: ContactPlan) -> Iterator[PartLine]:
    """Items first, each with the entry of equal value; then the entries that are left."""
    entries = list(snapshot.entries or ())
    links = {link.entry_id: link for link in snapshot.links}
    said = _said(plan)
    for item in snapshot.items or ():
        entry = _partner(item, entries, plan, snapshot.facts.region)
        if entry is not None:
            entries.remove(entry)
        step, report = said.get(entry.id, ("", "")) if entry else (_step_of_new(item, plan, snapshot.facts.region), "")
        yield _line(item, entry, step, report, links)
    for entry in entries:
        if entry.tlf or entry.id in said:
            yield _line(None, entry, *said.get(entry.id, ("", "")), links)


def changes_of(snapshot: KommunikationSnapshot, plan: ContactPlan) -> Iterator[PartChange]:
    """What each entry of Advoware and each list of EspoCRM would become."""
    held = {entry.id: entry.tlf for entry in snapshot.entries or ()}
    for step in plan.writes:
        now = held.get(step.entry_id) if step.entry_id is not None else None
        tlf = step.write.tlf if step.write else None
        yield PartChange(_medium(tlf or now), tlf, now, Side.advoware, step.variant)
    for medium, after in ((Medium.phone, plan.phones), (Medium.email, plan.emails)):
        if after is None:
            continue
        had = {item.value for item in snapshot.items or () if item.medium is medium}
        will = {item.value for item in after}
        yield from (PartChange(medium, None, value, Side.espocrm, "added") for value in sorted(will - had))
        yield from (PartChange(medium, value, None, Side.espocrm, "removed") for value in sorted(had - will))


def _medium(value: str | None) -> str:
    return "email" if "@" in (value or "") else "phone"


def _partner(item: Item, entries: Sequence[Entry], plan: ContactPlan, region: str) -> Entry | None:
    wanted = item_form(item.medium, item.value, region)
    equal = next((entry for entry in entries if form_of(entry.tlf, region) == wanted), None)
    if equal is not None:
        return equal
    written = {op.write.entry_id: op.write.tlf for op in plan.operations if isinstance(op.write, PutEntry)}
    return next((entry for entry in entries if form_of(written.get(entry.id), region) == wanted), None)


def _said(plan: ContactPlan) -> dict[int | None, tuple[str, str]]:
    """What becomes of each entry: the step, and what is to be told of it."""
    reports = {report.entry_id: str(report.code) for report in plan.reports}
    steps = {operation.entry_id: str(operation.variant) for operation in plan.operations}
    return {entry: (steps.get(entry, ""), reports.get(entry, "")) for entry in reports.keys() | steps.keys()}


def _step_of_new(item: Item, plan: ContactPlan, region: str) -> str:
    """An item without an entry: it is posted, unless nothing was planned for it."""
    posts = {form_of(op.write.tlf, region): op for op in plan.operations if op.write}
    operation = posts.get(item_form(item.medium, item.value, region))
    return str(operation.variant) if operation else ""


def _line(item: Item | None, entry: Entry | None, step: str, report: str, links: Mapping[int | None, Link]) -> PartLine:
    link = links.get(entry.id) if entry else None
    base = link.base if link else None
    return PartLine(
        espocrm=item.value if item else None,
        espocrm_kind=(item.type or "email") if item else "",
        advoware=entry.tlf if entry else None,
        advoware_kind=KOMM_NAMES.get(_komm_kz(entry), "") if entry else "",
        remark=markers.strip(entry.bemerkung) if entry else "",
        base_espocrm=base.espo if base else None,
        base_advoware=base.advo if base else None,
        step=step,
        report=report,
    )


def _komm_kz(entry: Entry) -> int:
    """GET answers 0: the mark that the sync left knows better."""
    found = markers.parse(entry.bemerkung).found
    return entry.komm_kz or (found.komm_kz if found else 0)
