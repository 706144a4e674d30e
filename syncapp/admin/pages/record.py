"""The page of one record: what is wrong, what to do, both sides, and everything that happened.

Invariant: the page itself asks no remote system and not Redis either; what does is loaded after it, in parts that
come with a sentence when somebody does not answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp.admin.finding.numbers import number_in
from syncapp.admin.pages import frame
from syncapp.core.beteiligte.field_table import NOT_SYNCED
from syncapp.core.child_lists.shapes import LISTED_ONLY, CaseCode
from syncapp.core.faults import causes
from syncapp.core.faults.errors import ErrorKind, Then, kinds_that
from syncapp.core.requests import Override
from syncapp.core.states import AT_WORK, DELETED, Status
from syncapp.engine import control
from syncapp.engine.rows import locks
from syncapp.models import Case, ChildCase, Snooze, SyncRecord
from syncapp.operations.actions import ACTIONS, child_cases, log_action, tasks
from syncapp.operations.actions.by_hand import open_hand_tasks
from syncapp.operations.actions.holding import held_words
from syncapp.operations.actions.syncing import NEEDS_A_LINK
from syncapp.operations.monitoring import quiet
from syncapp.operations.monitoring.jobs.rows import failed_with
from syncapp.operations.monitoring.timeline import happenings
from syncapp.operations.monitoring.why import situation, why_not_synced
from syncapp.operations.previews.one_side import known_elements, open_of, stored_lines
from syncapp.operations.previews.record_preview import record_preview
from syncapp.words import html, plans, sentences
from syncapp.words.child_lists.cases import CaseWords, case_words, icon_of, one_line
from syncapp.words.runs.summary import remark_words

# What the advice of a kind asks for, by right: whoever has none of these is told to ask somebody else.
ADVISED: dict[str, tuple[str, ...]] = {
    ErrorKind.CREATE_OUTCOME_UNKNOWN: ("link_record", "create_in_advoware"),
    ErrorKind.NEEDS_CONFIRMATION: ("link_record", "create_in_advoware"),
    ErrorKind.BLOCKED: ("confirm_guard",),
    ErrorKind.FORBIDDEN: ("sync_now",),
}
CONFLICTS = 30
CASES = 30
# Kinds that are tried again by themselves: where all attempts are used up, that was in vain.
TRIED_IN_VAIN = kinds_that(Then.RETRY)


@frame.shows("syncapp.view_syncrecord")
def page(request: HttpRequest, object_id: str) -> HttpResponse:
    """Everything that we know ourselves."""
    records = SyncRecord.objects.select_related("case__assignee", "snooze")
    record = get_object_or_404(records, pk=number_in(object_id))
    now = timezone.now()
    entries, earlier = happenings(record)
    work = _work(request, record, now)
    context = {
        "record": record,
        "why": why_not_synced(record, situation(control=control.switches(), now=now)),
        "held": held_words(record, now),
        "kind": sentences.explained(record.kind, record.fault) if record.kind else None,
        "sentence": sentences.sentence(record.fault, values=html.may_see_values(request)),
        "advice": _advice(record),
        "beyond": _beyond(request, record),
        "for_release": html.waits_for_release(record),
        "remarks": list(remark_words(record.reports)),
        "hand_tasks": (by_hand := open_hand_tasks(record)),
        "asked_by_hand": bool(by_hand),
        "tasks": record.deletion_tasks.filter(done_at__isnull=True) if record.status in DELETED else (),
        "stored": stored_lines(record, conflicts=work["open_conflicts"]),
        "not_synced": [plans.NOT_SYNCED.get(name, name) for name in NOT_SYNCED],
        "entries": entries,
        "earlier": earlier,
        "order": plans.ORDERS.get(Override(record.override)) if record.override in set(Override) else None,
        "moving": record.status in AT_WORK,
        "can_look": record.status not in DELETED,
        **work,
    }
    return frame.page(request, "ops/record.html", **context, title=frame.name_of(record, request))


def _work(request: HttpRequest, record: SyncRecord, now: datetime) -> dict[str, Any]:
    """What people have to decide and do about it, did, and said."""
    return {
        **_conflicts(record),
        **_tasks(request, record),
        **_actions(request, record, now),
        **_case(request, record),
        **_snooze(record, now),
    }


def _conflicts(record: SyncRecord) -> dict[str, Any]:
    conflicts = list(record.conflicts.order_by("-open", "-at")[:CONFLICTS])
    return {
        "open_conflicts": [conflict for conflict in conflicts if conflict.open],
        "past_conflicts": [conflict for conflict in conflicts if not conflict.open],
    }


def _tasks(request: HttpRequest, record: SyncRecord) -> dict[str, Any]:
    """Open tasks about addresses and bank accounts, and how many of all that are open need somebody."""
    found = _open_tasks(record)
    return {"child_cases": list(_child_cases(request, found)), **_counted(found)}


def _open_tasks(record: SyncRecord) -> list[ChildCase]:
    """Those that nobody has answered; what only stands there twice is shown among both sides."""
    if not child_cases.is_on():
        return []
    open_ones = record.child_cases.filter(closed_at=None, done_at=None).exclude(code=CaseCode.double)
    return list(open_ones.order_by("opened_at", "pk"))


def _counted(found: Sequence[ChildCase]) -> dict[str, int]:
    """How many somebody has to do, and how many only wait for the word that they are to be carried."""
    return {
        "open_cases": sum(case.code not in LISTED_ONLY for case in found),
        "uncarried": sum(case.code == CaseCode.waiting for case in found),
    }


def _advice(record: SyncRecord) -> object:
    """What to do: where all attempts are used up, waiting is no advice any more."""
    if record.status == Status.PERMANENTLY_FAILED and record.kind in TRIED_IN_VAIN:
        return _("Once the disturbance is over, choose “Try again”: a new run is then requested.")
    return sentences.advice(record.kind, record.fault)


def _beyond(request: HttpRequest, record: SyncRecord) -> bool:
    """Whether the advice asks for something that this visitor may not do."""
    swings = sentences.kind_text(record.kind, record.fault) is sentences.SWINGS
    again = swings or record.status == Status.PERMANENTLY_FAILED
    rights = ("sync_now",) if again else ADVISED.get(record.kind, ())
    return bool(rights) and not any(request.user.has_perm(f"syncapp.{right}") for right in rights)


def _actions(request: HttpRequest, record: SyncRecord, now: datetime) -> dict[str, Any]:
    """The buttons: what this visitor may do, and what makes sense; the likeliest first."""
    may = (act for act in ACTIONS.values() if request.user.has_perm(act.permission))
    allowed = {act.code: act.fitting(record) for act in may if not act.why_not(record, now)}
    first = next((allowed.pop(code) for code in _likeliest(record) if code in allowed), None)
    return {"first_act": first, "acts": list(allowed.values())}


def _likeliest(record: SyncRecord) -> tuple[str, ...]:
    """The acts that a clerk most likely wants, the best first."""
    if record.hold:
        return ("resume", "link")
    if record.kind in NEEDS_A_LINK:
        return ("link", "create_after_all")
    # The decision of a conflict has a button of its own.
    return () if record.status == Status.CONFLICT else ("sync_now",)


def _snooze(record: SyncRecord, now: datetime) -> dict[str, Any]:
    """Until when nobody is reminded of the record, by whom and why; nothing once it has got worse."""
    found = getattr(record, "snooze", None)
    if found is None and record.kind:
        found = Snooze.objects.filter(cause=causes.of(record.fault)).first()
    return {"snooze": found if found is not None and quiet.is_quiet(record, now) else None}


def _case(request: HttpRequest, record: SyncRecord) -> dict[str, Any]:
    case, refused = getattr(record, "case", None), bool(frame.fault_of(request))
    open_case = record.status != Status.CLEAN or case is not None or refused
    editable = open_case and request.user.has_perm("syncapp.work_case")
    people = get_user_model().objects.filter(is_active=True, is_staff=True).order_by("username") if editable else []
    return {
        "case": case,
        "case_seen": tasks.stamp(case),
        "case_editable": editable,
        "case_said": request.POST if refused else _said(case),
        "people": people,
        "today": timezone.localdate(),
    }


def _said(case: Case | None) -> dict[str, Any]:
    """A case as its form says it."""
    if case is None:
        return {}
    return {"assignee": str(case.assignee_id or ""), "due": f"{case.due or ''}", "note": case.note}


@dataclass(frozen=True, slots=True)
class ShownCase:
    """An open task about an address or bank account, as the record's page shows it."""

    case: ChildCase
    words: CaseWords
    icon: str
    espo: str | None
    advo: str | None
    may_answer: bool


