"""What the remote systems do that nobody would expect, what is done about it, and the test that holds it.

Invariant: each row names a test that exists (tests/remotes/test_quirks.py looks). The documentation renders the table.
To extend: whoever finds a new oddity writes the test first, then the row. `known_from` tells a fact from a caution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from syncapp.remotes.http.errors import System

Known = Literal["recorded", "described", "assumed"]


@dataclass(frozen=True)
class Quirk:
    """`known_from`: recorded from a real system, described in public material, or assumed because nobody knows."""

    system: System
    what: str
    ours: str
    test: str
    known_from: Known


def _espocrm(what: str, ours: str, test: str) -> Quirk:
    return Quirk("espocrm", what, ours, test, "recorded")


def _advoware(what: str, ours: str, test: str, known_from: Known = "described") -> Quirk:
    return Quirk("advoware", what, ours, test, known_from)


_CLIENTS = "tests/remotes/test_"
_ANSWERS = f"{_CLIENTS}answers.py::test_row"
_RECORDINGS = f"{_CLIENTS}recordings.py"
_ESPO = f"{_CLIENTS}espocrm.py"
_ADVO = f"{_CLIENTS}advoware.py"
_VALUES = "tests/core/test_values.py"

QUIRKS: tuple[Quirk, ...] = (
    _espocrm(
        "The reason of a refusal stands in the header X-Status-Reason; the body is often empty, or HTML.",
        "The header is read first. Only wordings known to hold no values reach a log.",
        f"{_CLIENTS}answers.py::test_only_known_wordings_are_passed_on",
    ),
    _espocrm(
        "After some failed logins within a minute every request from that address gets 403 without the reason header.",
        "A 403 without the header is a failed login, which opens the breaker; one with it concerns that record only.",
        f"{_RECORDINGS}::test_refusal",
    ),
    _espocrm(
        "A 404 may mean a record that is gone, a wrong path, or an entity type that does not exist.",
        "Gone is only what the reason names by the very id that was asked for; all else is a configuration fault.",
        _ANSWERS,
    ),
    _espocrm(
        "409 means two things: a likely duplicate on a create, or a stale version on an update.",
        "Told apart by the reason; any third meaning stops that record.",
        _ANSWERS,
    ),
    _espocrm(
        "A refused write names the first faulty field only, in the reason and in the body.",
        "Field and rule are taken from either; everything is checked here before it is sent.",
        f"{_RECORDINGS}::test_refused_field_and_rule",
    ),
    _espocrm(
        "Every PUT or PATCH moves version and modifiedAt, also one that changes nothing.",
        "A PATCH without attributes is refused before it is sent.",
        f"{_ESPO}::test_what_espocrm_would_refuse_or_misread_is_not_sent",
    ),
    _espocrm(
        "JSON in the parameter `where` is ignored: the answer is the whole list.",
        "Conditions are written as bracketed parameters, as in the recordings.",
        f"{_RECORDINGS}::test_conditions_are_written_as_in_the_recordings",
    ),
    _espocrm(
        "More than 200 rows a page are a 403, an empty list of values is a 400.",
        "Neither is sent.",
        f"{_ESPO}::test_what_espocrm_would_refuse_or_misread_is_not_sent",
    ),
    _espocrm(
        "Rows that are changed while a list is read move to its end, and an offset then skips others.",
        "Pages start at the last time seen instead of at an offset.",
        f"{_ESPO}::TestIterate::test_rows_that_move_during_the_walk_hide_no_other",
    ),
    _espocrm(
        "Times have whole seconds, so a mass update fills more than a page with one and the same time.",
        "Within such a second an offset is used, with rows read again.",
        f"{_ESPO}::TestIterate::test_more_rows_in_one_second_than_a_page_holds",
    ),
    _espocrm(
        "Asked not to count, a list tells its total as -1 or -2.",
        "Such a total is None.",
        f"{_RECORDINGS}::test_answer",
    ),
    _espocrm(
        "Without optimistic locking an entity has no versionNumber, or a null one.",
        "The version is None, and modifiedAt serves.",
        f"{_RECORDINGS}::test_times_are_utc",
    ),
    _espocrm(
        "A signed request signs method and path without the query; with it, the login fails.",
        "The query is left out of the signature.",
        f"{_RECORDINGS}::test_a_signature_leaves_the_query_out",
    ),
    _espocrm(
        "In maintenance mode every request gets 503 with that reason, before anything is done.",
        "Merely transient, also for a write; any other 5xx after a write leaves its outcome open.",
        _ANSWERS,
    ),
    _espocrm(
        "A webhook's event cannot be changed; the attempt is answered with 200.",
        "A webhook for another event is made anew.",
        f"{_RECORDINGS}::test_answer",
    ),
    _espocrm(
        "Deliveries carry no event name, no time and no number, and one of two headers with a signature.",
        "The signature names the webhook; an old delivery verifies again and has to do no harm.",
        "tests/core/test_signatures.py::test_the_newer_header_decides_where_both_are_present",
    ),
    _espocrm(
        "Phone numbers have to be international, and extensions are dropped in silence.",
        "Numbers go over as E.164, or not at all.",
        f"{_VALUES}::test_what_espocrm_stores_of_a_number",
    ),
    _espocrm(
        "Addresses with umlauts or spaces are refused.",
        "They are found before anything is sent, reported and left out.",
        f"{_VALUES}::test_addresses_that_espocrm_refuses",
    ),
    _advoware(
        "A PUT has to carry the whole object, unknown fields included.",
        "The object as last read goes back with the changes laid over.",
        f"{_ADVO}::test_requests",
    ),
    _advoware(
        "The answer to POST and PUT is the object, or a list that holds it.",
        "Both are read, of GET too; a list of none or two is no answer.",
        f"{_ADVO}::TestReading::test_an_object_or_a_list_of_one",
    ),
    _advoware(
        "Every PUT changes rowId, also one that changes nothing.",
        "rowId says that somebody wrote, never what: fields are compared all the same.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_a_record_s_life",
    ),
    _advoware(
        "A GET tells kommKz 0 for every entry, and a PUT ignores it.",
        "It is known from the answer to the create only, and not sent with a PUT.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_contacts",
    ),
    _advoware(
        "A Beteiligter's rowId stays the same when one of the contacts changes.",
        "Contacts are compared by their own rowIds.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_contacts",
    ),
    _advoware(
        "A DELETE is answered with 403.",
        "None is ever sent; people are asked to delete by hand.",
        f"{_CLIENTS}quirks.py::test_advoware_s_client_cannot_delete",
    ),
    _advoware(
        "The login's failures come as German sentences under no fixed status.",
        "Known sentences are a failed login with a hint, whatever the status.",
        _ANSWERS,
    ),
    _advoware(
        "The path prefix is api/v1/advonet or api/v1, depending on the source.",
        "A setting; a base address that ends in it already is left as it is.",
        f"{_ADVO}::test_the_prefix_is_a_setting",
    ),
    _advoware(
        "Of the token's answer only access_token is certain.",
        "Without expires_in the setting's lifetime counts; with it the shorter one.",
        f"{_CLIENTS}tokens.py::test_lifetime",
    ),
    _advoware(
        "Times have no zone.",
        "They stay naive until the setting's zone is applied; one with a zone is not believed.",
        f"{_ADVO}::TestReading::test_local_time",
    ),
    _advoware(
        "Answers may lack rowId, geaendertAm or the contact list.",
        "What is missing is None, never empty.",
        f"{_ADVO}::TestReading::test_a_missing_contact_list_is_not_an_empty_one",
        "assumed",
    ),
    _advoware(
        "The answer to a PUT may show no contact list, or an empty one.",
        "The list that was read just before it holds.",
        "tests/entities/beteiligte/test_kommunikation.py::test_a_put_whose_answer_shows_no_contacts_removes_none",
        "assumed",
    ),
    _advoware(
        "The answer to a contact's POST or PUT may lack some of its keys.",
        "What was sent holds for them; a present null counts.",
        f"{_ADVO}::TestReading::test_a_key_that_the_answer_to_a_write_lacks_is_not_emptied",
        "assumed",
    ),
    _advoware(
        "The legal forms may come as texts or as objects.",
        "Both are read, by any of three names; a list in which none is found refuses no form.",
        f"{_ADVO}::TestReading::test_rechtsformen",
        "assumed",
    ),
    _advoware(
        "A write may be answered without content (204).",
        "Counts as done, with nothing known of the result; a create without a number never does.",
        f"{_ADVO}::TestReading::test_an_update_without_content",
        "assumed",
    ),
    _advoware(
        "A 404 may be a Beteiligter that is gone or a wrong address.",
        "NotFound for paths with a number, to be confirmed with another number; elsewhere a configuration fault.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_refusals",
        "assumed",
    ),
)
