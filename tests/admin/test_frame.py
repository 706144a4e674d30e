"""The frame of pages with a question."""

from types import SimpleNamespace

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from syncapp.admin.pages import frame
from syncapp.words.plain_errors import PlainError


def test_what_refuses_an_answer_is_told_and_nothing_is_done_a_second_time(rf: RequestFactory) -> None:
    """Whichever way the view asks what it is called for."""
    done, looked = [], []

    @frame.asks()
    def view(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            done.append(1)
            raise PlainError("no")
        looked.append(frame.is_sent(request))
        return HttpResponse(frame.fault_of(request))

    request = rf.post("/", {"reason": "typed"})
    request.user = SimpleNamespace(has_perms=lambda _rights: True)  # type: ignore[assignment]
    assert view(request).content == b"no"
    assert (done, looked) == ([1], [False])
    assert (request.method, request.POST["reason"]) == ("POST", "typed")
