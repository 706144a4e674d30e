"""The one door to both stand-ins: every request is admitted, logged, given its fault, and answered.

Invariant: no request reaches a stand-in past this view, so the call log is complete. The answering views live in
`sandbox.<system>.urls`; a third stand-in needs one more line in `sandbox/urls.py`.
"""

import time

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import get_resolver
from django.views.decorators.csrf import csrf_exempt

from sandbox import calls, delivery, exposure, faults


@csrf_exempt
def serve(request: HttpRequest, system: str, rest: str) -> HttpResponseBase:
    problem = exposure.request_problem(request)
    if problem:
        return HttpResponse(f"{problem} {exposure.ADVICE}", status=403, content_type="text/plain; charset=utf-8")
    if faults.socket_of(request) is not None:  # a test client is no server that could send by itself
        delivery.ensure_running()
    call = calls.arrived(system=system, method=request.method or "", path=request.path, query=sorted(request.GET))
    try:
        return _serve(request, system, rest, call)
    finally:
        call.done_at = time.time()


def _serve(request: HttpRequest, system: str, rest: str, call: calls.RecordedCall) -> HttpResponseBase:
    fault = faults.take(system, request.method or "", request.path)
    if fault is None:
        answer: HttpResponseBase = _answer(request, system, rest)
        call.status = answer.status_code
        return answer
    call.fault = fault.fault
    sort = faults.SORTS[fault.fault]
    if sort.waits_first:
        time.sleep(fault.seconds)
    answer = sort.spoil(fault, request, _answer(request, system, rest) if fault.has_effect else HttpResponse())
    call.status = None if sort.spoil is faults.cut_off else answer.status_code
    return answer


def _answer(request: HttpRequest, system: str, rest: str) -> HttpResponse:
    try:
        match = get_resolver(f"sandbox.{system}.urls").resolve(f"/{rest}")
        answer: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except Http404:
        answer = HttpResponse(status=404)
    return answer
