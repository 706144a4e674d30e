"""What the client assumes of each call of Advoware's API, for comparing with the vendor's own description.

Purpose: the description is served by each firm's connector and known to nobody here; whoever has the file learns in a
minute where it differs (`manage.py doctor --compare-api FILE`).
Invariant: every call that the client makes has a row (a test compares them); lengths are the most that is ever sent.
To extend: a further call or field is a row here.
"""

from syncapp.core.adressen.fields import ENTITY_FIELDS
from syncapp.core.api_description.compare import AssumedCall, AssumedField
from syncapp.core.api_description.document import FieldType
from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS
from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.child_lists.fields import ChildField
from syncapp.remotes.advoware.termine import NAMES

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


def _of_children(rows: tuple[ChildField, ...]) -> tuple[AssumedField, ...]:
    return tuple(AssumedField(row.advo, CHILD_TYPES[row.kind]) for row in rows if row.advo)


ADDRESS, ACCOUNT = _of_children(ENTITY_FIELDS), _of_children(ACCOUNT_FIELDS)
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
ENTRY = (AssumedField("id", NUMBER), AssumedField("rowId", optional=True))

ASSUMED: tuple[AssumedCall, ...] = (
    AssumedCall("GET", "Beteiligte/{betNr}", shows=BETEILIGTER),
    AssumedCall("GET", "Beteiligte/{betNr}", shows=POINT, within="kommunikation"),
    AssumedCall("GET", "Beteiligte/{betNr}", shows=(*ENTRY, *ADDRESS), within="adressen"),
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
    AssumedCall("POST", "Beteiligte/{betNr}/Adressen", sends=ADDRESS, shows=ENTRY),
    AssumedCall("PUT", "Beteiligte/{betNr}/Adressen/{number}", sends=ADDRESS),
    AssumedCall("DELETE", "Beteiligte/{betNr}/Adressen/{number}", never=True),
    AssumedCall("GET", "Beteiligte/{betNr}/Bankverbindungen", shows=ACCOUNT),
    AssumedCall("POST", "Beteiligte/{betNr}/Bankverbindungen", sends=ACCOUNT),
    AssumedCall("PUT", "Beteiligte/{betNr}/Bankverbindungen/{number}", never=True),
    AssumedCall("DELETE", "Beteiligte/{betNr}/Bankverbindungen/{number}", never=True),
    AssumedCall(
        "GET", "Termine", query=("kuerzel", "from", "to", "frnr"), shows=(AssumedField("frNr", NUMBER), *TERMIN)
    ),
    AssumedCall("POST", "Termine", sends=TERMIN),
    AssumedCall("PUT", "Termine", sends=TERMIN, query=("frnr",)),
    AssumedCall("DELETE", "Termine", query=("frnr",)),
    AssumedCall(
        "GET",
        "Mitarbeiter",
        query=("aktiv",),
        shows=(AssumedField("kuerzel"), AssumedField("name"), AssumedField("email", optional=True)),
    ),
    AssumedCall("GET", "Rechtsformen"),
)
