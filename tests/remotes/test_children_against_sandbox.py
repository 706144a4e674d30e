"""Addresses and bank accounts: both clients against the stand-ins over real HTTP, with each habit they may have."""

from typing import Any

import pytest

from syncapp.core.adressen import fields as adressen
from syncapp.core.bankverbindungen import fields as bank
from syncapp.core.child_lists.fields import resolved
from syncapp.remotes.advoware.children import Child, ChildList, children_in
from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.espocrm.client import EspoClient
from syncapp.remotes.http.errors import Forbidden, Invalid, Misconfigured, NotFound, RemoteError
from tests.support.sandbox import Sandbox

ADRESSEN = ChildList("Adressen", "adressen")
BY_ORDER = ChildList("Adressen", "adressen", "reihenfolgeIndex")
BANK = ChildList("Bankverbindungen", "bankverbindungen")
WALL = {"strasse": "Wall 1", "plz": "30159", "ort": "Hannover", "land": "D", "standardAnschrift": True}
IBAN = "DE89370400440532013000"


@pytest.fixture
def number(advoware: AdvowareClient) -> int:
    return advoware.create({"name": "Müller"}).bet_nr


def entries(advoware: AdvowareClient, number: int, which: ChildList = ADRESSEN) -> tuple[Child, ...]:
    found = children_in(advoware.get(number).raw, which)
    assert found is not None
    return found


