"""`manage.py sync ESPO_ID...`: one or more records, in the foreground."""

from argparse import ArgumentParser
from typing import Any

from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.actions.bulk.foreground import ForegroundResult, sync_now
from syncapp.operations.previews.first_load_preview import FirstLoadPreview, first_load_preview_of
from syncapp.words.plain_errors import PlainError


class Command(ServiceCommand):
    help = (
        "Syncs records now, in the foreground, and says what was done. Both sides are read, compared field by field\n"
        "with what they held last, and what differs is carried. --dry-run reads both sides, prints what would be\n"
        "written and writes nothing, neither there nor here."
    )
    examples = """
  python manage.py sync 65a0b1c2d3e4f5a6b
  python manage.py sync 65a0b1c2d3e4f5a6b --dry-run
  python manage.py sync 65a0b1c2d3e4f5a6b 65a0b1c2d3e4f5a6c --force --json
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("espo_ids", nargs="+", metavar="ESPO_ID", help="id of a record in EspoCRM")
        parser.add_argument("--dry-run", action="store_true", help="print the plan, write nothing")
        parser.add_argument("--force", action="store_true", help="ignore waiting times and change signals")
        parser.add_argument("--json", action="store_true", help="one JSON list instead of lines")

    def run(self, options: dict[str, Any]) -> None:
        each = self._preview if options["dry_run"] else self._sync
        rows = []
        for espo_id in self.progress(options["espo_ids"], total=len(options["espo_ids"]), title="records"):
            ok, words, shown = each(espo_id, options)
            rows.append((espo_id, ok, shown))
            if not options["json"]:
                for line in words:
                    self.say(f"{espo_id}: {line}")
        if options["json"]:
            self.say_json([{"espo_id": espo_id, "ok": ok, **shown} for espo_id, ok, shown in rows])
        failed = [espo_id for espo_id, ok, _shown in rows if not ok]
        if failed:
            self.fail(f"{'cannot be read' if options['dry_run'] else 'not synced'}: {', '.join(failed)}")

    def _sync(self, espo_id: str, options: dict[str, Any]) -> tuple[bool, list[str], dict[str, Any]]:
        row: ForegroundResult = sync_now(espo_id=espo_id, actor=actor(), force=options["force"])
        return row.ok, [row.words], row.as_json

    def _preview(self, espo_id: str, options: dict[str, Any]) -> tuple[bool, list[str], dict[str, Any]]:
        try:
            seen: FirstLoadPreview = first_load_preview_of(espo_id)
        except PlainError as error:
            return False, [f"cannot be read: {error}"], {"error": str(error)}
        return True, seen.lines, seen.as_json
