"""What all pages of the operations room share: who may open them, and the frame around them.

Invariant: a page names the right it needs; without it the answer is 403 before anything is read. What it takes is said
in the same line: `shows` looks, `asks` looks or does what its form was sent for, `does` is sent alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from syncapp.admin.navigation import place_above
from syncapp.core.systems import System
from syncapp.engine import control
from syncapp.models import SyncRecord
from syncapp.operations.actions import ActionContext
from syncapp.operations.actions.bulk import many
from syncapp.operations.actions.holding import why_kept
from syncapp.operations.actions.shapes import Target
from syncapp.operations.calendars import overview
from syncapp.operations.monitoring.signs.disturbances import obstacles
from syncapp.words import html
from syncapp.words.plain_errors import PlainError
from syncapp.words.time_format import clock

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def needs(*rights: str) -> Callable[[View], View]:
    """Only for those who have all of these rights."""
    return permission_required(rights, raise_exception=True)


def shows(*rights: str) -> Callable[[View], View]:
    """A page, or a part of one, for those who have all of these rights."""
    return lambda view: require_safe(needs(*rights)(view))


def asks(*rights: str) -> Callable[[View], View]:
    """A page with a question; its answer comes to the same address.

    What refuses the answer (PlainError) is told on the page: the view is called once more, as if somebody only looked,
    and what it shows is what stands there by now.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except PlainError as refused:
                if not is_sent(request):
                    raise
                return shown_again(view, request, *args, refused=refused, **kwargs)

        return require_http_methods(["GET", "POST"])(needs(*rights)(cast(View, asked)))

    return decorate


def shown_again(
    view: View, request: HttpRequest, *args: Any, refused: PlainError, address: str = "", **kwargs: Any
) -> HttpResponseBase:
    """The page that an answer came from, with what has refused it and what was typed; nothing is done a second time,
    whichever way the view asks what it is called for. address: the page's own, where the answer went to another."""
    request.fault, request.page_address = refused, address  # type: ignore[attr-defined]
    _typed = request.POST  # Django reads it once, and of a GET as nothing
    request.method = "GET"
    try:
        return view(request, *args, **kwargs)
    finally:
        request.method = "POST"


def is_sent(request: HttpRequest) -> bool:
    """Whether this is the answer to a page's question, and nothing has refused it."""
    return request.method == "POST" and not hasattr(request, "fault")


def fault_of(request: HttpRequest) -> str:
    """What has refused the answer; "" where nothing has."""
    return str(getattr(request, "fault", ""))


def does(*rights: str) -> Callable[[View], View]:
    """What a button of another page sends. Whoever was logged out when it was pressed comes back without it."""

    def decorate(view: View) -> View:
        sent = require_POST(needs(*rights)(view))

        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "GET":
                return sent(request, *args, **kwargs)
            warn(request, _("Nothing was done: you had been logged out meanwhile. Please do it once more."))
            return back_to("admin:index")

        return cast(View, answered)

    return decorate


def page(request: HttpRequest, template: str, *, title: object, about: object = "", **context: Any) -> HttpResponse:
    """A whole page in the admin's frame. about: what the browser's title names first, where that is no record.
    `visible`: whether values may be shown; `page_above`: the way back; `fault`: what has refused the answer to its
    question, and which field has to be put right; `reason`: what was typed there, which stays; `page_address`: under
    which the page is to be found again, where it came as the answer of another."""
    record = context.get("record")
    if isinstance(record, SyncRecord):
        about = name_of(record, request)
    here = request.resolver_match.url_name if request.resolver_match else None
    frame = admin.site.each_context(request) | {
        "title": title,
        "subtitle": about if about != title else "",
        "visible": html.may_see_values(request),
        "page_above": place_above(here or "", request.user),
        "fault": fault_of(request),
        "fault_field": getattr(getattr(request, "fault", None), "field", ""),
        "reason": reason_of(request),
        "page_address": getattr(request, "page_address", ""),
    }
    return TemplateResponse(request, template, frame | context)


