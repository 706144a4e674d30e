"""Every code of the calendars is worded, in German too; days, times and series read as people write them."""

from enum import StrEnum

import pytest
from django.utils import translation

from syncapp.core.appointments.forms.canonical import Canonical, Group
from syncapp.core.appointments.forms.reasons import FormReason, SilentNote
from syncapp.core.appointments.forms.series import Freq, SeriesRule, When
from syncapp.core.appointments.plan_shapes import HoldReason, OnlyInGoogle, PairReportCode, PairRow, QuestionCode
from syncapp.core.appointments.rows import AppointmentAction, PairStatus
from syncapp.models import CalendarMode
from syncapp.operations.calendars import decisions
from syncapp.operations.calendars.week import SideAgreement
from syncapp.words import reasons, sentences
from syncapp.words.calendars import cases, faults, looks
from syncapp.words.calendars.when import group_text, rule_words, start_words, times_of, when_words

TABLES = [
    (PairRow, cases.ROWS),
    (AppointmentAction, cases.ACTIONS),
    (AppointmentAction, cases.COUNTED),
    (FormReason, cases.REASONS),
    (SilentNote, cases.NOTES),
    (OnlyInGoogle, cases.ALONE),
    (QuestionCode, cases.QUESTIONS),
    (PairReportCode, cases.REPORTS),
    (Group, cases.GROUPS),
    (PairStatus, cases.STATUSES),
    (SideAgreement, looks.MARKS),
    (CalendarMode, looks.MODES),
]


@pytest.mark.parametrize("members, table", TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_each_member_has_its_row_and_no_row_is_left_over(members: type[StrEnum], table: dict[str, object]) -> None:
    assert {str(member.value) for member in members} == {str(getattr(key, "value", key)) for key in table}


@pytest.mark.parametrize("code", QuestionCode)
def test_each_answer_that_can_be_given_is_worded(code: QuestionCode) -> None:
    with translation.override("de"):
        for choice in decisions.answers_to(code, [4711]):
            said = cases.answer_words(code, choice)
            assert said
            assert said != choice
            assert ("4711" in said) == (choice == "4711")


@pytest.mark.parametrize("code", [*faults.FAULTS, *HoldReason])
def test_each_fault_of_a_pass_says_what_why_and_what_to_do(code: str) -> None:
    with translation.override("de"):
        said = faults.explained("needs_confirmation", {"code": code, "params": {"planned": 7, "of": 9, "count": 2}})
    assert said is not None
    assert code in sentences.CODES
    assert said.what
    assert said.cause
    assert said.advice
    assert "EspoCRM" not in said.advice


def test_an_unknown_outcome_is_not_told_as_a_lost_answer() -> None:
    """An answer may have come that proves nothing."""
    asked = cases.QUESTIONS[QuestionCode.post_outcome_unknown]
    assert "lost" not in f"{asked.question} {asked.meaning}"


@pytest.mark.parametrize("reason", sorted(reasons.TOO_FAST))
def test_a_google_that_takes_calls_more_slowly_is_not_told_as_down(reason: str) -> None:
    fault = {"code": "remote_transient", "params": {"system": "google_calendar", "reason": reason}}
    with translation.override("de"):
        found = faults.explained("transient", fault)
    assert found is not None
    assert "langsamer weiter" in found.advice
    assert "Neustart" not in found.cause


def test_nothing_wrong_says_nothing() -> None:
    assert faults.explained("", {}) is None


def test_a_report_says_why_and_what_of() -> None:
    with translation.override("de"):
        said = cases.report_words({"code": "unsupported", "detail": "leap_day", "groups": ["rule"], "count": 0})
    assert said == [
        "Lässt sich nicht übertragen; beide Seiten bleiben, wie sie sind.",
        "Die Serie fällt auf den 29. Februar. Wählen Sie einen anderen Tag.",
        "(Serie)",
    ]


WHENS = [
    (When(False, "2026-11-30T09:00", "2026-11-30T10:00"), "Mo, 30.11.2026, 09:00–10:00", "09:00–10:00"),
    (When(False, "2026-11-30T09:00", "2026-11-30T09:00"), "Mo, 30.11.2026, 09:00", "09:00"),
    (When(False, "2026-11-30T22:00", "2026-12-01T02:00"), "Mo, 30.11.2026, 22:00 – Di, 01.12.2026, 02:00", "ab 22:00"),
    (When(True, "2026-11-30", "2026-11-30"), "Mo, 30.11.2026, ganztägig", "ganztägig"),
    (When(True, "2026-11-30", "2026-12-01"), "Mo, 30.11.2026 – Di, 01.12.2026", "ganztägig"),
]


@pytest.mark.parametrize("when, long, short", WHENS, ids=[long for _when, long, _short in WHENS])
def test_days_and_times(when: When, long: str, short: str) -> None:
    with translation.override("de"):
        assert (when_words(when), times_of(when)) == (long, short)


@pytest.mark.parametrize(
    "rule, words",
    [
        (None, ""),
        (SeriesRule(Freq.weekly), "wöchentlich"),
        (SeriesRule(Freq.weekly, 2, "2027-03-31"), "alle 2 Wochen bis 31.03.2027"),
        (SeriesRule(Freq.yearly, 3), "alle 3 Jahre"),
    ],
)
def test_series(rule: SeriesRule | None, words: str) -> None:
    with translation.override("de"):
        assert rule_words(rule) == words


def test_starts_and_groups() -> None:
    form = Canonical(WHENS[0][0], text="Termin", privat=True)
    with translation.override("de"):
        assert (start_words(""), start_words("2026-11-30")) == ("–", "Mo, 30.11.2026")
        assert start_words("2026-11-30T09:00") == "Mo, 30.11.2026, 09:00"
        assert group_text(form, Group.rule) == "Einzeltermin"
        assert group_text(form, Group.privat) == "ja"
        assert group_text(form, Group.text) == "Termin"