class TestAdvoware:
    def test_an_address_s_life(self, advoware: AdvowareClient, number: int) -> None:
        parent = advoware.get(number)
        made = advoware.create_child(number, ADRESSEN, {**WALL, "bemerkung": "[ESPOCRM-ID:x] oben"})
        (read,) = entries(advoware, number)
        assert (read.id, read.row_id) == (made.id, made.row_id)
        changed = advoware.update_child(number, ADRESSEN, read, {"strasse": "Ring 3", "land": "A", "bemerkung": "neu"})
        assert changed.row_id not in (None, read.row_id)
        (again,) = entries(advoware, number)
        assert (again.raw["strasse"], again.raw["land"]) == ("Ring 3", "D")
        assert again.raw["bemerkung"] == "[ESPOCRM-ID:x] oben"
        assert advoware.get(number).row_id == parent.row_id

    def test_what_is_read_is_an_address(self, advoware: AdvowareClient, number: int) -> None:
        advoware.create_child(number, ADRESSEN, WALL)
        (read,) = entries(advoware, number)
        names = resolved(adressen.ENTITY_FIELDS)
        entry = adressen.entry_of(read.id or 0, read.raw, names, row_id=read.row_id)
        assert (entry.address.strasse, entry.address.standard) == ("Wall 1", True)

    def test_by_the_place_in_the_order(self, advoware: AdvowareClient, sandbox: Sandbox, number: int) -> None:
        sandbox.advoware(adresse_key="reihenfolgeIndex")
        for street in ("Wall 1", "Ring 3"):
            advoware.create_child(number, BY_ORDER, {**WALL, "strasse": street})
        second = entries(advoware, number, BY_ORDER)[1]
        assert second.id == 2
        advoware.update_child(number, BY_ORDER, second, {"strasse": "Allee 9"})
        assert [entry.raw["strasse"] for entry in entries(advoware, number)] == ["Wall 1", "Allee 9"]

    @pytest.mark.parametrize("shape, known", [("object", True), ("list", True), ("id", True), ("number", True)])
    def test_answers_with_a_number(
        self, advoware: AdvowareClient, sandbox: Sandbox, number: int, shape: str, known: bool
    ) -> None:
        sandbox.advoware(post_answer=shape)
        made = advoware.create_child(number, ADRESSEN, WALL)
        assert made.id == entries(advoware, number)[0].id

    @pytest.mark.parametrize("shape", ["empty", "all"])
    def test_answers_without_a_number(
        self, advoware: AdvowareClient, sandbox: Sandbox, number: int, shape: str
    ) -> None:
        advoware.create_child(number, ADRESSEN, WALL)
        sandbox.advoware(post_answer=shape)
        assert advoware.create_child(number, ADRESSEN, {**WALL, "strasse": "Ring 3"}).id is None
        assert len(entries(advoware, number)) == 2

    @pytest.mark.parametrize(
        "switches, found",
        [({"omit_adressen": True}, None), ({"empty_adressen": True}, 0), ({}, 1)],
    )
    def test_lists_that_are_not_shown(
        self, advoware: AdvowareClient, sandbox: Sandbox, number: int, switches: dict[str, Any], found: int | None
    ) -> None:
        advoware.create_child(number, ADRESSEN, WALL)
        sandbox.advoware(**switches)
        shown = children_in(advoware.get(number).raw, ADRESSEN)
        assert (None if shown is None else len(shown)) == found

    def test_habits_of_a_new_address(self, advoware: AdvowareClient, sandbox: Sandbox, number: int) -> None:
        sandbox.advoware(cut_remark=5, standard_moves=True, anschrift_kind="composed", land_form="name")
        advoware.create_child(number, ADRESSEN, {**WALL, "bemerkung": "[ESPOCRM-ID:x]"})
        advoware.create_child(number, ADRESSEN, {**WALL, "strasse": "Ring 3"})
        first, second = entries(advoware, number)
        assert (first.raw["bemerkung"], first.raw["standardAnschrift"]) == ("[ESPO", False)
        assert second.raw["standardAnschrift"] is True
        assert (first.raw["anschrift"], first.raw["land"]) == ("Wall 1\n30159 Hannover", "Deutschland")
        sandbox.advoware(land_form="letters")
        with pytest.raises(Invalid):
            advoware.create_child(number, ADRESSEN, {**WALL, "land": "Deutschland"})

    def test_the_letter_block_may_follow_by_itself(
        self, advoware: AdvowareClient, sandbox: Sandbox, number: int
    ) -> None:
        sandbox.advoware(anschrift_kind="follows")
        advoware.create_child(number, ADRESSEN, WALL)
        advoware.update_child(number, ADRESSEN, entries(advoware, number)[0], {"strasse": "Ring 3"})
        assert entries(advoware, number)[0].raw["anschrift"] == "Ring 3\n30159 Hannover"

    def test_a_child_may_move_its_parent(self, advoware: AdvowareClient, sandbox: Sandbox, number: int) -> None:
        sandbox.advoware(child_moves_parent=True)
        before = advoware.get(number)
        advoware.create_child(number, ADRESSEN, WALL)
        assert advoware.get(number).row_id != before.row_id

    @pytest.mark.parametrize("touches", [True, False])
    def test_a_parent_s_put_hands_the_list_back(
        self, advoware: AdvowareClient, sandbox: Sandbox, number: int, touches: bool
    ) -> None:
        advoware.create_child(number, ADRESSEN, WALL)
        (before,) = entries(advoware, number)
        sandbox.advoware(parent_put_touches_children=touches)
        advoware.update(advoware.get(number), {"vorname": "Max"})
        (after,) = entries(advoware, number)
        assert {**after.raw, "rowId": ""} == {**before.raw, "rowId": ""}
        assert (after.row_id != before.row_id) == touches

    def test_accounts_are_created_and_nothing_else(
        self, advoware: AdvowareClient, sandbox: Sandbox, number: int
    ) -> None:
        made = advoware.create_child(number, BANK, {"iban": IBAN, "kontoinhaber": "Müller"})
        with pytest.raises(Misconfigured):
            advoware.update_child(number, BANK, made, {"iban": IBAN})
        assert children_in(advoware.get(number).raw, BANK) is None
        with pytest.raises(RemoteError):
            advoware.children(number, BANK)
        sandbox.advoware(bank_list="get")
        assert [entry.raw["iban"] for entry in advoware.children(number, BANK)] == [IBAN]
        sandbox.advoware(bank_list="embedded")
        assert bank.looks_like_accounts(advoware.get(number).raw) == ("bankverbindungen",)
        assert [entry.id for entry in entries(advoware, number, BANK)] == [made.id]

    def test_refusals(self, advoware: AdvowareClient, number: int) -> None:
        with pytest.raises(Invalid) as caught:
            advoware.create_child(number, ADRESSEN, {**WALL, "strasse": "x" * 300})
        assert "xxx" not in str(caught.value)
        with pytest.raises(NotFound):
            advoware.create_child(999_999, ADRESSEN, WALL)
        with pytest.raises(NotFound):
            advoware.update_child(number, ADRESSEN, Child(999_999, None, {}), WALL)


