"""The version stands in one place, and everybody who asks gets that one; what a wheel carries is there."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.test import Client

from advosync_project import deploying, places
from syncapp import __version__
from syncapp.remotes.http.session import USER_AGENT
from tests.support.processes import MANAGE, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_the_package_takes_its_version_from_there() -> None:
    assert "version" in PROJECT["project"]["dynamic"]
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "syncapp.__version__"}


def test_it_is_the_newest_of_the_changes() -> None:
    heads = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert heads[0] == __version__


@pytest.mark.parametrize("command", [MANAGE, [sys.executable, "-m", "advosync_project"]], ids=["checkout", "module"])
def test_the_command_says_it_without_any_settings(command: list[str], tmp_path: Path) -> None:
    bare = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    told = subprocess.run([*command, "--version"], capture_output=True, text=True, env=bare, cwd=tmp_path)
    assert (told.returncode, told.stdout) == (0, f"Advosync {__version__}\n"), told.stderr


def test_remote_systems_are_told() -> None:
    assert f"advosync/{__version__}" == USER_AGENT


@pytest.mark.django_db
def test_it_stands_at_the_foot_of_the_admin(admin_client: Client, client: Client) -> None:
    assert f'<footer class="ops-version">Advosync {__version__}</footer>' in admin_client.get("/admin/").text
    assert __version__ not in client.get("/admin/login/").text, "no stranger has to know it"


def test_the_examples_fit_an_installation_from_a_wheel(tmp_path: Path) -> None:
    written = deploying.write(tmp_path, bin_folder=Path("/opt/advosync/bin"))
    texts = {str(path.relative_to(tmp_path)): path.read_text() for path in written}
    assert {"nginx.conf", "backup", "env.example", "systemd/advosync.target"} <= set(texts)
    units = "".join(text for name, text in texts.items() if name.endswith(".service"))
    assert "manage.py" not in units
    assert ".venv" not in units
    assert units.count("WorkingDirectory=/var/lib/advosync\n") == units.count("WorkingDirectory=") == 3
    assert "ExecStart=/opt/advosync/bin/gunicorn " in units
    assert 'exec /opt/advosync/bin/advosync worker "$${0%%-*}"' in units
    assert (tmp_path / "backup").stat().st_mode & 0o111


def test_another_folder_for_what_it_keeps(tmp_path: Path) -> None:
    deploying.write(tmp_path, bin_folder=Path("/opt/a/bin"), var="/srv/a")
    unit = (tmp_path / "systemd/advosync-web.service").read_text()
    assert "ReadWritePaths=/srv/a\n" in unit
    assert "/var/lib" not in unit


def test_a_checkout_keeps_its_things_beside_manage_py() -> None:
    assert places.IS_CHECKOUT
    assert (places.HOME, places.env_file(), places.static_root(Path("var"))) == (
        ROOT,
        ROOT / ".env",
        ROOT / "staticfiles",
    )


def test_a_wheel_keeps_its_things_where_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "IS_CHECKOUT", False)
    monkeypatch.setattr(places, "HOME", tmp_path)
    assert places.env_file() == Path("/etc/advosync/env")
    assert places.static_root(tmp_path / "var") == tmp_path / "var/staticfiles"
    (tmp_path / ".env").touch()
    assert places.env_file() == tmp_path / ".env"
