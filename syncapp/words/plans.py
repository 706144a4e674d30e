"""A plan in words: what happened to a field, what becomes of it, each step of a part, and what no plan is about.

Invariant: one sentence a code; whoever renders a plan takes them from here.
To extend: a new case, outcome, step or report is a row.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy, ngettext_lazy

from syncapp.core.kommunikation.shapes import ReportCode, Variant
from syncapp.core.requests import Override
from syncapp.core.sides import Side
from syncapp.core.three_way_merge import MergeCase, MergeOutcome
from syncapp.words import Words

# What a conflict may be, beside its field; most need no word.
CONFLICT_NOTES: Mapping[str, Words] = {
    "set_back": gettext_lazy("set back in Advoware within minutes of the sync; perhaps an old form"),
    "late_writer": gettext_lazy("a late write of ours is put right"),
}
CASES: Mapping[MergeCase, Words] = {
    MergeCase.unchanged: gettext_lazy("unchanged"),
    MergeCase.espo_changed: gettext_lazy("changed in EspoCRM"),
    MergeCase.advo_changed: gettext_lazy("changed in Advoware"),
    MergeCase.agreed: gettext_lazy("changed alike on both sides"),
    MergeCase.both_changed: gettext_lazy("changed on both sides"),
    MergeCase.set_back: CONFLICT_NOTES["set_back"],
    MergeCase.adopted: gettext_lazy("equal, no earlier state known"),
    MergeCase.filled: gettext_lazy("empty on one side"),
    MergeCase.differs_unsignalled: gettext_lazy("differs, and no side says that it was changed"),
    MergeCase.decided: gettext_lazy("decided by a person"),
    MergeCase.late_writer: CONFLICT_NOTES["late_writer"],
    MergeCase.unmappable: gettext_lazy("has no counterpart on the other side"),
    MergeCase.missing: gettext_lazy("was not shown by one side"),
    MergeCase.not_compared: gettext_lazy("not compared for a company"),
}
# outcome: (words, icon, tone)
OUTCOMES: Mapping[MergeOutcome, tuple[Words, str, str]] = {
    MergeOutcome.keep: (gettext_lazy("stays"), "check", "off"),
    MergeOutcome.to_advoware: (gettext_lazy("is carried to Advoware"), "arrow_forward", "wait"),
    MergeOutcome.to_espocrm: (gettext_lazy("is carried to EspoCRM"), "arrow_back", "wait"),
    MergeOutcome.to_both: (gettext_lazy("is set on both sides to what a person entered"), "sync_alt", "wait"),
    MergeOutcome.hold: (gettext_lazy("waits for a decision"), "call_split", "warn"),
}
STEPS: Mapping[str, Words] = {
    Variant.type_change: gettext_lazy("is emptied in Advoware, since its type was changed in EspoCRM"),
    Variant.add_entry: gettext_lazy("is entered in Advoware"),
    Variant.clear_entry: gettext_lazy("is emptied in Advoware, since it was deleted in EspoCRM"),
    Variant.change_entry: gettext_lazy("is changed in Advoware to EspoCRM's value"),
    Variant.revert: gettext_lazy("is put back in Advoware to EspoCRM's value"),
    Variant.emptied: gettext_lazy("is emptied in Advoware"),
    Variant.slot: gettext_lazy("the empty entry is kept for a later number"),
    Variant.match: gettext_lazy("stays; its mark in Advoware is put right"),
    Variant.marker_back: gettext_lazy("stays in Advoware only: EspoCRM refused it"),
    Variant.add_item: gettext_lazy("is entered in EspoCRM"),
    Variant.change_item: gettext_lazy("is changed in EspoCRM to Advoware's value"),
    Variant.alias: gettext_lazy("stays, as a second entry of the same contact point"),
    Variant.remove_item: gettext_lazy("is removed in EspoCRM, since it was emptied in Advoware"),
    Variant.remark_back: gettext_lazy("its remark in Advoware is put back"),
}
REPORTS: Mapping[str, Words] = {
    ReportCode.not_representable: gettext_lazy("only in Advoware: EspoCRM has no place for such a value"),
    ReportCode.over_maximum: gettext_lazy("only in Advoware: EspoCRM takes no further number"),
    ReportCode.refused: gettext_lazy("only in Advoware: EspoCRM refused the value"),
    ReportCode.frozen: gettext_lazy("left alone: EspoCRM could not hold the new value"),
    ReportCode.lost_value: gettext_lazy("this value loses; it is kept in the conflict log"),
    ReportCode.late_writer: CONFLICT_NOTES["late_writer"],
    ReportCode.by_marker_alone: gettext_lazy("decided by the mark in Advoware alone"),
    ReportCode.removal_owed: gettext_lazy("follows in the next run"),
    ReportCode.addition_owed: gettext_lazy("follows in the next run"),
    ReportCode.change_owed: gettext_lazy("follows in the next run"),
    ReportCode.let_go: gettext_lazy("left alone: EspoCRM does not hold it any more"),
    ReportCode.type_change: gettext_lazy("its type was changed in EspoCRM; Advoware keeps its own"),
    ReportCode.read_as_international: gettext_lazy("read as an international number without its plus; please check"),
    ReportCode.not_taken: gettext_lazy("Advoware did not keep EspoCRM's value; please put it right in Advoware"),
    ReportCode.awaited: gettext_lazy("sent to Advoware without an answer; sent again once it cannot arrive any more"),
    ReportCode.unknown_komm_kz: gettext_lazy("its kind in Advoware is unknown"),
    ReportCode.duplicate_entry: gettext_lazy("entered twice in Advoware"),
}
# Steps that change nothing that a person would call a change.
QUIET_STEPS: frozenset[str] = frozenset({Variant.match, Variant.alias, Variant.slot})
# What a person has to know of: a value gave way.
LOSES: frozenset[str] = frozenset({ReportCode.lost_value})

# To which side was carried what a run changed last.
DIRECTIONS: Mapping[str, Words] = {
    Side.advoware: gettext_lazy("→ Advoware"),
    Side.espocrm: gettext_lazy("→ EspoCRM"),
}
# What somebody has ordered and no run has carried out yet, on the record's page.
ORDERS: Mapping[Override, Words] = {
    Override.FROM_ESPOCRM: gettext_lazy(
        "Ordered: everything from EspoCRM. The next run that may write to Advoware does it. Whoever orders the "
        "opposite before that replaces this order."
    ),
    Override.FROM_ADVOWARE: gettext_lazy(
        "Ordered: everything from Advoware. The next run that may write to both sides does it. Whoever orders the "
        "opposite before that replaces this order."
    ),
}
# Names of what is not synced, core/beteiligte/field_table.py says which these are.
NOT_SYNCED: Mapping[str, Words] = {
    "art": gettext_lazy("kind"),
    "kurzname": gettext_lazy("short name"),
    "geburtsname": gettext_lazy("name at birth"),
    "familienstand": gettext_lazy("marital status"),
    "handelsRegisterNummer": gettext_lazy("number in the commercial register"),
    "registergericht": gettext_lazy("court of registration"),
}
# How much goes where: what is counted, in words.
SUMMARIES: Mapping[str, Any] = {
    "to_advoware": ngettext_lazy("%(count)s field goes to Advoware", "%(count)s fields go to Advoware", "count"),
    "to_espocrm": ngettext_lazy("%(count)s field goes to EspoCRM", "%(count)s fields go to EspoCRM", "count"),
    "to_both": ngettext_lazy("%(count)s field is set on both sides", "%(count)s fields are set on both sides", "count"),
    "held": ngettext_lazy("%(count)s field waits for a decision", "%(count)s fields wait for a decision", "count"),
    "contacts": ngettext_lazy("%(count)s contact point changes", "%(count)s contact points change", "count"),
    "children": ngettext_lazy(
        "%(count)s address or bank account is written", "%(count)s addresses or bank accounts are written", "count"
    ),
}


def conflict_note(case: str) -> str:
    """What a conflict of this case (core/three_way_merge.py) may be; empty where it is what it looks like."""
    return str(CONFLICT_NOTES.get(case, ""))
