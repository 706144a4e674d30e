"""Addresses of the stand-in EspoCRM, relative to where it is mounted."""

from django.urls import path

from sandbox.espocrm.views import serve

urlpatterns = [path("api/v1/<path:rest>", serve)]
