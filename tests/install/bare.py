"""Where there are no namespaces: the wheel in an empty environment, a database of its own, one page, checked examples.

Less than `machine`: no lines of DEPLOYMENT are typed, there is no nginx in between and no TLS.
"""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from advosync_project.embedded_redis import free_port
from tests.install import page


def check(folder: Path) -> int:
    """0 where the installed wheel answers."""
    bin_folder = folder / "venv" / "bin"
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **settings(folder)}

    def run(*command: object) -> None:
        subprocess.run([str(word) for word in command], check=True, cwd=folder, env=environment)

    run(sys.executable, "-m", "venv", folder / "venv")
    run(
        bin_folder / "pip",
        "install",
        "--quiet",
        "--no-index",
        "--find-links",
        folder,
        next(folder.glob("advosync-*.whl")),
    )
    run(bin_folder / "advosync", "--version")
    run(bin_folder / "python", "-m", "advosync_project.deploying", folder / "deploy")
    for step in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["check", "--fail-level", "WARNING"]):
        run(bin_folder / "advosync", *step)
    if shutil.which("systemd-analyze"):
        units = sorted((folder / "deploy" / "systemd").glob("*.service"))
        subprocess.run(["systemd-analyze", "verify", "--man=no", *units], env=environment)
    port = free_port()
    process = subprocess.Popen(
        [bin_folder / "advosync", "run_all", "--bind", f"127.0.0.1:{port}"], cwd=folder, env=environment
    )
    try:
        return 0 if answers(f"http://127.0.0.1:{port}/health/ready") else 1
    finally:
        process.terminate()
        process.wait(30)


def settings(folder: Path) -> dict[str, str]:
    told = page.settings() | {
        "SECRET_KEY": os.urandom(32).hex(),
        "ALLOWED_HOSTS": "127.0.0.1",
        "VAR_DIR": str(folder / "var"),
        "DATABASE_URL": f"sqlite:///{folder}/var/advosync.sqlite3",
        "ADVOWARE_API_KEY": "a2V5",
        "ADVOWARE_API_BASE_URL": "https://relay.example.org:90/",
        "ADVOWARE_AUTH_URL": "https://security.example.org/token",
        "ADVOSYNC_ENV_FILE": "",
    }
    told.pop("REDIS_URL")  # the embedded one
    return {name: "x" if value == "…" else value for name, value in told.items()}


def answers(address: str) -> bool:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 (our own address)
                print(answer.read().decode()[:400])
                return True
        except (OSError, urllib.error.URLError):
            time.sleep(1)
    return False
