"""Candidates for links, as the firm supplies them: `espo id,betNr`, verified one by one before anything is linked.

Invariant: a link is made only where both records exist, neither is linked elsewhere, and both mean the same person by
name and, where both sides know it, by date of birth or first name. What is doubtful is named and left to a person.
To extend: a further doubt is a line of `_doubt`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from syncapp.core.finding.folding import fold
from syncapp.core.requests import Source
from syncapp.core.sides import Values
from syncapp.models import SyncRecord
from syncapp.operations.actions import ActionContext, ActionRefused, perform
from syncapp.operations.actions.binding import read_both
from syncapp.operations.onboarding.spreadsheet import rows_of, whole_number

LINKED, VERIFIED, ALREADY, REFUSED = "linked", "verified", "already linked", "refused"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What became of one line. `why`: what speaks against it."""

    line: int
    espo_id: str
    betnr: str
    result: str
    why: str = ""

    @property
    def words(self) -> str:
        return (
            f"line {self.line}: {self.espo_id} → betNr {self.betnr}: {self.result}{': ' + self.why if self.why else ''}"
        )


def candidates(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, espo id, betNr) of each line; a heading and empty lines are left out."""
    for place, (number, cells) in enumerate(rows_of(path)):
        espo_id, betnr = (*cells, "")[:2]
        if place == 0 and len(cells) > 1 and whole_number(betnr) is None:
            continue
        yield number, espo_id, betnr


def link_all(path: Path, *, actor: str, preview: bool) -> Iterator[Candidate]:
    """Verify each, and link it unless this is a preview."""
    for number, espo_id, betnr in candidates(path):
        try:
            result, why = _one(espo_id, betnr, actor=actor, preview=preview)
        except ActionRefused as refusal:
            result, why = REFUSED, str(refusal)
        yield Candidate(number, espo_id, betnr, result, why)


def _one(espo_id: str, betnr_text: str, *, actor: str, preview: bool) -> tuple[str, str]:
    betnr = whole_number(betnr_text)
    if not espo_id or not betnr:
        return REFUSED, "expected: espo id,betNr"
    record = SyncRecord.objects.filter(espo_id=espo_id).first() or SyncRecord(espo_id=espo_id)
    if record.betnr == betnr:
        return ALREADY, ""
    if record.betnr is not None:
        return REFUSED, f"linked to betNr {record.betnr}"
    seen, _field_map = read_both(record=record, betnr=betnr)
    if seen.betnr_in_espocrm not in (None, betnr):
        return REFUSED, f"EspoCRM shows betNr {seen.betnr_in_espocrm}"
    doubt = _doubt(seen.espo_values, seen.advo_values)
    if doubt:
        return REFUSED, doubt
    if preview:
        return VERIFIED, ""
    details = {"betnr": betnr, "in_espocrm": seen.betnr_in_espocrm}
    action_context = ActionContext(actor, "list of candidates", Source.COMMAND, details=details)
    perform(code="link", record=SyncRecord.objects.get_or_create(espo_id=espo_id)[0], action_context=action_context)
    return LINKED, ""


def _doubt(espo: Values, advo: Values) -> str:
    """Why the two may not be the same; "" where they are. Names of fields only, no values."""
    if fold(espo.get("name") or "") != fold(advo.get("name") or ""):
        return "the names differ"
    first = [fold(values.get("vorname") or "") for values in (espo, advo)]
    born = [values.get("geburtsdatum") for values in (espo, advo)]
    if all(born) and born[0] != born[1]:
        return "the dates of birth differ"
    if all(first) and first[0] != first[1] and not all(born):
        return "the first names differ"
    return ""
