"""`doctor --compare-api`: the stand-in's own description, each way in which a vendor's may differ, and bad files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import CommandError, call_command
from django.utils import translation

from advosync_project.declarations import SETTINGS
from syncapp.core.api_description import document
from syncapp.core.api_description.compare import Agreement, Aspect
from syncapp.operations.doctor.compare_api import FileRefused, compare_file, compared, spoken
from syncapp.remotes.advoware import client
from syncapp.remotes.advoware.assumptions import ApiChoices, assumed_calls
from syncapp.remotes.advoware.quirks import OPEN_QUESTIONS, QUIRKS
from syncapp.words.doctor.api_comparison import SAID
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


@pytest.mark.parametrize(
    "switches, chosen",
    [
        ({"termin_number_in": "path"}, {"ADVOWARE_TERMIN_NUMBER_IN": "path"}),
        ({"termin_number_in": "body"}, {"ADVOWARE_TERMIN_NUMBER_IN": "body"}),
        ({}, {"ADVOWARE_ADRESSE_KEY": "reihenfolgeIndex"}),
        ({"bank_list": "embedded"}, {"ADVOWARE_BANK_LIST": "embedded:bankverbindungen", "ESPOCRM_BANK_ENTITY": "C"}),
        ({"bank_list": "get"}, {"ADVOWARE_BANK_LIST": "get", "ESPOCRM_BANK_ENTITY": "C"}),
    ],
    ids=str,
)
def test_a_setting_that_fits_ends_the_contradiction(
    described: Any, settings: Any, switches: dict[str, object], chosen: dict[str, str]
) -> None:
    for name, value in chosen.items():
        setattr(settings, name, value)
    assert contradictions(described(**switches)) == []


def renamed(description: dict[str, Any], schema: str, old: str, new: str) -> dict[str, Any]:
    fields = description["components"]["schemas"][schema]["properties"]
    fields[new] = fields.pop(old)
    return description


def test_names_of_an_account_are_a_setting(described: Any, settings: Any) -> None:
    description = renamed(described(), "Bankverbindung", "kontoinhaber", "inhaber")
    found = contradictions(description)
    assert any(line.startswith("The fields of a bank account.: not among them: kontoinhaber") for line in found)
    settings.ADVOWARE_BANK_MAP = {"kontoinhaber": "inhaber"}
    assert contradictions(description) == []


def test_paths_are_settings(described: Any, settings: Any) -> None:
    description = json.loads(json.dumps(described()).replace("/Adressen", "/Anschriften").replace("/Mita", "/Anwa"))
    assert "not_described" in {line.agreement for line in compared(document.read(description)) if "/Adr" in line.about}
    settings.ADVOWARE_ADRESSEN_PATH, settings.ADVOWARE_EMPLOYEES_PATH = "Anschriften", "Anwarbeiter"
    lines = compared(document.read(description))
    confirmed = {line.about for line in lines if line.agreement is Agreement.confirmed}
    assert {"POST Beteiligte/{betNr}/Anschriften", "GET Anwarbeiter"} <= confirmed
    assert contradictions(description) == []


def test_what_is_not_read_is_not_assumed(described: Any) -> None:
    """Accounts are written, and their list is read nowhere: a description without it contradicts nothing."""
    description = described()
    del description["paths"]["/Beteiligte/{betNr}/Bankverbindungen"]["get"]
    assert contradictions(description) == []


def test_choices_are_those_of_the_settings() -> None:
    plain = ApiChoices()
    declared = {
        "ADVOWARE_ADRESSEN_PATH": plain.addresses_path,
        "ADVOWARE_ADRESSE_KEY": plain.address_key,
        "ADVOWARE_BANK_PATH": plain.accounts_path,
        "ADVOWARE_BANK_LIST": plain.accounts_read,
        "ADVOWARE_TERMIN_NUMBER_IN": plain.termin_number_in,
        "ADVOWARE_EMPLOYEES_PATH": plain.employees_path,
    }
    assert {name: SETTINGS[name].default for name in declared} == declared


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


@pytest.mark.parametrize("prefix", ["api/v1", "v1/advonet", ""])
def test_a_prefix_that_is_only_a_part_of_the_described_one_does_not_fit(
    described: Any, settings: Any, prefix: str
) -> None:
    settings.ADVOWARE_API_PREFIX = prefix
    assert any("ADVOWARE_API_PREFIX is" in line for line in contradictions(described()))


def test_each_assumption_of_the_documentation_has_a_line(described: Any) -> None:
    lines = {line.about: line for line in compared(document.read(described()))}
    known = {quirk.what for quirk in QUIRKS} | {question.what for question in OPEN_QUESTIONS}
    assert known <= set(lines)
    assert set(spoken.SPOKEN_OF) <= known
    silent = lines["Times have no zone."]
    assert (silent.agreement, silent.said) == (Agreement.not_described, "the document says nothing about it")


def said(description: dict[str, Any], about: str) -> str:
    (line,) = (line for line in compared(document.read(description)) if line.about == about)
    return f"{line.agreement}: {line.said}"


def test_open_questions_are_answered(described: Any, settings: Any) -> None:
    about = {question.what for question in OPEN_QUESTIONS} & set(spoken.SPOKEN_OF)
    description = changed(
        described(bank_list="embedded"), "Kommunikation", bemerkung={"type": "string", "maxLength": 80}
    )
    description["paths"]["/Beteiligte"]["get"] = {}
    answers = {one: said(description, one) for one in about}
    assert answers == {
        "How long a remark of a contact point may be.": "confirmed: described: up to 80 characters",
        "Whether people can be listed or searched.": "confirmed: GET Beteiligte is described; nothing relies on it",
        "Which number an address has in the API.": "confirmed: described: id, reihenfolgeIndex; "
        "ADVOWARE_ADRESSE_KEY is id",
        "What addresses and bank accounts are called in the API.": "confirmed: described are Adressen, "
        "Bankverbindungen, Kommunikationen; the settings name Adressen, Bankverbindungen",
        "Whether and where bank accounts can be read.": "confirmed: described: embedded:bankverbindungen, get; "
        "ADVOWARE_BANK_LIST is none",
        "The fields of a bank account.": "confirmed: all that are sent are described",
        "What the answer to a new address looks like.": "confirmed: described: object, which is read",
    }
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    assert said(description, "Whether and where bank accounts can be read.").startswith("contradicted")


def test_where_the_document_is_silent_no_question_is_answered() -> None:
    empty = {"swagger": "2.0", "paths": {}}
    assert {said(empty, question.what) for question in OPEN_QUESTIONS} == {
        "not_described: the document says nothing about it"
    }


def test_the_length_that_a_field_takes_is_told(described: Any) -> None:
    description = changed(described(), "Adresse", strasse={"type": "string", "maxLength": 40})
    lines = [line.said for line in compared(document.read(description)) if line.about.startswith("POST")]
    assert "field strasse as assumed; it takes 40 characters" in lines
    short = changed(described(), "Bankverbindung", iban={"type": "string", "maxLength": 22})
    assert any("field iban takes 22 characters, where up to 34 are sent" in line for line in contradictions(short))


def test_every_point_has_its_words() -> None:
    assert {aspect for aspect, _agreement in SAID} == set(Aspect)


def test_every_call_of_the_client_is_assumed() -> None:
    """By the paths that the client's sources name."""
    folder = Path(client.__file__).parent
    sources = "\n".join(path.read_text() for path in folder.glob("*.py") if path.name != "assumptions.py")
    calls = assumed_calls(ApiChoices())
    for path in ("Beteiligte", "Kommunikationen", "Termine", "Rechtsformen"):
        assert path in sources
        assert any(path in call.path for call in calls)
    methods = {(call.method, call.path.split("/")[0]) for call in calls if not call.never}
    assert {("GET", "Beteiligte"), ("POST", "Beteiligte"), ("PUT", "Beteiligte"), ("DELETE", "Termine")} <= methods


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "it is no JSON"),
        (b"openapi: 3.0.1\n", "YAML"),
        (b"[]", "it is no JSON object"),
        (b"{}", "neither"),
        (b'{"swagger": "2.0"}', "it has no paths"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 200_000, "no"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(FileRefused, match=told):
        compare_file(path)


def test_the_reason_is_told_in_the_reader_s_language(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text("[]")
    with translation.override("de"), pytest.raises(FileRefused, match="es ist kein JSON-Objekt"):
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
