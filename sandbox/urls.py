"""Addresses below /sandbox/: the stand-ins behind one door, the control API for tests, the page of outages."""

from django.contrib import admin
from django.urls import include, path

from sandbox.admin.outages import outages
from sandbox.door import serve

urlpatterns = [
    path("espocrm/<path:rest>", serve, {"system": "espocrm"}),
    path("advoware/<path:rest>", serve, {"system": "advoware"}),
    path("control/", include("sandbox.control")),
    path("outages/", admin.site.admin_view(outages), name="sandbox_outages"),
]
