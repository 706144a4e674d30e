"""Conflicts by field, and what people had to do: what came in this time, what was done, what was open at its end.

Invariant: a few counts of short tables, each on the time of an index; held against now where the time goes on.
"""

from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from syncapp.core.child_lists.shapes import LISTED_ONLY, CaseCode
from syncapp.models import ChildCase, Conflict, DeletionTask
from syncapp.operations.exports.tables import Cell, Table
from syncapp.operations.monitoring.sheet.days import ChosenDays
from syncapp.words import sentences


def conflicts(days: ChosenDays) -> Table:
    """By field, the most frequent first."""
    met = Conflict.objects.filter(at__gte=days.begin, at__lt=days.end).order_by()
    counted = met.values_list("field").annotate(met=Count("pk"), still=Count("pk", filter=Q(open=True)))
    rows = sorted(((sentences.field_label(field), number, still) for field, number, still in counted), key=_largest)
    note = _("Decided and settled conflicts are counted as long as history is kept.")
    return Table(_("Conflicts by field"), (_("Field"), _("Conflicts"), _("Still to decide")), rows, note)


def _largest(row: tuple[str, int, int]) -> tuple[int, str]:
    return -row[1], row[0]


def tasks(days: ChosenDays) -> Table:
    """Conflicts to decide, deletions, tasks about addresses and accounts; the start page counts the same ones."""
    decided = Conflict.objects.filter(Q(open=True) | Q(decided_at__isnull=False))
    asked = ChildCase.objects.exclude(code__in=sorted(LISTED_ONLY))
    uncarried = ChildCase.objects.filter(code=CaseCode.waiting)
    rows = [
        (_("Conflicts to decide"), *_flow(decided, days, came="at", done=("decided_at",))),
        (_("Deletions by hand"), *_flow(DeletionTask.objects.all(), days, came="created_at", done=("done_at",))),
        (_("Addresses and accounts"), *_flow(asked, days, came="opened_at", done=("closed_at", "done_at"))),
        (
            _("Addresses and accounts that wait to be carried"),
            *_flow(uncarried, days, came="opened_at", done=("closed_at", "done_at")),
        ),
    ]
    return Table(_("Tasks"), (_("Task"), _("New"), _("Done"), _("Open at the end")), rows)


def _flow(rows: "QuerySet[Any]", days: ChosenDays, *, came: str, done: tuple[str, ...]) -> tuple[Cell, ...]:
    """How many came, how many were done, how many were open when the time ended."""
    within = {f"{came}__gte": days.begin, f"{came}__lt": days.end}
    new = rows.filter(**within).count()
    ended = rows.filter(_any_within(done, days.begin, days.end)).count()
    undone = Q()
    for column in done:
        undone &= Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__gte": days.end})
    return new, ended, rows.filter(undone, **{f"{came}__lt": days.end}).count()


def _any_within(columns: tuple[str, ...], begin: datetime, end: datetime) -> Q:
    """Done once: by the first of these columns that says so."""
    first, *others = columns
    found = Q(**{f"{first}__gte": begin, f"{first}__lt": end})
    for column in others:
        found |= Q(**{f"{first}__isnull": True, f"{column}__gte": begin, f"{column}__lt": end})
    return found
