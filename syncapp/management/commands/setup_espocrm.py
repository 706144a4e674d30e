"""`manage.py setup_espocrm`: webhooks made or repaired, and what an administrator of EspoCRM has to add."""

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from advosync_project.environment import ENV_FILE
from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.onboarding.espocrm import (
    ROLE,
    EntityWork,
    carry_out,
    entity_work,
    plan_webhooks,
    secrets_known,
    secrets_line,
)


def settings_file() -> str:
    """Where this installation has its settings, as far as they come from a file."""
    return os.environ.get(ENV_FILE) or ".env"


class Command(ServiceCommand):
    help = (
        "Creates the three webhooks in EspoCRM, or repairs them: address, active, without skipOwn, none twice. Then\n"
        "prints the line for .env with their secrets, which fields are missing, the module for EspoCRM that adds and\n"
        "labels them and has Duplicate leave them out, the before-save script, and what the API user's role needs. It\n"
        "can be run as often as wanted."
    )
    examples = """
  python manage.py setup_espocrm --dry-run
  python manage.py setup_espocrm
  python manage.py setup_espocrm --files /tmp/espocrm
"""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--files", type=Path, metavar="FOLDER", help="write the module and the script there")
        parser.add_argument("--json", action="store_true", help="as JSON, without the secrets")

    def run(self, options: dict[str, Any]) -> None:
        steps = plan_webhooks()
        work = entity_work()
        if not options["dry_run"]:
            carry_out(steps, actor=actor())
        if options["files"] and not options["dry_run"]:
            self._write(work, options["files"])
        if options["json"]:
            shown = {"faults": list(work.faults), "metadata": work.metadata, "formula": work.formula}
            self.say_json({"webhooks": [step.words for step in steps], **shown})
            return
        for step in steps:
            self.say(f"{'would ' if options['dry_run'] and step.what != 'keep' else ''}{step.words}")
        if not options["dry_run"]:
            self._secrets()
        self._entity(work, shown=options["files"] is None)
        self._role()

    def _secrets(self) -> None:
        if secrets_known():
            self.say("\nThe secrets of the webhooks are in the settings already.")
            return
        self.say(f"\nPut this line into {settings_file()} and restart the web process:")
        self.say(secrets_line())

    def _role(self) -> None:
        self.say("\nAdministration, Roles: what the role of the API user needs (doctor says what it lacks):")
        for scope, level, why in ROLE:
            self.say(f"  {scope}: {level}{f' ({why})' if why else ''}")

    def _entity(self, work: EntityWork, *, shown: bool) -> None:
        if not work.faults:
            self.say("\nEvery field is there, with the right type.")
        else:
            self.say("\nWhat the entity lacks:")
            for fault in work.faults:
                self.say(f"  {fault}")
        if shown and work.faults:
            for path, content in work.files.items():
                self.say(f"\n{path} on EspoCRM's server:")
                self.say(json.dumps(content, indent=4))
            self.say("\nThen Administration, Clear Cache and Rebuild.")
        if shown:
            self.say("\nEntity Manager, Formula, Before Save Custom Script (instead of what it says about syncStatus):")
            self.say(work.formula)

    def _write(self, work: EntityWork, folder: Path) -> None:
        texts = {path: json.dumps(content, indent=4) + "\n" for path, content in work.files.items()}
        for path, text in {**texts, "before-save.formula": work.formula}.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            self.warn(f"written: {target}")
