"""Switches of the stand-ins: what a test turns to make them behave in another of the ways the real ones may.

Kept in memory, so the process that serves the stand-ins must be one process (threads are fine). A new switch is a row
in the table of its system; unknown names and values of another type are refused.
"""

import copy
import threading
from collections.abc import Mapping

ADVOWARE_DEFAULTS: dict[str, object] = {
    "too_long": "reject",  # or "cut": texts over their maximum
    "bemerkung_max": None,  # remarks are cut here, silently
    "post_answers_list": False,  # Beteiligte: [object] in place of object
    "put_answers_list": False,
    "put_answer_echoes": False,  # PUT answers what was sent, whatever was stored
    "put_ignores": [],  # further fields that PUT does not take
    "trims_text": False,
    "empty_date": "any",  # the only spelling of "no date" that is taken: "null", "", "0001-01-01T00:00:00"
    "row_id_in_answers": True,  # False: answers to writes lack rowId
    "omit_geaendertAm": False,
    "omit_kommunikation": False,  # GET lacks the key
    "empty_kommunikation": False,  # GET answers [] whatever there is
    "omit_fields": [],  # keys that GET leaves out
    "top_level_contacts": True,  # mobil, telGesch, ... beside kommunikation[]
    "kommkz_on_get": False,  # True: as if GET were mended
    "adresse_key": "id",  # or "reihenfolgeIndex": the number in the address of an entry's PUT
    "post_answer": "object",  # to an entry's POST: or "list", "empty", "id" (an object), "number", "all" (the list)
    "standard_moves": False,  # a new default address takes the flag from the others
    "land_form": "any",  # or "name": letters become a name; "letters": nothing else is taken
    "anschrift_kind": "own",  # or "composed": filled at the POST; "follows": made anew by each PUT
    "cut_remark": None,  # remarks of addresses are cut here, silently
    "parent_put_touches_children": False,  # a Beteiligter's PUT writes the addresses that it carries
    "child_moves_parent": False,  # a write of an entry moves the Beteiligter's rowId and time
    "bank_list": "none",  # or "embedded" in the Beteiligter, "get": a list by its own address
    "bank_numbers": "own",  # or "zero": every account has the id 0
    "omit_adressen": False,  # GET lacks the key
    "empty_adressen": False,  # GET answers [] whatever there is
    "rechtsformen_shape": "strings",  # or the key of an object: "name", "bezeichnung", "text"
    "token_lifetime_seconds": 3300,
    "token_minimal": False,  # only access_token in the answer
    "clock_tolerance_seconds": None,  # refuse token requests whose time is further off
    # Of Termine, and of the employees beside them. What nobody knows is a switch.
    "termin_names": "camel",  # or "pascal": FrNr, UhrzeitVon
    "termin_times": "HH:MM:SS",  # or "HH:MM", "HH:MM:SS.fff", "datetime"
    "termin_start_in_datum": False,  # datum holds the start time, there is no uhrzeitVon
    "termin_truth": "int",  # or "bool": privat, dauertermin
    "termin_all_day_field": "",  # the field for all-day entries, if there is one: "abwesenheit", "ganztaegig"
    "termin_stamp": "geaendertAm",  # or "rowId", "none": what tells versions apart
    "termin_crlf": True,  # notiz comes with CRLF
    "termin_one_as_list": False,  # GET of one Termin answers [object]
    "termin_missing": "404",  # or "empty": what GET of an unknown frnr answers
    "termin_post_answer": "object",  # or "number", "FrNr", "list"
    "termin_number_in": "query",  # where PUT and DELETE expect frnr: "query", "path", "body"
    "termin_delete": "200",  # or "204", "403", "404", "405"
    "termin_put_ignores": [],  # fields that PUT does not take
    "termin_max": None,  # text, ort, notiz are cut here, silently
    "termin_twin": False,  # uhrzeitBisTicks is shown, and in a PUT overwrites uhrzeitBis
    "termin_masks_private": False,  # private Termine come without their texts
    "termin_lists_old_series": True,  # False: a series is listed only by its first day
    "termin_lists_firm_wide": False,  # True: an employee's list holds those of the whole firm, too
    "termin_special": False,  # True: lists hold derived entries with negative numbers
    "employees_shape": "objects",  # or "strings"
}
ESPOCRM_DEFAULTS: dict[str, object] = {
    "optimistic_locking": True,
    "phone_types": ["Office", "Mobile", "Fax", "Other"],
    "max_phones": 10,
    "max_emails": 10,
    "international_only": True,
    "extensions": False,  # True: keeps `ext. 12` behind an international number, instead of dropping it
    "entity": "plain",  # which of the two entity types the seed fills
    "bank_hook": True,  # a wrong IBAN or BIC is refused on save
    "formula": False,  # the before-save script that marks changed records as dirty
    "login_lockout": True,  # too many failed logins lock the address out for a minute
    "maintenance": False,
    "webhook_events_per_run": 20,
    "webhook_disorder": False,  # webhooks are served in the wrong order
}
GOOGLE_DEFAULTS: dict[str, object] = {
    "api_enabled": True,
    "delegation": True,  # the service account may act for the firm's users
    "external_sharing": True,  # False: calendars can be shared within the owner's domain only
    "per_minute": 600,  # requests of one acting account
    "rate_reason": "rateLimitExceeded",  # or another row of sandbox.google.reasons
    "new_calendars": 60,  # that one account may make at all
    "new_events": 100_000,
    "page_size": None,  # shorter pages than asked for
    "empty_pages": False,  # an empty page before every further one
    "keeps_tombstones": False,  # True: a list without a sync token shows deleted events, too
    "rights_end_sync_tokens": False,  # True: a changed share ends the calendar's sync tokens
    "html_descriptions": False,  # descriptions come back as HTML
    "token_lifetime_seconds": 3599,
    "clock_ahead_seconds": 0,  # Google's clock before ours
}
WEBHOOK_DEFAULTS: dict[str, object] = {"deliver": "auto", "interval_seconds": 1.0}

