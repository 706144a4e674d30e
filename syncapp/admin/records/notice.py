"""Notices to users of EspoCRM: what was told, and whether it was sent."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin.base import RecordRows, column
from syncapp.admin.exporting.columns import ExportColumn, record_columns
from syncapp.admin.finding.day_range import day_range
from syncapp.models import Notice
from syncapp.words import html, reasons, sentences


@admin.register(Notice)
class NoticeAdmin(RecordRows):
    when_empty = _("Whoever is told of something in EspoCRM stands here, with what was said.")
    list_display = ("shown_at", "shown_record", "shown_text", "shown_sent")
    list_alone = True
    list_filter = (day_range("created_at", _("since")),)
    ordering = ("-created_at",)
    sortable_by = ("shown_at",)
    export_columns = (
        ExportColumn(_("since"), lambda row: row.created_at),
        *record_columns(),
        ExportColumn(_("notice"), lambda row: sentences.notice_text(row.event, row.params)),
        ExportColumn(_("sent"), lambda row: row.sent_at),
        ExportColumn(_("refused because"), lambda row: reasons.told(row.refused) if row.refused else ""),
    )
    shown_at = column(_("since"), lambda row: html.time(row.created_at), ordering="created_at")
    shown_text = column(_("notice"), lambda row: sentences.notice_text(row.event, row.params))

    @display(description=_("sent"))
    def shown_sent(self, notice: Notice) -> SafeString | str:
        if notice.refused:
            return html.bad(reasons.told(notice.refused))
        return html.time(notice.sent_at) if notice.sent_at else html.badge("schedule", _("waits"), "wait")
