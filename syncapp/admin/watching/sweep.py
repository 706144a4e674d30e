"""Sweeps: what each did, and what went wrong in it.

Invariant: read only. To extend: a further step of the sweep is a row of SWEEP_STEPS (words/monitoring/jobs.py).
"""

from functools import partial

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import ReadOnlyAdmin, column
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.models import Sweep
from syncapp.words import html
from syncapp.words.monitoring.jobs import SWEEP_STEPS, step_counted
from syncapp.words.time_format import lasting


def _counted(row: Sweep, *, step: str) -> int:
    return int(row.counts.get(step, 0))


def _faults(row: Sweep) -> str:
    return "; ".join(f"{step_counted(name)}: {text}" for name, text in row.fault.items())


@admin.register(Sweep)
class SweepAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_took", "shown_counts", "shown_fault")
    list_filter = (day_range("started_at", _("started")),)
    ordering = ("-started_at",)
    export_columns = (
        ExportColumn(_("started"), lambda row: row.started_at),
        ExportColumn(_("ended"), lambda row: row.finished_at),
        *(ExportColumn(words.counted, partial(_counted, step=step)) for step, words in SWEEP_STEPS.items()),
        ExportColumn(_("what is wrong"), lambda row: _faults(row)),
    )
    shown_at = column(_("started"), lambda row: html.time(row.started_at))
    shown_took = column(
        _("duration"), lambda row: lasting(row.finished_at - row.started_at) if row.finished_at else "–"
    )
    shown_fault = column(
        _("what is wrong"), lambda row: html.bad(_faults(row)) if row.fault else html.good(_("nothing"))
    )

    @display(description=_("what it did"))
    def shown_counts(self, row: Sweep) -> str:
        said = [f"{step_counted(name)}: {number}" for name, number in row.counts.items() if number]
        return " · ".join(said) or str(_("nothing to do"))
