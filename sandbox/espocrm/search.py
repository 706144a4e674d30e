"""The parameters of a list request, in both encodings: PHP's brackets and `searchParams` as JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from sandbox.espocrm.answers import EspoRefusal, ForbiddenAnswer

MAX_SIZE = 200
DEFAULT_SIZE = 200
MORE, NO_MORE = -1, -2  # totals where nobody counts
DIRECTIONS = {"asc": "", "desc": "-", "true": "-", "false": ""}


@dataclass(frozen=True)
class Search:
    where: Sequence[Mapping[str, Any]] = ()
    select: Sequence[str] | None = None
    order_by: str | None = None
    order: str = "desc"
    offset: int = 0
    max_size: int = DEFAULT_SIZE
    text: str | None = None
    primary_filter: str | None = None
    no_total: bool = False


def search_of(request: HttpRequest) -> Search:
    """`searchParams` as one JSON object, or PHP's brackets. A `where` that is a JSON string counts for nothing."""
    if "searchParams" in request.GET:
        given = json.loads(request.GET["searchParams"])
        if "select" in given and not isinstance(given["select"], list):
            raise EspoRefusal(400, "select should be array.")
        return _search(given, given.get("select"), request)
    given = brackets(request.GET)
    select = [name for name in str(given["select"]).split(",") if name] if given.get("select") else None
    return _search(given, select, request)


def _search(given: Mapping[str, Any], select: Sequence[str] | None, request: HttpRequest) -> Search:
    size = int(given.get("maxSize", DEFAULT_SIZE))
    if size > MAX_SIZE:
        raise ForbiddenAnswer(f"Max size should not exceed {MAX_SIZE}. Use offset and limit.")
    items = given.get("where")
    order = str(given.get("order") or ("asc" if given.get("orderBy") else "desc")).lower()
    if order not in DIRECTIONS:
        raise EspoRefusal(400, "order value is bad.")
    return Search(
        where=items if isinstance(items, list) else (),
        select=select,
        order_by=given.get("orderBy"),
        order=order,
        offset=int(given.get("offset") or 0),
        max_size=size,
        text=given.get("textFilter"),
        primary_filter=given.get("primaryFilter"),
        no_total=request.headers.get("X-No-Total") == "true",
    )


def brackets(query: QueryDict) -> dict[str, Any]:
    """`a[0][b][]=c` as PHP reads it: nested objects, those with keys 0, 1, 2... as lists."""
    tree: dict[str, Any] = {}
    for name, values in query.lists():
        path = re.split(r"\]\[|\[", name[:-1]) if name.endswith("]") else [name]
        for value in values if path[-1] == "" else values[-1:]:
            _plant(tree, path, value)
    return {name: _listed(value) for name, value in tree.items()}


def _plant(tree: dict[str, Any], path: Sequence[str], value: str) -> None:
    for number, step in enumerate(path):
        key = str(len(tree)) if step == "" else step
        if number == len(path) - 1:
            tree[key] = value
            return
        below = tree.setdefault(key, {})
        if not isinstance(below, dict):
            return
        tree = below


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if list(value) == [str(number) for number in range(len(value))]:
        return [_listed(entry) for entry in value.values()]
    return {name: _listed(entry) for name, entry in value.items()}
