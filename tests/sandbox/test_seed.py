"""The made-up people: the same every time, plausible, and in every state of being linked."""

import base64
import re
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import phonenumbers
import pytest
from email_validator import validate_email

from sandbox import hooks, seed
from sandbox.espocrm.entities import ENTITY_TYPES
from sandbox.identities import NATURAL, Identity, identities
from sandbox.models.advoware import Beteiligter
from sandbox.models.espocrm import EspoRecord, EspoUser, EspoWebhook, WebhookEvent
from sandbox.switches import turn
from tests.sandbox.remote import Control

pytestmark = pytest.mark.django_db(databases=["default", "sandbox"])
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARKER = re.compile(r"\[ESPOCRM:([A-Za-z0-9+/=]+):(\d+)\]")


@pytest.fixture
def people() -> list[Identity]:
    return list(islice(identities(), seed.COUNT))


def place(case: str, nth: int = 0) -> tuple[EspoRecord | None, Beteiligter | None]:
    """One identity put into one state; what came of it on either side."""
    seed.people.install()
    bot, staff = (EspoUser.objects.get(user_name=name) for name in ("syncbot", "anna"))
    identity = next(islice(identities(), nth, None))
    getattr(seed, case)(seed.SeedPair(identity, ENTITY_TYPES["CBeteiligte"], seed.moments(nth, NOW), bot, staff))
    return EspoRecord.objects.first(), Beteiligter.objects.first()


def both(case: str, nth: int = 0) -> tuple[EspoRecord, Beteiligter]:
    record, row = place(case, nth)
    assert record is not None
    assert row is not None
    return record, row


class TestPeople:
    def test_are_the_same_every_time(self, people: list[Identity]) -> None:
        assert people == list(islice(identities(), seed.COUNT))

    def test_are_all_different(self, people: list[Identity]) -> None:
        assert len({(one.fields["name"], one.fields["vorname"]) for one in people}) == len(people)

    def test_numbers_are_valid(self, people: list[Identity]) -> None:
        numbers = [contact.value for one in people for contact in one.contacts if contact.type]
        assert numbers
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(number)) for number in numbers)

    def test_spelled_numbers_mean_the_same(self, people: list[Identity]) -> None:
        for contact in (contact for one in people for contact in one.contacts if contact.type):
            parsed = phonenumbers.parse(contact.spelled, "DE")
            assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == contact.value

    def test_addresses_are_valid(self, people: list[Identity]) -> None:
        addresses = [contact.value for one in people for contact in one.contacts if contact.type is None]
        assert addresses
        for address in addresses:
            validate_email(address, check_deliverability=False)

    @pytest.mark.parametrize(
        "oddity",
        [
            lambda one: any(letter in str(one.fields["name"]) for letter in "äöüß"),
            lambda one: "-" in str(one.fields["name"]),
            lambda one: "-" in str(one.fields["vorname"]),
            lambda one: one.is_company,
            lambda one: not one.is_company and one.fields["geburtsdatum"] is None,
            lambda one: one.fields["titel"] is not None,
            lambda one: one.fields["zusatz"] is not None,
            lambda one: " " in str(one.fields["name"]) and not one.is_company,
        ],
        ids=["umlaut", "double-name", "double-first-name", "company", "no-birthday", "title", "addition", "particle"],
    )
    def test_have_oddities(self, people: list[Identity], oddity: Any) -> None:
        assert any(oddity(one) for one in people)

    def test_some_share_a_number(self, people: list[Identity]) -> None:
        numbers = [contact.value for one in people for contact in one.contacts if contact.type]
        assert 1 <= len(numbers) - len(set(numbers)) <= 8

    def test_companies_have_a_legal_form_and_no_birthday(self, people: list[Identity]) -> None:
        companies = [one.fields for one in people if one.is_company]
        assert {fields["geburtsdatum"] for fields in companies} == {None}
        assert NATURAL not in {fields["rechtsform"] for fields in companies}


