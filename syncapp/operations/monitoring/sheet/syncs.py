"""Runs by day, failures by cause, calls to the systems: all of them differences of counters.

Invariant: a line in which nothing ran has dashes; the newest line comes first.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.engine import registry
from syncapp.operations.exports.tables import NOTHING, Cell, Table
from syncapp.operations.monitoring.figures import Span
from syncapp.operations.monitoring.sheet.days import ChosenDays
from syncapp.words import sentences


def by_day(days: ChosenDays, spans: Sequence[Span], whole: Span) -> Table:
    """A line a day (hour, month), and the whole time on top."""
    systems = registry.systems_in_use()
    heads = (
        *(_("When"), _("Syncs"), _("Equal"), _("Waits for a person"), _("Failed"), _("Put off"), _("Conflicts")),
        *(_("Median (s)"), _("95 % at most (s)"), _("From a change to equal, 95 % at most (s)")),
        *(_("Calls to %(system)s") % {"system": SYSTEM_NAMES[name]} for name in systems),
    )
    lines = [_line(days.named(span.begin), span, systems) for span in reversed(spans)]
    return Table(_("Syncs"), heads, [_line(_("In all"), whole, systems), *lines])


def _line(name: str, span: Span, systems: Sequence[str]) -> tuple[Cell, ...]:
    if not span.runs and not sum(span.calls.values()):
        return (name, *[NOTHING] * (9 + len(systems)))
    heaps = (span.heaps.get(heap, 0) for heap in ("equal", "held", "failed", "waiting"))
    seconds = (NOTHING if value is None else round(value, 1) for value in (span.median, span.slow, span.lag))
    return (name, span.runs, *heaps, span.conflicts, *seconds, *(span.calls.get(system, 0) for system in systems))


def failures(whole: Span) -> Table:
    """Runs that failed, by cause: the most frequent first."""
    found = sorted(((number, kind) for kind, number in whole.kinds.items() if number), reverse=True)
    total = sum(number for number, _kind in found)
    rows = [(str(sentences.kind_text(kind).name), number, round(100 * number / total, 1)) for number, kind in found]
    note = _("Each failed attempt counts; one record can fail several times.")
    return Table(_("Failures by cause"), (_("Cause"), _("Attempts"), _("Share (%)")), rows, note)


def calls(whole: Span) -> Table:
    """What was asked of each system, and how much of it failed."""
    asked = [name for name in System if whole.calls.get(name)]
    rows = [(SYSTEM_NAMES[name], whole.calls[name], whole.failed_calls.get(name, 0)) for name in asked]
    return Table(_("Calls"), (_("Of which system"), _("Calls"), _("Of these failed or refused")), rows)
