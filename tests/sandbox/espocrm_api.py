"""A client of the stand-in EspoCRM without a network: requests go straight to its view."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import RequestFactory
from django.urls import get_resolver

ROOT = "/api/v1/"


@dataclass(frozen=True)
class Answer:
    status: int
    reason: str | None
    body: Any


class Api:
    def __init__(self, key: str = "sandbox-espo-key") -> None:
        self.key = key

    def call(self, method: str, path: str, body: object = None, query: object = None, **headers: str) -> Answer:
        request = RequestFactory().generic(
            method,
            ROOT + path,
            "" if body is None else json.dumps(body),
            content_type="application/json",
            query_params=query,
            headers={"X-Api-Key": self.key, **{name.replace("_", "-"): value for name, value in headers.items()}},
        )
        match = get_resolver("sandbox.espocrm.urls").resolve(request.path)
        response = match.func(request, *match.args, **match.kwargs)
        text = response.content.decode()
        is_json = response.headers["Content-Type"] == "application/json"
        return Answer(
            response.status_code,
            response.headers.get("X-Status-Reason"),
            json.loads(text) if text and is_json else text or None,
        )

    def good(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        answer = self.call(method, path, body, **more)
        assert answer.status in (200, 201), answer
        return answer.body

    def create(self, entity: str = "CBeteiligte", **attributes: object) -> Any:
        return self.good("POST", entity, attributes, **{"X_Skip_Duplicate_Check": "true"})

    def get(self, record_id: str, entity: str = "CBeteiligte") -> Any:
        return self.good("GET", f"{entity}/{record_id}")

    def patch(self, record_id: str, entity: str = "CBeteiligte", **attributes: object) -> Any:
        return self.good("PATCH", f"{entity}/{record_id}", attributes)

    def refused(self, record_id: str, **attributes: object) -> Answer:
        answer = self.call("PATCH", f"CBeteiligte/{record_id}", attributes)
        assert answer.status == 400, answer
        return answer

    def page(self, where: list[object] | None = None, **params: object) -> Any:
        search = json.dumps({"where": where or [], **params})
        return self.good("GET", "CBeteiligte", query={"searchParams": search})

    def names(self, where: list[object] | None = None, **params: object) -> list[str]:
        found = self.page(where, **{"orderBy": "name", "order": "asc", **params})["list"]
        return [row["name"] for row in found]
