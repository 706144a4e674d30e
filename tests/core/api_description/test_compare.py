"""What a document says, against what a client assumes: one test a aspect, Swagger 2 and OpenAPI 3 alike."""

import time
from typing import Any

import pytest

from syncapp.core.api_description.compare import Agreement, ApiFinding, Aspect, AssumedCall, AssumedField, compare
from syncapp.core.api_description.document import DocumentError, FieldType, read

PERSON = {
    "type": "object",
    "properties": {
        "betNr": {"type": "integer"},
        "name": {"type": "string", "maxLength": 140},
        "born": {"type": "string", "format": "date-time"},
        "points": {"type": "array", "items": {"$ref": "REF/Point"}},
        "inner": {"allOf": [{"$ref": "REF/Point"}]},
    },
}
POINT = {"type": "object", "properties": {"id": {"type": ["integer", "null"]}, "again": {"$ref": "REF/Person"}}}


def renamed(value: Any, reference: str) -> Any:
    if isinstance(value, dict):
        return {key: renamed(one, reference) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, reference) for one in value]
    return value.replace("REF", reference) if isinstance(value, str) else value


def openapi(**paths: Any) -> dict[str, Any]:
    schemas = renamed({"Person": PERSON, "Point": POINT}, "#/components/schemas")
    return {
        "openapi": "3.0.1",
        "servers": [{"url": "https://x/api/v1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def swagger(**paths: Any) -> dict[str, Any]:
    definitions = renamed({"Person": PERSON, "Point": POINT}, "#/definitions")
    return {"swagger": "2.0", "basePath": "/api/v1", "paths": paths, "definitions": definitions}


def json_of(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}


GET = {"get": {"parameters": [{"name": "frnr", "in": "query"}], "responses": {"200": json_of("Person")}}}
PUT = {"put": {"requestBody": json_of("Person"), "responses": {"204": {"description": "done"}}}}
BOTH = {"/Beteiligte/{nr}": GET | PUT}
OLD = {
    "/Beteiligte/{nr}": {
        "parameters": [{"name": "nr", "in": "path"}],
        "get": {
            "parameters": [{"name": "frnr", "in": "query", "type": "string"}],
            "responses": {"200": {"schema": {"$ref": "#/definitions/Person"}}},
        },
        "put": {"parameters": [{"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Person"}}]},
    }
}
DOCUMENTS = [pytest.param(openapi(**BOTH), id="openapi3"), pytest.param(swagger(**OLD), id="swagger2")]


def said(document: Any, **assumed: Any) -> list[tuple[Agreement, Aspect]]:
    call = AssumedCall(**{"method": "GET", "path": "Beteiligte/{betNr}", **assumed})
    return [(one.agreement, one.aspect) for one in compare([call], read(document))]


@pytest.mark.parametrize("document", DOCUMENTS)
class TestBothVersions:
    def test_a_call_that_is_there(self, document: Any) -> None:
        assert said(document) == [(Agreement.confirmed, Aspect.call)]

    @pytest.mark.parametrize(
        "field, agreement, aspect",
        [
            (AssumedField("betNr", FieldType.number), Agreement.confirmed, Aspect.field),
            (AssumedField("name", longest=140), Agreement.confirmed, Aspect.field),
            (AssumedField("born", FieldType.time), Agreement.confirmed, Aspect.field),
            (AssumedField("points", FieldType.list), Agreement.confirmed, Aspect.field),
            (AssumedField("inner", FieldType.object), Agreement.confirmed, Aspect.field),
            (AssumedField("betnr", FieldType.number), Agreement.contradicted, Aspect.field_spelling),
            (AssumedField("betNr"), Agreement.contradicted, Aspect.field_type),
            (AssumedField("absent"), Agreement.contradicted, Aspect.field_missing),
            (AssumedField("absent", optional=True), Agreement.not_described, Aspect.field_missing),
        ],
    )
    def test_fields_of_an_answer(
        self, document: Any, field: AssumedField, agreement: Agreement, aspect: Aspect
    ) -> None:
        assert said(document, shows=(field,))[1:] == [(agreement, aspect)]

    def test_what_is_sent_must_not_be_longer(self, document: Any) -> None:
        found = said(document, method="PUT", sends=(AssumedField("name", longest=141),))
        assert found[1:] == [(Agreement.contradicted, Aspect.field_length)]

    def test_fields_of_a_list_within(self, document: Any) -> None:
        found = said(document, shows=(AssumedField("id", FieldType.number),), within="points")
        assert found[1:] == [(Agreement.confirmed, Aspect.field)]

    def test_a_parameter(self, document: Any) -> None:
        found = said(document, query=("frnr", "frNr", "x"))
        assert found[1:] == [
            (Agreement.confirmed, Aspect.parameter),
            (Agreement.contradicted, Aspect.parameter),
            (Agreement.not_described, Aspect.parameter),
        ]


def test_a_method_that_is_missing() -> None:
    assert said(openapi(**BOTH), method="POST") == [(Agreement.contradicted, Aspect.method_missing)]


def test_a_path_that_is_missing() -> None:
    assert said(openapi(**BOTH), path="Termine") == [(Agreement.not_described, Aspect.call)]


def test_a_path_in_other_capitals() -> None:
    assert said(openapi(**{"/beteiligte/{nr}": GET})) == [(Agreement.contradicted, Aspect.path_spelling)]


def test_a_base_in_the_path() -> None:
    assert said(openapi(**{"/api/v1/advonet/Beteiligte/{nr}": GET})) == [(Agreement.confirmed, Aspect.call)]


def test_a_longer_path_is_another_one() -> None:
    assert said(openapi(**{"/Akten/{nr}/Beteiligte/{bet}": GET})) == [(Agreement.not_described, Aspect.call)]


def test_what_should_not_exist() -> None:
    assert said(openapi(**BOTH), method="DELETE", never=True) == [(Agreement.confirmed, Aspect.call)]
    assert said(openapi(), method="DELETE", never=True) == [(Agreement.not_described, Aspect.call)]
    there = openapi(**{"/Beteiligte/{nr}": {"delete": {}}})
    assert said(there, method="DELETE", never=True) == [(Agreement.contradicted, Aspect.unexpected_method)]


def test_a_parameter_in_the_path() -> None:
    document = openapi(**{"/Termine/{frnr}": {"get": {"parameters": [{"name": "frnr", "in": "path"}]}}})
    found = said(document, path="Termine/{frNr}", query=("frnr",))
    assert found[1:] == [(Agreement.contradicted, Aspect.parameter_elsewhere)]


def test_fields_that_nobody_describes() -> None:
    document = openapi(**{"/Beteiligte/{nr}": {"get": {"responses": {"200": {"description": "ok"}}}}})
    assert said(document, shows=(AssumedField("name"),))[1:] == [(Agreement.not_described, Aspect.no_fields)]


@pytest.mark.parametrize(
    "document", [[], "x", {}, {"openapi": "2.9"}, {"swagger": "2.0"}, {"openapi": "3.0", "paths": []}]
)
def test_no_description_at_all(document: Any) -> None:
    with pytest.raises(DocumentError):
        read(document)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Nobody"},
        {"$ref": "https://elsewhere/x.json"},
        {"$ref": 5},
        {"properties": 5},
        {"type": "array"},
        {"allOf": [{"allOf": [{"allOf": "x"}]}]},
        7,
        None,
    ],
)
def test_what_makes_no_sense_is_not_described(schema: Any) -> None:
    answers = {"200": {"content": {"application/json": {"schema": schema}}}}
    document = openapi(**{"/Beteiligte/{nr}": {"get": {"responses": answers}}})
    assert said(document, shows=(AssumedField("name"),))[1:] == [(Agreement.not_described, Aspect.no_fields)]


def test_a_circle_ends() -> None:
    found = compare(
        [AssumedCall("GET", "Beteiligte/{nr}", shows=(AssumedField("points", FieldType.list),))], read(openapi(**BOTH))
    )
    assert found[1] == ApiFinding(
        "GET Beteiligte/{nr}", Agreement.confirmed, Aspect.field, {"field": "points", "sent": False}
    )


def test_many_that_name_one_another_are_read_at_once() -> None:
    """As often as there are ways through them, it would not have ended today."""
    names = [f"Kind{number}" for number in range(12)]
    schema = {"type": "object", "properties": {name: {"$ref": f"#/components/schemas/{name}"} for name in names}}
    answers = {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Kind0"}}}}}
    document = openapi(**{"/Beteiligte/{nr}": {"get": {"responses": answers}}})
    document["components"] = {"schemas": {name: {**schema} for name in names}}
    began = time.process_time()
    assert said(document, shows=(AssumedField("Kind7", FieldType.object),))[1] == (Agreement.confirmed, Aspect.field)
    assert time.process_time() - began < 2
