"""Addresses of the stand-ins: /sandbox/espocrm/, /sandbox/advoware/, /sandbox/control/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
