"""The calendars: who has one, how it stands, when it was and will be looked at, and how many appointments it holds."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import column, viewer_of
from syncapp.admin.calendars.base import CalendarAdmin
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.admin.filters import ChoiceFilter
from syncapp.admin.pages import many
from syncapp.admin.pages.calendars import employee
from syncapp.core.states import FAILING, Status
from syncapp.models import CalendarEmployee, PairStatusChoice
from syncapp.operations.actions.others import OTHERS
from syncapp.operations.calendars import background, overview, passes
from syncapp.words import html
from syncapp.words.calendars.faults import fault_words
from syncapp.words.calendars.looks import MODES, mode_look

WORDS = dict(PairStatusChoice.choices)


class StateFilter(ChoiceFilter):
    title = _("State")
    parameter_name = "state"
    rows = (
        ("stopped", _("stopped, waits for a person"), lambda: overview.WAITS),
        ("given_up", _("permanently failed"), lambda: overview.GIVEN_UP),
        ("failed", _("with errors"), lambda: Q(status=Status.FAILED) & ~overview.WAITS),
        ("paused", _("paused"), lambda: ~Q(hold="")),
        ("active", _("active"), lambda: Q(active=True)),
        ("left", _("set aside"), lambda: Q(active=False)),
    )


class ModeFilter(ChoiceFilter):
    title = _("Mode")
    parameter_name = "mode"
    rows = tuple((mode, words, partial(Q, mode=mode)) for mode, (_icon, _tone, words) in MODES.items())


@admin.register(CalendarEmployee)
class CalendarEmployeeAdmin(CalendarAdmin):
    list_display = ("shown_who", "shown_state", "shown_mode", "shown_numbers", "shown_last", "shown_next")
    list_display_links = ("shown_who",)
    list_filter = (StateFilter, ModeFilter)
    ordering = ("-active", "kuerzel")
    sortable_by = ("shown_who", "shown_state", "shown_mode", "shown_last")
    search_fields = ("=kuerzel", "name", "=google_address")
    calendar_lookup = "pk"
    search_help_text = _("Kuerzel, name or Google address")
    list_before_template = "ops/calendars/parts/list_head.html"
    row_page = employee.page
    export_columns = (
        ExportColumn(_("name"), lambda row: row.name),
        ExportColumn(_("kuerzel"), lambda row: row.kuerzel),
        ExportColumn(_("Google address"), lambda row: row.google_address),
        ExportColumn(_("state"), lambda row: html.status_words(row) if row.active else _("set aside")),
        ExportColumn(_("what is wrong"), lambda row: passes.why_left_alone(row) or _fault(row)),
        ExportColumn(_("mode"), lambda row: MODES[row.mode][2] if row.mode in MODES else row.mode),
        ExportColumn(_("writes to Advoware"), lambda row: _("yes") if row.write_to_advoware else _("no")),
        ExportColumn(_("appointments"), lambda row: sum(_counts(row).values())),
        ExportColumn(_("of these in order"), lambda row: _counts(row).get(PairStatusChoice.OK, 0)),
        ExportColumn(_("last pass"), lambda row: row.last_check),
        ExportColumn(_("next pass"), lambda row: overview.next_pass(row, now=viewer_of(row).now)),
    )
    shown_last = column(_("last pass"), lambda row: html.time(row.last_check), ordering="last_check")

    def more(self, request: HttpRequest) -> Mapping[int, Mapping[str, int]]:
        return overview.numbers(CalendarEmployee.objects.only("pk"))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What is registered once the apps are loaded."""
        return many.offered(request, OTHERS[background.SHARE])

    @display(description=_("calendar"), ordering="name")
    def shown_who(self, row: CalendarEmployee) -> SafeString:
        address = html.mail_address(row.google_address) if row.google_address else _("no Google address yet")
        return html.stacked(row.name or row.kuerzel, format_html("{} · {}", row.kuerzel, address))

    @display(description=_("state"), ordering="status")
    def shown_state(self, row: CalendarEmployee) -> SafeString:
        if not row.active:
            return html.badge("person_off", _("set aside"), "off")
        return html.stacked(html.status(row), passes.why_left_alone(row) or _fault(row))

    @display(description=_("mode"), ordering="mode")
    def shown_mode(self, row: CalendarEmployee) -> SafeString:
        icon, tone, words = mode_look(row.mode)
        writes = _("writes to Advoware") if row.write_to_advoware else _("Google only shows")
        return html.stacked(html.badge(icon, words, tone), writes)

    @display(description=_("appointments"))
    def shown_numbers(self, row: CalendarEmployee) -> SafeString:
        counts = _counts(row)
        others = [
            f"{number} {WORDS.get(status, status)}"
            for status, number in counts.items()
            if status != PairStatusChoice.OK
        ]
        return html.stacked(sum(counts.values()), ", ".join(others))

    @display(description=_("next pass"))
    def shown_next(self, row: CalendarEmployee) -> SafeString | str:
        now = viewer_of(row).now
        return html.time_to_come(overview.next_pass(row, now=now), now=now)


def _fault(row: CalendarEmployee) -> str:
    return fault_words(row.kind, row.fault) if row.status in FAILING or row.auto_reset_at else ""


def _counts(row: CalendarEmployee) -> Mapping[str, int]:
    found: Mapping[str, int] = viewer_of(row).more.get(row.pk, {})
    return found
