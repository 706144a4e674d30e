"""One act on one record: the page that says what will happen, and the doing.

Invariant: the right is checked when the page is shown and again when it is sent; nothing happens on GET.
"""

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from syncapp.admin.finding.numbers import number_as_written
from syncapp.admin.pages import frame
from syncapp.admin.pages.casework import asking
from syncapp.entities.beteiligte.clients import SYSTEMS
from syncapp.models import SyncRecord
from syncapp.operations.actions import ACTIONS, ActionRefused, OfferedAction, RecordAction, binding, perform
from syncapp.operations.actions.bulk import many
from syncapp.operations.monitoring.signs.disturbances import needs_espocrm, queue_held
from syncapp.words import html, sentences

LINK_SALT = "syncapp.link"
LINK_SECONDS = 900


@frame.asks()
def single(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Confirm and do. An act that needs a remote system is handed to a worker."""
    act = ACTIONS.get(code)
    if act is None:
        raise Http404
    if not request.user.has_perms(["syncapp.view_syncrecord", act.permission]):
        raise PermissionDenied
    record = get_object_or_404(SyncRecord, pk=pk)
    act = act.fitting(record)
    # What was refused once is shown with its form again, to be put right.
    refusal = "" if frame.fault_of(request) else act.why_not(record, timezone.now())
    if frame.is_sent(request):
        if refusal:
            raise ActionRefused(refusal)
        return _do(request, act, record)
    return frame.page(
        request,
        "ops/link.html" if act.code == "link" else "ops/confirm.html",
        title=act.label,
        act=act,
        record=record,
        refusal=refusal,
        # An act that can be done on a held record ends the hold.
        obstacles=in_the_way_of(act),
        betnr=request.POST.get("betnr", "") or request.GET.get("betnr", ""),
        **asking.question(act.asks, [record.pk], request.POST),
    )


def in_the_way_of(act: OfferedAction, record: SyncRecord | None = None) -> list[str]:
    """What stands in the way of an act just now; nothing stands in the way of what needs neither run nor system.
    record: the one whose run has to follow."""
    refusal = needs_espocrm(now=timezone.now()) if act.remote else ""
    if refusal:
        return [refusal]
    if act.enqueues:
        return frame.in_the_way(SYSTEMS, record=record)
    return queue_held(many.QUEUE, now=timezone.now()) if act.remote else []


def _do(request: HttpRequest, act: RecordAction, record: SyncRecord) -> HttpResponse:
    reason = frame.reason_of(request, needed=act.needs_reason)
    if act.remote:
        return frame.hand_over(request, act.code, [record.pk])
    details = _link_details(request, record) if act.code == "link" else asking.answer(act.asks, request.POST)
    perform(code=act.code, record=record, action_context=frame.action_context(request, reason=reason, details=details))
    if act.enqueues:
        words = _("Requested: %(act)s. What comes of it is shown below.") % {"act": act.label}
        frame.say_requested(request, words, systems=SYSTEMS)
    else:
        frame.say(request, _("Done: %(act)s.") % {"act": act.label})
    return frame.back_to_record(record.pk)


def _link_details(request: HttpRequest, record: SyncRecord) -> dict[str, object]:
    """The betNr that was looked at on the page; the signature says that it was, for this record and not long ago."""
    try:
        seen = signing.loads(request.POST.get("seen", ""), salt=LINK_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        raise ActionRefused(_("Please compare both sides first, then confirm.")) from None
    if seen["record"] != record.pk:
        raise ActionRefused(_("Please compare both sides first, then confirm."))
    return {"betnr": seen["betnr"], "in_espocrm": seen["in_espocrm"]}


@frame.shows("syncapp.view_syncrecord", "syncapp.link_record")
def compare_for_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Both sides next to each other before they are linked; loaded after the page, since it asks both systems."""
    record = get_object_or_404(SyncRecord, pk=pk)
    betnr = number_as_written(request.GET.get("betnr", ""))
    if not betnr:
        return frame.part(request, "ops/parts/link_compare.html", refusal=_("Enter the betNr as a number."))
    try:
        seen, field_map = binding.read_both(record=record, betnr=betnr)
    except ActionRefused as refused:
        said = _taken(request, betnr, refused.holder) if isinstance(refused, binding.NumberTaken) else str(refused)
        return frame.part(request, "ops/parts/link_compare.html", refusal=said)
    rows = [
        {
            "label": sentences.field_label(row.key),
            "espo": seen.espo_values.get(row.key),
            "advo": seen.advo_values.get(row.key),
        }
        for row in field_map.rows
    ]
    fact = {"record": record.pk, "betnr": betnr, "in_espocrm": seen.betnr_in_espocrm}
    return frame.part(
        request,
        "ops/parts/link_compare.html",
        rows=rows,
        record=record,
        betnr=betnr,
        seen=signing.dumps(fact, salt=LINK_SALT),
    )


def _taken(request: HttpRequest, betnr: int, holder: SyncRecord) -> SafeString:
    """Who has the number, with the way there; the name for those alone who may see it."""
    named = html.may_see_values(request) and holder.name
    shown = html.name(holder, visible=True) if named else _("another record")
    return format_html(str(binding.NUMBER_TAKEN), betnr=betnr, other=html.record_link(holder.pk, shown))
