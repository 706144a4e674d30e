"""`manage.py sweep`: one sweep in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncapp.services.sweep import sweep


class Command(BaseCommand):
    help = "Looks for changes that no webhook told of and enqueues what is due, once, as the scheduler does regularly."

    def handle(self, *args: Any, **options: Any) -> None:
        row = sweep()
        for name, number in row.counts.items():
            self.stdout.write(f"{name}: {number}")
        if row.fault:
            raise CommandError("; ".join(f"{step}: {what}" for step, what in row.fault.items()), returncode=1)
