"""Addresses and bank accounts in words: every code has a sentence, in German too, and no sentence shows an account."""

import pytest
from django.utils import translation

from syncapp.core.adressen.shapes import Address
from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.core.child_lists.shapes import Act, AliasOf, CaseCode, LinkState, ListStop, Mention
from syncapp.models import ChildCase, ChildKind, Notice
from syncapp.words import sentences
from syncapp.words.child_lists import case_texts, cases, labels, plans
from syncapp.words.runs.summary import remark_words, summary_words

# What only one of the two kinds can have (core/adressen, core/bankverbindungen).
OF_ADDRESSES = {CaseCode.same_or_different, CaseCode.letter_block, CaseCode.differs, CaseCode.rewritten}
OF_ACCOUNTS = {CaseCode.conflict, CaseCode.allow_post, CaseCode.assumed_known}


def case(code: str, kind: str = "adressen", row: int = 0, **params: str) -> ChildCase:
    return ChildCase(kind=kind, code=code, row=row, params=params)


def test_every_case_has_its_text_for_each_kind_that_can_have_it() -> None:
    assert set(case_texts.ADDRESS) - {case_texts.DETAILS} == set(CaseCode) - OF_ACCOUNTS
    assert set(case_texts.ACCOUNT) == set(CaseCode) - OF_ADDRESSES


def test_every_answer_state_step_and_mention_has_words() -> None:
    assert set(case_texts.ANSWERS) == set(CaseAnswer)
    assert set(case_texts.STATES) == (set(LinkState) - {LinkState.linked}) | {f"double_{one}" for one in AliasOf}
    assert set(plans.STEPS) == set(Act)
    assert set(plans.REPORTS) == set(Mention)
    assert set(plans.TOLD_OF_LISTS) == set(ListStop)
    assert set(plans.REMARKS) == {f"child_{one}" for one in (*Mention, *ListStop, "marks_owed")}


def test_an_unknown_outcome_is_not_told_as_a_lost_answer() -> None:
    """An answer may have come that proves nothing: an error, a page of HTML, an object without a number."""
    texts = [table[CaseCode.outcome_unknown].what for table in (case_texts.ADDRESS, case_texts.ACCOUNT)]
    texts += [sentences.CODES["create_outcome_unknown"], sentences.KINDS["create_outcome_unknown"].meaning]
    assert [str(text) for text in texts if "lost" in str(text)] == []


@pytest.mark.parametrize("code", CaseCode)
@pytest.mark.parametrize("kind", ["adressen", "bank"])
def test_a_case_says_what_happened_and_what_to_do_in_german(kind: str, code: CaseCode) -> None:
    with translation.override("de"):
        words = cases.case_words(case(code, kind, by="advoware", field="iban"))
    with translation.override("en"):
        assert words.name != cases.case_words(case(code, kind)).name
    assert words.what.endswith((".", "?"))
    assert "{" not in words.what + words.todo


def test_what_only_details_were_changed_of_is_told_apart() -> None:
    whole, details = (cases.case_words(case(CaseCode.change_in_advoware, row=row)).name for row in (12, 13))
    assert whole != details


def test_a_refusal_names_who_refused_and_where_to_correct() -> None:
    with translation.override("en"):
        words = cases.case_words(case(CaseCode.refused, "bank", by="espocrm", field="iban"))
        assert "EspoCRM did not accept this bank account, or would not: IBAN." in words.what
        assert "correct the account in Advoware" in words.todo


def test_where_nobody_can_read_the_list_people_say_that_it_is_done() -> None:
    with translation.override("en"):
        told = case(CaseCode.delete_in_advoware, "bank", account="DE…3000")
        assert cases.case_words(told).ends == str(case_texts.DELETED)
        assert cases.case_words(told, readable=False).ends == str(case_texts.SAY_SO)


# --- what stands where


def shown_facts(one: ChildCase) -> list[tuple[str, str | None, str | None]]:
    with translation.override("en"):
        return [(fact.label, fact.espo, fact.advo) for fact in cases.facts_of(one)]


def test_both_sides_of_an_address_stand_part_by_part() -> None:
    told = case(
        CaseCode.change_in_advoware, row=12, espo_strasse="Ring 1", espo_land="Österreich", advo_strasse="Wall 1"
    )
    assert shown_facts(told) == [("Street", "Ring 1", "Wall 1"), ("Country", "Österreich", "")]
    assert [fact.differs for fact in cases.facts_of(told)] == [True, True]


def test_what_stands_on_one_side_alone_says_nothing_of_the_other() -> None:
    told = case(CaseCode.waiting, row=4, advo_strasse="Wall 1", advo_ort="Hannover")
    assert shown_facts(told) == [("Street", None, "Wall 1"), ("City", None, "Hannover")]
    assert cases.one_line(told) == (None, "Wall 1, Hannover")


