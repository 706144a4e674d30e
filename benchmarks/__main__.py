"""`python -m benchmarks [NAME ...]`: run the benchmarks, print the table, write RESULTS.md."""

import sys

from benchmarks.firm import installation
from benchmarks.growth import growth
from benchmarks.intake import webhook
from benchmarks.jobs import overhead, scaling
from benchmarks.results import Result, write
from benchmarks.syncs import calls, latency, own_time, sweep

BENCHES = {
    "calls": calls,
    "latency": latency,
    "own-time": own_time,
    "webhook": webhook,
    "overhead": overhead,
    "scaling": scaling,
    "sweep": sweep,
    "growth": growth,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    with installation() as bench:
        for name in names or BENCHES:
            for result in BENCHES[name](bench):
                print(result.line(), flush=True)
                results.append(result)
    if not names:
        print(write(results))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
