"""The whole suite: every test on SQLite, then on PostgreSQL those that ask it what no other test asks.

`python -m tests.suite [pytest options]` prints each session as pytest does, and at the very end one summary line for
both, in pytest's own form. It fails if either session failed.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support import postgres

TESTS = Path(__file__).resolve().parent
# The statements that the program asks, each in one test at least; more would ask the same ones again. Chosen by what
# tests of a file ask and none of those before it; whoever writes a new sort of statement adds its file.
OF_ENTITIES = {
    "appointments": ("bad_input", "cascade", "crashes", "standstill", "stories_over_http"),
    "beteiligte": (
        *("child_events", "child_lists_search", "child_lists_store", "child_records", "claims", "conflicts", "create"),
        *("finding", "gone", "intake", "links", "no_room", "odd_text", "other_installation", "payment_data"),
        *("restore", "sweep"),
    ),
    "beteiligte/parts": ("bank_runs", "child_list_links", "child_list_runs"),
}
OF_ADMIN = ("queries", "lists", "figures", "home", "many", "conflicts", "tasks")
DATABASE_TESTS = (
    "engine",
    "operations",
    *(f"entities/{folder}/test_{name}.py" for folder, names in OF_ENTITIES.items() for name in names),
    *(f"admin/test_{name}.py" for name in OF_ADMIN),
)
ORDER = ("failed", "errors", "passed", "skipped", "deselected", "xfailed", "xpassed", "warnings")
COUNT = re.compile(r"(\d+) (failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?)\b")
NO_TESTS = 5
# What is marked `long` belongs to `make chaos` and `make machine`; here a sample of it runs.
# More processes than a small machine has processors: half of the time they wait for servers of their own.
ALWAYS = ("-n", "4", "--dist", "worksteal", "-m", "not long")
# Where an environment forbids to keep compiled files, each process of each session would rewrite every test file anew.
KEEP_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
Counts = Counter[str]


def session(title: str, options: Iterable[str], environment: Mapping[str, str] | None = None) -> tuple[int, Counts]:
    """Run pytest once; pass its output on and count what its last line says."""
    print(f"\n##### {title}", flush=True)
    command = [sys.executable, "-m", "pytest", *options]
    process = subprocess.Popen(
        command,
        cwd=TESTS.parent,
        env={**os.environ, **KEEP_COMPILED, **(environment or {})},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        last = line if COUNT.search(line) else last
    code = process.wait()
    return (0 if code == NO_TESTS else code), counted(last)


def counted(line: str) -> Counts:
    plural = {"warning": "warnings", "error": "errors"}
    return Counter({plural.get(word, word): int(number) for number, word in COUNT.findall(line)})


def summary(counts: Counts, seconds: float) -> str:
    said = ", ".join(f"{counts[word]} {word}" for word in ORDER if counts[word]) or "no tests ran"
    return f" {said} in {seconds:.2f}s ".center(100, "=")


def main(options: list[str]) -> int:
    started = time.monotonic()
    code, counts = session("SQLite: all tests", [*ALWAYS, *options])
    with postgres.server(durable=False) as url:
        again, more = session(
            "PostgreSQL: what speaks to the database",
            [*ALWAYS, "-p", "tests.support.database_only", *options, *(str(TESTS / name) for name in DATABASE_TESTS)],
            {"ADVOSYNC_TEST_DATABASE_URL": url},
        )
    code, counts = code or again, counts + more
    print(summary(counts, time.monotonic() - started))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
