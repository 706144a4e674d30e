"""`manage.py dispatch`: one round of the dispatcher in the foreground."""

from argparse import ArgumentParser
from typing import Any

from syncapp.engine.dispatcher import dispatch, due_count
from syncapp.management.base import ServiceCommand


class Command(ServiceCommand):
    help = (
        "Enqueues every record that is due, once: changed ones, retries whose time has come, runs that broke off.\n"
        "The scheduler does the same every minute; by hand it is of use when the scheduler is down."
    )
    examples = """
  python manage.py dispatch
  python manage.py dispatch --dry-run
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say how many are due")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        number = due_count() if options["dry_run"] else dispatch()
        line = f"{number} records {'are due' if options['dry_run'] else 'enqueued'}"
        self.answer(options, [line], {"due" if options["dry_run"] else "enqueued": number})
