"""The operations room: lists, pages and acts for the people who look after the sync. Importing it registers them.

One file for each model; what all share is in base.py, the filters in filters.py, pages that are no lists in pages/.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from syncapp.admin.addresses import addresses
from syncapp.admin.calendars import appointments, employees, passes
from syncapp.admin.calendars import conflicts as calendar_conflicts
from syncapp.admin.finding import palette, rows
from syncapp.admin.office import bulk_action, export, operator_log, person, role
from syncapp.admin.proxy import proxy_calls, proxy_keys
from syncapp.admin.records import attempt, child_case, conflict, deletion_task, inbox_element, notice, sync_record
from syncapp.admin.watching import alert, drift_report, sweep

__all__ = [
    "alert",
    "appointments",
    "attempt",
    "bulk_action",
    "calendar_conflicts",
    "child_case",
    "conflict",
    "deletion_task",
    "drift_report",
    "employees",
    "export",
    "inbox_element",
    "notice",
    "operator_log",
    "passes",
    "person",
    "proxy_calls",
    "proxy_keys",
    "role",
    "sweep",
    "sync_record",
]

admin.site.index_title = _("What needs me")
admin.site.search = palette.answer  # type: ignore[attr-defined,unused-ignore]
admin.site.extra_urls = addresses  # type: ignore[attr-defined]
rows.make_headers_once()
