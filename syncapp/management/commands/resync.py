"""`manage.py resync`: has many records compared from scratch."""

from argparse import ArgumentParser
from typing import Any

from syncapp.core.states import Status
from syncapp.management.arguments import moment
from syncapp.management.bulk import BulkCommand
from syncapp.operations.actions.bulk.from_shell import chosen


class Command(BulkCommand):
    help = (
        "Asks for a forced sync of many records: waiting times do not count, and both sides are read whole. Fields\n"
        "still merge by what both sides held last; nothing is overwritten unseen. The workers do the syncs."
    )
    examples = """
  python manage.py resync --status failed --dry-run
  python manage.py resync --since 2026-11-21T08:00 --limit 500
  python manage.py resync --all --yes
"""
    act = "resync"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", action="append", choices=[one.value for one in Status], default=[])
        parser.add_argument("--since", type=moment, metavar="T", help="looked at or changed since, 2026-11-21T08:00")
        parser.add_argument("--all", action="store_true", help="every record")
        super().add_arguments(parser)

    def choice(self, options: dict[str, Any]) -> list[int]:
        if not (options["status"] or options["since"] or options["all"]):
            self.misused("say which: --status, --since or --all")
        if options["all"] and (options["status"] or options["since"]):
            self.misused("--all goes without --status and --since")
        return chosen(statuses=options["status"], since=options["since"], limit=options["limit"])
