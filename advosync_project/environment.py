"""Reads the declared settings from the environment, and refuses a bad one with a sentence that can be acted on.

Invariant: all declared settings are judged before any is used, so that the start stops with one line that names
the first fault in full and the others by name. Secrets are never quoted; they may stand in files (secret_files.py).
Of the `.env` no line is quoted at all: what cannot be read may be a secret, or the rest of one.
"""

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from advosync_project import secret_files
from advosync_project.declarations import SETTINGS, Necessity, Setting

ENV_FILE = "ADVOSYNC_ENV_FILE"
# A line as django-environ reads it (which would print any other), and what one looks like that was meant as such.
LINE = re.compile(r"(?:export )?[A-Za-z_0-9]+=[^\0]*")
MEANT = re.compile(r"\s*(?:export\s+)?([A-Za-z_0-9]+)")
SECRETS = frozenset(name for name, setting in SETTINGS.items() if setting.secret)


class BadSettings(ImproperlyConfigured):
    """One line: what is wrong with which setting, and how it should look."""


def load_env_file(default: Path) -> Path:
    """Add what the `.env` says to the environment, which wins; another file by ADVOSYNC_ENV_FILE (empty: none)."""
    path = Path(os.environ.get(ENV_FILE, str(default)) or os.devnull)
    try:
        raw = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise BadSettings(
            f"{path} cannot be read ({error.strerror}): give the user of this process the right"
        ) from None
    environ.Env.read_env(io.StringIO("\n".join(_lines(path, raw))))
    return path


def _lines(path: Path, raw: bytes) -> list[str]:
    """The lines that set something; raises BadSettings for the first that nobody can read."""
    try:
        # An editor of Windows may begin the file with a byte order mark.
        lines = raw.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        number = raw.count(b"\n", 0, error.start) + 1
        raise BadSettings(f"{path}, line {number}: not UTF-8; save the file in that encoding") from None
    said = [
        (number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")
    ]
    for number, line in said:
        if not LINE.fullmatch(line):
            meant = MEANT.match(line)
            name = f" ({meant[1]})" if meant and meant[1] in SETTINGS else ""
            raise BadSettings(f"{path}, line {number}{name}: write NAME=value, in one line and without blanks around =")
    return [line for _number, line in said]


def read(environment: Mapping[str, str]) -> dict[str, Any]:
    """All declared settings with their values; raises BadSettings."""
    values: dict[str, Any] = {}
    environment, faults = secret_files.resolved(environment, SECRETS)
    for setting in SETTINGS.values():
        if setting.name in faults:
            continue
        try:
            values[setting.name] = _value(setting, environment.get(setting.name, ""))
        except ValueError as wrong:
            faults[setting.name] = str(wrong)
    if "DEBUG" in values and "SANDBOX" in values and not (values["DEBUG"] or values["SANDBOX"]):
        faults = {**_missing(environment), **faults}
    if faults:
        raise BadSettings(_sentence(faults))
    return values


def _value(setting: Setting, raw: str) -> Any:
    text = raw if raw.strip() else setting.default
    if not text:
        return _nothing(setting)
    try:
        return setting.kind.parse(text)
    except (ValueError, KeyError) as wrong:
        given = "its value" if setting.secret else f"'{raw.strip()[:60]}'"
        raise ValueError(
            f"{given} is not {setting.kind.expected}, for example {setting.name}={setting.sample}"
        ) from wrong


def _nothing(setting: Setting) -> Any:
    """The empty value in the setting's own shape: an empty list stays a list."""
    try:
        return setting.kind.parse("")
    except ValueError:
        return ""


def _missing(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        setting.name: f"is missing, for example {setting.name}={setting.sample}"
        for setting in SETTINGS.values()
        if setting.needed is Necessity.production and not environment.get(setting.name, "").strip()
    }


def _sentence(faults: Mapping[str, str]) -> str:
    (first, fault), *others = faults.items()
    sentence = f"{first}: {fault}"
    if others:
        sentence += f" (also: {', '.join(name for name, _ in others)})"
    return sentence
