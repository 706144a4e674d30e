"""Errors by cause: what is the same stands together, leads to its records, and can be made quiet.

Invariant: counted at every look; a cause that was snoozed and got worse says so.
"""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.admin.pages import frame
from syncapp.admin.pages.casework import asking
from syncapp.core.faults import causes as core_causes
from syncapp.operations.actions import ACTIONS, ActionRefused, snoozing
from syncapp.operations.monitoring import causes, quiet
from syncapp.words import html, sentences

RIGHTS = ("syncapp.view_syncrecord", "syncapp.hold_record")


@dataclass(frozen=True, slots=True)
class ShownCause:
    """One group with its words, where its records are, and whether it is quiet."""

    group: causes.CauseGroup
    kind: sentences.KindText
    url: str
    snoozed: quiet.CauseSnooze | None

    @property
    def may_be_quiet(self) -> bool:
        return self.group.kind not in snoozing.ALWAYS_LOUD and (self.snoozed is None or self.snoozed.worse)


@frame.shows("syncapp.view_syncrecord")
def errors(request: HttpRequest) -> HttpResponse:
    """Every kind and cause, the most first."""
    snoozed = {one.snooze.cause: one for one in quiet.of_causes(timezone.now())}
    rows = [
        ShownCause(
            group,
            group.explained,
            html.listed("syncrecord", kind__exact=group.kind, cause=group.cause),
            snoozed.get(group.cause),
        )
        for group in causes.groups()
    ]
    loud = [row for row in rows if row.snoozed is None or row.snoozed.worse]
    return frame.page(
        request,
        "ops/casework/causes.html",
        title=_("Errors by cause"),
        loud=loud,
        quiet=[row for row in rows if row not in loud],
        factor=quiet.FACTOR,
        above=quiet.ABOVE,
    )


@frame.asks(*RIGHTS)
def snooze(request: HttpRequest) -> HttpResponse:
    """Ask until when and why, then be quiet about all that fails for this reason."""
    cause = request.GET.get("cause", "")
    group = next((one for one in causes.groups() if one.cause == cause), None)
    if group is None or core_causes.parts(cause) is None or group.kind in snoozing.ALWAYS_LOUD:
        raise Http404
    if frame.is_sent(request):
        reason = frame.reason_of(request, needed=True)
        context = frame.action_context(request, reason=reason, details=asking.answer("until", request.POST))
        snoozing.snooze_cause(cause=group.cause, number=group.number, action_context=context)
        frame.say(request, _("Quiet from now on. It is loud again when the day has come, or when it gets worse."))
        return frame.back_to("admin:ops_causes")
    return frame.page(
        request,
        "ops/casework/snooze.html",
        title=_("Snooze"),
        group=group,
        cancel=reverse("admin:ops_causes"),
        act=ACTIONS["snooze"],
        factor=quiet.FACTOR,
        above=quiet.ABOVE,
        **asking.question("until", (), request.POST),
    )


@frame.does(*RIGHTS)
def wake(request: HttpRequest) -> HttpResponse:
    """Loud again."""
    try:
        snoozing.wake_cause(cause=request.GET.get("cause", ""), action_context=frame.action_context(request))
        frame.say(request, _("It is shown again among what needs somebody."))
    except ActionRefused as refused:
        frame.refuse(request, refused)
    return frame.back_to("admin:ops_causes")
