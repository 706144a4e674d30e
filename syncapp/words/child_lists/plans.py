"""What a plan makes of an address or account, what a run did with how many, and what it left behind, in words.

Invariant: every Act, Mention and ListStop has its words. To extend: a row here for each new member.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

from syncapp.core.child_lists.shapes import Act, ListStop, Mention
from syncapp.words import Words
from syncapp.words.child_lists.labels import PARTS

STEPS: Mapping[str, Words] = {
    Act.post_entry: gettext_lazy("is entered in Advoware"),
    Act.put_entry: gettext_lazy("is changed in Advoware to EspoCRM's value"),
    Act.create_item: gettext_lazy("is entered in EspoCRM"),
    Act.put_item: gettext_lazy("is changed in EspoCRM to Advoware's value"),
    Act.delete_item: gettext_lazy("is deleted in EspoCRM, since it is gone in Advoware"),
}
REPORTS: Mapping[str, Words] = {
    Mention.lost_value: gettext_lazy("Advoware's value loses; it is kept in the conflict log"),
    Mention.used_again: gettext_lazy("deleted in EspoCRM and changed in Advoware since: it comes back"),
    Mention.sent_as_new: gettext_lazy("gone in Advoware and changed in EspoCRM since: it is entered anew"),
    Mention.only_in_advoware: gettext_lazy("only in Advoware: EspoCRM has no place for it"),
    Mention.wrong_in_advoware: gettext_lazy("only in Advoware: its IBAN is missing there, or something in it is wrong"),
    Mention.only_in_espocrm: gettext_lazy("only in EspoCRM: an account without an IBAN is not carried"),
    Mention.expired: gettext_lazy("only in Advoware: its validity has ended"),
    Mention.remark_cut: gettext_lazy("Advoware did not keep the mark; the link of our own serves"),
    Mention.payment_changed: gettext_lazy("its IBAN was changed in Advoware"),
    Mention.owed: gettext_lazy("follows in the next run"),
    Mention.seen_once: gettext_lazy("not found in Advoware; the next look decides"),
}
TOLD_OF_LISTS: Mapping[str, Words] = {
    ListStop.missing_list: gettext_lazy("A list was not shown; what stands in it is left alone."),
    ListStop.shrunk_list: gettext_lazy("A list has lost half of itself or more at once; it has to be seen twice."),
}
# What a run did, under `<part>.<act>`.
DONE: Mapping[str, Mapping[str, Words]] = {
    "adressen": {
        Act.post_entry: gettext_lazy("addresses entered in Advoware"),
        Act.put_entry: gettext_lazy("addresses changed in Advoware"),
        Act.create_item: gettext_lazy("addresses entered in EspoCRM"),
        Act.put_item: gettext_lazy("addresses changed in EspoCRM"),
        Act.delete_item: gettext_lazy("addresses deleted in EspoCRM"),
    },
    "bankverbindungen": {
        Act.post_entry: gettext_lazy("bank accounts entered in Advoware"),
        Act.put_entry: gettext_lazy("bank accounts changed in Advoware"),
        Act.create_item: gettext_lazy("bank accounts entered in EspoCRM"),
        Act.put_item: gettext_lazy("bank accounts changed in EspoCRM"),
        Act.delete_item: gettext_lazy("bank accounts deleted in EspoCRM"),
    },
}
COUNTS: Mapping[str, Words] = {f"{part}.{act}": words for part, rows in DONE.items() for act, words in rows.items()}
# What a run reports to the record's page, under `child_<code>`; `value` is a line, of an account what may be shown.
REMARKS: Mapping[str, Words] = {
    f"child_{Mention.lost_value}": gettext_lazy(
        "{what}: Advoware's change gave way to EspoCRM's, {value}. It is in the list of conflicts."
    ),
    f"child_{Mention.used_again}": gettext_lazy(
        "{what}: deleted in EspoCRM, changed in Advoware since, and brought back: {value}"
    ),
    f"child_{Mention.sent_as_new}": gettext_lazy(
        "{what}: gone in Advoware, changed in EspoCRM since, and entered anew: {value}"
    ),
    f"child_{Mention.only_in_advoware}": gettext_lazy("{what}: only in Advoware, EspoCRM has no place for it: {value}"),
    f"child_{Mention.wrong_in_advoware}": gettext_lazy(
        "{what}: only in Advoware, since its IBAN is missing there or something in it is wrong; please correct it in "
        "Advoware: {value}"
    ),
    f"child_{Mention.only_in_espocrm}": gettext_lazy(
        "{what}: an account without an IBAN is not carried; please enter the IBAN in EspoCRM."
    ),
    f"child_{Mention.expired}": gettext_lazy("{what}: only in Advoware, its validity has ended: {value}"),
    f"child_{Mention.remark_cut}": gettext_lazy("{what}: Advoware did not keep the mark of the sync: {value}"),
    f"child_{Mention.payment_changed}": gettext_lazy("{what}: the IBAN was changed in Advoware: {value}"),
    f"child_{Mention.owed}": gettext_lazy("{what}: follows in the next run: {value}"),
    f"child_{Mention.seen_once}": gettext_lazy("{what}: not found in Advoware; the next look decides: {value}"),
    f"child_{ListStop.missing_list}": gettext_lazy("{what}: a list was not shown; what stands in it is left alone."),
    f"child_{ListStop.shrunk_list}": gettext_lazy(
        "{what}: a list has lost half of itself or more at once; it has to be seen twice."
    ),
    "child_marks_owed": gettext_lazy(
        "{what}: everything was carried; only the sync status shown in EspoCRM could not be written. It follows within "
        "minutes."
    ),
}
# What keeps a run from ending well, or a list from being kept equal at all.
FAULTS: Mapping[str, Words] = {
    "child_missing_list": gettext_lazy("{what}: EspoCRM or Advoware did not show the whole list of this record."),
    "child_hidden_field": gettext_lazy(
        "EspoCRM does not show the field {field} of {entity}; nothing of this list is carried meanwhile."
    ),
    "child_moved_field": gettext_lazy(
        "{entity}: since the last sync {field} is read instead of {former}, and it is empty; nothing of this list is "
        "carried meanwhile."
    ),
    "child_refused": gettext_lazy("{what}: {number} not accepted by the other system; the record's tasks say which."),
    "child_outcome_unknown": gettext_lazy(
        "{what}: of {number} nobody knows whether Advoware has created it; the record's tasks ask."
    ),
    "child_cases_open": gettext_lazy("{what}: {number} open tasks, so that the record does not count as equal."),
}
REMARKS_OF_SETUP: Mapping[str, Words] = {
    "child_no_fields": gettext_lazy("{what}: not kept equal, since EspoCRM lacks a field for it: {field} of {entity}."),
    "child_no_numbers": gettext_lazy(
        "{what}: not kept equal, since Advoware shows no {field} of its entries, or one twice."
    ),
    "child_same_number": gettext_lazy(
        "{what}: not kept equal, since two entries in Advoware show the same {field} and cannot be told apart."
    ),
    "child_no_iban": gettext_lazy(
        "{what}: not kept equal, since no entry in Advoware has the field “{field}”, in which its IBAN is looked for."
    ),
}
ADVICE: Mapping[str, Words] = {
    "child_hidden_field": gettext_lazy(
        "Let the role of the sync's user read this field in EspoCRM, or, where it has another name by now, name it in "
        "the settings. Everything else has been carried."
    ),
    "child_moved_field": gettext_lazy(
        "Fill the new field, or have the former one named in the settings (ESPOCRM_ADRESSEN_MAP, ESPOCRM_BANK_MAP, "
        "ADVOWARE_BANK_MAP). Everything else has been carried."
    ),
    "child_refused": gettext_lazy(
        "Correct what the record's tasks name; it is then carried by itself. Everything else has been carried."
    ),
    "child_outcome_unknown": gettext_lazy(
        "Look in Advoware whether it is there, and answer the record's task. Everything else has been carried."
    ),
    "child_cases_open": gettext_lazy("Do the record's tasks, or tick them off. Everything else has been carried."),
}
# What a person has to know of: a value gave way, or money may go elsewhere.
LOSES = frozenset({Mention.lost_value, Mention.payment_changed})
# What is carried once a person has corrected it on its side.
TO_BE_CORRECTED = frozenset({Mention.wrong_in_advoware, Mention.only_in_espocrm})


def planned_words(name: str) -> str:
    """A step as a shadow run keeps it, `adressen.post_entry (row 3)`; "" for what is none."""
    step, _sign, _row = name.partition(" (row ")
    part, _dot, act = step.partition(".")
    words = STEPS.get(act)
    return f"{PARTS[part]}: {words}" if part in PARTS and words else ""
