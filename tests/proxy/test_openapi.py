"""The description for programs: valid, drawn from the tables, and true of what the addresses really answer."""

import json
import re
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from syncapp.core.proxy.codes import Code, ProxyRefusal
from syncapp.core.proxy.resources import RESOURCES, row_of
from syncapp.proxy import openapi, repetitions
from tests.proxy.support import Program, program
from tests.support.processes import ROOT

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
N8N = sorted((ROOT / "docs/n8n").glob("*.json"))


def test_the_file_is_valid():
    table = (*RESOURCES, row_of("GET+PUT Büro/{id}/Notizen/{int}"), row_of("GET *"))
    document = json.loads(json.dumps(openapi.document(table, base="https://sync.example.org/")))
    OpenAPIV31SpecValidator(document).validate()
    assert document["servers"] == [{"url": "https://sync.example.org"}]
    assert "/advoware/api/Büro/{id1}/Notizen/{id2}" in document["paths"]
    assert not any("*" in path for path in document["paths"])


def test_every_row_and_method_is_in_it():
    paths = openapi.document(RESOURCES)["paths"]
    described = {
        (path.removeprefix("/advoware/api/"), method)
        for path, item in paths.items()
        for method in item
        if path.startswith("/advoware/api/") and method != "parameters"
    }
    numbered = {
        (template.replace("{int}", "{id1}", 1).replace("{int}", "{id2}").replace("{id}", "{id1}"), method.lower())
        for template, method in ((row.template, method) for row in RESOURCES for method in row.methods)
    }
    assert described == numbered


def test_rows_of_one_path_are_one_item():
    added = ("GET Beteiligte/{int}/Adressen", "GET Beteiligte/{int}", "DELETE Akten/{int}", "GET Akten/{int}")
    document = json.loads(json.dumps(openapi.document((*map(row_of, added), *RESOURCES))))
    OpenAPIV31SpecValidator(document).validate()
    paths = document["paths"]
    assert set(paths["/advoware/api/Beteiligte/{id1}/Adressen"]) == {"parameters", "get", "post"}
    assert set(paths["/advoware/api/Beteiligte/{id1}"]) == {"parameters", "get", "put"}
    files = paths["/advoware/api/Akten/{id1}"]
    assert files["get"]["operationId"] == "get_Akten_id"
    assert files["parameters"][0]["schema"] == openapi.SEGMENT
    assert [given["schema"] for given in files["delete"]["parameters"] if given["in"] == "path"] == [openapi.INTEGER]


def test_operations_have_names_of_their_own():
    paths = openapi.document((*RESOURCES, *map(row_of, ("PUT Akten/{int}", "GET Beteiligte/{int}/Adressen"))))["paths"]
    names = [item[method]["operationId"] for item in paths.values() for method in item if method != "parameters"]
    assert len(names) == len(set(names))


def test_every_code_is_described():
    document = openapi.document(RESOURCES)
    codes = set(document["components"]["schemas"]["Fault"]["properties"]["code"]["enum"])
    assert codes == {code.value for code in Code} - {"ok", "dry_run"}
    said = json.dumps(document["paths"]["/advoware/proxy"]["get"]["responses"])
    assert all(f"{code}:" in said for code in codes)


def test_the_stored_file_is_what_an_installation_without_rows_of_its_own_answers(caller: Program, settings):
    settings.PUBLIC_URL = ""
    assert caller.send("GET", "/advoware/openapi.json").json == json.loads((ROOT / "docs/openapi.json").read_text())


@pytest.mark.parametrize(
    "text", ["attempt-0001", "attempt 0001", "12345678", "1234567", "x" * 128, "x" * 129, "umlaut-äöü-1", "a\tb-123456"]
)
def test_a_repetition_key_is_described_as_it_is_taken(text: str):
    given = openapi.document(RESOURCES)["paths"]["/advoware/api/Beteiligte"]["post"]["parameters"]
    said = next(one["schema"] for one in given if one["name"] == "Idempotency-Key")
    fits = said["minLength"] <= len(text) <= said["maxLength"] and re.search(said["pattern"], text)
    try:
        taken = bool(repetitions.name_of({"Idempotency-Key": text}))
    except ProxyRefusal:
        taken = False
    assert bool(fits) is taken


def test_a_key_is_needed_for_it(switched_on):
    assert Program("").send("GET", "/advoware/openapi.json").status == 401


def test_what_is_answered_is_what_is_described(web, switched_on):
    """Schemathesis: whatever the description allows, and much that it does not, gets an answer that it describes."""
    key = program().key
    with web() as installation:
        headers = {"X-Api-Key": key}
        described = requests.get(f"{installation.origin}/advoware/openapi.json", headers=headers, timeout=20).json()
        schema = schemathesis.openapi.from_dict(described)
        asked = 0
        for found in schema.get_all_operations():
            operation = found.ok()

            @profile(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
            @given(case=operation.as_strategy())
            def check(case):
                nonlocal asked
                response = case.call(base_url=installation.origin, headers=headers, timeout=20)
                case.validate_response(response, checks=CHECKS)
                assert response.status_code != 500
                asked += 1

            check()
    assert asked > 100


@pytest.mark.parametrize("path", N8N, ids=lambda path: path.stem)
def test_workflow_of_n8n(path: Path):
    """Importable: nodes with ids and types, connections between nodes that exist, no key in it; ours are addressed."""
    workflow = json.loads(path.read_text())
    nodes = {node["name"]: node for node in workflow["nodes"]}
    assert len(nodes) == len(workflow["nodes"])
    assert len({node["id"] for node in workflow["nodes"]}) == len(nodes)
    for node in nodes.values():
        assert {"id", "name", "type", "typeVersion", "position", "parameters"} <= set(node)
    for source, outputs in workflow["connections"].items():
        assert source in nodes
        for output in outputs["main"]:
            assert all(target["node"] in nodes for target in output)
    calls = [node for node in nodes.values() if node["type"] == "n8n-nodes-base.httpRequest"]
    assert calls
    for call in calls:
        assert "/advoware/" in call["parameters"]["url"]
        assert call["parameters"]["genericAuthType"] == "httpHeaderAuth"
        assert set(call["credentials"]["httpHeaderAuth"]) == {"id", "name"}
    assert "advo_" not in path.read_text()


def test_there_are_three_workflows():
    assert len(N8N) == 3
