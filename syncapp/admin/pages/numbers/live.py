"""The landing page as it moves: its parts once more, asked for every few seconds by ops.js while somebody looks.

Invariant: it costs what the page itself costs; an answer that would be the same is empty (304). A hidden tab asks for
nothing, and asking does not prolong a login (SESSION_HOURS counts from it).
"""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string

from syncapp.admin.pages import frame, home
from syncapp.operations.monitoring.signs import vitals


@frame.shows("syncapp.view_syncrecord")
def live(request: HttpRequest) -> HttpResponse:
    context = home.dashboard(request, {})
    found = [*context["vitals"], *vitals.from_redis()]
    spoiled = context["well"] and any(vital.well is False for vital in found)
    shown = context | {"vitals": found, "all_vitals": True, "spoiled": spoiled}
    text = render_to_string("ops/parts/live.html", shown, request=request)
    mark = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    same = request.headers.get("if-none-match") == mark
    answer = HttpResponseNotModified() if same else HttpResponse(text)
    answer["ETag"] = mark
    # Asked for anew each time, and kept by nothing but this page.
    answer["Cache-Control"] = "private, no-cache"
    return answer
