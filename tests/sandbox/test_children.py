"""Addresses and bank accounts in the stand-ins: what people do in them, what webhooks carry, and the seed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sandbox import hooks, seed
from sandbox.advoware import children
from sandbox.espocrm import hooks as before_save
from sandbox.espocrm import people
from sandbox.models.advoware import Beteiligter, ListEntry
from sandbox.models.espocrm import EspoRecord, EspoUser, EspoWebhook, WebhookEvent
from sandbox.seed_children import STATES, iban
from tests.sandbox.remote import Advoware, Control
from tests.sandbox.test_admin import form_of, save

WALL = {"strasse": "Wall 1", "plz": "30159", "ort": "Hannover"}


class TestControl:
    def test_people_add_edit_and_remove(self, advoware: Advoware, control: Control) -> None:
        number = control.post("advoware/beteiligte", {"set": {"name": "X"}, "adressen": [WALL]})["betNr"]
        (entry,) = advoware.get(number)["adressen"]
        path = f"advoware/beteiligte/{number}"
        control.post(path, {"adressen": {"edit": [{"id": entry["id"], "land": "A"}], "add": [{"ort": "Ulm"}]}})
        first, second = advoware.get(number)["adressen"]
        assert (first["land"], first["strasse"], first["rowId"] != entry["rowId"]) == ("A", "Wall 1", True)
        assert (second["ort"], second["reihenfolgeIndex"]) == ("Ulm", 2)
        shown = control.post(
            path, {"adressen": {"remove": [first["id"]]}, "bankverbindungen": {"add": [{"iban": "X"}]}}
        )
        assert [one["ort"] for one in shown["adressen"]] == ["Ulm"]
        assert [one["iban"] for one in shown["bankverbindungen"]] == ["X"]

    def test_nothing_is_deleted_by_the_api(self, advoware: Advoware) -> None:
        number = advoware.create()["betNr"]
        made = advoware.request("POST", f"Beteiligte/{number}/Adressen", WALL).json()
        assert advoware.request("DELETE", f"Beteiligte/{number}/Adressen/{made['id']}").status_code == 403
        assert advoware.request("PUT", f"Beteiligte/{number}/Bankverbindungen/1", {}).status_code == 405

    @pytest.mark.parametrize(
        "body", [{"strasse": 5}, {"standardAnschrift": "ja"}, {"plz": "1" * 21}, {"bemerkung": "x" * 1001}]
    )
    def test_what_is_refused(self, advoware: Advoware, body: dict[str, object]) -> None:
        number = advoware.create()["betNr"]
        assert advoware.request("POST", f"Beteiligte/{number}/Adressen", body).status_code == 400

    def test_too_long_may_be_cut(self, advoware: Advoware, control: Control) -> None:
        control.advoware(too_long="cut")
        number = advoware.create()["betNr"]
        made = advoware.request("POST", f"Beteiligte/{number}/Adressen", {"strasse": "x" * 300}).json()
        assert made["strasse"] == "x" * 100


@pytest.mark.django_db(databases=["default", "sandbox"])
class TestSeed:
    def test_every_state_is_dealt(self) -> None:
        seed.load(count=2 * len(STATES), now=datetime(2026, 3, 1, 12, tzinfo=UTC), children=True)
        assert {entry.kind for entry in ListEntry.objects.all()} == set(children.LISTS)
        types = set(EspoRecord.objects.values_list("entity_type", flat=True))
        assert {"CAdressen", "CBankverbindungen"} <= types
        accounts = EspoRecord.objects.filter(entity_type="CBankverbindungen")
        assert accounts
        assert all(before_save.is_right(record.extra["iban"]) for record in accounts)

    def test_none_without_being_asked(self) -> None:
        assert seed.load(count=5)["espocrm"] == EspoRecord.objects.count()
        assert not ListEntry.objects.exists()

    def test_made_up_accounts_have_right_check_digits(self) -> None:
        assert all(before_save.is_right(iban(nth)) for nth in range(50))


@pytest.mark.django_db(databases=["default", "sandbox"])
class TestAdmin:
    @pytest.fixture
    def admin(self, client: Client, settings: Any) -> Client:
        settings.UNFOLD = {}
        client.force_login(User.objects.create_superuser("chefin", password="x"))
        seed.load(count=1, now=datetime(2026, 3, 1, 12, tzinfo=UTC), children=True)
        hooks.install("http://127.0.0.1:1")
        return client

    @pytest.mark.parametrize("page", ["adresse", "bankverbindung", "espoadresse", "espobankverbindung", "esporecord"])
    def test_pages(self, admin: Client, page: str) -> None:
        assert admin.get(f"/admin/sandbox/{page}/").status_code == 200
        assert admin.get(f"/admin/sandbox/{page}/add/").status_code == 200

    def test_an_edit_in_advoware_moves_the_entry_s_row_id(self, admin: Client) -> None:
        entry = ListEntry.objects.get(kind="adressen")
        address = f"/admin/sandbox/adresse/{entry.pk}/change/"
        save(admin, address, {**form_of(admin, address), "land": "Österreich"})
        after = ListEntry.objects.get(pk=entry.pk)
        assert after.fields == {**entry.fields, "land": "Österreich"}
        assert after.row_id != entry.row_id

    def test_an_unchanged_form_is_no_write(self, admin: Client) -> None:
        entry = ListEntry.objects.get(kind="adressen")
        address = f"/admin/sandbox/adresse/{entry.pk}/change/"
        save(admin, address, form_of(admin, address))
        assert ListEntry.objects.get(pk=entry.pk).row_id == entry.row_id

    def test_a_new_account_in_advoware_and_its_deletion(self, admin: Client) -> None:
        owner = Beteiligter.objects.get()
        save(admin, "/admin/sandbox/bankverbindung/add/", {"parent": owner.pk, "iban": iban(9)})
        made = ListEntry.objects.get(fields__iban=iban(9))
        admin.post(f"/admin/sandbox/bankverbindung/{made.pk}/delete/", {"post": "yes"})
        assert not ListEntry.objects.filter(pk=made.pk).exists()

    def test_what_advoware_refuses_is_an_error_at_its_field(self, admin: Client) -> None:
        sent = {"parent": Beteiligter.objects.get().pk, "plz": "1" * 21}
        answer = admin.post("/admin/sandbox/adresse/add/", sent)
        assert answer.context["adminform"].form.errors["plz"]

    def test_an_edit_in_espocrm_is_a_write_with_its_webhook(self, admin: Client) -> None:
        listening()
        record = EspoRecord.objects.get(entity_type="CAdressen")
        address = f"/admin/sandbox/espoadresse/{record.pk}/change/"
        save(admin, address, {**form_of(admin, address), "ort": "Ulm"})
        after = EspoRecord.objects.get(pk=record.pk)
        assert after.extra == {**record.extra, "ort": "Ulm"}
        assert after.version_number == (record.version_number or 0) + 1
        (event,) = WebhookEvent.objects.all()
        assert (event.event, event.payload["ort"], event.payload["id"]) == ("CAdressen.update", "Ulm", record.pk)

    def test_a_new_one_tells_its_parent_and_a_deleted_one_only_its_id(self, admin: Client) -> None:
        listening()
        parent = EspoRecord.objects.get(entity_type="CBeteiligte")
        save(admin, "/admin/sandbox/espoadresse/add/", {"parent": parent.pk, "strasse": "Wall 1"})
        made = EspoRecord.objects.get(extra__strasse="Wall 1")
        admin.post(f"/admin/sandbox/espoadresse/{made.pk}/delete/", {"post": "yes"})
        created, deleted = WebhookEvent.objects.order_by("pk")
        assert created.payload["beteiligteId"] == parent.pk
        assert deleted.payload == {"id": made.pk}

    def test_the_hook_s_refusal_is_an_error_on_the_page(self, admin: Client) -> None:
        parent = EspoRecord.objects.get(entity_type="CBeteiligte")
        answer = admin.post("/admin/sandbox/espobankverbindung/add/", {"parent": parent.pk, "iban": "DE00"})
        assert "invalidIbanChecksum" in str(answer.context["adminform"].form.errors)


def listening() -> None:
    people.install()
    user = EspoUser.objects.get(user_name="syncbot")
    for number, event in enumerate(("create", "update", "delete")):
        EspoWebhook.objects.create(
            id=f"5a0d0000000000ca{number}",
            event=f"CAdressen.{event}",
            url="http://127.0.0.1:1",
            secret_key="s",
            user=user,
            created_at="2026-01-01 00:00:00",
            modified_at="2026-01-01 00:00:00",
        )
