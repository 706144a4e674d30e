"""`manage.py purge_person ESPO_ID`: erases one person's values from history."""

from argparse import ArgumentParser
from typing import Any

from syncapp.management.base import ServiceCommand, actor
from syncapp.operations.maintenance.erasure import is_synced, purge_person, values_of_person

STAYS = (
    "Its history alone: as far as Advosync knows the record exists in EspoCRM, and is kept for its sync. Once it is\n"
    "deleted there and shows as “deleted in EspoCRM”, run this again for the rest."
)


class Command(ServiceCommand):
    help = (
        "Erases the values of one person from changes, settled conflicts, webhook contents and former names. That\n"
        "something was changed, and when, remains. As long as the record exists in EspoCRM it goes on being synced,\n"
        "and keeps what that takes. Once it is deleted there, the same command erases the rest: name, last known\n"
        "values, contact points, notes. Backups and the two systems themselves are for you to deal with."
    )
    examples = """
  python manage.py purge_person 65a0b1c2d3e4f5a6b
"""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("espo_id", metavar="ESPO_ID", help="id of the record in EspoCRM")
        parser.add_argument("--dry-run", action="store_true", help="only count")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        parser.add_argument("--json", action="store_true", help="as JSON")

    def run(self, options: dict[str, Any]) -> None:
        espo_id = options["espo_id"]
        number, synced = values_of_person(espo_id=espo_id), is_synced(espo_id)
        if not options["dry_run"]:
            if number and not options["yes"] and not self.agreed(f"Erase the values in {number} rows of history."):
                self.fail("nothing erased")
            number = purge_person(espo_id=espo_id, actor=actor())
        line = f"{espo_id}: {number} rows {'hold values' if options['dry_run'] else 'erased'}"
        found = {"espo_id": espo_id, "rows": number, "erased": not options["dry_run"], "history_only": synced}
        self.answer(options, [line, *([STAYS] if synced else [])], found)
