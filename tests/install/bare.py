"""Where there are no namespaces: as much of the page as goes without a machine of its own, and what was left out.

The wheel in an empty environment, the examples of units and nginx as the wheel writes them, and pages over TLS on a
high port. Nothing outside of the folder is touched, and nobody has to be root.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from advosync_project.embedded_redis import free_port
from tests.install import page
from tests.install.door import Door, Failed, expect, say
from tests.support.processes import running, wait_until

PATIENCE = 180
# Whatever tools the machine has.
ALWAYS_LEFT_OUT = (
    "the lines of docs/DEPLOYMENT.md as they are typed: users, folders and rights of a machine",
    "PostgreSQL and Redis of the system (an SQLite file and the embedded Redis took their place)",
    "the services as their units start them (run_all started the same processes)",
    "a backup, its restoring, and an update",
)
MAIN = """
pid {folder}/nginx.pid;
error_log {folder}/nginx.error.log;
events {{}}
http {{
    types {{ text/css css; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


def check(folder: Path) -> int:
    """0 where all that can be checked here is well."""
    left_out = list(ALWAYS_LEFT_OUT)
    try:
        _check(folder, left_out)
    except (Failed, OSError, AssertionError, subprocess.CalledProcessError) as failed:
        say(f"FAILED: {failed}")
        return 1
    finally:
        say("left out here:")
        for what in left_out:
            say(f"  - {what}")
    return 0


def _check(folder: Path, left_out: list[str]) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings(folder)}
    commands = folder / "venv" / "bin"

    def run(*command: object) -> str:
        words = [str(word) for word in command]
        done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"{' '.join(words)}\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
        return done.stdout

    run(sys.executable, "-m", "venv", folder / "venv")
    wheel = next(folder.glob("advosync-*.whl"))
    run(commands / "pip", "install", "--quiet", "--no-index", "--find-links", folder, wheel)
    say(f"ok  the wheel in an empty environment: {run(commands / 'advosync', '--version').strip()}")
    deploy = folder / "deploy"
    run(commands / "python", "-m", "advosync_project.deploying", deploy, "--var", folder / "var")
    for step in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["check", "--fail-level", "WARNING"]):
        run(commands / "advosync", *step)
        say(f"ok  advosync {step[0]}")
    verify_units(deploy, left_out)
    with running(
        [str(commands / "advosync"), "run_all", "--bind", f"127.0.0.1:{(port := free_port())}"],
        log=folder / "run_all.log",
        ready=lambda: True,
        environment=environment,
        inherit=False,
        folder=folder,  # in the checkout, its program would be found first
    ) as process:
        if missing := [name for name in ("nginx", "openssl") if shutil.which(name) is None]:
            left_out.append(f"nginx and pages over TLS: this machine lacks {' and '.join(missing)}")
            wait_until(lambda: _answers(port), seconds=PATIENCE, process=process, log=folder / "run_all.log")
            say("ok  the login page, without TLS")
            return
        with nginx(folder, deploy / "nginx.conf", port) as door:
            found = door.until_healthy(seconds=PATIENCE, given_up=lambda: process.poll() is not None)
            expect("health over TLS; web, workers and scheduler at work", *found)
            door.check_pages()


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/admin/login/", timeout=10).ok
    except requests.RequestException:
        return False


def verify_units(deploy: Path, left_out: list[str]) -> None:
    if shutil.which("systemd-analyze") is None:
        left_out.append("systemd's look at the units: this machine lacks systemd-analyze")
        return
    units = sorted(str(path) for path in (deploy / "systemd").iterdir())
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True)
    own = [line for line in (done.stdout + done.stderr).splitlines() if "advosync" in line]
    expect(f"systemd finds nothing wrong with {len(units)} units", not own, "\n".join(own))


@contextmanager
def nginx(folder: Path, example: Path, port: int) -> Iterator[Door]:
    """The example with other ports, paths and a certificate made on the spot; `nginx -t`, then nginx itself."""
    door = Door(free_port(), free_port(), folder / "fullchain.pem")
    make = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={page.NAME} -addext subjectAltName=DNS:{page.NAME}"
    keys = ["-keyout", str(folder / "privkey.pem"), "-out", str(door.trusted)]
    subprocess.run(["openssl", *make.split(), *keys], check=True, capture_output=True)
    (folder / "site.conf").write_text(site(example.read_text(), folder, door, port))
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder))
    command = ["nginx", "-e", str(folder / "nginx.error.log"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True)
    expect("nginx -t", tried.returncode == 0, tried.stderr)
    with running([*command, "-g", "daemon off;"], log=folder / "nginx.log", ready=lambda: True):
        yield door


def site(text: str, folder: Path, door: Door, port: int) -> str:
    """Everything else of the example stays as it is."""
    text = re.sub(r"^ *listen \[::\].*\n", "", text, flags=re.MULTILINE)
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{door.tls_port} ssl",
        "listen 80;": f"listen 127.0.0.1:{door.plain_port};",
        f"/etc/letsencrypt/live/{page.NAME}": str(folder),
        "/var/log/nginx": str(folder),
        "127.0.0.1:8000": f"127.0.0.1:{port}",
    }
    for before, after in changes.items():
        if before not in text:
            raise Failed(f"deploy/nginx.conf lacks {before!r}")
        text = text.replace(before, after)
    return text


def settings(folder: Path) -> dict[str, str]:
    told = page.settings() | {
        "SECRET_KEY": os.urandom(32).hex(),
        "ALLOWED_HOSTS": f"127.0.0.1,{page.NAME}",
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"sqlite:///{folder}/var/advosync.sqlite3",
        "ADVOWARE_API_KEY": "a2V5",
        "ADVOWARE_API_BASE_URL": "https://relay.example.org:90/",
        "ADVOWARE_AUTH_URL": "https://security.example.org/token",
        "ADVOSYNC_ENV_FILE": "",
    }
    told.pop("REDIS_URL")  # the embedded one
    return {name: "x" if value == "…" else value for name, value in told.items()}