class TestEspocrm:
    def parent(self, espocrm: EspoClient) -> str:
        return espocrm.create({"name": "Müller"}, skip_duplicate_check=True).id

    def test_an_address_s_life(self, espocrm: EspoClient) -> None:
        parent, other = self.parent(espocrm), self.parent(espocrm)
        child = espocrm.of_type("CAdressen")
        made = child.create({"beteiligteId": parent, "strasse": " Wall 1 ", "advowareAdresseId": 7})
        child.create({"beteiligteId": other, "strasse": "Ring 3"})
        (read,) = child.children(link="beteiligteId", parent_id=parent)
        item = adressen.item_of(read.id, read.attributes, resolved(adressen.ENTITY_FIELDS))
        assert (item.espo_id, item.address.strasse, item.entry_number) == (made.id, "Wall 1", 7)
        assert (item.address.aktiv, item.address.standard) == (True, False)
        changed = child.patch(made.id, {"ort": "Ulm", "istAktiv": False}, version=read.version)
        assert (changed.attributes["ort"], changed.attributes["istAktiv"]) == ("Ulm", False)
        with pytest.raises(Forbidden):
            child.delete(made.id)

    def test_equal_addresses_are_no_duplicates(self, espocrm: EspoClient) -> None:
        parent, child = self.parent(espocrm), espocrm.of_type("CAdressen")
        for _ in range(2):
            child.create({"beteiligteId": parent, "name": "Wall 1", "strasse": "Wall 1"})
        assert len(child.children(link="beteiligteId", parent_id=parent)) == 2

    def test_what_the_metadata_says(self, espocrm: EspoClient) -> None:
        described = espocrm.metadata("entityDefs.CAdressen")
        assert isinstance(described, dict)
        names = resolved(adressen.ENTITY_FIELDS, known=described["fields"])
        assert names.missing == ()
        assert {"land", "postfach", "standard", "aktiv", "entry_number"} <= names.carried
        assert described["links"]["beteiligte"]["entity"] == "CBeteiligte"
        own = espocrm.metadata("entityDefs.CAnschriften.fields")
        assert isinstance(own, dict)
        assert resolved(adressen.ENTITY_FIELDS, known=own).carried == {"strasse", "plz", "ort", "land"}

    def test_address_fields_of_the_record(self, espocrm: EspoClient) -> None:
        made = espocrm.create({"name": "Müller", "billingAddressStreet": "c/o Meier\nWall 1"})
        names = resolved(adressen.RECORD_FIELDS, prefix="billingAddress")
        item = adressen.item_of("billingAddress", espocrm.get(made.id).attributes, names)
        assert item.address.strasse == "c/o Meier\nWall 1"
        (row,) = espocrm.list_page(where=[{"type": "equals", "attribute": "id", "value": made.id}]).rows
        assert row.attributes["billingAddressStreet"] == "c/o Meier\nWall 1"
        espocrm.patch(made.id, names.write_espo({"strasse": "Ring 3", "land": ""}))
        assert espocrm.get(made.id).attributes["billingAddressStreet"] == "Ring 3"

    @pytest.mark.parametrize("values", [{"iban": IBAN[:-1] + "1"}, {"iban": IBAN, "bic": "KAPUTT"}, {"iban": "de 89"}])
    def test_the_firm_s_hook_refuses_what_is_wrong(self, espocrm: EspoClient, values: dict[str, str]) -> None:
        with pytest.raises(Invalid) as caught:
            espocrm.of_type("CBankverbindungen").create({"beteiligteId": self.parent(espocrm), **values})
        assert IBAN[4:10] not in str(caught.value)

    def test_an_account(self, espocrm: EspoClient) -> None:
        parent, child = self.parent(espocrm), espocrm.of_type("CBankverbindungen")
        child.create({"beteiligteId": parent, "iban": IBAN, "bic": "COBADEFF", "advowareKontoId": "7"})
        (read,) = child.children(link="beteiligteId", parent_id=parent)
        item = bank.item_of(read.id, read.attributes, resolved(bank.ACCOUNT_FIELDS), is_old=False)
        assert (item.account.key, item.aktiv, item.entry_number) == (IBAN, True, 7)

    def test_webhooks_of_the_children(self, espocrm: EspoClient, sandbox: Sandbox) -> None:
        for event in ("create", "update", "delete"):
            espocrm.create_webhook(f"CAdressen.{event}", f"http://127.0.0.1:9/{event}")
        child = espocrm.of_type("CAdressen")
        made = child.create({"beteiligteId": self.parent(espocrm), "strasse": "Wall 1"})
        child.patch(made.id, {"ort": "Ulm"})
        sent = sandbox.deliver_webhooks()
        assert sent["sent"] == 2
