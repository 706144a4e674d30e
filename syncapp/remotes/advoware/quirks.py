"""What Advoware does that nobody would expect, what is done about it, and the test that holds it."""

from functools import partial

from syncapp.core.systems import System
from syncapp.remotes.http.quirks import OpenQuestion, Quirk

_CLIENTS = "tests/remotes/test_"
_ANSWERS = f"{_CLIENTS}answers.py::test_row"
_ADVO = f"{_CLIENTS}advoware.py"
_TERMINE = f"{_CLIENTS}calendars_against_sandbox.py::TestTermine"
_SINGLY = "tests/entities/appointments/test_single_reads.py"
_UNSEEN = "tests/entities/appointments/test_unseen_systems.py"
_SHAPES = f"{_CLIENTS}termine.py"
_quirk = partial(Quirk, System.ADVOWARE)

QUIRKS: tuple[Quirk, ...] = (
    _quirk(
        "A PUT has to carry the whole object, unknown fields included.",
        "The object as last read goes back with the changes laid over.",
        f"{_ADVO}::test_requests",
    ),
    _quirk(
        "The answer to POST and PUT is the object, or a list that holds it.",
        "Both are read, of GET too; a list of two is no answer, and one of none to a write none either.",
        f"{_ADVO}::TestReading::test_an_object_or_a_list_of_one",
    ),
    _quirk(
        "Every PUT changes rowId, also one that changes nothing.",
        "rowId says that somebody wrote, never what: fields are compared all the same.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_a_record_s_life",
    ),
    _quirk(
        "A GET tells kommKz 0 for every entry, and a PUT ignores it.",
        "It is known from the answer to the create only, and not sent with a PUT.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_contacts",
    ),
    _quirk(
        "A Beteiligter's rowId stays the same when one of the contacts changes.",
        "Contacts are compared by their own rowIds.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_contacts",
    ),
    _quirk(
        "A DELETE is answered with 403.",
        "None is ever sent, of Termine apart; people are asked to delete by hand.",
        f"{_CLIENTS}quirks.py::test_advoware_s_client_can_delete_nothing_but_a_termin",
    ),
    _quirk(
        "The login's failures come as German sentences under no fixed status.",
        "Known sentences are a failed login with a hint, whatever the status.",
        _ANSWERS,
    ),
    _quirk(
        "The path prefix is api/v1/advonet or api/v1, depending on the source.",
        "A setting; a base address that ends in it already is left as it is.",
        f"{_ADVO}::test_the_prefix_is_a_setting",
    ),
    _quirk(
        "Of the token's answer only access_token is certain.",
        "Without expires_in the setting's lifetime counts; with it the shorter one.",
        f"{_CLIENTS}tokens.py::test_lifetime",
    ),
    _quirk(
        "Times have no zone.",
        "They stay naive until the setting's zone is applied; one with a zone is not believed.",
        f"{_ADVO}::TestReading::test_local_time",
    ),
    _quirk(
        "Answers may lack rowId, geaendertAm or the contact list.",
        "What is missing is None, never empty.",
        f"{_ADVO}::TestReading::test_a_missing_contact_list_is_not_an_empty_one",
        "assumed",
    ),
    _quirk(
        "The answer to a PUT may show no contact list, an empty or a shorter one, or lack other keys.",
        "What was read just before it holds.",
        "tests/entities/beteiligte/test_kommunikation.py::test_a_put_whose_answer_shows_fewer_contacts_removes_none",
        "assumed",
    ),
    _quirk(
        "The answer to a contact's POST or PUT may lack some of its keys, that of a PUT its id.",
        "What was sent holds for them; a present null counts.",
        f"{_ADVO}::TestReading::test_a_key_that_the_answer_to_a_write_lacks_is_not_emptied",
        "assumed",
    ),
    _quirk(
        "The legal forms may come as texts or as objects.",
        "Both are read, by any of three names; a list in which none is found refuses no form.",
        f"{_ADVO}::TestReading::test_rechtsformen",
        "assumed",
    ),
    _quirk(
        "A write may be answered without content (204), a PUT with true or with the number alone.",
        "Counts as done, with nothing known of the result; a create without a number never does.",
        f"{_ADVO}::TestReading::test_an_update_without_content",
        "assumed",
    ),
    _quirk(
        "A 404 may be a Beteiligter that is gone or a wrong address.",
        "NotFound for paths with a number, to be confirmed with another number; elsewhere a configuration fault.",
        f"{_CLIENTS}against_sandbox.py::TestAdvoware::test_refusals",
        "assumed",
    ),
    _quirk(
        "GET of a Beteiligter that is gone may answer 204, null, an empty list or object, or one without a number.",
        "NotFound, to be confirmed with another number as a 404 is; no body under another status is a passing fault.",
        f"{_ADVO}::TestReading::test_a_get_that_shows_nothing_has_found_nothing",
        "assumed",
    ),
    _quirk(
        "GET of one Beteiligter may be refused with 400 or 422.",
        "That record's own fault while another Beteiligter or the legal forms can be read; else every question is.",
        "tests/engine/test_breaker.py::test_a_read_that_is_refused_for_one_while_others_work_is_that_one_s",
        "assumed",
    ),
    _quirk(
        "The answer to a create may show the number 0 or a negative one.",
        "Nobody knows whether it was made: somebody is asked, as where the answer shows no number.",
        f"{_ADVO}::TestReading::test_a_create_without_a_number_is_no_success",
        "assumed",
    ),
    _quirk(
        "A rowId may be an empty text.",
        "It counts as unknown: an empty one equals the next, and would prove that nobody has written since.",
        f"{_ADVO}::TestReading::test_an_empty_row_id_is_an_unknown_one",
        "assumed",
    ),
    _quirk(
        "A 403 may be about one Beteiligter or about the login.",
        "That record's only while another Beteiligter or the legal forms can be read; else the login is at fault.",
        "tests/engine/test_breaker.py::test_a_refusal_of_everything_is_no_record_s_fault",
        "assumed",
    ),
    _quirk(
        "A PUT of an address writes street, code, city and letter block only; all else is read-only after the POST.",
        "A change that would mix two addresses is never sent: people are asked to make it by hand.",
        "tests/core/adressen/test_rows.py::test_row_12_a_mixed_address_is_never_sent",
    ),
    _quirk(
        "Bank accounts can be created, and neither changed nor deleted.",
        "A change becomes a task for people, which closes when Advoware's list shows it.",
        "tests/core/bankverbindungen/test_rows.py::test_row_7_no_write_and_closes_by_itself",
    ),
    _quirk(
        "The answer to an address's POST may be an object, a list, its number alone, or nothing.",
        "Without a number it is found by its marker at the next look, and never sent a second time.",
        f"{_CLIENTS}children.py::test_what_a_create_may_answer",
        "assumed",
    ),
    _quirk(
        "A Beteiligter may show no key that it was never sent.",
        "A create names empty texts as empty: what is not shown is not compared, and so would never be carried.",
        "tests/core/beteiligte/test_field_table.py::test_a_create_names_empty_texts_as_empty",
        "assumed",
    ),
    _quirk(
        "The answer to an entry's write may lack some of its keys, or be its number, true or nothing.",
        "What was sent holds for them; a present null counts.",
        "tests/entities/beteiligte/parts/test_child_list_runs.py::"
        "test_an_answer_that_names_the_entry_alone_hides_no_later_edit",
        "assumed",
    ),
    _quirk(
        "An address that does not end may show null, nothing, or the empty date of .NET.",
        "What is no day of our calendar ends nothing.",
        "tests/core/child_lists/test_fields.py::test_the_day_on_which_an_address_ends",
        "assumed",
    ),
    _quirk(
        "The number in the address of an entry may be its id or its place in the order.",
        "A setting; a list whose entries lack it is not written to.",
        f"{_CLIENTS}children.py::test_the_number_is_a_setting",
        "assumed",
    ),
    _quirk(
        "The list of addresses, or of accounts, may be missing from a Beteiligter.",
        "What is missing is None, never empty: nothing of it is planned.",
        f"{_CLIENTS}children.py::test_a_missing_list_is_not_an_empty_one",
        "assumed",
    ),
    _quirk(
        "A Termin is deletable or not, by an answer of 403 or 405.",
        "Either is Forbidden: a capability that is found out; nothing else is ever deleted.",
        f"{_TERMINE}::test_an_advoware_that_does_not_delete",
        "assumed",
    ),
    _quirk(
        "`frnr` is a filter in lower case only; another spelling brings every Termin.",
        "It is asked for in lower case, and an answer with another or with several is refused.",
        f"{_SHAPES}::TestOne::test_a_list_of_many_is_not_the_one_asked_for",
        "described",
    ),
    _quirk(
        "The answer to a POST of a Termin may be a number, an object or a list.",
        "All are read; without a number the outcome is unknown.",
        f"{_TERMINE}::test_a_termin_s_life",
        "described",
    ),
    _quirk(
        "A Termin carries copies of a time (`…Ticks`), which overwrite a change.",
        "They are left out of every PUT.",
        f"{_SHAPES}::TestPut::test_twin_fields_are_left_out",
        "described",
    ),
    _quirk(
        "Whether PUT and DELETE want the number in query, path or body is unknown.",
        "The setting ADVOWARE_TERMIN_NUMBER_IN says it.",
        f"{_TERMINE}::test_a_termin_s_life",
        "assumed",
    ),
    _quirk(
        "Names may come as frNr or FrNr, times in four spellings, truth as 0/1 or true/false.",
        "All are read; a PUT writes each field in the spelling in which it came.",
        f"{_SHAPES}::TestPut::test_spellings_stay",
        "described",
    ),
    _quirk(
        "Entries with negative numbers are derived from others.",
        "They are read, and never written.",
        f"{_TERMINE}::test_special_entries",
        "described",
    ),
    _quirk(
        "A series, or a Termin of weeks, that began before the first day asked for may be missing from a list.",
        "A list is no evidence: it is asked for by its number, and says nothing about whether the list is whole.",
        f"{_TERMINE}::test_lists",
        "assumed",
    ),
    _quirk(
        "Somebody else's private Termin may come without its texts.",
        "Without any text, or with one of masking letters or a word such as “Privat” alone, it counts as masked.",
        f"{_TERMINE}::test_masked_private_ones",
        "assumed",
    ),
    _quirk(
        "GET of a Termin that is gone answers 404 or 410, 204, null, an empty list or object, or no body at all.",
        "All are NotFound; what only shows nothing counts an hour after the first time.",
        f"{_UNSEEN}::test_a_life_with",
        "assumed",
    ),
    _quirk(
        "A 404 or 410 may be a web page: of a server in front while Advoware is away, or put in place of every 404.",
        "A Termin is gone by it only if the list still lacks it, others are shown singly, and it then is so once more.",
        f"{_SINGLY}::test_a_server_that_puts_a_web_page_in_place_of_every_404_blocks_nothing",
        "assumed",
    ),
    _quirk(
        "GET of one Termin may be refused with 400 or 422, or fail with a 5xx, while all others are shown.",
        "It is no evidence and says so; of a 5xx only where the list of today is shown. The others go on.",
        f"{_SINGLY}::test_one_that_advoware_fails_to_show_stops_no_other",
        "assumed",
    ),
    _quirk(
        "A DELETE may be answered as done, or with 404, and the Termin is still there.",
        "It is read afterwards; what is still there is a task for people, as after a refusal.",
        f"{_UNSEEN}::test_a_deletion_that_advoware_answers_and_does_not_carry_out",
        "assumed",
    ),
    _quirk(
        "A PUT whose number stands in the wrong place is answered with 404.",
        "While the Termin can be read that is no deletion: the setting is named.",
        f"{_UNSEEN}::test_a_put_that_finds_nothing",
        "assumed",
    ),
    _quirk(
        "A PUT or DELETE of a Termin may be answered with a good status and no body, or one that is no JSON.",
        "Its answer is not read: the Termin is, right after it.",
        f"{_UNSEEN}::test_writes_whose_answers_say_nothing",
        "assumed",
    ),
    _quirk(
        "An unknown kuerzel may be answered with 400 or 404, not with an empty list.",
        "That one calendar waits; the connection goes on.",
        f"{_UNSEEN}::test_a_kuerzel_that_advoware_refuses",
        "assumed",
    ),
    _quirk(
        "`anwalt` may be a kuerzel, an object with one, or a list.",
        "All are read: what were nobody's would be the whole firm's.",
        f"{_SHAPES}::TestOne::test_whose_it_is",
        "assumed",
    ),
    _quirk(
        "A Termin of several employees may come as a row for each of them, under one number.",
        "It is one, and all of theirs. Google only shows it: whom of them a PUT would mean is not known.",
        f"{_UNSEEN}::test_a_termin_of_two_that_comes_as_a_row_for_each",
        "assumed",
    ),
    _quirk(
        "Employees come as kuerzel or as objects, under a path that is not known for sure.",
        "Both are read; the path is the setting ADVOWARE_EMPLOYEES_PATH.",
        f"{_TERMINE}::test_employees",
        "assumed",
    ),
)

