"""A process that has run short of memory ends after the record in hand, and is started anew by whoever looks after it.

It would go on for a while, failing here and there, its sign of life among it. Invariant: nothing is set back; what was
under way ends as it can, and what is due stays due. To extend: whoever catches every exception shows it to `notice`.
"""

import errno
import logging
import threading

log = logging.getLogger("advosync.worker")

# Python's own words where there is no room for another thread's stack.
NO_THREAD = "can't start new thread"
IS_SHORT = threading.Event()


def notice(error: BaseException) -> None:
    """Remember where memory was short."""
    if _tells_of_memory(error) and not IS_SHORT.is_set():
        IS_SHORT.set()
        log.error("out_of_memory")


def _tells_of_memory(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and NO_THREAD in str(error))
