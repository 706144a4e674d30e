"""A Swagger 2 or OpenAPI 3 document, read into operations with their fields.

Purpose: vendors' documents differ in version and care; whatever is not understood is "not described", never an error of
its own. Only a file that is no such document at all is refused.
Invariant: references stay within the document and are followed to a bounded depth, so that a circle ends.
To extend: another way to describe a type is a row of TYPES or a branch of `_field`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DEEPEST = 8
METHODS = ("get", "post", "put", "patch", "delete")


class DocumentFault(StrEnum):
    """Why a file is no description; people read its words where they asked."""

    no_object = "no_object"
    no_version = "no_version"
    no_paths = "no_paths"


class DocumentError(ValueError):
    """This is no description of an API."""

    def __init__(self, fault: DocumentFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class FieldType(StrEnum):
    text = "text"
    number = "number"
    truth = "truth"
    time = "time"
    object = "object"
    list = "list"
    unknown = "unknown"


TYPES: Mapping[tuple[str, str], FieldType] = {
    ("string", "date"): FieldType.time,
    ("string", "date-time"): FieldType.time,
    ("string", ""): FieldType.text,
    ("integer", ""): FieldType.number,
    ("number", ""): FieldType.number,
    ("boolean", ""): FieldType.truth,
    ("object", ""): FieldType.object,
    ("array", ""): FieldType.list,
}


@dataclass(frozen=True)
class DescribedField:
    """`longest`: of a text, None where the document does not say. `fields`: of an object, or of a list's elements."""

    type: FieldType = FieldType.unknown
    longest: int | None = None
    fields: Mapping[str, "DescribedField"] = field(default_factory=dict)


@dataclass(frozen=True)
class DescribedCall:
    """`path` as the document writes it. `answers` and `body` None: not described."""

    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)  # name -> where (query, path, …)
    body: DescribedField | None = None
    answers: DescribedField | None = None


@dataclass(frozen=True)
class Description:
    """`bases`: what stands before every path."""

    calls: tuple[DescribedCall, ...]
    bases: tuple[str, ...] = ()


def read(document: object) -> Description:
    """Raises DocumentError for anything but a Swagger 2 or OpenAPI 3 object."""
    if not isinstance(document, Mapping):
        raise DocumentError(DocumentFault.no_object)
    if not str(document.get("swagger", "")).startswith("2") and not str(document.get("openapi", "")).startswith("3"):
        raise DocumentError(DocumentFault.no_version)
    paths = document.get("paths")
    if not isinstance(paths, Mapping):
        raise DocumentError(DocumentFault.no_paths)
    reader = _Reader(document)
    calls = tuple(call for path, item in paths.items() for call in reader.calls(str(path), item))
    return Description(calls, tuple(_bases(document)))


def _bases(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("basePath"):
        yield str(document["basePath"])
    for server in _sequence(document.get("servers")):
        url = str(_mapping(server).get("url") or "")
        yield url.partition("://")[2].partition("/")[2] if "://" in url else url


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _sequence(value: object) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


class _Reader:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        # What names one another would be read as often as there are ways through it: billions in a vendor's document.
        self._read: dict[tuple[int, int], DescribedField] = {}

    def calls(self, path: str, item: object) -> Iterator[DescribedCall]:
        shared = _sequence(_mapping(item).get("parameters"))
        for method in METHODS:
            operation = _mapping(item).get(method)
            if isinstance(operation, Mapping):
                yield self._call(method.upper(), path, operation, shared)

    def _call(self, method: str, path: str, operation: Mapping[str, Any], shared: Sequence[Any]) -> DescribedCall:
        given = [self._at(one) for one in (*shared, *_sequence(operation.get("parameters")))]
        plain = {str(one.get("name")): str(one.get("in")) for one in given if one.get("in") != "body"}
        bodies = [one.get("schema") for one in given if one.get("in") == "body"]
        bodies += list(self._content(operation.get("requestBody")))
        return DescribedCall(
            method,
            path,
            parameters=plain,
            body=self._field(bodies[0]) if bodies else None,
            answers=self._answer(_mapping(operation.get("responses"))),
        )

    def _answer(self, responses: Mapping[str, Any]) -> DescribedField | None:
        """Of the first good answer that is described."""
        for code in sorted(str(code) for code in responses):
            if not code.startswith("2") and code != "default":
                continue
            response = self._at(responses.get(code))
            schemas = [response["schema"]] if response.get("schema") else list(self._content(response))
            if schemas:
                return self._field(schemas[0])
        return None

    def _content(self, holder: object) -> Iterator[object]:
        for media in _mapping(self._at(holder).get("content")).values():
            schema = _mapping(media).get("schema")
            if schema:
                yield schema

    def _at(self, value: object) -> Mapping[str, Any]:
        """The object itself, behind its references; nothing where one leads nowhere."""
        found = _mapping(value)
        for _step in range(DEEPEST):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            if not reference.startswith("#/"):
                return {}
            found = self.document
            for name in reference[2:].split("/"):
                found = _mapping(found.get(name.replace("~1", "/").replace("~0", "~")))
        return {}

    def _field(self, schema: object, depth: int = 0) -> DescribedField:
        if depth > DEEPEST:
            return DescribedField()
        found = self._at(schema)
        known = id(found), depth
        if known not in self._read:
            self._read[known] = self._described(found, depth)
        return self._read[known]

    def _described(self, found: Mapping[str, Any], depth: int) -> DescribedField:
        parts = [*_sequence(found.get("allOf")), *_sequence(found.get("oneOf"))[:1], *_sequence(found.get("anyOf"))[:1]]
        fields = {name: field_ for part in parts for name, field_ in self._field(part, depth + 1).fields.items()}
        own = found.get("properties")
        fields |= {str(name): self._field(one, depth + 1) for name, one in _mapping(own).items()}
        kind = self._type(found) or (FieldType.object if fields else FieldType.unknown)
        if kind is FieldType.list:
            element = self._field(found.get("items"), depth + 1)
            return DescribedField(kind, fields=element.fields)
        longest = found.get("maxLength")
        return DescribedField(kind, longest if isinstance(longest, int) else None, fields)

    def _type(self, schema: Mapping[str, Any]) -> FieldType | None:
        given = schema.get("type")
        # OpenAPI 3.1 names several, null among them.
        named = [one for one in given if one != "null"] if isinstance(given, list) else [given]
        name = str(named[0]) if named else ""
        return TYPES.get((name, str(schema.get("format") or ""))) or TYPES.get((name, ""))
