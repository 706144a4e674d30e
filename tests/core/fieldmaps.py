"""Field maps for the tests of core: one installation each, as its settings and metadata would resolve it."""

from collections.abc import Mapping

from syncapp.core.beteiligte.field_table import FieldMap, resolve
from syncapp.core.sides import Values

COMPANIES = frozenset({"GmbH", "AG", "e.V."})
SALUTATIONS = {"salutationName": {"Mr.": "Herr", "Ms.": "Frau", "Mrs.": "Frau"}}

PERSON_ATTRIBUTES = frozenset(
    {
        "firmenname",
        "lastName",
        "firstName",
        "rechtsform",
        "titel",
        "salutationName",
        "briefAnrede",
        "zusatz",
        "dateOfBirth",
    }
)


def plain(
    *,
    overrides: Mapping[str, str] | None = None,
    value_map: Mapping[str, Mapping[str, str]] | None = None,
    known: frozenset[str] | None = None,
    empty_date: str | None = None,
) -> FieldMap:
    return resolve(
        person=False,
        overrides=overrides or {},
        value_map=value_map or {},
        company_rechtsformen=COMPANIES,
        known_attributes=known,
        empty_date=empty_date,
    )


def person(
    *,
    overrides: Mapping[str, str] | None = None,
    value_map: Mapping[str, Mapping[str, str]] | None = None,
    known: frozenset[str] | None = PERSON_ATTRIBUTES,
    options: Mapping[str, list[str]] | None = None,
) -> FieldMap:
    return resolve(
        person=True,
        overrides=overrides or {},
        value_map=value_map or {},
        company_rechtsformen=COMPANIES,
        known_attributes=known,
        options=options,
    )


def filled(fieldmap: FieldMap, **values: str | None) -> dict[str, str | None]:
    """Values with every field present: those given, and None for the others."""
    return {row.key: None for row in fieldmap.rows} | values


def without(values: Values, *keys: str) -> dict[str, str | None]:
    return {key: value for key, value in values.items() if key not in keys}
