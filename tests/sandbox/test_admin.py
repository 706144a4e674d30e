"""A person's edits in the admin: on either side they are what a write through the API is."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from sandbox import hooks, seed
from sandbox.advoware import records as advoware
from sandbox.advoware import termine
from sandbox.advoware.shape import beteiligter_json
from sandbox.models.advoware import Beteiligter, Kommunikation
from sandbox.models.espocrm import EspoRecord, WebhookEvent
from sandbox.switches import turn

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
ADVOWARE = "/admin/sandbox/beteiligter/"
ESPOCRM = "/admin/sandbox/esporecord/"


@pytest.fixture
def admin(client: Client, settings: Any) -> Client:
    """Logged in, to pages without the product's own sidebar."""
    settings.UNFOLD = {}
    client.force_login(User.objects.create_superuser("chefin", password="x"))
    return client


@pytest.fixture
def linked() -> tuple[EspoRecord, Beteiligter]:
    seed.load(count=1, now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    hooks.install("http://127.0.0.1:1")
    return EspoRecord.objects.get(), Beteiligter.objects.get()


def form_of(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send back if nobody changed anything on the page."""
    answer = client.get(address)
    assert answer.status_code == 200
    sent: dict[str, Any] = {}
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def save(client: Client, address: str, sent: dict[str, Any]) -> None:
    answer = client.post(address, sent)
    if answer.status_code != 302:
        errors = [answer.context["errors"], answer.context["adminform"].form.errors]
        raise AssertionError(errors)


def events() -> list[tuple[str, dict[str, Any]]]:
    return [(event.event, event.payload) for event in WebhookEvent.objects.order_by("pk")]


class TestAdvoware:
    def page(self, row: Beteiligter) -> str:
        return f"{ADVOWARE}{row.pk}/change/"

    def test_saving_without_a_change_writes_nothing(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        before = beteiligter_json(row)
        save(admin, self.page(row), form_of(admin, self.page(row)))
        assert beteiligter_json(Beteiligter.objects.get()) == before

    def test_an_edit_moves_row_id_and_time(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        save(admin, self.page(row), {**form_of(admin, self.page(row)), "zusatz": "Hinterhaus"})
        now = Beteiligter.objects.get()
        assert now.fields == {**row.fields, "zusatz": "Hinterhaus"}
        assert now.row_id != row.row_id
        assert now.geaendert_am > row.geaendert_am

    def test_other_fields_are_edited_as_json(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        other = {key: value for key, value in row.fields.items() if key in advoware.EXTRA_DEFAULTS}
        sent = {**form_of(admin, self.page(row)), "other": '{"kurzname": "Neu"}'}
        save(admin, self.page(row), sent)
        assert Beteiligter.objects.get().fields == {**row.fields, **other, "kurzname": "Neu"}

    def test_a_date_is_cleared_to_null(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        save(admin, self.page(row), {**form_of(admin, self.page(row)), "geburtsdatum": ""})
        assert Beteiligter.objects.get().fields["geburtsdatum"] is None

    def test_an_entry_is_edited_alone(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        first, *others = row.kommunikation.all()
        sent = {**form_of(admin, self.page(row)), "kommunikation-0-tlf": "030 / 999", "kommunikation-0-komm_kz": "6"}
        save(admin, self.page(row), sent)
        now = Kommunikation.objects.get(pk=first.pk)
        assert (now.tlf, now.komm_kz, now.bemerkung) == ("030 / 999", 6, first.bemerkung)
        assert now.row_id != first.row_id
        assert [Kommunikation.objects.get(pk=other.pk).row_id for other in others] == [other.row_id for other in others]
        assert Beteiligter.objects.get().row_id == row.row_id

    def test_entries_are_added_and_removed(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        count = row.kommunikation.count()
        sent = {
            **form_of(admin, self.page(row)),
            "kommunikation-0-DELETE": "on",
            "kommunikation-TOTAL_FORMS": str(count + 1),
            f"kommunikation-{count}-beteiligter": str(row.pk),
            f"kommunikation-{count}-komm_kz": "3",
            f"kommunikation-{count}-tlf": "0171 1",
        }
        removed = row.kommunikation.first()
        save(admin, self.page(row), sent)
        assert not Kommunikation.objects.filter(pk=removed.pk).exists()
        added = Kommunikation.objects.latest("pk")
        assert (added.tlf, added.bemerkung, added.komm_kz, added.online) == ("0171 1", None, 3, False)
        assert added.row_id

    def test_a_new_one_gets_a_number(self, admin: Client) -> None:
        sent = {**form_of(admin, f"{ADVOWARE}add/"), "name": "Neu", "rechtsform": "GmbH"}
        save(admin, f"{ADVOWARE}add/", sent)
        row = Beteiligter.objects.get()
        assert (row.pk, row.fields["name"], row.fields["vorname"]) == (advoware.FIRST_BET_NR, "Neu", None)
        assert set(row.fields) == set(advoware.ALL_FIELDS)

    def test_deleting_keeps_the_number(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        admin.post(f"{ADVOWARE}{row.pk}/delete/", {"post": "yes"})
        assert not Beteiligter.objects.exists()
        assert Beteiligter.with_gone.get().pk == row.pk

    def test_a_refused_value_is_told_at_its_field(self, admin: Client, linked: Any) -> None:
        row = linked[1]
        answer = admin.post(self.page(row), {**form_of(admin, self.page(row)), "vorname": "x" * 31})
        assert "vorname" in answer.context["adminform"].form.errors
        assert Beteiligter.objects.get().row_id == row.row_id

    def test_list_finds_by_name(self, admin: Client, linked: Any) -> None:
        name = linked[1].fields["name"]
        assert name in admin.get(ADVOWARE, {"q": name}).content.decode()
        assert admin.get(ADVOWARE, {"q": "nobody"}).context["cl"].result_count == 0


class TestEspoCrm:
    def page(self, record: EspoRecord) -> str:
        return f"{ESPOCRM}{record.pk}/change/"

    def test_saving_without_a_change_writes_nothing(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        save(admin, self.page(record), form_of(admin, self.page(record)))
        now = EspoRecord.objects.get()
        assert (now.version_number, now.modified_at) == (record.version_number, record.modified_at)
        assert events() == []

    def test_an_edit_moves_version_time_user_and_tells_webhooks(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        save(admin, self.page(record), {**form_of(admin, self.page(record)), "zusatz": "Hinterhaus"})
        now = EspoRecord.objects.select_related("modified_by").get()
        assert (now.zusatz, now.version_number) == ("Hinterhaus", record.version_number + 1)
        assert now.modified_at > record.modified_at
        assert now.modified_by is not None
        assert now.modified_by.user_name == "anna"
        ((event, payload),) = events()
        assert event == "CBeteiligte.update"
        assert (payload["id"], payload["zusatz"]) == (record.pk, "Hinterhaus")
        assert "phoneNumberData" not in payload

    def test_master_and_contacts_are_one_write(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        sent = {**form_of(admin, self.page(record)), "titel": "Dr.", "phones-0-type": "Other"}
        save(admin, self.page(record), sent)
        ((_event, payload),) = events()
        assert payload["titel"] == "Dr."
        assert "Other" in {row["type"] for row in payload["phoneNumberData"]}
        assert "emailAddressData" not in payload
        assert EspoRecord.objects.get().version_number == record.version_number + 1

    def test_a_number_is_replaced_and_another_removed(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        sent = {**form_of(admin, self.page(record)), "phones-0-value": "+493023125777", "phones-1-DELETE": "on"}
        held = record.phones.count()
        save(admin, self.page(record), sent)
        numbers = {link.point.name for link in record.phones.select_related("point")}
        assert "+493023125777" in numbers
        assert len(numbers) == held - 1

    def test_an_address_is_added(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        count = record.emails.count()
        sent = {
            **form_of(admin, self.page(record)),
            "emails-TOTAL_FORMS": str(count + 1),
            f"emails-{count}-record": record.pk,
            f"emails-{count}-value": "zweite@example.org",
        }
        save(admin, self.page(record), sent)
        assert "zweite@example.org" in {link.point.name for link in record.emails.select_related("point")}

    def test_a_national_number_is_told_at_its_row(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        answer = admin.post(self.page(record), {**form_of(admin, self.page(record)), "phones-0-value": "030 1"})
        phones = answer.context["inline_admin_formsets"][0].formset
        assert "value" in phones.forms[0].errors
        assert EspoRecord.objects.get().version_number == record.version_number

    def test_more_numbers_than_espocrm_takes_are_refused(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        turn("espocrm", {"max_phones": record.phones.count()})
        count = record.phones.count()
        added = {"record": record.pk, "value": "+493023125888", "type": "Other"}
        sent = form_of(admin, self.page(record)) | {f"phones-{count}-{name}": value for name, value in added.items()}
        answer = admin.post(self.page(record), {**sent, "phones-TOTAL_FORMS": str(count + 1)})
        assert "maxCount" in str(answer.context["inline_admin_formsets"][0].formset.non_form_errors())
        assert EspoRecord.objects.get().version_number == record.version_number

    def test_an_empty_name_is_refused(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        answer = admin.post(self.page(record), {**form_of(admin, self.page(record)), "name": ""})
        assert "field: name" in str(answer.context["adminform"].form.errors)

    def test_betnr_and_status_are_a_persons_to_set(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        save(admin, self.page(record), {**form_of(admin, self.page(record)), "betnr": "7", "sync_status": "dirty"})
        ((_event, payload),) = events()
        assert (payload["betnr"], payload["syncStatus"]) == (7, "dirty")

    def test_a_new_one_is_announced(self, admin: Client, linked: Any) -> None:
        sent = {**form_of(admin, f"{ESPOCRM}add/"), "name": "Neu", "vorname": "Eva"}
        save(admin, f"{ESPOCRM}add/", sent)
        record = EspoRecord.objects.get(name="Neu")
        assert (record.entity_type, record.vorname, record.created_by_id) == ("CBeteiligte", "Eva", seed_staff())
        assert [(event, payload["id"]) for event, payload in events()] == [("CBeteiligte.create", record.pk)]

    def test_deleting_is_announced_and_restoring_is_not(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        admin.post(f"{self.page(record).removesuffix('change/')}delete/", {"post": "yes"})
        assert events() == [("CBeteiligte.delete", {"id": record.pk})]
        assert EspoRecord.objects.get().deleted
        admin.post(ESPOCRM, {"action": "restore", "_selected_action": [record.pk]})
        assert not EspoRecord.objects.get().deleted
        assert len(events()) == 1

    def test_a_deleted_one_cannot_be_edited(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        EspoRecord.objects.update(deleted=True)
        assert admin.post(self.page(record), {"name": "x"}).status_code == 403

    def test_a_person_entity_shows_its_own_fields(self, admin: Client, linked: Any) -> None:
        record = linked[0]
        EspoRecord.objects.update(entity_type="CBeteiligtePerson", last_name="Weiß", name="Weiß")
        sent = form_of(admin, self.page(record))
        assert "vorname" not in sent
        save(admin, self.page(record), {**sent, "first_name": "Käthe"})
        assert EspoRecord.objects.get().name == "Käthe Weiß"

    @pytest.mark.parametrize("name", ["espowebhook", "note", "esporecord", "beteiligter"])
    def test_lists_open(self, admin: Client, linked: Any, name: str) -> None:
        assert admin.get(f"/admin/sandbox/{name}/").status_code == 200

    def test_secrets_of_webhooks_are_not_shown(self, admin: Client, linked: Any) -> None:
        webhook_id, secret = hooks.WEBHOOKS["create"]
        page = admin.get(f"/admin/sandbox/espowebhook/{webhook_id}/change/").content.decode()
        assert "CBeteiligte.create" in page
        assert secret not in page


def seed_staff() -> str:
    return next(str(user["id"]) for user in seed.people.USERS if user["user_name"] == "anna")


def test_pages_speak_german(admin: Client, linked: Any) -> None:
    with translation.override("de"):
        page = admin.get(f"{ADVOWARE}{linked[1].pk}/change/").content.decode()
    assert "Geburtsdatum" in page
    assert "Date of birth" not in page


def test_no_page_begins_betnr_with_a_capital(admin: Client, linked: Any) -> None:
    with translation.override("de"):
        for address in (ADVOWARE, f"{ADVOWARE}{linked[1].pk}/change/", ESPOCRM, f"{ESPOCRM}{linked[0].pk}/change/"):
            page = admin.get(address).text
            assert "BetNr" not in page
            assert "betNr" in page


class TestTermine:
    def test_switches_show_what_is_there_and_an_edit_changes_only_what_was_edited(self, admin: Client) -> None:
        """A number 0 in a switch's place would be drawn as switched on."""
        row = termine.create({"datum": "2026-03-02", "text": "Besprechung", "privat": 0, "dauertermin": 0})
        page = f"/admin/sandbox/termin/{row.pk}/change/"
        form = admin.get(page).context["adminform"].form
        drawn = {name: re.search(r"\schecked[\s>]", str(form[name])) is not None for name in ("privat", "dauertermin")}
        assert drawn == {"privat": False, "dauertermin": False}
        # A browser sends a switch that is drawn on.
        sent = {key: value for key, value in form_of(admin, page).items() if key not in drawn or drawn[key]}
        save(admin, page, {**sent, "ort": "Raum 2"})
        after = termine.find(row.pk).fields
        assert after == {**row.fields, "ort": "Raum 2"}
