"""`manage.py sandbox_seed [--webhooks-to URL]`: fills empty stand-ins, and lets the EspoCRM one tell the product."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sandbox import exposure, hooks, seed, seed_calendar, state


class Command(BaseCommand):
    help = "Puts made-up people into empty stand-ins, in many states of being linked."
    requires_system_checks = []  # noqa: RUF012 - the one check that counts is made below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, default=seed.COUNT, help="how many people (default %(default)s)")
        parser.add_argument("--reset", action="store_true", help="empty the stand-ins first")
        parser.add_argument("--calendar", action="store_true", help="employees and Termine in Advoware, too")
        parser.add_argument("--webhooks-to", metavar="URL", help="create the webhooks; prints ESPOCRM_WEBHOOK_SECRETS")

    def handle(self, *args: Any, **options: Any) -> None:
        problem = exposure.start_problem()
        if problem:
            raise CommandError(f"{problem} {exposure.ADVICE}")
        if options["count"] < 0:
            raise CommandError("--count must not be negative")
        call_command("migrate", "sandbox", database="sandbox", verbosity=0, skip_checks=True)
        if options["reset"]:
            state.reset()
        if seed.is_empty():
            found = seed.load(count=options["count"])
            self.stdout.write(f"{found['espocrm']} records in EspoCRM, {found['advoware']} in Advoware")
        if options["calendar"] and seed_calendar.is_empty():
            made = seed_calendar.load(today=timezone.localdate())
            self.stdout.write(f"{made['employees']} employees and {made['termine']} Termine in Advoware")
        if options["webhooks_to"]:
            self.stdout.write(f"ESPOCRM_WEBHOOK_SECRETS={hooks.install(options['webhooks_to'])}")
