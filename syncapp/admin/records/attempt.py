"""Attempts: what the runs did, to look through.

Invariant: read only; the page of one row says in words what the row holds as codes.
To extend: a column or a line of the page is a method with its label.
"""

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesCheckboxFilter
from unfold.decorators import display

from syncapp.admin.base import RecordRows, column
from syncapp.admin.exporting.columns import ExportColumn, record_columns
from syncapp.admin.finding.day_range import day_range
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.models import Attempt
from syncapp.operations.monitoring.timeline import run_cause
from syncapp.words import html, sentences
from syncapp.words.runs.calls import shown_calls
from syncapp.words.runs.summary import VERDICTS, summary_words
from syncapp.words.time_format import exact


@admin.register(Attempt)
class AttemptAdmin(RecordRows):
    list_display = ("shown_at", "shown_record", "shown_outcome", "shown_cause", "shown_fields", "shown_duration")
    list_display_links = ("shown_at",)
    list_filter = (("outcome", ChoicesCheckboxFilter), day_range("started_at", _("started")))
    ordering = ("-started_at",)
    sortable_by = ("shown_at",)
    export_columns = (
        ExportColumn(_("started"), lambda row: row.started_at),
        *record_columns(),
        ExportColumn(_("outcome"), lambda row: row.get_outcome_display()),
        ExportColumn(_("what is wrong"), lambda row: sentences.sentence(row.fault)),
        ExportColumn(_("cause"), run_cause),
        ExportColumn(_("verdict"), lambda row: VERDICTS.get(row.verdict, row.verdict)),
        ExportColumn(_("fields changed"), lambda row: _fields(row)),
        ExportColumn(_("duration (ms)"), lambda row: row.duration_ms),
        ExportColumn(_("calls to EspoCRM"), lambda row: sum(row.calls.get(System.ESPOCRM, {}).values())),
        ExportColumn(_("calls to Advoware"), lambda row: sum(row.calls.get(System.ADVOWARE, {}).values())),
    )
    fields = (
        *("shown_record", "shown_moment", "shown_outcome", "shown_cause", "shown_verdict", "shown_fields"),
        *("shown_contacts", "shown_calls", "shown_duration", "shown_technical"),
    )
    shown_moment = column(_("started"), lambda row: html.stacked(html.time(row.started_at), exact(row.started_at)))
    shown_verdict = column(_("verdict"), lambda row: str(VERDICTS.get(row.verdict, row.verdict or "–")))
    shown_contacts = column(_("contact points"), lambda row: "; ".join(summary_words(row.summary)) or "–")
    shown_at = column(_("started"), lambda row: html.time(row.started_at), ordering="started_at")
    shown_outcome = column(
        _("outcome"), lambda row: html.stacked(html.outcome_badge(row.outcome), sentences.sentence(row.fault))
    )
    shown_cause = column(_("cause"), run_cause)
    shown_fields = column(_("fields changed"), lambda row: _fields(row) or "–")
    shown_duration = column(_("duration"), lambda row: f"{sentences.decimal(row.duration_ms / 1000)} s")

    @display(description=_("remote calls"))
    def shown_calls(self, attempt: Attempt) -> SafeString | str:
        """One by one; of runs from before they were kept so, how many of each kind."""
        if calls := shown_calls(attempt.call_log):
            return render_to_string("ops/parts/calls.html", {"calls": calls})
        systems = ((SYSTEM_NAMES.get(name, name), counts) for name, counts in attempt.calls.items())
        said = (
            f"{system}: " + ", ".join(f"{number} × {method}" for method, number in counts.items())
            for system, counts in systems
        )
        return "; ".join(said) or "–"

    @display(description=_("technical detail"))
    def shown_technical(self, attempt: Attempt) -> SafeString | str:
        return format_html('<pre class="ops-pre">{}</pre>', attempt.traceback) if attempt.traceback else "–"


def _fields(attempt: Attempt) -> str:
    return ", ".join(sentences.planned_label(name) for name in attempt.fields_changed)
