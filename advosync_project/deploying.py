"""`python -m advosync_project.deploying FOLDER`: the examples of deploy/, fitted to where this program is installed.

Units, nginx, backup, log rotation, rules for Prometheus, and the file of settings. It needs no settings itself.

Invariant: what is written is the example with other paths, nothing else, so that both ways of installing run the same
units. In the examples the program is a checkout in /opt/advosync.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from advosync_project import places

CHECKOUT_PYTHON = "/opt/advosync/.venv/bin/python manage.py"
CHECKOUT_BIN = "/opt/advosync/.venv/bin"
CHECKOUT_FOLDER = "WorkingDirectory=/opt/advosync\n"
VAR = "/var/lib/advosync"


def programs() -> Path:
    """Where the command of this installation is."""
    return Path(sys.executable).parent


def files(*, bin_folder: Path, var: str = VAR) -> Iterator[tuple[str, str]]:
    """(path below the target, text) of each example, for a program installed with its commands in `bin_folder`."""
    for path in sorted(places.DEPLOY.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(places.DEPLOY)), fitted(path.read_text(), bin_folder=bin_folder, var=var)
    if places.IS_CHECKOUT:
        yield "env.example", places.ENV_EXAMPLE.read_text()


def fitted(text: str, *, bin_folder: Path, var: str) -> str:
    """An example as it has to read where a wheel is installed."""
    text = text.replace(CHECKOUT_PYTHON, f"{bin_folder}/advosync").replace(CHECKOUT_BIN, str(bin_folder))
    return text.replace(CHECKOUT_FOLDER, f"WorkingDirectory={var}\n").replace(VAR, var)


def write(target: Path, *, bin_folder: Path, var: str = VAR) -> list[Path]:
    """Write all of them below `target`; the paths written."""
    written = []
    for name, text in files(bin_folder=bin_folder, var=var):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if text.startswith("#!") else 0o644)
        written.append(path)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m advosync_project.deploying", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write them; made if it is not there")
    parser.add_argument("--bin", type=Path, default=programs(), metavar="FOLDER", help="where the command is")
    parser.add_argument("--var", default=VAR, metavar="FOLDER", help=f"what it keeps; default {VAR}")
    given = parser.parse_args()
    for path in write(given.folder, bin_folder=given.bin, var=given.var):
        print(f"written: {path}")


if __name__ == "__main__":
    main()
