"""`setup_espocrm`: webhooks made and repaired, fields, the metadata file, the formula."""

import json
from typing import Any

import pytest

from syncapp.core.echoes import BOOKKEEPING
from syncapp.entities.beteiligte.parts import CHILD_LISTS
from syncapp.entities.beteiligte.probes import remote_metadata
from syncapp.models import OperatorLog
from syncapp.operations.onboarding import child_entities, entity, espocrm
from syncapp.remotes import registry
from syncapp.remotes.espocrm.client import EspoClient
from tests.commands.conftest import Firm, manage
from tests.commands.test_doctor import field, spoil_metadata, without
from tests.core.fieldmaps import plain

PUBLIC = "https://sync.example.org"
PATH = "/webhooks/espocrm/beteiligte/"


@pytest.fixture(autouse=True)
def _public(settings: Any) -> None:
    settings.PUBLIC_URL = PUBLIC


def hooks() -> list[tuple[str, str, bool, bool]]:
    found = registry.espocrm_client().webhooks()
    return sorted((hook.event, hook.url, hook.is_active, hook.skip_own) for hook in found)


WANTED = [
    (f"CBeteiligte.{action}", f"{PUBLIC}{PATH}{action}", True, False) for action in ("create", "delete", "update")
]


class TestWebhooks:
    def test_created(self, firm: Firm):
        said = manage("setup_espocrm")
        assert said.code == 0
        assert hooks() == WANTED
        line = next(line for line in said.out.splitlines() if line.startswith("ESPOCRM_WEBHOOK_SECRETS="))
        assert line.count(":") == 3
        assert OperatorLog.objects.get(action="setup_espocrm").count == 3

    def test_dry_run_writes_nothing(self, firm: Firm):
        firm.sandbox.clear_calls()
        said = manage("setup_espocrm", "--dry-run")
        assert said.out.count("would create webhook") == 3
        assert {method for _system, method, _path in firm.sandbox.calls()} == {"GET"}
        assert hooks() == []
        assert not OperatorLog.objects.filter(action="setup_espocrm").exists()

    def test_a_second_run_changes_nothing(self, firm: Firm):
        manage("setup_espocrm")
        firm.sandbox.clear_calls()
        said = manage("setup_espocrm")
        assert said.out.count("keep webhook") == 3
        assert {method for _system, method, _path in firm.sandbox.calls()} == {"GET"}

    def test_secrets_that_are_known_are_not_printed(self, firm: Firm, settings: Any):
        manage("setup_espocrm")
        found = registry.espocrm_client().webhooks()
        settings.ESPOCRM_WEBHOOK_SECRETS = tuple((hook.id, str(hook.secret_key)) for hook in found)
        said = manage("setup_espocrm")
        assert "in the settings already" in said.out
        assert not any(str(hook.secret_key) in said.out for hook in found)

    def test_repaired(self, firm: Firm, settings: Any):
        manage("setup_espocrm")
        client = registry.espocrm_client()
        update = next(hook for hook in client.webhooks() if hook.event.endswith("update"))
        client.update_webhook(update.id, isActive=False, skipOwn=True, url=f"https://old.example.org{PATH}update")
        assert "repair webhook" in manage("setup_espocrm").out
        assert hooks() == WANTED
        assert update.id in {hook.id for hook in client.webhooks()}

    def test_doubles_go_and_the_known_one_stays(self, firm: Firm, settings: Any):
        manage("setup_espocrm")
        client = registry.espocrm_client()
        double = client.create_webhook("CBeteiligte.update", f"{PUBLIC}{PATH}update")
        settings.ESPOCRM_WEBHOOK_SECRETS = ((double.id, "secret"),)
        manage("setup_espocrm")
        assert hooks() == WANTED
        assert double.id in {hook.id for hook in client.webhooks()}

    def test_other_peoples_webhooks_are_left_alone(self, firm: Firm):
        client = registry.espocrm_client()
        client.create_webhook("CBeteiligte.update", "https://billing.example.org/hook")
        manage("setup_espocrm")
        assert ("CBeteiligte.update", "https://billing.example.org/hook", True, False) in hooks()
        assert len(hooks()) == 4

    def test_without_public_url(self, firm: Firm, settings: Any):
        settings.PUBLIC_URL = ""
        said = manage("setup_espocrm")
        assert (said.code, said.err.split(":")[0]) == (1, "PUBLIC_URL is not set")

    def test_without_the_right(self, firm: Firm, settings: Any):
        settings.ESPOCRM_API_KEY = "sandbox-staff-key"
        said = manage("setup_espocrm")
        assert said.code == 1
        assert said.err.startswith("EspoCRM refuses access")


