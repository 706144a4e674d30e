"""A process that has run short of memory ends after the record in hand, and is started anew by whoever looks after it.

It would go on for a while, failing here and there, its sign of life among it. Invariant: nothing is set back; what was
under way ends as it can, and what is due stays due. To extend: whoever catches every exception shows it to `notice`.
"""

import logging
import threading

log = logging.getLogger("advosync.worker")

IS_SHORT = threading.Event()


def notice(error: BaseException) -> None:
    """Remember where memory was short."""
    if isinstance(error, MemoryError) and not IS_SHORT.is_set():
        IS_SHORT.set()
        log.error("out_of_memory")
