"""`manage.py sync ESPO_ID...`: one or more records, in the foreground."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp import texts
from syncapp.clients.errors import RemoteError
from syncapp.models import SyncRecord
from syncapp.services.ensure import ensure_record, request_for_ids
from syncapp.services.preview import preview
from syncapp.services.sync_record import Ended, Result, sync_record


class Command(BaseCommand):
    help = (
        "Syncs records now, in the foreground, and says what was done. --dry-run reads both sides, prints what would "
        "be written and writes nothing, neither there nor here."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("espo_ids", nargs="+", metavar="ESPO_ID", help="id of a CBeteiligte in EspoCRM")
        parser.add_argument("--dry-run", action="store_true", help="print the plan, write nothing")
        parser.add_argument("--force", action="store_true", help="ignore waiting times and change signals")

    def handle(self, *args: Any, **options: Any) -> None:
        failed = [espo_id for espo_id in options["espo_ids"] if not self._one(espo_id, options)]
        if failed:
            raise CommandError(f"not synced: {', '.join(failed)}", returncode=1)

    def _one(self, espo_id: str, options: dict[str, Any]) -> bool:
        if options["dry_run"]:
            return self._dry_run(espo_id)
        if options["force"]:
            request_for_ids(espo_ids=[espo_id], source="command")
        record = ensure_record(espo_id=espo_id)
        result = sync_record(record_id=record.pk, source="command", actor="command line", forced=True)
        self.stdout.write(f"{espo_id}: {self._words(record, result)}")
        return result.ended is Ended.RAN and result.status in ("clean", "dirty", "conflict", "deleted_in_espocrm")

    def _dry_run(self, espo_id: str) -> bool:
        try:
            lines = preview(espo_id=espo_id)
        except RemoteError as error:
            self.stderr.write(f"{espo_id}: cannot be read: {error}")
            return False
        for line in lines:
            self.stdout.write(f"{espo_id}: {line}")
        return True

    def _words(self, record: SyncRecord, result: Result) -> str:
        if result.ended is not Ended.RAN:
            return f"not run ({result.ended}{': ' + result.detail if result.detail else ''})"
        fresh = SyncRecord.objects.filter(pk=record.pk).first()
        if fresh is None:
            return "unknown in EspoCRM"
        sentence = texts.sentence(fresh.fault)
        return f"{fresh.get_status_display()}, betNr {fresh.betnr or '–'}{'. ' + sentence if sentence else ''}"
