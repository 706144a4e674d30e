"""The log of every request that reached a stand-in, for tests that count remote calls.

In memory, guarded by a lock: the process that serves the stand-ins must be one process (threads are fine). An entry is
made when the request arrives, so that a call whose connection is cut is counted as well; paths carry no query values.
"""

import itertools
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass

KEPT = 200_000


@dataclass
class RecordedCall:
    n: int
    system: str
    method: str
    path: str
    query: list[str]
    at: float
    status: int | None = None
    fault: str | None = None
    # When the stand-in was done with it; None while it is under way.
    done_at: float | None = None


_lock = threading.Lock()
_numbers = itertools.count(1)
_calls: deque[RecordedCall] = deque(maxlen=KEPT)


def arrived(*, system: str, method: str, path: str, query: list[str]) -> RecordedCall:
    with _lock:
        call = RecordedCall(n=next(_numbers), system=system, method=method, path=path, query=query, at=time.time())
        _calls.append(call)
    return call


def since(n: int = 0) -> list[dict[str, object]]:
    with _lock:
        return [asdict(call) for call in _calls if call.n > n]


def clear() -> None:
    with _lock:
        _calls.clear()
