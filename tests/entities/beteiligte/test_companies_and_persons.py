"""Companies, Person entities, and values that are spelled otherwise on either side."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from syncapp.entities.beteiligte.clients import configured_clients
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import RemoteFact, SyncRecord
from syncapp.operations.actions import ActionContext
from syncapp.operations.actions.conflicts import restore
from syncapp.operations.onboarding.backfill import Load
from syncapp.operations.previews.first_load_preview import FirstLoadAction, first_load_preview_of
from syncapp.operations.previews.record_preview import record_preview
from syncapp.remotes import registry
from syncapp.words.sentences import field_label
from tests.support.firm import Firm


def test_a_company_keeps_what_only_persons_have(firm: Firm) -> None:
    firm.settings.COMPANY_RECHTSFORMEN = ["GmbH"]
    remote_metadata._resolved.cache_clear()
    espo_id, betnr = firm.pair()
    firm.sandbox.anna.change(espo_id, name="Nordwind GmbH", rechtsform="GmbH", vorname="", geburtsdatum=None)
    assert firm.sync(espo_id).status == "clean"
    held = firm.advo(betnr)
    assert (held["name"], held["rechtsform"]) == ("Nordwind GmbH", "GmbH")
    assert (held["vorname"], held["geburtsdatum"]) == ("Jürgen", "1961-04-12T00:00:00"), "neither compared nor cleared"
    firm.is_silent(espo_id)
    remote_metadata._resolved.cache_clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("linked", [False, True], ids=["a create", "an update"])
@pytest.mark.parametrize(
    "only_persons", [{"vorname": "x" * 31}, {"geburtsdatum": "2999-01-01"}], ids=["over the length", "in the future"]
)
def test_page_previews_and_run_agree_that_a_company_has_no_such_field(
    firm: Firm, only_persons: dict[str, str], linked: bool
) -> None:
    """What is neither compared nor carried is no fault, and nobody announces that it is entered."""
    firm.settings.COMPANY_RECHTSFORMEN = ["GmbH"]
    remote_metadata._resolved.cache_clear()
    company = {"rechtsform": "GmbH", "vorname": "", "geburtsdatum": None}
    espo_id = firm.pair(**company)[0] if linked else firm.new(**company)
    firm.sandbox.anna.change(espo_id, zusatz="Zentrale", **only_persons)
    record = SyncRecord.objects.get_or_create(espo_id=espo_id)[0]
    (field,) = only_persons

    page = record_preview(record)
    assert page.faults == ()
    assert page.lines
    entered = [line.label for line in page.fields if line.tone == "wait"]
    assert field_label("zusatz") in entered
    assert field_label(field) not in entered
    first_load = first_load_preview_of(espo_id)
    assert (first_load.faults, first_load.action) == (
        (),
        FirstLoadAction.to_advoware if linked else FirstLoadAction.create,
    )
    assert field not in [change.field for change in first_load.changes]

    assert firm.sync(espo_id).status == "clean"
    held = firm.advo(firm.record(espo_id).betnr or 0)
    assert held["zusatz"] == "Zentrale"
    assert not held[field]
    remote_metadata._resolved.cache_clear()


@pytest.fixture
def persons(firm: Firm) -> Iterator[Firm]:
    """The same installation with a Person entity and its enum of salutations."""
    firm.settings.ESPOCRM_ENTITY_TYPE = "CBeteiligtePerson"
    firm.settings.ESPOCRM_VALUE_MAP = {"salutationName": {"Mr.": "Herr", "Ms.": "Frau"}}
    firm.sandbox.anna.entity = "CBeteiligtePerson"
    registry.forget()
    remote_metadata.forget()
    clients = configured_clients()
    remote_metadata.read_all(espocrm=clients.espocrm, advoware=clients.advoware)
    yield firm
    firm.sandbox.anna.entity = "CBeteiligte"
    registry.forget()
    remote_metadata.forget()


def person(persons: Firm, **attributes: object) -> tuple[str, int]:
    given: dict[str, Any] = {
        "firstName": "Jürgen",
        "lastName": "Müller",
        "salutationName": "Mr.",
        "dateOfBirth": "1961-04-12",
        **attributes,
    }
    espo_id = str(persons.sandbox.anna.create(**given)["id"])
    assert persons.sync(espo_id).status == "clean", persons.record(espo_id).fault
    return espo_id, persons.record(espo_id).betnr or 0


def test_a_person_entity_has_its_own_names(persons: Firm) -> None:
    espo_id, betnr = person(persons)
    held = persons.advo(betnr)
    assert (held["vorname"], held["name"], held["anrede"]) == ("Jürgen", "Müller", "Herr")
    assert held["geburtsdatum"] == "1961-04-12T00:00:00"
    persons.sandbox.clerk.change(betnr, name="Maier", anrede="Frau", geburtsdatum="1962-01-01T00:00:00")
    assert persons.sync(espo_id).status == "clean"
    shown = persons.espo(espo_id)
    assert (shown["lastName"], shown["salutationName"], shown["dateOfBirth"]) == ("Maier", "Ms.", "1962-01-01")
    persons.is_silent(espo_id)


@pytest.mark.parametrize(
    "answer",
    [{"status": 200, "body": "null"}, {"status": 403, "headers": {"X-Status-Reason": "No access."}}],
    ids=["nothing", "no right"],
)
def test_fields_that_cannot_be_read_for_a_while_do_not_make_it_another_entity(
    persons: Firm, answer: dict[str, Any]
) -> None:
    """Its computed `name` would go to Advoware as the name, for every record."""
    persons.settings.ESPOCRM_VALUE_MAP = {}
    remote_metadata._resolved.cache_clear()
    espo_id, betnr = person(persons, salutationName=None)
    persons.sandbox.anna.change(espo_id, titel="Prof.")
    yesterday = timezone.now() - timedelta(hours=25)
    RemoteFact.objects.filter(pk=remote_metadata.ENTITY_FIELDS).update(fetched_at=yesterday)
    persons.sandbox.fault("espocrm", "status", path_contains="Metadata", **answer)
    assert persons.sync(espo_id).status == "clean", persons.record(espo_id).fault
    assert RemoteFact.objects.get(pk=remote_metadata.ENTITY_FIELDS).fetched_at > yesterday, "they were asked for"
    held = persons.advo(betnr)
    assert (held["name"], held["vorname"], held["titel"]) == ("Müller", "Jürgen", "Prof.")
    assert not persons.record(espo_id).conflicts.exists()


def test_a_company_in_a_person_entity_is_called_by_firmenname(persons: Firm) -> None:
    espo_id, betnr = person(persons, lastName="–", firstName="", firmenname="Nordwind GmbH", dateOfBirth=None)
    assert persons.advo(betnr)["name"] == "Nordwind GmbH"
    persons.sandbox.clerk.change(betnr, name="Südwind GmbH")
    assert persons.sync(espo_id).status == "clean"
    assert (persons.espo(espo_id)["firmenname"], persons.espo(espo_id)["lastName"]) == ("Südwind GmbH", "–")
    persons.is_silent(espo_id)


def test_a_salutation_without_counterpart_is_left_out_and_reported(persons: Firm) -> None:
    espo_id, betnr = person(persons)
    persons.sandbox.anna.change(espo_id, salutationName="Dr.", titel="Dr.")
    assert persons.sync(espo_id).status == "clean"
    assert (persons.advo(betnr)["anrede"], persons.advo(betnr)["titel"]) == ("Herr", "Dr.")
    assert {"code": "no_counterpart", "params": {"fields": ["anrede"]}} in persons.record(espo_id).reports
    persons.is_silent(espo_id)


def test_without_a_value_map_salutations_stay_where_they_are(persons: Firm) -> None:
    """Advoware would be given `Mr.`, and EspoCRM's refusal of `Frau` would let each such record fail."""
    persons.settings.ESPOCRM_VALUE_MAP = {}
    remote_metadata._resolved.cache_clear()
    espo_id, betnr = person(persons)
    assert not persons.advo(betnr)["anrede"]
    persons.sandbox.clerk.change(betnr, anrede="Frau", titel="Prof.")
    assert persons.sync(espo_id).status == "clean", persons.record(espo_id).fault
    assert (persons.espo(espo_id)["salutationName"], persons.espo(espo_id)["titel"]) == ("Mr.", "Prof.")
    assert {"code": "no_counterpart", "params": {"fields": ["anrede"]}} in persons.record(espo_id).reports
    persons.is_silent(espo_id)


