"""Addresses of the pages that are no lists, below /admin/ops/. Each view is wrapped: a login is needed everywhere.

To extend: a page is a row of PAGES; what right it needs, the page itself says.
"""

from collections.abc import Callable

from django.contrib import admin
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from syncapp.admin.pages import (
    charts,
    conflicts,
    guide,
    home,
    knowledge,
    many,
    one_action,
    proxy,
    record,
    switches,
    systems,
    tasks,
)
from syncapp.admin.pages.calendars import actions, appointment, cleaning, employee, setup
from syncapp.admin.pages.casework import causes, queue, saved_views
from syncapp.admin.pages.machinery import jobs
from syncapp.admin.pages.numbers import exports, sheet
from syncapp.admin.pages.people import users

PAGES: tuple[tuple[str, Callable[..., HttpResponseBase], str], ...] = (
    ("machinery/", home.machinery, "machinery"),
    ("charts/<str:span>/", charts.charts, "charts"),
    ("live/", home.live, "live"),
    ("figures/", sheet.page, "sheet"),
    ("export/new/<slug:source>/", exports.new, "export_new"),
    ("export/<int:pk>/", exports.one, "export"),
    ("export/<int:pk>/progress/", exports.progress, "export_progress"),
    ("export/<int:pk>/stop/", exports.stop, "export_stop"),
    ("export/<int:pk>/file/", exports.fetch, "export_file"),
    ("record/<int:pk>/sides/", record.both_sides, "sides"),
    ("record/<int:pk>/state/", record.state, "state"),
    ("record/<int:pk>/earlier/", record.earlier, "earlier"),
    ("record/<int:pk>/behind/", record.behind, "behind"),
    ("record/<int:pk>/case/", tasks.case, "case"),
    ("record/<int:pk>/decide/", conflicts.decide, "decide"),
    ("record/<int:pk>/link/compare/", one_action.compare_for_link, "link_compare"),
    ("record/<int:pk>/do/<str:code>/", one_action.single, "record_act"),
    ("record/<int:pk>/by-hand/<slug:part>/<slug:code>/<int:entry_id>/", tasks.by_hand, "by_hand"),
    ("task/<int:pk>/", tasks.child_case, "child_case"),
    ("record/<int:pk>/accounts/", record.accounts, "accounts"),
    ("conflict/<int:pk>/restore/", conflicts.restore, "restore"),
    ("conflict/queue/", queue.queue, "queue"),
    ("conflict/<int:pk>/take-back/", queue.take_back, "take_back"),
    ("deletion/<int:pk>/", tasks.deletion, "deletion"),
    ("many/<int:pk>/", many.one, "many"),
    ("many/<int:pk>/progress/", many.progress, "many_progress"),
    ("many/<int:pk>/stop/", many.stop, "many_stop"),
    ("many/<int:pk>/undo/", many.undo, "many_undo"),
    ("causes/", causes.errors, "causes"),
    ("causes/snooze/", causes.snooze, "cause_snooze"),
    ("causes/wake/", causes.wake, "cause_wake"),
    ("view/<slug:place>/save/", saved_views.save, "view_save"),
    ("view/<int:pk>/delete/", saved_views.remove, "view_delete"),
    ("switches/", switches.switches, "switches"),
    ("switches/<str:code>/", switches.switch, "switch"),
    ("system/<str:name>/", systems.system, "system"),
    ("system/<str:name>/state/", systems.state, "system_state"),
    ("alert/<int:pk>/seen/", switches.acknowledge, "acknowledge"),
    ("proxy/new/", proxy.make, "proxy_make"),
    ("proxy/<int:pk>/limit/", proxy.limit, "proxy_limit"),
    ("proxy/<int:pk>/revoke/", proxy.revoke, "proxy_revoke"),
    ("proxy/try/", proxy.try_read, "proxy_try"),
    ("calendars/import/", setup.from_advoware, "calendars_import"),
    ("calendars/new/", setup.add, "calendars_add"),
    ("calendars/<int:pk>/address/", setup.address, "calendar_address"),
    ("calendars/<int:pk>/clean/", cleaning.clean, "calendar_clean"),
    ("calendars/<int:pk>/clean/found/", cleaning.found, "calendar_untidy"),
    ("calendars/<int:pk>/now/", employee.now, "calendar_now"),
    ("calendars/<int:pk>/progress/", employee.progress, "calendar_progress"),
    ("calendars/<int:pk>/do/<str:code>/", actions.single, "calendar_act"),
    ("calendars/appointment/<int:pk>/sides/", appointment.sides, "calendar_sides"),
    ("calendars/appointment/<int:pk>/decide/", appointment.decide, "calendar_decide"),
    ("calendars/gave-way/<int:pk>/restore/", appointment.restore, "calendar_restore"),
    ("settings/", knowledge.configuration, "configuration"),
    ("errors/", knowledge.catalogue, "catalogue"),
    ("jobs/", jobs.overview, "jobs"),
    ("jobs/state/", jobs.state, "jobs_state"),
    ("jobs/<slug:queue>/pause/", jobs.pause, "queue_pause"),
    ("jobs/<slug:queue>/resume/", jobs.resume, "queue_resume"),
    ("jobs/<slug:queue>/<str:job_id>/", jobs.one, "job"),
    ("users/new/", users.new, "user_new"),
    ("users/<int:pk>/", users.one, "user"),
    ("users/<int:pk>/do/<slug:code>/", users.single, "user_act"),
    ("guide/", guide.guide, "guide"),
    ("guide/pictures/<str:name>", guide.picture, "guide_picture"),
)


def addresses() -> list[URLPattern]:
    """What the admin site adds to its own addresses."""
    return [path(f"ops/{route}", admin.site.admin_view(view), name=f"ops_{name}") for route, view, name in PAGES]
