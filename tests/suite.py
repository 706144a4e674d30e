"""The whole suite: every test on SQLite, and on PostgreSQL those with statements of their own.

`python -m tests.suite [pytest options]` runs both sessions at once, prints each as pytest does, one after the other,
and at the very end one summary line for both, in pytest's own form. It fails if either session failed.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support import postgres

TESTS = Path(__file__).resolve().parent
# Of the entities the files with statements of their own, or with values, locks and rules of a database: the others ask
# once more what these and the engine ask. Whoever writes a new sort of statement adds its file.
OF_ENTITIES = {
    "appointments": ("bad_input", "due_passes", "standstill", "stories_over_http"),
    "beteiligte": (
        *("child_events", "child_lists_search", "child_lists_store", "claims", "conflicts", "create"),
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
# For SQLite one process more than there are processors: whoever waits for a server of its own leaves its processor to
# another, and each further one collects all tests and starts a Redis and the stand-ins for itself. PostgreSQL's
# session, a fifth of the work, has its processes beside them.
PROCESSES = min((os.cpu_count() or 2) + 1, 6)
BESIDE = max(1, PROCESSES // 3)
ALWAYS = ("--dist", "worksteal", "-m", "not long")
# Where an environment forbids to keep compiled files, each process of each session would rewrite every test file anew.
KEEP_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
Counts = Counter[str]


def _print(text: str) -> None:
    print(text, end="", flush=True)


def session(
    title: str,
    options: Iterable[str],
    environment: Mapping[str, str] | None = None,
    say: Callable[[str], object] = _print,
) -> tuple[int, Counts]:
    """Run pytest once; pass its output on and count what its last line says."""
    say(f"\n##### {title}\n")
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
        say(line)
        last = line if COUNT.search(line) else last
    code = process.wait()
    return (0 if code == NO_TESTS else code), counted(last)


def counted(line: str) -> Counts:
    plural = {"warning": "warnings", "error": "errors"}
    return Counter({plural.get(word, word): int(number) for number, word in COUNT.findall(line)})


def summary(counts: Counts, seconds: float) -> str:
    said = ", ".join(f"{counts[word]} {word}" for word in ORDER if counts[word]) or "no tests ran"
    return f" {said} in {seconds:.2f}s ".center(100, "=")


def on_postgres(options: list[str], say: Callable[[str], object]) -> tuple[int, Counts]:
    chosen = [str(TESTS / name) for name in DATABASE_TESTS]
    plugins = ("-p", "tests.support.database_only", "-o", "cache_dir=.pytest_cache/postgres")
    with postgres.server(durable=False) as url:
        return session(
            "PostgreSQL: what speaks to the database",
            ["-n", str(BESIDE), *ALWAYS, *plugins, *options, *chosen],
            {"ADVOSYNC_TEST_DATABASE_URL": url},
            say,
        )


def main(options: list[str]) -> int:
    started = time.monotonic()
    lines: list[str] = []
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(on_postgres, options, lines.append)
        try:
            code, counts = session("SQLite: all tests", ["-n", str(PROCESSES), *ALWAYS, *options])
            if not other.done():
                _print("PostgreSQL's tests are still at work.\n")
            again, more = other.result()
        finally:
            _print("".join(lines))
    code, counts = code or again, counts + more
    print(summary(counts, time.monotonic() - started))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
