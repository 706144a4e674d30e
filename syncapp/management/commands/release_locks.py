"""`manage.py release_locks`: takes records from runs that do not come back."""

from argparse import ArgumentParser
from typing import Any

from syncapp.management.base import ServiceCommand
from syncapp.operations.maintenance.lock_release import Held, held, release
from syncapp.operations.monitoring.signs.health import redis_server


class Command(ServiceCommand):
    help = (
        "Takes away locks in Redis and leases in the database. A run that is still at work stops before its next\n"
        "write, and the next one checks what was written. Expired leases are taken over by themselves within a\n"
        "minute; this command is for those who do not want to wait."
    )
    examples = """
  python manage.py release_locks --dry-run
  python manage.py release_locks --expired
  python manage.py release_locks 65a0b1c2d3e4f5a6b
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("espo_ids", nargs="*", metavar="ESPO_ID", help="only these; default: all that are held")
        parser.add_argument("--expired", action="store_true", help="only those whose time is over")
        parser.add_argument("--reason", default="", help="why, for the operator log")
        parser.add_argument("--dry-run", action="store_true", help="only show who holds what")
        parser.add_argument("--yes", action="store_true", help="do not ask before taking records from running syncs")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        rows = held(espo_ids=options["espo_ids"], expired_only=options["expired"])
        if not options["json"]:
            for row in rows:
                self.say(_words(row))
        refused = [] if options["dry_run"] else self._release(rows, options)
        done = 0 if options["dry_run"] else len(rows) - len(refused)
        if options["json"]:
            self.say_json({"held": [row.espo_id for row in rows], "released": done, "refused": refused})
        elif not options["dry_run"]:
            self.say(f"{done} of {len(rows)} locks released")
        for line in refused:
            self.warn(line)
        if not redis_server().ok:
            self.fail("Redis does not answer: only leases in the database were looked at; check REDIS_URL")
        if refused:
            self.fail(f"{len(refused)} not released")

    def _release(self, rows: list[Held], options: dict[str, Any]) -> list[str]:
        at_work = sum(not row.expired for row in rows)
        ask = at_work and not options["espo_ids"] and not options["yes"]
        if ask and not self.agreed(f"{at_work} of these are held by somebody who may still be at work."):
            self.fail("nothing released")
        return release(rows, action_context=self.context(options))


def _words(row: Held) -> str:
    if row.record_id is None:
        return f"{row.espo_id}: a lock in Redis without a run"
    until = f"{row.until:%Y-%m-%d %H:%M:%S} UTC" if row.until else "–"
    return f"{row.espo_id}: held by {row.holder or '–'}, {'expired' if row.expired else 'until'} {until}"
