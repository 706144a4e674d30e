"""The server behind `manage.py sandbox_server`: threads, keep-alive, and a socket that faults can cut.

One process by design: call log, faults and switches are kept in its memory.
"""

import threading
from collections.abc import Callable
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponse, HttpResponseBase
from django.urls import include, path

Answerer = Callable[[HttpRequest], HttpResponseBase]
urlpatterns = [path("sandbox/", include("sandbox.urls"))]


def handler404(request: HttpRequest, exception: Exception) -> HttpResponseNotFound:
    """A plain word: the pages that say it nicely belong to the product and lead into its admin, which is not here."""
    return HttpResponseNotFound("nothing here\n", content_type="text/plain")


def announce_length(answer: Answerer) -> Answerer:
    """Middleware: an answer without a length would end its connection."""

    def with_length(request: HttpRequest) -> HttpResponseBase:
        answered = answer(request)
        if isinstance(answered, HttpResponse):
            answered.headers["Content-Length"] = str(len(answered.content))
        return answered

    return with_length


class QuietHandler(WSGIRequestHandler):
    # Head and body leave in one packet and at once: without this every answer waits 40 ms for the client's ACK.
    wbufsize = 65536
    disable_nagle_algorithm = True

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["sandbox.socket"] = self.connection
        return environ

    def log_message(self, format: str, *args: Any) -> None:
        """The call log of the control API is the log."""


class SandboxServer(ThreadedWSGIServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is what this server is for."""

    def stop_soon(self) -> None:
        threading.Thread(target=self.shutdown, daemon=True).start()


def build(host: str, port: int) -> SandboxServer:
    server = SandboxServer((host, port), QuietHandler, ipv6=":" in host)
    server.set_app(get_wsgi_application())
    return server
