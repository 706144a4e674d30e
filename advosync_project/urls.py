"""Every address of the installation. Wiring only."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView

FORMER_QUEUE_PAGES = RedirectView.as_view(url=reverse_lazy("admin:ops_jobs"), permanent=False)

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("", include("syncapp.urls")),
    # Where RQ's own pages were: bookmarks and old messages lead to ours.
    path("admin/django_rq/", FORMER_QUEUE_PAGES),
    path("admin/django_rq/<path:rest>", FORMER_QUEUE_PAGES),
    # “View on site” is offered for models without a table too, and breaks; nothing here has such a page.
    path("admin/r/<path:url>", admin.site.admin_view(admin.site.catch_all_view)),
    path("admin/", admin.site.urls),
]

if settings.SANDBOX:
    urlpatterns += [path("sandbox/", include("sandbox.urls"))]