def test_details_are_what_espocrm_wants() -> None:
    told = case(CaseCode.change_in_advoware, row=13, standard="True", bemerkung="Klingel links")
    assert shown_facts(told) == [("Default address", "yes", None), ("Remark", "Klingel links", None)]


def test_what_was_deleted_in_espocrm_stands_in_advoware() -> None:
    assert shown_facts(case(CaseCode.delete_in_advoware, strasse="Wall 1")) == [("Street", None, "Wall 1")]
    assert shown_facts(case(CaseCode.outcome_unknown, strasse="Wall 1")) == [("Street", "Wall 1", None)]


@pytest.mark.parametrize(
    "code, params, shown",
    [
        (CaseCode.change_in_advoware, {"old": "DE…3000", "new": "DE…2051"}, ("DE…2051", "DE…3000")),
        (CaseCode.conflict, {"espo": "DE…3000", "advo": "AT…3201"}, ("DE…3000", "AT…3201")),
        (CaseCode.delete_in_advoware, {"account": "DE…3000"}, (None, "DE…3000")),
        (CaseCode.waiting, {"advo": "DE…3000"}, (None, "DE…3000")),
        (CaseCode.allow_post, {"account": "DE…3000"}, ("DE…3000", None)),
        (CaseCode.refused, {"account": "DE…3000", "by": "espocrm", "field": "iban"}, (None, "DE…3000")),
    ],
)
def test_of_an_account_the_case_shows_a_part(
    code: CaseCode, params: dict[str, str], shown: tuple[str | None, str | None]
) -> None:
    assert shown_facts(case(code, "bank", **params)) == [("IBAN", *shown)]
    assert shown_facts(case(CaseCode.double, "bank")) == []


# --- history, conflicts, notices


def test_a_conflict_of_an_address_reads_like_one() -> None:
    kept = Address("Wall 1", "30159", "Hannover").to_text()
    with translation.override("de"):
        assert sentences.field_label("adressen.17") == "Adresse (Eintrag 17)"
        assert sentences.field_label("bankverbindungen.66f0") == "Bankverbindung"
        assert sentences.field_value("adressen.17", kept) == "Wall 1, 30159 Hannover"
        assert sentences.field_value("adressen.17", "Wall 1") == "Wall 1"
        assert sentences.field_value("adressen.17", None) is None
        assert sentences.planned_label("advoware.adressen.17") == "Adresse (Eintrag 17) → Advoware"
        assert sentences.planned_label("adressen.post_entry (row 3)") == "Adresse: wird in Advoware eingetragen"


def test_what_a_run_did_and_left_behind_is_said() -> None:
    with translation.override("de"):
        assert list(summary_words({"adressen.post_entry": {"done": 2}})) == ["Adressen in Advoware eingetragen: 2"]
        told = [{"code": "child_expired", "params": {"kind": "adressen", "value": "Wall 1"}}]
        assert list(remark_words(told)) == ["Adresse: nur in Advoware, dort abgelaufen: Wall 1"]


def test_a_notice_says_what_to_do_by_hand() -> None:
    told = sentences.notice_text("case.bank.change_in_advoware", {"count": 1})
    assert told.startswith("Bankverbindung, in Advoware zu ändern: Bitte ändern Sie sie in Advoware von Hand")
    assert "Zahlungsdaten" in sentences.notice_text("child_payment_changed", {"count": 1})


@pytest.mark.parametrize("code", CaseCode)
@pytest.mark.parametrize("kind", ChildKind)
def test_the_name_of_a_notice_fits_its_column(kind: str, code: str) -> None:
    event = f"case.{kind}.{code}"
    assert len(event) <= (Notice._meta.get_field("event").max_length or 0)
    assert sentences.notice_text(event, {"count": 1}) != sentences.notice_text("unknown", {})


@pytest.mark.parametrize("code", ["child_refused", "child_outcome_unknown"])
def test_a_refused_element_is_told_with_what_to_do(code: str) -> None:
    fault = {"code": code, "params": {"kind": "bank", "number": 2}}
    with translation.override("de"):
        assert sentences.sentence(fault).startswith("Bankverbindung: ")
        assert "Aufgabe" in str(sentences.advice("validation", fault))


def test_a_default_account_is_no_default_address() -> None:
    with translation.override("de"):
        assert labels.part_label("standard") == "Standardanschrift"
        assert labels.part_label("standard", ChildKind.BANK) == "Standardkonto"
        assert labels.part_label("iban", ChildKind.BANK) == "IBAN"
