"""Drift reports: what both sides held when somebody compared them; the page of one says what differs, by field and why.

Invariant: read only; a report holds names of fields and reasons, never values.
To extend: a further reason is a row of operations/monitoring/drift.py; the page groups whatever it finds.
"""

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from syncapp.admin.base import ReadOnlyAdmin, column
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.admin.finding.numbers import number_in
from syncapp.admin.pages import frame
from syncapp.models import DriftReport
from syncapp.words import actor_words, html, sentences
from syncapp.words.monitoring.drift import REASONS, STATES

SHOWN = 200


@frame.shows("syncapp.view_driftreport")
def page(request: HttpRequest, object_id: str) -> HttpResponse:
    """One report: counts by field, then the records, those that nothing explains first."""
    report = get_object_or_404(DriftReport, pk=number_in(object_id))
    counted = report.rows.order_by("expected", "field").values_list("field", "state", "reason", "expected")
    rows = report.rows.select_related("record").order_by("expected", "pk")
    return frame.page(
        request,
        "ops/drift.html",
        title=_now("Comparison of both sides"),
        report=report,
        scope=scope_words(report.scope),
        verdict=verdict(report),
        counted=[(_line(*row[:4]), row[4]) for row in counted.annotate(Count("pk"))],
        rows=[(row, _line(row.field, row.state, row.reason, row.expected)) for row in rows[:SHOWN]],
        left_out=max(0, report.rows.count() - SHOWN),
    )


@admin.register(DriftReport)
class DriftReportAdmin(ReadOnlyAdmin):
    when_empty = _("A comparison of both sides is started on the command line (compare); its result then stands here.")
    list_display = ("shown_at", "shown_scope", "records", "equal", "expected", "shown_unexpected", "unread", "shown_by")
    list_display_links = ("shown_at",)
    list_filter = (day_range("started_at", _("started")),)
    row_page = page
    ordering = ("-started_at",)
    export_columns = (
        ExportColumn(_("started"), lambda row: row.started_at),
        ExportColumn(_("ended"), lambda row: row.finished_at),
        ExportColumn(_("compared"), lambda row: scope_words(row.scope)),
        ExportColumn(_("records"), lambda row: row.records),
        ExportColumn(_("equal"), lambda row: row.equal),
        ExportColumn(_("with expected differences"), lambda row: row.expected),
        ExportColumn(_("with unexpected differences"), lambda row: row.unexpected),
        ExportColumn(_("not readable"), lambda row: row.unread),
        ExportColumn(_("by"), lambda row: actor_words(row.by)),
    )
    shown_at = column(_("started"), lambda row: html.time(row.started_at))
    shown_scope = column(_("compared"), lambda row: scope_words(row.scope))
    shown_unexpected = column(_("with unexpected differences"), lambda row: verdict(row))
    shown_by = column(_("by"), lambda row: actor_words(row.by), ordering="by")


def verdict(report: DriftReport) -> SafeString:
    if report.finished_at is None:
        return html.badge("progress_activity", _("not finished"), "wait")
    if report.unexpected:
        words = ngettext("%(count)s to look at", "%(count)s to look at", report.unexpected)
        return html.bad(words % {"count": report.unexpected})
    return html.good(_("none"))


def scope_words(scope: str) -> str:
    """“all”, “sample 200” and “3 named” as people read them."""
    first, _space, rest = scope.partition(" ")
    if first == "all":
        return _now("all records")
    if first == "sample":
        return _now("a sample of %(number)s") % {"number": rest}
    return _now("%(number)s by name") % {"number": first} if rest == "named" else scope


def _line(field: str, state: str, reason: str, expected: bool) -> dict[str, object]:
    known = REASONS.get(reason)
    badge = html.badge("info", _("explained"), "off") if expected else html.bad(_("unexplained"))
    told = {"field": sentences.field_label(field) or "–", "state": STATES.get(state, state)}
    return {**told, "words": known.words if known else reason, "badge": badge}
