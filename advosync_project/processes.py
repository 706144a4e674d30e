"""Small things about processes that Python does not offer itself."""

import contextlib
import ctypes
import os
import signal

PR_SET_PDEATHSIG = 1
SUPERVISED = "ADVOSYNC_SUPERVISED"
# How far a worker stands back where processor time is short; the units for systemd say the same (Nice=).
STAND_BACK = 5


def die_with_parent() -> None:
    """Under `run_all`: be told to stop when the supervisor dies without having told us. Linux only, else nothing."""
    if os.environ.get(SUPERVISED):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stand_back() -> None:
    """Under `run_all`: a page that somebody waits for comes before the sync, which nobody watches."""
    if os.environ.get(SUPERVISED) and hasattr(os, "setpriority"):
        now = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, 0, max(now, STAND_BACK))
