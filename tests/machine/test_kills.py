"""Contact points come to the other side, the run dies at each write, and somebody edits before the next one.

Every place at which it can die, with every edit of the number that was on its way, and of a field on the same side.
What was edited stands on both sides afterwards, once, and nothing else does; what was deleted stays away.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.core.kommunikation.shapes import LIST_OF
from syncapp.core.states import Event
from syncapp.engine import control
from syncapp.engine.rows.due import due_now
from syncapp.engine.rows.requests import request_sync
from syncapp.engine.runs import sync_record
from syncapp.models import Conflict, SyncRecord
from syncapp.remotes.advoware.beteiligte import AdvowareBeteiligter, AdvowareKommunikation
from tests.machine.remotes import (
    ANNA,
    BOT,
    ESPO_ID,
    FIELDS,
    FIRST_NUMBER,
    OTHERS,
    WRITES,
    Advo,
    Effect,
    Espo,
    World,
    new_world,
)
from tests.machine.services import NOW, Leases, empty

NUMBER, CHANGED, NEW = "+49511100001", "+49511100002", "+49511999999"
OTHERS_OF_EVA = ("+491701000002", "eva@example.org")
ROUNDS = 10


class Killed(SystemExit):
    """No ending of the run is written."""


@dataclass
class PointWorld(World):
    """kill_at: the place at which the run dies, counted before and after each write; None: nowhere. ignores_lists:
    EspoCRM leaves out of a PATCH what the API user may not edit, without a word."""

    points: dict[int, dict[str, Any]] = field(default_factory=dict)
    kill_at: int | None = None
    passed: list[str] = field(default_factory=list)
    ignores_lists: bool = False

    def clients(self) -> tuple[Any, Any]:
        return Espo(self), PointAdvo(self)

    def call(self, system: str, method: str, effect: Effect) -> Any:
        if method not in WRITES:
            return effect()
        self.come(f"before {method}, {system}")
        answer = effect()
        self.come(f"after {method}, {system}")
        return answer

    def come(self, place: str) -> None:
        self.passed.append(place)
        if self.kill_at == len(self.passed) - 1:
            raise Killed

    def write_espo(self, changes: dict[str, Any], *, by: str = ANNA) -> None:
        left_out = LIST_OF.values() if self.ignores_lists and by == BOT else frozenset()
        super().write_espo({name: value for name, value in changes.items() if name not in left_out}, by=by)

    def keep_point(self, number: int | None = None, **values: Any) -> int:
        self.clock += 1
        number = number or self.clock
        self.points[number] = {**self.points.get(number, {}), **values, "row_id": f"row{self.clock}"}
        return number

    def shown_point(self, number: int, *, komm_kz: int = 0) -> AdvowareKommunikation:
        held = self.points[number]
        return AdvowareKommunikation(number, held["row_id"], held["tlf"], held["bemerkung"], komm_kz, held["online"])

    # --- people: False where there is nothing to edit

    def anna_types(self, old: str, new: str | None) -> bool:
        rows = [row for row in self.espo["phoneNumberData"] if row["phoneNumber"] != old]
        if len(rows) == len(self.espo["phoneNumberData"]):
            return False
        changed = rows if new is None else [*rows, phone(new)]
        self.write_espo(
            {"titel": "Prof.", "phoneNumberData": [{**row, "primary": not n} for n, row in enumerate(changed)]}
        )
        return True

    def clerk_types(self, old: str, new: str | None) -> bool:
        number = next((number for number, held in self.points.items() if held["tlf"] == old), None)
        if number is None:
            return False
        if new is None:
            del self.points[number]
        else:
            self.keep_point(number, tlf=new)
        self.write_advo({**self.beteiligter, "titel": "Prof."})
        return True


class PointAdvo(Advo):
    world: PointWorld

    def _shown(self, number: int) -> AdvowareBeteiligter:
        found = super()._shown(number)
        points = tuple(self.world.shown_point(one) for one in self.world.points)
        return AdvowareBeteiligter(number, found.row_id, found.raw, points)

    def create_kommunikation(self, bet_nr: int, *, komm_kz: int, **values: Any) -> AdvowareKommunikation:
        def effect() -> AdvowareKommunikation:
            return self.world.shown_point(self.world.keep_point(**values), komm_kz=komm_kz)

        return self.world.call("advoware", "POST", effect)  # type: ignore[no-any-return]

    def update_kommunikation(self, bet_nr: int, current: AdvowareKommunikation, **values: Any) -> AdvowareKommunikation:
        def effect() -> AdvowareKommunikation:
            return self.world.shown_point(self.world.keep_point(current.id, **values))

        return self.world.call("advoware", "PUT", effect)  # type: ignore[no-any-return]


def phone(value: str) -> dict[str, Any]:
    kind = "Mobile" if value in OTHERS_OF_EVA else "Office"
    return {"phoneNumber": value, "type": kind, "primary": False, "optOut": False, "invalid": False}


def new() -> PointWorld:
    empty()
    plain = new_world()
    world = PointWorld(espo=plain.espo, clock=plain.clock)
    NOW.update(world=world, leases=Leases())
    return world


def from_espocrm() -> str:
    """Advoware does not have her."""
    world, (mobile, mail) = new(), OTHERS_OF_EVA
    world.espo["phoneNumberData"] = [{**phone(NUMBER), "primary": True}, phone(mobile)]
    world.espo["emailAddressData"] = [{"emailAddress": mail, "primary": True, "optOut": False, "invalid": False}]
    return NUMBER


def from_advoware() -> str:
    """EspoCRM has a name and a betNr."""
    world = new()
    world.write_advo({**{name: world.espo[name] for name in FIELDS}, **dict.fromkeys(OTHERS), "betNr": FIRST_NUMBER})
    world.write_espo({**dict.fromkeys(FIELDS[1:]), "betnr": FIRST_NUMBER})
    for value in (NUMBER, *OTHERS_OF_EVA):
        world.keep_point(tlf=value, bemerkung=None, online=True)
    return NUMBER


def changed_in_advoware(value: str = CHANGED) -> str:
    """Both have her, and one number was changed there since."""
    from_advoware()
    come_to_rest()
    NOW["world"].espo["advowareLastSync"] = "2025-06-15 12:00:00"  # not in this very second
    NOW["world"].clerk_types(NUMBER, value)
    return value


def emptied_in_advoware() -> str:
    """The same, and its line is empty there."""
    return changed_in_advoware("")


def ask(event: Event = Event.CHANGED, **columns: Any) -> SyncRecord:
    record, _is_new = SyncRecord.objects.get_or_create(espo_id=ESPO_ID)
    request_sync(SyncRecord, record_id=record.pk, event=event, trigger="sync_check", source="person", **columns)
    return record


def work(*, kill_at: int | None = None) -> list[str]:
    """One run; the places that it came by."""
    world = NOW["world"]
    world.kill_at, world.passed = kill_at, []
    record = ask()
    try:
        sync_record.sync_record(sync_record.Order(record.pk, forced=True))
    except Killed:
        SyncRecord.objects.update(lease_expires=timezone.now() - timedelta(hours=1))
    world.kill_at = None
    return list(world.passed)


def come_to_rest() -> None:
    """The create whose outcome is unknown is looked for by a person."""
    for _round in range(ROUNDS):
        work()
        SyncRecord.objects.filter(late_look_at__isnull=False).update(late_look_at=timezone.now() - timedelta(hours=1))
        record = SyncRecord.objects.get()
        if record.kind == "create_outcome_unknown":
            made = next(iter(NOW["world"].advo), None)
            ask(Event.RESET if made is None else Event.RELINKED, create_intent=None, create_released=True, betnr=made)
        elif not SyncRecord.objects.filter(due_now(control.switches())).exists():
            break
    before = (NOW["world"].espo["versionNumber"], NOW["world"].clock)
    work()
    assert (NOW["world"].espo["versionNumber"], NOW["world"].clock) == before, "not silent"


def cannot_be_told(place: str, who: str, new: str | None) -> bool:
    """Deleted where the write that had brought it was not answered: it may as well never have arrived."""
    return place == "after POST, advoware" and (who, new) == ("clerk", None)


def what_is_wrong(new: str | None) -> object:
    """What both sides show, unless that is what people left."""
    world, expected = NOW["world"], sorted({*OTHERS_OF_EVA, *([new] if new else [])})
    there = sorted(held["tlf"] for held in world.points.values() if held["tlf"])
    here = [row["phoneNumber"] for row in world.espo["phoneNumberData"]]
    here = sorted(here + [row["emailAddress"] for row in world.espo["emailAddressData"]])
    titles = (world.espo["titel"], world.beteiligter["titel"])
    is_lost = set(titles) != {"Prof."} and not Conflict.objects.filter(field="titel").exists()
    return (here, there, titles) if is_lost or not here == there == expected else None


@pytest.mark.parametrize("begin", [from_espocrm, from_advoware, changed_in_advoware, emptied_in_advoware])
def test_somebody_edits_before_the_next_run(services: None, begin: Callable[[], str]) -> None:
    begin()
    places, wrong, tried = work(), [], 0
    for at, place in enumerate(places):
        for who, new in itertools.product(("anna", "clerk"), (None, NEW)):
            value = begin()
            work(kill_at=at)
            world = NOW["world"]
            typed = world.anna_types if who == "anna" else world.clerk_types
            if cannot_be_told(place, who, new) or not typed(value, new):
                continue
            come_to_rest()
            tried += 1
            if (found := what_is_wrong(new)) is not None:
                wrong.append((at, place, who, new, found))
    assert not wrong, "\n".join(map(str, wrong))
    assert tried > len(places)


def test_a_list_that_espocrm_left_out_takes_nothing_from_advoware(services: None) -> None:
    """The PATCH has evidently arrived, and its numbers are not there: nobody has deleted them."""
    from_advoware()
    patched = work().index("after PATCH, espocrm")
    value = from_advoware()
    NOW["world"].ignores_lists = True
    work(kill_at=patched)
    NOW["world"].ignores_lists = False
    come_to_rest()
    assert {held["tlf"] for held in NOW["world"].points.values()} == {value, *OTHERS_OF_EVA}


@pytest.mark.parametrize("died", ["before PATCH, espocrm", "after PATCH, espocrm"])
def test_an_edit_of_something_else_empties_no_field(services: None, died: str) -> None:
    """EspoCRM shows empty fields at another version; that the PATCH never came is seen by the time of sync."""
    from_advoware()
    at = work().index(died)
    from_advoware()
    world = NOW["world"]
    held = {name: world.beteiligter[name] for name in FIELDS}
    work(kill_at=at)
    world.write_espo({"phoneNumberData": [*world.espo["phoneNumberData"], {**phone(NEW), "primary": False}]})
    come_to_rest()
    assert {name: world.beteiligter[name] for name in FIELDS} == held
    assert {name: world.espo[name] for name in FIELDS} == held
    assert not Conflict.objects.exists()
