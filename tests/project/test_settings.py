"""The declared settings: every default is valid, every bad value is refused with one sentence that can be acted on."""

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from advosync_project import environment, kinds
from advosync_project.declarations import SECTIONS, SETTINGS, Necessity
from advosync_project.settings import database_settings
from tests.support.processes import ROOT

DEVELOPING = {"DEBUG": "true", "SANDBOX": "true"}
PRODUCTION = {row.name: row.sample for row in SETTINGS.values() if row.needed is Necessity.production}


def refusal(**given: str) -> str:
    with pytest.raises(environment.BadSettings) as caught:
        environment.read(DEVELOPING | given)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_names_are_declared_once():
    assert len(SETTINGS) == sum(len(section.settings) for section in SECTIONS)


@pytest.mark.parametrize("name", SETTINGS)
def test_default_and_example_of_each_setting_are_valid(name: str):
    row = SETTINGS[name]
    for text in filter(None, (row.default, row.sample)):
        environment.read(DEVELOPING | {name: text})
    assert row.english.endswith(".")
    assert row.german.endswith(".")
    assert row.english != row.german


BAD = {
    "DEBUG": "maybe",
    "ALLOWED_HOSTS": "sync.example.org,https://sync.example.org",
    "SYNC_MAX_RETRIES": "0",
    "SYNC_PARALLEL": "five",
    "ESPOCRM_TIMEOUT_SECONDS": "inf",
    "ESPOCRM_API_BASE_URL": "crm.example.org",
    "ADVOWARE_AUTH_URL": "https://host:99999/token",
    "REDIS_URL": "http://127.0.0.1",
    "DATABASE_URL": "mysql://root@localhost/x",
    "EMAIL_URL": "pigeon://roof",
    "SYNC_BACKOFF_MINUTES": "1,soon",
    "ESPOCRM_FIELD_MAP": "zusatz",
    "KOMMKZ_MAP": "3=Mobile,3=Home",
    "ESPOCRM_WEBHOOK_SECRETS": "justanid",
    "ESPOCRM_VALUE_MAP": "[1]",
    "SYNC_CONFLICT_SCOPE": "document",
    "SYNC_CONFLICT_POLICY": "stammdaten=whoever",
    "ESPOCRM_ADRESSEN": "yes",
    "HOME_COUNTRY": "Germany",
    "ADVOWARE_BANK_LIST": "embedded:",
    "BANK_SINCE": "yesterday",
    "ADVOWARE_TIMEZONE": "Middle/Earth",
    "ADVOWARE_API_KEY": "not base64!",
}


@pytest.mark.parametrize("name, value", BAD.items(), ids=BAD)
def test_malformed_value_is_refused_by_name_and_with_an_example(name: str, value: str):
    message = refusal(**{name: value})
    assert message.startswith(f"{name}: ")
    assert f"for example {name}={SETTINGS[name].sample}" in message
    assert (value in message) is not SETTINGS[name].secret


def test_several_faults_are_named_in_one_line():
    message = refusal(SYNC_MAX_RETRIES="x", SYNC_PARALLEL="y")
    assert message.count("for example") == 1
    first, other = sorted(("SYNC_PARALLEL", "SYNC_MAX_RETRIES"), key=message.index)
    assert message.startswith(f"{first}: ")
    assert f"(also: {other})" in message


@pytest.mark.parametrize("name", PRODUCTION)
def test_needed_setting_stops_the_start_in_production(name: str):
    with pytest.raises(environment.BadSettings, match=f"^{name}: is missing, for example {name}="):
        environment.read({key: value for key, value in PRODUCTION.items() if key != name})


def test_needed_settings_are_enough_in_production():
    assert environment.read(PRODUCTION)["DEBUG"] is False


@pytest.mark.parametrize("relaxed", ["DEBUG", "SANDBOX"])
def test_nothing_is_needed_while_developing(relaxed: str):
    assert environment.read({relaxed: "true"})[relaxed] is True


