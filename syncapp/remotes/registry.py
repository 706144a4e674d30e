"""The remote systems: their clients as the settings describe them, one of each per process, and how each answers.

Invariant: nothing is opened before the first call, so importing or building a client cannot fail on the network. Other
settings (in tests) get other clients; `forget()` also drops the connections and tokens of those there are.
"""

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from syncapp.core.systems import System
from syncapp.remotes.advoware.answers import ANSWERS as advoware_answers
from syncapp.remotes.advoware.client import AdvoConfig, AdvowareClient
from syncapp.remotes.advoware.quirks import QUIRKS as ADVOWARE_QUIRKS
from syncapp.remotes.advoware.sign_of_life import RedisSignOfLife
from syncapp.remotes.espocrm.answers import ANSWERS as espocrm_answers
from syncapp.remotes.espocrm.client import EspoClient, EspoConfig
from syncapp.remotes.espocrm.quirks import QUIRKS as ESPOCRM_QUIRKS
from syncapp.remotes.google_calendar.answers import ANSWERS as google_calendar_answers
from syncapp.remotes.google_calendar.client import GoogleCalendarClient, GoogleConfig
from syncapp.remotes.google_calendar.quirks import QUIRKS as GOOGLE_CALENDAR_QUIRKS
from syncapp.remotes.google_calendar.quota import RedisQuota
from syncapp.remotes.http.answers import Answers
from syncapp.remotes.http.quirks import Quirk
from syncapp.remotes.http.tokens import RedisTokenStore


def espocrm_client() -> EspoClient:
    return _espocrm(
        EspoConfig(
            base_url=settings.ESPOCRM_API_BASE_URL,
            api_key=settings.ESPOCRM_API_KEY,
            secret_key=settings.ESPOCRM_SECRET_KEY or None,
            entity_type=settings.ESPOCRM_ENTITY_TYPE,
            timeout=settings.ESPOCRM_TIMEOUT_SECONDS,
        )
    )


def advoware_client() -> AdvowareClient:
    config = AdvoConfig(
        base_url=settings.ADVOWARE_API_BASE_URL,
        prefix=settings.ADVOWARE_API_PREFIX,
        auth_url=settings.ADVOWARE_AUTH_URL,
        app_id=settings.ADVOWARE_APP_ID,
        api_key_base64=settings.ADVOWARE_API_KEY,
        product_id=settings.ADVOWARE_PRODUCT_ID,
        kanzlei=settings.ADVOWARE_KANZLEI,
        database=settings.ADVOWARE_DATABASE,
        user=settings.ADVOWARE_USER,
        role=settings.ADVOWARE_ROLE,
        password=settings.ADVOWARE_PASSWORD,
        token_lifetime_minutes=settings.ADVOWARE_TOKEN_LIFETIME_MINUTES,
        timeout=settings.ADVOWARE_TIMEOUT_SECONDS,
        employees_path=settings.ADVOWARE_EMPLOYEES_PATH,
        termin_number_in=settings.ADVOWARE_TERMIN_NUMBER_IN,
    )
    return _advoware(config, settings.REDIS_URL)


def google_calendar_in_use() -> bool:
    """Whether calendars are synced at all: without a key file nothing of it exists."""
    return bool(settings.GOOGLE_SERVICE_ACCOUNT_FILE)


def google_calendar_client() -> GoogleCalendarClient:
    """Ask `google_calendar_in_use` first; without a key file every call says that there is none."""
    config = GoogleConfig(
        key_file=settings.GOOGLE_SERVICE_ACCOUNT_FILE,
        base_url=settings.GOOGLE_CALENDAR_API_URL,
        delegated_user=settings.GOOGLE_DELEGATED_USER,
        timeout=settings.GOOGLE_TIMEOUT_SECONDS,
    )
    return _google_calendar(config, settings.REDIS_URL)


@lru_cache(maxsize=4)
def _espocrm(config: EspoConfig) -> EspoClient:
    return EspoClient(config)


@lru_cache(maxsize=4)
def _advoware(config: AdvoConfig, redis_url: str) -> AdvowareClient:
    return AdvowareClient(
        config, tokens=RedisTokenStore(redis_url, system=System.ADVOWARE), life=RedisSignOfLife(redis_url)
    )


@lru_cache(maxsize=4)
def _google_calendar(config: GoogleConfig, redis_url: str) -> GoogleCalendarClient:
    tokens = RedisTokenStore(redis_url, system=System.GOOGLE_CALENDAR)
    return GoogleCalendarClient(config, tokens=tokens, quota=RedisQuota(redis_url))


# How each system answers, and what is odd about it: what documents and tests go through.
ANSWERS: Mapping[System, Answers] = {
    answers.system: answers for answers in (espocrm_answers, advoware_answers, google_calendar_answers)
}
QUIRKS: tuple[Quirk, ...] = (*ESPOCRM_QUIRKS, *ADVOWARE_QUIRKS, *GOOGLE_CALENDAR_QUIRKS)


def forget() -> None:
    """Builds all of them anew at the next use."""
    _espocrm.cache_clear()
    _advoware.cache_clear()
    _google_calendar.cache_clear()
