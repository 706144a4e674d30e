"""What the network can do to a call, done by a real server on a real socket."""

import contextlib
import gzip
import logging
import os
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncapp.remotes.espocrm.answers import ANSWERS
from syncapp.remotes.http import session as http
from syncapp.remotes.http.errors import Misconfigured, NotSent, OutcomeUnknown, RemoteError, Transient
from syncapp.remotes.http.exchange import Call, Recognised, Request, WrongShape
from syncapp.remotes.http.failures import FAILURES, Failure
from syncapp.remotes.http.session import RemoteSession
from tests.remotes.scripted import (
    Exchange,
    Step,
    answer,
    close,
    cut,
    cut_chunked,
    drip_body,
    drip_head,
    reset,
    serving,
    silent,
)
from tests.support.processes import wait_until

WRITES = ("POST", "PUT", "PATCH", "DELETE")
METHODS = ("GET", *WRITES)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "PAUSE_BEFORE_REPEAT", 0.0)
    monkeypatch.setattr(http, "CONNECT_TIMEOUT", 0.3)


# For the next byte: for what is to be waited for in vain, and for all else, however busy the machine is.
HURRIED, PATIENT = 0.4, 15.0


def send(url: str, method: str = "GET", *, timeout: float = PATIENT, **more: object) -> tuple[object, list[Call]]:
    calls: list[Call] = []
    session = RemoteSession(answers=ANSWERS, base_url=url, timeout=timeout)
    value = session.call(Request(method, "thing", **more), lambda found: found, observers=[calls.append])  # type: ignore[arg-type]
    return value, calls


def failing(
    url: str, method: str = "GET", *, effect: bool = True, timeout: float = PATIENT
) -> tuple[RemoteError, list[Call]]:
    calls: list[Call] = []
    session = RemoteSession(answers=ANSWERS, base_url=url, timeout=timeout)
    with pytest.raises(RemoteError) as caught:
        session.call(Request(method, "thing", effect=effect), lambda found: found, observers=[calls.append])
    return caught.value, calls


@pytest.fixture
def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def full_port() -> Iterator[str]:
    """A port whose queue of waiting connections is full: a further one gets no answer at all."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            waiting.append(client)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        for client in waiting:
            client.close()


@pytest.fixture
def own_certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate that nobody knows, and its key."""
    names = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    hosts = "subjectAltName=DNS:localhost,DNS:crm.example.org"
    subject = ["-subj", "/CN=localhost", "-addext", hosts, "-days", "2"]
    try:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names, *subject],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("openssl makes the certificate")
    return tmp_path / "cert", tmp_path / "key"


def speak_plainly(listener: socket.socket) -> None:
    """What a server without TLS says to a client that begins with TLS."""
    sock, _ = listener.accept()
    with sock, contextlib.suppress(OSError):
        sock.recv(65536)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        sock.recv(65536)


