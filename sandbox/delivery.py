"""Sends the stand-in EspoCRM's webhooks by itself, as its scheduled job would: one thread per serving process.

The switches "webhooks" say whether (`deliver`) and how often; sending itself is the EspoCRM half's.
"""

import logging
import os
import threading
import time

from django.db import connections

from sandbox.espocrm.sender import send_pending
from sandbox.switches import switches

logger = logging.getLogger(__name__)
TICK = 0.05
_lock = threading.Lock()
_running_in: int | None = None


def ensure_running() -> None:
    """Starts the thread once per process; a forked worker notices that the thread stayed with its parent."""
    global _running_in
    if _running_in == os.getpid():
        return
    with _lock:
        if _running_in != os.getpid():
            threading.Thread(target=_loop, name="sandbox-webhooks", daemon=True).start()
            _running_in = os.getpid()


def _loop() -> None:
    last = time.monotonic()
    while True:
        time.sleep(TICK)
        habits = switches("webhooks")
        if habits["deliver"] != "auto" or time.monotonic() - last < float(str(habits["interval_seconds"])):
            continue
        last = time.monotonic()
        try:
            send_pending()
        except Exception:
            logger.exception("sandbox webhooks were not sent")
        finally:
            connections.close_all()
