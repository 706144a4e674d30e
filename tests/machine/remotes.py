"""Both remote systems in memory, behind the clients' own interface, and workers that stop at every call.

Purpose: the services are driven as they are, database included; a worker is a greenlet that hands control back before
and after each remote call, so that a story can let others act in between, or let it never come back.
Invariant: a write has its effect once or never; what it overwrites where no client can see it is noted in `unseen`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from django.db import connection
from greenlet import getcurrent, greenlet

from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter
from syncapp.remotes.espocrm.client import EspoAccount, EspoEntity
from syncapp.remotes.http.errors import VersionConflict

ESPO_ID = "5f0000000000000ab"
FIRST_NUMBER = 104860
ANNA, BOT = "anna", "bot"
FIELDS = ("name", "titel", "zusatz")
WRITES = frozenset({"PATCH", "PUT", "POST", "DELETE"})
Effect = Callable[[], Any]


@dataclass(frozen=True)
class Stop:
    """Where a worker stands: before a call that it is about to make, or after it, the answer in hand."""

    system: str
    method: str
    when: Literal["before", "after"]
    effect: Effect

    @property
    def is_write(self) -> bool:
        return self.method in WRITES


class Worker:
    """One call of a service in a greenlet. `stop` is where it stands; None once it has ended."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._greenlet = greenlet(work)
        self.result: object = None
        self.stop: Stop | None = None
        self._note(self._greenlet.switch())

    def go_on(self, error: Exception | None = None) -> None:
        """Let it run to its next stop; with an error, that is what its call raises."""
        self._note(self._greenlet.switch(error))

    def _note(self, reached: Any) -> None:
        self.stop = reached if not self._greenlet.dead else None
        self.result = reached if self._greenlet.dead else None

    def bury(self) -> None:
        """Let a killed worker's stack go. Only when the story is over: its `finally` would still act."""
        if not self._greenlet.dead:
            self._greenlet.throw()