class TestCases:
    def test_linked_and_equal(self) -> None:
        record, row = both("linked_and_equal")
        assert (record.betnr, record.advoware_row_id, record.sync_status) == (row.bet_nr, row.row_id, "clean")
        assert record.kommunikation_hash == seed.rows_hash(row)
        assert record.modified_at == record.advoware_last_sync > record.created_at
        assert row.geaendert_am < NOW
        assert record.modified_by is not None
        assert record.modified_by.user_name == "syncbot"
        fields = {"name": record.name, "vorname": record.vorname, "titel": record.titel}
        assert fields == {key: row.fields[key] for key in fields}

    def test_linked_entries_carry_markers_of_espocrms_spelling(self) -> None:
        record, row = both("linked_and_equal")
        found = [MARKER.search(entry.bemerkung or "") for entry in row.kommunikation.all()]
        values = {base64.b64decode(match[1]).decode() for match in found if match}
        held = {link.point.name for link in [*record.phones.all(), *record.emails.all()]}
        assert values == held

    def test_linked_changed_in_espocrm(self) -> None:
        record, row = both("linked_changed_in_espocrm")
        assert record.zusatz != row.fields["zusatz"]
        assert record.modified_at > str(record.advoware_last_sync)
        assert record.sync_status == "dirty"
        assert row.row_id == record.advoware_row_id

    def test_linked_changed_in_advoware(self) -> None:
        record, row = both("linked_changed_in_advoware")
        assert record.zusatz != row.fields["zusatz"]
        assert record.modified_at == record.advoware_last_sync
        assert row.row_id != record.advoware_row_id
        assert seed.espo_time(row.geaendert_am) > str(record.advoware_last_sync)

    def test_linked_changed_in_both(self) -> None:
        record, row = both("linked_changed_in_both")
        assert record.b_anrede != row.fields["bAnrede"]
        assert record.zusatz != row.fields["zusatz"]
        assert record.zusatz is None

    def test_linked_in_conflict(self) -> None:
        record, row = both("linked_in_conflict")
        assert (record.zusatz, row.fields["zusatz"]) == ("2. Stock", "3. Stock")

    def test_linked_with_new_entry_in_advoware(self) -> None:
        _record, row = both("linked_with_new_entry_in_advoware")
        assert len([entry for entry in row.kommunikation.all() if not MARKER.search(entry.bemerkung or "")]) == 1

    def test_linked_with_new_number_in_espocrm(self) -> None:
        record, row = both("linked_with_new_number_in_espocrm")
        assert record.phones.count() + record.emails.count() == row.kommunikation.count() + 1

    def test_linked_with_slot(self) -> None:
        _record, row = both("linked_with_slot")
        assert [e.bemerkung for e in row.kommunikation.all() if e.tlf is None] == ["[ESPOCRM-SLOT:3] alte Nummer"]

    def test_linked_with_odd_entries(self) -> None:
        _record, row = both("linked_with_odd_entries")
        assert {"siehe Akte", "www.example.com"} <= {entry.tlf for entry in row.kommunikation.all()}

    def test_linked_never_synced(self) -> None:
        record, row = both("linked_never_synced")
        assert (record.betnr, record.advoware_last_sync, record.advoware_row_id) == (row.bet_nr, None, None)
        assert {entry.bemerkung for entry in row.kommunikation.all()} == {None}

    def test_linked_without_row_id(self) -> None:
        record, _row = both("linked_without_row_id")
        assert (record.advoware_row_id, record.kommunikation_hash) == (None, None)
        assert record.advoware_last_sync is not None

    def test_only_in_espocrm(self) -> None:
        record, row = place("only_in_espocrm")
        assert row is None
        assert record is not None
        assert (record.betnr, record.sync_status) == (None, "pending_sync")

    def test_only_in_advoware(self) -> None:
        record, row = place("only_in_advoware")
        assert record is None
        assert row is not None


