"""What leaves the product outside the clients: delivered is a 2xx and nothing else, and nobody is led elsewhere."""

import ast
import socket
from pathlib import Path

import pytest

import syncapp
from syncapp.remotes.http import outgoing, session
from syncapp.remotes.http.outgoing import ask, deliver
from tests.remotes.scripted import Step, answer, close, cut, drip_body, drip_head, reset, serving, silent


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TIMEOUT", 0.4)
    monkeypatch.setattr(session, "CONNECT_TIMEOUT", 0.3)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_taken_is_a_2xx(status: int) -> None:
    with serving(answer(b"", status)) as chat:
        delivery = deliver(chat.url, body={"text": "Advosync"})
    assert (delivery.taken, delivery.status, chat.methods) == (True, status, ["POST"])
    assert chat.seen[0].json == {"text": "Advosync"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("body", [{"text": "Advosync"}, None])
def test_a_redirect_is_not_followed_and_delivers_nothing(status: int, body: object) -> None:
    with (
        serving(answer(b"", 200)) as elsewhere,
        serving(answer(b"", status, headers=f"Location: {elsewhere.url}\r\n")) as chat,
    ):
        delivery = deliver(chat.url, body=body)
    assert (delivery.taken, delivery.status) == (False, status)
    assert elsewhere.methods == []


@pytest.mark.parametrize("status", [301, 405, 503])
def test_who_asks_gets_the_status_and_no_line_in_the_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with serving(answer(b"", status)) as site:
        assert ask(site.url).status == status
    assert (site.methods, caplog.messages) == (["GET"], [])


@pytest.mark.parametrize("status", [304, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_not_taken(status: int) -> None:
    with serving(answer(b"", status)) as chat:
        assert deliver(chat.url, body={}).taken is False


@pytest.mark.parametrize("step", [close, reset, cut, silent, drip_head, drip_body])
def test_no_whole_answer_is_not_taken(step: Step) -> None:
    with serving(step) as chat:
        delivery = deliver(chat.url)
    assert (delivery.taken, delivery.status) == (False, None)
    assert delivery.failure


@pytest.mark.parametrize("address", ["", "chat.example.org/hook", "ftp://chat.example.org", "http://[", "http://"])
def test_an_address_that_is_none_raises_nothing(address: str) -> None:
    assert deliver(address, body={}).taken is False


def test_an_address_with_braces_is_used_as_it_is() -> None:
    """Workflows of a chat carry signatures and braces in their addresses."""
    with serving(answer(b"", 200)) as chat:
        assert deliver(f"{chat.url}/{{x}}?sig=a%2Fb", body={}).taken
    assert "sig=a%2Fb" in chat.seen[0].line


def test_nobody_there_is_not_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert deliver(f"http://127.0.0.1:{port}/").failure == "no connection"


def test_nothing_else_in_the_product_speaks_http() -> None:
    """One client for everything that goes out."""
    inside = Path(syncapp.__file__).parent
    speakers = {"requests", "urllib3", "httpx", "http.client", "urllib.request"}
    found = set()
    for path in inside.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name == speaker or name.startswith(f"{speaker}.") for name in names for speaker in speakers):
                found.add(path.relative_to(inside).parts[:2])
    assert found == {("remotes", "http")}