def _child_cases(request: HttpRequest, found: Sequence[ChildCase]) -> Iterator[ShownCase]:
    """The oldest of them, for who may see them."""
    if not request.user.has_perm("syncapp.view_childcase"):
        return
    may = request.user.has_perm("syncapp.settle_case")
    for case in found[:CASES]:
        words = case_words(case, readable=child_cases.is_readable(case.kind))
        yield ShownCase(case, words, icon_of(case.kind), *one_line(case), may and bool(child_cases.answers_to(case)))


@frame.shows("syncapp.view_syncrecord")
def both_sides(request: HttpRequest, pk: int) -> HttpResponse:
    """Both systems are asked now; this may take as long as they take."""
    return _sides(request, get_object_or_404(SyncRecord, pk=pk))


@frame.does("syncapp.view_syncrecord", "syncapp.view_values", "syncapp.see_accounts")
def accounts(request: HttpRequest, pk: int) -> HttpResponse:
    """The same with the bank accounts in full; each time it is written down who has looked."""
    record = get_object_or_404(SyncRecord, pk=pk)
    log_action(action_context=frame.action_context(request), action="see_accounts", record=record)
    return _sides(request, record, in_full=True)


def _sides(request: HttpRequest, record: SyncRecord, *, in_full: bool = False) -> HttpResponse:
    return frame.part(
        request,
        "ops/parts/record_preview.html",
        record_preview=record_preview(record, in_full=in_full),
        record=record,
        stored=stored_lines(record, conflicts=open_of(record)),
        in_full=in_full,
    )


