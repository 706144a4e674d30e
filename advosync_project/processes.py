"""Small things about processes that Python does not offer itself."""

import contextlib
import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1
SUPERVISED = "ADVOSYNC_SUPERVISED"


def die_with_parent() -> None:
    """Under `run_all`: be told to stop when the supervisor dies without having told us. Linux only, else nothing."""
    if os.environ.get(SUPERVISED):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
