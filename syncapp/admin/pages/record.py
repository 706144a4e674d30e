"""The page of one record."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from syncapp import shown, texts
from syncapp.core.fields import MAPPING
from syncapp.models import SyncRecord
from syncapp.services import control, operate
from syncapp.services.why import situation, why_not_synced


def page(request: HttpRequest, object_id: str, *, model_admin: Any) -> HttpResponse:
    """Everything we know about the record ourselves; what the systems say is loaded after the page."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    record = get_object_or_404(SyncRecord, pk=object_id if object_id.isdigit() else 0)
    if request.method == "POST":
        return _sync_now(request, record)
    now = timezone.now()
    visible = shown.may_see_values(request)
    context = model_admin.admin_site.each_context(request) | {
        "title": shown.name(record, visible=visible),
        "record": record,
        "visible": visible,
        "why": why_not_synced(record, situation(control=control.switches(), now=now)),
        "attempts": record.attempts.order_by("-started_at")[:20],
        "changes": record.changes.order_by("-at")[:30],
        "steps": record.status_changes.order_by("-at")[:30],
        "conflicts": record.conflicts.order_by("-open", "-at")[:20],
        "kind": texts.kind_text(record.kind) if record.kind else None,
        "sentence": texts.sentence(record.fault),
        "sides": [
            {
                "label": texts.field_label(row.key),
                "espo": record.base_espo.get(row.key),
                "advo": record.base_advo.get(row.key),
            }
            for row in MAPPING
        ],
    }
    return TemplateResponse(request, "ops/record.html", context)


def _sync_now(request: HttpRequest, record: SyncRecord) -> HttpResponse:
    if not request.user.has_perm("syncapp.sync_now"):
        raise PermissionDenied
    operate.sync_now(record=record, actor=request.user.get_username())
    messages.success(request, _("The sync has been asked for; it starts within seconds."))
    return HttpResponseRedirect(reverse("admin:syncapp_syncrecord_change", args=[record.pk]))
