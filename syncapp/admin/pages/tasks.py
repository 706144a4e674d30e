"""Deletions to do by hand, tasks about addresses and bank accounts, and cases: who looks after a record."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.admin.finding.numbers import number_in
from syncapp.admin.pages import frame
from syncapp.admin.pages import record as record_page
from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import ChildCase, DeletionTask, SyncRecord
from syncapp.operations.actions import ActionRefused, child_cases, tasks
from syncapp.operations.actions.by_hand import done_by_hand, is_open
from syncapp.operations.actions.others import OTHERS
from syncapp.operations.monitoring.attention import open_cases
from syncapp.words import html
from syncapp.words.child_lists import cases as case_words_of
from syncapp.words.child_lists.case_texts import ANSWERS
from syncapp.words.hand_tasks import HAND_TASKS
from syncapp.words.plain_errors import PlainError

TICK_OFF = OTHERS["deletion_done"]


class CaseForm(forms.Form):
    """Who, until when, and what is to be known."""

    assignee = forms.ModelChoiceField(
        get_user_model().objects.filter(is_active=True, is_staff=True),
        required=False,
        label=gettext_lazy("Looked after by"),
    )
    due = forms.DateField(required=False, label=gettext_lazy("Due on"))
    note = forms.CharField(required=False, max_length=4000, label=gettext_lazy("Note"))


@frame.does("syncapp.view_syncrecord", "syncapp.work_case")
def case(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Keep what is said of a case; what refuses it is told where it was said, and stays said."""
    record = get_object_or_404(SyncRecord, pk=pk)
    try:
        given = frame.given(CaseForm(request.POST))
        tasks.keep_case(
            record=record,
            assignee_id=given["assignee"].pk if given["assignee"] else None,
            due=given["due"],
            note=given["note"] if html.may_see_values(request) else None,
            action_context=frame.action_context(request),
            seen=request.POST.get("seen"),
        )
    except PlainError as refused:
        address = html.record_url(record.pk)
        return frame.shown_again(record_page.page, request, str(record.pk), refused=refused, address=address)
    frame.say(request, _("Saved."))
    return frame.back_to_record(record.pk)


@frame.asks("syncapp.view_deletiontask", TICK_OFF.permission)
def deletion(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick off, or open again what was ticked off by mistake."""
    task = get_object_or_404(DeletionTask.objects.select_related("record"), pk=pk)
    if request.method == "POST":
        _turn(request, task)
        return frame.back_to("admin:syncapp_deletiontask_changelist")
    return frame.page(
        request,
        "ops/deletion.html",
        title=TICK_OFF.label,
        act=TICK_OFF,
        task=task,
        record=task.record,
        cancel=reverse("admin:syncapp_deletiontask_changelist"),
    )


def _turn(request: HttpRequest, task: DeletionTask) -> None:
    action_context = frame.action_context(request, reason=frame.reason_of(request))
    try:
        if request.POST.get("reopen"):
            tasks.untick(task=task, action_context=action_context)
            frame.say(request, _("The deletion is open again."))
        else:
            tasks.tick_off(task=task, action_context=action_context)
            frame.say(request, _("Ticked off: betNr %(betnr)s.") % {"betnr": task.betnr or "–"})
    except ActionRefused as refused:
        frame.refuse(request, refused)


@frame.asks("syncapp.view_syncrecord", "syncapp.view_childcase")
def child_case(request: HttpRequest, pk: int) -> HttpResponse:
    """One task about an address or bank account: what happened, what stands where, what to do, and the answer."""
    case = get_object_or_404(ChildCase.objects.select_related("record"), pk=pk)
    if frame.is_sent(request):
        if not request.user.has_perm("syncapp.settle_case"):
            raise PermissionDenied
        _answer(request, case)
        following = _next_case(case) if "go_on" in request.POST else None
        back = frame.back_to("admin:ops_child_case", following) if following else None
        return back or frame.back_to_record(case.record_id)
    return frame.page(request, "ops/child_case.html", **_case_shown(request, case), following=_next_case(case))


def _next_case(case: ChildCase) -> int | None:
    """The next open task, for whoever works through all of them."""
    return ChildCase.objects.filter(open_cases(), pk__gt=case.pk).order_by("pk").values_list("pk", flat=True).first()


def _case_shown(request: HttpRequest, case: ChildCase) -> dict[str, Any]:
    words = case_words_of.case_words(case, readable=child_cases.is_readable(case.kind))
    may = request.user.has_perm("syncapp.settle_case")
    answers = child_cases.answers_to(case) if may else ()
    answered = child_cases.answer_of(case)
    writes = any(answer is not CaseAnswer.noted for answer in answers)
    return {
        "title": f"{words.about}: {words.name}",
        "case": case,
        "record": case.record,
        "words": words,
        "icon": case_words_of.icon_of(case.kind),
        "facts": case_words_of.facts_of(case),
        # Its code, its name, and what happens then.
        "answers": [(answer.value, *ANSWERS[answer]) for answer in answers],
        "answered": ANSWERS[answered][0] if answered else "",
        "asks_number": any(child_cases.needs_number(case, answer) for answer in answers),
        "reopens": may and case.done_at is not None and case.closed_at is None,
        "seen": child_cases.stamp(case),
        # Only for what still stands there: of something else nobody has said anything.
        "chosen": request.POST if request.POST.get("seen") == child_cases.stamp(case) else {},
        "obstacles": frame.in_the_way(SYSTEMS, record=case.record) if writes else [],
    }


def _answer(request: HttpRequest, case: ChildCase) -> None:
    action_context = frame.action_context(request, reason=frame.reason_of(request))
    if request.POST.get("reopen"):
        child_cases.open_again(case=case, action_context=action_context)
        return frame.say(request, _("The task is open again."))
    said = request.POST.get("answer", "")
    if said not in CaseAnswer.__members__:
        raise ActionRefused(_("Nothing was chosen."))
    asked = child_cases.settle(
        case=case,
        answer=CaseAnswer(said),
        seen=request.POST.get("seen", ""),
        number=number_in(request.POST.get("number", "").strip()),
        action_context=action_context,
    )
    if asked:
        below = "" if "go_on" in request.POST else " " + _("What comes of it is below.")
        requested = _("Answered. A run that takes it up is requested.") + below
        words = _("Answered.") if case.record.hold else requested
        return frame.say_requested(request, words, systems=SYSTEMS, record=case.record)
    frame.say(request, _("Noted. The task has left the list of things to do."))


@frame.asks("syncapp.view_syncrecord", "syncapp.decide_conflict")
def by_hand(request: HttpRequest, pk: int, part: str, code: str, entry_id: int) -> HttpResponse:
    """Something that only a person can do in a remote system: she did it and says so."""
    record = get_object_or_404(SyncRecord, pk=pk)
    text = HAND_TASKS.get(code)
    if text is None:
        raise Http404
    if frame.is_sent(request):
        action_context = frame.action_context(request, reason=frame.reason_of(request))
        done_by_hand(record=record, part=part, code=code, entry_id=entry_id, action_context=action_context)
        frame.say_requested(request, _("Noted: %(act)s.") % {"act": text.label}, systems=SYSTEMS, record=record)
        return frame.back_to_record(record.pk)
    refusal = frame.fault_of(request)
    if not refusal and not is_open(record=record, part=part, code=code, entry_id=entry_id):
        refusal = str(text.nothing_waits)
    found = frame.in_the_way(SYSTEMS, record=record)
    return frame.page(
        request, "ops/confirm.html", title=text.label, act=text, record=record, refusal=refusal, obstacles=found
    )
