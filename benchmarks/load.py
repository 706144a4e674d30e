"""Pressure on one address: the same POST again and again over a few connections, by wrk where it is installed.

`python benchmarks/load.py` is the stand-in where it is not: a closed loop in a process of its own, so that it does not
share an interpreter with what it measures. It says less at high rates, since it needs processor time itself.
"""

import http.client
import json
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

SCRIPT = """
wrk.method = "POST"
wrk.body = [==[{body}]==]
{headers}
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("found: %f %f %f %d\\n", summary.requests / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, e.connect + e.read + e.write + e.status + e.timeout))
end
"""
FOUND = re.compile(r"found: (\S+) (\S+) (\S+) (\d+)")


@dataclass(frozen=True, slots=True)
class Pressure:
    """What is sent, over how many connections, for how long."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    connections: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Throughput:
    rate: float
    median_ms: float
    p99_ms: float
    errors: int
    tool: str


def press(pressure: Pressure, directory: Path) -> Throughput:
    """Keep it up, and say how it went."""
    return _wrk(pressure, directory) if shutil.which("wrk") else _loop(pressure)


def _wrk(pressure: Pressure, directory: Path) -> Throughput:
    script = directory / "post.lua"
    headers = "\n".join(f'wrk.headers["{name}"] = "{value}"' for name, value in pressure.headers.items())
    script.write_text(SCRIPT.replace("{body}", pressure.body.decode()).replace("{headers}", headers))
    command = ["wrk", "-t", "1", "-c", str(pressure.connections), "-d", f"{pressure.seconds}s", "--timeout", "10s"]
    done = subprocess.run([*command, "-s", str(script), pressure.url], capture_output=True, text=True, check=True)
    match = FOUND.search(done.stdout)
    if match is None:
        raise AssertionError(done.stdout + done.stderr)
    return Throughput(float(match[1]), float(match[2]), float(match[3]), int(match[4]), "wrk")


def _loop(pressure: Pressure) -> Throughput:
    said = json.dumps({**asdict(pressure), "body": pressure.body.decode()})
    done = subprocess.run([sys.executable, __file__], input=said, capture_output=True, text=True, check=True)
    return Throughput(**json.loads(done.stdout))


def _main() -> None:
    said = json.load(sys.stdin)
    pressure = Pressure(**{**said, "body": said["body"].encode()})
    taken: list[float] = []
    wrong: list[int] = []
    threads = [threading.Thread(target=_post, args=(pressure, taken, wrong)) for _number in range(pressure.connections)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(taken) / (time.perf_counter() - begin)
    p99 = statistics.quantiles(taken, n=100)[98] if len(taken) > 1 else 0.0
    median = statistics.median(taken) if taken else 0.0
    print(json.dumps(asdict(Throughput(rate, median * 1000, p99 * 1000, len(wrong), "own loop"))))


def _post(pressure: Pressure, taken: list[float], wrong: list[int]) -> None:
    address = urlsplit(pressure.url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=10)
    until = time.perf_counter() + pressure.seconds
    while time.perf_counter() < until:
        begin = time.perf_counter()
        try:
            connection.request("POST", address.path, pressure.body, dict(pressure.headers))
            answer = connection.getresponse()
            answer.read()
        except (http.client.HTTPException, OSError):
            connection.close()
            wrong.append(0)
            continue
        if answer.status >= 400:
            wrong.append(answer.status)
        taken.append(time.perf_counter() - begin)


if __name__ == "__main__":
    _main()