def part(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A part of a page that is loaded after it."""
    response = TemplateResponse(request, template, {"visible": html.may_see_values(request), **context})
    response["Cache-Control"] = "no-store"
    return response


def action_context(request: HttpRequest, *, reason: str = "", details: dict[str, Any] | None = None) -> ActionContext:
    """Who acts, for the services."""
    user = person(request)
    return ActionContext(actor=user.get_username(), reason=reason, user_id=user.pk, details=details)


def person(request: HttpRequest) -> User:
    """Who is logged in; the admin lets nobody else in here."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def back_to_record(record_id: int) -> HttpResponse:
    return HttpResponseRedirect(html.record_url(record_id))


def back_to(name: str, *args: object, query: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponseRedirect(reverse(name, args=args, query=query))


def reason_of(request: HttpRequest, *, needed: bool = False) -> str:
    """What somebody gives as the reason. Raises PlainError where one is needed and there is none."""
    reason = request.POST.get("reason", "").replace("\x00", "").strip()[:2000]
    if needed and not reason:
        raise PlainError(_("Please give a reason: others will want to know it later."), field="reason")
    return reason


def given(form: forms.Form) -> dict[str, Any]:
    """What a form says. Raises PlainError where it cannot be taken."""
    if not form.is_valid():
        told = (f"{form[name].label}: {' '.join(map(str, faults))}" for name, faults in form.errors.items())
        raise PlainError("; ".join(told), field=next(iter(form.errors)))
    return form.cleaned_data


def moment_in(query: QueryDict, name: str) -> datetime | None:
    """A moment that an address or a form carries; one without a zone is ours. None where there is none."""
    try:
        moment = parse_datetime(query.get(name, ""))
    except ValueError:
        return None
    return timezone.make_aware(moment) if moment is not None and timezone.is_naive(moment) else moment


def end_of(request: HttpRequest) -> datetime | None:
    """When what somebody sends is to end by itself. Raises PlainError where that is no time to come."""
    end = moment_in(request.POST, "until")
    if end is None and request.POST.get("until"):
        raise PlainError(_("The end is not a real date and time."), field="until")
    if end is not None and end <= timezone.now():
        raise PlainError(_("The end lies in the past."), field="until")
    return end


def name_of(record: SyncRecord, request: HttpRequest) -> object:
    """What the record is called on a page's head: its name, or its number for those who may not see names."""
    if html.may_see_values(request):
        return record.name or record.espo_id
    return f"\u2060{html.number(record)}"  # no capital for betNr


def hand_over(request: HttpRequest, code: str, ids: Sequence[Target]) -> HttpResponse:
    """An act for a worker, confirmed by the page that it is called from; leads to the page of its course."""
    bulk = many.propose(code=code, ids=ids, user=person(request))
    many.start(bulk=bulk, reason=reason_of(request), actor=request.user.get_username())
    return back_to("admin:ops_many", bulk.pk)


def say(request: HttpRequest, text: object) -> None:
    messages.success(request, str(text))


def warn(request: HttpRequest, text: object) -> None:
    messages.warning(request, str(text))


def in_the_way(systems: Iterable[str], *, record: SyncRecord | None = None) -> list[str]:
    """What keeps runs that call these systems from being carried out just now, in sentences; of one record, also that
    somebody holds it."""
    now = timezone.now()
    held = why_kept(record, now) if record is not None else ""
    return [*([held] if held else []), *obstacles(control=control.switches(), now=now, systems=systems)]


def say_requested(
    request: HttpRequest, text: object, *, systems: Iterable[str], record: SyncRecord | None = None
) -> None:
    """What was asked for, and what stands in its way: nothing has been done yet, so nothing sounds like it.

    systems: those that what was asked for is going to call. record: the one that it was asked for, as it is by now.
    """
    messages.info(request, str(text))
    for sentence in in_the_way(systems, record=record):
        warn(request, sentence)


def refuse(request: HttpRequest, text: object) -> None:
    messages.error(request, str(text))


def with_end(text: object, end: datetime | None) -> str:
    """The same with “until …”, where it ends by itself."""
    return f"{text} {_('until %(until)s') % {'until': clock(end, now=timezone.now())}}" if end else str(text)


def waits_for(name: str, *, records: int) -> str:
    """What waits for it, in words: calendars for Google, which no record needs; for the others so many records."""
    if name != System.GOOGLE_CALENDAR:
        told = ngettext("%(count)s record waits.", "%(count)s records wait.", records) % {"count": records}
        return told if records else _("No record waits.")
    calendars = overview.waiting()
    told = ngettext("%(count)s calendar waits.", "%(count)s calendars wait.", calendars) % {"count": calendars}
    return told if calendars else _("No calendar waits.")
