"""Neither side's value: what a person enters goes to both, is checked first, and survives a crash in between."""

from dataclasses import replace
from datetime import date

import pytest

from syncapp.core.base import Base
from syncapp.core.beteiligte import entering
from syncapp.core.beteiligte.next_base import next_base
from syncapp.core.beteiligte.plan import RecordPlan, plan_record
from syncapp.core.beteiligte.snapshot import PersonsChoice, RefusedValue
from syncapp.core.beteiligte.validation import refused_by_espocrm
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import Instead, MergeOutcome, Policy
from tests.core.beteiligte.test_plan import MAP, RULES, pair
from tests.core.fieldmaps import filled

FORMS = frozenset({"GmbH"})
TODAY = date(2025, 6, 1)


def decided(espo: str | None, advo: str | None, *, value: str | None = "C", **stored: object) -> RecordPlan:
    """The plan of a pair whose title was A in EspoCRM and B in Advoware when somebody entered `value`."""
    rules = replace(RULES, policy=Policy(by_group={"*": "manual"}))
    before = pair({"name": "N", "titel": espo}, {"name": "N", "titel": advo}, base={"name": "N"})
    choices = {"titel": PersonsChoice(Instead(value), "A", "B")}
    return plan_record(replace(before, rules=rules, stored=replace(before.stored, choices=choices, **stored)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "espo, advo, to_espocrm, to_advoware",
    [
        pytest.param("A", "B", {"titel": "C"}, {"titel": "C"}, id="as-shown"),
        pytest.param("A", "C", {"titel": "C"}, {}, id="advoware-has-it-already"),
        pytest.param("C", "B", {}, {"titel": "C"}, id="espocrm-has-it-already"),
        pytest.param("C", "C", {}, {}, id="both-have-it"),
        pytest.param("X", "B", {}, {}, id="espocrm-was-changed-meanwhile"),
        pytest.param("A", "X", {}, {}, id="advoware-was-changed-meanwhile"),
    ],
)
def test_the_value_goes_where_it_is_not_yet(espo: str, advo: str, to_espocrm: Values, to_advoware: Values) -> None:
    plan = decided(espo, advo)
    assert (dict(plan.to_espocrm), dict(plan.to_advoware)) == (to_espocrm, to_advoware)
    assert not plan.conflicts or "X" in (espo, advo)


def test_emptiness_can_be_what_is_right() -> None:
    plan = decided("A", "B", value=None)
    assert (dict(plan.to_espocrm), dict(plan.to_advoware)) == ({"titel": None}, {"titel": None})
    assert plan.removals == 2


def test_what_espocrm_is_known_to_refuse_is_written_to_neither_side() -> None:
    refused = {"titel": RefusedValue("C", refused_by_espocrm("titel", "C", rule="pattern"))}
    plan = decided("A", "B", refused=refused)
    assert (dict(plan.to_espocrm), dict(plan.to_advoware)) == ({}, {})
    assert [fault.field for fault in plan.held_back] == ["titel"]


def test_the_base_moves_only_when_both_sides_have_answered() -> None:
    plan = decided("A", "B")
    assert plan.fields is not None

    def base(answer_advo: Values | None, answer_espo: Values | None) -> tuple[str | None, str | None]:
        after = next_base(
            base=Base(),
            comparison=plan.fields.comparison,  # type: ignore[union-attr]
            espo=filled(MAP, name="N", titel="A"),
            advo=filled(MAP, name="N", titel="B"),
            answer_advo=answer_advo,
            answer_espo=answer_espo,
            fieldmap=MAP,
        )
        return after.espo.get("titel"), after.advo.get("titel")

    assert base({"titel": "C"}, None) == base(None, {"titel": "C"}) == (None, None)
    assert base({"titel": "C"}, {"titel": "C"}) == ("C", "C")
    assert base({}, {"titel": "C (short)"}) == ("C (short)", "C")
    (result,) = (one for one in plan.fields.comparison.results if one.field == "titel")
    assert result.outcome is MergeOutcome.to_both


def test_a_legal_form_is_spelled_alike_on_both_sides() -> None:
    before = pair({"name": "N", "rechtsform": "A"}, {"name": "N", "rechtsform": "B"}, base={"name": "N"})
    choices = {"rechtsform": PersonsChoice(Instead("gmbh"), "A", "B")}
    plan = plan_record(replace(before, stored=replace(before.stored, choices=choices)))
    assert dict(plan.to_espocrm) == dict(plan.to_advoware) == {"rechtsform": "GmbH"}


@pytest.mark.parametrize(
    "field, entered, value, rule",
    [
        ("titel", "  Dr.  ", "Dr.", None),
        ("titel", "", None, None),
        ("titel", "x" * 51, "x" * 51, "max_length"),
        ("name", " ", None, "required"),
        ("geburtsdatum", "1971-03-09", "1971-03-09", None),
        ("geburtsdatum", "9.3.1971", "9.3.1971", "no_real_date"),
        ("geburtsdatum", "2031-01-01", "2031-01-01", "future_date"),
        ("rechtsform", "gmbh", "GmbH", None),
        ("rechtsform", "Verein", "Verein", "unknown_rechtsform"),
        ("titel", "a\x07b", "a\x07b", "unsendable"),
        ("kurzname", "x", None, "refused_there"),
    ],
)
def test_what_is_entered_is_read_and_checked_as_a_run_would(
    field: str, entered: str, value: str | None, rule: str | None
) -> None:
    read, fault = entering.read(field, entered, field_map=MAP, rechtsformen=FORMS, today=TODAY)
    assert (read, fault.rule if fault else None) == (value, rule)


def test_a_choice_holds_for_the_values_that_were_shown() -> None:
    plain = PersonsChoice(Side.espocrm, "A", "B")
    assert plain.holds(espo="A", advo="B")
    assert not plain.holds(espo="A", advo="A")
