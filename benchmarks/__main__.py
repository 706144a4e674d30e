"""`python -m benchmarks [NAME ...]`: run the benchmarks, print the table, write RESULTS.md.

Each benchmark is a process of its own, so that one that fails or hangs costs the others nothing.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

from benchmarks.firm import installation
from benchmarks.results import Figure, write
from benchmarks.table import BY_NAME, POSTGRESQL, ROWS, Row

LONGEST = 1800
MARK = "result: "


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BY_NAME)}; none: all")
    parser.add_argument("--records", type=int, default=1_000_000, help="growth: records of the largest size")
    parser.add_argument("--load", type=int, default=1_500, help="backfill: records of the larger load")
    parser.add_argument("--seconds", type=int, default=8, help="load: how long each is kept up")
    parser.add_argument("--limit", type=int, default=LONGEST, help="seconds until a benchmark is given up")
    parser.add_argument("--database", choices=["SQLite", POSTGRESQL], help="only on this one")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    found = parser.parse_args()
    unknown = [name for name in found.names if name not in BY_NAME]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(BY_NAME)}")
    return found


def main() -> int:
    options = arguments()
    if options.inside:
        inside(BY_NAME[options.names[0]], options)
        return 0
    begin, results, whole, text = time.monotonic(), [], not (options.names or options.database), ""
    for row, database in chosen(options):
        results += list(outside(row, database, options))
        minutes = (time.monotonic() - begin) / 60
        # After each of them, so that a run that is stopped has not been in vain.
        text = write(results, minutes=minutes) if whole else ""
    print(text, f"{len(results)} results in {minutes:.1f} minutes", sep="\n")
    return int(any(result.failed for result in results))


def chosen(options: argparse.Namespace) -> list[tuple[Row, str]]:
    rows = [BY_NAME[name] for name in options.names] or ROWS
    return [(row, name) for row in rows for name in row.databases if options.database in (None, name)]


def outside(row: Row, database: str, options: argparse.Namespace) -> Iterator[Figure]:
    """Run one benchmark in a process, and pass on what it says as it comes."""
    print(f"##### {row.name}, {database}", flush=True)
    command = [sys.executable, "-m", "benchmarks", row.name, "--inside", "--database", database]
    for name in ("records", "load", "seconds"):
        command += [f"--{name}", str(getattr(options, name))]
    # Its own group: whatever it has started ends with it.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(process.pid, signal.SIGKILL))
    signal.alarm(options.limit)
    assert process.stdout is not None  # noqa: S101
    for line in process.stdout:
        if line.startswith(MARK):
            result = Figure(**json.loads(line.removeprefix(MARK)))
            print("\n".join([result.line(), *(f"  {plan}" for plan in result.plans if options.names)]), flush=True)
            yield result
        else:
            print(line, end="", flush=True)
    code = process.wait()
    signal.alarm(0)
    if code:
        why = f"did not end within {options.limit} s" if code == -signal.SIGKILL else f"ended with {code}"
        yield Figure(row.name, "", why, database=database, failed=True)


def inside(row: Row, options: argparse.Namespace) -> None:
    """One benchmark, in this process."""
    server: AbstractContextManager[str]
    if options.database == POSTGRESQL:
        from tests.support import postgres

        server = postgres.server()
    else:
        server = nullcontext("")
    with server as url, installation(url, options, calendars=row.calendars) as bench:
        for result in row.load()(bench):
            result.database = options.database if len(row.databases) > 1 else ""
            print(MARK + json.dumps(result.as_json()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
