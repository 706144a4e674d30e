"""Every oddity of the stand-in Advoware, by name, over real HTTP."""

import base64
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests

from tests.sandbox.remote import Advoware, Control


class TestAddresses:
    def test_discovery_names_the_relay(self, advoware: Advoware) -> None:
        answer = requests.get(f"{advoware.root}AdvonetConfigurator/api/Url?Kanzlei=1", timeout=5).json()
        assert answer == {"relayUrl": advoware.root, "connectorUrl": None, "securityGateway": advoware.root}

    def test_wrong_prefix_is_404(self, advoware: Advoware) -> None:
        answer = requests.get(f"{advoware.root}api/v1/Beteiligte/1", timeout=5)
        assert answer.status_code == 404

    def test_unknown_number_is_404(self, advoware: Advoware) -> None:
        assert advoware.request("GET", "Beteiligte/1").status_code == 404

    def test_no_list_of_beteiligte(self, advoware: Advoware) -> None:
        assert advoware.request("GET", "Beteiligte").status_code == 405

    @pytest.mark.parametrize("path", ["Beteiligte/{b}", "Beteiligte/{b}/Kommunikationen/{k}"])
    def test_delete_is_403(self, advoware: Advoware, path: str) -> None:
        made = advoware.create()
        entry = advoware.add_entry(made["betNr"], tlf="0511 1")
        answer = advoware.request("DELETE", path.format(b=made["betNr"], k=entry["id"]))
        assert answer.status_code == 403
        assert len(advoware.get(made["betNr"])["kommunikation"]) == 1

    @pytest.mark.parametrize("shape", ["name", "bezeichnung", "text"])
    def test_rechtsformen_as_objects(self, advoware: Advoware, control: Control, shape: str) -> None:
        control.advoware(rechtsformen_shape=shape)
        assert "GmbH" in [row[shape] for row in advoware.request("GET", "Rechtsformen").json()]

    def test_rechtsformen_as_strings(self, advoware: Advoware) -> None:
        assert "GmbH" in advoware.request("GET", "Rechtsformen").json()


class TestPost:
    def test_answer_has_number_and_row_id(self, advoware: Advoware) -> None:
        made = advoware.create(vorname="Max")
        assert made["betNr"] >= 104860
        assert base64.b64decode(made["rowId"], validate=True)
        assert advoware.get(made["betNr"]) == made

    def test_answer_as_list(self, advoware: Advoware, control: Control) -> None:
        control.advoware(post_answers_list=True)
        answer = advoware.request("POST", "Beteiligte", {"name": "Muster"}).json()
        assert [row["name"] for row in answer] == ["Muster"]

    def test_answer_without_row_id(self, advoware: Advoware, control: Control) -> None:
        control.advoware(row_id_in_answers=False)
        made = advoware.create()
        assert "rowId" not in made
        assert advoware.get(made["betNr"])["rowId"]

    def test_posting_twice_makes_two(self, advoware: Advoware) -> None:
        assert advoware.create()["betNr"] != advoware.create()["betNr"]

    def test_numbers_of_deleted_ones_are_not_given_again(self, advoware: Advoware, control: Control) -> None:
        first = advoware.create()["betNr"]
        control.post(f"advoware/beteiligte/{first}/delete", {})
        assert advoware.request("GET", f"Beteiligte/{first}").status_code == 404
        assert advoware.create()["betNr"] == first + 1

    @pytest.mark.parametrize("name", ["", "  ", None])
    def test_name_must_not_be_empty(self, advoware: Advoware, name: str | None) -> None:
        assert advoware.request("POST", "Beteiligte", {"name": name}).status_code == 400

    def test_broken_json_is_400(self, advoware: Advoware) -> None:
        headers = {"Authorization": f"Bearer {advoware.token}"}
        answer = requests.post(f"{advoware.base}Beteiligte", data=b'{"name"', headers=headers, timeout=5)
        assert answer.status_code == 400


MAXIMA = {"name": 140, "vorname": 30, "rechtsform": 50, "titel": 50, "anrede": 35, "bAnrede": 150, "zusatz": 100}