_DEFAULTS: dict[str, dict[str, object]] = {
    "advoware": ADVOWARE_DEFAULTS,
    "espocrm": ESPOCRM_DEFAULTS,
    "google": GOOGLE_DEFAULTS,
    "webhooks": WEBHOOK_DEFAULTS,
}
_CHOICES: dict[str, tuple[str, ...]] = {
    "too_long": ("reject", "cut"),
    "empty_date": ("any", "null", "", "0001-01-01T00:00:00"),
    "rechtsformen_shape": ("strings", "name", "bezeichnung", "text"),
    "adresse_key": ("id", "reihenfolgeIndex"),
    "post_answer": ("object", "list", "empty", "id", "number", "all"),
    "land_form": ("any", "name", "letters"),
    "anschrift_kind": ("own", "composed", "follows"),
    "bank_list": ("none", "embedded", "get"),
    "bank_numbers": ("own", "zero"),
    "termin_names": ("camel", "pascal"),
    "termin_times": ("HH:MM:SS", "HH:MM", "HH:MM:SS.fff", "datetime"),
    "termin_truth": ("int", "bool"),
    "termin_all_day_field": ("", "abwesenheit", "ganztaegig"),
    "termin_stamp": ("geaendertAm", "rowId", "none"),
    "termin_missing": ("404", "empty"),
    "termin_post_answer": ("object", "number", "FrNr", "list"),
    "termin_number_in": ("query", "path", "body"),
    "termin_delete": ("200", "204", "403", "404", "405"),
    "employees_shape": ("objects", "strings"),
    "entity": ("plain", "person"),
    "deliver": ("auto", "manual"),
    "rate_reason": ("rateLimitExceeded", "userRateLimitExceeded", "tooManyRequests"),
}
_lock = threading.Lock()
_current: dict[str, dict[str, object]] = copy.deepcopy(_DEFAULTS)


class SwitchError(ValueError):
    pass


def switches(group: str) -> Mapping[str, object]:
    """The present switches of a group of _DEFAULTS: a snapshot that does not change under its reader."""
    return _current[group]


def _fits(name: str, value: object, default: object) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if default is None:
        return value is None or (isinstance(value, int) and not isinstance(value, bool))
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, int | float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, type(default))


def turn(group: str, changes: Mapping[str, object]) -> Mapping[str, object]:
    for name, value in changes.items():
        if name not in _DEFAULTS[group]:
            raise SwitchError(f"{group} has no switch {name}; there are: {', '.join(sorted(_DEFAULTS[group]))}")
        if not _fits(name, value, _DEFAULTS[group][name]):
            raise SwitchError(f"{group}.{name} cannot be {value!r}")
    with _lock:
        _current[group] = {**_current[group], **changes}
    return _current[group]


def set_default(group: str, changes: Mapping[str, object]) -> None:
    """Changes what `reset` returns to, for a server that is started with other habits."""
    turn(group, changes)
    with _lock:
        _DEFAULTS[group] = {**_DEFAULTS[group], **changes}


def reset() -> None:
    with _lock:
        _current.update(copy.deepcopy(_DEFAULTS))
