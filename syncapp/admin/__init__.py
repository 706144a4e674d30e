"""The operations room: lists, pages and acts for the people who look after the sync. Importing it registers them.

One file for each model; what all share is in base.py, the filters in filters.py, pages that are no lists in pages/.
"""
# ruff: noqa: F401  (to import them is to register them)

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from syncapp.admin.addresses import addresses
from syncapp.admin.calendars import appointments, employees, passes
from syncapp.admin.calendars import conflicts as calendar_conflicts
from syncapp.admin.finding import palette, rows
from syncapp.admin.office import bulk_action, export, operator_log, person, role, sign_in
from syncapp.admin.proxy import proxy_calls, proxy_keys
from syncapp.admin.records import attempt, child_case, conflict, deletion_task, inbox_element, notice, sync_record
from syncapp.admin.watching import alert, drift_report, sweep

admin.site.index_title = _("What needs me")
admin.site.search = palette.answer  # type: ignore[attr-defined,unused-ignore]
admin.site.extra_urls = addresses  # type: ignore[attr-defined]
rows.make_headers_once()
