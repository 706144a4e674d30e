"""What EspoCRM does that nobody would expect, what is done about it, and the test that holds it."""

from functools import partial

from syncapp.core.systems import System
from syncapp.remotes.http.quirks import Quirk

_CLIENTS = "tests/remotes/test_"
_ANSWERS = f"{_CLIENTS}answers.py::test_row"
_RECORDINGS = f"{_CLIENTS}recordings.py"
_ESPO = f"{_CLIENTS}espocrm.py"


_quirk = partial(Quirk, System.ESPOCRM, known_from="recorded")

QUIRKS: tuple[Quirk, ...] = (
    _quirk(
        "The reason of a refusal stands in the header X-Status-Reason; the body is often empty, or HTML.",
        "The header is read first. Only wordings known to hold no values reach a log.",
        f"{_CLIENTS}answers.py::test_only_known_wordings_are_passed_on",
    ),
    _quirk(
        "After some failed logins within a minute every request from that address gets 403 without the reason header.",
        "A 403 without the header is a failed login, which opens the breaker; one with it concerns that record only.",
        f"{_RECORDINGS}::test_refusal",
    ),
    _quirk(
        "A 404 may mean a record that is gone, a wrong path, or an entity type that does not exist.",
        "Gone is only what the reason names by the very id that was asked for; all else is a configuration fault.",
        _ANSWERS,
    ),
    _quirk(
        "409 means two things: a likely duplicate on a create, or a stale version on an update.",
        "Told apart by the reason; any third meaning stops that record.",
        _ANSWERS,
    ),
    _quirk(
        "A refused write names the first faulty field only, in the reason and in the body.",
        "Field and rule are taken from either; everything is checked here before it is sent.",
        f"{_RECORDINGS}::test_refused_field_and_rule",
    ),
    _quirk(
        "Every PUT or PATCH moves version and modifiedAt, also one that changes nothing.",
        "A PATCH without attributes is refused before it is sent.",
        f"{_ESPO}::test_what_espocrm_would_refuse_or_misread_is_not_sent",
    ),
    _quirk(
        "JSON in the parameter `where` is ignored: the answer is the whole list.",
        "Conditions are written as bracketed parameters, as in the recordings.",
        f"{_RECORDINGS}::test_conditions_are_written_as_in_the_recordings",
    ),
    _quirk(
        "More than 200 rows a page are a 403, an empty list of values is a 400.",
        "Neither is sent.",
        f"{_ESPO}::test_what_espocrm_would_refuse_or_misread_is_not_sent",
    ),
    _quirk(
        "Rows that are changed while a list is read move to its end, and an offset then skips others.",
        "Pages start at the last time seen instead of at an offset.",
        f"{_ESPO}::TestIterate::test_rows_that_move_during_the_walk_hide_no_other",
    ),
    _quirk(
        "Times have whole seconds, so a mass update fills more than a page with one and the same time.",
        "Within such a second an offset is used, with rows read again.",
        f"{_ESPO}::TestIterate::test_more_rows_in_one_second_than_a_page_holds",
    ),
    _quirk(
        "Asked not to count, a list tells its total as -1 or -2.",
        "Such a total is None.",
        f"{_RECORDINGS}::test_answer",
    ),
    _quirk(
        "Without optimistic locking an entity has no versionNumber, or a null one.",
        "The version is None, and modifiedAt serves.",
        f"{_RECORDINGS}::test_times_are_utc",
    ),
    _quirk(
        "A signed request signs method and path without the query; with it, the login fails.",
        "The query is left out of the signature.",
        f"{_RECORDINGS}::test_a_signature_leaves_the_query_out",
    ),
    _quirk(
        "In maintenance mode every request gets 503 with that reason, before anything is done.",
        "Merely transient, also for a write; any other 5xx after a write leaves its outcome open.",
        _ANSWERS,
    ),
    _quirk(
        "A webhook's event cannot be changed; the attempt is answered with 200.",
        "A webhook for another event is made anew.",
        f"{_RECORDINGS}::test_answer",
    ),
    _quirk(
        "Deliveries carry no event name, no time and no number, and one of two headers with a signature.",
        "The signature names the webhook; an old delivery verifies again and has to do no harm.",
        "tests/core/test_signatures.py::test_the_newer_header_decides_where_both_are_present",
    ),
    _quirk(
        "Phone numbers have to be international, and extensions are dropped in silence, unless it was told otherwise.",
        "Numbers go over as E.164, or not at all; with their extension where EspoCRM shows one on the record.",
        "tests/core/spelling/test_phones.py::test_what_espocrm_stores_of_a_number",
    ),
    _quirk(
        "Names with `<`, `>` or `=` are refused (`$noBadCharacters`); other fields by patterns of their own.",
        "The field alone is held back; people are told the characters, and that the value stands in Advoware.",
        "tests/entities/beteiligte/test_refused_there.py::test_the_message_says_where_it_stands_and_which_characters",
    ),
    _quirk(
        "A field that is read-only in the Entity Manager, or that our role may not edit, is left out without a word.",
        "Of our own fields such a one is not sent (again), and the page and doctor say so; of data it is reported.",
        "tests/entities/beteiligte/test_validation.py::test_a_bookkeeping_field_that_is_read_only_is_not_sent",
        known_from="described",
    ),
    _quirk(
        "A number comes as text where the installation has made its field of type varchar.",
        "betnr and syncRetryCount are read as numbers, in records and in deliveries.",
        "tests/core/test_echoes.py::test_a_number_of_ours_in_a_text_field",
        known_from="described",
    ),
    _quirk(
        "Addresses with umlauts or spaces are refused.",
        "They are found before anything is sent, reported and left out.",
        "tests/core/spelling/test_emails.py::test_addresses_that_espocrm_refuses",
    ),
)
