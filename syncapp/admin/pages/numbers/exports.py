"""A list as a file: what it will hold and in which form, how far it has come, and the file itself.

Invariant: a file is shown and handed out to its owner alone, as long as they may export, may see what is in it, and a
day has not passed; to everybody else it is not there.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

from syncapp.admin.exporting import sources
from syncapp.admin.pages import frame
from syncapp.core.requests import QueueName
from syncapp.models import Export, ExportState
from syncapp.operations.exports import orders
from syncapp.operations.exports.forms import FORMS
from syncapp.operations.exports.tables import ExportRefused
from syncapp.operations.monitoring.signs.disturbances import queue_held
from syncapp.words import html
from syncapp.words.actions.logged import exported_words


@frame.asks(sources.RIGHT)
def new(request: HttpRequest, source: str) -> HttpResponse:
    """What would be exported, and the question in which form."""
    try:
        about = _about(request, source)
    except ExportRefused as refusal:
        return frame.page(request, "ops/export_new.html", title=_("Export"), refusal=str(refusal))
    if request.method == "POST" and request.POST.get("form") in FORMS:
        export = orders.order(
            source=source,
            title=about["title"],
            query=request.GET.urlencode(),
            form=request.POST["form"],
            user=frame.person(request),
            rows=about["rows"],
        )
        return frame.back_to("admin:ops_export", export.pk)
    return frame.page(request, "ops/export_new.html", forms=FORMS.values(), source=source, **about)


def _about(request: HttpRequest, source: str) -> dict[str, Any]:
    """What there is to be known before somebody orders it."""
    if source in sources.OTHERS:
        content = sources.of_other(request, source)
        title = exported_words(source)
        back = sources.OTHERS[source].page(request)
        about = {"rows": content.total, "columns": (), "back": back, "values": content.with_values}
        return {"title": capfirst(title), **about}
    found = sources.of_list(request, source)
    return {
        "title": found.model_admin.list_title,
        "rows": found.count(),
        "columns": [sources.head(column.head) for column in found.columns],
        "left_out": len(found.model_admin.export_columns) - len(found.columns),
        "searched": found.changelist.query,
        "filtered": found.changelist.has_active_filters,
        "back": f"{reverse(found.model_admin.list_address)}?{request.GET.urlencode()}",
        "values": any(column.values for column in found.columns),
    }


def _mine(request: HttpRequest, pk: int) -> Export:
    export = get_object_or_404(Export.objects.select_related("user"), pk=pk, user=frame.person(request))
    if orders.is_over(export):
        raise Http404
    return export


@frame.shows(sources.RIGHT)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it has come; then the file."""
    export = _mine(request, pk)
    title = _("Export: %(what)s") % {"what": export.title}
    return frame.page(request, "ops/export.html", title=title, **_state(export))


@frame.shows(sources.RIGHT)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    return frame.part(request, "ops/parts/export_state.html", **_state(_mine(request, pk)))


def _state(export: Export) -> dict[str, Any]:
    held = queue_held(QueueName.BULK, now=timezone.now()) if export.state == ExportState.RUNNING else []
    return {"export": export, "form": FORMS.get(export.form), "expires": orders.expires_at(export), "held": held}


@frame.does(sources.RIGHT)
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    if orders.stop(export=_mine(request, pk)):
        frame.say(request, _("Stopped. There is no file."))
    return frame.back_to("admin:ops_export", pk)


@frame.shows(sources.RIGHT)
def fetch(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The file. Who may see less by now than when it was made does not get it."""
    export = _mine(request, pk)
    if export.state != ExportState.DONE or export.form not in FORMS:
        raise Http404
    if not _still_allowed(request, export):
        raise PermissionDenied
    form = FORMS[export.form]
    answer = StreamingHttpResponse(orders.fetched(export), content_type=form.content_type)
    answer["Content-Length"] = str(export.size)
    answer["Content-Disposition"] = content_disposition_header(True, file_name(export)) or "attachment"
    answer["Cache-Control"] = "no-store"
    return answer


def _still_allowed(request: HttpRequest, export: Export) -> bool:
    if export.with_values and not html.may_see_values(request):
        return False
    try:
        if export.source in sources.OTHERS:
            return request.user.has_perm(sources.OTHERS[export.source].right)
        sources.of_list(sources.asked_by(frame.person(request), export.query), export.source)
    except (PermissionDenied, ExportRefused):
        return False
    return True


def file_name(export: Export) -> str:
    """“advosync-datensaetze-2026-11-28-1613.xlsx”."""
    plain = export.title.lower().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"})
    made = timezone.localtime(export.created_at)
    return f"advosync-{slugify(plain) or export.source}-{made:%Y-%m-%d-%H%M}.{FORMS[export.form].suffix}"
