"""Time and identifiers, in EspoCRM's spelling."""

import secrets
import time
from datetime import UTC, datetime

FORMAT = "%Y-%m-%d %H:%M:%S"


def now() -> str:
    return datetime.now(UTC).strftime(FORMAT)


def new_id() -> str:
    """17 hexadecimal digits that grow with time, so that ties of whole seconds sort by age."""
    moment = time.time()
    return f"{int(moment):08x}{int(moment % 1 * 0xFFFFF):05x}{secrets.token_hex(2)}"
