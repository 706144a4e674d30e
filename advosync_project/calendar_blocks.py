"""The blocks of docs/CALENDAR.md and docs/GOOGLE_SETUP.md; see blocks.py, which fills them in.

To extend: a function and its row of CALENDAR_BLOCKS.
"""

from collections.abc import Callable, Mapping

from advosync_project.tables import NOTHING, table, table_of
from syncapp.core.appointments.pairs.decision_table import COLUMNS, TABLE
from syncapp.core.appointments.plan_shapes import HoldReason
from syncapp.models import PairStatusChoice
from syncapp.operations.calendars.actions import CALENDAR_ACTIONS
from syncapp.remotes.google_calendar import wording
from syncapp.remotes.google_calendar.answers import ROWS
from syncapp.words.calendars import cases
from syncapp.words.calendars.pass_faults import FAULTS

CORE = "syncapp.core.appointments"
# What an error of Google means for the sync, by the row of its table of answers.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "google_token_refused": ("the login is refused", "see the next table"),
    "google_login_refused": ("the token is refused", "passes by itself; make a new key file if it goes on"),
    **{
        f"google_web_page_{status}": (
            "a web page, which Google's interface never answers: nothing counts as gone by that",
            "check `GOOGLE_CALENDAR_API_URL`, and whether a proxy or filter answers in Google's place",
        )
        for status in ("403", "404", "410")
    },
    "google_api_off": ("the Google Calendar API is not switched on", "switch it on for the project (step 1)"),
    "google_scope_missing": ("a scope is missing", "grant all three scopes (step 3)"),
    "google_quota_exceeded": (
        "Google's limit for new calendars and events is reached",
        "nothing: no new ones for six hours, then it goes on by itself; `manage.py breaker reset google` if it is free",
    ),
    "google_too_fast": ("too many requests", "nothing: it is slowed down and tried again"),
    "google_not_organizer": ("the event belongs to somebody else's calendar", "nothing: it is left alone"),
    "google_access_lost": (
        "Advosync may not write to this calendar any more",
        "give the service account (or the delegated user) the right to change it, or make a new calendar",
    ),
    "google_share_refused": (
        "the calendar is not shared with this address",
        "check the address, and whether Google Workspace allows sharing outside of the firm",
    ),
    "google_event_gone": ("the event is gone", "nothing: it is decided as a deletion, if the calendar can be read"),
    "google_calendar_gone": (
        "the calendar is gone, or closed to Advosync",
        "look in Google's trash; else *Make and share the calendar*. Nothing is deleted in Advoware",
    ),
    "google_duplicate": ("the event is there already", "nothing: it is looked at and adopted"),
    "google_id_taken": ("the event is there already", "nothing: it is looked at and adopted"),
    "google_busy": ("the event is being changed", "nothing: tried again"),
    "google_sync_token_expired": (
        "the whole list has to be read again",
        "nothing: it is, without deleting anything",
    ),
    "google_sync_token_refused": (
        "the place in Google's list counts no more",
        "nothing: the whole list is read, without deleting anything",
    ),
    "google_event_deleted": ("the event was deleted", "nothing: counts as deleted"),
    "google_changed_meanwhile": ("somebody changed it meanwhile", "nothing: it is read and decided anew"),
    "google_content_refused": ("Google does not take what the appointment says", "correct the appointment in Advoware"),
}


def google_answers() -> str:
    rows = ((row.status, f"`{row.name}`", *MEANINGS[row.name]) for row in ROWS)
    return table(("Google answers", "row of the program's table", "what it means", "cure"), rows)


def google_logins() -> str:
    rows = ((f"“{words}”", hint) for words, hint in wording.LOGIN_HINTS.items())
    return table(("Google says", "cure"), (*rows, ("anything else", wording.LOGIN_HINT)))


def _coded(words: Mapping[str, object]) -> Callable[[], str]:
    return lambda: table(("code", "what it means"), ((f"`{code}`", text) for code, text in words.items()))


def questions() -> str:
    rows = ((f"`{code}`", row.question, row.meaning, _answers(row)) for code, row in cases.QUESTIONS.items())
    return table(("question", "what is asked", "to be known", "answers"), rows)


def _answers(row: cases.AskedText) -> str:
    return "; ".join(str(word).replace("%(number)s", "…") for word in row.answers.values())


def statuses() -> str:
    return table(("status", "what it means"), ((f"`{row.value}`", row.label) for row in PairStatusChoice))


def stops() -> str:
    rows = (
        (f"`{code}`", row.what, row.cause, row.advice, "yes" if code in set(HoldReason) else NOTHING)
        for code, row in FAULTS.items()
    )
    return table(("code", "what is said", "likely cause", "what to do", "a brake"), rows)


def actions() -> str:
    rows = ((act.label, act.explanation, f"`{act.permission}`") for act in CALENDAR_ACTIONS.values())
    return table(("button", "what happens", "right"), rows)


def decisions() -> str:
    rows = ((state, *(cells[column].__name__ for column in COLUMNS)) for state, cells in TABLE.items())
    return table(("Advoware \\ Google", *COLUMNS), rows)


CALENDAR_BLOCKS: Mapping[str, Callable[[], str]] = {
    "google_answers": google_answers,
    "google_logins": google_logins,
    "calendar_windows": table_of(f"{CORE}.windows"),
    "calendar_decisions": decisions,
    "calendar_advoware_states": table_of(f"{CORE}.pairs.sides", number=0),
    "calendar_google_states": table_of(f"{CORE}.pairs.sides", number=1),
    "calendar_rows": _coded(cases.ROWS),
    "calendar_unlinked": table_of(f"{CORE}.pairs.unlinked"),
    "calendar_origins": table_of(f"{CORE}.pairs.origins"),
    "calendar_times_advoware": table_of(f"{CORE}.forms.canonical", number=0),
    "calendar_times_google": table_of(f"{CORE}.forms.canonical", number=1),
    "calendar_series": table_of(f"{CORE}.forms.series", number=0),
    "calendar_series_google": table_of(f"{CORE}.forms.series", number=1),
    "calendar_reasons": _coded(cases.REASONS),
    "calendar_alone": _coded(cases.ALONE),
    "calendar_shown": table_of(f"{CORE}.forms.drafts"),
    "calendar_occurrences": table_of(f"{CORE}.occurrences"),
    "calendar_brakes": table_of(f"{CORE}.brakes"),
    "calendar_questions": questions,
    "calendar_reports": _coded(cases.REPORTS),
    "calendar_statuses": statuses,
    "calendar_faults": stops,
    "calendar_actions": actions,
}
