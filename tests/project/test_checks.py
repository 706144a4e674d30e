"""System checks: each finds its fault and is silent without it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from syncapp import checks

CASES = {
    "E001": (checks.field_map_names, {"ESPOCRM_FIELD_MAP": {"zusatzz": "x"}}),
    "E002": (checks.policy_groups, {"SYNC_CONFLICT_POLICY": {"stammdatn": "manual"}}),
    "E003": (checks.lease_outlives_a_call, {"SYNC_LOCK_TTL_SECONDS": 60, "ADVOWARE_TIMEOUT_SECONDS": 30.0}),
    "E004": (checks.key_file_is_named_in_full, {"GOOGLE_SERVICE_ACCOUNT_FILE": "google.json"}),
    "E005": (checks.proxy_resources, {"PROXY_RESOURCES": ["no such row"]}),
    "E006": (checks.address_fields_are_named, {"ESPOCRM_ADRESSEN": "field"}),
    "E007": (checks.accounts_have_a_first_day, {"ESPOCRM_BANK_ENTITY": "CBankverbindungen"}),
    "E008": (checks.child_map_names, {"ESPOCRM_ADRESSEN_MAP": {"street": "x"}}),
    "E009": (
        checks.address_fields_are_named,
        {"ESPOCRM_ADRESSEN": "field", "ESPOCRM_ADRESSEN_FIELDS": ["address", "address"]},
    ),
    "E010": (checks.entities_are_named, {"ESPOCRM_ADRESSEN": "entity", "ESPOCRM_ADRESSEN_ENTITY": ""}),
    "E011": (
        checks.entities_are_named,
        {"ESPOCRM_BANK_ENTITY": "CBankverbindungen", "ESPOCRM_BANK_LINK": "beteiligte"},
    ),
    "E012": (checks.entities_are_named, {"ESPOCRM_ADRESSEN": "entity", "ESPOCRM_BANK_ENTITY": "CAdressen"}),
    "E013": (checks.lists_of_advoware_differ, {"ADVOWARE_BANK_LIST": "embedded:adressen"}),
    "E014": (
        checks.lists_of_advoware_differ,
        {"ESPOCRM_BANK_ENTITY": "CBankverbindungen", "ADVOWARE_BANK_PATH": "Adressen"},
    ),
    "E016": (checks.sign_in_is_whole, {"OIDC_ISSUER": "https://login.kanzlei.example"}),
    "E017": (checks.public_url_is_answered, {"PUBLIC_URL": "https://sync.example.org", "ALLOWED_HOSTS": ["sync"]}),
    "E018": (
        checks.public_url_is_answered,
        {"PUBLIC_URL": "http://sync.example.org", "ALLOWED_HOSTS": ["*"], "SECURE_SSL_REDIRECT": True},
    ),
    "W007": (
        checks.proxy_headers_are_believed,
        {"PUBLIC_URL": "https://sync.example.org", "TRUST_PROXY_HEADERS": False},
    ),
    "W008": (checks.a_sweep_comes_before_its_alert, {"ALERT_NO_SWEEP_MINUTES": 15, "SYNC_SWEEP_MINUTES": 15}),
    "W006": (checks.sign_in_is_whole, {"OIDC_CLIENT_ID": "advosync"}),
    "W005": (checks.settings_without_effect, {"ADVOWARE_BANK_LIST": "get"}),
    "W002": (checks.remote_systems_over_tls, {"ESPOCRM_API_BASE_URL": "http://crm.example.org/api/v1"}),
    "W004": (checks.delegation_needs_a_key, {"GOOGLE_DELEGATED_USER": "kalender@kanzlei.example"}),
    "W003": (checks.no_sandbox_in_production, {"SANDBOX": True}),
}


@pytest.mark.parametrize("number", CASES)
def test_check_finds_its_fault(number: str, settings):
    check, faulty = CASES[number]
    for name, value in faulty.items():
        setattr(settings, name, value)
    assert [message.id for message in check(None)] == [f"advosync.{number}"]


@pytest.mark.parametrize("check", [check for check, _faulty in CASES.values()], ids=CASES)
def test_check_is_silent_without_a_fault(check: Callable[..., list[object]], settings):
    settings.SANDBOX = False
    assert check(None) == []


@pytest.mark.parametrize(
    "url, more",
    [
        ("https://sync.example.org", {"ALLOWED_HOSTS": ["sync.example.org"]}),
        ("https://Sync.Example.org:8443/advosync", {"ALLOWED_HOSTS": [".example.org"]}),
        ("http://127.0.0.1:8000", {"ALLOWED_HOSTS": ["127.0.0.1"], "SECURE_SSL_REDIRECT": False}),
        ("http://[::1]:8000", {"ALLOWED_HOSTS": ["[::1]"], "SECURE_SSL_REDIRECT": False}),
        *(
            (url, {"ALLOWED_HOSTS": ["inside"], "CSRF_TRUSTED_ORIGINS": [origin]})
            for url, origin in (
                ("https://sync.example.org", "https://sync.example.org"),
                ("https://sync.example.org", "https://*.example.org"),
                ("https://Sync.example.org.:443", "https://sync.example.org"),
            )
        ),
    ],
)
def test_an_address_that_is_answered(url: str, more: dict[str, object], settings):
    settings.PUBLIC_URL, settings.SECURE_SSL_REDIRECT = url, True
    for name, value in more.items():
        setattr(settings, name, value)
    assert checks.public_url_is_answered(None) == []


def test_google_s_time_counts_only_where_calendars_are_synced(settings):
    settings.GOOGLE_TIMEOUT_SECONDS = 1000.0
    assert checks.lease_outlives_a_call(None) == []
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    assert [message.id for message in checks.lease_outlives_a_call(None)] == ["advosync.E003"]


def test_misspelled_setting_is_named_with_a_suggestion(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SYNC_MAX_RETRY", "3")
    (warning,) = checks.unknown_names(None)
    assert "SYNC_MAX_RETRY" in warning.msg
    assert warning.hint == "Did you mean SYNC_MAX_RETRIES?"


def test_declared_settings_are_not_warned_about(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SYNC_MAX_RETRIES", "3")
    assert checks.unknown_names(None) == []


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"BANK_BLIND_POST": True}, "BANK_BLIND_POST"),
        (
            {"BANK_BLIND_POST": True, "ESPOCRM_BANK_ENTITY": "CBank", "ADVOWARE_BANK_LIST": "get"},
            "BANK_BLIND_POST",
        ),
        ({"ESPOCRM_ADRESSEN_FIELDS": ["billingAddress"]}, "ESPOCRM_ADRESSEN_FIELDS"),
    ],
)
def test_a_setting_of_lists_without_effect_is_named(changes: dict[str, object], named: str, settings):
    for name, value in changes.items():
        setattr(settings, name, value)
    (warning,) = checks.settings_without_effect(None)
    assert warning.msg.startswith(f"{named} has no effect")


def test_both_lists_in_one_entity_with_the_record_s_own_is_refused(settings):
    settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_ADRESSEN_ENTITY = "entity", settings.ESPOCRM_ENTITY_TYPE
    assert [message.id for message in checks.entities_are_named(None)] == ["advosync.E012"]


def test_no_number_of_a_check_stands_for_two_of_them():
    source = Path(checks.__file__).read_text()
    numbers = re.findall(r'id="advosync\.([EW]\d+)"', source)
    numbers += set(re.findall(r'"(E\d{3})"\)', source))
    assert sorted(numbers) == sorted(set(numbers))
