"""Addresses of the synchronisation: webhooks in."""

from django.urls import path

from syncapp.views.webhooks import webhook

urlpatterns = [
    path(f"webhooks/espocrm/beteiligte/{action}", webhook, {"action": action}, name=f"webhook_{action}")
    for action in ("create", "update", "delete")
]
