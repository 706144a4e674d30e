"""Addresses of the synchronisation: webhooks in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