class TestEntity:
    def test_table_has_every_bookkeeping_field(self):
        assert {row.name for row in entity.BOOKKEEPING_FIELDS} == set(BOOKKEEPING)

    def test_missing_fields_are_named_and_the_file_adds_them(self, firm: Firm, tmp_path):
        spoil_metadata(firm, lambda told: [without(name)(told) for name in ("betnr", "zusatz")])
        said = manage("setup_espocrm", "--files", tmp_path)
        assert "betnr: missing (int)" in said.out
        module = tmp_path / "custom/Espo/Modules/Advosync/Resources"
        assert json.loads((module / "module.json").read_text())["order"] > 0
        made = json.loads((module / "metadata/entityDefs/CBeteiligte.json").read_text())
        assert made["fields"]["betnr"]["type"] == "int"
        assert made["fields"]["zusatz"] == {"type": "varchar", "maxLength": 100, "isCustom": True}
        assert made["optimisticConcurrencyControl"] is True

    @pytest.mark.parametrize("language", ["de_DE", "en_US"])
    def test_every_field_and_option_that_the_file_adds_has_a_label(self, firm: Firm, tmp_path, language: str):
        spoil_metadata(firm, lambda told: [without(name)(told) for name in (*BOOKKEEPING, "zusatz", "geburtsdatum")])
        manage("setup_espocrm", "--files", tmp_path)
        module = tmp_path / "custom/Espo/Modules/Advosync/Resources"
        made = json.loads((module / "metadata/entityDefs/CBeteiligte.json").read_text())["fields"]
        labels = json.loads((module / f"i18n/{language}/CBeteiligte.json").read_text())
        assert {"zusatz", "geburtsdatum", *BOOKKEEPING} <= set(made)
        assert set(labels["fields"]) == set(made)
        options = {name: set(row["options"]) for name, row in made.items() if "options" in row}
        assert {name: set(told) for name, told in labels["options"].items()} == options
        told = [*labels["fields"].values(), *(text for row in labels["options"].values() for text in row.values())]
        assert all(told)
        assert len(set(told)) == len(told)

    def test_labels_are_german_in_the_german_file(self, firm: Firm, tmp_path):
        spoil_metadata(firm, without("zusatz"))
        manage("setup_espocrm", "--files", tmp_path)
        module = tmp_path / "custom/Espo/Modules/Advosync/Resources"
        labels = json.loads((module / "i18n/de_DE/CBeteiligte.json").read_text())
        assert labels["fields"]["syncNextRetry"] == "Abgleich: nächster Versuch"
        assert labels["fields"]["zusatz"] == "Zusatz"
        assert labels["options"]["syncStatus"]["clean"] == "auf beiden Seiten gleich"

    def test_the_role_is_told_with_both_permissions(self, firm: Firm):
        said = manage("setup_espocrm").out
        assert "Mention Permission: all" in said
        assert "Message Permission: all" in said

    def test_no_file_of_the_entity_manager_is_replaced(self, firm: Firm, tmp_path):
        manage("setup_espocrm", "--files", tmp_path)
        assert not (tmp_path / "custom/Espo/Custom").exists()

    def test_the_file_of_a_later_day_keeps_what_an_earlier_one_added(self):
        """It is copied over the earlier one, which is where EspoCRM has those fields from."""
        fields: dict[str, Any] = {"name": {"type": "varchar"}, "titel": {"type": "text"}}
        first = entity.metadata_patch(fields, plain())["fields"]
        # The firm has changed one of them since; EspoCRM keeps such a change in a file of its own.
        after = {**fields, **first, "zusatz": {**first["zusatz"], "maxLength": 200}}
        again = entity.metadata_patch(after, plain())["fields"]
        assert again == first
        assert {"betnr", "vorname", "zusatz"} <= set(first)
        assert not {"name", "titel"} & set(first)  # the firm's own fields get nothing from us

    def test_fields_of_the_firm_are_only_kept_from_being_copied(self):
        fields = {"betnr": {"type": "int", "duplicateIgnore": True}}
        made = entity.metadata_patch(fields, plain())
        assert made["fields"]["betnr"] == {"duplicateIgnore": True}

    def test_status_fields_are_not_copied_by_duplicate(self, firm: Firm):
        made = manage("setup_espocrm", "--json").json["metadata"]["fields"]
        assert {name for name, row in made.items() if row.get("duplicateIgnore")} == set(BOOKKEEPING)

    def test_an_entity_as_the_file_makes_it_has_no_faults(self, firm: Firm):
        made = manage("setup_espocrm", "--json").json["metadata"]["fields"]
        spoil_metadata(firm, lambda told: [field(name, **row)(told) for name, row in made.items()])
        assert manage("setup_espocrm", "--json").json["faults"] == []

    def test_unknown_entity(self, firm: Firm, settings: Any):
        settings.ESPOCRM_ENTITY_TYPE = "CNobody"
        assert manage("setup_espocrm", "--dry-run").code == 1

    def test_person_entity(self, firm: Firm, settings: Any):
        settings.ESPOCRM_ENTITY_TYPE = "CBeteiligtePerson"
        remote_metadata.forget()
        formula = manage("setup_espocrm", "--dry-run", "--json").json["formula"]
        assert "entity\\isAttributeChanged('lastName')" in formula
        assert "entity\\isAttributeChanged('firmenname')" in formula
        assert "isAttributeChanged('vorname')" not in formula


