"""`python -m demo [--check] [--port N] [--people N]`: `make demo`.

Without options it runs until Ctrl-C. With --check it walks through the steps of demo/steps.py, prints a line for each,
stops everything and exits 0 if all of them came out as they should, else 1.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

import requests

from demo import calendars
from demo.installation import LOGIN, ROOT, DemoError, fresh, prepare, running
from demo.programs import GRANT
from demo.steps import STEPS, announce
from demo.world import World

VAR = ROOT / "var"
BANNER = """
    Advosync       {origin}/admin/     log in as {user} with password {password}
    EspoCRM        {origin}/admin/sandbox/     (stand-ins: edit a record on either side,
    and Advoware                                 and watch the other side follow)
    Calendars      {origin}/admin/syncapp/calendaremployee/     (three employees, both sides beside each other;
    in Google      {origin}/sandbox/google-week/                 a week on the phone, to edit)
    Other programs curl -H "X-Api-Key: {key}" "{origin}/advoware/proxy?endpoint=Beteiligte/{example}"

    Ctrl-C stops everything.
"""


def watch(port: int | None, people: int | None) -> int:
    """Run until somebody stops it."""
    with fresh(VAR / "demo", port=port) as installation:
        print("preparing …", flush=True)
        key = prepare(installation, grant=GRANT, people=people)
        with running(installation) as supervisor:
            calendars.set_up(installation)
            announce(World(installation.origin))
            print(_banner(installation.origin, key), flush=True)
            return supervisor.wait()


def _banner(origin: str, key: str) -> str:
    user, password = LOGIN
    known = [record.get("betnr") for record in World(origin).anna.all()]
    example = next((number for number in known if number), "104860")
    return BANNER.format(origin=origin, user=user, password=password, key=key, example=example)


def check(port: int | None) -> int:
    """Run, walk through all steps, stop. The processes' output goes to a file, which is shown if a step fails."""
    folder = VAR / "demo-check"
    with fresh(folder, port=port) as installation:
        key = prepare(installation, grant=GRANT)
        log = folder / "run_all.log"
        with running(installation, log=log):
            calendars.set_up(installation)
            failed = walk(World(installation.origin, key))
        if failed:
            print(f"\nThe last lines of {log.relative_to(ROOT)}:\n{_tail(log)}", file=sys.stderr)
    print("all steps ok" if not failed else f"failed: {failed}")
    return 1 if failed else 0


def walk(world: World) -> str:
    """Every step in order; the title of the first that failed, or nothing."""
    width = max(len(step.title) for step in STEPS)
    for step in STEPS:
        started = time.monotonic()
        try:
            seen = step.run(world)
        except (AssertionError, requests.RequestException) as wrong:
            print(f"FAILED  {step.title:<{width}}  {wrong}", flush=True)
            return step.title
        print(f"ok      {step.title:<{width}}  {time.monotonic() - started:4.1f} s  {seen}", flush=True)
    return ""


def _tail(log: Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="walk through a record's life and exit")
    parser.add_argument("--port", type=int, help="default 8000, or any free one")
    parser.add_argument("--people", type=int, help="how many people and companies the stand-ins hold (40)")
    options = parser.parse_args()
    if options.check and options.people is not None:
        parser.error("--people goes with the demo that runs; --check has people of its own")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0 if not options.check else 1))
    try:
        return check(options.port) if options.check else watch(options.port, options.people)
    except KeyboardInterrupt:
        print("stopped")
        return 1 if options.check else 0
    except DemoError as wrong:
        print(wrong, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
