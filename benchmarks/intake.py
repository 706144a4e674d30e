"""Webhooks: fifty elements over a bare view that inserts fifty rows."""

import json
import time
from collections.abc import Iterator

from benchmarks.firm import Bench
from benchmarks.results import Result, repeated

ELEMENTS = 50
POSTS = 20


def webhook(bench: Bench) -> Iterator[Result]:
    """Signature, parsing, judging and committing, over bulk_create alone, through the same request machinery."""
    from django.http import HttpRequest, HttpResponse
    from django.test import RequestFactory

    from syncapp.core.signatures import sign
    from syncapp.models import InboxElement
    from syncapp.models import Result as InboxResult
    from syncapp.views.webhooks import webhook as ours

    records = bench.pairs(ELEMENTS)
    number = iter(range(100_000))
    factory = RequestFactory()

    def body() -> bytes:
        title = f"T{next(number)}"
        return json.dumps([{"id": record.espo_id, "titel": title} for record in records]).encode()

    def bare(request: HttpRequest) -> HttpResponse:
        rows = json.loads(request.body)
        InboxElement.objects.bulk_create(
            InboxElement(
                delivery="00000000-0000-0000-0000-000000000000",
                espo_id=row["id"],
                action="update",
                attributes=row,
                result=InboxResult.COUNTED,
            )
            for row in rows
        )
        return HttpResponse(status=202)

    def time_of(view: object, *, signed: bool) -> float:
        total = 0.0
        for _post in range(POSTS):
            raw = body()
            headers = {"Signature": sign(webhook_id="bench", secret="secret", raw_body=raw)} if signed else {}
            request = factory.post("/webhook", raw, content_type="application/json", headers=headers)
            begin = time.perf_counter()
            answer = view(request, "update") if signed else view(request)  # type: ignore[operator]
            total += time.perf_counter() - begin
            if answer.status_code != 202:
                raise AssertionError(answer.content)
        return total

    def once() -> float:
        return time_of(ours, signed=True) / time_of(bare, signed=False)

    ratio, spread = repeated(once, times=5)
    yield Result(
        f"webhook with {ELEMENTS} elements over a bare insert", "2.0", f"{ratio:.2f} times", ratio, spread, ratio <= 2
    )
