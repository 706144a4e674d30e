"""Every pass over a calendar: when, how it ended, what it did."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.calendars.base import CalendarAdmin
from syncapp.models import CalendarPass
from syncapp.words import html, sentences
from syncapp.words.calendars import cases
from syncapp.words.calendars.faults import explained
from syncapp.words.sentences import decimal


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
        return (
            ", ".join(
                f"{sentences.SYSTEMS.get(name, name)}: {sum(counts.values())}" for name, counts in one.calls.items()
            )
            or "–"
        )
