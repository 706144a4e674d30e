"""Runs by day, failures by cause, calls to the systems: all of them differences of counters.

Invariant: a line in which nothing ran has dashes; the newest line comes first.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from django.utils.translation import gettext as _

from syncapp.operations.exports.tables import NOTHING, Cell, Table
from syncapp.operations.monitoring.figures import Span, totals
from syncapp.operations.monitoring.sheet.days import ChosenDays
from syncapp.words import sentences

SYSTEMS = ("espocrm", "advoware")
GOOGLE = "google_calendar"


def by_day(days: ChosenDays, spans: Sequence[Span], *, calendars: bool) -> Table:
    """A line a day (hour, month), and their sum on top."""
    systems = (*SYSTEMS, GOOGLE) if calendars else SYSTEMS
    heads = (
        *(_("When"), _("Syncs"), _("Equal"), _("Waits for a person"), _("Failed"), _("Put off"), _("Conflicts")),
        *(_("Median (s)"), _("95 % at most (s)"), _("From a change to equal, 95 % at most (s)")),
        *(_("Calls to %(system)s") % {"system": sentences.SYSTEMS[name]} for name in systems),
    )
    lines = [_line(days.named(span.begin), span, systems) for span in reversed(spans)]
    return Table(_("Syncs"), heads, [_sum(spans, systems), *lines])


def _line(name: str, span: Span, systems: Sequence[str]) -> tuple[Cell, ...]:
    if not span.runs and not sum(span.calls.values()):
        return (name, *[NOTHING] * (9 + len(systems)))
    heaps = (span.heaps.get(heap, 0) for heap in ("equal", "held", "failed", "waiting"))
    seconds = (NOTHING if value is None else round(value, 1) for value in (span.median, span.slow, span.lag))
    return (name, span.runs, *heaps, span.conflicts, *seconds, *(span.calls.get(system, 0) for system in systems))


def _sum(spans: Iterable[Span], systems: Sequence[str]) -> tuple[Cell, ...]:
    whole = totals(spans)
    if not whole["runs"]:
        return (_("In all"), *[NOTHING] * (9 + len(systems)))
    heaps = (whole["heaps"].get(heap, 0) for heap in ("equal", "held", "failed", "waiting"))
    calls = (whole["calls"].get(system, 0) for system in systems)
    return (_("In all"), whole["runs"], *heaps, whole["conflicts"], *[NOTHING] * 3, *calls)


def failures(spans: Iterable[Span]) -> Table:
    """Runs that failed, by cause: the most frequent first."""
    found = _summed(span.kinds for span in spans)
    rows = [(str(sentences.kind_text(kind).name), number) for kind, number in found.most_common() if number]
    whole = sum(found.values())
    shared = [(name, number, round(100 * number / whole, 1)) for name, number in rows]
    note = _("Each failed attempt counts; one record can fail several times.")
    return Table(_("Failures by cause"), (_("Cause"), _("Attempts"), _("Share (%)")), shared, note)


def calls(spans: Sequence[Span]) -> Table:
    """What was asked of each system, and how much of it failed."""
    made = _summed(span.calls for span in spans)
    failed = _summed(span.failed_calls for span in spans)
    names = [name for name in (*SYSTEMS, GOOGLE) if made[name]]
    rows = [(sentences.SYSTEMS[name], made[name], failed[name]) for name in names]
    return Table(_("Calls"), (_("System"), _("Calls"), _("Of these failed or refused")), rows)


def _summed(tallies: Iterable[Mapping[str, int]]) -> Tally[str]:
    found: Tally[str] = Tally()
    for name, number in chain.from_iterable(tally.items() for tally in tallies):
        found[name] += number
    return found
