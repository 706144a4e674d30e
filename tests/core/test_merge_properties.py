"""What holds for any records, bases, policies and targets, not only for the rows of the tables."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import assume, given
from hypothesis import strategies as st

from syncapp.core.base import Base, NoBase, not_taken
from syncapp.core.beteiligte.field_table import MAPPING, FieldMap
from syncapp.core.beteiligte.next_base import next_base, seen_base
from syncapp.core.intents import Intent, settle
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import BothSides, Comparison, MergeCase, MergeOutcome, Policy, Verdict, compare
from tests.core.fieldmaps import plain

FIELDS = plain()
TEXTS = st.sampled_from([None, "a", "abc", "abcdef", "ABC", "xyz"])
FORMS = st.sampled_from([None, "GmbH", "AG", "natürliche Person"])
DAYS = st.sampled_from([None, "1980-05-17", "2001-01-05"])
KIND_VALUES = {"rechtsform": FORMS, "geburtsdatum": DAYS}
WHOLE = st.fixed_dictionaries({row.key: KIND_VALUES.get(row.key, TEXTS) for row in MAPPING})
PARTIAL = st.fixed_dictionaries({}, optional={row.key: KIND_VALUES.get(row.key, TEXTS) for row in MAPPING})
SIGNALS = st.builds(NoBase, st.booleans(), st.booleans(), st.booleans())
RULES = ["espocrm_wins", "advoware_wins", "manual"]
POLICIES = st.builds(
    Policy,
    scope=st.sampled_from(["field", "record"]),
    by_group=st.dictionaries(st.sampled_from(["*", "stammdaten", "titel"]), st.sampled_from(RULES)),
)
OVERRIDES = st.sampled_from([None, "everything_from_espocrm", "everything_from_advoware"])


@st.composite
def bases(draw: st.DrawFn) -> Base:
    """Any base: fields without one, half ones, and some of an older mapping."""
    old = draw(st.sets(st.sampled_from([row.key for row in MAPPING]), max_size=2))
    versions = {key: "older" if key in old else version for key, version in FIELDS.versions.items()}
    return Base(draw(PARTIAL), draw(PARTIAL), versions)


@dataclass(frozen=True)
class Pair:
    espo: Values
    advo: Values
    base: Base
    no_base: NoBase
    policy: Policy
    fieldmap: FieldMap = FIELDS

    @property
    def sides(self) -> BothSides:
        return BothSides(self.espo, self.advo, self.base, self.fieldmap, self.no_base)

    def compare(self) -> Comparison:
        return compare(self.sides, self.policy)


PAIRS = st.builds(Pair, espo=PARTIAL, advo=PARTIAL, base=bases(), no_base=SIGNALS, policy=POLICIES)
WHOLE_PAIRS = st.builds(Pair, espo=WHOLE, advo=WHOLE, base=bases(), no_base=SIGNALS, policy=POLICIES)

Target = Callable[[str | None, str | None], str | None]
# What a system makes of a value that it is given, and of the one it had.
TARGETS: dict[str, Target] = {
    "takes": lambda had, given_value: given_value,
    "ignores": lambda had, given_value: had,
    "shortens": lambda had, given_value: given_value and given_value[:2],
    "recases": lambda had, given_value: given_value and given_value.swapcase(),
    "empties": lambda had, given_value: None,
}
SYSTEMS = st.fixed_dictionaries({row.key: st.sampled_from(sorted(TARGETS)) for row in MAPPING})
FAITHFUL = {row.key: "takes" for row in MAPPING}


def write(held: Values, sent: Values, system: dict[str, str]) -> Values:
    return {**held, **{key: TARGETS[system[key]](held[key], value) for key, value in sent.items()}}


def apply(pair: Pair, espo_system: dict[str, str], advo_system: dict[str, str], *, echo: bool = False) -> Pair:
    """One sync: carry, let each target do what it does, and keep the base. echo: Advoware repeats what it was sent."""
    comparison = pair.compare()
    advo = write(pair.advo, comparison.to_advo, advo_system)
    espo = write(pair.espo, comparison.to_espo, espo_system)
    seen = seen_base(pair.sides, comparison)
    base = next_base(
        base=seen,
        comparison=comparison,
        espo=pair.espo,
        advo=pair.advo,
        answer_advo={**advo, **comparison.to_advo} if echo else advo,
        answer_espo=espo,
        fieldmap=pair.fieldmap,
    )
    return replace(pair, espo=espo, advo=advo, base=base)


def mirrored(pair: Pair) -> Pair:
    swapped = {"espocrm_wins": "advoware_wins", "advoware_wins": "espocrm_wins", "manual": "manual"}
    default = {"*": "espocrm_wins"}
    return replace(
        pair,
        espo=pair.advo,
        advo=pair.espo,
        base=Base(pair.base.advo, pair.base.espo, pair.base.versions),
        no_base=NoBase(pair.no_base.advo_touched, pair.no_base.espo_touched, pair.no_base.never_synced),
        policy=replace(pair.policy, by_group={k: swapped[v] for k, v in {**default, **pair.policy.by_group}.items()}),
    )


def without_default(pair: Pair) -> Pair:
    """The default policy is EspoCRM's; only a rule that is spelled out can be mirrored."""
    return replace(pair, policy=replace(pair.policy, by_group={"*": "espocrm_wins", **pair.policy.by_group}))


