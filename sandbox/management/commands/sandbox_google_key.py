"""`manage.py sandbox_google_key FILE [--origin URL]`: a service account's key file for the stand-in Google."""

import json
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from sandbox import exposure
from sandbox.google import keys


class Command(BaseCommand):
    help = "Writes a key file whose token_uri points to the stand-in; for GOOGLE_SERVICE_ACCOUNT_FILE."
    requires_system_checks = []  # noqa: RUF012 - the one check that counts is made below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="where to write the key; an older one there is replaced")
        parser.add_argument("--origin", default="http://127.0.0.1:8000", help="where the stand-ins are reached")
        parser.add_argument("--email", default=keys.EMAIL, help="the service account (default %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        problem = exposure.start_problem()
        if problem:
            raise CommandError(f"{problem} {exposure.ADVICE}")
        call_command("migrate", "sandbox", database="sandbox", verbosity=0, skip_checks=True)
        key = keys.make(origin=options["origin"], email=options["email"])
        try:
            # Nobody but the owner may read it, from its first byte on.
            handle = os.open(options["file"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be written: {error.strerror}") from None
        with os.fdopen(handle, "w") as file:
            json.dump(key, file, indent=2)
        self.stdout.write(f"GOOGLE_SERVICE_ACCOUNT_FILE={options['file']}")
        self.stdout.write(f"GOOGLE_CALENDAR_API_URL={options['origin'].rstrip('/')}/sandbox/google/calendar/v3")
