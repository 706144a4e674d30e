"""Webhook elements: which are changes, which the echo of our own write. One test a row, by its name."""

from dataclasses import replace

import pytest

from syncapp.core.echoes import BOOKKEEPING, WAITS_OVER_BETNR, Element, Judged, KnownRecord, judge, with_numbers
from syncapp.core.faults.errors import ErrorKind
from syncapp.core.states import EVERY, Status

SHOWN = {
    "betnr": 104860,
    "syncStatus": "clean",
    "advowareLastSync": "2026-03-01 12:00:00",
    "syncRetryCount": 0,
    "syncErrorMessage": None,
}
PHONES = [["+49511123456", "Mobile", True, False, False]]
CLEAN = KnownRecord(
    Status.CLEAN, betnr=104860, has_open_intent=False, espocrm_status=SHOWN, lists={"phoneNumberData": PHONES}
)
FAILED = replace(CLEAN, status=Status.FAILED, espocrm_status={**SHOWN, "syncStatus": "failed", "syncRetryCount": 1})
DATA = Element("update", has_fields=True, fields_are_base=True)
EDIT = Element("update", has_fields=True, fields_are_base=False)
OURS = Element("update", bookkeeping={"syncStatus": "clean", "advowareLastSync": "2026-03-01 12:00:00"})


def marks(**bookkeeping: object) -> Element:
    return Element("update", bookkeeping=bookkeeping)


@pytest.mark.parametrize("status", sorted(EVERY), ids=str)
@pytest.mark.parametrize("action", ["create", "delete"])
def test_create_and_delete_always_count(action: str, status: Status) -> None:
    assert judge(Element(action), replace(CLEAN, status=status)) is Judged.COUNTED


@pytest.mark.parametrize("status", sorted(EVERY), ids=str)
def test_an_update_without_any_judged_attribute_is_irrelevant(status: Status) -> None:
    assert judge(Element("update"), replace(CLEAN, status=status)) is Judged.IRRELEVANT


@pytest.mark.parametrize("element", [DATA, EDIT, OURS, marks(betnr=7), marks(syncStatus="dirty")])
def test_an_update_while_a_run_goes_on_waits_for_its_commit(element: Element) -> None:
    assert judge(element, replace(CLEAN, status=Status.SYNCING)) is Judged.WAITING


@pytest.mark.parametrize(
    "element, judged",
    [(DATA, Judged.ECHO), (EDIT, Judged.COUNTED), (OURS, Judged.ECHO), (marks(betnr=7), Judged.RELINK)],
)
def test_in_the_commit_it_is_judged_against_what_the_run_left(element: Element, judged: Judged) -> None:
    assert judge(element, CLEAN, in_commit=True) is judged


@pytest.mark.parametrize("status", sorted(EVERY - {Status.SYNCING}), ids=str)
@pytest.mark.parametrize("value", ["dirty", "pending_sync"])
def test_a_sync_status_that_we_never_write_is_a_persons_reset(status: Status, value: str) -> None:
    known = replace(CLEAN, status=status, espocrm_status={**SHOWN, "syncStatus": value})
    assert judge(marks(syncStatus=value), known) is Judged.RESET


def test_with_data_it_is_the_work_of_a_formula() -> None:
    assert judge(replace(DATA, bookkeeping={"syncStatus": "dirty"}), CLEAN) is Judged.COUNTED
    with_list = Element("update", lists={"phoneNumberData": PHONES}, bookkeeping={"syncStatus": "dirty"})
    assert judge(with_list, CLEAN) is Judged.COUNTED


@pytest.mark.parametrize("status", sorted(EVERY - {Status.SYNCING}), ids=str)
def test_another_betnr_relinks(status: Status) -> None:
    assert judge(marks(betnr=7), replace(CLEAN, status=status)) is Judged.RELINK
    assert judge(replace(DATA, bookkeeping={"betnr": 7}), replace(CLEAN, status=status)) is Judged.RELINK


@pytest.mark.parametrize("betnr", [104860, None, 7], ids=["its own again", "emptied", "another"])
@pytest.mark.parametrize("kind", sorted(WAITS_OVER_BETNR))
def test_any_betnr_relinks_a_record_that_waits_over_it(kind: str, betnr: int | None) -> None:
    known = replace(FAILED, kind=kind)
    assert judge(marks(betnr=betnr), known) is Judged.RELINK
    assert judge(replace(EDIT, bookkeeping={"betnr": betnr}), known, in_commit=True) is Judged.RELINK


