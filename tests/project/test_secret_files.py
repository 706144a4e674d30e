"""Secrets in files: named by `…_FILE`, or handed over by the service manager; never quoted, never doubtful."""

import os
from pathlib import Path

import pytest

from advosync_project import environment
from advosync_project.declarations import SETTINGS
from advosync_project.environment import SECRETS
from advosync_project.secret_files import CREDENTIALS, LONGEST, is_given
from tests.project.test_settings import DEVELOPING, python

LIKE_IT = {name: SETTINGS[name].sample for name in SECRETS}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    return tmp_path / "secret"


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_every_secret_can_stand_in_a_file(name: str, secret: Path) -> None:
    secret.write_text(f"{LIKE_IT[name]}\n")
    direct = environment.read(DEVELOPING | {name: LIKE_IT[name]})[name]
    assert environment.read(DEVELOPING | {f"{name}_FILE": str(secret)})[name] == direct


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_every_secret_is_taken_from_the_service_manager(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(LIKE_IT[name])
    direct = environment.read(DEVELOPING | {name: LIKE_IT[name]})[name]
    assert environment.read(DEVELOPING | {CREDENTIALS: str(tmp_path)})[name] == direct


def test_passwords_are_secrets() -> None:
    words = ("SECRET", "KEY", "PASSWORD", "TOKEN")
    told = {name for name in SETTINGS if name.endswith(words) or name == "ESPOCRM_WEBHOOK_SECRETS"}
    assert told - {"ADVOWARE_ADRESSE_KEY"} <= SECRETS  # that one names a key of a JSON object


@pytest.mark.parametrize(
    "content, said",
    [
        pytest.param(None, "cannot be read (No such file or directory)", id="not there"),
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"\n\n", "is empty", id="line ends only"),
        pytest.param(b"\xff\xfe\x00", "is not UTF-8 text", id="no text"),
        pytest.param(b"x" * (LONGEST + 1), "is larger than", id="too large"),
    ],
)
def test_a_file_that_holds_no_secret_stops_the_start(content: bytes | None, said: str, secret: Path) -> None:
    if content is not None:
        secret.write_bytes(content)
    with pytest.raises(environment.BadSettings) as caught:
        environment.read(DEVELOPING | {"ESPOCRM_API_KEY_FILE": str(secret)})
    assert str(caught.value).startswith("ESPOCRM_API_KEY: its file")
    assert said in str(caught.value)
    assert "xx" not in str(caught.value).replace(str(secret), "")


def test_a_bad_secret_of_a_file_is_not_quoted(secret: Path) -> None:
    secret.write_text("not base64!")
    with pytest.raises(environment.BadSettings, match=r"^ADVOWARE_API_KEY: its value is not") as caught:
        environment.read(DEVELOPING | {"ADVOWARE_API_KEY_FILE": str(secret)})
    assert "base64!" not in str(caught.value)


def test_both_ways_at_once_are_refused(secret: Path) -> None:
    secret.write_text("one")
    with pytest.raises(environment.BadSettings, match=r"^SECRET_KEY: is set, and SECRET_KEY_FILE too"):
        environment.read(DEVELOPING | {"SECRET_KEY": "two", "SECRET_KEY_FILE": str(secret)})


def test_what_is_set_comes_before_what_is_handed_over(tmp_path: Path) -> None:
    (tmp_path / "SECRET_KEY").write_text("handed over")
    assert environment.read(DEVELOPING | {"SECRET_KEY": "set", CREDENTIALS: str(tmp_path)})["SECRET_KEY"] == "set"


def test_a_needed_secret_in_a_file_is_not_missing(secret: Path) -> None:
    from tests.project.test_settings import PRODUCTION

    secret.write_text("key")
    rest = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}
    assert environment.read(rest | {"SECRET_KEY_FILE": str(secret)})["SECRET_KEY"] == "key"


def test_only_secrets_are_taken_from_files(secret: Path) -> None:
    secret.write_text("true")
    assert environment.read({"SANDBOX": "true", "DEBUG_FILE": str(secret)})["DEBUG"] is False


def test_a_redis_that_a_file_names_is_not_replaced_by_an_own_one(secret: Path) -> None:
    assert is_given("REDIS_URL", {"REDIS_URL_FILE": str(secret)})
    assert not is_given("REDIS_URL", {CREDENTIALS: str(secret.parent)})


def test_a_process_starts_from_files_alone(secret: Path) -> None:
    secret.write_text("redis://192.0.2.1:6379/7\n")
    command = "from django.conf import settings as s; print(s.REDIS_URL, s.USES_EMBEDDED_REDIS)"
    told = python("manage.py", "shell", "-v0", "-c", command, DEBUG="true", REDIS_URL_FILE=os.fspath(secret))
    assert (told.returncode, told.stdout.strip()) == (0, "redis://192.0.2.1:6379/7 False"), told.stderr
