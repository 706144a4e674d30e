"""Bringing back a value that lost: it is a write to EspoCRM, and so it obeys the mode."""

from typing import Any

import pytest
from django.utils import translation

from syncapp.core.adressen.shapes import Address
from syncapp.engine import control
from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.parts.adressen import configured
from syncapp.models import ChildLink, Conflict, Mode
from syncapp.operations.actions.conflicts import restore
from syncapp.operations.actions.shapes import ActionContext, ActionRefused
from syncapp.remotes.espocrm.client import EspoClient
from tests.support import operator
from tests.support.firm import PERSON, Firm


@pytest.fixture
def lost(firm: Firm) -> tuple[Firm, str]:
    """A record whose Advoware value lost a conflict."""
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="aus EspoCRM")
    firm.sandbox.clerk.change(betnr, titel="aus Advoware")
    assert firm.sync(espo_id).status == "clean"
    return firm, espo_id


def test_the_value_that_lost_comes_back_on_both_sides(lost: tuple[Firm, str]) -> None:
    firm, espo_id = lost
    restore(conflict=firm.record(espo_id).conflicts.get(), action_context=ActionContext(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus Advoware"
    assert firm.sync(espo_id).status == "clean"
    assert firm.advo(firm.record(espo_id).betnr or 0)["titel"] == "aus Advoware"


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.PAUSED])
def test_nothing_is_restored_while_nothing_may_be_written(lost: tuple[Firm, str], mode: str) -> None:
    firm, espo_id = lost
    control.set_mode(mode=mode, by="tests")
    with pytest.raises(ActionRefused):
        restore(conflict=firm.record(espo_id).conflicts.get(), action_context=ActionContext(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus EspoCRM"
    assert firm.record(espo_id).conflicts.get().restored_at is None


def test_nothing_is_restored_while_writes_to_espocrm_are_held(lost: tuple[Firm, str]) -> None:
    firm, espo_id = lost
    control.hold_side(side="espocrm", held=True, by="tests")
    with pytest.raises(ActionRefused):
        restore(conflict=firm.record(espo_id).conflicts.get(), action_context=ActionContext(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus EspoCRM"


def test_nothing_is_restored_for_a_record_outside_the_pilot(lost: tuple[Firm, str]) -> None:
    firm, espo_id = lost
    firm.settings.SYNC_ONLY = ["TEST-"]
    with translation.override("en"), pytest.raises(ActionRefused, match="not part of the pilot"):
        restore(conflict=firm.record(espo_id).conflicts.get(), action_context=ActionContext(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "aus EspoCRM"
    assert firm.record(espo_id).conflicts.get().restored_at is None


def test_an_edit_that_is_newer_than_the_conflict_is_not_overwritten(lost: tuple[Firm, str]) -> None:
    """Nobody would see it go: it lost no conflict, and the page shows the values of then."""
    firm, espo_id = lost
    firm.sandbox.anna.change(espo_id, titel="neu")
    conflict = firm.record(espo_id).conflicts.get()
    with translation.override("en"), pytest.raises(ActionRefused, match="another value in EspoCRM since"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "neu"
    conflict.refresh_from_db()
    assert conflict.restored_at is None, "it can come back once the value that won stands there again"
    firm.sandbox.anna.change(espo_id, titel="aus Advoware")
    with translation.override("en"), pytest.raises(ActionRefused, match="stands in EspoCRM already"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))


def test_how_espocrm_keeps_the_value_that_won_is_nobodys_edit(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A formula of the firm spells each title in capitals: nobody has entered that."""
    patch = EspoClient.patch

    def kept(client: EspoClient, espo_id: str, attributes: Any, **more: Any) -> Any:
        spelled = {name: value.upper() if name == "titel" and value else value for name, value in attributes.items()}
        return patch(client, espo_id, spelled, **more)

    monkeypatch.setattr(EspoClient, "patch", kept)
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "advoware_wins"}
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="PROF.")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    assert firm.sync(espo_id).status == "clean"
    assert (firm.espo(espo_id)["titel"], firm.advo(betnr)["titel"]) == ("MAG.", "Mag.")
    conflict = firm.record(espo_id).conflicts.get()
    firm.sandbox.anna.change(espo_id, titel="DR.")
    with translation.override("en"), pytest.raises(ActionRefused, match="another value in EspoCRM since"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    firm.sandbox.anna.change(espo_id, titel="MAG.")
    restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    assert firm.espo(espo_id)["titel"] == "PROF."


OFFICE, MOBILE = "+493023125410", "+4917139200451"
NUMBER = {"phoneNumber": OFFICE, "type": "Office", "primary": True}
OURS, THEIRS = "+493023125411", "030 23125412"


def tlfs(firm: Firm, betnr: int) -> list[str]:
    return [entry["tlf"] for entry in firm.advo(betnr)["kommunikation"] if entry["tlf"]]


def test_a_number_that_lost_comes_back_in_the_place_of_the_one_that_won(firm: Firm) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[NUMBER, {"phoneNumber": MOBILE, "type": "Mobile"}])
    entry = next(e for e in firm.advo(betnr)["kommunikation"] if e["tlf"] == OFFICE)
    firm.sandbox.anna.change(
        espo_id, phoneNumberData=[{**NUMBER, "phoneNumber": OURS}, {"phoneNumber": MOBILE, "type": "Mobile"}]
    )
    firm.sandbox.clerk.change_contact(betnr, entry["id"], tlf=THEIRS, online=True)
    assert firm.sync(espo_id).status == "clean"
    lost = firm.record(espo_id).conflicts.get()
    assert (lost.espo, lost.advo, lost.kept) == (OURS, THEIRS, "espocrm")
    restore(conflict=lost, action_context=ActionContext(actor="tests"))
    rows = firm.espo(espo_id)["phoneNumberData"]
    assert [(row["phoneNumber"], row["type"], row["primary"]) for row in rows] == [
        ("+493023125412", "Office", True),
        (MOBILE, "Mobile", False),
    ]
    assert firm.sync(espo_id).status == "clean"
    assert sorted(tlfs(firm, betnr)) == sorted(["+493023125412", MOBILE])
    firm.is_silent(espo_id)


def test_a_number_that_was_deleted_over_an_edit_comes_back(firm: Firm) -> None:
    espo_id, betnr = firm.pair(phoneNumberData=[NUMBER, {"phoneNumber": MOBILE, "type": "Mobile"}])
    entry = next(e for e in firm.advo(betnr)["kommunikation"] if e["tlf"] == OFFICE)
    firm.sandbox.anna.change(espo_id, phoneNumberData=[{"phoneNumber": MOBILE, "type": "Mobile", "primary": True}])
    firm.sandbox.clerk.change_contact(betnr, entry["id"], tlf=THEIRS, online=True)
    assert firm.sync(espo_id).status == "clean"
    restore(conflict=firm.record(espo_id).conflicts.get(), action_context=ActionContext(actor="tests"))
    rows = firm.espo(espo_id)["phoneNumberData"]
    assert {(row["phoneNumber"], row["type"]) for row in rows} == {(MOBILE, "Mobile"), ("+493023125412", "Office")}
    assert firm.sync(espo_id).status == "clean"
    assert sorted(tlfs(firm, betnr)) == sorted(["+493023125412", MOBILE])


@pytest.mark.parametrize("deleted", [False, True], ids=["in its place", "added"])
def test_what_others_say_of_a_number_that_comes_back_stays(firm: Firm, deleted: bool) -> None:
    """EspoCRM has it once for everybody; that the number which won leads nowhere says nothing of the one that lost."""
    other = firm.new(phoneNumberData=[{**NUMBER, "phoneNumber": "+493023125412", "optOut": True}])
    assert firm.sync(other).status == "clean"
    espo_id, betnr = firm.pair(phoneNumberData=[NUMBER, {"phoneNumber": MOBILE, "type": "Mobile"}])
    entry = next(e for e in firm.advo(betnr)["kommunikation"] if e["tlf"] == OFFICE)
    won = [] if deleted else [{**NUMBER, "phoneNumber": OURS, "invalid": True}]
    firm.sandbox.anna.change(espo_id, phoneNumberData=[*won, {"phoneNumber": MOBILE, "type": "Mobile"}])
    firm.sandbox.clerk.change_contact(betnr, entry["id"], tlf=THEIRS, online=True)
    assert firm.sync(espo_id).status == "clean"
    restore(conflict=firm.record(espo_id).conflicts.get(), action_context=ActionContext(actor="tests"))
    rows = {row["phoneNumber"]: (row["optOut"], row["invalid"]) for row in firm.espo(espo_id)["phoneNumberData"]}
    assert rows == {"+493023125412": (True, False), MOBILE: (False, False)}
    assert [row["optOut"] for row in firm.espo(other)["phoneNumberData"]] == [True]


@pytest.mark.parametrize(
    "lost, says", [("", "deletion"), ("siehe Akte", "cannot hold"), (OFFICE, "already")], ids=["", "odd", "there"]
)
def test_a_contact_point_that_cannot_come_back_is_refused(firm: Firm, lost: str, says: str) -> None:
    espo_id, _betnr = firm.pair(phoneNumberData=[NUMBER])
    conflict = firm.record(espo_id).conflicts.create(
        field="kommunikation.1", kept="espocrm", espo=OFFICE, advo=lost, policy="espocrm_wins"
    )
    with translation.override("en"), pytest.raises(ActionRefused, match=says):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    conflict.refresh_from_db()
    assert conflict.restored_at is None


def linked_in_the_admin(firm: Firm, espo_id: str, betnr: int) -> None:
    operator.link_to_betnr(firm.record(espo_id), betnr)


def linked_in_espocrm(firm: Firm, espo_id: str, betnr: int) -> None:
    firm.sandbox.anna.change(espo_id, betnr=betnr)
    firm.relinked(espo_id)


def given_to_another_record(firm: Firm, espo_id: str, betnr: int) -> None:
    """EspoCRM has moved the number to another record, whose run was first; this one was given the other number then."""
    first = firm.record(espo_id).betnr
    firm.sandbox.anna.change(espo_id, betnr=betnr)
    firm.sync(firm.new(betnr=first))


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("field", ["titel", "kommunikation.1", "adressen.7"])
@pytest.mark.parametrize("way", [linked_in_the_admin, linked_in_espocrm, given_to_another_record])
def test_what_lost_beside_another_beteiligter_does_not_come_to_this_one(firm: Firm, field: str, way: Any) -> None:
    conflict, _client, _item = lost_address(firm, field=field)
    espo_id = conflict.record.espo_id
    if field == "titel":
        Conflict.objects.update(espo="Dr.", advo="Mag.")
    elif field == "kommunikation.1":
        Conflict.objects.update(espo=OFFICE, advo=THEIRS)
    way(firm, espo_id, firm.sandbox.clerk.create(**PERSON)["betNr"])
    assert firm.sync(espo_id).status == "clean"
    before = firm.espo(espo_id)
    conflict = Conflict.objects.get(pk=conflict.pk)
    with translation.override("en"), pytest.raises(ActionRefused, match="linked anew since"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    assert (firm.espo(espo_id), conflict.restored_at) == (before, None)


WALL = Address(strasse="Wall 1", plz="30159", ort="Hannover")
MARKT = Address(strasse="Markt 2", plz="30161", ort="Hannover")


def lost_address(firm: Firm, *, field: str = "adressen.7", linked: bool = True) -> tuple[Conflict, EspoClient, str]:
    """An address of EspoCRM's, and the conflict in which Advoware's had to give way to it."""
    espo_id, _betnr = firm.pair()
    record = firm.record(espo_id)
    client = configured_clients().espocrm.of_type(configured.entity_type())
    item = client.create({configured.link_attribute(): espo_id, **WALL.of(("strasse", "plz", "ort"))})
    if linked:
        ChildLink.objects.create(record=record, kind="adressen", espo_id=item.id, entry_id=7, state="linked")
    conflict = Conflict.objects.create(
        record=record,
        field=field,
        case="lost_value",
        espo=WALL.to_text(),
        advo=MARKT.to_text(),
        policy="espocrm_wins",
        kept="espocrm",
    )
    return conflict, client, item.id


@pytest.fixture
def addresses(settings: Any) -> None:
    settings.ESPOCRM_ADRESSEN = "entity"


@pytest.mark.usefixtures("addresses")
def test_an_address_that_lost_comes_back_to_the_one_it_was_linked_to(firm: Firm) -> None:
    conflict, client, item_id = lost_address(firm)
    restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    shown = client.get(item_id).attributes
    assert (shown["strasse"], shown["plz"]) == ("Markt 2", "30161")


@pytest.mark.usefixtures("addresses")
def test_an_address_that_stands_there_is_not_written_again(firm: Firm) -> None:
    conflict, client, item_id = lost_address(firm)
    client.patch(item_id, {"strasse": "Markt 2", "plz": "30161"})
    with translation.override("en"), pytest.raises(ActionRefused, match="stands in EspoCRM already"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))


@pytest.mark.usefixtures("addresses")
@pytest.mark.parametrize("field", ["adressen.7", "adressen.", "adressen.x"])
def test_an_address_without_a_link_is_named(firm: Firm, field: str) -> None:
    conflict, _client, _item = lost_address(firm, field=field, linked=False)
    with translation.override("en"), pytest.raises(ActionRefused, match="gone on one side"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))


@pytest.mark.usefixtures("addresses")
def test_of_an_account_too_little_is_kept(firm: Firm) -> None:
    conflict, _client, _item = lost_address(firm, field="bankverbindungen.7")
    with translation.override("en"), pytest.raises(ActionRefused, match="last characters"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))


@pytest.mark.usefixtures("addresses")
def test_an_address_that_was_edited_since_is_not_overwritten(firm: Firm) -> None:
    conflict, client, item_id = lost_address(firm)
    client.patch(item_id, {"strasse": "Ring 3"})
    with translation.override("en"), pytest.raises(ActionRefused, match="another value in EspoCRM since"):
        restore(conflict=conflict, action_context=ActionContext(actor="tests"))
    assert client.get(item_id).attributes["strasse"] == "Ring 3"