class TestFailures:
    """One test for each row of FAILURES; the class expected stands here once more, so that a wrong row shows."""

    @pytest.mark.parametrize("method", METHODS)
    def test_never_made(self, closed_port: str, method: str) -> None:
        error, calls = failing(closed_port, method)
        assert type(error) is NotSent
        assert "ConnectionRefusedError" in str(error)
        assert len(calls) == (1 if method == "POST" else 2)

    def test_never_made_because_nobody_answers(self, full_port: str) -> None:
        assert type(failing(full_port, "POST")[0]) is NotSent

    def test_never_made_repeats_the_token_request(self, closed_port: str) -> None:
        error, calls = failing(closed_port, "POST", effect=False)
        assert type(error) is NotSent
        assert len(calls) == 2

    @pytest.mark.parametrize("method", METHODS)
    def test_unknown_host(self, method: str) -> None:
        error, calls = failing("http://no-such-host.invalid", method)
        assert type(error) is Misconfigured
        assert "unknown host" in str(error)
        assert len(calls) == 1

    @pytest.mark.parametrize("url", ["", "no-scheme", "http://", "ftp://127.0.0.1", "http://[1"])
    def test_bad_address(self, url: str) -> None:
        error, calls = failing(url, "POST")
        assert type(error) is Misconfigured
        assert len(calls) == 1

    @pytest.mark.parametrize("method", METHODS)
    def test_tls(self, method: str) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=speak_plainly, args=(listener,), daemon=True).start()
        error, calls = failing(f"https://127.0.0.1:{listener.getsockname()[1]}", method)
        listener.close()
        assert type(error) is Misconfigured
        assert "TLS" in str(error)
        assert len(calls) == 1

    @pytest.mark.parametrize("ending", [close, reset])
    @pytest.mark.parametrize("method", METHODS)
    def test_lost(self, ending: object, method: str) -> None:
        with serving(ending) as script:  # type: ignore[arg-type]
            error, _ = failing(script.url, method)
        assert type(error) is (Transient if method == "GET" else OutcomeUnknown)
        assert script.methods == (["GET", "GET"] if method == "GET" else [method])

    @pytest.mark.parametrize("method", METHODS)
    def test_timed_out(self, method: str) -> None:
        with serving(silent) as script:
            error, _ = failing(script.url, method, timeout=HURRIED)
        assert type(error) is (Transient if method == "GET" else OutcomeUnknown)
        assert script.methods == [method]

    @pytest.mark.parametrize("drip", [drip_body, drip_head])
    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_timed_out_by_a_slow_drip(self, drip: object, method: str) -> None:
        started = time.monotonic()
        with serving(drip) as script:  # type: ignore[arg-type]
            error, _ = failing(script.url, method, timeout=HURRIED)
        assert "no answer in time" in str(error)
        assert type(error) is (Transient if method == "GET" else OutcomeUnknown)
        assert time.monotonic() - started < 20
        assert script.methods == [method]

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("how", [cut, cut_chunked])
    def test_cut(self, how: object, method: str) -> None:
        with serving(how) as script:  # type: ignore[arg-type]
            error, _ = failing(script.url, method)
        assert type(error) is (Transient if method == "GET" else OutcomeUnknown)
        assert script.methods == [method]

    @pytest.mark.parametrize("method", METHODS)
    def test_too_large(self, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "MAX_ANSWER_BYTES", 1000)
        with serving(answer(b'"' + b"x" * 2000 + b'"')) as script:
            error, _ = failing(script.url, method)
        assert type(error) is (Misconfigured if method == "GET" else OutcomeUnknown)

    def test_each_row_has_its_test(self) -> None:
        tests = {name.removeprefix("test_") for name in dir(TestFailures)}
        assert {failure.name for failure in Failure} <= tests
        assert set(FAILURES) == set(Failure)


