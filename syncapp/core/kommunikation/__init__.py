"""Kommunikation: the pure plan for phones, faxes and e-mails of one record.

Purpose: items (EspoCRM), entries (Advoware) and links (ours) go in, a plan comes out; nothing here does anything.

    kinds      the kommKz table and the normal form of a contact point
    shapes     the frozen words: Item, Entry, Link, Facts, Operation, ContactPlan
    knowledge  what we know of each entry: settled writes, adopted POSTs, bases from markers
    board      the pieces while a plan is laid out
    matching, advoware_side, espocrm_side    the passes, one function per row of their tables
    type_change, steps    what several rows share
    plan       the plan as a whole
    answers    what a remote answer makes of our links; the hash

Invariant: a plan made from the result of a plan is empty.
To extend: a new row is a function in the module of its pass; the order of the passes is in `plan`.
"""

from syncapp.core.kommunikation.answers import (
    Accused,
    Answered,
    acquitted,
    after_answer,
    content_hash,
    final_links,
    is_doubtful,
    is_relevant,
    likely_culprit,
    relevant_row_ids,
    unproven,
)
from syncapp.core.kommunikation.kinds import KOMM_KINDS, Form, KindTable, Medium, kind_table
from syncapp.core.kommunikation.plan import plan
from syncapp.core.kommunikation.shapes import (
    ONLY_IN_ADVOWARE,
    ContactPlan,
    Entry,
    Facts,
    Item,
    KommPolicy,
    Link,
    LinkBase,
    ListName,
    OnConflict,
    Operation,
    Pending,
    Phase,
    PostEntry,
    PutEntry,
    Report,
    ReportCode,
    Stop,
    TypeChange,
    Variant,
)
from syncapp.core.parts import Direction

__all__ = [
    "KOMM_KINDS",
    "ONLY_IN_ADVOWARE",
    "Accused",
    "Answered",
    "ContactPlan",
    "Direction",
    "Entry",
    "Facts",
    "Form",
    "Item",
    "KindTable",
    "KommPolicy",
    "Link",
    "LinkBase",
    "ListName",
    "Medium",
    "OnConflict",
    "Operation",
    "Pending",
    "Phase",
    "PostEntry",
    "PutEntry",
    "Report",
    "ReportCode",
    "Stop",
    "TypeChange",
    "Variant",
    "acquitted",
    "after_answer",
    "content_hash",
    "final_links",
    "is_doubtful",
    "is_relevant",
    "kind_table",
    "likely_culprit",
    "plan",
    "relevant_row_ids",
    "unproven",
]
