"""Addresses below /sandbox/: the stand-ins behind one door, the control API for tests, pages for people."""

from django.contrib import admin
from django.urls import include, path

from sandbox.admin.google_week import week
from sandbox.admin.outages import outages
from sandbox.door import serve

urlpatterns = [
    path("espocrm/<path:rest>", serve, {"system": "espocrm"}),
    path("advoware/<path:rest>", serve, {"system": "advoware"}),
    path("google/<path:rest>", serve, {"system": "google"}),
    path("control/", include("sandbox.control")),
    path("google-week/", admin.site.admin_view(week), name="sandbox_google_week"),
    path("outages/", admin.site.admin_view(outages), name="sandbox_outages"),
]
