"""What other people and other programs do in the very moment in which a run calls a remote system."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient

CLIENTS = {"espocrm": EspoClient, "advoware": AdvowareClient}


def power_cut() -> NoReturn:
    """The worker dies here: no ending of its run is written."""
    raise SystemExit


class Meanwhile:
    """Lets something happen just before or just after a call, a given number of times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def before(self, system: str, method: str, act: Callable[[], object], *, times: int = 1, skip: int = 0) -> None:
        self._wrap(system, method, act, None, times, skip)

    def after(self, system: str, method: str, act: Callable[[], object], *, times: int = 1, skip: int = 0) -> None:
        self._wrap(system, method, None, act, times, skip)

    def _wrap(
        self,
        system: str,
        method: str,
        first: Callable[[], object] | None,
        then: Callable[[], object] | None,
        times: int,
        skip: int,
    ) -> None:
        owner = CLIENTS[system]
        real = getattr(owner, method)
        calls = 0

        def wrapped(client: Any, *arguments: Any, **options: Any) -> Any:
            nonlocal calls
            calls += 1
            at_work = skip < calls <= skip + times
            if first is not None and at_work:
                first()
            answer = real(client, *arguments, **options)
            if then is not None and at_work:
                then()
            return answer

        self._monkeypatch.setattr(owner, method, wrapped)
