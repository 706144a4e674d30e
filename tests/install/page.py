"""The lines of docs/DEPLOYMENT.md, as somebody who follows the page would type them.

Invariant: every line of a shell block of the chapters that set up a machine, put back its backup and update it is
executed as it stands, or has a row in INSTEAD that says what is done in its place, and why. A line that nobody thought
of fails the check.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "DEPLOYMENT.md"
CHAPTERS = ("1.", "2.", "3.", "4.", "5.", "6.")
# Sections that the machine goes without: the other way of installing, and what needs further machines.
NOT_FOLLOWED = ("From a checkout", "A standby", "PgBouncer")
NAME = "sync.example.org"


@dataclass(frozen=True)
class Block:
    """One shell block, with the chapter and section it stands in."""

    where: str
    lines: tuple[str, ...]


def blocks() -> Iterator[Block]:
    """The shell blocks of those chapters, in order, without the sections of NOT_FOLLOWED."""
    for block in _every_block():
        _chapter, _slash, section = block.where.partition(" / ")
        if block.where.startswith(CHAPTERS) and section not in NOT_FOLLOWED:
            yield block


def later_blocks() -> Iterator[Block]:
    """What is done in the life of a machine that has PostgreSQL and a wheel: a backup, its restoring, an update."""
    backup, of_a_file, of_postgresql = (block for block in _every_block() if block.where == "Backup and restore")
    yield backup
    # As the page says: "these lines take the place of the copy (second to fourth line)".
    yield Block("Restoring", (of_a_file.lines[0], *of_postgresql.lines, *of_a_file.lines[4:]))
    yield next(block for block in _every_block() if block.where == "Updating")


def _every_block() -> Iterator[Block]:
    chapter = section = ""
    inside: list[str] | None = None
    for line in PAGE.read_text().splitlines():
        if inside is not None:
            if line == "```":
                yield Block(f"{chapter} / {section}" if section else chapter, tuple(_commands(inside)))
                inside = None
            else:
                inside.append(line)
        elif found := re.match(r"(##|###) (.*)", line):
            chapter, section = (found[2], "") if found[1] == "##" else (chapter, found[2])
        elif line == "```sh":
            inside = []


def _commands(lines: list[str]) -> Iterator[str]:
    """A command with a text that it is fed (<<'END') is one."""
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        begun = "<<'END'" in waiting[0]
        if not begun or line == "END":
            yield "\n".join(waiting)
            waiting = []


def settings(text: str | None = None) -> dict[str, str]:
    """The names of the block of settings, with the values that the page suggests ("…" where it leaves them open)."""
    page = text if text is not None else PAGE.read_text()
    chapter = page.partition("\n## 3. ")[2].partition("\n## 4. ")[0]
    found = re.search(r"```\n(SECRET_KEY=.*?)\n```", chapter, re.DOTALL)
    assert found is not None, "no block of settings in chapter 3"
    return dict(line.split("=", 1) for line in found[1].splitlines())


@dataclass(frozen=True)
class Instead:
    """A line that is not typed as it stands: what is done in its place, and why. `done`: a method of the machine."""

    line: str
    why: str
    done: str


INSTEAD = (
    Instead(r"apt-get ", "the machine has what can be had: what is missing is named", "find_programs"),
    Instead(r"runuser -u postgres -- createuser --pwprompt", "nobody is there to type it twice", "with_password"),
    Instead(r"certbot ", "a certificate made on the spot", "make_certificate"),
    Instead(r"advosync createsuperuser", "nobody is there to answer", "make_superuser"),
    Instead(r"systemctl daemon-reload", "systemd does not run here; it checks the units", "verify_units"),
    Instead(
        r"systemctl enable --now ", "systemd does not run here; the units' lines are run as it would", "start_units"
    ),
    Instead(r"systemctl status ", "systemd does not run here", "check_units"),
    Instead(r"systemctl stop ", "systemd does not run here", "stop_units"),
    Instead(r"systemctl start ", "systemd does not run here", "start_again"),
    Instead(r"systemctl restart ", "systemd does not run here", "restart_units"),
    Instead(r"advosync doctor", "the systems are made up: what is this machine's own is asked for", "ask_doctor"),
    Instead(r"systemctl reload nginx", "nginx runs without systemd here", "start_nginx"),
)


def instead_of(command: str) -> Instead | None:
    return next((row for row in INSTEAD if re.match(row.line, command)), None)
