"""What Google Calendar does that nobody would expect, what is done about it, and the test that holds it."""

from functools import partial

from syncapp.core.systems import System
from syncapp.remotes.http.quirks import Quirk

_ANSWERS = "tests/remotes/test_google_answers.py::test_row"
_CLIENT = "tests/remotes/test_google_calendar.py"
_LIVE = "tests/remotes/test_calendars_against_sandbox.py::TestGoogle"
_PASSES = "tests/entities/appointments/test_googles_answers.py"
_UNSEEN = "tests/entities/appointments/test_unseen_systems.py"
_QUOTA = "tests/remotes/test_google_quota.py"
_quirk = partial(Quirk, System.GOOGLE_CALENDAR)

QUIRKS: tuple[Quirk, ...] = (
    _quirk(
        "An id is burnt once its event was deleted: insert answers 409 for ever, DELETE 410, GET a cancelled event.",
        "409 is Duplicate, and a GET tells whether it lives; 410 counts as deleted.",
        f"{_LIVE}::test_an_id_is_burnt_by_its_deletion",
    ),
    _quirk(
        "A sync token dies, by age or because of a change of rights: 410.",
        "SyncTokenExpired: the whole list is read, and nothing is deleted by it.",
        f"{_LIVE}::test_a_sync_token_expires",
    ),
    _quirk(
        "Page or list may be short or empty with more to come; the sync token comes with the last page alone.",
        "Only nextPageToken says that there is more; a list that ends without a sync token is no list.",
        f"{_CLIENT}::TestLists::test_short_and_empty_pages",
    ),
    _quirk(
        "While a list is paged the same event can come twice.",
        "The later `updated` holds.",
        f"{_CLIENT}::TestLists::test_an_event_that_comes_twice",
    ),
    _quirk(
        "A deleted event guarantees no more than its id and status.",
        "Everything else is read as empty; only the id is asked for.",
        f"{_CLIENT}::TestReading::test_a_tombstone",
    ),
    _quirk(
        "A PATCH keeps what it does not name, also the other spelling of a time.",
        "date, dateTime and timeZone are all named, what is not meant as null.",
        f"{_LIVE}::test_a_timed_event_becomes_all_day",
    ),
    _quirk(
        "If-Match does not count for inserts, and 412 says nothing of what is there now.",
        "The id makes an insert repeatable; after a 412 the event is read again.",
        f"{_LIVE}::test_a_patch_meets_a_change",
    ),
    _quirk(
        "404 on an event is also the answer of a calendar that is closed to us.",
        "A DELETE that meets it reads the calendar before it counts as done.",
        f"{_LIVE}::test_a_404_counts_only_while_the_calendar_is_there",
    ),
    _quirk(
        "What stands before the API (Google's front, a proxy, a filter) answers 403, 404 and 410, too, as a web page.",
        "It proves nothing: the address counts as wrong.",
        f"{_PASSES}::test_a_web_page_is_no_answer_of_google_s",
    ),
    _quirk(
        "GET of an event whose id is burnt may answer 404 or 410 in place of the cancelled event.",
        "While the calendar can be read, that leads to the next generation, too.",
        f"{_UNSEEN}::test_a_burnt_id_of_which_google_shows_nothing",
    ),
    _quirk(
        "A write to an event that was just deleted may be refused with 403.",
        "The event is read before the calendar counts as closed to us.",
        f"{_UNSEEN}::test_a_write_to_a_deleted_event_is_refused_as_forbidden",
    ),
    _quirk(
        "A sync token that is no good may be a bad request, 400.",
        "As a 410: the whole list is read, and nothing is deleted by it.",
        f"{_UNSEEN}::test_a_sync_token_that_is_refused_as_a_bad_request",
    ),
    _quirk(
        "How much of a text is kept is not known for sure.",
        "Texts are cut before they are sent; what Google cuts all the same never goes back to Advoware.",
        "tests/core/appointments/test_stories.py::"
        "test_story_31_a_text_that_google_cuts_by_itself_does_not_come_back_either",
    ),
    _quirk(
        "403 means too fast, too much, not allowed or not set up, by its reason alone.",
        "Each reason has its row; an unknown one is a refusal of this one object.",
        _ANSWERS,
    ),
    _quirk(
        "A share mails the person unless sendNotifications is false, and changes to events mail guests.",
        "Both are switched off in every call.",
        f"{_CLIENT}::test_requests",
    ),
    _quirk(
        "A share is answered with 200 although nobody has that address.",
        "The shares can be read back; whether anybody sees the calendar only that person knows.",
        f"{_LIVE}::test_shares",
    ),
    _quirk(
        "The quota is counted over all processes and slides.",
        "A moment is reserved in Redis before each request, below Google's rate.",
        f"{_QUOTA}::test_processes_share_one_rate",
    ),
)