class TestLoad:
    def test_forty_people_in_every_case(self) -> None:
        found = seed.load(now=NOW)
        assert found["cases"] == {case.__name__: 2 * seed.CASES.count(case) for case in seed.CASES}
        assert found["espocrm"] == EspoRecord.objects.count() == 38
        assert found["advoware"] == Beteiligter.objects.count() == 34

    def test_is_announced_to_nobody(self) -> None:
        hooks.install("http://127.0.0.1:1")
        seed.load(now=NOW)
        assert not WebhookEvent.objects.exists()

    def test_nothing_lies_in_the_future(self) -> None:
        seed.load(now=NOW)
        now = seed.espo_time(NOW)
        for record in EspoRecord.objects.all():
            assert record.created_at <= record.modified_at < now
        assert not Beteiligter.objects.filter(geaendert_am__gte=NOW).exists()

    def test_entity_type_by_switch(self) -> None:
        turn("espocrm", {"entity": "person"})
        seed.load(count=10, now=NOW)
        assert set(EspoRecord.objects.values_list("entity_type", flat=True)) == {"CBeteiligtePerson"}
        companies = EspoRecord.objects.exclude(firmenname=None)
        assert {company.name == company.last_name == company.firmenname for company in companies} == {True}

    def test_a_type_that_the_installation_lacks_becomes_its_last(self) -> None:
        turn("espocrm", {"phone_types": ["Office", "Other"]})
        seed.load(count=3, now=NOW)
        types = {link.point.type for record in EspoRecord.objects.all() for link in record.phones.all()}
        assert types == {"Office", "Other"}

    def test_more_than_forty(self) -> None:
        seed.load(count=60, now=NOW)
        assert EspoRecord.objects.count() == 57


class TestCommand:
    def run(self, capsys: pytest.CaptureFixture[str], settings: Any, *arguments: str) -> str:
        from django.core.management import call_command

        settings.DEBUG = True
        call_command("sandbox_seed", *arguments)
        return capsys.readouterr().out

    def test_fills_only_what_is_empty(self, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
        assert "38 records in EspoCRM, 34 in Advoware" in self.run(capsys, settings)
        assert self.run(capsys, settings) == ""
        assert EspoRecord.objects.count() == 38

    def test_reset(self, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
        self.run(capsys, settings)
        self.run(capsys, settings, "--reset", "--count", "5")
        assert EspoRecord.objects.count() == 5

    def test_webhooks_have_fixed_ids_and_secrets(self, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
        arguments = ("--count", "0", "--webhooks-to", "http://127.0.0.1:8000/")
        first, second = (self.run(capsys, settings, *arguments).splitlines()[-1] for _ in range(2))
        assert first == second
        name, _, pairs = first.partition("=")
        assert name == "ESPOCRM_WEBHOOK_SECRETS"
        found = {webhook.id: webhook for webhook in EspoWebhook.objects.all()}
        assert {key: hook.secret_key for key, hook in found.items()} == dict(p.split(":") for p in pairs.split(","))
        names = {"CBeteiligte": "beteiligte", "CAdressen": "adressen", "CBankverbindungen": "bankverbindungen"}
        assert {(hook.event, hook.url) for hook in found.values()} == {
            (f"{entity_type}.{event}", f"http://127.0.0.1:8000/webhooks/espocrm/{name}/{event}")
            for entity_type, name in names.items()
            for event in ("create", "update", "delete")
        }
        assert {hook.user.user_name for hook in found.values()} == {"syncbot"}

    def test_a_new_address_repairs_the_webhooks(self, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
        self.run(capsys, settings, "--count", "0", "--webhooks-to", "http://127.0.0.1:8000")
        EspoWebhook.objects.update(is_active=False)
        self.run(capsys, settings, "--count", "0", "--webhooks-to", "http://127.0.0.1:9000")
        assert {hook.url.split("/web")[0] for hook in EspoWebhook.objects.all()} == {"http://127.0.0.1:9000"}
        assert EspoWebhook.objects.filter(is_active=True).count() == 9


def test_seed_through_the_server_is_the_same(control: Control) -> None:
    control.post("reset", {"seed": True, "count": 3})
    served = {row["name"] for system in control.get("state").values() for row in system}
    assert served == {one.fields["name"] for one in islice(identities(), 3)}
