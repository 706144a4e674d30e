"""Addresses below /sandbox/: the two stand-ins behind one door, and the control API for tests."""

from django.urls import include, path

from sandbox.door import serve

urlpatterns = [
    path("espocrm/<path:rest>", serve, {"system": "espocrm"}),
    path("advoware/<path:rest>", serve, {"system": "advoware"}),
    path("control/", include("sandbox.control")),
]