class TestTransportLayerSecurity:
    @pytest.fixture
    def https_url(self, own_certificate: tuple[Path, Path]) -> Iterator[str]:
        """A server whose certificate nobody knows."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*own_certificate)
        listener = socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=self._serve, args=(listener, context), daemon=True)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}"
        listener.close()

    @staticmethod
    def _serve(listener: socket.socket, context: ssl.SSLContext) -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(sock, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntrue")
            except OSError:
                continue

    def test_a_new_connection_is_made_once(
        self, own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A handshake costs more than the request that it is for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*own_certificate)
        made: list[object] = []
        monkeypatch.setattr(http, "CONNECT_TIMEOUT", PATIENT)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own_certificate[0]))
        context.sni_callback = lambda *_args: made.append(1)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=self._serve, args=(listener, context), daemon=True).start()
            assert send(f"https://localhost:{listener.getsockname()[1]}", "PUT")[0] is True
        assert made == [1]

    def test_an_untrusted_certificate_is_a_configuration_fault(self, https_url: str) -> None:
        error, _ = failing(https_url, "POST")
        assert type(error) is Misconfigured
        assert "SSLCertVerificationError" in str(error)

    def test_a_certificate_of_the_firm_s_own(
        self, https_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert"))
        assert send(https_url, "PUT", timeout=5)[0] is True

    def test_a_certificate_file_that_is_not_there(self, https_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
        assert type(failing(https_url, "PUT")[0]) is Misconfigured

    def test_a_handshake_that_is_cut_means_never_made(self) -> None:
        with serving(answer()) as script:
            listener = socket.create_server(("127.0.0.1", 0))
            threading.Thread(target=self._hang_up, args=(listener,), daemon=True).start()
            error, _ = failing(f"https://127.0.0.1:{listener.getsockname()[1]}", "POST")
            listener.close()
        assert script.methods == []
        assert type(error) is NotSent

    @staticmethod
    def _hang_up(listener: socket.socket) -> None:
        sock, _ = listener.accept()
        sock.recv(65536)
        sock.close()


class TestKeepAlive:
    def test_connections_are_kept(self) -> None:
        with serving(answer()) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            for method in METHODS:
                session.call(Request(method, "thing"), lambda found: found)
        assert script.connections == 1

    @pytest.mark.parametrize("method", METHODS)
    def test_a_connection_that_the_server_has_left_is_not_used_again(self, method: str) -> None:
        with serving(answer(keep=False)) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            session.call(Request("GET", "thing"), lambda found: found)
            wait_until(lambda: script.ended == 1, seconds=30)
            session.call(Request(method, "thing"), lambda found: found)
        assert script.methods == ["GET", method]
        assert script.connections == 2

    def test_a_write_does_not_go_out_on_a_connection_that_has_been_idle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(http, "WRITE_MAX_IDLE", 0.05)
        with serving(answer()) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            session.call(Request("GET", "thing"), lambda found: found)
            time.sleep(0.1)
            session.call(Request("GET", "thing"), lambda found: found)
            assert script.connections == 1
            time.sleep(0.1)
            session.call(Request("PUT", "thing"), lambda found: found)
        assert script.connections == 2
        assert script.methods == ["GET", "GET", "PUT"]

    @pytest.mark.parametrize("method, outcome", [("GET", None), ("PUT", OutcomeUnknown)])
    def test_a_server_that_leaves_while_we_send(self, method: str, outcome: type[RemoteError] | None) -> None:
        with serving(answer(), reset, answer()) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            session.call(Request("GET", "thing"), lambda found: found)
            if outcome is None:
                session.call(Request(method, "thing"), lambda found: found)
            else:
                with pytest.raises(outcome):
                    session.call(Request(method, "thing"), lambda found: found)
        assert script.methods == (["GET", "GET", "GET"] if outcome is None else ["GET", "PUT"])

    def test_a_forked_child_gets_connections_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(answer()) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            session.call(Request("GET", "thing"), lambda found: found)
            parent = os.getpid()
            monkeypatch.setattr(os, "getpid", lambda: parent + 1)
            session.call(Request("GET", "thing"), lambda found: found)
        assert script.connections == 2

    def test_threads_do_not_mix_their_answers(self) -> None:
        def echo(exchange: object) -> bool:
            return answer(exchange.json)(exchange)  # type: ignore[attr-defined,arg-type]

        found: dict[int, object] = {}
        with serving(echo) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=5)

            def one(number: int) -> None:
                for _ in range(10):
                    found[number] = session.call(Request("PUT", "thing", body=number), lambda value: value)

            threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert found == {number: number for number in range(8)}
        assert script.connections <= 16


class TestAnswers:
    def test_compressed_and_chunked(self) -> None:
        packed = gzip.compress(b'{"name": "x"}')
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed)

        def step(exchange: object) -> bool:
            top = b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
            exchange.sock.sendall(top + body)  # type: ignore[attr-defined]
            return True

        with serving(step) as script:
            assert send(script.url)[0] == {"name": "x"}

    @pytest.mark.parametrize(
        "encoding, named",
        [("utf-8", "x"), ("utf-8-sig", "utf-8"), ("utf-8", "iso-8859-1"), ("cp1252", '"Windows-1252"')],
    )
    def test_umlauts_in_whatever_encoding(self, encoding: str, named: str) -> None:
        body = '{"name": "Müller"}'.encode(encoding)
        with serving(answer(body, headers=f"Content-Type: application/json; charset={named}\r\n")) as script:
            assert send(script.url)[0] == {"name": "Müller"}

    def test_known_bytes_are_read_only_for_whoever_wants_them(self) -> None:
        read: list[object] = []
        good, other = answer(b'{"n": 1}'), answer(b'{"n": 2}')
        with serving(good, good, answer(b'{"n": 1}', status=500), other) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=2)

            def ask(known: str) -> Recognised[None]:
                return session.recognised(Request("GET", "x"), read.append, known=known)

            first = ask("")
            assert (first.known, read) == (False, [{"n": 1}])
            again = ask(first.digest)
            assert (again.known, again.digest, read) == (True, first.digest, [{"n": 1}])
            again.value  # noqa: B018
            assert read == [{"n": 1}, {"n": 1}]
            with pytest.raises(Transient):  # the same bytes, and yet no good answer
                ask(first.digest)
            assert (ask(first.digest).known, read[2:]) == (False, [{"n": 2}])

    def test_an_unknown_answer_fails_where_it_comes_in(self) -> None:
        def refuse(value: object) -> None:
            raise WrongShape("a list expected")

        with serving(answer(b"{}")) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=2)
            with pytest.raises(Misconfigured):
                session.recognised(Request("GET", "x"), refuse, known="")

    @pytest.mark.parametrize("named", ["", "charset=utf-8", "charset=klingon"])
    def test_bytes_that_are_no_text_are_broken_json(self, named: str) -> None:
        with serving(
            answer(b'{"name": "M\xfcller"}', headers=f"Content-Type: application/json; {named}\r\n")
        ) as script:
            error, _calls = failing(script.url)
        assert (type(error), error.status) == (Transient, 200)

    def test_a_redirect_is_not_followed(self) -> None:
        with serving(answer(status=302, headers="Location: /elsewhere\r\n")) as script:
            error, _ = failing(script.url, "GET")
        assert type(error) is Misconfigured
        assert script.methods == ["GET"]

    def test_the_clock_of_the_server(self) -> None:
        with serving(answer(headers="Date: Sat, 21 Nov 2026 20:55:17 GMT\r\n")) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            session.call(Request("GET", "thing"), lambda found: found)
        assert session.last_server_date is not None
        assert session.last_server_date.isoformat() == "2026-11-21T20:55:17+00:00"

    def test_no_cookie_is_kept(self) -> None:
        with serving(answer(headers="Set-Cookie: a=b\r\n")) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            for _ in range(2):
                session.call(Request("GET", "thing"), lambda found: found)
        assert len(script.seen) == 2
        assert all("cookie" not in exchange.headers for exchange in script.seen)


class TestEnvironment:
    def test_netrc_does_not_replace_our_login(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        with serving(answer()) as script:
            send(script.url, headers={"Authorization": "Bearer ours"})
        assert script.seen[0].headers["authorization"] == "Bearer ours"

    def test_a_proxy_is_used_for_other_machines_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(answer({"by": "proxy"})) as proxy, serving(answer({"by": "server"})) as script:
            monkeypatch.setenv("http_proxy", proxy.origin)
            monkeypatch.delenv("no_proxy", raising=False)
            monkeypatch.delenv("NO_PROXY", raising=False)
            assert send("http://crm.example.org/api")[0] == {"by": "proxy"}
            assert send(script.url)[0] == {"by": "server"}
        assert proxy.seen[0].line.startswith("GET http://crm.example.org/api/thing ")

    def test_a_proxy_that_is_not_there(self, closed_port: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("http_proxy", closed_port)
        assert type(failing("http://crm.example.org/api", "POST")[0]) is NotSent

    @pytest.mark.parametrize(
        "says",
        [answer(status=502), answer(status=503), answer(status=407), close, reset, silent],
        ids=["502", "503", "wants a login", "closed", "reset", "silent"],
    )
    def test_a_proxy_that_makes_no_connection(self, says: Step, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only the proxy has been spoken to: nothing of a create has left, and none is in doubt."""
        with serving(says) as proxy:
            monkeypatch.setenv("https_proxy", proxy.origin)
            error, calls = failing("https://crm.example.org/api", "POST", timeout=HURRIED)
        assert type(error) is NotSent
        assert [call.left for call in calls] == [False]
        assert proxy.methods == ["CONNECT"]

    def test_a_proxy_that_connects_to_something_without_tls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with serving(answer(), close) as proxy:
            monkeypatch.setenv("https_proxy", proxy.origin)
            error, calls = failing("https://crm.example.org/api", "POST")
        assert not isinstance(error, OutcomeUnknown)
        assert [call.left for call in calls] == [False]

    @staticmethod
    def _tunnel(certificate: tuple[Path, Path], arrived: list[bytes], said: bytes) -> Step:
        """A proxy, and behind its tunnel a server that says this to whatever it is asked, and stays."""

        def tunnel(exchange: Exchange) -> bool:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            exchange.sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with context.wrap_socket(exchange.sock, server_side=True) as sock:
                while asked := sock.recv(65536):
                    arrived.append(asked)
                    if not said:
                        break
                    sock.sendall(said)
            return False

        return tunnel

    def test_a_request_that_went_through_a_proxy_may_have_arrived(
        self, own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The tunnel stands, the request is sent through it, and the connection ends without an answer."""
        arrived: list[bytes] = []
        monkeypatch.setattr(http, "CONNECT_TIMEOUT", PATIENT)
        with serving(self._tunnel(own_certificate, arrived, b"")) as proxy:
            monkeypatch.setenv("https_proxy", proxy.origin)
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own_certificate[0]))
            error, calls = failing("https://crm.example.org/api", "POST")
        assert type(error) is OutcomeUnknown
        assert [call.left for call in calls] == [True]
        assert arrived[0].startswith(b"POST /api/thing ")

    def test_writes_and_reads_go_through_a_proxy_s_tunnel(
        self, own_certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One tunnel for all, and a new one for a write where the old one has been idle."""
        arrived: list[bytes] = []
        good = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue"
        monkeypatch.setattr(http, "CONNECT_TIMEOUT", PATIENT)
        monkeypatch.setattr(http, "WRITE_MAX_IDLE", 60.0)
        with serving(self._tunnel(own_certificate, arrived, good)) as proxy:
            monkeypatch.setenv("https_proxy", proxy.origin)
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own_certificate[0]))
            session = RemoteSession(answers=ANSWERS, base_url="https://crm.example.org/api", timeout=PATIENT)
            for method in ("PUT", "GET", "POST"):
                assert session.call(Request(method, "thing"), lambda found: found) is True
            assert proxy.methods == ["CONNECT"]
            monkeypatch.setattr(http, "WRITE_MAX_IDLE", 0.0)
            assert session.call(Request("PUT", "thing"), lambda found: found) is True
            assert proxy.methods == ["CONNECT", "CONNECT"]
        assert [asked.split()[0] for asked in arrived] == [b"PUT", b"GET", b"POST", b"PUT"]


