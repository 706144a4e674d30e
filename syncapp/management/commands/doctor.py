"""`manage.py doctor`: looks at everything and says what is wrong and what to do."""

from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import translation
from rich.console import Console
from rich.text import Text

from syncapp.core.api_description.compare import Agreement
from syncapp.management.base import ServiceCommand
from syncapp.operations.doctor import CHECKS, CheckLine, Light, examine
from syncapp.operations.doctor.compare_api import compare_file
from syncapp.words.doctor.api_comparison import AGREEMENTS

SIGNS = {
    Light.GREEN: ("ok", "green"),
    Light.YELLOW: ("!!", "yellow"),
    Light.RED: ("XX", "bold red"),
    Light.GREY: ("--", "dim"),
}

AGREEMENT_MARKS = {Agreement.confirmed: "ok", Agreement.contradicted: "XX", Agreement.not_described: "--"}


class Command(ServiceCommand):
    help = (
        "Looks at settings, database, Redis, processes and both systems, with a line for each: green is as it should\n"
        "be, yellow works but not as well as it could, red does not work. Cause and cure stand below. Nothing is\n"
        "written to either system. Exit code 1 if something is red.\n"
        "With --compare-api it reads the vendor's description of Advoware's API instead, and says where it differs\n"
        "from what this program assumes; nothing is asked of any system."
    )
    examples = """
  python manage.py doctor
  python manage.py doctor --only espocrm_webhooks --language en
  python manage.py doctor --json
  python manage.py doctor --compare-api swagger.json
"""
    speaks = None
    # What they complain of is the first line that the doctor prints.
    requires_system_checks = []  # noqa: RUF012

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [check.name for check in CHECKS]
        parser.add_argument(
            "--only", action="append", choices=names, metavar="CHECK", help="only this check and its needs"
        )
        parser.add_argument("--language", choices=["de", "en"], help="default: the installation's")
        parser.add_argument("--json", action="store_true", help="as JSON")
        parser.add_argument(
            "--compare-api",
            type=Path,
            metavar="FILE",
            help="the Swagger or OpenAPI file (JSON) that your Advoware connector serves",
        )

    def run(self, options: dict[str, Any]) -> None:
        with translation.override(options["language"] or translation.get_language()):
            if options["compare_api"] is None:
                self._examine(options)
            else:
                self._compare(options)

    def _compare(self, options: dict[str, Any]) -> None:
        lines = compare_file(options["compare_api"])
        counts = Counter(line.agreement for line in lines)
        if options["json"]:
            self.say_json({"ok": not counts[Agreement.contradicted], "lines": [asdict(line) for line in lines]})
        else:
            for line in lines:
                self.say(f"{AGREEMENT_MARKS[line.agreement]} {line.about}")
                self.say(f"   {AGREEMENTS[line.agreement]}: {line.said}")
            self.say(", ".join(f"{counts[one]} {AGREEMENTS[one]}" for one in Agreement))
        if counts[Agreement.contradicted]:
            self.fail(f"{counts[Agreement.contradicted]} {AGREEMENTS[Agreement.contradicted]}")

    def _examine(self, options: dict[str, Any]) -> None:
        lines = []
        for line in examine(names=frozenset(options["only"]) if options["only"] else None):
            lines.append(line)
            if not options["json"]:
                self._show(line)
        lights = Counter(line.light for line in lines)
        if options["json"]:
            self.say_json({"ok": not lights[Light.RED], "checks": [asdict(line) for line in lines]})
        if lights[Light.RED]:
            self.fail(f"{lights[Light.RED]} red, {lights[Light.YELLOW]} yellow")

    def _show(self, line: CheckLine) -> None:
        sign, style = SIGNS[line.light]
        head = f"{sign} {line.name:<22} {line.found or line.looks_at}"
        if self.stdout.isatty():
            Console(highlight=False).print(Text(head, style=style))
        else:
            self.say(head)
        for word in (line.cause, line.cure):
            if word:
                self.say(f"   {'':<22} {word}")