MIRRORED_CASES = {MergeCase.espo_changed: MergeCase.advo_changed, MergeCase.advo_changed: MergeCase.espo_changed}


@given(PAIRS)
def test_neither_side_is_special_but_for_the_policy(pair: Pair) -> None:
    one, other = without_default(pair).compare(), mirrored(pair).compare()
    assert (one.to_advo, one.to_espo) == (other.to_espo, other.to_advo)
    assert [MIRRORED_CASES.get(r.case, r.case) for r in one.results] == [r.case for r in other.results]
    assert {r.field for r in one.conflicts} == {r.field for r in other.conflicts}
    assert {r.field for r in one.held} == {r.field for r in other.held}
    assert one.company is other.company


@given(WHOLE_PAIRS)
def test_nothing_that_is_on_one_side_alone_is_lost_where_both_may_have_changed(pair: Pair) -> None:
    pair = replace(pair, base=Base(), no_base=NoBase(espo_touched=True, advo_touched=True))
    after = apply(pair, FAITHFUL, FAITHFUL)
    held = {result.field for result in pair.compare().results if result.case is MergeCase.not_compared}
    for key in pair.espo:
        alone = {pair.espo[key], pair.advo[key]} - {None}
        if len(alone) == 1 and key not in held:
            assert {after.espo[key], after.advo[key]} == alone


def edits(pair: Pair) -> dict[str, list[str | None]]:
    """Per field, the values that somebody typed since the last sync, as far as base or signals tell."""
    found: dict[str, list[str | None]] = {}
    for key in pair.espo:
        if pair.base.holds(key, FIELDS):
            touched = (pair.espo[key] != pair.base.espo[key], pair.advo[key] != pair.base.advo[key])
        else:
            signals = pair.no_base
            touched = (
                signals.espo_touched or signals.never_synced,
                signals.advo_touched or signals.never_synced,
            )
        found[key] = [value for value, by in zip((pair.espo[key], pair.advo[key]), touched, strict=True) if by]
    return found


@given(WHOLE_PAIRS, OVERRIDES)
def test_an_edit_that_is_overwritten_is_logged(pair: Pair, override) -> None:
    pair = replace(pair, policy=replace(pair.policy, override=override))
    comparison, after = pair.compare(), apply(pair, FAITHFUL, FAITHFUL)
    logged = {result.field for result in comparison.conflicts}
    # Two empty-handed sides of a pair without a base: that one of them is empty is no edit to keep.
    filled = {result.field for result in comparison.cases(MergeCase.filled)}
    for key, typed in edits(pair).items():
        for value in typed:
            if value not in (after.espo[key], after.advo[key]) and not (key in filled and value is None):
                assert key in logged


@given(WHOLE_PAIRS, SYSTEMS, SYSTEMS)
def test_a_second_comparison_carries_nothing_whatever_the_targets_did(
    pair: Pair, espo_system: dict[str, str], advo_system: dict[str, str]
) -> None:
    held = {result.field for result in pair.compare().held}
    after = apply(pair, espo_system, advo_system)
    again = after.compare()
    assert (again.to_advo, again.to_espo) == ({}, {})
    assert {result.field for result in again.conflicts} <= held
    if not held:
        assert again.verdict is Verdict.no_change


@given(WHOLE_PAIRS, SYSTEMS, SYSTEMS)
def test_the_base_of_a_quiet_pair_is_a_fixpoint(
    pair: Pair, espo_system: dict[str, str], advo_system: dict[str, str]
) -> None:
    once = apply(pair, espo_system, advo_system)
    assert apply(once, espo_system, advo_system) == once


@given(WHOLE_PAIRS, SYSTEMS)
def test_an_answer_that_only_echoes_is_put_right_at_the_next_look(pair: Pair, advo_system: dict[str, str]) -> None:
    sent = pair.compare().to_advo
    after = apply(pair, FAITHFUL, advo_system, echo=True)
    intents = [
        Intent(Side.advoware, key, value, pair.advo[key], pair.espo[key], "r2", "answered")
        for key, value in sent.items()
    ]
    look = settle(
        side=Side.advoware, intents=intents, superseded=[], values=after.advo, marker_now="r2", base=after.base
    )
    again = replace(after, base=look.base).compare()
    assert (again.to_advo, again.to_espo) == ({}, {})


@given(WHOLE, bases(), SIGNALS, POLICIES, OVERRIDES, st.sets(st.sampled_from([row.key for row in MAPPING])))
def test_values_that_agree_are_never_a_conflict(
    values: Values, base: Base, no_base: NoBase, policy: Policy, override, forced: set[str]
) -> None:
    late = dict.fromkeys(forced, Side.advoware)
    sides = BothSides(values, values, base, FIELDS, no_base, forced_conflicts=frozenset(forced), late=late)
    comparison = compare(sides, replace(policy, override=override))
    assert comparison.verdict is Verdict.no_change
    assert not comparison.conflicts
    assert not comparison.held


