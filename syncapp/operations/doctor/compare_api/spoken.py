"""What a document says of the quirks of docs/ADVOWARE.md and of what is unknown there, held against the settings.

Invariant: an opinion only where the document speaks of it; where it does not, the line says so and is no contradiction.
To extend: a function, and its row of SPOKEN_OF under the words of the quirk or of the open question.
"""

from collections.abc import Callable, Mapping

from django.conf import settings
from django.utils.translation import gettext as _

from syncapp.core.api_description.compare import Agreement, find
from syncapp.core.api_description.document import DescribedField, Description, FieldType
from syncapp.core.bankverbindungen.fields import names_an_iban
from syncapp.remotes.advoware.assumptions import ApiChoices, assumed_calls

Spoken = tuple[Agreement, str]
SILENT: Spoken = (Agreement.not_described, "")
PERSON = "Beteiligte/{betNr}"
POINTS = f"{PERSON}/Kommunikationen"


def choices() -> ApiChoices:
    """What this installation's settings choose."""
    return ApiChoices(
        addresses_path=settings.ADVOWARE_ADRESSEN_PATH,
        address_key=settings.ADVOWARE_ADRESSE_KEY,
        accounts_path=settings.ADVOWARE_BANK_PATH,
        accounts_read=settings.ADVOWARE_BANK_LIST,
        account_names=settings.ADVOWARE_BANK_MAP,
        termin_number_in=settings.ADVOWARE_TERMIN_NUMBER_IN,
        employees_path=settings.ADVOWARE_EMPLOYEES_PATH,
    )


def of(what: str, description: Description, chosen: ApiChoices) -> Spoken:
    """(agreement, in plain words) of one quirk or open question."""
    speaks = SPOKEN_OF.get(what)
    agreement, said = SILENT if speaks is None else speaks(description, chosen)
    return agreement, said or _("the document says nothing about it")


def _addresses(choices: ApiChoices) -> str:
    return f"{PERSON}/{choices.addresses_path}"


def _accounts(choices: ApiChoices) -> str:
    return f"{PERSON}/{choices.accounts_path}"


def _no_delete(description: Description, choices: ApiChoices) -> Spoken:
    paths = (PERSON, f"{POINTS}/{{id}}", f"{_addresses(choices)}/{{number}}")
    found = [path for path in paths if find("DELETE", path, description)]
    if found:
        return Agreement.contradicted, _("described: DELETE %(path)s") % {"path": ", DELETE ".join(found)}
    known = any(find("GET", path, description) or find("PUT", path, description) for path in paths)
    return (Agreement.confirmed, _("no DELETE is described")) if known else SILENT


def _prefix(description: Description, _choices: ApiChoices) -> Spoken:
    wanted = str(settings.ADVOWARE_API_PREFIX).strip("/")
    paths = {
        f"{base.strip('/')}/{call.path.strip('/')}".strip("/")
        for base in description.bases or ("",)
        for call in description.calls
    }
    people = [path for path in paths if "beteiligte" in path.casefold()]
    if not people:
        return SILENT
    if any(path.casefold().partition("beteiligte")[0].strip("/") == wanted.casefold() for path in people):
        return Agreement.confirmed, _("the setting ADVOWARE_API_PREFIX fits: %(prefix)s") % {"prefix": wanted or "/"}
    shown = min(people)
    return Agreement.contradicted, _("ADVOWARE_API_PREFIX is %(prefix)s, described is %(path)s") % {
        "prefix": wanted or "/",
        "path": shown,
    }


def _bank_is_create_only(description: Description, choices: ApiChoices) -> Spoken:
    path = f"{_accounts(choices)}/{{number}}"
    found = [method for method in ("PUT", "DELETE") if find(method, path, description)]
    if found:
        return Agreement.contradicted, _("described: %(methods)s %(path)s") % {
            "methods": ", ".join(found),
            "path": path,
        }
    known = find("POST", _accounts(choices), description)
    return (Agreement.confirmed, _("neither PUT nor DELETE is described")) if known else SILENT


def _delete_of_termin(description: Description, _choices: ApiChoices) -> Spoken:
    if find("DELETE", "Termine", description) or find("DELETE", "Termine/{frNr}", description):
        return Agreement.confirmed, _("DELETE is described: Termine are deletable, unless a right is missing")
    known = find("GET", "Termine", description)
    return (Agreement.contradicted, _("no DELETE is described: expect that nothing is deleted")) if known else SILENT


def _frnr(description: Description, _choices: ApiChoices) -> Spoken:
    call = find("GET", "Termine", description)
    names = [name for name in call.parameters if name.casefold() == "frnr"] if call else []
    if not names:
        return SILENT
    if "frnr" in names:
        return Agreement.confirmed, _("the parameter is spelled frnr")
    return Agreement.contradicted, _("the parameter is spelled %(name)s") % {"name": names[0]}


def _number_in(description: Description, choices: ApiChoices) -> Spoken:
    chosen = choices.termin_number_in
    in_path = find("PUT", "Termine/{frNr}", description)
    plain = find("PUT", "Termine", description)
    if not in_path and plain is None:
        return SILENT
    in_query = plain is not None and any(name.casefold() == "frnr" for name in plain.parameters)
    told = "path" if in_path else "query" if in_query else "body"
    params = {"told": told, "chosen": chosen}
    if told == chosen:
        return Agreement.confirmed, _("ADVOWARE_TERMIN_NUMBER_IN=%(chosen)s fits") % params
    return Agreement.contradicted, _("described: %(told)s; ADVOWARE_TERMIN_NUMBER_IN is %(chosen)s") % params