def test_values_have_the_shape_of_their_kind():
    values = environment.read(
        DEVELOPING
        | {
            "ESPOCRM_FIELD_MAP": "zusatz=cZusatz, titel=cTitel",
            "ESPOCRM_WEBHOOK_SECRETS": "a:1,a:2",
            "SYNC_CONFLICT_POLICY": "stammdaten=manual",
            "SYNC_BACKOFF_MINUTES": "1, 5",
            "SYNC_ONLY": "TEST-, 65a0",
        }
    )
    assert values["ESPOCRM_FIELD_MAP"] == {"zusatz": "cZusatz", "titel": "cTitel"}
    assert values["ESPOCRM_WEBHOOK_SECRETS"] == (("a", "1"), ("a", "2"))
    assert values["SYNC_CONFLICT_POLICY"] == {"stammdaten": "manual"}
    assert values["SYNC_BACKOFF_MINUTES"] == [1, 5]
    assert values["SYNC_ONLY"] == ["TEST-", "65a0"]
    assert environment.read(DEVELOPING)["SYNC_CONFLICT_POLICY"] == {"*": "espocrm_wins"}
    assert environment.read(DEVELOPING)["ESPOCRM_API_BASE_URL"] == ""


def python(*arguments: str, **given: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    environment = kept | {"ADVOSYNC_ENV_FILE": "", "DJANGO_SETTINGS_MODULE": "advosync_project.settings"} | given
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )


def test_command_with_a_bad_setting_prints_one_line_and_exits_with_2():
    result = python("manage.py", "check", DEBUG="true", SYNC_MAX_RETRIES="five")
    assert result.returncode == 2
    assert result.stderr == (
        "SYNC_MAX_RETRIES: 'five' is not a whole number of 1 or more, for example SYNC_MAX_RETRIES=5\n"
    )


def settled(name: str, **given: str) -> str:
    """What a process that starts with these settings has under this name; without the apps, it starts sooner."""
    result = python("-c", f"from django.conf import settings as s; print(s.{name})", **given)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_a_well_known_key_signs_only_for_a_developer():
    assert settled("SECRET_KEY", DEBUG="true") == settled("SECRET_KEY", DEBUG="true")
    anywhere = {"SANDBOX": "true", "SANDBOX_ALLOW_ANYWHERE": "true"}
    assert settled("SECRET_KEY", **anywhere) != settled("SECRET_KEY", **anywhere)


@pytest.mark.parametrize(
    "query, seconds",
    [
        pytest.param("", "5", id="so that a webhook is answered with 503 in time"),
        pytest.param("?connect_timeout=3", "3", id="unless the address says otherwise"),
    ],
)
def test_an_unreachable_database_is_not_waited_for(query: str, seconds: str):
    address = f"postgres://a:b@192.0.2.1/advosync{query}"
    name = "DATABASES['default']['OPTIONS']['connect_timeout']"
    assert settled(name, DEBUG="true", DATABASE_URL=address) == seconds


@pytest.mark.parametrize("address", ["sqlite:///var/advosync.sqlite3", "postgres://a:b@192.0.2.1/advosync"])
def test_a_request_finds_its_database_open(address: str):
    """To open one, an SQLite file too, costs a call of another program more than everything else that is ours."""
    assert int(settled("DATABASES['default']['CONN_MAX_AGE']", DEBUG="true", DATABASE_URL=address)) > 0


