"""`manage.py setup_espocrm`: webhooks made or repaired, and what an administrator of EspoCRM has to add."""

import json
import os
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from advosync_project.environment import ENV_FILE
from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.onboarding.espocrm import (
    ROLE,
    EntityWork,
    carry_out,
    entity_works,
    is_known,
    plan_webhooks,
    secrets_line,
)


class Command(ServiceCommand):
    help = (
        "Creates the webhooks in EspoCRM, or repairs them: address, active, without skipOwn, none twice. Then prints\n"
        "the line for .env with their secrets, which fields are missing, the module for EspoCRM that adds and labels\n"
        "them and has Duplicate leave them out, the before-save script, and what the API user's role needs. Addresses\n"
        "and bank accounts that are kept equal are looked after too; their entities are made where they are missing.\n"
        "It can be run as often as wanted."
    )
    examples = """
  python manage.py setup_espocrm --dry-run
  python manage.py setup_espocrm
  python manage.py setup_espocrm --files /tmp/espocrm
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--files", type=Path, metavar="FOLDER", help="write the module and the script there")
        parser.add_argument("--json", action="store_true", help="as JSON, without the secrets")

    def run(self, options: dict[str, Any]) -> None:
        works = entity_works()
        missing = frozenset(work.entity for work in works if work.is_new)
        steps = plan_webhooks(without=missing)
        if not options["dry_run"]:
            carry_out(steps, actor=actor())
        if options["files"] and not options["dry_run"]:
            self._write(works, options["files"])
        if options["json"]:
            lists = {work.entity: _told(work) for work in works[1:]}
            self.say_json({"webhooks": [step.words for step in steps], **_told(works[0]), "lists": lists})
            return
        for step in steps:
            self.say(f"{'would ' if options['dry_run'] and step.what != 'keep' else ''}{step.words}")
        if not options["dry_run"]:
            self._secrets()
        for name in sorted(missing):
            self.say(f"The webhooks of {name} cannot be made before EspoCRM has it: then run this command again.")
        for work in works:
            self._entity(work, shown=options["files"] is None)
        self._role()

    def _secrets(self) -> None:
        line = secrets_line()
        if is_known(line):
            self.say("\nThe secrets of the webhooks are in the settings already.")
            return
        self.say(f"\nPut this line into {os.environ.get(ENV_FILE) or '.env'} and restart the web process:")
        self.say(line)

    def _role(self) -> None:
        self.say("\nAdministration, Roles: what the role of the API user needs (doctor says what it lacks):")
        for scope, level, why in ROLE:
            self.say(f"  {scope}: {level}{f' ({why})' if why else ''}")

    def _entity(self, work: EntityWork, *, shown: bool) -> None:
        if not work.faults:
            self.say(f"\n{work.entity}: every field is there, with the right type.")
        else:
            self.say(f"\nWhat the entity {work.entity} lacks:")
            for fault in work.faults:
                self.say(f"  {fault}")
        if shown and work.faults:
            for path, content in work.files.items():
                self.say(f"\n{path} on EspoCRM's server:")
                self.say(_text(content))
            self.say("\nThen Administration, Clear Cache and Rebuild.")
        if shown:
            where = f"Entity Manager, {work.entity}, Formula, Before Save Custom Script"
            self.say(f"\n{where} (instead of what it says about syncStatus):")
            self.say(work.formula)

    def _write(self, works: list[EntityWork], folder: Path) -> None:
        texts = {path: _text(content) + "\n" for work in works for path, content in work.files.items()}
        scripts = {f"before-save.{work.entity}.formula": work.formula for work in works[1:]}
        for path, text in {**texts, "before-save.formula": works[0].formula, **scripts}.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            self.warn(f"written: {target}")


def _text(content: Mapping[str, Any] | str) -> str:
    return content.rstrip("\n") if isinstance(content, str) else json.dumps(content, indent=4)


def _told(work: EntityWork) -> dict[str, Any]:
    return {"faults": list(work.faults), "metadata": work.metadata, "formula": work.formula}