class TestLengths:
    @pytest.mark.parametrize("key", MAXIMA)
    def test_too_long_is_400(self, advoware: Advoware, key: str) -> None:
        made = advoware.create()
        answer = advoware.put(made, **{key: "x" * (MAXIMA[key] + 1)})
        assert (answer.status_code, key in answer.text) == (400, True)
        assert advoware.get(made["betNr"])[key] == made[key]

    @pytest.mark.parametrize("key", sorted(MAXIMA.keys() - {"rechtsform"}))
    def test_the_maximum_itself_is_taken(self, advoware: Advoware, key: str) -> None:
        made = advoware.create(**{key: "x" * MAXIMA[key]})
        assert advoware.get(made["betNr"])[key] == "x" * MAXIMA[key]

    @pytest.mark.parametrize("key", sorted(MAXIMA.keys() - {"rechtsform"}))
    def test_too_long_is_cut_silently_by_switch(self, advoware: Advoware, control: Control, key: str) -> None:
        control.advoware(too_long="cut")
        answer = advoware.put(advoware.create(), **{key: "x" * 200})
        assert answer.json()[key] == "x" * MAXIMA[key]

    def test_unknown_rechtsform_is_400(self, advoware: Advoware) -> None:
        assert advoware.put(advoware.create(), rechtsform="Verein").status_code == 400

    @pytest.mark.parametrize("empty", ["", None])
    def test_empty_rechtsform_is_taken(self, advoware: Advoware, empty: str | None) -> None:
        assert advoware.put(advoware.create(rechtsform="GmbH"), rechtsform=empty).status_code == 200


class TestDates:
    @pytest.mark.parametrize("sent", ["2001-01-05", "2001-01-05T00:00:00"])
    def test_birthday_comes_back_with_midnight(self, advoware: Advoware, sent: str) -> None:
        assert advoware.create(geburtsdatum=sent)["geburtsdatum"] == "2001-01-05T00:00:00"

    def test_impossible_day_is_400(self, advoware: Advoware) -> None:
        assert advoware.put(advoware.create(), geburtsdatum="2001-02-30").status_code == 400

    @pytest.mark.parametrize("empty", [None, "", "0001-01-01T00:00:00"])
    def test_empty_date_is_null_afterwards(self, advoware: Advoware, empty: str | None) -> None:
        answer = advoware.put(advoware.create(geburtsdatum="2001-01-05"), geburtsdatum=empty)
        assert answer.json()["geburtsdatum"] is None

    @pytest.mark.parametrize("taken, sent", [("null", None), ("", ""), ("0001-01-01T00:00:00", "0001-01-01T00:00:00")])
    def test_only_one_spelling_of_empty_by_switch(
        self, advoware: Advoware, control: Control, taken: str, sent: str | None
    ) -> None:
        made = advoware.create()
        control.advoware(empty_date=taken)
        answers = {value: advoware.put(made, geburtsdatum=value) for value in (None, "", "0001-01-01T00:00:00")}
        assert [value for value, answer in answers.items() if answer.status_code == 200] == [sent]

    def test_times_are_berlin_without_a_zone(self, advoware: Advoware) -> None:
        shown = datetime.fromisoformat(advoware.create()["geaendertAm"])
        assert shown.tzinfo is None
        assert abs(datetime.now(ZoneInfo("Europe/Berlin")).replace(tzinfo=None) - shown) < timedelta(seconds=30)

    def test_geaendert_am_missing_by_switch(self, advoware: Advoware, control: Control) -> None:
        control.advoware(omit_geaendertAm=True)
        assert "geaendertAm" not in advoware.create()


