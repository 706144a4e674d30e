"""The command line: `advosync COMMAND` where a wheel is installed, `python manage.py COMMAND` in a checkout."""

import os
import sys
from collections.abc import Sequence

from syncapp import __version__

WRONG_USE = 2
SETTINGS_MODULE = "DJANGO_SETTINGS_MODULE"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; a setting that is missing or malformed is told in its one line."""
    given = list(sys.argv if arguments is None else arguments)
    if given[1:] == ["--version"]:
        sys.stdout.write(f"Advosync {__version__}\n")
        return
    os.environ.setdefault(SETTINGS_MODULE, "advosync_project.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(given)
    except ImproperlyConfigured as wrong:
        # The sentence says which setting, a traceback would hide it.
        sys.stderr.write(f"{wrong}\n")
        sys.exit(WRONG_USE)


def as_process(*arguments: str) -> list[str]:
    """The same command for a process of its own."""
    return [sys.executable, "-m", "advosync_project", *arguments]
