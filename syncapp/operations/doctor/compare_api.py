"""The vendor's description of Advoware's API, held against what the client assumes: `doctor --compare-api FILE`.

Invariant: reads one file and asks nobody. Every assumption that docs/ADVOWARE.md lists has its line: told by the
document, contradicted by it, or not described, which is most of what a system does rather than what it looks like.
To extend: a quirk that a document can speak of is a row of SPOKEN_OF; an aspect of comparison has its sentence in SAID.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.core.api_description import document
from syncapp.core.api_description.compare import Agreement, ApiFinding, Aspect, AssumedCall, compare, find
from syncapp.core.api_description.document import Description, DocumentError
from syncapp.remotes.advoware.assumptions import ASSUMED
from syncapp.remotes.advoware.quirks import QUIRKS
from syncapp.words import Words

LARGEST_FILE = 50_000_000


class FileRefused(Exception):
    """The file cannot be compared; the text says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """`about`: a call, or an assumption of the documentation. `said`: in plain words."""

    about: str
    agreement: Agreement
    said: str

    @property
    def as_json(self) -> dict[str, str]:
        return {"about": self.about, "agreement": str(self.agreement), "said": self.said}


WORDS: Mapping[Agreement, Words] = {
    Agreement.confirmed: gettext_lazy("confirmed"),
    Agreement.contradicted: gettext_lazy("contradicted"),
    Agreement.not_described: gettext_lazy("not described"),
}
# By aspect, and by whether the document agrees.
SAID: Mapping[tuple[Aspect, Agreement], Words] = {
    (Aspect.call, Agreement.confirmed): gettext_lazy("as assumed (%(path)s)"),
    (Aspect.call, Agreement.not_described): gettext_lazy("the document does not mention %(path)s"),
    (Aspect.method_missing, Agreement.contradicted): gettext_lazy("%(path)s has only %(methods)s"),
    (Aspect.path_spelling, Agreement.contradicted): gettext_lazy("spelled otherwise: %(path)s"),
    (Aspect.unexpected_method, Agreement.contradicted): gettext_lazy("assumed impossible, but described: %(path)s"),
    (Aspect.parameter, Agreement.confirmed): gettext_lazy("parameter %(name)s as assumed"),
    (Aspect.parameter, Agreement.contradicted): gettext_lazy("parameter %(name)s is spelled %(where)s"),
    (Aspect.parameter, Agreement.not_described): gettext_lazy("parameter %(name)s is not mentioned"),
    (Aspect.parameter_elsewhere, Agreement.contradicted): gettext_lazy(
        "parameter %(name)s stands in %(where)s, not in the query"
    ),
    (Aspect.field, Agreement.confirmed): gettext_lazy("field %(field)s as assumed"),
    (Aspect.field_missing, Agreement.contradicted): gettext_lazy("there is no field %(field)s"),
    (Aspect.field_missing, Agreement.not_described): gettext_lazy("field %(field)s is not mentioned; it is not needed"),
    (Aspect.field_spelling, Agreement.contradicted): gettext_lazy("field %(field)s is spelled %(described)s"),
    (Aspect.field_type, Agreement.contradicted): gettext_lazy(
        "field %(field)s is %(described)s, where %(assumed)s was assumed"
    ),
    (Aspect.field_length, Agreement.contradicted): gettext_lazy(
        "field %(field)s takes %(described)s characters, where up to %(assumed)s are sent"
    ),
    (Aspect.no_fields, Agreement.not_described): gettext_lazy("its fields are not described"),
}


def compare_file(path: Path) -> list[ComparedLine]:
    """Line by line, contradictions first. Raises FileRefused."""
    return compared(_description(path))


def compared(description: Description) -> list[ComparedLine]:
    lines = [_of_call(finding) for finding in compare(ASSUMED, description)]
    lines += [_of_quirk(quirk.what, description) for quirk in QUIRKS]
    order = (Agreement.contradicted, Agreement.confirmed, Agreement.not_described)
    return sorted(dict.fromkeys(lines), key=lambda line: order.index(line.agreement))


def _description(path: Path) -> Description:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileRefused(_("The file is larger than 50 MB. Take the description itself, not an export of data."))
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileRefused(
            _("%(path)s cannot be read: %(reason)s.") % {"path": path, "reason": error.strerror or type(error).__name__}
        ) from error
    except UnicodeDecodeError as error:
        raise FileRefused(_("The file is no text in UTF-8. Save it anew as JSON.")) from error
    try:
        return document.read(json.loads(text))
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, DocumentError) else _("it is no JSON")
        raise FileRefused(
            _(
                "This is no Swagger 2 or OpenAPI 3 description: %(reason)s. The connector serves it as JSON, mostly "
                "under an address that ends in swagger.json; a YAML file has to be saved as JSON first."
            )
            % {"reason": reason}
        ) from error


def _of_call(finding: ApiFinding) -> ComparedLine:
    return ComparedLine(finding.call, finding.agreement, str(SAID[finding.aspect, finding.agreement]) % finding.params)


# --- what docs/ADVOWARE.md assumes

Spoken = tuple[Agreement, str]
SILENT: Spoken = (Agreement.not_described, "")