def test_env_file_is_read_and_the_environment_wins(tmp_path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "own.env"
    file.write_text("ADVOWARE_KANZLEI=from-file\nADVOWARE_USER=from-file\n")
    monkeypatch.setenv("ADVOSYNC_ENV_FILE", str(file))
    monkeypatch.setenv("ADVOWARE_USER", "from-environment")
    monkeypatch.delenv("ADVOWARE_KANZLEI", raising=False)
    environment.load_env_file(tmp_path / "unused")
    values = environment.read(DEVELOPING | {k: os.environ[k] for k in ("ADVOWARE_KANZLEI", "ADVOWARE_USER")})
    monkeypatch.delenv("ADVOWARE_KANZLEI")
    assert (values["ADVOWARE_KANZLEI"], values["ADVOWARE_USER"]) == ("from-file", "from-environment")


DJANGOS_OWN = {"ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "LANGUAGE_CODE", "TIME_ZONE"}


def test_every_declared_setting_is_read_somewhere():
    """A setting that nothing reads would be a promise without effect."""
    folders = ("advosync_project", "syncapp", "sandbox")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "declarations" not in path.parts]
    code = "\n".join(path.read_text() for path in sources)
    assert [name for name in SETTINGS if name not in DJANGOS_OWN and name not in code] == []


def test_an_env_file_of_a_windows_editor_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It begins with a byte order mark and ends its lines with CR LF."""
    path = tmp_path / ".env"
    path.write_bytes("\ufeffADVOSYNC_TEST_ONE=eins\r\nADVOSYNC_TEST_TWO=zwei\r\n".encode())
    monkeypatch.setenv(environment.ENV_FILE, str(path))
    for name in ("ADVOSYNC_TEST_ONE", "ADVOSYNC_TEST_TWO"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    environment.load_env_file(tmp_path)
    assert (os.environ.pop("ADVOSYNC_TEST_ONE"), os.environ.pop("ADVOSYNC_TEST_TWO")) == ("eins", "zwei")


UNREADABLE = {
    "blanks around the sign": (b"DEBUG=true\n\nADVOWARE_PASSWORD = TopSecret77\n", "line 3 (ADVOWARE_PASSWORD): write"),
    "a blank before the name": (b" ADVOWARE_PASSWORD=TopSecret77\n", "line 1 (ADVOWARE_PASSWORD): write"),
    "a colon": (b"export ADVOWARE_PASSWORD: TopSecret77\n", "line 1 (ADVOWARE_PASSWORD): write"),
    "a second line of a secret": (b"SECRET_KEY=one\nTopSecret77 and more\n", "line 2: write"),
    "a line that a sign parts": ("SECRET_KEY=one\u2028TopSecret77\n".encode(), "line 2: write"),
    "a NUL": (b"SECRET_KEY=Top\0Secret77\n", "line 1 (SECRET_KEY): write"),
    "another encoding": ("# für uns\nSECRET_KEY=TopSecret77ß\n".encode("latin-1"), "line 1: not UTF-8; save"),
    "the encoding of an old Notepad": ("SECRET_KEY=TopSecret77\n".encode("utf-16"), "line 1: not UTF-8; save"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_line_of_the_env_file_that_cannot_be_read_stops_the_start_and_is_not_shown(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    raw, said = UNREADABLE[name]
    path = tmp_path / "own.env"
    path.write_bytes(raw)
    monkeypatch.setenv(environment.ENV_FILE, str(path))
    monkeypatch.setattr(os, "environ", os.environ.copy())
    with pytest.raises(environment.BadSettings) as caught:
        environment.load_env_file(tmp_path)
    assert str(caught.value).startswith(f"{path}, {said}")
    shown = "".join((*capfd.readouterr(), *traceback.format_exception(caught.value)))
    assert "Secret77" not in shown


def test_a_start_with_such_a_file_says_so_in_one_line(tmp_path: Path):
    path = tmp_path / "own.env"
    path.write_text("ADVOWARE_PASSWORD = TopSecret77\n")
    told = os.environ | {environment.ENV_FILE: str(path), "DJANGO_SETTINGS_MODULE": "advosync_project.settings"}
    run = subprocess.run([sys.executable, "manage.py", "check"], cwd=ROOT, env=told, capture_output=True, text=True)
    assert run.returncode != 0
    assert run.stderr.splitlines() == [
        f"{path}, line 1 (ADVOWARE_PASSWORD): write NAME=value, in one line and without blanks around ="
    ]
    assert "TopSecret77" not in run.stdout


def test_blank_lines_and_remarks_of_the_env_file_say_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
):
    path = tmp_path / "own.env"
    path.write_text("# one\n  \n\t# two\nADVOSYNC_TEST_ONE=a b # c\n")
    monkeypatch.setenv(environment.ENV_FILE, str(path))
    environment.load_env_file(tmp_path)
    assert os.environ.pop("ADVOSYNC_TEST_ONE") == "a b # c"
    assert "".join(capfd.readouterr()) == ""


def test_an_env_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "own.env"
    path.write_text("")

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setenv(environment.ENV_FILE, str(path))
    with pytest.raises(environment.BadSettings, match=r"own.env cannot be read \(Permission denied\): give"):
        environment.load_env_file(tmp_path)


def test_a_folder_that_is_made_for_an_sqlite_file_is_for_its_owner_alone(tmp_path: Path):
    """SQLite makes its file so that everybody may read it, and it holds the whole firm."""
    database_settings(kinds.DATABASE.parse(f"sqlite:///{tmp_path}/new/advosync.sqlite3"))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
