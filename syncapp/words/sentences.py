"""Every sentence about an error that a person can read: what happened, what it probably comes from, what to do.

Invariant: each kind and each code that services raise has a row; texts name fields and numbers, never values.
To extend: add the row here, its German text in locale/de, and it appears in admin, EspoCRM and notices alike.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import formats, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from syncapp.core.beteiligte.field_table import MAPPING
from syncapp.core.faults.errors import SWINGING, ErrorKind, Then
from syncapp.core.systems import SYSTEM_NAMES, System
from syncapp.words import Words, reasons
from syncapp.words.calendars.pass_faults import FAULTS as PASS_FAULTS
from syncapp.words.child_lists import plans as child_plans
from syncapp.words.child_lists.cases import case_notice
from syncapp.words.child_lists.labels import KINDS as CHILD_KINDS
from syncapp.words.child_lists.labels import element_label, element_value
from syncapp.words.contact_faults import contact_advice, contact_cause, contact_sentence


@dataclass(frozen=True, slots=True)
class KindText:
    """One kind of error: a short name, what it means, the likely cause, and what to do."""

    name: Words
    meaning: Words
    cause: Words
    advice: Words


KINDS: dict[str, KindText] = {
    "transient": KindText(
        _("passing disturbance"),
        _("One of the two systems did not answer, or not in time."),
        _("A restart, an update or an overload over there."),
        _("Nothing: it is tried again by itself. If it lasts, ask whoever runs that system."),
    ),
    "validation": KindText(
        _("content refused"),
        _("The record holds something that the other system does not take."),
        _("A missing name, a text that is too long, an unknown legal form, an impossible date."),
        _("Correct the named fields in EspoCRM; the sync then starts by itself."),
    ),
    "forbidden": KindText(
        _("access refused"),
        _("The other system refuses this one record, while others work."),
        _("A missing right of the interface user, or a record that is locked there."),
        _("Have the right granted, then choose “Try again”."),
    ),
    "auth": KindText(
        _("login refused"),
        _("The other system refuses our login. No record is at fault."),
        _("A changed password or key, or the interface was not released."),
        _("Have the credentials checked; the sync goes on by itself afterwards."),
    ),
    "configuration": KindText(
        _("wrong setting"),
        _("The other system does not answer as it should. No record is at fault."),
        _("A wrong address, a wrong certificate, a maintenance page."),
        _("Have the settings checked with “doctor”; the sync goes on by itself afterwards."),
    ),
    "create_outcome_unknown": KindText(
        _("created or not?"),
        _("The Beteiligter was to be created in Advoware, and no answer says whether it was."),
        _("A disturbance at the wrong moment. Trying again could create it twice, and Advoware cannot delete."),
        _("Search for the name in Advoware: if it is there, choose “Link to betNr”, if not, “Create after all”."),
    ),
    "duplicate_link": KindText(
        _("betNr used twice"),
        _("Two records in EspoCRM carry the same betNr."),
        _("A copied record, or a number typed by hand."),
        _("Decide in EspoCRM which of the two is right, and empty the betNr of the other one."),
    ),
    "blocked": KindText(
        _("stopped by a guard"),
        _("Unusually many changes at once: they wait until somebody has looked at them."),
        _("A mass change, or a system that suddenly shows empty data."),
        _("Look at the samples. Confirm if this is meant to be."),
    ),
    "needs_confirmation": KindText(
        _("create needs a word"),
        _("The record is older than this installation and has no betNr: it may exist in Advoware already."),
        _("The record was never linked by the earlier system."),
        _("Search for the name in Advoware: if it is there, choose “Link to betNr”, if not, “Create after all”."),
    ),
    "bug": KindText(
        _("error in Advosync"),
        _("Something happened that nobody foresaw."),
        _("A fault in this program."),
        _("It is tried again by itself. Send the technical detail of this attempt to whoever looks after Advosync."),
    ),
}

# What becomes of a record with an error of a kind.
THEN: dict[Then, Words] = {
    Then.RETRY: _("tried again by itself, after a wait"),
    Then.WAIT_FOR_CHANGE: _(
        "waits until the record is corrected or somebody chooses “Try again”; looked at again once a day"
    ),
    Then.WAIT_FOR_PERSON: _("waits for a person"),
    Then.PUT_BACK: _("the connection is at fault, not the record: it is put back as it was"),
}

CODES: dict[str, Words] = {
    **{code: row.what for code, row in PASS_FAULTS.items()},
    "validation": _("Not synced: {faults}."),
    "partly_refused": _("Synced except for: {faults}."),
    "remote_transient": _("{system} did not answer properly: {reason} ({operation})."),
    "remote_validation": _("{system} refused the content: {reason}."),
    "remote_not_found": _("{system} does not know this object ({operation})."),
    "remote_forbidden": _("{system} refuses access: {reason}."),
    "remote_auth": _("{system} refuses our login: {reason}. {hint}"),
    "remote_configuration": _("{system} answers in an unexpected way: {reason} ({operation}). {hint}"),
    "remote_bug": _("{system} answered in a way that nobody foresaw: {reason}."),
    "create_outcome_unknown": _("Advoware may have created this Beteiligter: no answer says whether it did."),
    "duplicate_link": _("Two EspoCRM records carry betNr {betnr}: {other}, which has it already, and {record}."),
    "betnr_moves": _(
        "betNr {betnr} stands in {other} too, which is being synced at this moment: tried again by itself."
    ),
    "needs_confirmation": _("Older than this installation and without betNr: may already exist in Advoware."),
    "betnr_hidden": _(
        "EspoCRM does not show the field betnr to the interface user: nobody can tell whether this record has a "
        "Beteiligter already, so none was created."
    ),
    "keeps_moving": _("The record was changed in EspoCRM again and again while it was being synced."),
    "job_timeout": _("The sync took too long and was stopped."),
    "database_away": _("Our own database did not answer; tried again by itself."),
    "disk_full": _("No room was left on the disk of our own database; tried again by itself once there is."),
    "out_of_memory": _("The worker ran short of memory and starts anew; tried again by itself."),
    "missing_list": _("EspoCRM or Advoware did not show the contact points of this record."),
    **child_plans.FAULTS,
    "guard_removals": _("More than {limit} removals within a quarter of an hour: stopped until somebody confirms."),
    "guard_creates": _("More than {limit} creates within a quarter of an hour: stopped until somebody confirms."),
    "guard_child_creates": _(
        "More than {limit} new addresses and accounts within a quarter of an hour: stopped until somebody confirms."
    ),
    "oscillation_conflicts": _("Both systems keep changing the same record: stopped until somebody has looked."),
    "oscillation_field": _("{field} keeps changing back and forth: stopped until somebody has looked."),
    "created_late": _("betNr {betnr} was created when another run had taken over already. Link or delete it by hand."),
    "bug": _("Error in Advosync ({error})."),
}

RULES: dict[str, Words] = {
    "required": _("{field} is missing"),
    "max_length": _("{field} is longer than {limit} characters"),
    "unsendable": _("{field} in {side} holds characters that can be neither stored nor sent (control characters)"),
    "no_betnr": _("betNr in {side} is not a number that Advoware can have"),
    "unknown_rechtsform": _("{field} is not one of Advoware's legal forms"),
    "unknown_rechtsform_near": _("{field} is not one of Advoware's legal forms; perhaps {near} is meant"),
    "bad_characters": _("{field} contains {characters}, which EspoCRM does not take"),
    "pattern_there": _("{field} contains characters that EspoCRM does not take"),
    "too_long_there": _("{field} is longer than EspoCRM takes"),
    "required_there": _("{field} is empty, which EspoCRM does not take"),
    "refused_there": _("{field} has a value that EspoCRM does not take"),
    "no_real_date": _("{field} is not a real date"),
    "future_date": _("{field} lies in the future"),
}

PLACEHOLDER = re.compile(r"\{\w+\}")
DATES = frozenset(row.key for row in MAPPING if row.kind == "date")
LISTS: dict[str, Words] = {
    "phone": _("phone number"),
    "email": _("e-mail address"),
    "betnr": "betNr",
    "kommunikation": _("contact points"),
    "phoneNumberData": _("phone numbers"),
    "emailAddressData": _("e-mail addresses"),
}


def field_label(key: str) -> str:
    """The field's name in the active language."""
    german = (translation.get_language() or settings.LANGUAGE_CODE).startswith("de")
    labels = {row.key: row.german if german else row.english for row in MAPPING}
    if key.startswith("kommunikation."):
        return gettext("contact point (entry %(entry)s)") % {"entry": key.partition(".")[2]}
    return labels.get(key) or element_label(key) or str(LISTS.get(key, key))


