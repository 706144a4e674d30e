"""The clients of the settings: the same one while nothing changes, another one when a setting does."""

from typing import Any

from syncapp.remotes.registry import (
    advoware_client,
    espocrm_client,
    forget,
    google_calendar_client,
    google_calendar_in_use,
)


def test_one_of_each_per_process(settings: Any) -> None:
    assert espocrm_client() is espocrm_client()
    assert advoware_client() is advoware_client()


def test_other_settings_other_clients(settings: Any) -> None:
    before = espocrm_client(), advoware_client()
    settings.ESPOCRM_API_BASE_URL = "http://elsewhere/api/v1"
    settings.ESPOCRM_SECRET_KEY = ""
    settings.ADVOWARE_PASSWORD = "another"
    assert espocrm_client() is not before[0]
    assert espocrm_client().config.base_url == "http://elsewhere/api/v1"
    assert espocrm_client().config.secret_key is None
    assert advoware_client() is not before[1]
    assert advoware_client().config.token_key != before[1].config.token_key


def test_forget() -> None:
    before = espocrm_client(), advoware_client()
    forget()
    assert espocrm_client() is not before[0]
    assert advoware_client() is not before[1]


def test_google_calendar_comes_with_its_key_file(settings: Any) -> None:
    assert not google_calendar_in_use()
    settings.GOOGLE_SERVICE_ACCOUNT_FILE = "/etc/advosync/google.json"
    assert google_calendar_in_use()
    before = google_calendar_client()
    assert google_calendar_client() is before
    settings.GOOGLE_DELEGATED_USER = "kalender@kanzlei.example"
    assert google_calendar_client().config.delegated_user == "kalender@kanzlei.example"
    forget()
    settings.GOOGLE_DELEGATED_USER = ""
    assert google_calendar_client() is not before
