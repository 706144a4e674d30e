"""Both clients at the stand-ins, as the settings make them."""

from typing import Any

import pytest

from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.registry import advoware_client, espocrm_client, forget
from tests.support.sandbox import Sandbox


@pytest.fixture
def espocrm(sandbox: Sandbox, settings: Any) -> EspoClient:
    settings.ESPOCRM_API_KEY, settings.ESPOCRM_SECRET_KEY = "sandbox-espo-key", ""
    return espocrm_client()


@pytest.fixture
def advoware(sandbox: Sandbox, redis_url: str) -> AdvowareClient:
    forget()
    return advoware_client()
