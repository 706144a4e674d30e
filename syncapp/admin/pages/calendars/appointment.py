"""One appointment: both sides, what was told, what is asked and decided, what gave way and can be brought back.

Invariant: subjects, places and notes only for those who may see values; nothing happens on GET.
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from syncapp.admin.finding.numbers import number_in
from syncapp.admin.pages import frame
from syncapp.admin.pages.calendars import doors
from syncapp.core.appointments.forms.canonical import GROUPS, TEXTS, Canonical
from syncapp.core.appointments.forms.drafts import Agreed, differing_groups, less_in_google
from syncapp.core.appointments.plan_shapes import QuestionCode
from syncapp.core.appointments.rows import PairStatus
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.entities.appointments.clients import SYSTEMS
from syncapp.entities.appointments.rows.stored import agreed_forms, form_of, google_form, known_form
from syncapp.models import Appointment, AppointmentConflict
from syncapp.operations.actions import ActionRefused
from syncapp.operations.calendars import decisions, restoring
from syncapp.operations.calendars.sight import sight_of
from syncapp.words.calendars import cases
from syncapp.words.calendars.faults import explained
from syncapp.words.calendars.when import group_text, when_words
from syncapp.words.plain_errors import PlainError

DECIDE = "syncapp.decide_conflict"
PAGE = "admin:syncapp_appointment_change"
CHANGES = 30


def _found(pk: int) -> Appointment:
    return get_object_or_404(Appointment.objects.select_related("employee"), pk=pk)


@doors.shows("syncapp.view_appointment")
def page(request: HttpRequest, object_id: str) -> HttpResponse:
    row = _found(number_in(object_id))
    form = known_form(row)
    questions = list(_questions(row, refused=request.POST.get("code", "") if frame.fault_of(request) else ""))
    return frame.page(
        request,
        "ops/calendars/appointment.html",
        title=when_words(form.when) if form is not None else _("Appointment"),
        row=row,
        look=cases.status_look(row.status),
        why=cases.REASONS.get(row.reason, ""),
        wrong=explained(row.error_kind, row.fault) if row.error_kind else None,
        notes=[*_less(row), *(cases.NOTES[note] for note in row.notes if note in cases.NOTES)],
        reports=[" ".join(cases.report_words(_once(one, row.reason))) for one in row.reports],
        questions=questions,
        asked_no_more=bool(frame.fault_of(request)) and not any(one["refused"] for one in questions),
        sides=_as_stored(row),
        conflicts=[_given_way(one) for one in row.conflicts.select_related("record", "appointment").order_by("-at")],
        changes=row.changes.order_by("-at")[:CHANGES],
        following=_next_to_decide(row),
    )


@doors.shows("syncapp.view_appointment")
def sides(request: HttpRequest, pk: int) -> HttpResponse:
    """Both systems are asked now: whoever decides has to see what stands there, not what stood there."""
    row = _found(pk)
    try:
        seen = sight_of(row)
    except PlainError as trouble:
        return frame.part(request, "ops/calendars/parts/sides.html", sides=_as_stored(row), trouble=str(trouble))
    found = list(_sides(row, seen.advoware, seen.google, agreed=agreed_forms(row)))
    unread = cases.REASONS.get(seen.unread, "") if seen.unread else ""
    if unread:
        found = [side | {"differs": False} for side in found]  # nobody can say
    return frame.part(request, "ops/calendars/parts/sides.html", sides=found, now=True, unread=unread)


def _next_to_decide(row: Appointment) -> int | None:
    """For whoever works through all that ask something."""
    asking = Appointment.objects.filter(status=PairStatus.ask, pk__gt=row.pk).order_by("pk")
    return asking.values_list("pk", flat=True).first()


def _once(report: dict[str, Any], reason: str) -> dict[str, Any]:
    """A report without the reason that stands above it already."""
    return report | {"detail": ""} if reason and report.get("detail") == reason else report


def _less(row: Appointment) -> Iterator[str]:
    """Why Google holds less of it than Advoware, where it does."""
    advoware, google = form_of(row.base_advoware), google_form(row)
    if advoware and google and (less := less_in_google(advoware, google, row.shown)):
        yield cases.less_words(row.shown, [group for group in GROUPS if group in less])


def _as_stored(row: Appointment) -> list[dict[str, Any]]:
    """As they were after the last pass. What that one asks about is not agreed upon."""
    agreed = agreed_forms(row) if row.status == PairStatus.ok else None
    return list(_sides(row, form_of(row.base_advoware), google_form(row), agreed=agreed))


def _sides(
    row: Appointment, advoware: Canonical | None, google: Canonical | None, *, agreed: Agreed
) -> Iterator[dict[str, Any]]:
    """Both sides group by group; what Google holds otherwise on purpose is no difference."""
    differing = frozenset(GROUPS)
    if advoware and google:
        differing = differing_groups(advoware, google, row.shown, agreed)
    for group in GROUPS if advoware or google else ():
        there = [None if form is None else group_text(form, group) for form in (advoware, google)]
        secret = group in TEXTS
        yield {
            "label": cases.GROUPS[group],
            "advoware": there[0],
            "google": there[1],
            "secret": secret,
            "differs": there[0] != there[1] and group in differing,
        }


def _questions(row: Appointment, *, refused: str) -> Iterator[dict[str, Any]]:
    """refused: the question whose answer has just been refused; "" where none was."""
    for one in row.questions:
        if one["code"] not in cases.QUESTIONS:
            continue  # a newer version asks it, and knows the answers
        code = QuestionCode(one["code"])
        text = cases.QUESTIONS[code]
        cannot = decisions.why_not_google(one)
        choices = decisions.answers_to(code, one["candidates"], cannot)
        chosen = [choice for name, choice in row.decided.items() if name.partition(":")[0] == code]
        yield {
            "code": code.value,
            "question": text.question,
            "meaning": text.meaning,
            "cannot": cases.why_not_words(cannot) if cannot else "",
            "groups": cases.group_words(one["groups"]),
            "answers": [(choice, cases.answer_words(code, choice)) for choice in choices],
            "refused": code.value == refused,
            "decided": cases.answer_words(code, chosen[0]) if chosen else "",
        }


def _given_way(conflict: AppointmentConflict) -> dict[str, Any]:
    return {
        "row": conflict,
        "label": cases.GROUPS.get(conflict.field, conflict.field),
        "side": SYSTEM_NAMES.get(conflict.side, "–"),
        "secret": conflict.field in TEXTS,
        "told": cases.REPORTS.get(conflict.code, conflict.code),
        "refusal": restoring.refusal(conflict),
    }


@doors.does("syncapp.view_appointment", DECIDE)
def decide(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The answer to one question; a pass carries it out. What refuses it is told where it was asked."""
    row = _found(pk)
    context = frame.action_context(request, reason=frame.reason_of(request))
    try:
        decisions.decide(
            row, code=request.POST.get("code", ""), choice=request.POST.get("choice", ""), action_context=context
        )
    except ActionRefused as refused:
        return frame.shown_again(page, request, str(row.pk), refused=refused, address=reverse(PAGE, args=[row.pk]))
    words = _("Decided. A pass carries it out; what comes of it stands below.")
    frame.say_requested(request, words, systems=SYSTEMS)
    return frame.back_to(PAGE, row.pk)


@doors.asks("syncapp.view_appointment", DECIDE)
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what gave way: ask, then write it where it was made."""
    conflict = get_object_or_404(AppointmentConflict.objects.select_related("record", "appointment"), pk=pk)
    refusal = restoring.refusal(conflict)
    if frame.is_sent(request) and not refusal:
        restoring.restore(conflict, action_context=frame.action_context(request, reason=frame.reason_of(request)))
        words = _("Written to %(side)s; a pass carries it on.") % {"side": SYSTEM_NAMES.get(conflict.side, "–")}
        frame.say_requested(request, words, systems=SYSTEMS)
        return frame.back_to(PAGE, conflict.appointment_id)
    return frame.page(
        request,
        "ops/calendars/restore.html",
        title=_("Bring back what gave way"),
        given=_given_way(conflict),
        refusal=refusal,
    )