OPEN_QUESTIONS: tuple[OpenQuestion, ...] = (
    OpenQuestion(
        "Whether an emptied date is sent as null or as a special date.", "`ADVOWARE_EMPTY_DATE`; by default null"
    ),
    OpenQuestion(
        "How long a remark of a contact point may be.",
        "if one is cut, the user's own text is put back and our own link serves",
    ),
    OpenQuestion(
        "Whether people can be listed or searched.", "nothing relies on it: people are read by their number alone"
    ),
    OpenQuestion("Whether there are batches or limits of rate.", "no batch is sent; 429 and Retry-After are honoured"),
    OpenQuestion(
        "How long a token lasts when the answer does not say so.", "`ADVOWARE_TOKEN_LIFETIME_MINUTES` at most"
    ),
    OpenQuestion(
        "Which number an address has in the API.",
        "`ADVOWARE_ADRESSE_KEY` (`id`, `reihenfolgeIndex`); without a number nothing is written, and `doctor` says so",
    ),
    OpenQuestion(
        "What addresses and bank accounts are called in the API.", "`ADVOWARE_ADRESSEN_PATH`, `ADVOWARE_BANK_PATH`"
    ),
    OpenQuestion(
        "How the country of an address is spelled.", "`ADVOWARE_LAND_FORM`; by default as it was read most often"
    ),
    OpenQuestion(
        "Whether the letter block of an address follows a change.",
        "`ADRESSE_ANSCHRIFT`; a block with a text of its own is kept, and people are asked to look at it",
    ),
    OpenQuestion(
        "Whether and where bank accounts can be read.",
        "`ADVOWARE_BANK_LIST` (`none`, `get`, `embedded:<key>`); `doctor` names keys that look like such a list",
    ),
    OpenQuestion("The fields of a bank account.", "`ADVOWARE_BANK_MAP`"),
    OpenQuestion(
        "What the answer to a new address looks like.",
        "object, list, number or nothing are read; without a number it is found by its mark at the next look, and "
        "never sent twice",
    ),
    OpenQuestion(
        "Whether a PUT of the Beteiligter touches its addresses.",
        "they are handed back as they were read; re-read once after the first real PUT when you go live",
    ),
)