class TestPut:
    def test_row_id_is_new_every_time_also_without_a_change(self, advoware: Advoware) -> None:
        made = advoware.create()
        first = advoware.put(made).json()
        second = advoware.put(first).json()
        assert len({made["rowId"], first["rowId"], second["rowId"]}) == 3
        assert advoware.get(made["betNr"])["rowId"] == second["rowId"]

    def test_no_version_check(self, advoware: Advoware) -> None:
        made = advoware.create()
        advoware.put(made, titel="Dr.")
        assert advoware.put(made, titel="Prof.").status_code == 200
        assert advoware.get(made["betNr"])["titel"] == "Prof."

    def test_answer_as_list(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        control.advoware(put_answers_list=True)
        assert [row["titel"] for row in advoware.put(made, titel="Dr.").json()] == ["Dr."]

    @pytest.mark.parametrize(
        "key", ["art", "kurzname", "geburtsname", "familienstand", "handelsRegisterNummer", "registergericht"]
    )
    def test_ignores(self, advoware: Advoware, key: str) -> None:
        made = advoware.create(**{key: "before"})
        assert advoware.put(made, **{key: "after"}).status_code == 200
        assert advoware.get(made["betNr"])[key] == "before"

    def test_ignores_further_fields_by_switch(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create(zusatz="before")
        control.advoware(put_ignores=["zusatz"])
        assert advoware.put(made, zusatz="after", titel="Dr.").json()["zusatz"] == "before"

    def test_unknown_keys_come_back_unchanged(self, advoware: Advoware) -> None:
        extra = {"kundenmerkmal": {"farbe": "blau", "stufen": [1, 2]}, "steuerNummer": "12/345"}
        made = advoware.create(**extra)
        changed = advoware.put(made, titel="Dr.").json()
        assert {key: changed[key] for key in extra} == extra

    @pytest.mark.parametrize("key", ["steuerNummer", "kundenmerkmal", "vorname"])
    def test_a_key_that_the_body_lacks_is_blanked(self, advoware: Advoware, key: str) -> None:
        made = advoware.create(**{key: "before"})
        assert made[key] == "before"
        body = {name: value for name, value in made.items() if name != key}
        assert not advoware.put(body).json()[key]

    def test_kommunikation_in_the_body_is_ignored(self, advoware: Advoware) -> None:
        made = advoware.create()
        advoware.add_entry(made["betNr"], tlf="0511 1")
        advoware.put(made, kommunikation=[])
        assert len(advoware.get(made["betNr"])["kommunikation"]) == 1

    def test_answer_only_echoes_by_switch(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        control.advoware(put_answer_echoes=True, too_long="cut")
        answer = advoware.put(made, vorname="x" * 60).json()
        stored = advoware.get(made["betNr"])
        assert (answer["vorname"], stored["vorname"]) == ("x" * 60, "x" * 30)
        assert answer["rowId"] == stored["rowId"] != made["rowId"]

    def test_trims_by_switch(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create(titel=" Dr. ")
        assert made["titel"] == " Dr. "
        control.advoware(trims_text=True)
        assert advoware.put(made, titel=" Prof. ").json()["titel"] == "Prof."


class TestKommunikation:
    def test_post_answers_the_real_number(self, advoware: Advoware) -> None:
        made = advoware.create()
        entry = advoware.add_entry(made["betNr"], tlf="0511 1", bemerkung="Zentrale", kommKz=6, online=True)
        assert entry | {"id": 0, "rowId": ""} == {
            "id": 0,
            "betNr": made["betNr"],
            "rowId": "",
            "kommArt": 0,
            "kommKz": 6,
            "tlf": "0511 1",
            "bemerkung": "Zentrale",
            "online": True,
        }

    def test_get_answers_number_0_always(self, advoware: Advoware) -> None:
        made = advoware.create()
        for number in (1, 4, 12):
            advoware.add_entry(made["betNr"], tlf="x", kommKz=number)
        assert [entry["kommKz"] for entry in advoware.get(made["betNr"])["kommunikation"]] == [0, 0, 0]

    def test_get_answers_the_real_number_by_switch(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        advoware.add_entry(made["betNr"], tlf="x", kommKz=4)
        control.advoware(kommkz_on_get=True)
        assert advoware.get(made["betNr"])["kommunikation"][0]["kommKz"] == 4

    def test_put_ignores_the_number(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        entry = advoware.add_entry(made["betNr"], tlf="x", kommKz=1)
        body = {"tlf": "y", "bemerkung": None, "kommKz": 3, "online": False}
        advoware.request("PUT", f"Beteiligte/{made['betNr']}/Kommunikationen/{entry['id']}", body)
        (stored,) = control.get("state")["advoware"][0]["kommunikation"]
        assert (stored["tlf"], stored["kommKz"]) == ("y", 1)

    def test_put_changes_the_row_id_of_that_entry_only(self, advoware: Advoware) -> None:
        made = advoware.create()
        first, second = (advoware.add_entry(made["betNr"], tlf=text) for text in ("1", "2"))
        path = f"Beteiligte/{made['betNr']}/Kommunikationen/{first['id']}"
        changed = advoware.request("PUT", path, {"tlf": "1", "bemerkung": None, "online": False}).json()
        now = advoware.get(made["betNr"])
        assert changed["rowId"] != first["rowId"]
        assert [entry["rowId"] for entry in now["kommunikation"]] == [changed["rowId"], second["rowId"]]

    def test_the_beteiligter_keeps_its_row_id(self, advoware: Advoware) -> None:
        made = advoware.create()
        entry = advoware.add_entry(made["betNr"], tlf="1")
        path = f"Beteiligte/{made['betNr']}/Kommunikationen/{entry['id']}"
        advoware.request("PUT", path, {"tlf": "2", "bemerkung": None, "online": False})
        assert advoware.get(made["betNr"])["rowId"] == made["rowId"]

    def test_value_and_remark_may_be_null(self, advoware: Advoware) -> None:
        entry = advoware.add_entry(advoware.create()["betNr"], tlf=None, bemerkung=None)
        assert (entry["tlf"], entry["bemerkung"], entry["online"]) == (None, None, False)

    @pytest.mark.parametrize("number", [0, 13, None, "1", True])
    def test_number_out_of_range_is_400(self, advoware: Advoware, number: object) -> None:
        path = f"Beteiligte/{advoware.create()['betNr']}/Kommunikationen"
        assert advoware.request("POST", path, {"tlf": "x", "kommKz": number}).status_code == 400

    def test_entry_of_another_beteiligter_is_404(self, advoware: Advoware) -> None:
        owner, other = advoware.create(), advoware.create()
        entry = advoware.add_entry(owner["betNr"], tlf="x")
        path = f"Beteiligte/{other['betNr']}/Kommunikationen/{entry['id']}"
        assert advoware.request("PUT", path, {"tlf": "y"}).status_code == 404

    def test_remark_is_cut_silently_by_switch(self, advoware: Advoware, control: Control) -> None:
        control.advoware(bemerkung_max=20)
        entry = advoware.add_entry(advoware.create()["betNr"], tlf="x", bemerkung="b" * 30)
        assert entry["bemerkung"] == "b" * 20

    def test_key_missing_by_switch(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        control.advoware(omit_kommunikation=True)
        assert "kommunikation" not in advoware.get(made["betNr"])

    def test_suddenly_empty_by_switch(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create()
        advoware.add_entry(made["betNr"], tlf="x")
        control.advoware(empty_kommunikation=True)
        assert advoware.get(made["betNr"])["kommunikation"] == []

    def test_top_level_contact_fields_hold_the_first_value(self, advoware: Advoware) -> None:
        made = advoware.create()
        for number, text in ((3, ""), (3, "0171 1"), (3, "0171 2"), (4, "a@example.org")):
            advoware.add_entry(made["betNr"], tlf=text, kommKz=number)
        found = advoware.get(made["betNr"])
        assert (found["mobil"], found["emailGesch"], found["telGesch"]) == ("0171 1", "a@example.org", None)

    def test_no_top_level_contact_fields_by_switch(self, advoware: Advoware, control: Control) -> None:
        control.advoware(top_level_contacts=False)
        assert "mobil" not in advoware.create()

    def test_a_field_hidden_by_switch_is_absent(self, advoware: Advoware, control: Control) -> None:
        control.advoware(omit_fields=["titel"])
        assert "titel" not in advoware.create(titel="Dr.")


class TestPerson:
    """What somebody does in Advoware itself, which the API cannot."""

    def test_edit_keeps_the_other_fields_and_renews_the_row_id(self, advoware: Advoware, control: Control) -> None:
        made = advoware.create(titel="Dr.", kurzname="Mu")
        control.post(f"advoware/beteiligte/{made['betNr']}", {"set": {"vorname": "Eva", "kurzname": "EM"}})
        found = advoware.get(made["betNr"])
        assert (found["titel"], found["vorname"], found["kurzname"]) == ("Dr.", "Eva", "EM")
        assert found["rowId"] != made["rowId"]

    def test_entries_are_added_edited_and_removed(self, advoware: Advoware, control: Control) -> None:
        number = advoware.create()["betNr"]
        first, second = (advoware.add_entry(number, tlf=text, bemerkung="b") for text in ("1", "2"))
        control.post(
            f"advoware/beteiligte/{number}",
            {"add": [{"kommKz": 3, "tlf": "3"}], "edit": [{"id": first["id"], "tlf": "11"}], "remove": [second["id"]]},
        )
        found = advoware.get(number)["kommunikation"]
        assert [(entry["tlf"], entry["bemerkung"]) for entry in found] == [("11", "b"), ("3", None)]
