"""The three-way merge, row by row: signals, verdicts, policy, scopes, companies, translated values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import pytest

from syncapp.core.base import Base, NoBase, matches_base, not_taken
from syncapp.core.beteiligte.field_table import COMPANY_NAME, FieldMap
from syncapp.core.beteiligte.next_base import next_base
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import (
    BothSides,
    Comparison,
    MergeCase,
    MergeOutcome,
    Policy,
    Verdict,
    compare,
    holding_back,
)
from tests.core.fieldmaps import SALUTATIONS, filled, person, plain, without

FIELDS = plain()
UNTOUCHED = NoBase(espo_touched=False, advo_touched=False)
BOTH_TOUCHED = NoBase(espo_touched=True, advo_touched=True)
ESPO_WINS = Policy()
ADVO_WINS = Policy(by_group={"stammdaten": "advoware_wins"})
MANUAL = Policy(by_group={"stammdaten": "manual"})
RECORD = Policy(scope="record")
ALL_FROM_ESPO = Policy(override="everything_from_espocrm")
ALL_FROM_ADVO = Policy(override="everything_from_advoware")


def base_of(espo: Values, advo: Values | None = None, fieldmap: FieldMap = FIELDS) -> Base:
    return Base(espo, espo if advo is None else advo, fieldmap.versions)


AGREED = filled(FIELDS, name="Müller", titel="Dr.", zusatz="c/o")
BASE = base_of(AGREED)


def merge(
    espo: Values,
    advo: Values,
    *,
    base: Base = BASE,
    policy: Policy = ESPO_WINS,
    no_base: NoBase = BOTH_TOUCHED,
    fieldmap: FieldMap = FIELDS,
    **more: object,
) -> Comparison:
    return compare(BothSides(espo, advo, base, fieldmap, no_base, **more), policy)  # type: ignore[arg-type]


def case_of(comparison: Comparison, key: str) -> tuple[MergeCase, MergeOutcome]:
    (result,) = [result for result in comparison.results if result.field == key]
    return result.case, result.outcome


# --- What changed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "espo, advo, case, outcome",
    [
        pytest.param("Dr.", "Dr.", MergeCase.unchanged, MergeOutcome.keep, id="fields-equal-base"),
        pytest.param("Prof.", "Dr.", MergeCase.espo_changed, MergeOutcome.to_advoware, id="a-field-differs-in-espocrm"),
        pytest.param("Dr.", "Prof.", MergeCase.advo_changed, MergeOutcome.to_espocrm, id="a-field-differs-in-advoware"),
        pytest.param(
            "Prof.", "PD", MergeCase.both_changed, MergeOutcome.to_advoware, id="both-changed-and-mean-different-things"
        ),
        pytest.param("Prof.", "Prof.", MergeCase.agreed, MergeOutcome.keep, id="both-changed-and-mean-the-same"),
        pytest.param(None, "Dr.", MergeCase.espo_changed, MergeOutcome.to_advoware, id="cleared-in-espocrm"),
        pytest.param("Dr.", None, MergeCase.advo_changed, MergeOutcome.to_espocrm, id="cleared-in-advoware"),
        pytest.param(None, None, MergeCase.agreed, MergeOutcome.keep, id="cleared-on-both-sides"),
        pytest.param(None, "Prof.", MergeCase.both_changed, MergeOutcome.to_advoware, id="cleared-here-changed-there"),
    ],
)
def test_signal(espo: str | None, advo: str | None, case: MergeCase, outcome: MergeOutcome) -> None:
    comparison = merge({**AGREED, "titel": espo}, {**AGREED, "titel": advo})
    assert case_of(comparison, "titel") == (case, outcome)


def test_each_side_is_compared_with_its_own_base() -> None:
    """Advoware shortened it once: that is no change of either side."""
    espo, advo = {**AGREED, "zusatz": "c/o Meier und Partner"}, {**AGREED, "zusatz": "c/o Meier"}
    comparison = merge(espo, advo, base=base_of(espo, advo))
    assert comparison.verdict is Verdict.no_change
    assert case_of(comparison, "zusatz") == (MergeCase.unchanged, MergeOutcome.keep)


def test_one_side_moves_to_what_the_other_holds_already() -> None:
    espo, advo = {**AGREED, "zusatz": "c/o Meier und Partner"}, {**AGREED, "zusatz": "c/o Meier"}
    comparison = merge(advo, advo, base=base_of(espo, advo))
    assert case_of(comparison, "zusatz") == (MergeCase.agreed, MergeOutcome.keep)


@pytest.mark.parametrize(
    "espo, advo, verdict, to_advo, to_espo",
    [
        pytest.param({}, {}, Verdict.no_change, {}, {}, id="no_change"),
        pytest.param({"titel": "X"}, {}, Verdict.espocrm_newer, {"titel": "X"}, {}, id="espocrm_newer"),
        pytest.param({}, {"titel": "X"}, Verdict.advoware_newer, {}, {"titel": "X"}, id="advoware_newer"),
        pytest.param({"titel": "X"}, {"zusatz": "Y"}, Verdict.merged, {"titel": "X"}, {"zusatz": "Y"}, id="merged"),
        pytest.param({"titel": "X"}, {"titel": "Y"}, Verdict.conflict, {"titel": "X"}, {}, id="conflict"),
        pytest.param({"titel": "X"}, {"titel": "X"}, Verdict.no_change, {}, {}, id="agreed-is-no_change"),
        pytest.param(
            {"titel": "X", "anrede": "Herr"},
            {"titel": "Y", "zusatz": None},
            Verdict.conflict,
            {"titel": "X", "anrede": "Herr"},
            {"zusatz": None},
            id="conflict-while-others-merge",
        ),
    ],
)
def test_verdict(espo: Values, advo: Values, verdict: Verdict, to_advo: Values, to_espo: Values) -> None:
    comparison = merge({**AGREED, **espo}, {**AGREED, **advo})
    assert (comparison.verdict, comparison.to_advo, comparison.to_espo) == (verdict, to_advo, to_espo)


def test_a_conflict_names_base_and_both_values() -> None:
    (conflict,) = merge({**AGREED, "titel": "X"}, {**AGREED, "titel": "Y"}).conflicts
    assert (conflict.field, conflict.espo, conflict.advo) == ("titel", "X", "Y")
    assert (conflict.base_espo, conflict.base_advo, conflict.outcome) == ("Dr.", "Dr.", MergeOutcome.to_advoware)


# --- Policy and scope -----------------------------------------------------------------------------------------------

EDITED_TWICE = ({**AGREED, "titel": "X", "anrede": "Herr"}, {**AGREED, "titel": "Y", "zusatz": None})


@pytest.mark.parametrize(
    "policy, to_advo, to_espo, held, espo_won",
    [
        pytest.param(ESPO_WINS, {"titel", "anrede"}, {"zusatz"}, set(), True, id="espocrm_wins"),
        pytest.param(ADVO_WINS, {"anrede"}, {"titel", "zusatz"}, set(), False, id="advoware_wins"),
        pytest.param(MANUAL, {"anrede"}, {"zusatz"}, {"titel"}, False, id="manual-holds-only-the-field-in-conflict"),
        pytest.param(RECORD, {"titel", "anrede", "zusatz"}, set(), set(), True, id="scope-record-espocrm-wins-it-all"),
        pytest.param(Policy(by_group={}), {"titel", "anrede"}, {"zusatz"}, set(), True, id="nothing-named-is-default"),
        pytest.param(
            Policy(by_group={"*": "manual"}), {"anrede"}, {"zusatz"}, {"titel"}, False, id="one-policy-for-everything"
        ),
        pytest.param(
            Policy(by_group={"stammdaten": "manual", "titel": "advoware_wins"}),
            {"anrede"},
            {"titel", "zusatz"},
            set(),
            False,
            id="a-field-of-its-own",
        ),
        pytest.param(
            replace(RECORD, by_group={"*": "advoware_wins"}),
            set(),
            {"titel", "anrede", "zusatz"},
            set(),
            False,
            id="scope-record-advoware-wins-it-all",
        ),
        pytest.param(
            replace(RECORD, by_group={"*": "manual"}),
            {"anrede"},
            {"zusatz"},
            {"titel"},
            False,
            id="scope-record-manual-holds-only-the-field-in-conflict",
        ),
    ],
)
def test_policy(policy: Policy, to_advo: set[str], to_espo: set[str], held: set[str], espo_won: bool) -> None:
    comparison = merge(*EDITED_TWICE, policy=policy)
    assert comparison.verdict is Verdict.conflict
    assert (set(comparison.to_advo), set(comparison.to_espo)) == (to_advo, to_espo)
    assert {result.field for result in comparison.held} == held
    assert comparison.espo_won is espo_won


def test_scope_record_logs_every_edit_that_lost() -> None:
    comparison = merge(*EDITED_TWICE, policy=RECORD)
    assert [result.field for result in comparison.conflicts] == ["titel", "zusatz"]
    assert comparison.to_advo["zusatz"] == "c/o"


def test_scope_record_with_disjoint_edits_is_a_dispute_too() -> None:
    comparison = merge({**AGREED, "titel": "X"}, {**AGREED, "zusatz": "Y"}, policy=RECORD)
    assert comparison.verdict is Verdict.conflict
    assert comparison.to_advo == {"titel": "X", "zusatz": "c/o"}
    assert not comparison.to_espo


@pytest.mark.parametrize(
    "espo, advo, verdict",
    [
        pytest.param({}, {"zusatz": "Y"}, Verdict.advoware_newer, id="one-side-only"),
        pytest.param(
            {"titel": "X"}, {"titel": "X", "zusatz": "Y"}, Verdict.advoware_newer, id="an-agreement-beside-it"
        ),
    ],
)
def test_scope_record_leaves_undisputed_edits_alone(espo: Values, advo: Values, verdict: Verdict) -> None:
    comparison = merge({**AGREED, **espo}, {**AGREED, **advo}, policy=RECORD)
    assert comparison.verdict is verdict
    assert not comparison.conflicts


def test_scope_record_a_conflict_that_waits_costs_no_edit_of_other_fields() -> None:
    espo, advo = {**AGREED, "titel": "X"}, {**AGREED, "titel": "Y", "zusatz": "neu"}
    comparison = merge(espo, advo, policy=replace(RECORD, by_group={"titel": "manual"}))
    assert [result.field for result in comparison.held] == ["titel"]
    assert comparison.to_espo == {"zusatz": "neu"}


def test_manual_conflict_closes_itself_when_the_sides_agree() -> None:
    espo, advo = {**AGREED, "titel": "X"}, {**AGREED, "titel": "Y"}
    held = merge(espo, advo, policy=MANUAL)
    base = rebase(BASE, held, espo, advo)
    assert base == BASE
    settled = merge(espo, espo, base=base, policy=MANUAL)
    assert (settled.verdict, settled.held) == (Verdict.no_change, ())
    assert rebase(base, settled, espo, espo).advo["titel"] == "X"


@pytest.mark.parametrize(
    "kept, to_advo, to_espo",
    [
        pytest.param(Side.espocrm, {"titel": "X"}, {}, id="espocrms-value-chosen"),
        pytest.param(Side.advoware, {}, {"titel": "Y"}, id="advowares-value-chosen"),
    ],
)
def test_a_decided_conflict_goes_where_the_person_said(kept: Side, to_advo: Values, to_espo: Values) -> None:
    comparison = merge({**AGREED, "titel": "X"}, {**AGREED, "titel": "Y"}, policy=MANUAL, decided={"titel": kept})
    assert (comparison.to_advo, comparison.to_espo, comparison.held) == (to_advo, to_espo, ())
    assert not comparison.conflicts


@pytest.mark.parametrize(
    "policy, to_advo, to_espo, lost",
    [
        pytest.param(
            ALL_FROM_ESPO,
            {"titel": "X", "anrede": "Herr", "zusatz": "c/o"},
            {},
            ["titel", "zusatz"],
            id="everything-from-espocrm",
        ),
        pytest.param(
            ALL_FROM_ADVO,
            {},
            {"titel": "Y", "anrede": None, "zusatz": None},
            ["titel", "anrede"],
            id="everything-from-advoware",
        ),
    ],
)
def test_everything_from_one_side(policy: Policy, to_advo: Values, to_espo: Values, lost: list[str]) -> None:
    comparison = merge(*EDITED_TWICE, policy=policy)
    assert (comparison.to_advo, comparison.to_espo) == (to_advo, to_espo)
    assert [result.field for result in comparison.conflicts] == lost


def test_everything_from_one_side_levels_spellings_too() -> None:
    espo, advo = {**AGREED, "zusatz": "c/o Meier und Partner"}, {**AGREED, "zusatz": "c/o Meier"}
    comparison = merge(espo, advo, base=base_of(espo, advo), policy=ALL_FROM_ADVO)
    assert comparison.to_espo == {"zusatz": "c/o Meier"}
    assert not comparison.conflicts


# --- Without a base -------------------------------------------------------------------------------------------------

NEVER = NoBase(espo_touched=True, advo_touched=True, never_synced=True)
NEVER_THOUGH_UNTOUCHED = NoBase(espo_touched=False, advo_touched=False, never_synced=True)
ONLY_ESPO = NoBase(espo_touched=True, advo_touched=False)
ONLY_ADVO = NoBase(espo_touched=False, advo_touched=True)


@pytest.mark.parametrize(
    "no_base, espo, advo, case, outcome",
    [
        pytest.param(ONLY_ESPO, "X", "Y", MergeCase.espo_changed, MergeOutcome.to_advoware, id="espocrm-changed"),
        pytest.param(ONLY_ADVO, "X", "Y", MergeCase.advo_changed, MergeOutcome.to_espocrm, id="advoware-changed"),
        pytest.param(
            ONLY_ESPO, None, "Y", MergeCase.espo_changed, MergeOutcome.to_advoware, id="espocrm-changed-and-cleared"
        ),
        pytest.param(
            ONLY_ADVO, "X", None, MergeCase.advo_changed, MergeOutcome.to_espocrm, id="advoware-changed-and-cleared"
        ),
        pytest.param(
            BOTH_TOUCHED, "X", "X", MergeCase.adopted, MergeOutcome.keep, id="both-changed-equal-values-adopted"
        ),
        pytest.param(NEVER, "X", "X", MergeCase.adopted, MergeOutcome.keep, id="never-synced-equal-values-adopted"),
        pytest.param(UNTOUCHED, "X", "X", MergeCase.adopted, MergeOutcome.keep, id="untouched-equal-values-adopted"),
        pytest.param(
            BOTH_TOUCHED, None, "Y", MergeCase.filled, MergeOutcome.to_espocrm, id="both-changed-espocrm-empty"
        ),
        pytest.param(
            BOTH_TOUCHED, "X", None, MergeCase.filled, MergeOutcome.to_advoware, id="both-changed-advoware-empty"
        ),
        pytest.param(NEVER, None, "Y", MergeCase.filled, MergeOutcome.to_espocrm, id="never-synced-espocrm-empty"),
        pytest.param(
            NEVER_THOUGH_UNTOUCHED, "X", None, MergeCase.filled, MergeOutcome.to_advoware, id="never-synced-untouched"
        ),
        pytest.param(
            BOTH_TOUCHED, "X", "Y", MergeCase.both_changed, MergeOutcome.to_advoware, id="both-changed-and-differ"
        ),
        pytest.param(NEVER, "X", "Y", MergeCase.both_changed, MergeOutcome.to_advoware, id="never-synced-and-differ"),
        pytest.param(
            UNTOUCHED, "X", "Y", MergeCase.differs_unsignalled, MergeOutcome.to_advoware, id="differ-unsignalled"
        ),
        pytest.param(
            UNTOUCHED, None, "Y", MergeCase.differs_unsignalled, MergeOutcome.to_espocrm, id="unsignalled-espo-empty"
        ),
        pytest.param(
            UNTOUCHED, "X", None, MergeCase.differs_unsignalled, MergeOutcome.to_advoware, id="unsignalled-advo-empty"
        ),
    ],
)
def test_without_a_base(
    no_base: NoBase, espo: str | None, advo: str | None, case: MergeCase, outcome: MergeOutcome
) -> None:
    comparison = merge(
        filled(FIELDS, titel=espo), filled(FIELDS, titel=advo), base=Base(), no_base=no_base, policy=ESPO_WINS
    )
    assert case_of(comparison, "titel") == (case, outcome)
    is_conflict = case in (MergeCase.both_changed, MergeCase.differs_unsignalled)
    assert [result.field for result in comparison.conflicts] == (["titel"] if is_conflict else [])


@pytest.mark.parametrize("no_base", [BOTH_TOUCHED, NEVER, UNTOUCHED], ids=["both-changed", "never-synced", "untouched"])
@pytest.mark.parametrize(
    "policy, outcome",
    [
        pytest.param(ESPO_WINS, MergeOutcome.to_advoware, id="espocrm_wins"),
        pytest.param(ADVO_WINS, MergeOutcome.to_espocrm, id="advoware_wins"),
        pytest.param(MANUAL, MergeOutcome.hold, id="manual"),
    ],
)
def test_differing_values_without_a_base_go_by_the_policy(
    no_base: NoBase, policy: Policy, outcome: MergeOutcome
) -> None:
    espo, advo = filled(FIELDS, titel="X"), filled(FIELDS, titel="Y")
    comparison = merge(espo, advo, base=Base(), no_base=no_base, policy=policy)
    assert case_of(comparison, "titel")[1] is outcome
    assert comparison.verdict is Verdict.conflict


def test_unsignalled_emptiness_waits_under_manual() -> None:
    comparison = merge(
        filled(FIELDS, titel=None), filled(FIELDS, titel="Y"), base=Base(), no_base=UNTOUCHED, policy=MANUAL
    )
    assert [result.field for result in comparison.held] == ["titel"]


def test_a_field_that_was_never_synced_counts_as_changed_on_both_sides_where_others_were() -> None:
    partial = Base(without(AGREED, "titel"), without(AGREED, "titel"), FIELDS.versions)
    comparison = merge(
        {**AGREED, "titel": "X", "zusatz": "neu"}, {**AGREED, "titel": "Y"}, base=partial, no_base=ONLY_ADVO
    )
    assert case_of(comparison, "titel") == (MergeCase.both_changed, MergeOutcome.to_advoware)
    assert case_of(comparison, "zusatz") == (MergeCase.espo_changed, MergeOutcome.to_advoware)


def test_a_field_whose_base_was_read_by_another_mapping_goes_by_the_signals() -> None:
    older = replace(BASE, versions={**BASE.versions, "titel": "older"})
    comparison = merge({**AGREED, "titel": "X"}, {**AGREED, "titel": "Y"}, base=older, no_base=ONLY_ADVO)
    assert case_of(comparison, "titel") == (MergeCase.advo_changed, MergeOutcome.to_espocrm)


def test_a_changed_mapping_means_no_base_for_that_field() -> None:
    moved = plain(overrides={"titel": "cTitel"})
    values = {**AGREED, "titel": "X"}
    comparison = merge(values, values, fieldmap=moved)
    assert case_of(comparison, "titel") == (MergeCase.adopted, MergeOutcome.keep)
    assert case_of(comparison, "zusatz") == (MergeCase.unchanged, MergeOutcome.keep)


@pytest.mark.parametrize("half", ["espo", "advo"])
def test_half_a_base_is_none(half: str) -> None:
    base = replace(BASE, **{half: without(AGREED, "titel")})
    comparison = merge(AGREED, {**AGREED, "titel": "Y"}, base=base, no_base=ONLY_ESPO)
    assert case_of(comparison, "titel") == (MergeCase.both_changed, MergeOutcome.to_advoware)


# --- What is not compared -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "espo, advo, missing_advo",
    [
        pytest.param(without(AGREED, "titel"), AGREED, (), id="absent-in-espocrm"),
        pytest.param(AGREED, without(AGREED, "titel"), ("titel",), id="absent-in-advoware"),
        pytest.param(without(AGREED, "titel"), without(AGREED, "titel", "anrede"), ("titel", "anrede"), id="both"),
    ],
)
def test_absent_key_is_not_a_value(espo: Values, advo: Values, missing_advo: tuple[str, ...]) -> None:
    comparison = merge(espo, advo)
    assert comparison.verdict is Verdict.no_change
    assert comparison.missing_advo == missing_advo
    assert case_of(comparison, "titel") == (MergeCase.missing, MergeOutcome.keep)


def test_an_edit_made_while_the_other_side_hid_the_field_is_not_forgotten() -> None:
    espo = {**AGREED, "titel": "X"}
    hidden = merge(espo, without(AGREED, "titel"))
    base = rebase(BASE, hidden, espo, without(AGREED, "titel"))
    assert merge(espo, AGREED, base=base).to_advo == {"titel": "X"}


COMPANY = {**AGREED, "name": "Müller GmbH", "rechtsform": "GmbH", "vorname": "Max", "geburtsdatum": "1980-05-17"}
NATURAL = {**COMPANY, "rechtsform": "natürliche Person"}


@pytest.mark.parametrize(
    "espo, advo, base, compared",
    [
        pytest.param(COMPANY, {**COMPANY, "vorname": None, "geburtsdatum": None}, COMPANY, False, id="company"),
        pytest.param(NATURAL, {**NATURAL, "vorname": None, "geburtsdatum": None}, NATURAL, True, id="natural-person"),
        pytest.param(
            {**NATURAL, COMPANY_NAME: "X"},
            {**NATURAL, "vorname": None, "geburtsdatum": None},
            NATURAL,
            False,
            id="firma",
        ),
        pytest.param(
            NATURAL, {**COMPANY, "vorname": None, "geburtsdatum": None}, NATURAL, False, id="becomes-one-in-advoware"
        ),
        pytest.param(
            COMPANY, {**NATURAL, "vorname": None, "geburtsdatum": None}, NATURAL, False, id="becomes-one-in-espocrm"
        ),
        pytest.param(COMPANY, {**NATURAL, "vorname": None, "geburtsdatum": None}, COMPANY, True, id="ceases-to-be-one"),
    ],
)
def test_company_is_judged_on_the_merged_record(espo: Values, advo: Values, base: Values, compared: bool) -> None:
    comparison = merge(espo, advo, base=base_of(without(base, COMPANY_NAME)))
    assert comparison.company is (not compared)
    expected = (
        (MergeCase.advo_changed, MergeOutcome.to_espocrm) if compared else (MergeCase.not_compared, MergeOutcome.keep)
    )
    assert case_of(comparison, "vorname") == case_of(comparison, "geburtsdatum") == expected


def test_a_legal_form_that_waits_for_a_decision_may_be_a_companys() -> None:
    espo = {**AGREED, "rechtsform": "natürliche Person", "vorname": "Max"}
    advo = {**AGREED, "rechtsform": "GmbH", "vorname": None}
    assert case_of(merge(espo, advo, policy=MANUAL), "vorname")[0] is MergeCase.not_compared
    assert case_of(merge(espo, advo, policy=ESPO_WINS), "vorname")[0] is MergeCase.espo_changed


def test_a_companys_first_name_is_no_dispute_in_scope_record() -> None:
    espo, advo = {**COMPANY, "vorname": "Moritz"}, {**COMPANY, "zusatz": "neu"}
    comparison = merge(espo, advo, base=base_of(COMPANY), policy=RECORD)
    assert (comparison.verdict, comparison.to_espo) == (Verdict.advoware_newer, {"zusatz": "neu"})


def test_a_companys_fields_keep_the_base_they_had() -> None:
    advo = {**COMPANY, "vorname": None}
    base = rebase(base_of(NATURAL), merge(COMPANY, advo, base=base_of(NATURAL)), COMPANY, advo)
    assert (base.espo["vorname"], base.advo["vorname"]) == ("Max", "Max")


def test_a_companys_absent_field_is_still_reported() -> None:
    assert merge(COMPANY, without(COMPANY, "vorname"), base=base_of(COMPANY)).missing_advo == ("vorname",)


# --- Translated values ----------------------------------------------------------------------------------------------

TRANSLATED = person(value_map=SALUTATIONS)
HERR = filled(TRANSLATED, name="Müller", anrede="Herr")


@pytest.mark.parametrize(
    "espo, advo, policy",
    [
        pytest.param("Prof.", "Herr", ESPO_WINS, id="chosen-in-espocrm"),
        pytest.param("Herr", "Firma", ESPO_WINS, id="typed-in-advoware"),
        pytest.param("Prof.", "Frau", ESPO_WINS, id="the-winner-of-a-conflict"),
        pytest.param("Frau", "Firma", ADVO_WINS, id="the-other-winner"),
    ],
)
def test_a_value_without_counterpart_is_left_out_and_reported(espo: str, advo: str, policy: Policy) -> None:
    espo_values, advo_values = {**HERR, "anrede": espo}, {**HERR, "anrede": advo}
    base = base_of(HERR, fieldmap=TRANSLATED)
    comparison = merge(espo_values, advo_values, base=base, fieldmap=TRANSLATED, policy=policy)
    assert case_of(comparison, "anrede") == (MergeCase.unmappable, MergeOutcome.keep)
    assert (comparison.verdict, comparison.unmappable) == (Verdict.no_change, ("anrede",))
    assert rebase(base, comparison, espo_values, advo_values, TRANSLATED) == base


def test_a_value_without_counterpart_gives_way_to_one_that_has_one() -> None:
    comparison = merge(
        {**HERR, "anrede": "Frau"},
        {**HERR, "anrede": "Firma"},
        base=base_of(HERR, fieldmap=TRANSLATED),
        fieldmap=TRANSLATED,
    )
    assert comparison.to_advo == {"anrede": "Frau"}
    assert [result.field for result in comparison.conflicts] == ["anrede"]


# --- Our own writes -------------------------------------------------------------------------------------------------


def test_a_forced_conflict_counts_as_changed_on_both_sides() -> None:
    comparison = merge({**AGREED, "titel": "X"}, AGREED, forced_conflicts=frozenset({"titel"}))
    assert case_of(comparison, "titel") == (MergeCase.both_changed, MergeOutcome.to_advoware)
    assert [result.field for result in comparison.conflicts] == ["titel"]


@pytest.mark.parametrize("scope", ["field", "record"])
def test_a_value_that_was_set_back_is_a_conflict_of_its_own_name(scope: Literal["field", "record"]) -> None:
    doubt = frozenset({"titel"})
    comparison = merge(
        {**AGREED, "titel": "X"}, AGREED, forced_conflicts=doubt, set_back=doubt, policy=Policy(scope=scope)
    )
    assert case_of(comparison, "titel") == (MergeCase.set_back, MergeOutcome.to_advoware)
    assert [result.field for result in comparison.conflicts] == ["titel"]


def test_a_forced_conflict_on_equal_values_is_none() -> None:
    comparison = merge(AGREED, AGREED, forced_conflicts=frozenset({"titel"}))
    assert comparison.verdict is Verdict.no_change


@pytest.mark.parametrize(
    "side, to_advo, to_espo",
    [
        pytest.param(Side.advoware, {"titel": "X"}, {}, id="late-in-advoware"),
        pytest.param(Side.espocrm, {}, {"titel": "Y"}, id="late-in-espocrm"),
    ],
)
@pytest.mark.parametrize("policy", [ESPO_WINS, ADVO_WINS, MANUAL, ALL_FROM_ESPO, ALL_FROM_ADVO])
def test_a_late_write_is_corrected_from_the_other_side(
    side: Side, to_advo: Values, to_espo: Values, policy: Policy
) -> None:
    comparison = merge({**AGREED, "titel": "X"}, {**AGREED, "titel": "Y"}, late={"titel": side}, policy=policy)
    assert (comparison.to_advo, comparison.to_espo) == (to_advo, to_espo)
    assert [result.field for result in comparison.cases(MergeCase.late_writer)] == ["titel"]
    assert not comparison.conflicts


# --- The next base --------------------------------------------------------------------------------------------------


def rebase(
    base: Base,
    comparison: Comparison,
    espo: Values,
    advo: Values,
    fieldmap: FieldMap = FIELDS,
    *,
    answer_advo: Values | None = None,
    answer_espo: Values | None = None,
) -> Base:
    return next_base(
        base=base,
        comparison=comparison,
        espo=espo,
        advo=advo,
        answer_advo=answer_advo,
        answer_espo=answer_espo,
        fieldmap=fieldmap,
    )


def test_a_field_that_is_missing_keeps_its_base_and_holds_up_no_other() -> None:
    espo, advo = without({**AGREED, "zusatz": "bei Meier"}, "name"), {**AGREED, "zusatz": "bei Meier"}
    after = rebase(BASE, merge(espo, advo), espo, advo)
    assert (after.espo["name"], after.advo["name"]) == ("Müller", "Müller")
    assert (after.espo["zusatz"], after.advo["zusatz"]) == ("bei Meier", "bei Meier")


ESPO_EDIT = {**AGREED, "titel": "Professor Doktor"}
ADVO_EDIT = {**AGREED, "zusatz": "bei Meier"}
TWO_EDITS = merge(ESPO_EDIT, ADVO_EDIT)


@pytest.mark.parametrize(
    "answer_advo, answer_espo, titel, zusatz",
    [
        pytest.param(
            {**ADVO_EDIT, "titel": "Professor"},
            {**ESPO_EDIT, "zusatz": "bei Meier"},
            ("Professor Doktor", "Professor"),
            ("bei Meier", "bei Meier"),
            id="base-of-the-written-side-from-the-answer",
        ),
        pytest.param(
            {}, {}, ("Professor Doktor",) * 2, ("bei Meier",) * 2, id="answer-without-the-key-is-what-was-sent"
        ),
        pytest.param(
            {**ADVO_EDIT, "titel": None}, {}, ("Professor Doktor", None), ("bei Meier",) * 2, id="ignored-by-the-target"
        ),
        pytest.param({}, None, ("Professor Doktor",) * 2, ("c/o", "c/o"), id="espocrm-not-yet-written"),
        pytest.param(None, {}, ("Dr.", "Dr."), ("bei Meier",) * 2, id="advoware-not-written"),
    ],
)
def test_next_base(
    answer_advo: Values | None,
    answer_espo: Values | None,
    titel: tuple[str | None, str | None],
    zusatz: tuple[str | None, str | None],
) -> None:
    base = rebase(BASE, TWO_EDITS, ESPO_EDIT, ADVO_EDIT, answer_advo=answer_advo, answer_espo=answer_espo)
    assert (base.espo["titel"], base.advo["titel"]) == titel
    assert (base.espo["zusatz"], base.advo["zusatz"]) == zusatz


def test_an_answers_other_fields_do_not_enter_the_base() -> None:
    """Somebody edited the name between our GET and our PUT: the answer shows it, and the next look has to find it."""
    answer = {**ADVO_EDIT, "titel": "Professor Doktor", "name": "Meier"}
    base = rebase(BASE, TWO_EDITS, ESPO_EDIT, ADVO_EDIT, answer_advo=answer, answer_espo={})
    assert base.advo["name"] == "Müller"


def test_the_first_base_is_made_of_what_agreed() -> None:
    comparison = merge(AGREED, AGREED, base=Base())
    assert rebase(Base(), comparison, AGREED, AGREED) == BASE


def test_a_base_of_an_older_mapping_is_renewed_with_its_version() -> None:
    moved = plain(overrides={"titel": "cTitel"})
    base = rebase(BASE, merge(AGREED, AGREED, fieldmap=moved), AGREED, AGREED, moved)
    assert base.versions == moved.versions
    assert BASE.versions == FIELDS.versions


# --- Did it arrive --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer, kept",
    [
        pytest.param({"titel": "X"}, {}, id="taken"),
        pytest.param({"titel": "Dr."}, {"titel": "Dr."}, id="ignored"),
        pytest.param({"titel": None}, {"titel": None}, id="emptied"),
        pytest.param({"titel": "x"}, {"titel": "x"}, id="re-spelled"),
        pytest.param({}, {}, id="answer-says-nothing"),
    ],
)
def test_not_taken(answer: Values, kept: Mapping[str, str | None]) -> None:
    found = not_taken({"titel": "X"}, answer)
    assert {row.field: row.kept for row in found} == kept
    assert all(row.sent == "X" for row in found)


# --- A row of a list ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row, base, known",
    [
        pytest.param(AGREED, BASE, True, id="every-field-equals-its-base"),
        pytest.param({**AGREED, "titel": "X"}, BASE, False, id="a-field-differs"),
        pytest.param(without(AGREED, "titel"), BASE, False, id="a-field-is-absent"),
        pytest.param(AGREED, Base(), False, id="no-base"),
        pytest.param(AGREED, replace(BASE, versions={}), False, id="another-mapping"),
        pytest.param({**COMPANY, "vorname": "anders"}, base_of(COMPANY), True, id="a-companys-first-name"),
    ],
)
def test_matches_base(row: Values, base: Base, known: bool) -> None:
    assert matches_base(row, side=Side.espocrm, base=base, fieldmap=FIELDS) is known


def test_matches_base_looks_at_its_own_side() -> None:
    base = base_of(AGREED, {**AGREED, "titel": "X"})
    assert matches_base({**AGREED, "titel": "X"}, side=Side.advoware, base=base, fieldmap=FIELDS)
    assert not matches_base(AGREED, side=Side.advoware, base=base, fieldmap=FIELDS)


def test_what_is_held_back_is_not_carried_to_espocrm_and_still_counts_as_changed() -> None:
    advo = {**AGREED, "titel": "X", "zusatz": "Y"}
    base = base_of(AGREED)
    kept = holding_back(merge(AGREED, advo), {"titel"})
    assert kept.to_espo == {"zusatz": "Y"}
    assert kept.held == ()
    after = next_base(
        base=base,
        comparison=kept,
        espo=AGREED,
        advo=advo,
        answer_advo=None,
        answer_espo={**AGREED, "zusatz": "Y"},
        fieldmap=FIELDS,
    )
    assert (after.advo["titel"], after.advo["zusatz"]) == (AGREED["titel"], "Y")
    again = merge({**AGREED, "zusatz": "Y"}, advo, base=after)
    assert again.to_espo == {"titel": "X"}


def test_what_goes_to_advoware_is_not_held_back() -> None:
    comparison = merge({**AGREED, "titel": "X"}, AGREED)
    assert holding_back(comparison, {"titel"}) == comparison
