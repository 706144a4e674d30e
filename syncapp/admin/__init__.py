"""The operations room: lists, pages and acts for the people who look after the sync. Importing it registers them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from syncapp.admin import drift, happened, logs, parts, proxy_calls, proxy_keys, records
from syncapp.admin.addresses import addresses

__all__ = ["drift", "happened", "logs", "parts", "proxy_calls", "proxy_keys", "records"]

admin.site.index_title = _("What needs me")
admin.site.extra_urls = addresses  # type: ignore[attr-defined]
