"""The records: a list to find one, and the page of one.

Invariant: nothing is edited here; the buttons lead to acts. The list costs the same number of queries for ten records
and for a hundred thousand.
"""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import CommandHit, ReadOnlyAdmin, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.finding.day_range import day_range
from syncapp.admin.finding.naming import born_on, by_name_first, first_contact, name_cell, telling
from syncapp.admin.pages import record as record_page
from syncapp.engine import control
from syncapp.entities.beteiligte.finding import query
from syncapp.models import FieldChange, SyncRecord
from syncapp.operations.actions import ACTIONS, child_cases
from syncapp.operations.monitoring.why import Situation, situation, why_not_synced
from syncapp.words import Words, html, sentences
from syncapp.words.child_lists.labels import search_hint
from syncapp.words.plans import DIRECTIONS

LIST_COLUMNS = (
    *("espo_id", "betnr", "name", "status", "kind", "fault", "hold", "requested", "completed"),
    *("retry_count", "next_retry_at", "auto_reset_at", "dirty_since", "last_check", "lease_expires", "lease_since"),
    *("lease_holder", "lease_token", "deferred", "deferred_epoch"),
)

FOUND_BY = _(
    "Try a part of the name, the betNr, a phone number or a street. A record that is new in EspoCRM is found from its "
    "first sync on."
)
FOUND_BY_NUMBERS = _("Without the right to see personal values, records are found by betNr and EspoCRM id only.")


@admin.register(SyncRecord)
class SyncRecordAdmin(ReadOnlyAdmin):
    when_empty = _(
        "Records come from EspoCRM: those that are there already by the command backfill, once somebody runs it; each "
        "new one as EspoCRM reports it, or the regular sweep finds it."
    )
    list_display = ("shown_name", "shown_status", "shown_numbers", "shown_direction", "shown_age", "shown_next")
    list_display_links = ("shown_name",)
    list_filter = (
        filters.StatusFilter,
        filters.KindFilter,
        filters.CauseFilter,
        filters.GroupFilter,
        filters.AgeFilter,
        filters.CaseFilter,
        filters.HoldFilter,
        filters.QuietFilter,
        filters.LockFilter,
        filters.AskedFilter,
        day_range("last_check", _("last looked at")),
    )
    list_before_template = "ops/parts/chips.html"
    list_disable_select_all = False
    row_actions = tuple(act for act in ACTIONS.values() if act.many)
    ordering = ("-pk",)
    sortable_by = ("shown_name", "shown_status", "shown_numbers", "shown_age")
    command_icon = "contacts"
    row_page = record_page.page
    export_columns = (
        ExportColumn(_("name"), lambda row: row.name, values=True),
        ExportColumn(_("born"), lambda row: born_on(row), values=True),
        ExportColumn(_("contact point"), lambda row: first_contact(row), values=True),
        ExportColumn(_("status"), lambda row: html.status_words(row)),
        ExportColumn(_("kind of error"), lambda row: sentences.kind_text(row.kind).name if row.kind else ""),
        ExportColumn(_("what is wrong"), lambda row: _why(row)),
        ExportColumn(html.BETNR, lambda row: row.betnr),
        ExportColumn(_("EspoCRM id"), lambda row: row.espo_id),
        ExportColumn(_("last carried"), lambda row: DIRECTIONS.get(row.last_side, "")),
        ExportColumn(_("last looked at"), lambda row: row.last_check),
        ExportColumn(_("unsynced since"), lambda row: row.dirty_since),
        ExportColumn(_("next attempt"), lambda row: row.next_retry_at or row.auto_reset_at),
        ExportColumn(_("failed attempts"), lambda row: row.retry_count),
    )
    search_fields = ("espo_id",)  # what is searched is in entities/beteiligte/finding
    search_help_text = lazy(lambda: search_hint(children=child_cases.is_on()), str)()
    blind_help_text = _("betNr or EspoCRM id")
    shown_status = column(_("status"), lambda row: html.stacked(html.status(row), _why(row)), ordering="status")
    shown_direction = column(_("last carried"), lambda row: str(DIRECTIONS.get(getattr(row, "last_side", ""), "–")))
    shown_next = column(_("next attempt"), lambda row: html.time(row.next_retry_at or row.auto_reset_at))

    def get_queryset(self, request: HttpRequest) -> QuerySet[SyncRecord]:
        latest = FieldChange.objects.filter(record=OuterRef("pk")).order_by("-at").values("side")[:1]
        rows = SyncRecord.objects.annotate(last_side=Subquery(latest))
        # What tells namesakes apart is in the values, which are read only for those who may see them.
        return rows if html.may_see_values(request) else rows.only(*LIST_COLUMNS)

    def more(self, request: HttpRequest) -> Situation:
        return situation(control=control.switches(), now=timezone.now())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SyncRecord], search_term: str
    ) -> tuple[QuerySet[SyncRecord], bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(query.matching(search_term, values=html.may_see_values(request))), False

    def near(self, asked: str) -> list[SyncRecord]:
        return query.near(asked)

    def unfound_hint(self, request: HttpRequest) -> Words:
        return FOUND_BY if html.may_see_values(request) else FOUND_BY_NUMBERS

    def command_hit(self, record: SyncRecord) -> CommandHit:
        viewer = viewer_of(record)
        if not viewer.sees_values:
            return CommandHit(html.name(record, visible=False), html.status_words(record), html.record_url(record.pk))
        note = format_html("{} · {}", html.number(record), telling(record, asked=viewer.asked))
        return CommandHit(html.name(record, visible=True), note, html.record_url(record.pk))

    def command_rows(self, request: HttpRequest, asked: str) -> list[SyncRecord]:
        return by_name_first(super().command_rows(request, asked), asked=asked)

    @display(description=_("name"), ordering="name")
    def shown_name(self, record: SyncRecord) -> SafeString | str:
        viewer = viewer_of(record)
        return name_cell(record, asked=viewer.asked) if viewer.sees_values else html.name(record, visible=False)

    @display(description=f"{html.BETNR} · EspoCRM", ordering="betnr")
    def shown_numbers(self, record: SyncRecord) -> SafeString:
        return html.stacked(record.betnr or _("no betNr yet"), html.espocrm_link(record.espo_id))

    @display(description=_("last looked at"), ordering="last_check")
    def shown_age(self, record: SyncRecord) -> SafeString:
        if not record.dirty_since:
            return format_html('<div class="ops-cell"><span>{}</span></div>', html.time(record.last_check))
        late = format_html("{} {}", _("not synced since"), html.time(record.dirty_since))
        return html.stacked(html.time(record.last_check), late)


def _why(record: SyncRecord) -> str:
    """What stands below the status: what is wrong, or why it waits."""
    words = sentences.sentence(record.fault) if record.kind else ""
    return words or str(why_not_synced(record, viewer_of(record).more))
