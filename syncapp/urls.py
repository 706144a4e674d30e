"""Addresses of the synchronisation: webhooks in, and the choice of a language."""

from django.urls import include, path

from syncapp.views.webhooks import webhook

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path(f"webhooks/espocrm/beteiligte/{action}", webhook, {"action": action}, name=f"webhook_{action}")
        for action in ("create", "update", "delete")
    ),
]
