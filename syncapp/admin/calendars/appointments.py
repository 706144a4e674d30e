"""The appointments of all calendars: those that failed, are asked about, cannot be carried, or need a hand."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.decorators import display

from syncapp.admin.base import CommandHit, viewer_of
from syncapp.admin.calendars.base import CalendarAdmin
from syncapp.admin.filters import ChoiceFilter
from syncapp.admin.pages.calendars import appointment
from syncapp.core.appointments.rows import PairStatus
from syncapp.entities.appointments.rows.stored import form_of
from syncapp.models import Appointment, AppointmentConflict, CalendarPass, PairStatusChoice
from syncapp.operations.calendars import overview
from syncapp.words import html
from syncapp.words.calendars import cases
from syncapp.words.calendars.faults import explained
from syncapp.words.calendars.when import rule_words, when_words
from syncapp.words.sentences import decimal


class AppointmentFilter(ChoiceFilter):
    """The piles of work first, then each status."""

    title = _("Status")
    parameter_name = "pile"
    rows = (
        ("open", _("everything that is not in order"), lambda: ~Q(status__in=[PairStatus.ok, PairStatus.closed])),
        ("failed", _("failed"), overview.failing),
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


@admin.register(Appointment)
class AppointmentAdmin(CalendarAdmin):
    list_display = ("shown_when", "shown_calendar", "shown_text", "shown_status", "shown_next")
    list_display_links = ("shown_when",)
    list_filter = (AppointmentFilter, WindowFilter, ("employee", RelatedDropdownFilter))
    list_select_related = ("employee",)
    ordering = ("starts_on", "pk")
    sortable_by = ()
    search_fields = ("=fr_nr", "=employee__kuerzel")
    search_help_text = _("frNr or kuerzel")
    value_columns = ("shown_text",)
    command_icon = "event"

    def command_hit(self, row: Appointment) -> CommandHit:
        link = reverse("admin:syncapp_appointment_change", args=[row.pk])
        return CommandHit(self.shown_text(row), self.shown_calendar(row), link)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return appointment.page(request, object_id)

    @display(description=_("when"))
    def shown_when(self, row: Appointment) -> SafeString | str:
        form = form_of(row.base_advoware) or form_of(row.base_google)
        if form is None:
            return "–"
        return html.stacked(when_words(form.when), rule_words(form.rule))

    @display(description=_("calendar"))
    def shown_calendar(self, row: Appointment) -> SafeString:
        return html.stacked(row.employee.kuerzel, f"frNr {row.fr_nr}" if row.fr_nr else _("no frNr"))

    @display(description=_("subject"))
    def shown_text(self, row: Appointment) -> SafeString | str:
        form = form_of(row.base_advoware) or form_of(row.base_google)
        return html.value(form.text if form else "", visible=viewer_of(row).sees_values)

    @display(description=_("status"))
    def shown_status(self, row: Appointment) -> SafeString:
        icon, tone = cases.STATUSES[row.status]
        return html.stacked(html.badge(icon, row.get_status_display(), tone), _why(row))

    @display(description=_("next attempt"))
    def shown_next(self, row: Appointment) -> SafeString | str:
        return html.time(row.wait_until)


def _why(row: Appointment) -> str:
    """In a sentence: what failed, what is asked, why it cannot be carried."""
    if row.error_kind:
        fault = explained(row.error_kind, row.fault)
        return fault.what if fault else ""
    if row.questions:
        return str(cases.QUESTIONS[row.questions[0]["code"]].question)
    if row.reason:
        return str(cases.REASONS[row.reason])
    return " ".join(cases.report_words(row.reports[-1])) if row.reports else ""


@admin.register(AppointmentConflict)
class AppointmentConflictAdmin(CalendarAdmin):
    list_display = ("shown_at", "shown_calendar", "shown_field", "shown_lost", "shown_kept", "shown_act")
    list_display_links = None
    list_select_related = ("record", "appointment")
    ordering = ("-at", "-pk")
    sortable_by = ()
    search_fields = ("=appointment__fr_nr", "=record__kuerzel")
    search_help_text = _("frNr or kuerzel")
    value_columns = ("shown_lost", "shown_kept")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list alone: the form of a row would show its values."""
        return obj is None and super().has_view_permission(request)

    @display(description=_("at"))
    def shown_at(self, row: AppointmentConflict) -> SafeString | str:
        return html.time(row.at)

    @display(description=_("calendar"))
    def shown_calendar(self, row: AppointmentConflict) -> SafeString:
        return html.stacked(row.record.kuerzel, f"frNr {row.appointment.fr_nr or '–'}")

    @display(description=_("what"))
    def shown_field(self, row: AppointmentConflict) -> SafeString:
        return html.stacked(cases.GROUPS.get(row.field, "–"), cases.REPORTS.get(row.code, row.code))

    @display(description=_("gave way"))
    def shown_lost(self, row: AppointmentConflict) -> SafeString:
        shown = html.value(row.lost, visible=viewer_of(row).sees_values)
        return html.stacked(shown, cases.SIDES.get(row.side, "–"))

    @display(description=_("kept"))
    def shown_kept(self, row: AppointmentConflict) -> SafeString | str:
        return html.value(row.kept, visible=viewer_of(row).sees_values)

    @display(description="")
    def shown_act(self, row: AppointmentConflict) -> SafeString | str:
        if row.restored_at is not None:
            return html.stacked(html.good(_("brought back")), html.time(row.restored_at))
        return html.button(html.page_url("calendar_restore", row.pk), _("Bring back"), "history", small=True)


@admin.register(CalendarPass)
class CalendarPassAdmin(CalendarAdmin):
    list_display = ("shown_at", "shown_calendar", "shown_outcome", "shown_what", "shown_calls")
    list_display_links = None
    ordering = ("-started_at", "-pk")
    sortable_by = ()
    search_fields = ("=kuerzel",)
    search_help_text = _("Kuerzel")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_view_permission(request)

    @display(description=_("started"))
    def shown_at(self, one: CalendarPass) -> SafeString:
        return html.stacked(html.time(one.started_at), f"{decimal(one.duration_ms / 1000)} s")

    @display(description=_("calendar"))
    def shown_calendar(self, one: CalendarPass) -> SafeString:
        return html.stacked(one.kuerzel, _("full pass") if one.verdict == "full" else _("light pass"))

    @display(description=_("outcome"))
    def shown_outcome(self, one: CalendarPass) -> SafeString:
        fault = explained(one.kind, one.fault)
        return html.stacked(html.outcome_badge(one.outcome), fault.what if fault else "")

    @display(description=_("what it did"))
    def shown_what(self, one: CalendarPass) -> str:
        return ", ".join(cases.done_words(one.summary)) or "–"

    @display(description=_("remote calls"))
    def shown_calls(self, one: CalendarPass) -> str:
        return ", ".join(f"{name}: {sum(counts.values())}" for name, counts in one.calls.items()) or "–"