RENAMED = st.sets(st.sampled_from([row.key for row in MAPPING])).map(
    lambda keys: plain(overrides={key: f"c{key}" for key in keys})
)


@given(WHOLE, RENAMED, SIGNALS, POLICIES)
def test_a_changed_mapping_does_no_harm_to_equal_sides(
    values: Values, renamed: FieldMap, no_base: NoBase, policy: Policy
) -> None:
    before = Pair(values, values, Base(values, values, FIELDS.versions), no_base, policy)
    moved = replace(before, fieldmap=renamed)
    assert moved.compare().verdict is Verdict.no_change
    after = apply(moved, FAITHFUL, FAITHFUL)
    assert all(after.base.holds(key, renamed) for key in values if moved_is_compared(moved, key))
    assert (after.espo, after.advo) == (values, values)


def moved_is_compared(pair: Pair, key: str) -> bool:
    return all(result.case is not MergeCase.not_compared for result in pair.compare().results if result.field == key)


@given(WHOLE, RENAMED, st.sampled_from(["titel", "zusatz", "name"]), st.booleans())
def test_one_sided_edits_merge_under_a_changed_mapping_as_under_the_old_one(
    values: Values, renamed: FieldMap, key: str, in_espo: bool
) -> None:
    """With true signals: no base for a field and a base for it come to the same."""
    edited = {**values, key: "edited"}
    espo, advo = (edited, values) if in_espo else (values, edited)
    pair = Pair(espo, advo, Base(values, values, FIELDS.versions), NoBase(in_espo, not in_espo), Policy())
    old, new = pair.compare(), replace(pair, fieldmap=renamed).compare()
    assert (old.verdict, old.to_advo, old.to_espo) == (new.verdict, new.to_advo, new.to_espo)


@given(WHOLE_PAIRS)
def test_manual_holds_exactly_the_fields_in_conflict(pair: Pair) -> None:
    manual = replace(pair, policy=Policy(by_group={"*": "manual"})).compare()
    espo_wins = replace(pair, policy=Policy()).compare()
    assert [r.field for r in manual.held] == [r.field for r in manual.conflicts]
    # A conflict can be about the legal form: while it waits, the record is treated as a company.
    if manual.company is espo_wins.company:
        assert [r.field for r in manual.held] == [r.field for r in espo_wins.conflicts]
        settled = {r.field for r in espo_wins.conflicts}
        assert manual.to_advo == {key: value for key, value in espo_wins.to_advo.items() if key not in settled}
        assert manual.to_espo == {key: value for key, value in espo_wins.to_espo.items() if key not in settled}


@given(WHOLE_PAIRS, st.booleans())
def test_a_held_conflict_closes_itself_when_the_sides_agree(pair: Pair, espo_gives_way: bool) -> None:
    pair = replace(pair, policy=Policy(by_group={"*": "manual"}))
    held = {result.field for result in pair.compare().held}
    assume(held)
    after = apply(pair, FAITHFUL, FAITHFUL)
    waiting = after.compare()
    assert {result.field for result in waiting.held} == held - {
        result.field for result in waiting.results if result.case is MergeCase.not_compared
    }
    agreed = after.advo if espo_gives_way else after.espo
    closed = replace(after, espo=agreed, advo=agreed).compare()
    assert closed.verdict is Verdict.no_change
    assert not closed.held


@given(WHOLE_PAIRS, st.builds(NoBase, st.booleans(), st.booleans(), st.booleans()))
def test_what_the_signals_say_holds_whatever_they_say_afterwards(pair: Pair, later: NoBase) -> None:
    """A write of ours moves them; a run that came to nothing decides as the one before it."""
    pair = replace(pair, policy=replace(pair.policy, scope="field"))
    first = pair.compare()
    seen = seen_base(pair.sides, first)
    second = replace(pair, base=seen, no_base=later).compare()
    assume(second.company is first.company)
    compared = {result.field for result in first.results if result.case is not MergeCase.not_compared}
    assert (dict(second.to_advo), dict(second.to_espo)) == (dict(first.to_advo), dict(first.to_espo))
    assert {result.field for result in second.held} & compared == {result.field for result in first.held} & compared


@given(PAIRS)
def test_each_field_has_one_result_and_at_most_one_direction(pair: Pair) -> None:
    comparison = pair.compare()
    assert [result.field for result in comparison.results] == [row.key for row in MAPPING]
    assert not set(comparison.to_advo) & set(comparison.to_espo)
    for result in comparison.results:
        assert (result.field in comparison.to_advo) == (result.outcome is MergeOutcome.to_advoware)
        assert (result.field in comparison.to_espo) == (result.outcome is MergeOutcome.to_espocrm)
        assert (result.field in pair.espo and result.field in pair.advo) == (result.case is not MergeCase.missing)


@given(WHOLE, WHOLE)
def test_what_the_answer_shows_otherwise_is_what_was_not_taken(sent: Values, answer: Values) -> None:
    differing = {key for key in sent if sent[key] != answer[key]}
    assert {row.field for row in not_taken(sent, answer)} == differing