class TestFormula:
    def test_names_every_synced_field_once_and_no_other(self):
        text = entity.formula(plain())
        for name in ("name", "vorname", "geburtsdatum", "phoneNumberData", "emailAddressData"):
            assert text.count(f"isAttributeChanged('{name}')") == 1
        assert "isAttributeChanged('syncStatus')" not in text

    def test_leaves_what_the_sync_saved(self):
        assert "entity\\isAttributeNotChanged('advowareLastSync') &&" in entity.formula(plain())

    def test_is_balanced(self):
        text = entity.formula(plain())
        assert text.count("(") == text.count(")")
        assert text.count("{") == text.count("}")


# --- addresses and bank accounts


@pytest.fixture
def lists(firm: Firm, settings: Any) -> Firm:
    settings.ESPOCRM_ADRESSEN = "entity"
    settings.ESPOCRM_BANK_ENTITY = "CBankverbindungen"
    remote_metadata.forget()
    return firm


ITEM_HOOKS = [
    (f"{entity_type}.{action}", f"{PUBLIC}/webhooks/espocrm/{name}/{action}", True, False)
    for entity_type, name in (("CAdressen", "adressen"), ("CBankverbindungen", "bankverbindungen"))
    for action in ("create", "delete", "update")
]


def module_files(folder: Any) -> dict[str, Any]:
    """The files of the module, by path within it."""
    root = folder / "custom/Espo/Modules/Advosync"
    found = {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}
    return {path: json.loads(text) if path.endswith(".json") else text for path, text in found.items()}


