"""What the proxy is measured against: a bare view that makes the same call with requests.

It runs on the same web server, behind the same middleware.

It knows a token already, keeps its connection, and checks, limits, counts and records nothing.
"""

import os
import threading

import requests
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

_here = threading.local()


def view(request: HttpRequest) -> HttpResponse:
    if not hasattr(_here, "session"):
        _here.session = requests.Session()
        _here.session.headers["Authorization"] = f"Bearer {os.environ['BENCH_TOKEN']}"
    url = f"{settings.ADVOWARE_API_BASE_URL}/{settings.ADVOWARE_API_PREFIX}/{request.GET['endpoint']}"
    answer = _here.session.get(url, timeout=30)
    return HttpResponse(answer.content, status=answer.status_code, content_type="application/json")


urlpatterns = [path("bare", view), path("alive", lambda request: HttpResponse("ok"))]
settings.ROOT_URLCONF = "benchmarks.bare"
application = get_wsgi_application()
