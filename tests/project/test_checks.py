"""System checks: each finds its fault and is silent without it."""

from collections.abc import Callable

import pytest

from syncapp import checks

CASES = {
    "E001": (checks.field_map_names, {"ESPOCRM_FIELD_MAP": {"zusatzz": "x"}}),
    "E002": (checks.policy_groups, {"SYNC_CONFLICT_POLICY": {"stammdatn": "manual"}}),
    "E003": (checks.lease_outlives_a_call, {"SYNC_LOCK_TTL_SECONDS": 60, "ADVOWARE_TIMEOUT_SECONDS": 30.0}),
    "E004": (checks.key_file_is_named_in_full, {"GOOGLE_SERVICE_ACCOUNT_FILE": "google.json"}),
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
