"""A number that EspoCRM holds for another record already: type, opt-out and invalid are those of all who share it."""

import pytest

from syncapp.core.kommunikation.shapes import Facts, SharedFlags
from tests.core.kommunikation.test_scenarios import P, entry_of, form, synced
from tests.machine.model import World

FLAGS = [SharedFlags(), SharedFlags(opt_out=True), SharedFlags(invalid=True)]
IDS = ["neither", "opted out", "invalid"]


def flags_of(world: World, value: str) -> SharedFlags:
    item = world.espo.items[form(value)]
    return SharedFlags(item.opt_out, item.invalid)


@pytest.mark.parametrize("flags", FLAGS, ids=IDS)
def test_what_is_new_in_advoware_takes_them_along(flags: SharedFlags) -> None:
    world = World(facts=Facts(shared={form(P[0]): flags}))
    world.advo.add(P[0])
    world.sync()
    assert flags_of(world, P[0]) == flags


@pytest.mark.parametrize("flags", FLAGS, ids=IDS)
def test_what_changes_in_advoware_takes_them_along(flags: SharedFlags) -> None:
    world = synced((P[0], "Office"))
    world.facts = Facts(shared={form(P[1]): flags})
    world.advo.edit(entry_of(world, P[0]), tlf=P[1])
    world.sync()
    assert flags_of(world, P[1]) == flags


@pytest.mark.parametrize("before", [[], [(P[1], "Fax")]], ids=["new in Advoware", "changed in Advoware"])
def test_the_type_that_somebody_gave_it_elsewhere_stays(before: list[tuple[str, str]]) -> None:
    world = synced(*before)
    world.facts = Facts(shared={form(P[0]): SharedFlags(type="Home")})
    if before:
        world.advo.edit(entry_of(world, P[1]), tlf=P[0])
    else:
        world.advo.add(P[0], komm_kz=1)
    world.sync()
    assert world.espo.items[form(P[0])].type == "Home"
    again = world.sync()
    assert again.is_silent
    assert not again.reports
