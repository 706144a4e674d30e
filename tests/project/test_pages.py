"""What the documents name exists, what exists is named, and what they tell people to type can be typed."""

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandError

from advosync_project import processes
from advosync_project.blocks import BLOCK, BLOCKS, own_commands
from advosync_project.declarations import SETTINGS
from advosync_project.environment import ENV_FILE, SECRETS
from advosync_project.secret_files import CREDENTIALS, SUFFIX
from tests.support.processes import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
SHELL = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
CALL = re.compile(r"(?:python manage\.py|^advosync) ([a-z_]+)([^#\n]*)")
NAMED = re.compile(r"(?:python manage\.py|`advosync) ([a-z_]+)")
SETTING = re.compile(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`")
# Named on purpose, though they are no settings of ours.
OPTIONS_OF_MAKE = {"PYTEST_ARGS", "DEMO_ARGS", "SOAK_ARGS", "BENCH_ARGS"}
NO_SETTINGS = {
    *(ENV_FILE, "DJANGO_SETTINGS_MODULE", "HYPOTHESIS_PROFILE", "DATABASE_TESTS", CREDENTIALS),
    *("SCHEDULE", "CHILD_LISTS", "JOB_NAMES", "SWEEP_STEPS"),  # tables of the code
    *OPTIONS_OF_MAKE,
    *(f"{name}{SUFFIX}" for name in SECRETS),
}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls() -> list[tuple[str, str, str]]:
    """(page, command, arguments) of every call in a block of shell commands."""
    found = []
    for page in PAGES:
        for block in SHELL.findall(page.read_text()):
            for line in block.replace("\\\n", " ").splitlines():
                match = CALL.search(line)
                if match:
                    found.append((name_of(page), match[1], match[2].strip()))
    return found


@pytest.mark.parametrize("document, command, arguments", calls())
def test_what_people_are_told_to_type_can_be_parsed(document: str, command: str, arguments: str):
    parser = load_command_class(get_commands()[command], command).create_parser("manage.py", command)
    parser.called_from_command_line = False
    try:
        parser.parse_args(shlex.split(arguments))
    except CommandError as error:
        pytest.fail(f"{document}: {command} {arguments}: {error}")


@pytest.mark.parametrize("name", own_commands())
def test_examples_of_help_can_be_parsed(name: str):
    command = load_command_class("syncapp", name)
    parser = command.create_parser("manage.py", name)
    parser.called_from_command_line = False
    lines = [line.strip() for line in getattr(command, "examples", "").splitlines() if line.strip()]
    for line in lines:
        words = shlex.split(line)
        assert words[:3] == ["python", "manage.py", name]
        parser.parse_args(words[3:])


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_command_that_is_named_exists(document: Path):
    assert set(NAMED.findall(document.read_text())) - set(get_commands()) - {"help"} == set()


def test_every_command_is_named():
    text = (ROOT / "docs/API.md").read_text()
    assert [name for name in own_commands() if f"| `{name}` |" not in text] == []


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_every_setting_that_is_named_exists(document: Path):
    assert set(SETTING.findall(document.read_text())) - set(SETTINGS) - NO_SETTINGS == set()


def test_every_block_is_used_and_every_used_one_exists():
    used = {match["name"] for page in PAGES for match in BLOCK.finditer(page.read_text())}
    assert used == set(BLOCKS)


@pytest.mark.parametrize("document", PAGES, ids=name_of)
def test_files_that_are_named_exist(document: Path):
    named = set(
        re.findall(r"`((?:deploy|docs|syncapp|advosync_project|sandbox|tests)/[\w./@-]*)`", document.read_text())
    )
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_settings_of_the_deployment_are_the_needed_ones():
    text = (ROOT / "docs/DEPLOYMENT.md").read_text()
    from advosync_project.declarations import Necessity

    needed = [name for name, setting in SETTINGS.items() if setting.needed is Necessity.production]
    assert [name for name in needed if f"\n{name}=" not in text] == []


UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_units_are_hardened_and_start_what_exists(unit: Path):
    parsed = configparser.RawConfigParser(strict=False)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(unit.read_text())
    service = parsed["Service"]
    assert service["User"] == "advosync"
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert service[name] == "yes"
    assert service["ProtectSystem"] == "strict"
    named = re.search(r"manage\.py (\w+)", service["ExecStart"])
    assert named is None or named[1] in get_commands()


def test_the_target_wants_every_queue(settings):
    target = (ROOT / "deploy/systemd/advosync.target").read_text()
    assert [queue for queue in settings.QUEUE_NAMES if f"advosync-worker@{queue}-1.service" not in target] == []


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="no systemd here")
def test_workers_of_a_further_machine_start_with_it_and_nothing_else_does(tmp_path: Path):
    """By what systemd makes of the page's line: all that multi-user.target, which each machine starts, leads to."""
    folder = tmp_path / "etc/systemd/system"
    shutil.copytree(ROOT / "deploy/systemd", folder)
    (folder / "multi-user.target").write_text("[Unit]\nDescription=what a machine starts\n")
    several = (ROOT / "docs/DEPLOYMENT.md").read_text().partition("## Several machines")[2]
    line = next(line for line in SHELL.findall(several)[0].splitlines() if "start " not in line)
    words = shlex.split(line)
    subprocess.run([words[0], f"--root={tmp_path}", *words[1:]], check=True, capture_output=True)
    started = {path.name for path in folder.glob("multi-user.target.wants/*")}
    assert started == {"advosync-worker@sweep-1.service", "advosync-worker@webhook-1.service"}


def test_a_worker_unit_serves_the_queue_of_its_name():
    start = re.search(r"^ExecStart=(.*)$", (ROOT / "deploy/systemd/advosync-worker@.service").read_text(), re.MULTILINE)
    assert start is not None
    # What systemd makes of it before the shell sees it.
    line = start[1].replace("%%", "%").replace("$$", "$").replace("%i", "webhook-3")
    line = line.replace("exec /opt/advosync/.venv/bin/python manage.py", "echo")
    shown = subprocess.run(shlex.split(line), capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["worker", "webhook"]


def test_workers_stand_back_for_the_web_process():
    told = {unit.name: re.findall(r"^Nice=(.*)$", unit.read_text(), re.MULTILINE) for unit in UNITS}
    assert told.pop("advosync-worker@.service") == [str(processes.STAND_BACK)]
    assert not any(told.values())
    code = "from advosync_project.processes import stand_back; import os; stand_back(); stand_back(); print(os.nice(0))"
    ours = os.nice(0)
    for supervised, expected in ("1", max(ours, processes.STAND_BACK)), ("", ours):
        environment = {**os.environ, processes.SUPERVISED: supervised}
        shown = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
        assert int(shown.stdout) == expected, shown.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units():
    units = [str(unit) for unit in UNITS]
    shown = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True)
    assert "Unknown" not in shown.stderr


def test_backup_takes_a_snapshot_while_somebody_writes(tmp_path: Path):
    import sqlite3

    database = tmp_path / "live.sqlite3"
    live = sqlite3.connect(database)
    live.execute("PRAGMA journal_mode=WAL")
    live.execute("CREATE TABLE t (n)")
    live.execute("INSERT INTO t VALUES (1)")
    live.commit()
    live.execute("INSERT INTO t VALUES (2)")  # not committed: must not be in the backup
    environment = {"DATABASE_URL": f"sqlite:///{database}", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    command = [str(ROOT / "deploy/backup"), str(tmp_path / "kept")]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    live.rollback()
    (kept,) = (tmp_path / "kept").glob("*.sqlite3")
    assert sqlite3.connect(kept).execute("SELECT n FROM t").fetchall() == [(1,)]
    assert kept.stat().st_mode & 0o077 == 0


def test_a_backup_that_failed_leaves_nothing_that_looks_like_one(tmp_path: Path):
    (tmp_path / "broken.sqlite3").write_bytes(b"not a database" * 1000)
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/broken.sqlite3"}
    done = subprocess.run([ROOT / "deploy/backup", tmp_path / "kept"], env=environment, capture_output=True)
    assert done.returncode != 0
    assert list((tmp_path / "kept").iterdir()) == []


@pytest.mark.parametrize(
    "line", ["DATABASE_URL={}", 'DATABASE_URL="{}"  ', "export DATABASE_URL='{}'", "DATABASE_URL_FILE={}.secret"]
)
def test_backup_reads_the_settings_as_the_product_does(line: str, tmp_path: Path):
    """It stopped at a quoted address, which the product takes."""
    import sqlite3

    url = f"sqlite:///{tmp_path}/live.sqlite3"
    sqlite3.connect(tmp_path / "live.sqlite3").execute("CREATE TABLE t (n)")
    (tmp_path / "live.sqlite3.secret").write_text(f"{url}\n")
    told = line.format(f"{tmp_path}/live.sqlite3" if "_FILE" in line else url)
    (tmp_path / "env").write_text(f"DEBUG=true\n{told}\n")
    environment = {"ADVOSYNC_ENV_FILE": str(tmp_path / "env"), "PATH": "/usr/bin:/bin:/usr/local/bin"}
    subprocess.run([str(ROOT / "deploy/backup"), str(tmp_path / "kept")], env=environment, check=True)
    assert len(list((tmp_path / "kept").glob("*.sqlite3"))) == 1


@pytest.mark.parametrize(
    "url, told, password",
    [
        ("postgres://me:se%2Fcret@10.0.0.1:5432/a?sslmode=require", "me@10.0.0.1:5432/a?sslmode=require", "se/cret"),
        ("postgres://advosync:x@/a?host=/run/postgresql", "advosync@/a?host=/run/postgresql", "x"),
        ("postgres:///a", "/a", ""),
    ],
)
def test_backup_shows_nobody_the_password(url: str, told: str, password: str, tmp_path: Path):
    """Arguments of a command are there for everybody on the machine to read."""
    dump = tmp_path / "pg_dump"
    dump.write_text(
        f'#!/bin/sh\necho "$@" > {tmp_path}/said; echo "$PGPASSWORD" > {tmp_path}/told; touch "${{4#*=}}"\n'
    )
    dump.chmod(0o755)
    environment = {"DATABASE_URL": url, "PATH": f"{tmp_path}:/usr/bin:/bin:/usr/local/bin"}
    subprocess.run([str(ROOT / "deploy/backup"), str(tmp_path / "kept")], env=environment, check=True)
    assert f"--dbname=postgres://{told} " in (tmp_path / "said").read_text()
    assert (tmp_path / "told").read_text() == f"{password}\n"
    (kept,) = (tmp_path / "kept").iterdir()
    assert kept.suffix == ".dump"


def test_the_worked_example_works(tmp_path: Path):
    """The decision of SYNC_TEMPLATE and its tests, run as they stand there."""
    blocks = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs/SYNC_TEMPLATE.md").read_text(), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 2
    (tmp_path / "test_example.py").write_text("\n\n".join(blocks))
    options = ["-q", "-p", "no:django", "-p", "no:cacheprovider", "-p", "no:playwright", "-c", "/dev/null"]
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "24 passed" in run.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "syncapp/static").rglob("*.css")), ids=lambda path: path.name)
def test_every_block_of_a_style_sheet_ends(path: Path) -> None:
    """One that does not swallows the rest of the sheet without a word."""
    depth = 0
    for number, line in enumerate(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL).splitlines(), 1):
        assert depth == 0 or not line.startswith("@media"), f"{path.name}:{number}: within another block"
        depth += line.count("{") - line.count("}")
    assert depth == 0
