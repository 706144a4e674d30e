"""`manage.py mode`: show or set whether the installation writes."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from syncapp.models import Mode
from syncapp.services import control


class Command(BaseCommand):
    help = (
        "Without an argument: shows the mode. live: writes to both systems. shadow: plans and records everything, "
        "writes nothing. paused: does nothing until further notice; webhooks are kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mode", nargs="?", choices=[choice.value for choice in Mode])
        parser.add_argument("--side", choices=["espocrm", "advoware"], help="paused or live for the writes to one side")
        parser.add_argument("--reason", default="", help="why, for those who look later")
        parser.add_argument("--until", type=self._moment, help="end of a pause, such as 2026-12-24T18:00")
        parser.add_argument("--yes", action="store_true", help="go live without being asked")

    def _moment(self, text: str) -> datetime:
        moment = parse_datetime(text)
        if moment is None:
            raise ValueError(text)
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["mode"]:
            self._set(options)
        switches = control.switches()
        until = f" until {timezone.localtime(switches.until):%Y-%m-%d %H:%M}" if switches.until else ""
        held = f", no writes to {' and '.join(switches.held_sides)}" if switches.held_sides else ""
        self.stdout.write(f"{switches.mode}{held}{until}{', ' + switches.reason if switches.reason else ''}")

    def _set(self, options: dict[str, Any]) -> None:
        mode = options["mode"]
        if options["side"]:
            self._set_side(mode, options)
            return
        if options["until"] and mode != Mode.PAUSED:
            raise CommandError("--until goes with paused only", returncode=2)
        if mode == Mode.LIVE and not options["yes"] and not self._agreed():
            raise CommandError("not changed", returncode=1)
        control.set_mode(mode=mode, by="command line", reason=options["reason"], until=options["until"])

    def _set_side(self, mode: str, options: dict[str, Any]) -> None:
        if mode == Mode.SHADOW:
            raise CommandError("--side goes with paused or live", returncode=2)
        held = mode == Mode.PAUSED
        control.hold_side(side=options["side"], held=held, by="command line", reason=options["reason"])

    def _agreed(self) -> bool:
        waiting = control.waiting_for_live()
        answer = input(
            f"Going live: {waiting} records wait to be written. Advosync will write to both systems. Type yes: "
        )
        return answer.strip().lower() == "yes"
