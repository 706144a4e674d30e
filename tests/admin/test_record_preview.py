"""Both sides of a record on its page: what is planned is said as it is, contact points included."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from demo.people import Staff
from syncapp.engine import control
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import Breaker, ChildCase, SyncRecord
from syncapp.words.html import record_url
from tests.admin import rooms
from tests.support.firm import Firm, firm

__all__ = ["firm"]
pytestmark = [pytest.mark.django_db(transaction=True)]
OLD, NEW = "+493023125410", "+493023125999"


def phone(number: str) -> list[dict[str, object]]:
    return [{"phoneNumber": number, "type": "Office", "primary": True}]


def sides(client: Client, espo_id: str) -> str:
    record = SyncRecord.objects.get(espo_id=espo_id)
    return " ".join(client.get(reverse("admin:ops_sides", args=[record.pk])).text.split())


def waits_for_a_word(firm: Firm) -> str:
    espo_id = firm.new(geburtsdatum="1974-05-22", phoneNumberData=phone(OLD))
    SyncRecord.objects.create(espo_id=espo_id, status="failed", kind="needs_confirmation", requested=1)
    return espo_id


def test_no_create_is_announced_while_it_waits_for_a_word(firm: Firm, clerk: Client) -> None:
    text = sides(clerk, waits_for_a_word(firm))
    assert "keiner, solange niemand entscheidet. Was ein Lauf jetzt täte: In Advoware wird ein neuer" in text


@pytest.mark.parametrize(
    "mode, words",
    [
        ("paused", "keiner während der Pause. Was ein Lauf jetzt täte: 1 Feld geht nach Advoware"),
        ("shadow", "hält nur fest, was er täte, denn zurzeit wird nichts geschrieben: 1 Feld geht nach Advoware"),
    ],
)
def test_no_write_is_announced_while_nothing_is_written(firm: Firm, clerk: Client, mode: str, words: str) -> None:
    espo_id, _betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, titel="Prof.")
    control.set_mode(mode=mode, by="tests")
    assert words in sides(clerk, espo_id)


def test_a_paused_record_is_not_called_equal_while_nobody_looks(firm: Firm, clerk: Client) -> None:
    espo_id, betnr = firm.pair()
    SyncRecord.objects.update(hold="paused")
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    page = clerk.get(record_url(SyncRecord.objects.get(espo_id=espo_id).pk)).text
    assert "Dieser Datensatz wurde von Hand pausiert." in page
    assert "Beide Seiten sind gleich" not in page
    assert "keiner, bis ihn jemand weiterlaufen lässt. Was ein Lauf jetzt täte: 1 Feld geht nach EspoCRM" in sides(
        clerk, espo_id
    )


@pytest.mark.parametrize("vorname, name, writes", [("Frieda", "TEST-Müller", True), ("TEST-Frieda", "Müller", False)])
def test_whether_a_pilot_writes_goes_by_the_name_that_it_goes_by(
    firm: Firm, clerk: Client, vorname: str, name: str, writes: bool
) -> None:
    """Known only from a webhook, it has no base; our own name for it begins with the first name."""
    firm.settings.SYNC_ONLY = ["TEST-"]
    espo_id = firm.new(vorname=vorname, name=name)
    SyncRecord.objects.create(espo_id=espo_id, status="pending_sync", name=f"{vorname} {name}", requested=1)
    assert ("hält nur fest, was er täte" in sides(clerk, espo_id)) is not writes


def test_a_create_shows_dates_as_people_write_them_and_carries_its_contact_points(firm: Firm, clerk: Client) -> None:
    text = sides(clerk, waits_for_a_word(firm))
    assert "22.05.1974" in text
    assert "1974-05-22" not in text
    point = text[text.index(OLD) :]
    assert "wird in Advoware eingetragen" in point
    assert "bleibt" not in point


def test_both_sides_are_not_said_to_agree_while_an_address_waits_for_a_word(firm: Firm, clerk: Client) -> None:
    espo_id, _betnr = firm.pair()
    firm.settings.ESPOCRM_ADRESSEN = "entity"
    remote_metadata.forget()
    Staff(firm.sandbox.origin, entity="CAdressen").create(
        name="x", beteiligteId=espo_id, strasse="Hauptstr. 5", plz="30159", ort="Hannover", land="Deutschland"
    )
    firm.sync(espo_id)
    assert ChildCase.objects.get().code == "waiting"
    text = sides(clerk, espo_id)
    assert "Nichts zu schreiben: Was übrig ist, wartet auf jemanden" in text
    assert "Beide Seiten stimmen überein" not in text


def test_a_contact_point_shows_what_both_sides_held_before(firm: Firm, clerk: Client) -> None:
    espo_id, _betnr = firm.pair(phoneNumberData=phone(OLD))
    firm.sandbox.anna.change(espo_id, phoneNumberData=phone(NEW))
    text = sides(clerk, espo_id)
    assert f"<bdi>{NEW}</bdi><small>vorher: <bdi>{OLD}</bdi></small>" in text


def test_the_last_known_numbers_are_there_while_a_system_is_not(firm: Firm, clerk: Client) -> None:
    espo_id, _betnr = firm.pair(phoneNumberData=phone(OLD))
    firm.advoware_is_unreachable()
    text = sides(clerk, espo_id)
    assert "Kann im Augenblick nicht verglichen werden" in text
    assert "Telefonnummer" in text
    assert OLD in text


def reopened(firm: Firm, system: str) -> None:
    """The breaker is open: the system is not even asked."""
    Breaker.objects.create(system=system, opens=1, open_until=timezone.now() + timedelta(minutes=1))


@pytest.mark.parametrize("how", ["breaker", "no answer"])
def test_with_advoware_away_espocrm_is_shown_as_it_is_now(firm: Firm, clerk: Client, how: str) -> None:
    espo_id, _betnr = firm.pair(titel="Dr.", phoneNumberData=phone(OLD))
    firm.sandbox.anna.change(espo_id, titel="Prof.", phoneNumberData=[*phone(OLD), *phone(NEW)])
    if how == "breaker":
        reopened(firm, "advoware")
    else:
        firm.advoware_is_unreachable()
    firm.sandbox.clear_calls()
    text = sides(clerk, espo_id)
    assert '<td data-label="EspoCRM"><bdi>Prof.</bdi></td>' in text
    assert '<td data-label="Advoware" class="ops-stale"><bdi>Dr.</bdi></td>' in text
    assert "Advoware: zuletzt bekannte Werte, gesehen" in text
    assert NEW in text, "a number that only EspoCRM has yet"
    assert firm.sandbox.calls("advoware") == []


def test_with_espocrm_away_advoware_is_shown_as_it_is_now(firm: Firm, clerk: Client) -> None:
    espo_id, betnr = firm.pair(titel="Dr.", phoneNumberData=phone(OLD))
    firm.sandbox.clerk.change(betnr, titel="Mag.")
    reopened(firm, "espocrm")
    firm.sandbox.clear_calls()
    text = sides(clerk, espo_id)
    assert '<td data-label="EspoCRM" class="ops-stale"><bdi>Dr.</bdi></td>' in text
    assert '<td data-label="Advoware"><bdi>Mag.</bdi></td>' in text
    assert "EspoCRM: zuletzt bekannte Werte, gesehen" in text
    assert firm.sandbox.calls("espocrm") == []


def never_equal(firm: Firm) -> str:
    """Two that were linked from outside, and differ since always; a person is to say which is right."""
    firm.settings.SYNC_CONFLICT_POLICY = {"*": "manual"}
    betnr = firm.sandbox.clerk.create(name="Müller", vorname="Frieda", zusatz="3. Stock")["betNr"]
    espo_id = firm.new(zusatz="2. Stock", betnr=betnr)
    firm.sync(espo_id)
    firm.sync(espo_id)
    return espo_id


def test_sides_that_were_never_equal_held_nothing_before(firm: Firm, clerk: Client) -> None:
    espo_id = never_equal(firm)
    record = SyncRecord.objects.get(espo_id=espo_id)
    assert record.status == "conflict"
    text = sides(clerk, espo_id)
    assert '<td data-label="EspoCRM"><bdi>2. Stock</bdi></td>' in text, "and not that it had been the third before"
    assert '<td data-label="Advoware"><bdi>3. Stock</bdi></td>' in text
    pages = [clerk.get(reverse("admin:ops_decide", args=[record.pk])), clerk.get(reverse("admin:ops_queue"))]
    pages += [clerk.get(record_url(record.pk)), clerk.get(reverse("admin:syncapp_conflict_changelist"))]
    assert all("leer oder nicht bekannt" in page.text for page in pages)
    firm.sandbox.anna.change(espo_id, zusatz="4. Stock")
    firm.sync(espo_id)
    text = clerk.get(reverse("admin:ops_decide", args=[record.pk])).text
    assert "4. Stock" in text
    assert "leer oder nicht bekannt" in text, "nor does a later edit make of Advoware's value what was there before"


def test_last_known_of_what_waits_for_a_decision_is_what_was_seen(firm: Firm, clerk: Client) -> None:
    espo_id = never_equal(firm)
    reopened(firm, "advoware")
    assert '<td data-label="Advoware" class="ops-stale"><bdi>3. Stock</bdi></td>' in sides(clerk, espo_id)
    reopened(firm, "espocrm")
    assert '<bdi>2. Stock</bdi></td><td data-label="Advoware"><bdi>3. Stock</bdi></td>' in sides(clerk, espo_id)


def test_with_both_away_nobody_is_asked_and_the_last_sync_is_shown(firm: Firm, clerk: Client) -> None:
    espo_id, _betnr = firm.pair(titel="Dr.")
    reopened(firm, "espocrm")
    reopened(firm, "advoware")
    firm.sandbox.clear_calls()
    text = sides(clerk, espo_id)
    assert "Stand beider Seiten nach dem letzten Abgleich" in text
    assert firm.sandbox.calls() == []


def test_a_record_without_betnr_has_nothing_to_show_while_espocrm_is_away(firm: Firm, clerk: Client) -> None:
    espo_id = waits_for_a_word(firm)
    reopened(firm, "espocrm")
    assert "Kann im Augenblick nicht verglichen werden" in sides(clerk, espo_id)


def test_those_that_have_been_linked_are_on_the_page_itself_too(clerk: Client) -> None:
    record = rooms.record("deleted_in_espocrm")
    record.links.create(entry_id=7, komm_kz=1, base={"medium": "phone", "key": OLD, "espo": OLD, "advo": "030 / 1"})
    text = clerk.get(reverse("admin:syncapp_syncrecord_change", args=[record.pk])).text
    assert "Telefonnummer" in text
    assert "030 / 1" in text
