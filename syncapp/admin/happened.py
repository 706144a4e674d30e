"""What happened by itself, to look through: attempts, webhook elements, notices to users of EspoCRM.

Invariant: read only; contents with personal values need their right. A page of one row says in words what the row holds
as codes. To extend: a column or a line of a page is a method with its label.
"""

import json
from collections.abc import Iterable

from django.contrib import admin
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from syncapp.admin.base import ReadOnlyAdmin, viewer_of
from syncapp.models import Attempt, InboxElement, Notice
from syncapp.operations.monitoring.timeline import SOURCES
from syncapp.words import html, reasons, sentences
from syncapp.words.run_summary import summary_words
from syncapp.words.time_format import exact

# result of a webhook element: (icon, tone)
RESULTS = {
    "waiting": ("hourglass_top", "wait"),
    "counted": ("sync", "good"),
    "echo": ("replay", "off"),
    "irrelevant": ("remove", "off"),
    "unknown": ("help", "warn"),
}
CONTENT = 160
VERDICTS: dict[str, str | Promise] = {
    "no_change": _("nothing had changed"),
    "espocrm_newer": _("changed in EspoCRM"),
    "advoware_newer": _("changed in Advoware"),
    "merged": _("changed on both sides, in different fields"),
    "conflict": _("the same field changed on both sides"),
}


