"""`manage.py mode`: show or set whether the installation writes."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from syncapp.core.appointments.policy import CalendarSide
from syncapp.core.sides import Side
from syncapp.engine import control
from syncapp.management.arguments import moment
from syncapp.management.base import ServiceCommand, actor
from syncapp.models import Control, Mode
from syncapp.operations import calendars
from syncapp.operations.previews import going_live


class Command(ServiceCommand):
    help = (
        "Without an argument: shows the mode.\n"
        "live: writes to both systems. shadow: plans and records everything, writes nothing. paused: does nothing\n"
        "until further notice; webhooks are kept. With --side, paused and live concern the writes to one side only.\n"
        "Going live shows what the records wait for, and asks."
    )
    examples = """
  python manage.py mode
  python manage.py mode live --reason "pilot is over"
  python manage.py mode paused --until 2026-12-24T18:00 --reason "update of Advoware"
  python manage.py mode paused --side advoware --until 2026-12-01T06:00 --reason "month-end closing"
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mode", nargs="?", choices=[choice.value for choice in Mode])
        sides = [*map(str, Side), *([str(CalendarSide.google)] if calendars.in_use() else [])]
        parser.add_argument("--side", choices=sides, help="paused or live for the writes to one side")
        parser.add_argument("--reason", default="", help="why, for those who look later")
        parser.add_argument("--until", type=moment, metavar="T", help="end of a pause, such as 2026-12-24T18:00")
        parser.add_argument("--yes", action="store_true", help="go live without being asked")
        parser.add_argument("--dry-run", action="store_true", help="show what going live would mean, change nothing")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        self._check(options)
        if options["mode"] == Mode.LIVE and not options["side"]:
            self._preview(options)
        if options["mode"] and not options["dry_run"]:
            self._set(options)
        self._show(control.switches(), options)

    def _check(self, options: dict[str, Any]) -> None:
        mode = options["mode"]
        if options["until"] and mode != Mode.PAUSED:
            self.misused("--until goes with paused only")
        if options["until"] and options["until"] <= timezone.now():
            self.misused("--until lies in the past")
        if options["side"] and mode not in (Mode.PAUSED, Mode.LIVE):
            self.misused("--side goes with paused or live")

    def _set(self, options: dict[str, Any]) -> None:
        mode, by, reason = options["mode"], actor(), options["reason"]
        if options["side"]:
            held, until = mode == Mode.PAUSED, options["until"]
            control.hold_side(side=options["side"], held=held, by=by, reason=reason, until=until)
            return
        goes_live = mode == Mode.LIVE and control.switches().mode != Mode.LIVE
        if goes_live and not options["yes"] and not self.agreed("Advosync will write to both systems."):
            self.fail("not changed")
        control.set_mode(mode=mode, by=by, reason=reason, until=options["until"])

    def _preview(self, options: dict[str, Any]) -> None:
        """On stderr where a script reads the answer."""
        tell = self.warn if options["json"] else self.say
        if control.switches().mode == Mode.LIVE:
            return
        for line in going_live.preview():
            tell(line)

    def _show(self, switches: Control, options: dict[str, Any]) -> None:
        if options["json"]:
            names = ("mode", "held_sides", "held_until", "reason", "by", "until", "live_since")
            self.say_json({name: getattr(switches, name) for name in names})
            return
        sides = [f"{side}{_end(switches.held_end(side))}" for side in switches.held_sides]
        held = f", no writes to {' and '.join(sides)}" if sides else ""
        self.say(f"{switches.mode}{held}{_end(switches.until)}{', ' + switches.reason if switches.reason else ''}")


def _end(at: datetime | None) -> str:
    return f" until {timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
