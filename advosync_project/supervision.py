"""Runs several processes as one: each line of output with its name before it, what dies is started again, and one
signal ends them all.

The work is done by the `supervisor` package, in this process, configured from a list of programs instead of a file
of the administrator. Invariant: nothing outlives `run`; a process that does not stop in time is killed.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from supervisor import events, supervisord
from supervisor.medusa import asyncore_25 as asyncore
from supervisor.options import ServerOptions

STOP_SECONDS = 8
RETRIES = 1000


@dataclass(frozen=True)
class Program:
    """One process. Those with the higher rank start later and stop earlier; those of equal rank go together."""

    name: str
    command: Sequence[str]
    rank: int = 2


class Prefixer:
    """Writes whole lines, each with the name of its process; the names are padded to one width."""

    def __init__(self, names: Sequence[str], out: TextIO) -> None:
        self.width = max(map(len, names))
        self.out = out
        self.begun: dict[str, str] = {}

    def write(self, name: str, text: str) -> None:
        *lines, self.begun[name] = (self.begun.get(name, "") + text).split("\n")
        # A full disk, or a reader that has gone: what cannot be said must not stop what is at work.
        with suppress(OSError):
            for line in lines:
                self.out.write(f"{name:<{self.width}} | {line.rstrip()}\n")
            self.out.flush()


class Supervisor(supervisord.Supervisor):  # type: ignore[misc]  # supervisor carries no types
    """supervisord, telling us what its processes print and when one dies."""

    def __init__(self, options: ServerOptions, say: Callable[[str, str], None]) -> None:
        super().__init__(options)
        self.say = say

    def runforever(self) -> None:
        # Subscribed here because run() has just cleared all subscriptions.
        events.subscribe(events.ProcessLogEvent, self._printed)
        events.subscribe(events.ProcessStateExitedEvent, self._died)
        events.subscribe(events.ProcessStateBackoffEvent, self._died)
        super().runforever()

    def _printed(self, event: Any) -> None:
        self.say(event.process.config.name, event.data.decode(errors="replace"))

    def _died(self, event: Any) -> None:
        if not self.stopping:
            self.say(event.process.config.name, "ended, starting it again\n")


def run(
    programs: Sequence[Program], *, environment: Mapping[str, str], directory: Path, out: TextIO = sys.stdout
) -> None:
    """Run the programs in `directory` until SIGINT or SIGTERM, then return when all have ended."""
    with tempfile.TemporaryDirectory(prefix="advosync-run-") as folder:
        file = Path(folder, "supervisord.conf")
        file.write_text(configuration(programs, directory=directory, folder=Path(folder)))
        # Inherited, since a configuration file would mangle some values.
        os.environ.update(environment)
        options = ServerOptions()
        options.realize(["-c", str(file)])
        options.first, options.test = True, False
        prefixer = Prefixer([program.name for program in programs], out)
        try:
            Supervisor(options, prefixer.write).main()
        except asyncore.ExitNow:
            pass
        finally:
            options.close_logger()


def configuration(programs: Sequence[Program], *, directory: Path, folder: Path) -> str:
    """The text of a supervisord.conf: one group for each rank, since a group starts and stops as a whole."""
    lines = [
        "[supervisord]",
        "nodaemon=true",
        "silent=true",
        "logfile=/dev/null",
        "logfile_maxbytes=0",
        f"pidfile={folder / 'supervisord.pid'}",
        f"childlogdir={folder}",
        f"directory={_escaped(str(directory))}",
    ]
    for program in programs:
        lines += _section(program)
    for rank in sorted({program.rank for program in programs}):
        names = ",".join(program.name for program in programs if program.rank == rank)
        lines += [f"[group:rank{rank}]", f"programs={names}", f"priority={rank}"]
    return "\n".join(lines) + "\n"


def _section(program: Program) -> list[str]:
    command = " ".join('"' + _escaped(word) + '"' for word in program.command)
    return [
        f"[program:{program.name}]",
        f"command={command}",
        "autorestart=true",
        "startsecs=1",
        f"startretries={RETRIES}",
        f"stopwaitsecs={STOP_SECONDS}",
        "killasgroup=true",
        "redirect_stderr=true",
        "stdout_logfile=NONE",
        "stdout_events_enabled=true",
    ]


def _escaped(text: str) -> str:
    """supervisord expands %(…)s and reads quotes."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
