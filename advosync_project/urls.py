"""Every address of the installation. Wiring only."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("", include("syncapp.urls")),
    # Where RQ's own pages were: bookmarks and old messages lead to ours.
    re_path(r"^admin/django_rq/", RedirectView.as_view(pattern_name="admin:ops_jobs", permanent=False)),
    path("admin/", admin.site.urls),
]

if settings.SANDBOX:
    urlpatterns += [path("sandbox/", include("sandbox.urls"))]
