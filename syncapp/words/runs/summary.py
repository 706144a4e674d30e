"""What a run leaves behind, in words: what it found, counts of contact points, and remarks that do not stop it.

Invariant: no value of a person is in these sentences but a contact point's own, which pages show under the permission.
To extend: a further remark is a row of REMARKS, a further count one of COUNTS.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from syncapp.core.three_way_merge import Verdict
from syncapp.words import Words
from syncapp.words.child_lists import plans as child_plans
from syncapp.words.sentences import filled

VERDICTS: Mapping[str, Words] = {
    Verdict.no_change: gettext_lazy("nothing had changed"),
    Verdict.espocrm_newer: gettext_lazy("changed in EspoCRM"),
    Verdict.advoware_newer: gettext_lazy("changed in Advoware"),
    Verdict.merged: gettext_lazy("changed on both sides, in different fields"),
    Verdict.conflict: gettext_lazy("the same field changed on both sides"),
}
COUNTS: dict[str, Words] = {
    "Var1": gettext_lazy("contact points entered in Advoware"),
    "Var2": gettext_lazy("contact points emptied in Advoware"),
    "Var3": gettext_lazy("contact points removed in EspoCRM"),
    "Var4": gettext_lazy("contact points entered in EspoCRM"),
    "Var5": gettext_lazy("contact points changed in Advoware"),
    "Var6": gettext_lazy("contact points changed in EspoCRM"),
    "revert": gettext_lazy("contact points put back in Advoware"),
    "phoneNumberData": gettext_lazy("list of phone numbers in EspoCRM"),
    "emailAddressData": gettext_lazy("list of e-mail addresses in EspoCRM"),
    **child_plans.COUNTS,
}
REMARKS: dict[str, Words] = {
    "hidden_in_espocrm": gettext_lazy("EspoCRM does not show {fields} to the interface user; left out."),
    "missing_in_advoware": gettext_lazy("Advoware's answer lacks {fields}; left out."),
    "no_counterpart": gettext_lazy("The value of {fields} has no counterpart on the other side; not carried."),
    "not_taken": gettext_lazy("{side} did not take {field} as it was sent; its own value stays there."),
    "bookkeeping_refused": gettext_lazy("EspoCRM does not take our field {field}; it is left out."),
    "late_write_corrected": gettext_lazy("A late write of an earlier run was put right: {fields}."),
    "stale_base": gettext_lazy("EspoCRM knew of a later sync: compared without an earlier state."),
    "rechtsform_respelled": gettext_lazy("Legal form carried as Advoware spells it: {value}"),
    "rechtsformen_unreadable": gettext_lazy("Advoware's list of legal forms could not be read; not checked."),
    "contacts_missing_list": gettext_lazy("A list of contact points was not shown; they are left alone."),
    "contacts_empty_list": gettext_lazy("A list of contact points is suddenly empty; it has to be seen twice."),
    "contact_not_representable": gettext_lazy("Only in Advoware, EspoCRM has no place for it: {value}"),
    "contact_over_maximum": gettext_lazy("Only in Advoware, EspoCRM takes no further number: {value}"),
    "contact_refused": gettext_lazy(
        "Only in Advoware, EspoCRM does not accept it: {value}. Correct it there if it belongs into EspoCRM, "
        "numbers with area code, addresses without umlauts before the @; it is then carried by itself."
    ),
    "contact_frozen": gettext_lazy("Left alone, EspoCRM could not hold the new value: {value}"),
    "contact_type_change": gettext_lazy("Type changed in EspoCRM; Advoware keeps its own: {value}"),
    "contact_read_as_international": gettext_lazy("{value} was read as {carried}; please check the number."),
    "contact_late_writer": gettext_lazy("A late write of an earlier run was put right: {value}"),
    "contact_by_marker_alone": gettext_lazy("Gave way on the word of a mark in Advoware alone: {value}"),
    "contact_duplicate_entry": gettext_lazy("Entered twice in Advoware: {value}"),
    "contact_unknown_komm_kz": gettext_lazy("Of unknown kind in Advoware: {value}"),
    **child_plans.REMARKS,
    **child_plans.REMARKS_OF_SETUP,
}


def summary_words(summary: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One line a kind of operation: what was done, and what was not."""
    for name, counts in summary.items():
        what = str(COUNTS.get(name, ""))
        if not what:
            continue
        if counts.get("done"):
            yield f"{what}: {counts['done']}"
        if counts.get("failed"):
            yield _("%(what)s, not possible: %(count)s") % {"count": counts["failed"], "what": what}


def remark_words(reports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The remarks of the last run; what has no words is left out rather than shown as a code."""
    for report in reports:
        template = REMARKS.get(str(report.get("code")))
        if template is not None:
            yield filled(template, report.get("params") or {})
