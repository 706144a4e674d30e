"""`manage.py breaker reset SYSTEM`: what has stopped calls to a system, shown and reset."""

from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from syncapp.core.systems import System, side_of, system_of
from syncapp.engine import registry
from syncapp.management.base import ServiceCommand
from syncapp.models import Breaker
from syncapp.operations.actions.systems import try_again
from syncapp.operations.calendars import passes


class Command(ServiceCommand):
    help = (
        "show: the breakers of all systems. reset SYSTEM: the system is asked now instead of later. Where calendars\n"
        "are synced, reset google also lets new appointments be made again at once, although Google has said that it\n"
        "was too much (quotaExceeded): do that only when its quota is known to be free."
    )
    examples = """
  python manage.py breaker show
  python manage.py breaker reset advoware --reason "Advoware was restarted"
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["show", "reset"])
        parser.add_argument("system", nargs="?", choices=[side_of(system) for system in registry.systems_in_use()])
        parser.add_argument("--reason", default="", help="why, for the operator log")

    def run(self, options: dict[str, Any]) -> None:
        if options["verb"] == "show":
            for row in Breaker.objects.order_by("system"):
                until = timezone.localtime(row.open_until).strftime("%Y-%m-%d %H:%M:%S") if row.open_until else ""
                self.say(f"{row.system}: {f'open until {until}' if until else 'closed'}")
            return
        if not options["system"]:
            self.misused("name the SYSTEM")
        context = self.context(options)
        system = system_of(options["system"])
        if system is System.GOOGLE_CALENDAR and passes.allow_creates(action_context=context):
            self.say("google: new appointments are made again")
            return
        try_again(system=system.value, action_context=context)
        self.say(f"{options['system']}: is asked now")
