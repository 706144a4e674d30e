"""The vendor's description of Advoware's API, held against what the client assumes: `doctor --compare-api FILE`.

Invariant: reads one file and asks nobody. Every assumption that docs/ADVOWARE.md lists has its line: told by the
document, contradicted by it, or not described, which is most of what a system does rather than what it looks like.
To extend: what a document can say of a quirk or of an open question stands in spoken.py; an aspect of comparison has
its sentence in words/doctor/api_comparison.py.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from syncapp.core.api_description import document
from syncapp.core.api_description.compare import Agreement, ApiFinding, compare
from syncapp.core.api_description.document import Description, DocumentError
from syncapp.operations.doctor.compare_api import spoken
from syncapp.remotes.advoware.assumptions import assumed_calls
from syncapp.remotes.advoware.quirks import OPEN_QUESTIONS, QUIRKS
from syncapp.words.doctor.api_comparison import FAULTS, SAID
from syncapp.words.plain_errors import PlainError

LARGEST_FILE = 50_000_000


class FileRefused(PlainError):
    """The file cannot be compared; the text says why and what to do instead."""


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """`about`: a call, or an assumption of the documentation. `said`: in plain words."""

    about: str
    agreement: Agreement
    said: str


def compare_file(path: Path) -> list[ComparedLine]:
    """Line by line, contradictions first. Raises FileRefused."""
    return compared(_description(path))


def compared(description: Description) -> list[ComparedLine]:
    choices = spoken.choices()
    lines = [_of_call(finding) for finding in compare(assumed_calls(choices), description)]
    told = (*(quirk.what for quirk in QUIRKS), *(question.what for question in OPEN_QUESTIONS))
    lines += [ComparedLine(what, *spoken.of(what, description, choices)) for what in told]
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
        reason = FAULTS[error.fault] if isinstance(error, DocumentError) else _("it is no JSON")
        raise FileRefused(
            _(
                "This is no Swagger 2 or OpenAPI 3 description: %(reason)s. The connector serves it as JSON, mostly "
                "under an address that ends in swagger.json; a YAML file has to be saved as JSON first."
            )
            % {"reason": reason}
        ) from error


def _of_call(finding: ApiFinding) -> ComparedLine:
    return ComparedLine(finding.call, finding.agreement, str(SAID[finding.aspect, finding.agreement]) % finding.params)
