"""Webhooks of addresses and accounts in the inbox and on the record's page: what they were about, and no account."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from syncapp.entities.beteiligte.parts.bankverbindungen.part import BankPart
from syncapp.models import InboxElement, SyncRecord
from syncapp.operations.monitoring.timeline import happenings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]
IBAN = "DE89370400440532013000"


def element(**columns: Any) -> InboxElement:
    record = SyncRecord.objects.create(espo_id="6b020623dbb0b2434", status="clean", betnr=1)
    given = {"delivery": uuid.uuid4(), "espo_id": "6b0206aaaaaaaaaaa", "action": "create", "result": "counted"}
    return InboxElement.objects.create(record=record, judged_at=timezone.now(), **{**given, **columns})


def test_an_account_is_told_by_the_names_of_its_fields(clerk: Client) -> None:
    bank = BankPart()
    kept = dict(bank.keeps({"id": "a", "iban": IBAN, "istAktiv": True}, bank.names(None)))
    one = element(kind="bank", attributes=kept)
    for address in (
        reverse("admin:syncapp_inboxelement_changelist"),
        reverse("admin:syncapp_inboxelement_change", args=[one.pk]),
    ):
        text = clerk.get(address).text
        assert "(nicht aufbewahrt)" in text
        assert "iban" in text
        assert kept["sealed"]["iban"] not in text
        assert "Bankverbindungen: angelegt" in text


def test_an_address_is_shown_as_it_came(clerk: Client) -> None:
    element(kind="adressen", attributes={"id": "a", "ort": "Quendelburg"}, result="seeking")
    text = clerk.get(reverse("admin:syncapp_inboxelement_changelist")).text
    assert "Quendelburg" in text
    assert "der zugehörige Datensatz wird in EspoCRM gesucht" in text


def test_the_record_s_history_says_what_the_webhook_was_about() -> None:
    one = element(kind="adressen")
    told = [entry.headline for entry in happenings(one.record)[0]]
    assert [str(line) for line in told if "Adressen" in str(line)] == ["EspoCRM meldete zu Adressen: angelegt"]
