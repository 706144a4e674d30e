"""Sends the stand-in EspoCRM's webhooks from a process of its own, every so many seconds, until SIGTERM.

For an installation whose serving process does not send (webhooks switched to "manual"). The switches of that process
are not visible here, so the defaults count.
"""

import logging
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sandbox.espocrm.sender import send_pending

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send the sandbox EspoCRM's webhook deliveries until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=2.0, help="seconds between two runs (2)")
        parser.add_argument("--once", action="store_true", help="one run, then end")

    def handle(self, *args: Any, interval: float, once: bool, **options: Any) -> None:
        if once:
            self.stdout.write(f"{len(send_pending())} deliveries")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self.stdout.write(f"sending every {interval:g} s")
        while not stop.is_set():
            try:
                send_pending()
            except Exception:
                logger.exception("sandbox webhooks were not sent")
            stop.wait(interval)
