"""The blocks of documents about addresses and bank accounts: their decision tables, tasks and fields.

To extend: as in blocks.py; a further kind of list is a row of CHILD_BLOCKS.
"""

from collections.abc import Callable, Mapping, Sequence

from advosync_project.tables import NOTHING, table, table_of
from syncapp.core.adressen.fields import ENTITY_FIELDS
from syncapp.core.bankverbindungen.fields import ACCOUNT_FIELDS
from syncapp.core.child_lists.decisions import OFFERED, CaseAnswer
from syncapp.core.child_lists.fields import ChildField
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.models import ChildKind
from syncapp.words.child_lists import case_texts
from syncapp.words.child_lists.labels import part_label


def child_cases() -> str:
    """Every task for people, with what they do; what can be answered, by its buttons."""
    rows = []
    for about, texts in (("address", case_texts.ADDRESS), ("bank account", case_texts.ACCOUNT)):
        for code, text in texts.items():
            answers = OFFERED.get(CaseCode(code), ()) if code in CaseCode.__members__ else (CaseAnswer.noted,)
            buttons = ", ".join(f"“{case_texts.ANSWERS[one][0]}”" for one in answers) or "closes by itself"
            rows.append(
                (about, text.name, str(text.what).format(**SOMEBODY), str(text.todo).format(**SOMEBODY), buttons)
            )
    return table(("about", "task", "what has happened", "what to do", "answers"), rows)


SOMEBODY = {"by": "One side", "field": "the field is named", "origin": "the other one"}


def child_fields(rows: Sequence[ChildField], kind: ChildKind) -> Callable[[], str]:
    """Which attribute and which key holds which part; other names are settings."""

    def draw() -> str:
        lines = (
            (
                part_label(row.name, kind),
                f"`{row.advo}`" if row.advo else NOTHING,
                " or ".join(f"`{name}`" for name in row.espo) or NOTHING,
                row.kind,
                "needed" if row.needed else NOTHING,
            )
            for row in rows
        )
        return table(("field", "Advoware", "EspoCRM", "kind", "notes"), lines)

    return draw


CHILD_BLOCKS: Mapping[str, Callable[[], str]] = {
    "address_rows": table_of("syncapp.core.adressen"),
    "bank_rows": table_of("syncapp.core.bankverbindungen"),
    "child_cases": child_cases,
    "address_fields": child_fields(ENTITY_FIELDS, ChildKind.ADRESSEN),
    "account_fields": child_fields(ACCOUNT_FIELDS, ChildKind.BANK),
}
