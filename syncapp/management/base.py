"""What every command has in common: one readable line instead of a traceback, exit codes, progress, dry runs.

Invariant: exit code 0 means done, 1 that something failed or is unhealthy, 2 wrong use. Ctrl-C ends a command at once
with code 1; what was begun is finished or taken up again by the next run, since every step is committed by itself.
Commands speak English; sentences that people in the firm read elsewhere too come from the same tables.

To extend: a command subclasses ServiceCommand, describes itself in `help`, `add_arguments` and `examples`, and does its
work in `run`, by calls of services.
"""

import getpass
import json
import logging
import sys
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, NoReturn, TypeVar

import redis
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import DatabaseError
from django.utils import translation
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from syncapp.core.requests import Source
from syncapp.operations.actions import ActionContext
from syncapp.words.plain_errors import PlainError

FAILED, WRONG_USE = 1, 2
T = TypeVar("T")


class Error(CommandError):
    """What stderr shows as `Error: …`."""


class HelpFormatter(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Keeps the line breaks of descriptions and examples."""


def actor() -> str:
    """Who acts from the command line, for the operator log."""
    try:
        return f"command line ({getpass.getuser()})"[:150]
    except (KeyError, OSError):
        return "command line"


class ServiceCommand(BaseCommand):
    """Base of all commands. `examples` is shown at the end of --help."""

    examples = ""
    speaks: str | None = "en"  # None: the language of the installation

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        epilog = f"examples:\n{self.examples.strip()}" if self.examples else None
        return super().create_parser(
            prog_name, subcommand, **{"formatter_class": HelpFormatter, "epilog": epilog, **kwargs}
        )

    def run(self, options: dict[str, Any]) -> None:
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        language = translation.override(self.speaks) if self.speaks else nullcontext()
        with readable(), language, _without_log_lines(options):
            self.run(options)

    def context(self, options: dict[str, Any]) -> ActionContext:
        """Who acts, and why, for the services; of a command with --reason."""
        return ActionContext(actor(), options["reason"], Source.COMMAND)

    # --- saying

    def say(self, line: str = "") -> None:
        self.stdout.write(line)

    def warn(self, line: str) -> None:
        """Something that is not the answer: on stderr, so that a pipe gets the answer alone."""
        self.stderr.write(line)

    def say_json(self, value: object) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str))

    def answer(self, options: dict[str, Any], lines: Iterable[str], value: object) -> None:
        """The same for people, line by line, and for programs, which say --json."""
        if options["json"]:
            self.say_json(value)
            return
        for line in lines:
            self.say(line)

    def fail(self, reason: str) -> NoReturn:
        raise Error(reason, returncode=FAILED)

    def misused(self, reason: str) -> NoReturn:
        raise Error(reason, returncode=WRONG_USE)

    def agreed(self, question: str) -> bool:
        """Ask a person; where nobody can answer, the option --yes has to be given."""
        if not sys.stdin.isatty():
            self.misused(f"{question} Nobody can be asked here: add --yes.")
        self.warn(f"{question} Type yes: ")
        return sys.stdin.readline().strip().lower() == "yes"

    # --- progress

    def progress(self, items: Iterable[T], *, total: int | None, title: str) -> Iterator[T]:
        """The items, with a bar on stderr as long as somebody watches it."""
        with self.bar(total=total, title=title) as bar:
            for item in items:
                yield item
                bar.step()

    @contextmanager
    def bar(self, *, total: int | None, title: str) -> Iterator["ProgressBar"]:
        """A progress bar with an estimate, on a terminal only."""
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            yield ProgressBar(progress, progress.add_task(title, total=total))


@contextmanager
def _without_log_lines(options: dict[str, Any]) -> Iterator[None]:
    """A person reads what the command says, not a line for each call; --verbosity 2 or LOG_LEVEL=DEBUG shows them."""
    root = logging.getLogger()
    before = root.level
    if before == logging.INFO and options.get("verbosity", 1) < 2:
        root.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.setLevel(before)


class ProgressBar:
    """A bar that may be invisible."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def step(self) -> None:
        self._progress.advance(self._task)

    def at(self, done: float, total: int | None = None) -> None:
        """Set how far it is, and how far it goes if that was not known before."""
        self._progress.update(self._task, completed=done, total=total)

    def say(self, title: str) -> None:
        self._progress.update(self._task, description=title)


@contextmanager
def readable() -> Iterator[None]:
    """Every way a command can end badly, as one line that says what to do."""
    try:
        yield
    except CommandError:
        raise
    except PlainError as reason:
        raise Error(str(reason), returncode=FAILED) from reason
    except KeyboardInterrupt:
        raise Error("stopped; nothing is lost, run it again to go on", returncode=FAILED) from None
    except redis.RedisError as away:
        raise Error(f"Redis does not answer ({type(away).__name__}): check REDIS_URL", returncode=FAILED) from away
    except DatabaseError as away:
        raise Error(_database_words(away), returncode=FAILED) from away
    except BrokenPipeError:
        raise Error("the reader of the output has gone", returncode=FAILED) from None
    except Exception as bug:
        what = f"unexpected {type(bug).__name__}; --traceback shows where"
        if isinstance(bug, OSError) and bug.filename is not None:  # no right to it, no such folder, no room
            what = f"{bug.filename}: {bug.strerror}"
        raise Error(what, returncode=FAILED) from bug


def _database_words(away: DatabaseError) -> str:
    said = str(away).splitlines()[0] if str(away) else type(away).__name__
    if "no such table" in said or "does not exist" in said or "no such column" in said:
        return f"the database is not up to date ({said}): run python manage.py migrate"
    if "readonly database" in said:
        return f"this user may not write to the database ({said}): run it as the service's user, who owns the file"
    return f"the database does not answer ({said}): check DATABASE_URL"
