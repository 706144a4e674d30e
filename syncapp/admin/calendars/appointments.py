"""The appointments of all calendars: those that failed, are asked about, cannot be carried, or need a hand."""

from functools import partial
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, Q, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from syncapp.admin.base import CommandHit, ViewedList, column, viewer_of
from syncapp.admin.calendars.base import CalendarAdmin, called
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.filters import ChoiceFilter
from syncapp.admin.finding.day_range import day_range
from syncapp.admin.finding.naming import with_marks
from syncapp.admin.pages.calendars import appointment
from syncapp.core.appointments.rows import PairStatus
from syncapp.core.finding.folding import asked_pieces
from syncapp.core.finding.marking import is_met
from syncapp.entities.appointments import finding
from syncapp.entities.appointments.rows import search_text, store
from syncapp.entities.appointments.rows.stored import known_form
from syncapp.models import Appointment, PairStatusChoice
from syncapp.words import html
from syncapp.words.calendars import cases
from syncapp.words.calendars.faults import fault_words
from syncapp.words.calendars.when import rule_words, when_words


class AppointmentFilter(ChoiceFilter):
    """The piles of work first, then each status."""

    title = _("Status")
    parameter_name = "pile"
    rows = (
        ("open", _("everything that is not in order"), lambda: ~Q(status__in=[PairStatus.ok, PairStatus.closed])),
        ("failed", _("failed"), lambda: store.FAILING),
        *(
            (choice.value, choice.label, partial(Q, status=choice.value))
            for choice in PairStatusChoice
            if choice != PairStatusChoice.FAILED
        ),
    )


class WindowFilter(ChoiceFilter):
    title = _("When")
    parameter_name = "when"
    rows = (
        ("coming", _("today and later"), lambda: Q(ends_on__gte=timezone.localdate()) | Q(ends_on=None)),
        ("past", _("before today"), lambda: Q(ends_on__lt=timezone.localdate())),
    )


class DayByDay(ViewedList):
    """A page of appointments, those of a day by their hour: only what was agreed last knows it."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        days = groupby(self.result_list, key=lambda row: row.starts_on)
        self.result_list = [row for _day, rows in days for row in sorted(rows, key=_hour)]


@admin.register(Appointment)
class AppointmentAdmin(CalendarAdmin):
    list_display = ("shown_when", "shown_calendar", "shown_text", "shown_status", "shown_next")
    list_display_links = ("shown_when",)
    list_filter = (
        AppointmentFilter,
        WindowFilter,
        ("employee", RelatedDropdownFilter),
        day_range("starts_on", _("first day")),
    )
    list_select_related = ("employee",)
    sortable_by = ("shown_when",)
    search_fields = ("=fr_nr",)  # what is searched is in entities/appointments/finding
    appointment_lookup, calendar_lookup = "pk", "employee"
    search_help_text = _("subject, place, frNr, kuerzel or name")
    blind_help_text = _("frNr, kuerzel or name")
    list_before_template = "ops/parts/not_found.html"
    value_columns = ("shown_text",)
    command_icon = "event"
    row_page = appointment.page
    export_columns = (
        ExportColumn(_("when"), lambda row: _when(row)),
        ExportColumn(_("calendar"), lambda row: called(row.employee)),
        ExportColumn(_("frNr"), lambda row: row.fr_nr),
        ExportColumn(_("subject"), lambda row: _subject(row), values=True),
        ExportColumn(_("status"), lambda row: row.get_status_display()),
        ExportColumn(_("what is wrong"), lambda row: _why(row)),
        ExportColumn(_("next attempt"), lambda row: row.wait_until),
    )
    shown_text = column(_("subject"), lambda row: _marked_subject(row))
    shown_next = column(_("next attempt"), lambda row: html.time(row.wait_until))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ViewedList]:
        return DayByDay

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Those to come before those that are past, each the nearest to today first."""
        is_past = Q(ends_on__lt=timezone.localdate())
        coming = Case(When(is_past, then=None), default=F("starts_on")).asc(nulls_last=True)
        past = Case(When(is_past, then=F("starts_on"))).desc(nulls_last=True)
        return coming, past, "pk"

    def command_hit(self, row: Appointment) -> CommandHit:
        link = reverse("admin:syncapp_appointment_change", args=[row.pk])
        note = " · ".join(filter(None, (_when(row), called(row.employee), f"frNr {row.fr_nr}" if row.fr_nr else "")))
        return CommandHit(self.shown_text(row), note, link)

    def near(self, asked: str) -> list[Appointment]:
        return finding.near(asked)

    @display(description=_("when"), ordering="starts_on")
    def shown_when(self, row: Appointment) -> SafeString | str:
        form = known_form(row)
        if form is None:
            return "–"
        # The day may stand above its times; those stay beside each other.
        return html.stacked(when_words(form.when).replace("–", "\u2060–\u2060"), rule_words(form.rule))

    @display(description=_("calendar"))
    def shown_calendar(self, row: Appointment) -> SafeString:
        return html.stacked(called(row.employee), f"frNr {row.fr_nr}" if row.fr_nr else _("no frNr"))

    @display(description=_("status"))
    def shown_status(self, row: Appointment) -> SafeString:
        icon, tone = cases.status_look(row.status)
        return html.stacked(html.badge(icon, row.get_status_display(), tone), _why(row))


def _hour(row: Appointment) -> str:
    """All day comes first: its start has no hour."""
    form = known_form(row)
    return form.when.start if form else ""


def _when(row: Appointment) -> str:
    form = known_form(row)
    return " ".join(filter(None, (when_words(form.when), rule_words(form.rule)))) if form else ""


def _subject(row: Appointment) -> str:
    form = known_form(row)
    return form.text if form else ""


def _marked_subject(row: Appointment) -> SafeString | str:
    """With what the search has met; below it the place, or the other side's subject, where it met that alone."""
    subject, viewer = _subject(row), viewer_of(row)
    pieces = asked_pieces(viewer.asked) if viewer.sees_values else []
    if not pieces:
        return html.value(subject, visible=viewer.sees_values)
    others = [part for part in search_text.parts_of(search_text.columns_of(row)) if part != subject]
    met = next((one for one in others if is_met(one, pieces)), "")
    shown = with_marks(subject, pieces) if subject else html.value("", visible=True)
    return html.stacked(shown, with_marks(met, pieces)) if met and not is_met(subject, pieces) else shown


def _why(row: Appointment) -> str:
    """In a sentence: what failed, what is asked, why it cannot be carried."""
    if row.error_kind:
        return fault_words(row.error_kind, row.fault)
    asked = [cases.QUESTIONS[one["code"]] for one in row.questions if one["code"] in cases.QUESTIONS]
    if asked:
        return str(asked[0].question)
    if row.reason:
        return str(cases.REASONS.get(row.reason, row.reason))
    return " ".join(cases.report_words(row.reports[-1])) if row.reports else ""
