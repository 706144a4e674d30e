"""`manage.py reset_failed`: lets failed records start over."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.utils import timezone

from syncapp.core.faults.errors import KINDS
from syncapp.core.states import FAILING
from syncapp.management.arguments import hours
from syncapp.management.bulk import BulkCommand
from syncapp.operations.actions.bulk.from_shell import chosen

STATUSES = [status.value for status in FAILING]


class Command(BulkCommand):
    help = (
        "Forgets error, waiting time and count of failed records and has a sync of each requested: after the cause\n"
        "has been mended. Records of which a person has to say whether they exist in Advoware are left as they are."
    )
    examples = """
  python manage.py reset_failed --dry-run
  python manage.py reset_failed --status permanently_failed
  python manage.py reset_failed --kind validation --older-than 24
"""
    act = "sync_now"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--status", action="append", choices=STATUSES, default=[], help="default: both")
        parser.add_argument("--kind", action="append", choices=sorted(KINDS), default=[], help="of this kind")
        parser.add_argument("--older-than", type=hours, metavar="H", help="last tried more than H hours ago")
        super().add_arguments(parser)

    def choice(self, options: dict[str, Any]) -> list[int]:
        older = options["older_than"]
        return chosen(
            statuses=options["status"] or STATUSES,
            kinds=options["kind"],
            before=None if older is None else timezone.now() - timedelta(hours=older),
            limit=options["limit"],
        )
