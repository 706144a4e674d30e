"""Addresses of the installation: webhooks in, Advoware for other programs, probes and metrics, the language."""

from django.urls import include, path, re_path

from syncapp.views import calendars, probes, proxy
from syncapp.views.webhooks import webhook

urlpatterns = [
    path("health/live", probes.live, name="health_live"),
    path("health/ready", probes.ready, name="health_ready"),
    path("metrics", probes.metrics, name="metrics"),
    path("advoware/proxy", proxy.compatible, name="proxy"),
    path("advoware/proxy/whoami", proxy.whoami, name="proxy_whoami"),
    path("advoware/openapi.json", proxy.openapi, name="proxy_openapi"),
    re_path(r"^advoware/api/(?P<rest>(?s:.*))\Z", proxy.plain, name="proxy_api"),
    path("advoware/calendar/sync", calendars.sync, name="calendar_sync"),
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path(f"webhooks/espocrm/beteiligte/{action}", webhook, {"action": action}, name=f"webhook_{action}")
        for action in ("create", "update", "delete")
    ),
]
