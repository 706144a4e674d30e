"""Webhooks: fifty elements over a bare view that inserts fifty rows, and how many a second are taken for long."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.firm import Bench
from benchmarks.load import Pressure, press
from benchmarks.results import Figure, repeated

ELEMENTS = 50
POSTS = 20
CONNECTIONS = 4
GOAL = 1.5
# SQLite lets one write at a time: how long the slowest of a hundred waits, over the middle one.
PATIENCE = 10


def webhook(bench: Bench) -> Iterator[Figure]:
    """Signature, parsing, judging and committing until the answer, over bulk_create alone, through the same machinery.

    What a server does when it has sent the answer is done as well, and not counted: the sender does not wait for it.
    """
    from django.http import HttpResponse

    ids = [f"bench{number:012d}" for number in range(ELEMENTS)]
    _known(ids)
    numbers = iter(range(1_000_000))

    def body() -> bytes:
        return _body(ids, f"T{next(numbers)}")

    def taken(view: Callable[..., HttpResponse], *arguments: str) -> float:
        total = 0.0
        for _post in range(POSTS):
            request = _request(body())
            begin = time.perf_counter()
            answer = view(request, *arguments)
            total += time.perf_counter() - begin
            answer.close()
            if answer.status_code != 202:
                raise AssertionError(answer.content)
        return total

    def once() -> float:
        from syncapp.views.webhooks import webhook as ours

        return taken(ours, "update") / taken(_bare)

    ratio, spread = repeated(once, times=9)
    name = f"webhook with {ELEMENTS} elements over a bare insert"
    yield Figure(name, f"{GOAL}", f"{ratio:.2f} times", ratio, spread, ratio <= GOAL)


def _known(ids: list[str]) -> None:
    from syncapp.models import SyncRecord

    SyncRecord.objects.bulk_create(
        SyncRecord(espo_id=espo_id, betnr=1_000_000 + number, status="clean", requested=1, completed=1)
        for number, espo_id in enumerate(ids)
    )


def _body(ids: list[str], title: str) -> bytes:
    return json.dumps([{"id": espo_id, "titel": title} for espo_id in ids]).encode()


def _request(raw: bytes) -> Any:
    from django.test import RequestFactory

    return RequestFactory().post("/webhook", raw, content_type="application/json", headers=_signed(raw))


def _signed(raw: bytes) -> dict[str, str]:
    from syncapp.core.signatures import sign

    return {"Signature": sign(webhook_id="bench", secret="secret", raw_body=raw)}


def _bare(request: Any) -> Any:
    from django.http import HttpResponse

    from syncapp.models import InboxElement

    InboxElement.objects.bulk_create(
        InboxElement(
            delivery="00000000-0000-0000-0000-000000000000",
            espo_id=row["id"],
            action="update",
            attributes=row,
            result="counted",
        )
        for row in json.loads(request.body)
    )
    return HttpResponse(status=202)


def load(bench: Bench) -> Iterator[Figure]:
    """Deliveries as fast as they are taken, over HTTP, with the web process of production."""
    with bench.web() as origin:
        for elements in (1, ELEMENTS):
            ids = [f"load{elements:03d}x{number:08d}" for number in range(elements)]
            raw = _body(ids, "Dr.")
            pressure = Pressure(
                url=f"{origin}/webhooks/espocrm/beteiligte/update",
                body=raw,
                headers={"Content-Type": "application/json", **_signed(raw)},
                connections=CONNECTIONS,
                seconds=bench.options.seconds,
            )
            found = press(pressure, bench.directory)
            words = f"{found.rate:.0f} a second, p50 {found.median_ms:.0f} ms, p99 {found.p99_ms:.0f} ms ({found.tool})"
            name = f"deliveries of {elements}, {CONNECTIONS} connections, {bench.options.seconds} s"
            yield Figure(name, "no errors", f"{words}, {found.errors} errors", met=not found.errors)
            if elements == 1:
                ratio = found.p99_ms / found.median_ms
                yield Figure(f"{name}: p99 over p50", f"{PATIENCE}", words, ratio, met=ratio <= PATIENCE)