class TestReports:
    def test_one_line_for_each_request_and_no_values(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        request = Request(
            "PUT",
            "Thing/{id}",
            {"id": "secret-id"},
            [("q", "secret-query")],
            {"name": "secret-name"},
            {"X-Api-Key": "secret-key"},
        )
        reason = 'X-Status-Reason: "Max secret-mann" is bad\r\n'
        with serving(answer(b'"secret-answer"', 400, headers=reason)) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            with pytest.raises(RemoteError) as caught:
                session.call(request, lambda found: found)
        lines = [vars(record) for record in caplog.records if record.name == "advosync.remote"]
        assert len(lines) == 1
        told = {key: lines[0][key] for key in ("system", "method", "path", "status", "kind")}
        assert told == {"system": "espocrm", "method": "PUT", "path": "Thing/{id}", "status": 400, "kind": "validation"}
        assert lines[0]["ms"] >= 0
        everything = f"{[vars(record) for record in caplog.records]} {caught.value} {caught.value!r} {request!r}"
        assert "secret-" not in everything
        assert "secret-mann" in caught.value.detail

    def test_observers_learn_of_each_request(self) -> None:
        with serving(close, answer()) as script:
            _, calls = send(script.url)
        assert [(call.status, call.kind) for call in calls] == [(None, "transient"), (200, None)]
        assert all(call.path == "thing" and call.seconds >= 0 for call in calls)

    def test_an_observer_s_fault_does_not_cost_the_answer(self) -> None:
        def broken(call: Call) -> None:
            raise RuntimeError

        with serving(answer({"id": 1})) as script:
            session = RemoteSession(answers=ANSWERS, base_url=script.url, timeout=PATIENT)
            assert session.call(Request("POST", "thing"), lambda found: found, observers=[broken]) == {"id": 1}

    def test_the_traceback_shows_no_query(self, closed_port: str) -> None:
        session = RemoteSession(answers=ANSWERS, base_url=closed_port, timeout=PATIENT)
        with pytest.raises(NotSent) as caught:
            session.call(Request("GET", "thing", params=[("q", "secret")]), lambda found: found)
        assert caught.value.__suppress_context__
        assert caught.value.__cause__ is None

    def test_a_job_s_time_out_gets_through(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class JobTimeout(Exception):
            pass

        def too_late(*args: object, **kwargs: object) -> None:
            raise JobTimeout

        monkeypatch.setattr("syncapp.remotes.http.wire.WatchedAdapter.send", too_late)
        calls: list[Call] = []
        session = RemoteSession(answers=ANSWERS, base_url="http://127.0.0.1:1", timeout=PATIENT)
        with pytest.raises(JobTimeout):
            session.call(Request("PUT", "thing"), lambda found: found, observers=[calls.append])
        assert [call.kind for call in calls] == ["bug"]


@pytest.mark.parametrize("value", ["", ".", "..", " "])
def test_an_id_that_would_ask_for_something_else_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="id is empty"):
        _ = Request("GET", "Thing/{id}", {"id": value}).filled_path


def test_an_id_cannot_leave_its_place() -> None:
    assert Request("GET", "Thing/{id}", {"id": "../User?a=b#c"}).filled_path == "Thing/..%2FUser%3Fa%3Db%23c"