def test_a_company_that_becomes_a_person_takes_its_first_name_along(persons: Firm) -> None:
    """Made as a company it had none in Advoware, which is no agreement that a person should have none."""
    espo_id, betnr = person(persons, firmenname="Nordwind GmbH")
    assert not persons.advo(betnr)["vorname"]
    assert persons.record(espo_id).name == "Nordwind GmbH", "nobody is called by a first name and a company's name"
    persons.is_silent(espo_id)
    persons.sandbox.anna.change(espo_id, firmenname="")
    assert persons.sync(espo_id).status == "clean"
    held = persons.advo(betnr)
    assert (held["name"], held["vorname"]) == ("Müller", "Jürgen")
    assert held["geburtsdatum"] == "1961-04-12T00:00:00"
    persons.is_silent(espo_id)


def test_the_lost_name_of_a_company_comes_back_to_where_its_name_stands(persons: Firm) -> None:
    persons.settings.SYNC_CONFLICT_POLICY = {"*": "advoware_wins"}
    espo_id, betnr = person(persons, firmenname="Nordwind GmbH")
    persons.sandbox.anna.change(espo_id, firmenname="Ostwind GmbH")
    persons.sandbox.clerk.change(betnr, name="Südwind GmbH")
    assert persons.sync(espo_id).status == "clean"
    assert persons.espo(espo_id)["firmenname"] == "Südwind GmbH"
    restore(conflict=persons.record(espo_id).conflicts.get(), action_context=ActionContext(actor="boss"))
    assert (persons.espo(espo_id)["firmenname"], persons.espo(espo_id)["lastName"]) == ("Ostwind GmbH", "Müller")
    assert persons.sync(espo_id).status == "clean"
    assert persons.advo(betnr)["name"] == "Ostwind GmbH"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "called", [{"lastName": "TEST-Müller"}, {"firmenname": "TEST-GmbH"}], ids=["person", "company"]
)
def test_a_first_load_finds_the_pilot_by_the_names_that_its_runs_go_by(persons: Firm, called: dict[str, str]) -> None:
    """EspoCRM's own name of a person begins with the first name, and that of a company is its contact's."""
    persons.settings.SYNC_ONLY = ["TEST-"]
    persons.sandbox.anna.create(firstName="Jürgen", **{"lastName": "Müller", **called})
    assert Load(by="tests", create=True, per_minute=0).run().counts == {"clean": 1}
