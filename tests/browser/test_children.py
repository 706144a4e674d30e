"""Addresses and bank accounts as a clerk meets them: a question, a task by hand that closes itself, masked accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User

from demo.people import Json, Staff
from syncapp.models import ChildCase, OperatorLog
from tests.browser.test_phone import rows_on_a_phone
from tests.browser.visitor import Visitor
from tests.support.firm import Firm

Come = Callable[..., Visitor]
Work = Callable[[], None]
IBAN, OTHER = "DE89370400440532013000", "DE02120300000000202051"
HERE = {"plz": "30159", "ort": "Hannover"}


@dataclass
class Frieda:
    """Frieda Müller, equal on both sides, and what people write down of her in either system."""

    firm: Firm
    espo_id: str
    betnr: int

    def in_espocrm(self, entity: str, **attributes: object) -> str:
        staff = Staff(self.firm.sandbox.origin, entity=entity)
        return str(staff.create(name="x", beteiligteId=self.espo_id, **attributes)["id"])

    def changed_in_espocrm(self, entity: str, item: str, **attributes: object) -> None:
        Staff(self.firm.sandbox.origin, entity=entity).change(item, **attributes)

    def in_advoware(self, kind: str, **verbs: object) -> list[Json]:
        shown = self.firm.sandbox.control.tell(f"advoware/beteiligte/{self.betnr}", **{kind: verbs})
        return list(shown[kind])

    def sync(self) -> None:
        self.firm.sync(self.espo_id)

    @property
    def record(self) -> Any:
        return self.firm.record(self.espo_id)


@pytest.fixture
def frieda(firm: Firm, settings: Any) -> Frieda:
    settings.ESPOCRM_ADRESSEN = "entity"
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    settings.ADRESSEN_INITIAL = "both"
    settings.ADVOWARE_BANK_LIST = "embedded:bankverbindungen"
    firm.sandbox.advoware(bank_list="embedded")
    return Frieda(firm, *firm.pair(name="Müller", vorname="Frieda"))


def test_two_similar_addresses_are_one(come: Come, frieda: Frieda, work: Work) -> None:
    """From the landing page to both sides equal, and the task gone by itself."""
    frieda.in_espocrm("CAdressen", strasse="Hauptstr. 5", **HERE)
    frieda.in_advoware("adressen", add=[{"strasse": "Hauptstr. 7", **HERE}])
    frieda.sync()
    clerk = come("Clerk").go("index")
    clerk.click("Aufgabe zu Adressen oder Bankverbindungen")
    clerk.sees("dieselbe Adresse?", "Frieda Müller", "Hauptstr. 5, 30159 Hannover", "Hauptstr. 7, 30159 Hannover")
    assert clerk.findings() == []
    clerk.click("Beantworten")
    clerk.sees("sehen einander ähnlich", "Bitte vergleichen Sie beide und entscheiden Sie.")
    assert clerk.findings() == []
    clerk.page.get_by_label("Dieselbe, die Schreibweise aus EspoCRM gilt").check()
    clerk.fill(reason="Tippfehler in Advoware")
    clerk.click("So antworten")
    clerk.sees("Beantwortet. Ein Lauf, der die Antwort umsetzt, ist angefordert")
    work()
    assert [entry["strasse"] for entry in frieda.in_advoware("adressen")] == ["Hauptstr. 5"]
    assert not ChildCase.objects.filter(closed_at=None).exists()
    clerk.see_record(frieda.record)
    clerk.settle()
    clerk.sees("auf beiden Seiten gleich", "Adressen", "Aufgabe zu einer Adresse oder Bankverbindung beantwortet")


def test_what_advoware_lets_nobody_change_is_done_by_hand_and_closes_itself(
    come: Come, frieda: Frieda, work: Work
) -> None:
    item = frieda.in_espocrm("CAdressen", strasse="Hauptstr. 5", **HERE)
    frieda.sync()
    frieda.changed_in_espocrm("CAdressen", item, strasse="Ring 1", plz="1010", ort="Wien", land="Österreich")
    frieda.sync()
    clerk = come("Clerk").see_record(frieda.record)
    clerk.settle()
    clerk.sees("Adresse: in Advoware zu ändern", "Ring 1, 1010 Wien, Österreich", "Bitte ändern Sie die Adresse")
    assert clerk.findings() == []
    clerk.click("Beantworten")
    clerk.sees("Land", "Österreich", "Stattdessen neu eintragen", "schließt sich von selbst")
    (entry,) = frieda.in_advoware("adressen")
    assert entry["strasse"] == "Hauptstr. 5"  # nothing of it was written
    there = {"id": entry["id"], "strasse": "Ring 1", "plz": "1010", "ort": "Wien", "land": "A"}
    frieda.in_advoware("adressen", edit=[there])
    clerk.see_record(frieda.record).click("Jetzt abgleichen")
    clerk.click("Jetzt abgleichen")
    work()
    clerk.go("syncapp_childcase_changelist", state="closed")
    clerk.sees("in Advoware zu ändern", "von selbst geschlossen")
    clerk.go("syncapp_childcase_changelist", state="open")
    clerk.does_not_see("in Advoware zu ändern")


def test_an_address_that_lost_is_brought_back(come: Come, frieda: Frieda, work: Work) -> None:
    item = frieda.in_espocrm("CAdressen", strasse="Hauptstr. 5", **HERE)
    frieda.sync()
    (entry,) = frieda.in_advoware("adressen")
    frieda.in_advoware("adressen", edit=[{"id": entry["id"], "strasse": "Allee 9"}])
    frieda.changed_in_espocrm("CAdressen", item, strasse="Wall 1")
    frieda.sync()
    clerk = come("Clerk").go("syncapp_conflict_changelist")
    clerk.sees(f"Adresse (Eintrag {entry['id']})", "Wall 1, 30159 Hannover", "Allee 9, 30159 Hannover")
    clerk.does_not_see("strasse")
    clerk.click("Wiederherstellen")
    clerk.sees("Damals übernommen", "Allee 9, 30159 Hannover")
    assert clerk.findings() == []
    clerk.page.locator("main button.ops-main, .ops-card button.ops-main").first.click()
    work()
    assert frieda.in_advoware("adressen")[0]["strasse"] == "Allee 9"
    assert Staff(frieda.firm.sandbox.origin, entity="CAdressen").read(item)["strasse"] == "Allee 9"


def test_an_account_is_masked_and_shown_in_full_by_a_right_of_its_own(come: Come, frieda: Frieda) -> None:
    frieda.in_espocrm("CBankverbindungen", iban=IBAN, kontoinhaber="Frieda Müller", bankname="Musterbank")
    frieda.sync()
    clerk = come("Clerk").see_record(frieda.record)
    clerk.settle()
    clerk.sees("Bankverbindungen", "DE…3000")
    clerk.does_not_see(IBAN, "Vollständig anzeigen")
    User.objects.get(username="sabine.krause").user_permissions.add(Permission.objects.get(codename="see_accounts"))
    clerk.page.reload()
    clerk.settle()
    clerk.does_not_see(IBAN)
    clerk.click("Vollständig anzeigen")
    clerk.sees(IBAN, "Musterbank")
    assert IBAN not in clerk.page.url
    assert clerk.findings() == []
    assert OperatorLog.objects.filter(action="see_accounts", record=frieda.record).count() == 1


def test_a_changed_account_tells_both_in_part(come: Come, frieda: Frieda) -> None:
    item = frieda.in_espocrm("CBankverbindungen", iban=IBAN, kontoinhaber="Frieda Müller")
    frieda.sync()
    frieda.changed_in_espocrm("CBankverbindungen", item, iban=OTHER)
    frieda.sync()
    clerk = come("Clerk").go("syncapp_childcase_changelist", state="open")
    clerk.sees("in Advoware zu ändern", "DE…2051", "DE…3000")
    clerk.does_not_see(IBAN, OTHER)


def test_on_a_phone_both_sides_stand_one_below_the_other(come: Come, frieda: Frieda) -> None:
    frieda.in_espocrm("CAdressen", strasse="Hauptstr. 5", **HERE)
    frieda.in_advoware("adressen", add=[{"strasse": "Hauptstr. 7", **HERE}, {"strasse": "Am Alten Markt 3", **HERE}])
    frieda.in_espocrm("CBankverbindungen", iban=IBAN)
    frieda.sync()
    visitor = come("Clerk").see_record(frieda.record)
    assert len(rows_on_a_phone(visitor)) >= 10
    visitor.sees("dieselbe Adresse?")
    case = ChildCase.objects.get(code="same_or_different")
    assert len(rows_on_a_phone(visitor.go("ops_child_case", case.pk))) >= 3
    visitor.go("syncapp_childcase_changelist").settle()
    assert visitor.overflow() <= 0
