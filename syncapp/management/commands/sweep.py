"""`manage.py sweep`: one sweep in the foreground."""

from argparse import ArgumentParser
from typing import Any

from syncapp.management.base import ServiceCommand
from syncapp.operations.maintenance.sweep import sweep


class Command(ServiceCommand):
    help = (
        "Looks for changes that no webhook told of, enqueues what is due, has records at rest checked again and\n"
        "deletes old history, once. The scheduler does the same every quarter of an hour."
    )
    examples = """
  python manage.py sweep
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        row = sweep()
        lines = (f"{name}: {number}" for name, number in row.counts.items())
        self.answer(options, lines, {"counts": row.counts, "fault": row.fault})
        if row.fault:
            self.fail("; ".join(f"{step}: {what}" for step, what in row.fault.items()))
