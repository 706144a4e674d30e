"""A page on which somebody who shows the product makes a stand-in fail: which way, and for how long.

Invariant: every sort of fault that the stand-ins know can be switched on here, for each system, and off again. It holds
for the process that serves the page, which serves the stand-ins too. To extend: a way to fail is a row of OUTAGES.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from sandbox import faults

SYSTEMS = {"espocrm": "EspoCRM", "advoware": "Advoware", "google": "Google"}
MINUTES = (1, 5, 15, 60)


@dataclass(frozen=True)
class Outage:
    """One way to fail: a sort of fault with its details."""

    code: str
    label: str | Promise
    fault: str
    details: Mapping[str, object] = field(default_factory=dict)


OUTAGES: tuple[Outage, ...] = (
    Outage("away", gettext_lazy("does not answer: the connection breaks at once, nothing is done"), "cut_before"),
    Outage("503", gettext_lazy("answers with error 503 (overloaded or in maintenance)"), "status", {"status": 503}),
    Outage("500", gettext_lazy("answers with error 500 (an error of its own)"), "status", {"status": 500}),
    Outage("429", gettext_lazy("answers with error 429 (too many requests)"), "status", {"status": 429}),
    Outage("401", gettext_lazy("refuses the login (error 401)"), "status", {"status": 401}),
    Outage("403", gettext_lazy("refuses access (error 403)"), "status", {"status": 403}),
    Outage("404", gettext_lazy("answers that nothing is there (error 404)"), "status", {"status": 404}),
    Outage("slow", gettext_lazy("is slow: answers after 5 seconds"), "delay_before", {"seconds": 5}),
    Outage("slow_answer", gettext_lazy("does it at once, but answers only after 5 seconds"), "delay", {"seconds": 5}),
    Outage("hangs", gettext_lazy("breaks off after 40 seconds; nothing is done"), "hold_cut", {"seconds": 40}),
    Outage("lost", gettext_lazy("does it, but the answer is lost"), "cut_after"),
    Outage("half_body", gettext_lazy("breaks the connection in the middle of the answer"), "half_body"),
    Outage("half_json", gettext_lazy("sends an answer that ends in the middle"), "half_json"),
    Outage("empty", gettext_lazy("sends an empty answer"), "empty_200"),
    Outage("page", gettext_lazy("sends a maintenance page instead of data"), "html_200"),
    Outage("other", gettext_lazy("sends data of another shape than expected"), "wrong_type"),
    Outage("drip", gettext_lazy("answers byte by byte"), "drip", {"seconds": 0.05}),
)  # fmt: skip
BY_CODE = {one.code: one for one in OUTAGES}


@require_http_methods(["GET", "POST"])
def outages(request: HttpRequest) -> HttpResponse:
    if not request.user.has_module_perms("sandbox"):
        raise PermissionDenied
    if request.method == "POST":
        _switch(request)
        return HttpResponseRedirect(reverse("sandbox_outages"))
    rows = [(system, name, _active(system)) for system, name in SYSTEMS.items()]
    context = {"title": _("Outages to show"), "systems": rows, "outages": OUTAGES, "minutes": MINUTES}
    return TemplateResponse(request, "sandbox/outages.html", admin.site.each_context(request) | context)


def _switch(request: HttpRequest) -> None:
    if off := request.POST.get("off"):
        faults.remove(int(off) if off.isdecimal() else 0)
        messages.success(request, _("Switched off."))
        return
    system, outage = request.POST.get("system", ""), BY_CODE.get(request.POST.get("outage", ""))
    minutes = request.POST.get("minutes", "")
    if system not in SYSTEMS or outage is None or minutes not in {"", *map(str, MINUTES)}:
        messages.error(request, _("Please choose how the system is to fail."))
        return
    lasts = int(minutes) * 60 if minutes else None
    details = {"system": system, "fault": outage.fault, "count": None, "lasts": lasts, "label": outage.code}
    faults.add({**outage.details, **details})
    messages.success(
        request, _("Switched on: %(system)s %(outage)s.") % {"system": SYSTEMS[system], "outage": outage.label}
    )


def _active(system: str) -> list[dict[str, Any]]:
    """What is switched on for a system, here or through the control API, and how long it goes on."""
    found = [fault for fault in faults.waiting() if fault.system in (None, system)]
    return [asdict(fault) | {"words": _words(fault), "end": _end(fault)} for fault in found]


def _words(fault: faults.InjectedFault) -> object:
    known = BY_CODE.get(fault.label) or next((one for one in OUTAGES if one.fault == fault.fault), None)
    return known.label if known else fault.fault


def _end(fault: faults.InjectedFault) -> str:
    if fault.left is not None:
        minutes = max(1, round(fault.left / 60))
        return ngettext("for another minute", "for another %(minutes)s minutes", minutes) % {"minutes": minutes}
    if fault.count is not None:
        return ngettext("for one more request", "for %(count)s more requests", fault.count) % {"count": fault.count}
    return _("until it is switched off")
