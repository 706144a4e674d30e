"""`doctor --compare-api`: the stand-in's own description, each way in which a vendor's may differ, and bad files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.utils import translation

from syncapp.core.api_description import document
from syncapp.core.api_description.compare import Agreement, Aspect
from syncapp.operations.doctor import compare_api
from syncapp.operations.doctor.compare_api import FileRefused, compare_file, compared
from syncapp.remotes.advoware import client
from syncapp.remotes.advoware.assumptions import ASSUMED
from syncapp.remotes.advoware.quirks import QUIRKS
from tests.support.sandbox import Sandbox


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def described(sandbox: Sandbox) -> Any:
    """The description that the stand-in Advoware serves, as it is set up now."""

    def fetch(**switches: object) -> dict[str, Any]:
        sandbox.advoware(**switches)
        session = requests.Session()
        session.trust_env = False
        answer = session.get(f"{sandbox.advoware_url}/swagger/v1/swagger.json", timeout=10)
        return dict(answer.json())

    return fetch


def contradictions(description: dict[str, Any]) -> list[str]:
    lines = compared(document.read(description))
    return [f"{line.about}: {line.said}" for line in lines if line.agreement is Agreement.contradicted]


def test_the_stand_in_is_as_assumed(described: Any) -> None:
    assert contradictions(described(bank_list="embedded")) == []


@pytest.mark.parametrize(
    "switches, told",
    [
        ({"termin_names": "pascal"}, "field frNr is spelled FrNr"),
        ({"termin_number_in": "path"}, "described: path; ADVOWARE_TERMIN_NUMBER_IN is query"),
        ({"termin_number_in": "body"}, "described: body; ADVOWARE_TERMIN_NUMBER_IN is query"),
    ],
)
def test_another_habit_is_told(described: Any, switches: dict[str, object], told: str) -> None:
    assert any(told in line for line in contradictions(described(**switches)))


def changed(description: dict[str, Any], schema: str, **fields: Any) -> dict[str, Any]:
    description["components"]["schemas"][schema]["properties"] |= fields
    return description


def test_a_shorter_field_is_told(described: Any) -> None:
    found = contradictions(changed(described(), "Beteiligter", vorname={"type": "string", "maxLength": 20}))
    assert "POST Beteiligte: field vorname takes 20 characters, where up to 30 are sent" in found


def test_another_type_is_told(described: Any) -> None:
    found = contradictions(changed(described(), "Beteiligter", betNr={"type": "string"}))
    assert "GET Beteiligte/{betNr}: field betNr is text, where number was assumed" in found


def test_a_delete_of_people_is_told(described: Any) -> None:
    description = described()
    description["paths"]["/Beteiligte/{betNr}"]["delete"] = {}
    assert "A DELETE is answered with 403.: described: DELETE Beteiligte/{betNr}" in contradictions(description)


def test_another_prefix_is_told(described: Any) -> None:
    description = described() | {"servers": [{"url": "https://firm/api/v2"}]}
    assert any("ADVOWARE_API_PREFIX is api/v1/advonet" in line for line in contradictions(description))


def test_each_assumption_of_the_documentation_has_a_line(described: Any) -> None:
    lines = {line.about: line for line in compared(document.read(described()))}
    assert {quirk.what for quirk in QUIRKS} <= set(lines)
    assert set(compare_api.SPOKEN_OF) <= {quirk.what for quirk in QUIRKS}
    silent = lines["Times have no zone."]
    assert (silent.agreement, silent.said) == (Agreement.not_described, "the document says nothing about it")


def test_every_point_has_its_words() -> None:
    assert {aspect for aspect, _agreement in compare_api.SAID} == set(Aspect)


def test_every_call_of_the_client_is_assumed() -> None:
    """By the paths that the client's sources name."""
    folder = Path(client.__file__).parent
    sources = "\n".join(path.read_text() for path in folder.glob("*.py") if path.name != "assumptions.py")
    for path in ("Beteiligte", "Kommunikationen", "Termine", "Rechtsformen"):
        assert path in sources
        assert any(path in call.path for call in ASSUMED)
    methods = {(call.method, call.path.split("/")[0]) for call in ASSUMED if not call.never}
    assert {("GET", "Beteiligte"), ("POST", "Beteiligte"), ("PUT", "Beteiligte"), ("DELETE", "Termine")} <= methods


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "it is no JSON"),
        (b"openapi: 3.0.1\n", "YAML"),
        (b"[]", "a JSON object was expected"),
        (b"{}", "neither"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 200_000, "no"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=told):
        compare_file(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="cannot be read"):
        compare_file(tmp_path / "absent.json")


def test_the_command(described: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "swagger.json"
    path.write_text(json.dumps(described(bank_list="embedded")))
    call_command("doctor", "--compare-api", str(path), "--language", "en")
    out = capsys.readouterr().out
    assert "ok GET Beteiligte/{betNr}" in out
    assert "0 contradicted" in out
    description = described(bank_list="embedded")
    del description["paths"]["/Beteiligte"]["post"]
    description["paths"]["/Beteiligte"]["get"] = {}
    path.write_text(json.dumps(description))
    with pytest.raises(CommandError, match="1 contradicted"):
        call_command("doctor", "--compare-api", str(path), "--language", "en")
    assert "POST Beteiligte" in capsys.readouterr().out


def test_the_command_in_json(described: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "swagger.json"
    path.write_text(json.dumps(described(bank_list="embedded")))
    call_command("doctor", "--compare-api", str(path), "--json")
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is True
    assert {"about", "agreement", "said"} == set(told["lines"][0])
