"""Every way around a path check that other gateways have seen, sent byte by byte to the real web process."""

from collections.abc import Iterator

import pytest

from tests.core.proxy.test_paths import STORIES
from tests.proxy.support import Answered, over_a_socket, program
from tests.support.installation import Installation
from tests.support.sandbox import Sandbox

# As endpoint these bytes stand in a query, so they are encoded once for the way; what is read is STORIES' text.
UNSENDABLE = frozenset({"half a character", "overlong UTF-8", "a letter that needs no escape"})
SMUGGLED = {
    "a host in the request line": b"http://evil.example/advoware/api/Beteiligte/1",
    "an escaped address of ours": b"/advoware/%61pi/Beteiligte/1",
    "an address of ours in capitals": b"/Advoware/api/Beteiligte/1",
    "two slashes before our address": b"//advoware/api/Beteiligte/1",
    "two slashes behind our address": b"/advoware/api//Beteiligte/1",
    "our address with dots": b"/advoware/x/../api/Beteiligte/1",
    "dots back to our other address": b"/advoware/api/../proxy?endpoint=Beteiligte/1",
    "bytes of no character set": b"/advoware/api/B\xfcro",
    "raw letters": "/advoware/api/Büro".encode(),
    "an endpoint beside the path": b"/advoware/api/Rechtsformen?endpoint=Beteiligte/1",
    "two endpoints": b"/advoware/proxy?endpoint=Rechtsformen&endpoint=Beteiligte/1",
    "capitals in the resource": b"/advoware/api/BETEILIGTE/1",
    "small letters in the resource": b"/advoware/api/beteiligte/1",
    "the login": b"/advoware/api/Token",
    "a path after our address": b"/advoware/proxy/Beteiligte/1",
    "a slash after our address": b"/advoware/proxy/?endpoint=Beteiligte/1",
}


def quoted(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass")).encode()


@pytest.fixture
def installation(web) -> Iterator[Installation]:
    with web() as running:
        yield running


def nothing_was_sent(sandbox: Sandbox, answered: Answered) -> None:
    assert 400 <= answered.status < 500, answered
    assert sandbox.calls("advoware") == []


def test_every_story_on_both_addresses(installation: Installation, switched_on: Sandbox):
    key = program().key
    for name, (text, raw) in STORIES.items():
        as_endpoint = over_a_socket(installation.origin, "GET", b"/advoware/proxy?endpoint=" + quoted(text), key)
        nothing_was_sent(switched_on, as_endpoint)
        if name != "nothing":
            assert as_endpoint.code in ("bad_endpoint", "bad_query"), name
        in_the_line = raw.replace("\r\n", "%0d%0a").replace(" ", "%20").replace("\t", "%09")
        answered = over_a_socket(installation.origin, "GET", b"/advoware/api/" + in_the_line.encode(), key)
        nothing_was_sent(switched_on, answered)


def test_every_other_trick(installation: Installation, switched_on: Sandbox):
    key = program().key
    for name, target in SMUGGLED.items():
        answered = over_a_socket(installation.origin, "GET", target, key)
        assert 400 <= answered.status < 500, name
        nothing_was_sent(switched_on, answered)


def test_the_longest_query_that_is_taken_arrives(installation: Installation, switched_on: Sandbox):
    """gunicorn's own limit cut it: 414, and HTML."""
    key = program().key

    def ask(value: bytes, count: int) -> Answered:
        query = b"&".join(b"p%d=%s" % (number, value) for number in range(count))
        return over_a_socket(installation.origin, "GET", b"/advoware/api/Rechtsformen?" + query, key)

    assert ask(b"x" * 500, 30).status == 200
    # Encoded it is more than the stand-in reads; that it comes to us shows what we say of one more.
    refused = ask(b"%C3%BC" * 500, 31)
    assert (refused.status, refused.code) == (400, "bad_query")


def test_what_is_right_arrives_as_one_known_address(installation: Installation, switched_on: Sandbox):
    key = program().key
    wanted = [("advoware", "GET", "/sandbox/advoware/api/v1/advonet/Rechtsformen")]
    for target in (
        b"/advoware/proxy?endpoint=Rechtsformen",
        b"/advoware/proxy?endpoint=%52echtsformen",
        b"/advoware/proxy?endpoint=/api/v1/advonet/Rechtsformen",
        b"/advoware/api/Rechtsformen",
        b"/advoware/api/api/v1/Rechtsformen",
    ):
        switched_on.clear_calls()
        answered = over_a_socket(installation.origin, "GET", target, key)
        assert answered.status == 200, (target, answered)
        assert switched_on.calls() == wanted


def test_two_lengths_or_a_chunked_body_smuggle_nothing(installation: Installation, switched_on: Sandbox):
    key = program().key
    chunked = b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n"
    answered = over_a_socket(
        installation.origin, "POST", b"/advoware/api/Beteiligte", key, more=chunked + b"\r\n2\r\n{}\r\n0\r\n"
    )
    assert answered.status == 411
    both = b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"
    answered = over_a_socket(installation.origin, "POST", b"/advoware/api/Beteiligte", key, more=both)
    nothing_was_sent(switched_on, answered)
