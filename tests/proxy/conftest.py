"""The proxy switched on, with both stand-ins; Advoware may be replaced by a server that does what a test tells it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from syncapp.proxy import brakes
from syncapp.remotes import registry
from tests.proxy.support import Program, program
from tests.remotes.scripted import Script, Step
from tests.remotes.scripted import serving as scripted_server
from tests.support.installation import Installation, environment, serving
from tests.support.sandbox import Sandbox


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def switched_on(live: None, sandbox: Sandbox, redis_client: object, settings: Any) -> Iterator[Sandbox]:
    """Live, with the proxy, and nothing remembered of earlier tests."""
    settings.PROXY_ENABLED = True
    settings.PROXY_RATE_PER_MINUTE = 10_000
    registry.forget()
    brakes.forget()
    yield sandbox
    registry.forget()
    brakes.forget()


@pytest.fixture
def caller(switched_on: Sandbox) -> Program:
    """A program that may do everything that the tests do."""
    return program()


@pytest.fixture
def advoware(switched_on: Sandbox, settings: Any) -> Iterator[Callable[..., AbstractContextManager[Script]]]:
    """`with advoware(answer(…)) as script`: Advoware answers as told; its login stays the stand-in's."""

    def scripted(*steps: Step) -> AbstractContextManager[Script]:
        return _Scripted(settings, steps)

    return scripted


class _Scripted(AbstractContextManager[Script]):
    def __init__(self, settings: Any, steps: tuple[Step, ...]) -> None:
        self._settings, self._serving = settings, scripted_server(*steps)

    def __enter__(self) -> Script:
        script = self._serving.__enter__()
        self._settings.ADVOWARE_API_BASE_URL = script.url
        registry.forget()
        return script

    def __exit__(self, *why: Any) -> None:
        registry.forget()
        self._serving.__exit__(*why)


@pytest.fixture
def web(
    transactional_db: None, switched_on: Sandbox, redis_url: str, tmp_path: Path
) -> Iterator[Callable[..., AbstractContextManager[Installation]]]:
    """`with web(PROXY_PARALLEL="2") as installation`: the real web process on this test's database."""

    def started(**changes: str) -> AbstractContextManager[Installation]:
        told = environment(
            sandbox=switched_on,
            redis_url=redis_url,
            PROXY_ENABLED="true",
            PROXY_RATE_PER_MINUTE="10000",
            **changes,
        )
        return serving(tmp_path, told)

    return started
