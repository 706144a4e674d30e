"""The doctor on addresses and bank accounts: each fault made, and nothing at all where both are off."""

from collections.abc import Callable
from typing import Any

import pytest

from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import SyncRecord
from syncapp.operations.doctor import Light
from syncapp.operations.doctor.lists import CHECKS
from syncapp.words.doctor.faults import FAULTS
from syncapp.words.doctor.list_faults import LISTS
from tests.commands.conftest import Firm, manage
from tests.commands.test_doctor import codes, workers  # noqa: F401

NAMES = tuple(check.name for check in CHECKS)
Act = Callable[[Firm, Any], object]


@pytest.fixture
def lists(firm: Firm, settings: Any) -> Firm:
    settings.PUBLIC_URL = "https://sync.example.org"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "sync.example.org"]
    settings.ESPOCRM_ADRESSEN = "entity"
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    settings.ADVOWARE_BANK_LIST = "embedded:bankverbindungen"
    firm.sandbox.advoware(bank_list="embedded")
    remote_metadata.forget()
    _espo_id, betnr = firm.pair()
    _post(firm, betnr, "Adressen", {"strasse": "Lindenallee 4", "plz": "30159", "ort": "Hannover"})
    _post(firm, betnr, "Bankverbindungen", {"iban": "DE89370400440532013000", "kontoinhaber": "Erika Mustermann"})
    return firm


def _post(firm: Firm, betnr: int, which: str, body: dict[str, object]) -> None:
    firm.sandbox.clerk._call("POST", f"Beteiligte/{betnr}/{which}", json=body)


def set_to(**changes: Any) -> Act:
    return lambda _firm, settings: [setattr(settings, name, value) for name, value in changes.items()]


def role(**levels: Any) -> Act:
    return lambda firm, _settings: firm.sandbox.control.tell("espocrm/role", **levels)


def advoware(**switches: Any) -> Act:
    return lambda firm, _settings: firm.sandbox.advoware(**switches)


FIELD = {"ESPOCRM_ADRESSEN": "field", "ESPOCRM_ADRESSEN_FIELDS": ["workAddress"]}
CASES: dict[str, Act] = {
    "list_map_wrong": set_to(ESPOCRM_ADRESSEN_MAP={"street": "x"}),
    "list_no_entity": set_to(ESPOCRM_ADRESSEN_ENTITY="CNirgends"),
    "list_missing": set_to(ESPOCRM_ADRESSEN_MAP={"strasse": "strassse"}),
    "list_type": set_to(ESPOCRM_ADRESSEN_MAP={"strasse": "istAktiv"}),
    "list_number": set_to(ESPOCRM_ADRESSEN_ENTITY="CAnschriften"),
    "list_no_right": role(CAdressen={"create": "no", "read": "all", "edit": "all", "delete": "no"}),
    "list_no_delete": set_to(ADRESSE_REMOVE="delete"),
    "list_no_prefix": set_to(**FIELD),
    "list_not_shown": advoware(omit_adressen=True),
    "list_not_readable": set_to(ADVOWARE_BANK_LIST="get"),
    "list_no_number": set_to(ADVOWARE_ADRESSE_KEY="nummer"),
    "bank_same_number": lambda firm, settings: [
        _post(firm, SyncRecord.objects.get().betnr or 0, "Bankverbindungen", {"iban": "DE02120300000000202051"}),
        advoware(bank_numbers="zero")(firm, settings),
    ],
    "bank_no_iban": set_to(ADVOWARE_BANK_MAP={"iban": "IBAN"}),
    "bank_list_found": set_to(ADVOWARE_BANK_LIST="none"),
    "bank_blind": lambda firm, settings: [
        advoware(bank_list="none")(firm, settings),
        set_to(ADVOWARE_BANK_LIST="none")(firm, settings),
    ],
}


def test_there_is_a_case_for_every_fault() -> None:
    assert set(CASES) == set(LISTS)


@pytest.mark.parametrize("code", CASES)
def test_fault(lists: Firm, settings: Any, code: str) -> None:
    CASES[code](lists, settings)
    assert codes(*NAMES).get(code) is LISTS[code].light


def test_an_installation_as_it_should_be_has_no_line(lists: Firm) -> None:
    assert codes(*NAMES) == {}


def test_a_role_for_some_addresses_only_is_told(lists: Firm, settings: Any) -> None:
    role(CAdressen={"create": "yes", "read": "team", "edit": "all", "delete": "no"})(lists, settings)
    assert codes(*NAMES) == {"rights_limited": FAULTS["rights_limited"].light}


@pytest.mark.parametrize("name", ["beteiligteNrId", "beteiligte"])
def test_a_link_that_is_not_there_is_named(lists: Firm, settings: Any, name: str) -> None:
    settings.ESPOCRM_ADRESSEN_LINK = name
    said = manage("doctor", "--only", "list_entities", "--language", "en").out
    assert f"lacks {name} (link)" in said


def test_keys_are_told_and_values_are_not(lists: Firm, settings: Any) -> None:
    settings.ADVOWARE_BANK_LIST = "none"
    settings.ADVOWARE_ADRESSE_KEY = "nummer"
    said = manage("doctor", "--only", "list_accounts", "--only", "list_addresses", "--language", "en").out
    assert "bankverbindungen" in said
    assert "reihenfolgeIndex" in said
    for value in ("DE89", "Mustermann", "Lindenallee", "30159"):
        assert value not in said


@pytest.mark.parametrize("where", ["embedded", "get"])
@pytest.mark.parametrize(
    "code, key", [("bank_same_number", "“id”"), ("bank_no_iban", "Found: iban.")], ids=["one number", "no iban"]
)
def test_accounts_that_nobody_can_tell_apart_are_told_with_what_was_found(
    lists: Firm, settings: Any, where: str, code: str, key: str
) -> None:
    lists.sandbox.advoware(bank_list=where)
    settings.ADVOWARE_BANK_LIST = "get" if where == "get" else "embedded:bankverbindungen"
    CASES[code](lists, settings)
    assert codes(*NAMES) == {code: LISTS[code].light}
    said = manage("doctor", "--only", "list_accounts", "--language", "en").out
    assert key in said
    assert "Mustermann" not in said
    assert "DE89" not in said


def test_a_map_that_is_impossible_is_told_once(lists: Firm, settings: Any) -> None:
    settings.ADVOWARE_BANK_MAP = {"nummer": "x"}
    assert codes(*NAMES) == {"list_map_wrong": Light.RED}


def test_the_list_at_its_own_address_is_read_where_it_is_named_so(lists: Firm, settings: Any) -> None:
    settings.ADVOWARE_BANK_LIST = "get"
    lists.sandbox.advoware(bank_list="get")
    assert codes(*NAMES) == {}


def test_switched_off_nothing_is_asked_and_nothing_found(firm: Firm, settings: Any) -> None:
    firm.pair()
    firm.sandbox.clear_calls()
    assert codes(*NAMES) == {}
    asked = [path for _system, _method, path in firm.sandbox.calls()]
    assert not [path for path in asked if "Metadata" in path and "CAdressen" in path]
    assert not [path for path in asked if path.endswith(("/Adressen", "/Bankverbindungen"))]


def test_what_was_read_anew_is_kept(lists: Firm, settings: Any) -> None:
    assert codes("list_entities") == {}
    assert "strasse" in (remote_metadata.child_attributes("CAdressen") or ())
    settings.ESPOCRM_ADRESSEN_ENTITY = "CNirgends"
    assert codes("list_entities") == {"list_no_entity": Light.RED}
    assert remote_metadata.child_attributes("CNirgends") == frozenset()
