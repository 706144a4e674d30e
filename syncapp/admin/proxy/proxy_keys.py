"""Keys of other programs: who has which, until when, and when it was last used.

Invariant: read only; a key is made, limited and revoked on pages of its own, which ask, check the right and log.
"""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from syncapp.admin import filters
from syncapp.admin.base import ReadOnlyAdmin, column, viewer_of
from syncapp.admin.exporting.columns import ExportColumn
from syncapp.models import ProxyKey
from syncapp.words import actor_words, html


@admin.register(ProxyKey)
class ProxyKeyAdmin(ReadOnlyAdmin):
    list_alone = True
    list_display = ("shown_name", "shown_state", "shown_grants", "shown_limits", "shown_used", "shown_act")
    list_filter = (filters.KeyFilter,)
    ordering = ("name",)
    more_right = "syncapp.manage_proxy_keys"
    export_columns = (
        ExportColumn(_("name"), lambda row: row.name),
        ExportColumn(_("key"), lambda row: f"advo_{row.prefix}…"),
        ExportColumn(_("answers for it"), lambda row: actor_words(row.owner or row.created_by)),
        ExportColumn(_("valid until"), lambda row: row.expires_at),
        ExportColumn(_("revoked at"), lambda row: row.revoked_at),
        ExportColumn(_("grants"), lambda row: ", ".join(row.grants)),
        ExportColumn(_("calls per minute"), lambda row: row.rate_per_minute),
        ExportColumn(_("networks"), lambda row: ", ".join(row.networks)),
        ExportColumn(_("last used"), lambda row: row.last_used_at),
    )
    search_fields = ("name", "=prefix", "owner")
    search_help_text = _("Name, key or who answers for it")
    list_before_template = "ops/parts/proxy_keys_head.html"
    shown_used = column(_("last used"), lambda row: html.time(row.last_used_at))

    @display(description=_("name"))
    def shown_name(self, row: ProxyKey) -> SafeString:
        owner = actor_words(row.owner or row.created_by)
        return html.stacked(row.name, f"advo_{row.prefix}… · {owner}")

    @display(description=_("state"))
    def shown_state(self, row: ProxyKey) -> SafeString | str:
        if row.revoked_at:
            said = html.badge("block", _("revoked"), "off")
            return html.stacked(said, f"{actor_words(row.revoked_by)}: {row.revoke_reason}")
        if not row.usable:
            return html.stacked(html.badge("event_busy", _("ended"), "off"), html.time(row.expires_at))
        ends = format_html(str(_("ends {when}")), when=html.time(row.expires_at))
        return html.stacked(html.good(_("can be used")), ends)

    @display(description=_("grants"))
    def shown_grants(self, row: ProxyKey) -> SafeString:
        return format_html_join("", '<code class="ops-line">{}</code>', ((grant,) for grant in row.grants))

    @display(description=_("limits"))
    def shown_limits(self, row: ProxyKey) -> SafeString:
        rate = _("%(number)s calls per minute") % {"number": row.rate_per_minute}
        return html.stacked(rate, ", ".join(row.networks) or _("from anywhere"))

    @display(description="")
    def shown_act(self, row: ProxyKey) -> SafeString | str:
        if not viewer_of(row).more or row.revoked_at:
            return ""
        limit = html.button(html.page_url("proxy_limit", row.pk), _("Limits"), "tune", about=row.name)
        revoke = html.button(html.page_url("proxy_revoke", row.pk), _("Revoke"), "block", about=row.name)
        return html.stacked(limit, revoke)
