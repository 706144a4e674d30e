"""`manage.py sync_status`: how the installation is doing."""

import time
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from syncapp.management.base import ServiceCommand
from syncapp.operations.monitoring.overview import overview


class Command(ServiceCommand):
    help = (
        "Counts by status, what waits longest, queues, breakers, the last sweep. Exit code 1 if a system is not\n"
        "called at the moment or records have permanently failed."
    )
    examples = """
  python manage.py sync_status
  python manage.py sync_status --json
  python manage.py sync_status --watch 5
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON, for scripts")
        parser.add_argument(
            "--watch", nargs="?", type=float, const=2.0, metavar="SECONDS", help="again and again, until Ctrl-C"
        )

    def run(self, options: dict[str, Any]) -> None:
        if options["watch"] is not None:
            self._watch(max(0.2, options["watch"]))
            return
        seen = overview()
        trouble = _trouble(seen)
        if options["json"]:
            self.say_json({"healthy": not trouble, **seen})
        else:
            self._show(seen)
        if trouble:
            self.fail(trouble)

    def _watch(self, seconds: float) -> None:
        """Until Ctrl-C, which is the way to end it and no failure."""
        try:
            while True:
                if self.stdout.isatty():
                    self.stdout.write("\x1b[2J\x1b[H", ending="")
                self._show(overview())
                time.sleep(seconds)
        except KeyboardInterrupt:
            return

    def _show(self, seen: Mapping[str, Any]) -> None:
        held = f", no writes to {' and '.join(seen['held_sides'])}" if seen["held_sides"] else ""
        self.say(f"mode               {seen['mode']}{held}{' (' + seen['reason'] + ')' if seen['reason'] else ''}")
        for status, number in seen["records"].items():
            if number:
                self.say(f"{status:<18} {number}")
        for kind, number in seen["failed_by_kind"].items():
            self.say(f"  failed: {kind:<24} {number}")
        waits = "nothing waits" if seen["oldest_unsynced"] is None else f"{seen['oldest_unsynced_seconds']} s"
        self.say(f"oldest unsynced    {waits}")
        self.say(f"open conflicts     {seen['open_conflicts']}")
        self.say(f"open deletions     {seen['open_deletions']}")
        self.say(f"open tasks         {seen['open_child_tasks']} about addresses and bank accounts")
        queues = ", ".join(f"{name} {'–' if number is None else number}" for name, number in seen["queues"].items())
        self.say(f"queues             {queues}")
        for system, row in seen["breakers"].items():
            state = f"not called since {row['since']} ({row['reason']})" if row["open"] else "called"
            self.say(f"{system:<18} {state}")
        for sort, since in seen["guards"].items():
            self.say(f"guard {sort:<12} stopped changes at {since}")
        sweep = seen["last_sweep"]
        self.say(f"last sweep         {sweep['started'] if sweep else 'never'}")


def _trouble(seen: Mapping[str, Any]) -> str:
    """Which systems are not called, and how much was given up; "" where all is well."""
    parts = [f"{system} is not called" for system, row in seen["breakers"].items() if row["open"]]
    given_up = seen["records"]["permanently_failed"]
    parts += [f"{given_up} permanently failed"] if given_up else []
    return ", ".join(parts)
