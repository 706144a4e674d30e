"""The nginx example does what the guide says of it: tried with a real nginx, where there is one."""

import contextlib
import http.client
import http.server
import json
import os
import pwd
import re
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from advosync_project.declarations import SETTINGS
from advosync_project.embedded_redis import free_port
from tests.support.processes import ROOT, is_served, running, wait_until

pytestmark = [
    pytest.mark.skipif(shutil.which("nginx") is None, reason="no nginx here"),
    pytest.mark.filterwarnings("ignore:Unverified HTTPS request"),
]
MIB = 2**20


@dataclass(frozen=True)
class Front:
    """nginx with the example's server, its ports and certificate changed as its first line says."""

    https: str
    http: str
    upstream_port: int
    access_log: Path


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what it was sent."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(202)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_arguments: object) -> None: ...


@contextmanager
def upstream(port: int) -> Iterator[None]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("nginx")
    https, http_port, web = free_port(), free_port(), free_port()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=sync.example.org", "-days", "1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, *subject],
        check=True,
        capture_output=True,
    )
    text = (ROOT / "deploy/nginx.conf").read_text()
    for pattern, new in (
        (r"listen \[::\].*\n", "\n"),
        (r"listen 443", f"listen 127.0.0.1:{https}"),
        (r"listen 80", f"listen 127.0.0.1:{http_port}"),
        (r"/etc/letsencrypt/live/sync.example.org/fullchain.pem", str(certificate)),
        (r"/etc/letsencrypt/live/sync.example.org/privkey.pem", str(key)),
        (r"/var/log/nginx/advosync.access.log", str(folder / "access.log")),
        (r"127\.0\.0\.1:8000", f"127.0.0.1:{web}"),
    ):
        text, changed = re.subn(pattern, new, text)
        assert changed, f"the example has no {pattern}"
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = f"{kind}_temp_path {folder}/{kind};\n" + text
    # Started by root, its workers would be somebody else, who may not keep a body in this test's folder.
    user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
    head = f"{user}daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
    around = f"{head}http {{\naccess_log off;\n{text}\n}}\n"
    (folder / "nginx.conf").write_text(around)
    command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    built = Front(f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http_port}", web, folder / "access.log")

    with running(command, log=folder / "log", ready=lambda: is_served(built.http, 301)):
        yield built


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env, session.verify = False, False  # a CA bundle of the environment would count for more
        session.headers["Host"] = "sync.example.org"
        yield session


def test_plain_http_is_sent_to_https(front: Front):
    answer = requests.get(
        f"{front.http}/admin/", headers={"Host": "sync.example.org"}, allow_redirects=False, timeout=5
    )
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://sync.example.org/admin/")


def test_a_webhook_arrives_whole_with_its_signature(front: Front, session: requests.Session):
    with upstream(front.upstream_port):
        answer = session.post(
            f"{front.https}/webhooks/espocrm/beteiligte/update", data=b"[]", headers={"Signature": "abc="}
        )
    assert answer.status_code == 202
    assert answer.json()["headers"]["Signature"] == "abc="


def test_nobody_outside_can_claim_an_address_or_https(front: Front, session: requests.Session):
    forged = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "http"}
    with upstream(front.upstream_port):
        seen = session.get(f"{front.https}/admin/", headers=forged).json()["headers"]
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "https"
    assert seen["Host"] == "sync.example.org"


def test_while_the_web_process_is_away_a_webhook_is_told_to_come_again(front: Front, session: requests.Session):
    """EspoCRM repeats after 503, and never after 502."""
    answer = session.post(f"{front.https}/webhooks/espocrm/beteiligte/update", data=b"[]")
    assert answer.status_code == 503


def test_a_body_over_the_limit_is_refused_at_the_door(front: Front, session: requests.Session):
    answer = session.post(f"{front.https}/webhooks/espocrm/beteiligte/update", data=b"x" * (MIB + 1))
    assert answer.status_code == 413


def test_a_programs_body_somewhat_over_the_limit_is_the_proxys_to_refuse(front: Front, session: requests.Session):
    """Whose answer has a code; nginx has a page for people."""
    limit = int(SETTINGS["PROXY_MAX_REQUEST_KIB"].default) * 1024
    with upstream(front.upstream_port):
        assert session.post(f"{front.https}/advoware/api/Termine", data=b"x" * (limit + 1)).status_code == 202
        assert session.post(f"{front.https}/advoware/api/Termine", data=b"x" * (2 * limit + 1)).status_code == 413


def test_metrics_are_for_the_own_network(front: Front, session: requests.Session):
    with upstream(front.upstream_port):
        assert session.get(f"{front.https}/metrics").status_code == 403
        assert session.get(f"{front.https}/health/live").status_code == 202


def test_no_name_that_was_searched_for_stands_in_the_access_log(front: Front, session: requests.Session):
    address = f"{front.https}/admin/syncapp/syncrecord/"
    with upstream(front.upstream_port):
        session.get(address, params={"q": "Geheimrat"}, headers={"Referer": f"{address}?q=Geheimrat"})
    wait_until(lambda: "/admin/syncapp/syncrecord/" in front.access_log.read_text(), seconds=5)
    assert "Geheimrat" not in front.access_log.read_text()


def test_a_programs_longest_query_arrives(front: Front, session: requests.Session):
    """Behind nginx stands gunicorn, as in production: the server of Python itself cuts a line at 64 KiB."""
    query = "&".join(f"p{number}={'%C3%BC' * 500}" for number in range(30))
    bind = f"127.0.0.1:{front.upstream_port}"
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:advosync_project.web", "--bind", bind]
    tells_what_it_got = "wsgiref.simple_server:demo_app"
    log = front.access_log.with_name("gunicorn.log")

    with running([*gunicorn, tells_what_it_got], log=log, ready=lambda: is_served(f"http://{bind}/", 200)):
        answer = session.get(f"{front.https}/advoware/api/Termine?{query}")

    assert answer.status_code == 200
    assert query in answer.text


@pytest.mark.parametrize(
    "path", ["/advoware/api/a%2Fb", "/advoware/api//a", "/advoware/api/./a/..%2fb", "/advoware/api/a%2e"]
)
def test_a_path_for_other_programs_arrives_as_it_was_sent(path: str, front: Front):
    """The proxy judges the very bytes of the request line: whatever nginx tidied up would have been judged by it."""
    context = ssl._create_unverified_context()  # noqa: S323 (a certificate of this test's own)
    connection = http.client.HTTPSConnection(front.https.removeprefix("https://"), context=context, timeout=5)
    with upstream(front.upstream_port), contextlib.closing(connection):
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", "sync.example.org")
        connection.endheaders()
        assert json.loads(connection.getresponse().read())["path"] == path


def test_logins_are_slowed_down(front: Front, session: requests.Session):
    with upstream(front.upstream_port):
        codes = [session.post(f"{front.https}/admin/login/").status_code for _ in range(20)]
    assert codes[0] == 202
    assert codes[-1] == 503