def _flat(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cut(parts: Iterable[str]) -> str:
    text = " · ".join(parts)
    return text if len(text) <= CONTENT else f"{text[:CONTENT]} …"


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_record", "shown_outcome", "shown_cause", "shown_fields", "shown_duration")
    list_display_links = ("shown_at",)
    list_filter = (("outcome", ChoicesDropdownFilter),)
    list_select_related = ("record",)
    ordering = ("-started_at",)
    sortable_by = ()
    search_fields = ("=espo_id",)
    search_help_text = _("EspoCRM id")
    fields = (
        *("shown_record", "shown_moment", "shown_outcome", "shown_cause", "shown_verdict", "shown_fields"),
        *("shown_contacts", "shown_calls", "shown_duration", "shown_technical"),
    )

    @display(description=_("started"))
    def shown_moment(self, attempt: Attempt) -> SafeString:
        return html.stacked(html.time(attempt.started_at), exact(attempt.started_at))

    @display(description=_("verdict"))
    def shown_verdict(self, attempt: Attempt) -> str:
        return str(VERDICTS.get(attempt.verdict, attempt.verdict or "–"))

    @display(description=_("contact points"))
    def shown_contacts(self, attempt: Attempt) -> str:
        return "; ".join(summary_words(attempt.summary)) or "–"

    @display(description=_("remote calls"))
    def shown_calls(self, attempt: Attempt) -> str:
        systems = ((sentences.SYSTEMS.get(name, name), counts) for name, counts in attempt.calls.items())
        said = (
            f"{system}: " + ", ".join(f"{number} × {method}" for method, number in counts.items())
            for system, counts in systems
        )
        return "; ".join(said) or "–"

    @display(description=_("technical detail"))
    def shown_technical(self, attempt: Attempt) -> SafeString | str:
        return format_html('<pre class="ops-pre">{}</pre>', attempt.traceback) if attempt.traceback else "–"

    @display(description=_("started"))
    def shown_at(self, attempt: Attempt) -> SafeString | str:
        return html.time(attempt.started_at)

    @display(description=_("record"))
    def shown_record(self, attempt: Attempt) -> SafeString | str:
        record = attempt.record
        if record is None:
            return attempt.espo_id
        return html.record_link(record.pk, html.name(record, visible=viewer_of(attempt).sees_values))

    @display(description=_("outcome"))
    def shown_outcome(self, attempt: Attempt) -> SafeString:
        return format_html(
            '<div class="ops-cell">{}<small>{}</small></div>',
            html.outcome_badge(attempt.outcome),
            sentences.sentence(attempt.fault),
        )

    @display(description=_("cause"))
    def shown_cause(self, attempt: Attempt) -> str:
        source = str(SOURCES.get(attempt.source, attempt.source))
        return f"{source}: {attempt.actor}" if attempt.actor else source

    @display(description=_("fields changed"))
    def shown_fields(self, attempt: Attempt) -> str:
        return ", ".join(sentences.planned_label(name) for name in attempt.fields_changed) or "–"

    @display(description=_("duration"))
    def shown_duration(self, attempt: Attempt) -> str:
        return f"{sentences.decimal(attempt.duration_ms / 1000)} s"


@admin.register(InboxElement)
class InboxElementAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_record", "shown_action", "shown_result", "shown_content")
    list_display_links = ("shown_at",)
    list_filter = (("result", ChoicesDropdownFilter), ("action", ChoicesDropdownFilter))
    list_select_related = ("record",)
    ordering = ("-received_at",)
    sortable_by = ()
    search_fields = ("=espo_id",)
    search_help_text = _("EspoCRM id")
    value_fields = ("shown_whole",)
    fields = ("shown_record", "shown_moment", "shown_action", "shown_result", "shown_judged", "shown_whole", "delivery")
    value_columns = ("shown_content",)

    @display(description=_("received"))
    def shown_at(self, element: InboxElement) -> SafeString | str:
        return html.time(element.received_at)

    @display(description=_("record"))
    def shown_record(self, element: InboxElement) -> SafeString | str:
        if element.record is None or not viewer_of(element).sees_values:
            return html.record_link(element.record_id, element.espo_id)
        name = html.name(element.record, visible=True)
        return html.stacked(html.record_link(element.record_id, name), element.espo_id)

    @display(description=_("event"))
    def shown_action(self, element: InboxElement) -> SafeString:
        icon = {"create": "add_circle", "update": "edit", "delete": "delete"}.get(element.action, "help")
        return html.badge(icon, element.get_action_display(), "off")

    @display(description=_("result"))
    def shown_result(self, element: InboxElement) -> SafeString:
        icon, tone = RESULTS.get(element.result, ("help", "off"))
        return html.badge(icon, element.get_result_display(), tone)

    @display(description=_("received"))
    def shown_moment(self, element: InboxElement) -> SafeString:
        return html.stacked(html.time(element.received_at), exact(element.received_at))

    @display(description=_("judged"))
    def shown_judged(self, element: InboxElement) -> SafeString | str:
        return html.time(element.judged_at)

    @display(description=_("content"))
    def shown_whole(self, element: InboxElement) -> SafeString:
        rows = ((name, html.value(_flat(value), visible=True)) for name, value in element.attributes.items())
        lines = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows)
        return format_html('<dl class="ops-facts">{}</dl>', lines)

    @display(description=_("content"))
    def shown_content(self, element: InboxElement) -> SafeString | str:
        told = (f"{name}: {_flat(value)}" for name, value in element.attributes.items() if name != "id")
        return format_html('<div class="ops-cell"><small>{}</small></div>', html.value(_cut(told), visible=True))


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("shown_at", "shown_record", "shown_text", "shown_sent")
    list_display_links = ("shown_at",)
    ordering = ("-created_at",)
    sortable_by = ()
    search_fields = ("=espo_id",)
    search_help_text = _("EspoCRM id")

    @display(description=_("since"))
    def shown_at(self, notice: Notice) -> SafeString | str:
        return html.time(notice.created_at)

    @display(description=_("record"))
    def shown_record(self, notice: Notice) -> SafeString | str:
        return html.record_link(notice.record_id, notice.espo_id)

    @display(description=_("notice"))
    def shown_text(self, notice: Notice) -> str:
        return sentences.notice_text(notice.event, notice.params)

    @display(description=_("sent"))
    def shown_sent(self, notice: Notice) -> SafeString | str:
        if notice.refused:
            return html.bad(reasons.told(notice.refused))
        return html.time(notice.sent_at) if notice.sent_at else html.badge("schedule", _("waits"), "wait")