def _employees(description: Description, choices: ApiChoices) -> Spoken:
    path = choices.employees_path.strip("/")
    if find("GET", path, description):
        return Agreement.confirmed, _("ADVOWARE_EMPLOYEES_PATH=%(path)s is described") % {"path": path}
    return Agreement.not_described, _("ADVOWARE_EMPLOYEES_PATH=%(path)s is not mentioned") % {"path": path}


# --- what docs/ADVOWARE.md calls unknown


def _remark(description: Description, _choices: ApiChoices) -> Spoken:
    call = find("POST", POINTS, description)
    field = _field_of(call.body.fields if call and call.body else {}, "bemerkung")
    if field is None or field.longest is None:
        return SILENT
    return Agreement.confirmed, _("described: up to %(number)s characters") % {"number": field.longest}


def _lists(description: Description, _choices: ApiChoices) -> Spoken:
    if not find("GET", "Beteiligte", description):
        return SILENT
    return Agreement.confirmed, _("GET Beteiligte is described; nothing relies on it")


def _address_number(description: Description, choices: ApiChoices) -> Spoken:
    entry = _field_of(_of_a_person(description), "adressen")
    known = {name.casefold(): name for name in (entry.fields if entry else {})}
    found = [name for name in ("id", "reihenfolgeIndex") if name.casefold() in known]
    if not found:
        return SILENT
    params = {"chosen": choices.address_key, "found": ", ".join(found)}
    agreement = Agreement.confirmed if choices.address_key in found else Agreement.contradicted
    return agreement, _("described: %(found)s; ADVOWARE_ADRESSE_KEY is %(chosen)s") % params


def _list_names(description: Description, choices: ApiChoices) -> Spoken:
    """A document may leave out one of the lists: that alone contradicts nothing."""
    below = {
        call.path.partition("}/")[2].partition("/")[0] for call in description.calls if _is_below_a_person(call.path)
    }
    wanted = {choices.addresses_path, choices.accounts_path}
    if not below:
        return SILENT
    agreement = Agreement.confirmed if wanted <= below else Agreement.not_described
    params = {"below": ", ".join(sorted(below)), "wanted": ", ".join(sorted(wanted))}
    return agreement, _("described are %(below)s; the settings name %(wanted)s") % params


def _bank_list(description: Description, choices: ApiChoices) -> Spoken:
    """Where accounts are kept equal, a list that could be read and is not costs people questions."""
    held = [f"embedded:{name}" for name, field in _of_a_person(description).items() if names_an_iban(field.fields)]
    found = [*held, *(["get"] if find("GET", _accounts(choices), description) else [])]
    if not found:
        return SILENT
    params = {"chosen": choices.accounts_read, "found": ", ".join(sorted(found))}
    fits = choices.accounts_read in found or not settings.ESPOCRM_BANK_ENTITY
    agreement = Agreement.confirmed if fits else Agreement.contradicted
    return agreement, _("described: %(found)s; ADVOWARE_BANK_LIST is %(chosen)s") % params


def _bank_fields(description: Description, choices: ApiChoices) -> Spoken:
    call = find("POST", _accounts(choices), description)
    if call is None or call.body is None or not call.body.fields:
        return SILENT
    sent = next(one.sends for one in assumed_calls(choices) if one.name == f"POST {_accounts(choices)}")
    missing = sorted({one.name for one in sent} - set(call.body.fields))
    if not missing:
        return Agreement.confirmed, _("all that are sent are described")
    params = {"missing": ", ".join(missing), "found": ", ".join(sorted(call.body.fields))}
    return Agreement.contradicted, _("not among them: %(missing)s (ADVOWARE_BANK_MAP); described: %(found)s") % params


def _answer_to_address(description: Description, choices: ApiChoices) -> Spoken:
    call = find("POST", _addresses(choices), description)
    if call is None or call.answers is None or call.answers.type is FieldType.unknown:
        return SILENT
    return Agreement.confirmed, _("described: %(type)s, which is read") % {"type": call.answers.type}


def _of_a_person(description: Description) -> Mapping[str, DescribedField]:
    call = find("GET", PERSON, description)
    return call.answers.fields if call and call.answers else {}


def _field_of(fields: Mapping[str, DescribedField], wanted: str) -> DescribedField | None:
    return next((field for name, field in fields.items() if name.casefold() == wanted.casefold()), None)


def _is_below_a_person(path: str) -> bool:
    return "beteiligte/{" in path.casefold() and "}/" in path


# By the words of the quirk or question; all others are about what happens, of which such a document says nothing.
SPOKEN_OF: Mapping[str, Callable[[Description, ApiChoices], Spoken]] = {
    "A DELETE is answered with 403.": _no_delete,
    "The path prefix is api/v1/advonet or api/v1, depending on the source.": _prefix,
    "Bank accounts can be created, and neither changed nor deleted.": _bank_is_create_only,
    "A Termin is deletable or not, by an answer of 403 or 405.": _delete_of_termin,
    "`frnr` is a filter in lower case only; another spelling brings every Termin.": _frnr,
    "Whether PUT and DELETE want the number in query, path or body is unknown.": _number_in,
    "Employees come as kuerzel or as objects, under a path that is not known for sure.": _employees,
    "How long a remark of a contact point may be.": _remark,
    "Whether people can be listed or searched.": _lists,
    "Which number an address has in the API.": _address_number,
    "What addresses and bank accounts are called in the API.": _list_names,
    "Whether and where bank accounts can be read.": _bank_list,
    "The fields of a bank account.": _bank_fields,
    "What the answer to a new address looks like.": _answer_to_address,
}
