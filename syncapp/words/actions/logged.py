"""What the acts are called where they stand in logs, also those that are done elsewhere.

To extend: an act on records or on many things has its row beside this file; what else is logged, a row of ELSEWHERE.
"""

from collections.abc import Mapping
from functools import cache

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from syncapp.core.faults import causes
from syncapp.core.requests import Hold
from syncapp.core.systems import SYSTEM_NAMES
from syncapp.words import Words, queues, sentences
from syncapp.words.actions.other_actions import OTHER_ACTIONS
from syncapp.words.actions.record_actions import RECORD_ACTIONS
from syncapp.words.calendars.logged import logged_words
from syncapp.words.child_lists.cases import logged_case

ELSEWHERE: dict[str, Words] = {
    "mode": _("Changed the mode"),
    "hold_side": _("Stopped the writes to one side"),
    "resume_side": _("Resumed the writes to one side"),
    "queue_pause": _("Paused a queue"),
    "queue_resume": _("Resumed a queue"),
    "job_again": _("Had a failed job run again"),
    "confirm_guard": _("Confirmed what a guard had stopped"),
    "decide_conflict": _("Decided a conflict"),
    "take_back_decision": _("Took back a decision about a conflict"),
    "snooze_cause": _("Snoozed what fails for one reason"),
    "wake_cause": _("Ended the snoozing of what fails for one reason"),
    "deletion_done": _("Ticked off a deletion"),
    "deletion_reopened": _("Opened a deletion again"),
    "type_corrected": _("Corrected a contact point's type in Advoware"),
    "settle_case": _("Settled a task about an address or bank account"),
    "case_reopened": _("Opened a task about an address or bank account again"),
    "see_accounts": _("Saw the bank accounts in full"),
    "case": _("Changed who looks after it"),
    "user_made": _("Made an account"),
    "user_changed": _("Changed an account"),
    "user_invited": _("Invited somebody"),
    "user_accepted": _("Took up an invitation"),
    "user_first_password": _("Gave a first password"),
    "user_locked": _("Locked somebody out"),
    "user_unlocked": _("Let somebody in again"),
    "user_deleted": _("Deleted an account"),
    "user_from_provider": _("Account made at the first login through the firm"),
    "user_role_from_provider": _("Role changed by the groups of the identity provider"),
    "purge_history": _("Deleted old history"),
    "purge_person": _("Erased a person's values"),
    "backfill": _("Started the first load"),
    "backfill --create": _("Started the first load, with creates"),
    "backfill ended": _("The first load has ended"),
    "setup_espocrm": _("Made EspoCRM ready"),
    "proxy_key_made": _("Made a key of the Advoware proxy"),
    "proxy_key_limited": _("Changed the limits of a key of the Advoware proxy"),
    "proxy_key_revoked": _("Revoked a key of the Advoware proxy"),
    "try_system": _("Had a disturbed system asked again"),
    "export": _("Exported"),
    "export_fetched": _("Fetched an export"),
    "calendar_add": _("Added a calendar"),
    "calendar_change": _("Changed the choices of a calendar"),
    "calendar_share": _("Made and shared a calendar"),
    "calendar_pass": _("Asked for a pass over a calendar"),
    "calendar_full_pass": _("Asked for a full pass over a calendar"),
    "calendar_pause": _("Paused a calendar"),
    "calendar_resume": _("Ended the pause of a calendar"),
    "calendar_release": _("Let go on what a brake had stopped in a calendar"),
    "calendar_release_lock": _("Released the lock of a calendar"),
    "calendar_decide": _("Decided about an appointment"),
    "calendar_restore": _("Brought back what gave way in an appointment"),
    "calendar_clean": _("Cleaned up in Google"),
    "calendar_delete": _("Deleted a calendar in Google"),
    "calendar_capability": _("Changed what is known of Advoware's deletions"),
    "calendar_quota": _("Let new appointments be made in Google again"),
}


