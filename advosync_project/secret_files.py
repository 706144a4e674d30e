"""Secrets that stand in files instead of the environment, where every process of the user could read them.

| given | where the secret is taken from |
| --- | --- |
| `NAME` | the environment, or the file of settings |
| `NAME_FILE` | the file that it names, for every setting that is a secret |
| a file `NAME` in `$CREDENTIALS_DIRECTORY` | that file: what systemd hands a service (`LoadCredential=`) |

Invariant: the first that is given counts; `NAME` and `NAME_FILE` together are a fault, since nobody could tell which
one is meant. Line ends behind the secret are no part of it. No content is ever quoted.
"""

from collections.abc import Mapping
from pathlib import Path

CREDENTIALS = "CREDENTIALS_DIRECTORY"
SUFFIX = "_FILE"
LONGEST = 64 * 1024


def resolved(environment: Mapping[str, str], names: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The environment with the secrets of files in their places, and {name: what is wrong}. names: of the secrets."""
    found, faults = dict(environment), {}
    for name in names:
        try:
            path = file_of(name, environment)
            if path is not None:
                found[name] = _content(path)
        except ValueError as wrong:
            faults[name] = str(wrong)
    return found, faults


def is_given(name: str, environment: Mapping[str, str]) -> bool:
    """Whether the secret is set in one of the three ways."""
    return bool(environment.get(name, "").strip()) or file_of(name, environment) is not None


def file_of(name: str, environment: Mapping[str, str]) -> Path | None:
    """The file that holds the secret; None where it stands in the environment or nowhere."""
    direct, named = environment.get(name, "").strip(), environment.get(f"{name}{SUFFIX}", "").strip()
    if direct and named:
        raise ValueError(f"is set, and {name}{SUFFIX} too: remove one of them")
    if direct or named:
        return Path(named) if named else None
    folder = environment.get(CREDENTIALS, "").strip()
    handed = Path(folder, name) if folder else None
    return handed if handed is not None and handed.is_file() else None


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LONGEST + 1)
        if len(raw) > LONGEST:
            raise ValueError(f"its file {path} is larger than {LONGEST} bytes")
        text = raw.decode("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise ValueError(f"its file {path} cannot be read ({error.strerror or type(error).__name__})") from error
    except UnicodeDecodeError:
        raise ValueError(f"its file {path} is not UTF-8 text") from None
    if not text.strip():
        raise ValueError(f"its file {path} is empty")
    return text