def _call(method: str, path: str, description: Description) -> bool:
    return find(AssumedCall(method, path), description) is not None


def _no_delete(description: Description) -> Spoken:
    paths = ("Beteiligte/{betNr}", "Beteiligte/{betNr}/Kommunikationen/{id}", "Beteiligte/{betNr}/Adressen/{number}")
    found = [path for path in paths if _call("DELETE", path, description)]
    if found:
        return Agreement.contradicted, _("described: DELETE %(path)s") % {"path": ", DELETE ".join(found)}
    known = any(_call("GET", path, description) or _call("PUT", path, description) for path in paths)
    return (Agreement.confirmed, _("no DELETE is described")) if known else SILENT


def _prefix(description: Description) -> Spoken:
    wanted = str(settings.ADVOWARE_API_PREFIX).strip("/")
    paths = {
        f"{base.strip('/')}/{call.path.strip('/')}".strip("/")
        for base in description.bases or ("",)
        for call in description.calls
    }
    if not any("beteiligte" in path.casefold() for path in paths):
        return SILENT
    if not wanted or any(wanted.casefold() in path.casefold() for path in paths):
        return Agreement.confirmed, _("the setting ADVOWARE_API_PREFIX fits: %(prefix)s") % {"prefix": wanted or "/"}
    shown = sorted(path for path in paths if "beteiligte" in path.casefold())[0]
    return Agreement.contradicted, _("ADVOWARE_API_PREFIX is %(prefix)s, described is %(path)s") % {
        "prefix": wanted,
        "path": shown,
    }


def _bank_is_create_only(description: Description) -> Spoken:
    path = "Beteiligte/{betNr}/Bankverbindungen/{number}"
    found = [method for method in ("PUT", "DELETE") if _call(method, path, description)]
    if found:
        return Agreement.contradicted, _("described: %(methods)s %(path)s") % {
            "methods": ", ".join(found),
            "path": path,
        }
    known = _call("POST", "Beteiligte/{betNr}/Bankverbindungen", description)
    return (Agreement.confirmed, _("neither PUT nor DELETE is described")) if known else SILENT


def _delete_of_termin(description: Description) -> Spoken:
    if _call("DELETE", "Termine", description) or _call("DELETE", "Termine/{frNr}", description):
        return Agreement.confirmed, _("DELETE is described: Termine are deletable, unless a right is missing")
    known = _call("GET", "Termine", description)
    return (Agreement.contradicted, _("no DELETE is described: expect that nothing is deleted")) if known else SILENT


def _frnr(description: Description) -> Spoken:
    call = find(AssumedCall("GET", "Termine"), description)
    names = [name for name in call.parameters if name.casefold() == "frnr"] if call else []
    if not names:
        return SILENT
    if "frnr" in names:
        return Agreement.confirmed, _("the parameter is spelled frnr")
    return Agreement.contradicted, _("the parameter is spelled %(name)s") % {"name": names[0]}


def _number_in(description: Description) -> Spoken:
    chosen = str(settings.ADVOWARE_TERMIN_NUMBER_IN)
    in_path = _call("PUT", "Termine/{frNr}", description)
    plain = find(AssumedCall("PUT", "Termine"), description)
    if not in_path and plain is None:
        return SILENT
    in_query = plain is not None and any(name.casefold() == "frnr" for name in plain.parameters)
    told = "path" if in_path else "query" if in_query else "body"
    params = {"told": told, "chosen": chosen}
    if told == chosen:
        return Agreement.confirmed, _("ADVOWARE_TERMIN_NUMBER_IN=%(chosen)s fits") % params
    return Agreement.contradicted, _("described: %(told)s; ADVOWARE_TERMIN_NUMBER_IN is %(chosen)s") % params


def _employees(description: Description) -> Spoken:
    path = str(settings.ADVOWARE_EMPLOYEES_PATH).strip("/")
    if _call("GET", path, description):
        return Agreement.confirmed, _("ADVOWARE_EMPLOYEES_PATH=%(path)s is described") % {"path": path}
    return Agreement.not_described, _("ADVOWARE_EMPLOYEES_PATH=%(path)s is not mentioned") % {"path": path}


# By the words of the quirk; all others are about what happens, of which such a document says nothing.
SPOKEN_OF: Mapping[str, Callable[[Description], Spoken]] = {
    "A DELETE is answered with 403.": _no_delete,
    "The path prefix is api/v1/advonet or api/v1, depending on the source.": _prefix,
    "Bank accounts can be created, and neither changed nor deleted.": _bank_is_create_only,
    "A Termin is deletable or not, by an answer of 403 or 405.": _delete_of_termin,
    "`frnr` is a filter in lower case only; another spelling brings every Termin.": _frnr,
    "Whether PUT and DELETE want the number in query, path or body is unknown.": _number_in,
    "Employees come as kuerzel or as objects, under a path that is not known for sure.": _employees,
}


def _of_quirk(what: str, description: Description) -> ComparedLine:
    speaks = SPOKEN_OF.get(what)
    agreement, said = SILENT if speaks is None else speaks(description)
    return ComparedLine(what, agreement, said or _("the document says nothing about it"))
