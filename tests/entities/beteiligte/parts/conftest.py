"""What tests of the parts share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from syncapp.models import ChildKind
from syncapp.remotes.http.exchange import Request
from syncapp.remotes.http.session import RemoteSession
from tests.support.child_lists import ChildLists
from tests.support.firm import Firm
from tests.support.meanwhile import power_cut


@pytest.fixture
def cut_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """The worker dies after its n-th write to either system, before it has seen the answer."""
    real = RemoteSession.call
    left = [0]

    def call(session: RemoteSession, request: Request, *arguments: Any, **options: Any) -> Any:
        answer = real(session, request, *arguments, **options)
        if request.method != "GET" and "oken" not in request.path:
            left[0] -= 1
            if left[0] == 0:
                power_cut()
        return answer

    monkeypatch.setattr(RemoteSession, "call", call)

    def cut(n: int) -> None:
        left[0] = n

    yield cut
    left[0] = 0


@pytest.fixture
def adressen(firm: Firm, settings: Any) -> Callable[..., ChildLists]:
    """A new pair with addresses switched on, both lists empty; what stands on one side is carried at once."""
    settings.ESPOCRM_ADRESSEN, settings.ADRESSEN_INITIAL = "entity", "both"

    def make(**attributes: object) -> ChildLists:
        return ChildLists(firm, *firm.pair(**attributes))

    return make


@pytest.fixture(params=["plain", "hash"])
def keep(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.BANK_KEEP = request.param
    return str(request.param)


@pytest.fixture
def konten(firm: Firm, settings: Any, keep: str) -> Callable[..., ChildLists]:
    """A new pair with accounts switched on and a list that can be read; what stands on one side is carried at once."""
    settings.ESPOCRM_BANK_ENTITY, settings.ADRESSEN_INITIAL = "CBankverbindungen", "both"
    settings.ADVOWARE_BANK_LIST = "embedded:bankverbindungen"
    firm.sandbox.advoware(bank_list="embedded")

    def make(**attributes: object) -> ChildLists:
        return ChildLists(firm, *firm.pair(**attributes), kind=ChildKind.BANK)

    return make


@pytest.fixture
def blind(konten: Callable[..., ChildLists], firm: Firm, settings: Any) -> Callable[..., ChildLists]:
    """Where nobody can read Advoware's list."""
    settings.ADVOWARE_BANK_LIST = "none"
    firm.sandbox.advoware(bank_list="none")
    return konten
