"""Every address of the installation. Wiring only."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("", include("syncapp.urls")),
    path("admin/", admin.site.urls),
]

if settings.SANDBOX:
    urlpatterns += [path("sandbox/", include("sandbox.urls"))]
