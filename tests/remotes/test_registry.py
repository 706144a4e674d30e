"""The clients of the settings: the same one while nothing changes, another one when a setting does."""

from typing import Any

from syncapp.remotes.registry import advoware_client, espocrm_client, forget


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