@pytest.mark.parametrize("kind", sorted(set(ErrorKind) - WAITS_OVER_BETNR))
def test_its_own_betnr_is_no_news_to_a_record_that_waits_for_something_else(kind: str) -> None:
    assert judge(marks(betnr=104860), replace(FAILED, kind=kind)) is Judged.ECHO


def test_a_betnr_relinks_a_record_that_had_none() -> None:
    assert judge(marks(betnr=7), replace(CLEAN, betnr=None)) is Judged.RELINK


def test_a_betnr_emptied_where_we_know_none_relinks() -> None:
    """The second record with one betNr: whoever empties it has decided which of the two is right."""
    assert judge(marks(betnr=None), replace(CLEAN, betnr=None)) is Judged.RELINK


def test_a_betnr_emptied_on_a_linked_record_is_a_change() -> None:
    assert judge(marks(betnr=None), CLEAN) is Judged.COUNTED


@pytest.mark.parametrize("status", sorted(EVERY - {Status.SYNCING}), ids=str)
def test_bookkeeping_alone_as_we_wrote_it_last_is_an_echo_in_every_status(status: Status) -> None:
    known = replace(CLEAN, status=status, has_open_intent=True)
    assert judge(OURS, known) is Judged.ECHO
    assert judge(marks(syncErrorMessage=None, syncRetryCount=0), known) is Judged.ECHO


def test_the_late_echo_of_a_failed_runs_patch_starts_no_run() -> None:
    assert judge(marks(syncStatus="failed", syncRetryCount=1), FAILED) is Judged.ECHO


@pytest.mark.parametrize(
    "element",
    [marks(syncStatus="failed"), marks(syncStatus="clean", syncRetryCount=3), marks(kommunikationHash="x")],
    ids=["another status", "one of two differs", "never written"],
)
def test_bookkeeping_that_we_did_not_write_counts(element: Element) -> None:
    assert judge(element, CLEAN) is Judged.COUNTED


def test_with_data_equal_to_the_base_on_a_clean_record_it_is_an_echo() -> None:
    assert judge(DATA, CLEAN) is Judged.ECHO
    assert judge(replace(DATA, bookkeeping=OURS.bookkeeping), CLEAN) is Judged.ECHO
    assert judge(Element("update", lists={"phoneNumberData": PHONES}), CLEAN) is Judged.ECHO


@pytest.mark.parametrize("status", sorted(EVERY - {Status.CLEAN, Status.SYNCING}), ids=str)
def test_with_data_it_counts_on_a_record_that_is_not_clean(status: Status) -> None:
    assert judge(DATA, replace(CLEAN, status=status)) is Judged.COUNTED


def test_with_data_it_counts_while_an_intent_is_open() -> None:
    assert judge(DATA, replace(CLEAN, has_open_intent=True)) is Judged.COUNTED


@pytest.mark.parametrize(
    "element",
    [
        EDIT,
        replace(EDIT, bookkeeping=OURS.bookkeeping),
        Element("update", lists={"phoneNumberData": []}),
        Element("update", lists={"emailAddressData": []}),
        replace(DATA, lists={"phoneNumberData": []}),
        replace(DATA, bookkeeping={"syncStatus": "failed"}),
    ],
    ids=["a field", "a field with our bookkeeping", "a list", "a list never seen", "field and list", "other status"],
)
def test_anything_else_counts(element: Element) -> None:
    assert judge(element, CLEAN) is Judged.COUNTED


def test_the_same_body_is_judged_by_what_is_known_not_by_what_came_before() -> None:
    """Anna writes a value, Bert takes it back, Anna writes it again: the third delivery is byte by byte the first."""
    first, third = judge(EDIT, CLEAN), judge(EDIT, CLEAN)
    assert first is third is Judged.COUNTED


@pytest.mark.parametrize(
    "shown, number",
    [("104860", 104860), (" 7 ", 7), ("", None), (7, 7), (None, None), ("zwölf", "zwölf"), ("1" * 40, "1" * 40)],
)
def test_a_number_of_ours_in_a_text_field(shown: object, number: object) -> None:
    assert with_numbers({"id": "a", "betnr": shown, "titel": "7"}) == {"id": "a", "betnr": number, "titel": "7"}


def test_the_bookkeeping_attributes() -> None:
    assert set(BOOKKEEPING) == {
        "betnr",
        "syncStatus",
        "advowareLastSync",
        "advowareRowId",
        "kommunikationHash",
        "syncRetryCount",
        "syncNextRetry",
        "syncAutoResetAt",
        "syncErrorMessage",
    }
