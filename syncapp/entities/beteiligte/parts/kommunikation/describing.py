"""Both sides' contact points next to each other, with what the plan makes of each. For a page.

Invariant: codes and plain values, no words, no decision: everything comes from the snapshot and from its plan.
To extend: a further thing to show of a contact point is a field of PartLine.
"""

from collections.abc import Iterator, Mapping, Sequence

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import KOMM_KINDS, Form, Medium, form_of, item_form
from syncapp.core.kommunikation.plan import KommunikationSnapshot
from syncapp.core.kommunikation.shapes import ContactPlan, Entry, Item, Link, PostEntry, ReportCode, Stop
from syncapp.core.sides import Side
from syncapp.entities.beteiligte.part import PartChange, PartLine, differing

ONLY_THERE = frozenset(
    {ReportCode.not_representable, ReportCode.over_maximum, ReportCode.refused, ReportCode.frozen, ReportCode.let_go}
)
KOMM_NAMES = {kind.komm_kz: kind.name for kind in KOMM_KINDS}


def lines_of(snapshot: KommunikationSnapshot, plan: ContactPlan) -> Iterator[PartLine]:
    """Items first, each with its entries; then the entries that are left."""
    items, entries, region = snapshot.items or (), snapshot.entries or (), snapshot.facts.region
    links = {link.entry_id: link for link in snapshot.links}
    owners = {entry.id: _item_of(entry, links.get(entry.id), items, region) for entry in entries}
    by_plan = {link.entry_id: link.base.espo for link in plan.links_after if link.base}
    said = _said(plan)
    for item in items:
        mine = [entry for entry in entries if owners[entry.id] == item]
        if not mine:
            # No entry is spelled like it, but the plan knows one that means it, is empty, or has lost its item.
            free = (entry for entry in entries if owners[entry.id] is None)
            mine = [entry for entry in free if by_plan.get(entry.id) == item.value][:1]
            owners |= {entry.id: item for entry in mine}
        if not mine:
            yield _line(item, None, _step_of(item, plan, region), "", plan, links)
        for entry in mine:
            yield _line(item, entry, *said.get(entry.id, ("", "")), plan, links)
    for entry in entries:
        if owners[entry.id] is None and (entry.tlf or entry.id in said):
            yield _line(None, entry, *said.get(entry.id, ("", "")), plan, links)


def _form(item: Item, region: str) -> Form:
    return item_form(item.medium, item.value, region)


def _item_of(entry: Entry, link: Link | None, items: Sequence[Item], region: str) -> Item | None:
    """The item that the entry holds now; else the one that it held at the last sync."""
    # In the form in which EspoCRM would hold it, where it keeps extensions; else as it is.
    held = (form_of(entry.tlf, region, extensions=True), form_of(entry.tlf, region))
    base = link.base.form if link and link.base else None
    by_form = {_form(item, region): item for item in items}
    return next((by_form[form] for form in (*held, base) if form in by_form), None)


def changes_of(snapshot: KommunikationSnapshot, plan: ContactPlan) -> Iterator[PartChange]:
    """What each entry of Advoware and each list of EspoCRM would become."""
    held = {entry.id: entry.tlf for entry in snapshot.entries or ()}
    for step in plan.writes:
        now = held.get(step.entry_id) if step.entry_id is not None else None
        tlf = step.write.tlf if step.write else None
        what = Medium.email if "@" in (tlf or now or "") else Medium.phone
        yield PartChange(what, tlf, now, Side.advoware, step.variant)
    for medium, after in ((Medium.phone, plan.phones), (Medium.email, plan.emails)):
        if after is None:
            continue
        had = {item.value for item in snapshot.items or () if item.medium is medium}
        will = {item.value for item in after}
        yield from (PartChange(medium, None, value, Side.espocrm, "added") for value in sorted(will - had))
        yield from (PartChange(medium, value, None, Side.espocrm, "removed") for value in sorted(had - will))


def _said(plan: ContactPlan) -> dict[int | None, tuple[str, str]]:
    """What becomes of each entry: the step, and what is to be told of it."""
    reports = {report.entry_id: str(report.code) for report in plan.reports}
    steps = {operation.entry_id: str(operation.variant) for operation in plan.operations}
    return {entry: (steps.get(entry, ""), reports.get(entry, "")) for entry in reports.keys() | steps.keys()}


def _step_of(item: Item, plan: ContactPlan, region: str) -> str:
    """An item without an entry is new, or has to go: for that only the lists as they will be tell."""
    wanted = _form(item, region)
    posts = {
        form_of(op.write.tlf, region, extensions=True): op for op in plan.writes if isinstance(op.write, PostEntry)
    }
    if wanted in posts:
        return str(posts[wanted].variant)
    removal = next((operation for operation in plan.operations if item in operation.takes_out), None)
    return str(removal.variant) if removal else ""


def _line(
    item: Item | None,
    entry: Entry | None,
    step: str,
    report: str,
    plan: ContactPlan,
    links: Mapping[int | None, Link],
) -> PartLine:
    link = links.get(entry.id) if entry else None
    base = link.base if link else None
    return PartLine(
        espocrm=item.value if item else None,
        espocrm_kind=(item.type or "email") if item else "",
        advoware=entry.tlf if entry else None,
        advoware_kind=KOMM_NAMES.get(_komm_kz(entry, plan, link), "") if entry else "",
        remark=markers.strip(entry.bemerkung) if entry else "",
        base_espocrm=base.espo if base else None,
        base_advoware=base.advo if base else None,
        step=step,
        report=report,
    )


def _komm_kz(entry: Entry, plan: ContactPlan, link: Link | None) -> int:
    """As the plan has settled it; where there is no plan, the link's or what the marker says. GET answers 0."""
    settled = next((one for one in plan.links_before if one.entry_id == entry.id), link)
    found = markers.parse(entry.bemerkung).found
    return settled.komm_kz if settled else found.komm_kz if found else entry.komm_kz or 0


def differences_of(plan: ContactPlan) -> tuple[tuple[str, bool], ...]:
    """For the drift report."""
    if plan.stopped is not None:
        return (("seen_once", True) if plan.stopped is Stop.empty_list else ("hidden", False),)
    reports = {report.code for report in plan.reports}
    left = {"only_in_advoware": bool(reports & ONLY_THERE), "as_taken": ReportCode.not_taken in reports}
    return differing(carried=not plan.is_empty, left=left)
