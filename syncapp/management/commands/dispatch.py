"""`manage.py dispatch`: one round of the dispatcher in the foreground."""

from typing import Any

from django.core.management.base import BaseCommand

from syncapp.services.dispatcher import dispatch


class Command(BaseCommand):
    help = "Enqueues every record that is due, once. The scheduler does the same every minute."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{dispatch()} records enqueued")
