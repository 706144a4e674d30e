"""What the client assumes of each call of Advoware's API, for comparing with the vendor's own description.

Purpose: the description is served by each firm's connector and known to nobody here; whoever has the file learns in a
minute where it differs (`manage.py doctor --compare-api FILE`).
Invariant: every call that the client makes with these choices has a row (a test compares them), and no call that it
would make only with others; lengths are the most that is ever sent.
To extend: a further call or field is a row here; a choice of the settings is a field of `ApiChoices`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from syncapp.core.adressen.fields import ENTITY_FIELDS
from syncapp.core.api_description.compare import AssumedCall, AssumedField
from syncapp.core.api_description.document import FieldType
from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS
from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.child_lists.fields import ChildField
from syncapp.core.spelling import iban
from syncapp.remotes.advoware.termine import NAMES, NumberIn

TEXT, NUMBER, TRUTH, TIME, LIST = FieldType.text, FieldType.number, FieldType.truth, FieldType.time, FieldType.list
CHILD_TYPES = {"text": TEXT, "flag": TRUTH, "day": TIME, "number": NUMBER}

MASTER_DATA = tuple(
    AssumedField(row.key, TIME if row.kind == "date" else TEXT, longest=row.max_length) for row in MAPPING
)
BETEILIGTER = (
    AssumedField("betNr", NUMBER),
    AssumedField("rowId"),
    *MASTER_DATA,
    AssumedField("geaendertAm", TIME, optional=True),
    AssumedField("kommunikation", LIST),
    AssumedField("adressen", LIST, optional=True),
)
POINT_SENT = (AssumedField("tlf"), AssumedField("bemerkung"), AssumedField("online", TRUTH))
POINT = (AssumedField("id", NUMBER), AssumedField("rowId"), *POINT_SENT, AssumedField("kommKz", NUMBER))


# Fields of a Termin that are no text.
TERMIN_TYPES = {
    "datum": TIME,
    "datumBis": TIME,
    "privat": NUMBER,
    "dauertermin": NUMBER,
    "turnus": NUMBER,
    "turnusArt": NUMBER,
}
TERMIN = tuple(AssumedField(name, TERMIN_TYPES.get(name, TEXT)) for name in NAMES.values())
# Nothing longer is right, and what is not right is not sent.
ACCOUNT_LENGTHS = {"iban": iban.LONGEST, "bic": iban.LONGEST_BIC}
EMPLOYEE = (AssumedField("kuerzel"), AssumedField("name"), AssumedField("email", optional=True))


@dataclass(frozen=True)
class ApiChoices:
    """What the settings choose of the API; each default is that of its setting.

    accounts_read: `none`, `get`, or `embedded:KEY`. account_names: Advoware's names of an account's fields, by ours.
    """

    addresses_path: str = "Adressen"
    address_key: str = "id"
    accounts_path: str = "Bankverbindungen"
    accounts_read: str = "none"
    account_names: Mapping[str, str] = field(default_factory=dict)
    termin_number_in: NumberIn = "query"
    employees_path: str = "Mitarbeiter"


def assumed_calls(choices: ApiChoices) -> tuple[AssumedCall, ...]:
    return (*PEOPLE, *_addresses(choices), *_accounts(choices), *_termine(choices), *_employees(choices))


PEOPLE: tuple[AssumedCall, ...] = (
    AssumedCall("GET", "Beteiligte/{betNr}", shows=BETEILIGTER),
    AssumedCall("GET", "Beteiligte/{betNr}", shows=POINT, within="kommunikation"),
    AssumedCall("POST", "Beteiligte", sends=MASTER_DATA, shows=(AssumedField("betNr", NUMBER),)),
    AssumedCall("PUT", "Beteiligte/{betNr}", sends=MASTER_DATA),
    AssumedCall("DELETE", "Beteiligte/{betNr}", never=True),
    AssumedCall(
        "POST",
        "Beteiligte/{betNr}/Kommunikationen",
        sends=(*POINT_SENT, AssumedField("kommKz", NUMBER)),
        shows=POINT,
    ),
    AssumedCall("PUT", "Beteiligte/{betNr}/Kommunikationen/{id}", sends=POINT_SENT),
    AssumedCall("DELETE", "Beteiligte/{betNr}/Kommunikationen/{id}", never=True),
    AssumedCall("GET", "Rechtsformen"),
)


def _addresses(choices: ApiChoices) -> tuple[AssumedCall, ...]:
    path = f"Beteiligte/{{betNr}}/{choices.addresses_path}"
    address = tuple(AssumedField(row.advo, CHILD_TYPES[row.kind]) for row in ENTITY_FIELDS if row.advo)
    entry = (AssumedField(choices.address_key, NUMBER), AssumedField("rowId", optional=True))
    return (
        AssumedCall("GET", "Beteiligte/{betNr}", shows=(*entry, *address), within="adressen"),
        AssumedCall("POST", path, sends=address, shows=entry),
        AssumedCall("PUT", f"{path}/{{number}}", sends=address),
        AssumedCall("DELETE", f"{path}/{{number}}", never=True),
    )


def _accounts(choices: ApiChoices) -> tuple[AssumedCall, ...]:
    path = f"Beteiligte/{{betNr}}/{choices.accounts_path}"
    account = tuple(found for row in ACCOUNT_FIELDS if (found := _of_account(row, choices)).name)
    where, _colon, key = choices.accounts_read.partition(":")
    reads = {
        "get": (AssumedCall("GET", path, shows=account),),
        "embedded": (AssumedCall("GET", "Beteiligte/{betNr}", shows=account, within=key),),
    }
    return (
        *reads.get(where, ()),
        AssumedCall("POST", path, sends=account),
        AssumedCall("PUT", f"{path}/{{number}}", never=True),
        AssumedCall("DELETE", f"{path}/{{number}}", never=True),
    )


def _of_account(row: ChildField, choices: ApiChoices) -> AssumedField:
    name = choices.account_names.get(row.name, row.advo)
    return AssumedField(name, CHILD_TYPES[row.kind], ACCOUNT_LENGTHS.get(row.name))


def _termine(choices: ApiChoices) -> tuple[AssumedCall, ...]:
    path = "Termine/{frNr}" if choices.termin_number_in == "path" else "Termine"
    query = ("frnr",) if choices.termin_number_in == "query" else ()
    shown = (AssumedField("frNr", NUMBER), *TERMIN)
    return (
        AssumedCall("GET", "Termine", query=("kuerzel", "from", "to", "frnr"), shows=shown),
        AssumedCall("POST", "Termine", sends=TERMIN),
        AssumedCall("PUT", path, sends=TERMIN, query=query),
        AssumedCall("DELETE", path, query=query),
    )


def _employees(choices: ApiChoices) -> tuple[AssumedCall, ...]:
    return (AssumedCall("GET", choices.employees_path.strip("/"), query=("aktiv",), shows=EMPLOYEE),)
