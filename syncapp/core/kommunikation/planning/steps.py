"""Steps that several stages take: marking an entry, emptying it, telling of a lost value.

Purpose: each of them once.
Invariant: none of them decides; the row that calls them has decided.
To extend: a step moves here when a second row needs it.
"""

from dataclasses import replace

from syncapp.core.kommunikation.kinds import Form, Medium
from syncapp.core.kommunikation.knowledge import KnownEntry
from syncapp.core.kommunikation.markers import Marker, SlotMarker
from syncapp.core.kommunikation.planning.plan_builder import PlanBuilder
from syncapp.core.kommunikation.shapes import Item, Phase, PutEntry, ReportCode, Variant
from syncapp.core.spelling import phones


def marked(builder: PlanBuilder, known: KnownEntry, item: Item, *, tlf: str, alias: bool) -> PutEntry | None:
    """The write of `tlf` with the item's marker. An alias needs none, but a false one is replaced."""
    wanted = None if alias and known.marks.found is None else Marker(item.value, known.link.komm_kz)
    return builder.put(known, tlf=tlf, marker=wanted)


def empty_entry(
    builder: PlanBuilder,
    known: KnownEntry,
    *,
    variant: Variant,
    settles: Phase = Phase.advoware,
    takes_out: tuple[Item, ...] = (),
) -> None:
    """The entry becomes a slot of its kommKz, with the user's text."""
    done = replace(known.link.untied(), type_change_told=None)
    write = builder.put(known, tlf="", marker=SlotMarker(known.link.komm_kz), online=False)
    builder.settle(known, done, variant=variant, settles=settles, write=write, takes_out=takes_out)


def keeps_another(builder: PlanBuilder, known: KnownEntry, form: Form) -> bool:
    """Whether Advoware did not take this value when it was given it, and still holds what it kept instead."""
    return known.holds_another and known.base_form == form and builder.facts.form_of(known.tlf) != form


def lose(builder: PlanBuilder, known: KnownEntry, because: ReportCode = ReportCode.lost_value) -> None:
    builder.report(because, known, value=known.tlf)


def doubt(builder: PlanBuilder, known: KnownEntry, value: str) -> None:
    """People copy markers too: without links, a value that goes on a marker's word is logged, to be put back."""
    if not builder.knowledge.links_known:
        builder.report(ReportCode.by_marker_alone, known, value=value)


def tell_of_reading(builder: PlanBuilder, known: KnownEntry) -> None:
    """Its plus or its zero may be missing: told when it is carried, and not again."""
    is_number = known.form is not None and known.form.medium is Medium.phone
    if is_number and len(phones.readings(known.tlf, builder.facts.region)) > 1:
        builder.report(ReportCode.read_as_international, known, carried=known.spelling or "")


def refused_value(builder: PlanBuilder, known: KnownEntry) -> str | None:
    return known.tlf if builder.is_refused(known) else None


def names_own_value(builder: PlanBuilder, known: KnownEntry) -> bool:
    marker = known.marks.marker
    return marker is not None and builder.facts.form_of(marker.value) == known.form