@frame.shows("syncapp.view_syncrecord")
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """How the record stands now; asked for again and again while it moves."""
    record = get_object_or_404(SyncRecord, pk=pk)
    now = timezone.now()
    why = why_not_synced(record, situation(control=control.switches(), now=now))
    return frame.part(
        request,
        "ops/parts/record_state.html",
        record=record,
        why=why,
        held=held_words(record, now),
        asked_by_hand=bool(open_hand_tasks(record)),
        remarks=list(remark_words(record.reports)),
        **_counted(_open_tasks(record)),
        moving=record.status in AT_WORK,
        came_to_rest=record.status not in AT_WORK,
    )


@frame.shows("syncapp.view_syncrecord")
def earlier(request: HttpRequest, pk: int) -> HttpResponse:
    """The next page of what happened."""
    record = get_object_or_404(SyncRecord, pk=pk)
    entries, more = happenings(record, before=frame.moment_in(request.GET, "before"))
    return frame.part(request, "ops/parts/timeline.html", record=record, entries=entries, earlier=more)


@frame.shows("syncapp.view_syncrecord")
def behind(request: HttpRequest, pk: int) -> HttpResponse:
    """Locks, leases and jobs of a record: for whoever wants to know what holds it."""
    record = get_object_or_404(SyncRecord, pk=pk)
    return frame.part(
        request,
        "ops/parts/behind.html",
        record=record,
        lock_seconds=locks.seconds_left(record.key),
        expired=record.lease_expires is not None and record.lease_expires <= timezone.now(),
        jobs=failed_with(record.pk),
        elements=known_elements(record),
        release=ACTIONS["release_lock"] if request.user.has_perm(ACTIONS["release_lock"].permission) else None,
    )