class TestLists:
    def test_switched_off_nothing_of_them_is_asked_made_or_said(self, firm: Firm):
        firm.sandbox.clear_calls()
        said = manage("setup_espocrm", "--json").json
        assert (len(said["webhooks"]), said["lists"]) == (3, {})
        asked = [path for _system, _method, path in firm.sandbox.calls()]
        assert sum("Metadata" in path for path in asked) == 1

    def test_their_webhooks_are_made_and_their_secrets_printed(self, lists: Firm):
        line = next(row for row in manage("setup_espocrm").out.splitlines() if row.startswith("ESPOCRM_WEBHOOK"))
        assert hooks() == sorted(WANTED + ITEM_HOOKS)
        assert line.count(":") == 9

    def test_dry_run_writes_nothing(self, lists: Firm):
        lists.sandbox.clear_calls()
        assert manage("setup_espocrm", "--dry-run").out.count("would create webhook") == 9
        assert {method for _system, method, _path in lists.sandbox.calls()} == {"GET"}

    def test_switched_off_again_their_webhooks_go_and_others_stay(self, lists: Firm, settings: Any):
        manage("setup_espocrm")
        registry.espocrm_client().create_webhook("CAdressen.update", "https://billing.example.org/hook")
        settings.ESPOCRM_ADRESSEN = "off"
        said = manage("setup_espocrm").out
        assert said.count("remove webhook") == 3
        left = {event for event, url, *_ in hooks() if url.startswith(PUBLIC)}
        assert not any(event.startswith("CAdressen") for event in left)
        assert "CAdressen.update" in {event for event, *_ in hooks()}

    def test_entities_that_have_everything_have_no_faults(self, lists: Firm):
        told = manage("setup_espocrm", "--json").json["lists"]
        assert {name: work["faults"] for name, work in told.items()} == {"CAdressen": [], "CBankverbindungen": []}

    def test_an_entity_that_is_missing_is_made_with_link_labels_and_controller(
        self, lists: Firm, settings: Any, tmp_path: Any
    ):
        settings.ESPOCRM_ADRESSEN_ENTITY = "CAdressenNeu"
        said = manage("setup_espocrm", "--files", tmp_path).out
        assert "CAdressenNeu: EspoCRM has no such entity; the files make it" in said
        assert "The webhooks of CAdressenNeu cannot be made before EspoCRM has it" in said
        made = module_files(tmp_path)
        entity_defs = made["Resources/metadata/entityDefs/CAdressenNeu.json"]
        assert {"strasse", "plz", "ort", "advowareAdresseId", "syncStatus"} <= set(entity_defs["fields"])
        assert entity_defs["links"] == {
            "beteiligte": {"type": "belongsTo", "entity": "CBeteiligte", "foreign": "adressen"}
        }
        parent = made["Resources/metadata/entityDefs/CBeteiligte.json"]
        assert parent["links"]["adressen"] == {"type": "hasMany", "entity": "CAdressenNeu", "foreign": "beteiligte"}
        assert made["Resources/metadata/scopes/CAdressenNeu.json"]["entity"] is True
        assert "class CAdressenNeu extends" in made["Controllers/CAdressenNeu.php"]
        assert made["Resources/i18n/de_DE/CAdressenNeu.json"]["fields"]["strasse"] == "Straße"
        labels = made["Resources/i18n/de_DE/CAdressenNeu.json"]["fields"]
        assert set(labels) == set(entity_defs["fields"])
        assert len(set(labels.values())) == len(labels)
        assert made["Resources/i18n/de_DE/Global.json"]["scopeNamesPlural"] == {"CAdressenNeu": "Adressen"}

    def test_of_the_firms_own_entity_only_what_is_needed_and_our_own_is_added(self, lists: Firm, settings: Any):
        settings.ESPOCRM_ADRESSEN_ENTITY = "CAnschriften"
        work = manage("setup_espocrm", "--dry-run", "--json").json["lists"]["CAnschriften"]
        assert work["faults"] == [
            "advowareAdresseId: missing (int): without it, what was lost is found again by equality alone"
        ]
        assert set(work["metadata"]["fields"]) == {"advowareAdresseId"}

    def test_an_entity_as_the_files_make_it_has_no_faults_and_is_made_again_as_it_was(self, lists: Firm):
        for child in CHILD_LISTS:
            made = child_entities.made_for(child, {}, parent="CBeteiligte")
            assert [fault.problem for fault in made.faults] == ["no_entity"]
            shown = {"fields": made.metadata["fields"], "links": made.metadata["links"]}
            again = child_entities.made_for(child, **shown, parent="CBeteiligte")
            assert (again.faults, again.is_new) == ((), False)
            assert (again.metadata, again.links_of_parent) == (made.metadata, made.links_of_parent)
            before, after = (child_entities.files_of(child, one) for one in (made, again))
            assert after == before

    def test_the_file_of_a_later_day_keeps_what_an_earlier_one_added(self, lists: Firm):
        for child in CHILD_LISTS:
            firm_s = {"name": {"type": "varchar"}}
            first = child_entities.made_for(child, firm_s, parent="CBeteiligte")
            later = {**firm_s, **first.metadata["fields"]}
            again = child_entities.made_for(child, later, parent="CBeteiligte", links=first.metadata["links"])
            assert (again.metadata, again.links_of_parent) == (first.metadata, first.links_of_parent)
            assert not again.is_ours

    def test_a_link_that_the_firm_has_named_itself_gets_no_second_one(self, lists: Firm):
        for child in CHILD_LISTS:
            made = child_entities.made_for(child, {}, parent="CBeteiligte")
            theirs = {"beteiligte": {**made.metadata["links"]["beteiligte"], "foreign": "cEintraege"}}
            again = child_entities.made_for(child, made.metadata["fields"], parent="CBeteiligte", links=theirs)
            assert (again.metadata.get("links"), again.links_of_parent) == (None, {})

    def test_the_command_writes_an_entity_that_it_has_made_as_before(
        self, lists: Firm, settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
    ):
        settings.ESPOCRM_ADRESSEN_ENTITY = "CAdressenNeu"
        manage("setup_espocrm", "--files", tmp_path)
        first = module_files(tmp_path)
        there = first["Resources/metadata/entityDefs/CAdressenNeu.json"]
        read = EspoClient.metadata
        monkeypatch.setattr(
            EspoClient, "metadata", lambda self, key: there if key.endswith("CAdressenNeu") else read(self, key)
        )
        files = {path: one for work in espocrm.entity_works() for path, one in work.files.items()}
        again = {path.split("Advosync/")[-1]: one for path, one in files.items() if path.endswith(".json")}
        assert again == {path: one for path, one in first.items() if path.endswith(".json")}
        assert any(path.endswith("Controllers/CAdressenNeu.php") for path in files)

    def test_the_script_marks_what_somebody_else_than_the_sync_has_changed(self, lists: Firm, tmp_path: Any):
        manage("setup_espocrm", "--files", tmp_path)
        text = (tmp_path / "before-save.CAdressen.formula").read_text()
        assert text.count("isAttributeChanged('strasse')") == 1
        assert "entity\\isAttributeNotChanged('advowareLastSync') &&" in text
        assert "syncStatus = 'unclean';" in text
        assert text.count("(") == text.count(")")

    def test_the_role_names_the_entities_of_lists(self, lists: Firm):
        assert "the entities of addresses and bank accounts: create: yes" in manage("setup_espocrm").out

    def test_address_fields_of_the_record_are_in_the_record_s_own_script(self, firm: Firm, settings: Any):
        settings.ESPOCRM_ADRESSEN, settings.ESPOCRM_ADRESSEN_FIELDS = "field", ["billingAddress"]
        said = manage("setup_espocrm", "--dry-run", "--json").json
        assert "isAttributeChanged('billingAddressPostalCode')" in said["formula"]
        assert (len(said["webhooks"]), said["lists"]) == (3, {})
