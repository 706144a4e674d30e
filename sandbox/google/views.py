"""The stand-in Google's API: thin views over `calendars`, `events` and `feed`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from sandbox.google import calendars, events, feed, quotas, tokens
from sandbox.google.reasons import GoogleRefusal
from sandbox.google.tokens import Bearer
from sandbox.switches import switches

View = Callable[..., object]
SCOPE = "https://www.googleapis.com/auth/calendar"
READS = ("GET",)


def resource(scope: str, **views: View) -> Callable[..., HttpResponse]:
    """One address: the views by method, open to the one scope that is named and to the broad one."""

    def dispatch(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            view = views.get(request.method or "")
            if view is None:
                raise GoogleRefusal("notFound")
            answer = view(request, _admitted(request, scope), **kwargs)
        except GoogleRefusal as refused:
            return refused.answer()
        return HttpResponse(status=204) if answer is None else JsonResponse(answer, safe=False)

    return dispatch


def _admitted(request: HttpRequest, scope: str) -> str:
    """The acting account, once it is known, may do this at all, and has not done too much."""
    bearer = tokens.bearer_of(request.headers.get("Authorization", ""))
    if bearer is None:
        raise GoogleRefusal("authError", "Authorization")
    if not switches("google")["api_enabled"]:
        raise GoogleRefusal("accessNotConfigured")
    if bearer.scopes.isdisjoint({SCOPE, f"{SCOPE}.{scope}"}):
        raise GoogleRefusal("insufficientPermissions")
    quotas.count_request(bearer.account)
    _check_guests(request, bearer)
    return bearer.account


def _check_guests(request: HttpRequest, bearer: Bearer) -> None:
    """Service accounts cannot invite; whoever can, mails unless sendUpdates says none."""
    if request.method in READS or "/events" not in request.path or not _body(request).get("attendees"):
        return
    if bearer.account == bearer.service_account:
        raise GoogleRefusal("forbiddenForServiceAccounts")
    if request.GET.get("sendUpdates", "none") != "none":
        calendars.mail("guests")


def _body(request: HttpRequest) -> Mapping[str, Any]:
    if not request.body:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError:
        raise GoogleRefusal("invalid", "body") from None
    if not isinstance(body, dict):
        raise GoogleRefusal("invalid", "body")
    return body


def token(request: HttpRequest) -> HttpResponse:
    try:
        return JsonResponse(tokens.issue(request.POST.dict()))
    except tokens.TokenRefused as refused:
        body = {"error": refused.error, "error_description": refused.description}
        return JsonResponse(body, status=refused.status)


# --- calendars


def make_calendar(request: HttpRequest, account: str) -> object:
    return calendars.calendar_json(calendars.make(account, _body(request)))


def read_calendar(request: HttpRequest, account: str, calendar_id: str) -> object:
    return calendars.calendar_json(calendars.find(account, calendar_id))


def delete_calendar(request: HttpRequest, account: str, calendar_id: str) -> None:
    calendars.remove(calendars.find(account, calendar_id, role="owner"))


def list_calendars(request: HttpRequest, account: str) -> object:
    rows = list(calendars.in_list(account))
    return _page(request, [calendars.calendar_json(row) for row in rows])


def add_calendar(request: HttpRequest, account: str) -> object:
    return calendars.calendar_json(calendars.add_to_list(account, _body(request).get("id")))


def list_shares(request: HttpRequest, account: str, calendar_id: str) -> object:
    calendar = calendars.find(account, calendar_id, role="writer")
    return _page(request, [calendars.share_json(row) for row in calendar.shares.all()])


def share(request: HttpRequest, account: str, calendar_id: str) -> object:
    calendar = calendars.find(account, calendar_id, role="owner")
    mails = request.GET.get("sendNotifications", "true") == "true"
    return calendars.share_json(calendars.share(calendar, _body(request), mails=mails))


def unshare(request: HttpRequest, account: str, calendar_id: str, rule_id: str) -> None:
    calendars.unshare(calendars.find(account, calendar_id, role="owner"), rule_id)


def _page(request: HttpRequest, items: list[dict[str, object]]) -> dict[str, object]:
    """A page of a plain list, by offset."""
    size = switches("google")["page_size"]
    length = size if isinstance(size, int) else len(items) + 1
    start = int(request.GET.get("pageToken") or 0)
    more = {"nextPageToken": str(start + length)} if start + length < len(items) else {}
    return {"items": items[start : start + length], **more}


# --- events


def list_events(request: HttpRequest, account: str, calendar_id: str) -> object:
    return feed.listed(calendars.find(account, calendar_id), request.GET.dict())


def insert_event(request: HttpRequest, account: str, calendar_id: str) -> object:
    calendar = calendars.find(account, calendar_id, role="writer")
    quotas.count_made(account, "new_events")
    return feed.shown(events.insert(calendar, _body(request)))


def read_event(request: HttpRequest, account: str, calendar_id: str, event_id: str) -> object:
    return feed.shown(events.get(calendars.find(account, calendar_id), event_id))


def patch_event(request: HttpRequest, account: str, calendar_id: str, event_id: str) -> object:
    return _changed(request, account, calendar_id, event_id, whole=False)


def put_event(request: HttpRequest, account: str, calendar_id: str, event_id: str) -> object:
    return _changed(request, account, calendar_id, event_id, whole=True)


def _changed(request: HttpRequest, account: str, calendar_id: str, event_id: str, *, whole: bool) -> object:
    calendar = calendars.find(account, calendar_id, role="writer")
    event = events.get(calendar, event_id)
    if event.body.get("foreignOrganizer"):
        raise GoogleRefusal("forbiddenForNonOrganizer")
    etag = request.headers.get("If-Match", "")
    return feed.shown(events.change(calendar, event_id, _body(request), etag=etag, whole=whole))


def delete_event(request: HttpRequest, account: str, calendar_id: str, event_id: str) -> None:
    calendar = calendars.find(account, calendar_id, role="writer")
    events.delete(calendar, event_id, etag=request.headers.get("If-Match", ""))


def instances(request: HttpRequest, account: str, calendar_id: str, event_id: str) -> object:
    calendar = calendars.find(account, calendar_id)
    master = events.get(calendar, event_id)
    return {"items": [feed.shown(one) for one in events.instances(master)]}
