"""`manage.py purge_history --older-than D`: deletes history."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.utils import timezone

from syncapp.management.arguments import days
from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.maintenance.retention import countable, purge_by_hand


class Command(ServiceCommand):
    help = (
        "Deletes attempts, changes, settled conflicts, notices, inbox elements and logs that are older. Open\n"
        "conflicts and open tasks stay, and so does everything a sync works with. Each sweep deletes what is\n"
        "older than SYNC_HISTORY_DAYS by itself."
    )
    examples = """
  python manage.py purge_history --older-than 90 --dry-run
  python manage.py purge_history --older-than 90
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--older-than", type=days, required=True, metavar="D", help="age in days")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        age = options["older_than"]
        if options["dry_run"]:
            number = countable(before=timezone.now() - timedelta(days=age))
        else:
            number = purge_by_hand(days=age, actor=actor())
        line = f"{number} rows {'would be deleted' if options['dry_run'] else 'deleted'}"
        self.answer(options, [line], {"rows": number, "deleted": not options["dry_run"]})
