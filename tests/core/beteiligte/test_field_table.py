"""The field table, how it is resolved for an installation, and what validation refuses."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.beteiligte.field_table import COMPANY_NAME, MAPPING, NOT_SYNCED, FieldMapError, FieldRow, resolve
from syncapp.core.beteiligte.validation import Fault, validate
from syncapp.core.sides import Side
from syncapp.core.spelling.storable import storable
from tests.core.fieldmaps import COMPANIES, PERSON_ATTRIBUTES, SALUTATIONS, filled, person, plain

TODAY = date(2026, 11, 21)
FORMS = frozenset({"GmbH", "natürliche Person"})

PLAIN_ANSWER = {
    "name": " Müller ",
    "vorname": "Max",
    "rechtsform": "natürliche Person",
    "titel": "Dr.",
    "anrede": "Herr",
    "bAnrede": "Sehr geehrter Herr Dr. Müller",
    "zusatz": "",
    "geburtsdatum": "1980-05-17",
    "betnr": 104860,
}
PERSON_ANSWER = {
    "firmenname": None,
    "lastName": "Müller",
    "firstName": "Max",
    "rechtsform": "natürliche Person",
    "titel": "Dr.",
    "salutationName": "Mr.",
    "briefAnrede": "Sehr geehrter Herr Dr. Müller",
    "zusatz": None,
    "dateOfBirth": "1980-05-17",
    "name": "Max Müller",
}
MUELLER = {
    "name": "Müller",
    "vorname": "Max",
    "rechtsform": "natürliche Person",
    "titel": "Dr.",
    "anrede": "Herr",
    "bAnrede": "Sehr geehrter Herr Dr. Müller",
    "zusatz": None,
    "geburtsdatum": "1980-05-17",
}


# How one value is spelled by either system; the first of each is what counts.
SPELLINGS = {
    "text": (
        ("Müller", "Mu\u0308ller", " Müller\u00a0", "Mül\u00adler", "\ufeffMüller"),
        (None, "", " ", []),
        ("0815", "0815 ", "\u200b0815"),
    ),
    "date": (
        ("1980-05-17", "1980-05-17T00:00:00", "1980-05-16T22:00:00Z", " 1980-05-17 00:00:00"),
        (None, "", "0001-01-01T00:00:00"),
    ),
}


@pytest.mark.parametrize("row", MAPPING, ids=lambda row: row.key)
def test_both_sides_are_read_alike_in_whatever_spelling(row: FieldRow) -> None:
    """Else a second pass would write what the first one has just written."""
    fields = plain()
    for spellings in SPELLINGS[row.kind]:
        for spelled in spellings:
            assert fields.read_espo({fields.espo_names[row.key]: spelled}) == {row.key: spellings[0]}, repr(spelled)
            assert fields.read_advo({row.key: spelled}) == {row.key: spellings[0]}, repr(spelled)


# --- The table ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key, maximum, plain_names, person_names",
    [
        ("name", 140, ("name",), ("lastName",)),
        ("vorname", 30, ("vorname",), ("firstName",)),
        ("rechtsform", 50, ("rechtsform",), ("rechtsform",)),
        ("titel", 50, ("titel",), ("titel",)),
        ("anrede", 35, ("anrede",), ("salutationName",)),
        ("bAnrede", 150, ("bAnrede",), ("bAnrede", "briefAnrede")),
        ("zusatz", 100, ("zusatz",), ("zusatz",)),
        ("geburtsdatum", None, ("geburtsdatum",), ("dateOfBirth",)),
    ],
)
def test_row_of_the_table(
    key: str, maximum: int | None, plain_names: tuple[str, ...], person_names: tuple[str, ...]
) -> None:
    row = plain().row(key)
    assert (row.max_length, row.espo_plain, row.espo_person) == (maximum, plain_names, person_names)
    assert row.group == "stammdaten"


def test_the_table_as_a_whole() -> None:
    assert [row.key for row in MAPPING if row.required] == ["name"]
    assert [row.key for row in MAPPING if row.natural_person_only] == ["vorname", "geburtsdatum"]
    assert [row.key for row in MAPPING if row.kind == "date"] == ["geburtsdatum"]
    assert not {row.key for row in MAPPING} & set(NOT_SYNCED)
    assert all(row.english and row.german for row in MAPPING)


def test_side_other() -> None:
    assert (Side.espocrm.other, Side.advoware.other) == (Side.advoware, Side.espocrm)


# --- Reading ------------------------------------------------------------------------------------------------------


def test_reading_a_plain_entity() -> None:
    assert plain().read_espo(PLAIN_ANSWER) == MUELLER


def test_reading_a_person_entity() -> None:
    values = person(value_map=SALUTATIONS).read_espo(PERSON_ANSWER)
    assert values == {**MUELLER, COMPANY_NAME: None}


def test_reading_advoware() -> None:
    raw = {**MUELLER, "geburtsdatum": "1980-05-17T00:00:00", "zusatz": "", "betNr": 1, "kommunikation": []}
    assert plain().read_advo(raw) == MUELLER


@pytest.mark.parametrize("side", ["read_espo", "read_advo"])
def test_absent_key_is_not_a_value(side: str) -> None:
    values = getattr(plain(), side)({"name": "A", "titel": None, "zusatz": "", "anrede": []})
    assert values == {"name": "A", "titel": None, "zusatz": None, "anrede": None}


def test_a_structure_instead_of_text_counts_as_absent() -> None:
    assert plain().read_advo({"name": {"de": "A"}, "titel": True, "zusatz": "x"}) == {"zusatz": "x"}


def test_person_company_reads_firmenname_as_name() -> None:
    values = person().read_espo({**PERSON_ANSWER, "firmenname": "Müller GmbH", "lastName": "Müller"})
    assert values["name"] == "Müller GmbH"
    assert person().is_company(values)


def test_person_without_firmenname_in_the_answer_has_no_name() -> None:
    answer = {key: value for key, value in PERSON_ANSWER.items() if key != "firmenname"}
    assert "name" not in person().read_espo(answer)


def test_person_entity_without_such_an_attribute_reads_last_name() -> None:
    fieldmap = person(known=PERSON_ATTRIBUTES - {"firmenname"})
    assert fieldmap.company_espo_name is None
    assert fieldmap.read_espo({"lastName": "Müller"}) == {"name": "Müller"}


def test_plain_entity_with_firmenname_keeps_its_name() -> None:
    fieldmap = plain(known=frozenset({*PLAIN_ANSWER, "firmenname"}))
    values = fieldmap.read_espo({**PLAIN_ANSWER, "firmenname": "Müller GmbH"})
    assert values["name"] == "Müller"
    assert fieldmap.is_company(values)


def test_briefanrede_is_used_where_the_metadata_has_it() -> None:
    assert person().espo_names["bAnrede"] == "briefAnrede"
    assert person(known=PERSON_ATTRIBUTES | {"bAnrede"}).espo_names["bAnrede"] == "bAnrede"
    assert person(known=None).espo_names["bAnrede"] == "bAnrede"


@pytest.mark.parametrize("empty", ["1899-12-30T00:00:00", "0001-01-01T00:00:00"])
def test_a_date_that_an_answer_lacks_is_not_an_empty_one(empty: str) -> None:
    """Else a birth date that Advoware does not show would be emptied in EspoCRM."""
    assert "geburtsdatum" not in plain(empty_date=empty).read_advo({"name": "A"})


def test_configured_empty_date_of_advoware_is_empty() -> None:
    fieldmap = plain(empty_date="1899-12-30T00:00:00")
    assert fieldmap.read_advo({"geburtsdatum": "1899-12-30T00:00:00"}) == {"geburtsdatum": None}
    assert plain().read_advo({"geburtsdatum": "1899-12-30T00:00:00"}) == {"geburtsdatum": "1899-12-30"}
    assert fieldmap.read_espo({"geburtsdatum": "1899-12-30"}) == {"geburtsdatum": "1899-12-30"}


# --- Writing ------------------------------------------------------------------------------------------------------


def test_writing_a_plain_entity() -> None:
    assert plain().to_espo({"name": "A", "geburtsdatum": "1980-05-17"}) == {"name": "A", "geburtsdatum": "1980-05-17"}


def test_writing_advoware() -> None:
    written = plain().to_advo({"name": "A", "geburtsdatum": "1980-05-17"})
    assert written == {"name": "A", "geburtsdatum": "1980-05-17T00:00:00"}


def test_clearing_text_is_an_empty_text_and_a_date_is_null() -> None:
    cleared = {"titel": None, "geburtsdatum": None}
    assert plain().to_espo(cleared) == {"titel": "", "geburtsdatum": None}
    assert plain().to_advo(cleared) == {"titel": "", "geburtsdatum": None}
    assert plain(empty_date="0001-01-01T00:00:00").to_advo(cleared)["geburtsdatum"] == "0001-01-01T00:00:00"


def test_a_create_names_empty_texts_as_empty() -> None:
    values = {**dict.fromkeys(MUELLER), "name": "A", "titel": "Dr."}
    assert plain().left_empty(values) == dict.fromkeys(("vorname", "anrede", "bAnrede", "zusatz"))
    assert plain().left_empty({"name": "A", "zusatz": None}) == {"zusatz": None}, "what EspoCRM hides is not named"


def test_a_create_names_nothing_that_a_company_does_not_have() -> None:
    values = {**dict.fromkeys(MUELLER), "name": "A", "rechtsform": "GmbH"}
    assert "vorname" not in plain().left_empty(values)
    assert "anrede" not in person(value_map=SALUTATIONS).left_empty({"name": "A", "anrede": "Sir"})


def test_only_mapped_fields_are_written() -> None:
    assert plain().to_espo({COMPANY_NAME: "X", "betnr": "1"}) == {}
    assert plain().to_advo({COMPANY_NAME: "X"}) == {}


@pytest.mark.parametrize(
    "company, attribute",
    [pytest.param(True, "firmenname", id="company"), pytest.param(False, "lastName", id="natural")],
)
def test_person_name_goes_where_it_is_read_from(company: bool, attribute: str) -> None:
    assert person().to_espo({"name": "X"}, company=company) == {attribute: "X"}


def test_company_on_a_plain_entity_keeps_name() -> None:
    fieldmap = plain(known=frozenset({*PLAIN_ANSWER, "firmenname"}))
    assert fieldmap.to_espo({"name": "X"}, company=True) == {"name": "X"}


# --- The company rule ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values, company",
    [
        pytest.param({COMPANY_NAME: "X"}, True, id="firmenname-filled"),
        pytest.param({"rechtsform": "GmbH"}, True, id="rechtsform-of-a-company"),
        pytest.param({"rechtsform": "gmbh"}, True, id="letter-case-does-not-count"),
        pytest.param({"rechtsform": "natürliche Person"}, False, id="natural-person"),
        pytest.param({"rechtsform": None, COMPANY_NAME: None}, False, id="neither"),
        pytest.param({}, False, id="nothing-known"),
    ],
)
def test_company_rule(values: dict[str, str | None], company: bool) -> None:
    assert person().is_company(values) is company


# --- The value map ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "espo, canonical",
    [
        pytest.param("Mr.", "Herr", id="mapped"),
        pytest.param("Ms.", "Frau", id="mapped-like-another"),
        pytest.param("Dr.", "Dr.", id="without-counterpart-as-it-is"),
        pytest.param("", None, id="empty"),
    ],
)
def test_value_map_on_reading(espo: str, canonical: str | None) -> None:
    assert person(value_map=SALUTATIONS).read_espo({"salutationName": espo})["anrede"] == canonical


def test_value_map_on_writing_espocrm() -> None:
    fieldmap = person(value_map=SALUTATIONS)
    assert fieldmap.to_espo({"anrede": "Herr"}) == {"salutationName": "Mr."}
    assert fieldmap.to_espo({"anrede": "Frau"}) == {"salutationName": "Ms."}
    assert fieldmap.to_espo({"anrede": None}) == {"salutationName": ""}


@pytest.mark.parametrize("value", ["Firma", "Prof."], ids=["from-advoware", "from-espocrm"])
def test_a_value_without_counterpart_is_left_out_and_reported(value: str) -> None:
    fieldmap = person(value_map=SALUTATIONS)
    values = {"anrede": value, "titel": "x"}
    assert fieldmap.to_espo(values) == {"titel": "x"}
    assert fieldmap.to_advo(values) == {"titel": "x"}
    assert fieldmap.unmappable(values) == ("anrede",)


def test_nothing_is_unmappable_without_a_map_or_a_value() -> None:
    assert plain().unmappable({"anrede": "Firma"}) == ()
    assert person(value_map=SALUTATIONS).unmappable({"anrede": None, "titel": "Firma"}) == ()
    assert person(value_map=SALUTATIONS).unmappable({"anrede": "Herr"}) == ()


def test_value_map_may_be_keyed_by_either_name() -> None:
    by_field = person(value_map={"anrede": SALUTATIONS["salutationName"]})
    assert by_field.value_map == person(value_map=SALUTATIONS).value_map


# --- Settings that cannot be meant --------------------------------------------------------------------------------


def test_override_moves_a_field() -> None:
    fieldmap = plain(overrides={"zusatz": "namenszusatz"})
    assert fieldmap.read_espo({"namenszusatz": "x", "zusatz": "y"}) == {"zusatz": "x"}
    assert fieldmap.to_espo({"zusatz": "x"}) == {"namenszusatz": "x"}


def test_override_of_firmenname() -> None:
    fieldmap = person(overrides={COMPANY_NAME: "cFirma"}, known=PERSON_ATTRIBUTES | {"cFirma"})
    assert fieldmap.read_espo({"lastName": "A", "cFirma": "A AG"})["name"] == "A AG"
    assert fieldmap.to_espo({"name": "B AG"}, company=True) == {"cFirma": "B AG"}


@pytest.mark.parametrize(
    "overrides, message",
    [
        pytest.param({"nachname": "lastName"}, "nachname=lastName: nachname is not a synced field", id="unknown-field"),
        pytest.param({"titel": "cTitle"}, "titel=cTitle: EspoCRM's entity has no attribute", id="unknown-attribute"),
        pytest.param({"titel": ""}, "titel=: EspoCRM's entity has no attribute", id="no-attribute"),
        pytest.param({"titel": "zusatz"}, "zusatz=zusatz: titel is already kept in zusatz", id="two-in-one"),
        pytest.param({"titel": "firmenname"}, "titel=firmenname: firmenname is already kept", id="over-firmenname"),
    ],
)
def test_override_that_cannot_be_meant(overrides: dict[str, str], message: str) -> None:
    with pytest.raises(FieldMapError, match=message):
        person(overrides=overrides)


def test_a_list_of_options_without_a_map_carries_the_same_words_alone() -> None:
    fieldmap = person(options={"salutationName": ["", "Mr.", "Herr", "Frau"]})
    assert fieldmap.unmappable({"anrede": "Herr"}) == ()
    for word in ("Eheleute", "Mr."):
        assert fieldmap.unmappable({"anrede": word}) == ("anrede",)
    assert fieldmap.versions == person().versions, "values are read as before, so their bases stay"
    mapped = person(options={"salutationName": ["Mr."]}, value_map=SALUTATIONS)
    assert mapped.value_map == person(value_map=SALUTATIONS).value_map


@pytest.mark.parametrize(
    "value_map, message",
    [
        pytest.param({"gender": {"m": "Herr"}}, "value map gender: no synced text field", id="unknown-field"),
        pytest.param({"dateOfBirth": {"1": "2"}}, "value map dateOfBirth: no synced text field", id="date"),
        pytest.param({"salutationName": {"Mr.": ""}}, "has an empty side", id="empty-side"),
    ],
)
def test_value_map_that_cannot_be_meant(value_map: dict[str, dict[str, str]], message: str) -> None:
    with pytest.raises(FieldMapError, match=message):
        resolve(
            person=True,
            overrides={},
            value_map=value_map,
            company_rechtsformen=COMPANIES,
            known_attributes=PERSON_ATTRIBUTES,
        )


# --- The version of a field's mapping -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed, fields",
    [
        pytest.param(lambda: plain(overrides={"zusatz": "namenszusatz"}), {"zusatz"}, id="another-attribute"),
        pytest.param(lambda: plain(value_map={"anrede": {"Mr.": "Herr"}}), {"anrede"}, id="a-value-map"),
        pytest.param(lambda: plain(empty_date="1899-12-30"), {"geburtsdatum"}, id="another-empty-date"),
        pytest.param(plain, set(), id="nothing"),
    ],
)
def test_version_changes_with_the_mapping_of_that_field_only(changed, fields: set[str]) -> None:
    before, after = plain().versions, changed().versions
    assert {key for key in before if before[key] != after[key]} == fields


def test_version_of_the_name_changes_with_the_company_attribute() -> None:
    moved = person(overrides={COMPANY_NAME: "cFirma"}, known=PERSON_ATTRIBUTES | {"cFirma"})
    assert {key for key, version in person().versions.items() if moved.versions[key] != version} == {"name"}


def test_version_does_not_depend_on_the_order_of_a_value_map() -> None:
    backwards = {"salutationName": dict(reversed(SALUTATIONS["salutationName"].items()))}
    assert person(value_map=SALUTATIONS).versions == person(value_map=backwards).versions


# --- Parts of a record (webhook elements) -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part, same",
    [
        pytest.param({"titel": "Dr."}, True, id="says-what-is-held"),
        pytest.param({"titel": " Dr. ", "zusatz": ""}, True, id="spelled-differently"),
        pytest.param({"titel": "Prof."}, False, id="says-something-else"),
        pytest.param({"titel": {"a": 1}}, False, id="unreadable"),
        pytest.param({"salutationName": "Mr."}, True, id="translated"),
        pytest.param({"lastName": "Müller"}, True, id="last-name-is-the-name"),
        pytest.param({"lastName": "Meier"}, False, id="another-last-name"),
        pytest.param({"firmenname": "Müller"}, True, id="firmenname-is-the-name"),
        pytest.param({"firmenname": None}, False, id="firmenname-emptied"),
        pytest.param({"assignedUserId": "1"}, True, id="nothing-mapped"),
    ],
)
def test_same_as(part: dict[str, object], same: bool) -> None:
    assert person(value_map=SALUTATIONS).same_as(part, MUELLER) is same


def test_same_as_without_a_base_is_in_doubt() -> None:
    assert not person().same_as({"titel": "Dr."}, {})


def test_firmenname_of_a_plain_entity_is_never_ours() -> None:
    fieldmap = plain(known=frozenset({*PLAIN_ANSWER, "firmenname"}))
    assert not fieldmap.same_as({"firmenname": "Müller"}, MUELLER)


def test_espo_attributes_are_all_that_hold_a_field() -> None:
    assert set(person().espo_attributes) == PERSON_ATTRIBUTES
    assert set(plain().espo_attributes) == set(MUELLER)


# --- Validation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values, faults",
    [
        pytest.param({"name": None}, [Fault("name", "required")], id="name-emptied"),
        pytest.param({"name": "x" * 141}, [Fault("name", "max_length", 140)], id="name-too-long"),
        pytest.param({"vorname": "x" * 31}, [Fault("vorname", "max_length", 30)], id="vorname-too-long"),
        pytest.param({"rechtsform": "Ltd."}, [Fault("rechtsform", "unknown_rechtsform")], id="rechtsform-unknown"),
        pytest.param({"rechtsform": "g. m. b. h."}, [], id="rechtsform-spelled-otherwise"),
        pytest.param(
            {"rechtsform": "GmhB"},
            [Fault("rechtsform", "unknown_rechtsform", near=("GmbH",))],
            id="rechtsform-unknown-and-one-is-near",
        ),
        pytest.param({"geburtsdatum": "1980-02-31"}, [Fault("geburtsdatum", "no_real_date")], id="date-not-real"),
        pytest.param({"geburtsdatum": "2026-11-22"}, [Fault("geburtsdatum", "future_date")], id="date-in-the-future"),
        *(
            pytest.param({"zusatz": text}, [Fault("zusatz", "unsendable")], id=f"unsendable-{text!r}")
            for text in map(storable, ("a\x00b", "\ud83d", "a\x07", "a\x1fb", "a\x7f", "M\x81ller"))
        ),
        pytest.param({"zusatz": "eine\tZeile\r\nund noch eine 😀"}, [], id="white-space-can-be-sent"),
        pytest.param({"geburtsdatum": "2026-11-21"}, [], id="born-today"),
        pytest.param({"rechtsform": None}, [], id="rechtsform-empty"),
        pytest.param({"rechtsform": "GmbH"}, [], id="rechtsform-known"),
        pytest.param({"name": "x" * 140, "vorname": "x" * 30, "titel": None}, [], id="at-the-limit"),
        pytest.param({"titel": "Dr."}, [], id="name-not-written"),
    ],
)
def test_validation(values: dict[str, str | None], faults: list[Fault]) -> None:
    found = validate(values, fieldmap=plain(), side=Side.advoware, rechtsformen=FORMS, today=TODAY)
    assert found == faults


def test_validation_names_every_fault() -> None:
    values = {"name": None, "titel": "x" * 51, "rechtsform": "Ltd.", "geburtsdatum": "2999-01-01"}
    found = validate(values, fieldmap=plain(), side=Side.advoware, rechtsformen=FORMS, today=TODAY)
    assert [fault.field for fault in found] == ["name", "rechtsform", "titel", "geburtsdatum"]


def test_validation_skips_rechtsform_where_the_list_cannot_be_read() -> None:
    assert not validate({"rechtsform": "?"}, fieldmap=plain(), side=Side.advoware, rechtsformen=None, today=TODAY)


def test_validation_towards_espocrm_leaves_rechtsform_to_it() -> None:
    values = {"rechtsform": "Ltd.", "name": None}
    found = validate(values, fieldmap=plain(), side=Side.espocrm, rechtsformen=FORMS, today=TODAY)
    assert found == [Fault("name", "required", side=Side.advoware)], "it stands in Advoware, and is corrected there"


@pytest.mark.parametrize("values", [{}, {"name": None}], ids=["absent", "empty"])
def test_a_whole_new_record_needs_its_name(values: dict[str, str | None]) -> None:
    found = validate(values, fieldmap=plain(), side=Side.advoware, rechtsformen=FORMS, today=TODAY, complete=True)
    assert found == [Fault("name", "required")]


# --- What holds for any values ------------------------------------------------------------------------------------

TEXTS = st.one_of(st.none(), st.sampled_from(["a", "A", "x y", "Dr.", "GmbH"]))
DAYS = st.one_of(st.none(), st.dates(min_value=date(1, 1, 2)).map(date.isoformat))
RECORDS = st.fixed_dictionaries({}, optional={row.key: DAYS if row.kind == "date" else TEXTS for row in MAPPING})


@given(RECORDS)
def test_written_values_are_read_back_as_they_were(values: dict[str, str | None]) -> None:
    fieldmap = plain()
    assert fieldmap.read_espo(fieldmap.to_espo(values)) == values
    assert fieldmap.read_advo(fieldmap.to_advo(values)) == values
    other = plain(empty_date="0001-01-01T00:00:00")
    assert other.read_advo(other.to_advo(values)) == values


@given(RECORDS, st.booleans())
def test_a_person_entity_reads_back_the_name_it_was_given(values: dict[str, str | None], company: bool) -> None:
    fieldmap = person()
    attributes = {"firmenname": None, "lastName": None} | fieldmap.to_espo(filled(fieldmap, **values), company=company)
    assert fieldmap.read_espo(attributes)["name"] == values.get("name")
