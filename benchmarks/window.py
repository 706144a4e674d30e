"""How long an edit in Advoware is in danger: from its answer to our GET until our PUT arrives there."""

import statistics
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from benchmarks.firm import Bench
from benchmarks.results import Figure
from benchmarks.syncs import sync

RECORDS = 20
# Seconds that each call takes on its way, and how many runs are measured.
DELAYS = ((0.0, 200), (0.1, 100))


def window(bench: Bench) -> Iterator[Figure]:
    """Edits in EspoCRM carried to Advoware one by one; both times are those of Advoware's own log."""
    records = bench.pairs(RECORDS)
    for delay, times in DELAYS:
        with bench.slow(delay) if delay else nullcontext():
            found = [_one(bench, records[turn % RECORDS], f"{delay:g} {turn}") for turn in range(times)]
        middle, late = statistics.median(found), statistics.quantiles(found, n=100, method="inclusive")[98]
        yield Figure(
            f"window between GET and PUT in Advoware, {delay * 1000:.0f} ms a call",
            "",
            f"{middle * 1000:.0f} ms median, {late * 1000:.0f} ms p99, {max(found) * 1000:.0f} ms at most",
        )


def _one(bench: Bench, record: Any, title: str) -> float:
    """Seconds between what Advoware read for us and the arrival of what replaces it; a slow answer counts in full."""
    bench.edit(record.espo_id, title)
    bench.sandbox.clear_calls()
    sync(record.pk)
    ours = [call for call in bench.sandbox.control.calls() if call["system"] == "advoware"]
    read, write = (next(call for call in ours if call["method"] == method) for method in ("GET", "PUT"))
    return float(write["at"]) - float(read["at"])