def action_name(code: str, *, many: bool = False) -> str:
    """The act in words, as its page is called for one or for many; the code itself where it has none."""
    row = OTHER_ACTIONS.get(code) or RECORD_ACTIONS.get(code)
    if row and many:
        return str(row.many_label)
    return str(ELSEWHERE.get(code) or (row.label if row else code))


# What the log holds as codes beside the act.
EXPORTS = frozenset({"export", "export_fetched"})
MODES: dict[str, Words] = {"live": _("live"), "shadow": _("shadow mode"), "paused": _("paused")}
GUARDS: dict[str, Words] = {
    "removals": _("removals"),
    "creates": _("creates"),
    "child_creates": _("new addresses and accounts"),
}
HOLDS: Mapping[tuple[str, str], Words] = {("pause", Hold.PAUSED): _("paused"), ("ignore", Hold.IGNORED): _("ignored")}
DECISIONS: dict[str, Words] = {"neither": _("another value for both sides")}
QUEUES: dict[str, Words] = {name: row.title for name, row in queues.QUEUES.items()}
TARGETS: dict[str, Mapping[str, Words]] = {
    "mode": MODES,
    "hold_side": SYSTEM_NAMES,
    "resume_side": SYSTEM_NAMES,
    "confirm_guard": GUARDS,
    "queue_pause": QUEUES,
    "queue_resume": QUEUES,
    "job_again": QUEUES,
}


# What can be exported and is no list of the admin.
PAGES_EXPORTED: Mapping[str, Words] = {
    "sheet": _("figures"),
    "driftrow": _("Comparison of both sides"),
    "causes": _("Errors by cause"),
    "jobs": _("Jobs and queues"),
}


def target_words(code: str, target: str) -> str:
    """What an act was about, in words; ids of records stay as they are."""
    if code in EXPORTS:
        return exported_words(target)
    return str(TARGETS.get(code, {}).get(target, target))


def exported_words(source: str) -> str:
    """What was exported is called: a list by its name, what is no list by that of its page."""
    if source in PAGES_EXPORTED:
        return str(PAGES_EXPORTED[source])
    return str(_models()[source]._meta.verbose_name_plural) if source in _models() else source


@cache
def _models() -> dict[str, type[Model]]:
    models = (model for app in ("auth", "syncapp") for model in apps.get_app_config(app).get_models())
    return {str(model._meta.model_name): model for model in models}


def result_words(code: str, result: str) -> str:
    """What came of an act, in words: “shadow → live” and “titel: espocrm” are for programs."""
    if code in EXPORTS:
        return result.partition("_")[0].upper()
    if (code, result) in HOLDS:
        return str(HOLDS[code, result])
    if code == "mode":
        return " → ".join(str(MODES.get(part, part)) for part in result.split(" → "))
    if code == "try_system":
        return str(SYSTEM_NAMES.get(result, result))
    if code == "decide_conflict":
        field, _sign, side = result.partition(": ")
        return f"{sentences.field_label(field)}: {DECISIONS.get(side, SYSTEM_NAMES.get(side, side))}"
    if code == "take_back_decision":
        return sentences.field_label(result)
    if code in ("settle_case", "case_reopened"):
        return logged_case(result)
    if code in ("snooze_cause", "wake_cause"):
        return cause_words(result)
    return logged_words(code, result)


def cause_words(cause: str) -> str:
    """The kind of a cause and what it is about: field, system and status, as far as it names them."""
    pieces = causes.parts(cause)
    if pieces is None:
        return cause
    code, field, _rule, other, system, status = pieces
    named = [sentences.field_label(name) for name in (field, other) if name]
    about = (*named, str(SYSTEM_NAMES.get(system, system)), status)
    return " · ".join(filter(None, (str(sentences.kind_text(code).name), *about)))


def codes_called(words: str) -> list[str]:
    """The codes of the acts whose names, for one or for many, hold these words: for whoever looks in the log."""
    wanted = words.strip().casefold()
    names = {
        code: f"{action_name(code)}\n{action_name(code, many=True)}"
        for code in (*ELSEWHERE, *OTHER_ACTIONS, *RECORD_ACTIONS)
    }
    return [code for code, called in names.items() if wanted and wanted in called.casefold()]
