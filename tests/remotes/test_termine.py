"""Advoware's Termine between JSON and shapes: what is read of odd answers, and what a PUT hands back."""

from typing import Any

import pytest

from syncapp.core.appointments.forms.canonical import read_termin
from syncapp.core.appointments.forms.reasons import FormReason
from syncapp.core.appointments.shapes import AdvowareTermin, TerminChange
from syncapp.remotes.advoware import termine
from syncapp.remotes.advoware.termine import Employee, NumberIn
from syncapp.remotes.http.exchange import WrongShape

RAW: dict[str, Any] = {
    "frNr": 7,
    "anwalt": "SB",
    "datum": "2026-11-30T00:00:00",
    "uhrzeitVon": "09:00:00",
    "uhrzeitBis": "10:00:00",
    "text": "alt",
    "privat": 0,
    "eigenes": [1],
}


def put(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    request = termine.updating(termine.termin_of(raw), TerminChange(**changes), "query")
    assert isinstance(request.body, dict)
    return request.body


class TestOne:
    @pytest.mark.parametrize("value", [RAW, [RAW], {**RAW, "frNr": "7"}, {**RAW, "frNr": 7.0}])
    def test_it_is_read(self, value: object) -> None:
        found = termine.read_one(7)(value)
        assert found is not None
        assert (found.fr_nr, found.text, found.uhrzeit_von, found.privat) == (7, "alt", "09:00:00", False)

    @pytest.mark.parametrize("value", [[], None, {}, [{}], {"frNr": 0}, {"FrNr": 0, "Text": None, "Privat": 0}])
    def test_nothing_is_nobody(self, value: object) -> None:
        assert termine.read_one(7)(value) is None

    @pytest.mark.parametrize("value", [[RAW, {**RAW, "frNr": 8}], {**RAW, "frNr": 8}, [{**RAW, "frNr": 8}]])
    def test_a_list_of_many_is_not_the_one_asked_for(self, value: object) -> None:
        with pytest.raises(WrongShape):
            termine.read_one(7)(value)

    @pytest.mark.parametrize("value", ["7", {"text": "x"}, {"frNr": None}, {**RAW, "frNr": True}, {**RAW, "frNr": "x"}])
    def test_what_has_no_number_is_no_termin(self, value: object) -> None:
        with pytest.raises(WrongShape):
            termine.read_one(7)(value)

    @pytest.mark.parametrize(
        "anwalt, kuerzel",
        [
            ("SB", "SB"),
            (7, "7"),
            (None, ""),
            (["SB"], "SB"),
            (["SB", "AI"], "SB, AI"),
            ({"Kuerzel": "SB", "name": "Berg"}, "SB"),
            ([{"kuerzel": "SB"}, {"name": "ohne"}, None], "SB"),
            ([], ""),
        ],
    )
    def test_whose_it_is(self, anwalt: object, kuerzel: str) -> None:
        """Read as nobody's it would be the whole firm's, and its event would go."""
        assert termine.termin_of({**RAW, "anwalt": anwalt}).anwalt == kuerzel

    @pytest.mark.parametrize("value", [1, True, 1.0, -1, 2, "1", "-1", "true", "True", "ja"])
    def test_a_yes(self, value: object) -> None:
        found = termine.termin_of({**RAW, "privat": value, "dauertermin": value})
        assert (found.privat, found.dauertermin) == (True, True)

    @pytest.mark.parametrize("value", [0, False, 0.0, None, "0", "", "false", "nein"])
    def test_a_no(self, value: object) -> None:
        found = termine.termin_of({**RAW, "privat": value, "dauertermin": value})
        assert (found.privat, found.dauertermin) == (False, False)

    @pytest.mark.parametrize("value", ["J", "Y", "wahr", "X"])
    def test_what_is_no_clear_no_counts_as_a_yes(self, value: str) -> None:
        """Google would show a private text else, and a series once."""
        found = termine.termin_of({**RAW, "privat": value, "dauertermin": value})
        assert (found.privat, found.dauertermin) == (True, True)

    @pytest.mark.parametrize("value", [0.375, {"hours": 9, "minutes": 0}, 32400, True])
    @pytest.mark.parametrize("name", ["uhrzeitVon", "uhrzeitBis"])
    def test_a_time_that_nobody_knows_is_not_taken_for_none(self, name: str, value: object) -> None:
        """It would be all-day in Google, and in Advoware once somebody moves it there."""
        found = read_termin(termine.termin_of({**RAW, name: value}))
        assert (found.form, found.reason) == (None, FormReason.unreadable_time)

    def test_the_vendor_s_own_names_are_read(self) -> None:
        found = termine.termin_of(
            {"FrNr": 7, "Privat": 1, "Dauertermin": 1, "Turnus": 2, "TurnusArt": 3, "Abwesenheit": 1}
        )
        assert (found.privat, found.dauertermin, found.turnus, found.turnus_art) == (True, True, 2, 3)
        assert found.all_day is True

    @pytest.mark.parametrize(
        "more, stamp", [({"geaendertAm": "a"}, "a"), ({"rowId": "b"}, "b"), ({"rowId": 5}, "5"), ({}, "")]
    )
    def test_stamps(self, more: dict[str, Any], stamp: str) -> None:
        assert termine.termin_of({**RAW, **more}).stamp == stamp

    @pytest.mark.parametrize(
        "text, privat, masked",
        [("Arzt", 1, False), (None, 1, True), ("***", 1, True), ("", 1, False), (None, 0, False)],
    )
    def test_masks(self, text: str | None, privat: int, masked: bool) -> None:
        assert termine.termin_of({**RAW, "text": text, "privat": privat}).masked is masked


class TestList:
    def test_one_without_a_number_spoils_it(self) -> None:
        """What cannot be told would look deleted."""
        with pytest.raises(WrongShape):
            termine.read_list([RAW, {"text": "x"}])

    @pytest.mark.parametrize(
        "kuerzel, named, several",
        [
            ("SB AI", "AI, SB", True),
            ("AI SB SB", "AI, SB", True),
            ("SB SB", "SB", False),
            ("SB AI CD", "AI, CD, SB", True),
        ],
    )
    def test_rows_of_one_number_are_one_termin_of_all_whom_they_name(
        self, kuerzel: str, named: str, several: bool
    ) -> None:
        rows = [{**RAW, "anwalt": one} for one in kuerzel.split()]
        found = termine.read_list([*rows, {**RAW, "frNr": 8}])
        told = [(one.fr_nr, one.anwalt, one.several_rows) for one in found]
        assert told == [(7, named, several), (8, "SB", False)]
        assert termine.read_one(7)(rows) == found[0]

    def test_what_one_of_the_rows_hides_is_hidden_whichever_comes_first(self) -> None:
        rows = [{**RAW, "anwalt": "AI", "text": "Arzt", "privat": 0}, {**RAW, "anwalt": "SB", "text": "*", "privat": 1}]
        (found,) = termine.read_list(rows)
        assert found.privat
        assert termine.read_list(rows[::-1]) == (found,)

    def test_null_is_an_empty_one(self) -> None:
        assert termine.read_list(None) == ()

    def test_an_object_is_no_list(self) -> None:
        with pytest.raises(WrongShape):
            termine.read_list(RAW)


class TestNumber:
    @pytest.mark.parametrize("value", [12, "12", 12.0, {"frNr": 12}, {"FrNr": "12"}, [12], [{"frnr": 12, "text": "x"}]])
    def test_it_is_found(self, value: object) -> None:
        assert termine.read_number(value) == 12

    @pytest.mark.parametrize("value", [None, True, 0, -3, "", "zwölf", 1.5, {}, {"id": 12}, [], [12, 13]])
    def test_none_is_made_up(self, value: object) -> None:
        with pytest.raises(WrongShape):
            termine.read_number(value)


class TestPut:
    def test_the_whole_object_goes_back(self) -> None:
        assert put(RAW, text="neu") == {**RAW, "text": "neu"}

    def test_twin_fields_are_left_out(self) -> None:
        twin = {**RAW, "uhrzeitBisTicks": 360_000_000_000, "UhrzeitVonTicks": 1}
        assert put(twin, uhrzeit_bis="11:00:00") == {**RAW, "uhrzeitBis": "11:00:00"}

    def test_spellings_stay(self) -> None:
        pascal = {key[:1].upper() + key[1:]: value for key, value in RAW.items()}
        assert put(pascal, text="neu", privat=True) == {**pascal, "Text": "neu", "Privat": 1}
        assert put({**RAW, "privat": False}, privat=True)["privat"] is True
        assert put({**RAW, "privat": "0"}, privat=True)["privat"] == "1"
        assert put({**RAW, "privat": "False"}, privat=True)["privat"] == "True"
        assert put({**RAW, "privat": "ja"}, privat=False)["privat"] == "nein"

    @pytest.mark.parametrize(
        "datum, changes, after",
        [
            ("2026-11-30T00:00:00", {"datum": "2026-12-01"}, "2026-12-01T00:00:00"),
            ("2026-11-30", {"datum": "2026-12-01"}, "2026-12-01"),
            ("2026-11-30T09:00:00", {"datum": "2026-12-01"}, "2026-12-01T09:00:00"),
            ("2026-11-30T09:00:00", {"uhrzeit_von": "11:00:00"}, "2026-11-30T11:00:00"),
            ("2026-11-30T00:00:00", {"uhrzeit_von": "11:00:00"}, "2026-11-30T00:00:00"),
            ("2026-11-30", {"uhrzeit_von": "11:00:00"}, "2026-11-30"),
            ("2026-11-30T09:00:00", {"text": "x"}, "2026-11-30T09:00:00"),
        ],
    )
    def test_the_day_keeps_its_spelling(self, datum: str, changes: dict[str, Any], after: str) -> None:
        assert put({**RAW, "datum": datum}, **changes)["datum"] == after

    @pytest.mark.parametrize(
        "bis, clock, after",
        [
            ("2026-11-30T00:00:00", {"uhrzeitBis": "10:00:00"}, "2026-12-01T00:00:00"),
            ("2026-11-30T10:00:00", {"uhrzeitBis": "10:00:00"}, "2026-12-01T12:00:00"),
            ("2026-11-30T10:00:00", {}, "2026-12-01T12:00:00"),
            ("2026-11-30", {}, "2026-12-01"),
            (None, {}, "2026-12-01"),
        ],
    )
    def test_the_last_day_keeps_its_spelling(self, bis: object, clock: dict[str, Any], after: str) -> None:
        """Also where it holds the end: left as it was, it would say another one."""
        raw = {**{key: value for key, value in RAW.items() if key != "uhrzeitBis"}, "datumBis": bis, **clock}
        assert put(raw, datum_bis="2026-12-01", uhrzeit_bis="12:00:00")["datumBis"] == after

    def test_lines_end_as_advoware_ends_them(self) -> None:
        assert put(RAW, notiz="a\nb")["notiz"] == "a\r\nb"

    def test_all_day_goes_only_where_there_is_a_field(self) -> None:
        assert put(RAW, all_day=True) == RAW
        assert put({**RAW, "Abwesenheit": 0}, all_day=True)["Abwesenheit"] == 1

    @pytest.mark.parametrize(
        "number_in, path, params",
        [("query", "Termine", (("frnr", "7"),)), ("path", "Termine/7", ()), ("body", "Termine", ())],
    )
    def test_where_the_number_goes(self, number_in: NumberIn, path: str, params: tuple[tuple[str, str], ...]) -> None:
        update = termine.updating(termine.termin_of(RAW), TerminChange(), number_in)
        delete = termine.deleting(7, number_in)
        for request in (update, delete):
            assert (request.filled_path, tuple(request.params)) == (path, params)
        assert delete.body == ({"frNr": 7} if number_in == "body" else None)

    @pytest.mark.parametrize("number", [0, -5011])
    def test_derived_entries_are_never_written(self, number: int) -> None:
        with pytest.raises(ValueError, match="derives"):
            termine.updating(AdvowareTermin(number), TerminChange(), "query")
        with pytest.raises(ValueError, match="derives"):
            termine.deleting(number, "query")


def test_a_new_one_says_its_start_and_its_end_twice() -> None:
    """Whether datum or uhrzeitVon holds the start is unknown: both do; and datumBis the end, or it lay before datum."""
    change = TerminChange(
        datum="2026-11-30",
        datum_bis="2026-11-30",
        uhrzeit_von="09:00:00",
        uhrzeit_bis="10:00:00",
        notiz="a\nb",
        privat=True,
    )
    assert termine.creating(change).body == {
        "datum": "2026-11-30T09:00:00",
        "datumBis": "2026-11-30T10:00:00",
        "uhrzeitVon": "09:00:00",
        "uhrzeitBis": "10:00:00",
        "notiz": "a\r\nb",
        "privat": 1,
    }


@pytest.mark.parametrize(
    "item, employee",
    [
        ("SB", Employee("SB")),
        ({"Kuerzel": " SB ", "Aktiv": False}, Employee("SB", active=False)),
        (
            {"kuerzel": "SB", "vorname": "Sabine", "name": "Berg", "eMail": "sb@x.de"},
            Employee("SB", "Sabine Berg", "sb@x.de"),
        ),
    ],
)
def test_employees(item: object, employee: Employee) -> None:
    assert termine.read_employees([item]) == (employee,)


@pytest.mark.parametrize("value", [{}, ["SB", ""], [{"name": "Berg"}], [7], None])
def test_who_has_no_kuerzel_spoils_the_list(value: object) -> None:
    with pytest.raises(WrongShape):
        termine.read_employees(value)
