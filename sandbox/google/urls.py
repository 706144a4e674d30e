"""Addresses of the stand-in Google, below /sandbox/google/; what is not listed answers 404."""

from django.urls import path

from sandbox.google import views

API = "calendar/v3/"
EVENTS = f"{API}calendars/<str:calendar_id>/events"

urlpatterns = [
    path("token", views.token),
    path(f"{API}calendars", views.resource("app.created", POST=views.make_calendar)),
    path(
        f"{API}calendars/<str:calendar_id>",
        views.resource("app.created", GET=views.read_calendar, DELETE=views.delete_calendar),
    ),
    path(
        f"{API}users/me/calendarList",
        views.resource("calendarlist", GET=views.list_calendars, POST=views.add_calendar),
    ),
    path(f"{API}calendars/<str:calendar_id>/acl", views.resource("acls", GET=views.list_shares, POST=views.share)),
    path(f"{API}calendars/<str:calendar_id>/acl/<str:rule_id>", views.resource("acls", DELETE=views.unshare)),
    path(EVENTS, views.resource("app.created", GET=views.list_events, POST=views.insert_event)),
    path(
        f"{EVENTS}/<str:event_id>",
        views.resource(
            "app.created",
            GET=views.read_event,
            PATCH=views.patch_event,
            PUT=views.put_event,
            DELETE=views.delete_event,
        ),
    ),
    path(f"{EVENTS}/<str:event_id>/instances", views.resource("app.created", GET=views.instances)),
]
