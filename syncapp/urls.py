"""Addresses of the installation: webhooks in, Advoware for other programs, probes and metrics, the language."""

from django.urls import include, path, re_path

from syncapp.core.requests import EVENTS
from syncapp.entities.beteiligte.parts import CHILD_NAMES
from syncapp.views import people, probes, proxy, sign_in
from syncapp.views.webhooks import webhook

# The second is where the system that this one replaces was told of bank accounts.
CHILD_ADDRESSES = {"webhook": "webhooks/espocrm", "former_webhook": "vmh/webhook"}

urlpatterns = [
    path("health/live", probes.live, name="health_live"),
    path("health/ready", probes.ready, name="health_ready"),
    path("metrics", probes.metrics, name="metrics"),
    path("advoware/proxy", proxy.compatible, name="proxy"),
    path("advoware/proxy/whoami", proxy.whoami, name="proxy_whoami"),
    path("advoware/openapi.json", proxy.openapi, name="proxy_openapi"),
    re_path(r"^advoware/api/(?P<rest>(?s:.*))\Z", proxy.plain, name="proxy_api"),
    path("advoware/calendar/sync", proxy.calendar_sync, name="calendar_sync"),
    path("invitation/", people.invitation, name="invitation"),
    path("oidc/login/", sign_in.Begin.as_view(), name="oidc_authentication_init"),
    path("oidc/callback/", sign_in.Callback.as_view(), name="oidc_authentication_callback"),
    path("i18n/", include("django.conf.urls.i18n")),
    *(
        path(f"webhooks/espocrm/beteiligte/{action}", webhook, {"action": action}, name=f"webhook_{action}")
        for action in EVENTS
    ),
    *(
        path(f"{start}/{child}/{action}", webhook, {"action": action, "child": child}, name=f"{name}_{child}_{action}")
        for name, start in CHILD_ADDRESSES.items()
        for child in CHILD_NAMES
        for action in EVENTS
    ),
]