@dataclass
class World:
    """What both systems hold. `late`: writes that were sent and have not landed yet."""

    espo: dict[str, Any] = field(default_factory=dict)
    advo: dict[int, dict[str, Any]] = field(default_factory=dict)
    clock: int = 0
    late: list[Effect] = field(default_factory=list)
    # Values overwritten between a read and a write of one run, where the system has no conditional write.
    unseen: set[tuple[str, str, Any]] = field(default_factory=set)
    outbox: list[dict[str, Any]] = field(default_factory=list)
    posts: int = 0
    # Asked before a write: whether the worker that is about to make it may.
    referee: Callable[[], None] = lambda: None

    def time(self) -> str:
        """EspoCRM's time: whole seconds, and never the same twice."""
        self.clock += 1
        return datetime.fromtimestamp(1_750_000_000 + self.clock, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")

    def clients(self) -> tuple[Any, Any]:
        """EspoCRM's and Advoware's, as the services ask for them."""
        return Espo(self), Advo(self)

    @property
    def beteiligter(self) -> dict[str, Any]:
        (only,) = self.advo.values()
        return only

    # --- what people do, and how a write is carried out

    def write_espo(self, changes: dict[str, Any], *, by: str = ANNA) -> None:
        changed = {name: value for name, value in changes.items() if self.espo.get(name) != value}
        self.espo.update(changes)
        self.espo |= {"modifiedAt": self.time(), "modifiedById": by, "versionNumber": self.espo["versionNumber"] + 1}
        if changed:
            self.outbox.append({"id": ESPO_ID, **changed})

    def write_advo(self, body: dict[str, Any]) -> None:
        self.clock += 1
        self.advo[body["betNr"]] = {**body, "rowId": f"row{self.clock}"}

    # --- the way there and back

    def call(self, system: str, method: str, effect: Effect) -> Any:
        """A call of a worker stops before and after it; one of the test itself goes straight through."""
        worker = getcurrent()
        if worker.parent is None:
            return effect()
        assert not connection.in_atomic_block, "a remote call within a transaction"
        if method in WRITES:
            self.referee()
        _pause(Stop(system, method, "before", effect))
        answer = effect()
        _pause(Stop(system, method, "after", effect))
        return answer


def _pause(stop: Stop) -> None:
    parent = getcurrent().parent
    assert parent is not None
    error = parent.switch(stop)
    if error is not None:
        raise error


class Espo:
    """EspoCRM's client, optimistic locking on."""

    def __init__(self, world: World) -> None:
        self.world = world

    def with_observer(self, observer: object) -> "Espo":
        return self

    def get(self, record_id: str) -> EspoEntity:
        return self.world.call("espocrm", "GET", lambda: EspoEntity(record_id, dict(self.world.espo)))  # type: ignore[no-any-return]

    def patch(self, record_id: str, attributes: dict[str, Any], *, version: int | None = None) -> EspoEntity:
        world = self.world

        def effect() -> EspoEntity:
            stale = version is not None and version != world.espo["versionNumber"]
            if stale and any(world.espo.get(name) != value for name, value in attributes.items()):
                raise VersionConflict(system="espocrm", operation="PATCH", status=409)
            assert version is not None or not set(FIELDS) & attributes.keys(), "data without a version"
            world.write_espo({name: None if value == "" else value for name, value in attributes.items()}, by=BOT)
            return EspoEntity(record_id, dict(world.espo))

        return world.call("espocrm", "PATCH", effect)  # type: ignore[no-any-return]

    def metadata(self, key: str) -> object:
        return {}

    def current_user(self) -> EspoAccount:
        return EspoAccount(BOT, "syncbot")

    def user_name(self, user_id: str) -> None:
        return None

    def post_note(self, **note: object) -> frozenset[str]:
        """Into the record's stream, where nobody is mentioned; nothing else comes of it."""
        return frozenset()


class Advo:
    """Advoware's client: a PUT writes the whole object as it was read, whatever was edited since."""

    def __init__(self, world: World) -> None:
        self.world = world

    def with_observer(self, observer: object) -> "Advo":
        return self

    def _shown(self, number: int) -> AdvowareBeteiligter:
        raw = dict(self.world.advo[number])
        return AdvowareBeteiligter(number, raw["rowId"], raw, ())

    def get(self, bet_nr: int) -> AdvowareBeteiligter:
        return self.world.call("advoware", "GET", lambda: self._shown(bet_nr))  # type: ignore[no-any-return]

    def update(self, current: AdvowareBeteiligter, changes: dict[str, Any]) -> AdvowareBeteiligter:
        world = self.world

        def effect() -> AdvowareBeteiligter:
            held = world.advo[current.bet_nr]
            # What EspoCRM holds already can be brought back, whenever this PUT lands.
            world.unseen |= {
                ("advoware", name, held[name])
                for name in FIELDS
                if held[name] not in (current.raw[name], world.espo[name])
            }
            body = {**current.raw, **changes}
            world.write_advo({**body, **{name: None if body[name] == "" else body[name] for name in FIELDS}})
            return self._shown(current.bet_nr)

        return world.call("advoware", "PUT", effect)  # type: ignore[no-any-return]

    def create(self, fields: dict[str, Any]) -> AdvowareBeteiligter:
        world = self.world
        world.posts += 1

        def effect() -> AdvowareBeteiligter:
            number = FIRST_NUMBER + len(world.advo)
            world.write_advo({**dict.fromkeys((*FIELDS, *OTHERS)), **fields, "betNr": number})
            return self._shown(number)

        return world.call("advoware", "POST", effect)  # type: ignore[no-any-return]

    @property
    def seen_alive(self) -> bool:
        """That it lives is asked by a GET, which would be one stop more in every story."""
        return True

    def rechtsformen(self) -> frozenset[str]:
        return frozenset()

    def ping(self) -> None:
        """It is there."""


OTHERS = ("vorname", "rechtsform", "anrede", "bAnrede", "geburtsdatum")
BOOKKEEPING = {
    "betnr": None,
    "syncStatus": "pending_sync",
    "advowareLastSync": None,
    "advowareRowId": None,
    "kommunikationHash": None,
    "syncRetryCount": 0,
    "syncNextRetry": None,
    "syncAutoResetAt": None,
    "syncErrorMessage": None,
}


def new_world() -> World:
    """One record in EspoCRM that Advoware does not have."""
    world = World()
    world.espo = {
        "id": ESPO_ID,
        **{name: f"{name} 0" for name in FIELDS},
        **dict.fromkeys(OTHERS),
        **BOOKKEEPING,
        "phoneNumberData": [],
        "emailAddressData": [],
        "versionNumber": 1,
        "createdAt": world.time(),
        "modifiedAt": world.time(),
        "modifiedById": ANNA,
        "assignedUserId": None,
    }
    return world
