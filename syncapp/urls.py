"""Addresses of the synchronisation: webhooks in, probes and metrics, the choice of a language."""

from django.urls import include, path

from syncapp.views import probes
from syncapp.views.webhooks import webhook

urlpatterns = [
    path("health/live", probes.live, name="health_live"),
    path("health/ready", probes.ready, name="health_ready"),
    path("metrics", probes.metrics, name="metrics"),
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path(f"webhooks/espocrm/beteiligte/{action}", webhook, {"action": action}, name=f"webhook_{action}")
        for action in ("create", "update", "delete")
    ),
]
