"""systemd's units, run without systemd: what its lines say, as the user and in the folder that they name."""

import configparser
import fnmatch
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

UNITS = Path("/etc/systemd/system")


def read(name: str) -> configparser.RawConfigParser:
    """A unit by its name; that of a template where the name has an instance."""
    parsed = configparser.RawConfigParser(strict=False, delimiters=("=",), interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string((UNITS / re.sub(r"@.*\.service$", "@.service", name)).read_text())
    return parsed


def wanted_by(target: str) -> list[str]:
    """The services that a target starts."""
    text = (UNITS / target).read_text()
    named = [name for line in re.findall(r"^Wants=(.*)$", text, re.MULTILINE) for name in line.split()]
    return [name for name in named if name.startswith("advosync")]


def command_of(name: str) -> tuple[str, list[str]]:
    """(folder, command) of a service, as systemd would start it."""
    service = read(name)["Service"]
    instance = re.search(r"@(.*)\.service$", name)
    line = service["ExecStart"].replace("%i", instance[1] if instance else "").replace("$$", "$").replace("%%", "%")
    told = service.get("Environment", "").split()
    return service["WorkingDirectory"], ["runuser", "-u", service["User"], "--", "env", *told, *shlex.split(line)]


@dataclass
class Services:
    """Those that were started; all of them end with the check."""

    logs: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        folder, command = command_of(name)
        log = (self.logs / f"{name}.log").open("wb")
        self.running[name] = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)

    def stop(self, pattern: str) -> None:
        """Those that the pattern means; of the target, all, as PartOf= says."""
        meant = "advosync-*" if pattern == "advosync.target" else f"{pattern.removesuffix('.service')}.service"
        for name in fnmatch.filter(list(self.running), meant):
            process = self.running.pop(name)
            process.terminate()
            process.wait(int(read(name)["Service"]["TimeoutStopSec"]))

    def dead(self) -> dict[str, str]:
        """{service: the end of what it said} of those that have ended."""
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        return {name: (self.logs / f"{name}.log").read_text(errors="replace")[-1500:] for name in ended}