def line_label(what: str) -> str:
    """What an element of a part is called; a contact point where that is not known any more."""
    return element_label(what) or str(LISTS.get(what, gettext("contact point")))


def field_value(key: str, value: str | None) -> str | None:
    """A value as people write it: dates in the active language's order."""
    if value and key in DATES:
        try:
            return str(formats.date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT"))
        except ValueError:
            return value
    return element_value(key, value)


def planned_label(name: str) -> str:
    """What a run planned or wrote, as it stands in history: “advoware.titel” becomes “Title → Advoware”."""
    side, sign, key = name.partition(".")
    if sign and side in SYSTEM_NAMES:
        return f"{field_label(key)} → {SYSTEM_NAMES[side]}"
    return child_plans.planned_words(name) or name


def filled(template: Words, params: Mapping[str, Any]) -> str:
    """The template with what there is, in words; a dash for what an old row lacks."""
    shown = {
        **params,
        "system": SYSTEM_NAMES.get(str(params.get("system")), params.get("system", "")),
        "side": SYSTEM_NAMES.get(str(params.get("side")), ""),
        "field": field_label(str(params.get("field", ""))),
        "fields": ", ".join(field_label(name) for name in params.get("fields", ())),
        "what": CHILD_KINDS.get(str(params.get("kind")), ""),
        "reason": reasons.told(str(params.get("reason", "–"))),
        "hint": reasons.told(str(params.get("hint", ""))),
        # A place for an id, as operations are logged: people would take its braces for a fault of the page.
        "operation": PLACEHOLDER.sub("…", str(params.get("operation", "–"))),
        "faults": ", ".join(fault_sentence(item) for item in params.get("faults", ())),
    }
    return str(template).format_map(defaultdict(lambda: "–", shown))


def decimal(number: float) -> str:
    """One place, with the active language's sign."""
    return formats.number_format(number, decimal_pos=1)


def kind_text(kind: str, fault: Mapping[str, Any] | None = None) -> KindText:
    """The text of a kind; where the fault is told, of what it means there."""
    if kind == ErrorKind.VALIDATION and about_contact_points(fault or {}):
        return CONTACT_POINTS
    if (fault or {}).get("code") in SWINGING:
        return SWINGS
    if (fault or {}).get("code") == "betnr_hidden":
        return replace(KINDS["forbidden"], **reasons.BETNR_HIDDEN)
    if kind == ErrorKind.TRANSIENT and ((fault or {}).get("params") or {}).get("reason") in reasons.TOO_FAST:
        return replace(KINDS["transient"], **reasons.WHEN_TOO_FAST)
    return KINDS.get(kind, KINDS["bug"])


CONTACT_POINTS = KindText(
    _("contact points refused"),
    _("One of the two systems does not take some of the contact points. Everything else is carried."),
    _("A number or an address that it does not accept: misspelled, too long, of an unknown kind, or one too many."),
    _("Correct the contact point where it was entered. Was that in Advoware, choose “Try again” afterwards."),
)
# Stopped by a guard like mass changes, and nothing that anybody could confirm.
SWINGS = replace(
    KINDS["blocked"],
    meaning=_("The record goes back and forth: neither side is written before somebody has looked."),
    cause=_("Another program, a workflow or an import sets back again and again what the sync has carried."),
    advice=_("Find out what sets it back, and stop that. Then choose “Try again”."),
)
# Names of contact points in either system, as faults and refusals give them.
OF_CONTACT_POINTS = frozenset(
    {"phone", "phoneNumber", "phoneNumberData", "email", "emailAddress", "emailAddressData", "kommunikation", "tlf"}
)


def about_contact_points(fault: Mapping[str, Any]) -> bool:
    """Whether nothing but contact points is at fault: then no advice about names and legal forms helps anybody."""
    params = fault.get("params") or {}
    named = {str(one.get("field")).partition(".")[0] for one in params.get("faults", ())}
    named |= {name for name in (reasons.field_named(str(params.get("reason", ""))),) if name}
    return str(fault.get("code", "")).startswith("contacts_") or (bool(named) and named <= OF_CONTACT_POINTS)


def explained(kind: str, fault: Mapping[str, Any]) -> KindText:
    """What the error means, where it comes from and what to do: by its kind, or by what exactly is at fault."""
    text = kind_text(kind, fault)
    points = refused_points(fault)
    return replace(text, cause=contact_cause(points) if points else text.cause, advice=advice(kind, fault))


NO_FIELD_NAMED = _(
    "The other system does not name the field. Check what was changed last and correct it in EspoCRM; "
    "the sync then starts by itself."
)
CORRECT_IN_ADVOWARE = _(
    "Correct the named values in Advoware, then choose “Try again” in Advosync; "
    "without that the correction is found within a day."
)
CORRECT_IN_BOTH = _(
    "Correct the named values where they stand, those marked “in Advoware” there; then choose “Try again” in Advosync."
)


def advice(kind: str, fault: Mapping[str, Any]) -> Words:
    """What to do, and in which system; a refusal that names no field cannot send anybody to “the named fields”."""
    if points := refused_points(fault):
        return contact_advice(points)
    if kind == ErrorKind.VALIDATION and about_contact_points(fault):
        return CONTACT_POINTS.advice
    if words := child_plans.ADVICE.get(str(fault.get("code"))):
        return words
    params = fault.get("params") or {}
    sides = {one.get("side", System.ESPOCRM) for one in params.get("faults", ())}
    if System.ADVOWARE in sides:
        return CORRECT_IN_ADVOWARE if sides == {System.ADVOWARE} else CORRECT_IN_BOTH
    reason = str(params.get("reason", ""))
    if fault.get("code") == "remote_validation" and not reasons.field_named(reason):
        return NO_FIELD_NAMED
    return kind_text(kind, fault).advice


def refused_points(fault: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The contact points that a system did not take, where the fault is about such."""
    return (fault.get("params") or {}).get("points") or () if fault.get("code") == "contacts_failed" else ()


def sentence(fault: Mapping[str, Any], *, values: bool = False) -> str:
    """What went wrong, in the active language; empty where nothing is wrong. values: of contact points, too."""
    code = fault.get("code")
    if not code:
        return ""
    if code == "contacts_failed":
        return contact_sentence(refused_points(fault), values=values)
    return filled(CODES.get(str(code), CODES["bug"]), fault.get("params") or {}).replace(" .", ".").strip()


def fault_sentence(fault: Mapping[str, Any]) -> str:
    """One fault of a validation (Fault.as_json): “First name is longer than 30 characters”."""
    near = gettext(" or ").join(fault.get("near") or ())
    rule = f"{fault.get('rule')}{'_near' if near else ''}"
    template = str(RULES.get(rule, _("{field} is not accepted")))
    side = SYSTEM_NAMES.get(str(fault.get("side")), SYSTEM_NAMES[System.ESPOCRM])
    field, limit = field_label(str(fault.get("field"))), fault.get("limit")
    said = template.format(field=field, limit=limit, near=near, side=side, characters=_listed(fault))
    if fault.get("side") == System.ADVOWARE and "{side}" not in template:
        return gettext("%(fault)s (in Advoware)") % {"fault": said}
    return said


def _listed(fault: Mapping[str, Any]) -> str:
    """Single characters, each by itself: “<” and “>”."""
    return gettext(" and ").join(gettext("“%(sign)s”") % {"sign": sign} for sign in str(fault.get("characters") or ""))


def for_espocrm(kind: str, fault: Mapping[str, Any]) -> str:
    """The message for EspoCRM's record, in the installation's language: what happened and what to do."""
    with translation.override(settings.LANGUAGE_CODE):
        return f"{sentence(fault, values=True)} {advice(kind, fault)}"[:1000]


NOTICES: dict[str, Words] = {
    "deleted_in_espocrm": _("This record was deleted in EspoCRM. Please delete betNr {betnr} by hand in Advoware."),
    "deletion_withdrawn": _(
        "Please do NOT delete betNr {betnr} in Advoware: it belongs to the EspoCRM record {record} now. "
        "If you have deleted it already, tell whoever looks after Advosync."
    ),
    "deleted_in_advoware": _("betNr {betnr} does not exist in Advoware any more. This record is not synced any more."),
    "conflict_settled": _("Changed in EspoCRM and in Advoware at the same time: {fields}. One value was replaced."),
    "conflict_open": _("Changed in EspoCRM and in Advoware at the same time: {fields}. Please decide in Advosync."),
    "set_back_settled": _(
        "Set back in Advoware within minutes of the sync: {fields}. Perhaps an old form was saved there. "
        "One value was replaced; Advosync's list of conflicts brings it back with one click."
    ),
    "set_back_open": _(
        "Set back in Advoware within minutes of the sync: {fields}. Perhaps an old form was saved there. "
        "Please decide in Advosync."
    ),
    "failed": _("The sync with Advoware failed. {message}"),
    "child_payment_changed": _(
        "The IBAN of a bank account was changed in Advoware, and in EspoCRM with it. Payment data: please make sure "
        "that this is right."
    ),
    "contact_type_changed": _("The type of a contact point was changed in EspoCRM; Advoware keeps its own."),
    "contact_no_room": _(
        "EspoCRM's list is full: {count} contact points of this record stand only in Advoware. Nothing was deleted. "
        "Remove here what nobody needs any more (it then goes in Advoware too), or have EspoCRM's maximum raised, "
        "in its configuration (phoneNumberMaxCount, emailAddressMaxCount) and as maxCount of the field, where the sync "
        "reads it; the sync then adds them by itself, within a day."
    ),
    "contact_value_lost": _(
        "A contact point was changed on both sides, or Advoware's value had to give way to EspoCRM's. "
        "The replaced value is in Advosync's list of conflicts."
    ),
    "contact_read_as_international": _(
        "A phone number from Advoware has neither a plus nor a zero in front. It was read as an international number; "
        "please check it, and write it with +49 or 0 in Advoware if it means another one."
    ),
}


def notice_text(event: str, params: Mapping[str, Any]) -> str:
    """The text of a notice to a user of EspoCRM, in the installation's language."""
    with translation.override(settings.LANGUAGE_CODE):
        shown = dict(params)
        if "fault" in params:
            shown["message"] = for_espocrm(str(params.get("kind")), params["fault"])
        template = NOTICES.get(event, gettext("Please look at this record in Advosync."))
        return case_notice(event) or filled(template, shown)
