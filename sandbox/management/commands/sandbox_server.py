"""`manage.py sandbox_server --port P [--seed]`: the stand-ins alone, for tests. Needs SANDBOX=true.

One process with threads, by design: call log, faults and switches live in its memory.
"""

import logging
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from sandbox import delivery, exposure, state, switches


class Command(BaseCommand):
    help = "Serves the stand-in EspoCRM and Advoware and their control API, nothing else."
    requires_system_checks = []  # noqa: RUF012 - a quick start; the one check that counts is made below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8090, help="0: any free port, printed")
        parser.add_argument("--seed", action="store_true", help="start with empty stand-ins and fill them")
        parser.add_argument("--deliver", choices=("auto", "manual"), default="manual", help="webhooks of EspoCRM")

    def handle(self, *args: Any, **options: Any) -> None:
        problem = exposure.start_problem(options["host"])
        if problem:
            raise CommandError(f"{problem} {exposure.ADVICE}")
        switches.set_default("webhooks", {"deliver": options["deliver"]})
        call_command("migrate", "sandbox", database="sandbox", verbosity=0, skip_checks=True)
        if options["seed"]:
            state.reset()
            state.seed()
        self._serve(options["host"], options["port"])

    def _serve(self, host: str, port: int) -> None:
        # Imported late: it builds the application with the settings made above.
        settings.ROOT_URLCONF = "sandbox.server"
        settings.MIDDLEWARE = ["sandbox.server.announce_length"]
        exposure.vouch_for_start()
        settings.DEBUG = False  # no query log, no debug pages: speed
        connections["sandbox"].settings_dict["CONN_MAX_AGE"] = None
        logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are what it is for
        from sandbox.server import build

        server = build(host, port)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        delivery.ensure_running()
        self.stdout.write(f"sandbox on http://{host}:{server.server_address[1]}/sandbox/")
        self.stdout.flush()
        try:
            server.serve_forever(poll_interval=0.1)
        except KeyboardInterrupt:
            server.server_close()
