"""Master data of one pair, run against a model: people edit, answers get lost, only echo, or writes land late.

The machine does what a run does (settle, compare, PUT, PATCH, keep the base) with plain dictionaries for the two
systems. Checked all the time: an edit that nobody carried is never overwritten without a log line, and nothing is
written to a side unless somebody changed the other one. Checked at the end: both sides agree, and a further run is
silent. Left out on purpose, since it cannot be had: an edit between our read and our write, and one that a late write
lands on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from syncapp.core.base import Base
from syncapp.core.beteiligte.next_base import next_base, seen_base
from syncapp.core.beteiligte.no_base import NOTHING_KNOWN
from syncapp.core.intents import Intent, Settled, settle, to_be_confirmed
from syncapp.core.sides import Side, Values
from syncapp.core.three_way_merge import BothSides, Comparison, MergeCase, Policy, Verdict, compare
from tests.core.fieldmaps import filled, plain

FIELDS = plain()
KEYS = ("titel", "zusatz", "bAnrede")
# None begins another: an edit that only cuts what was just sent passes for the target's own shortening (intents.py).
TYPED = st.sampled_from([None, "Doktor", "Dozentin", "Magister", "Maga", "PD"])
ADVOWARE_KEEPS = 4


@dataclass
class System:
    """One side: its values, a marker that every write moves, and what it makes of what it is given."""

    values: dict[str, str | None]
    marker: int = 0
    keeps: int | None = None
    # Edits of people that were not carried yet; and the same, with the values, as the last run left them.
    edits: dict[str, str | None] = field(default_factory=dict)
    edits_left: dict[str, str | None] = field(default_factory=dict)
    values_left: dict[str, str | None] = field(default_factory=dict)
    landing: list[dict[str, str | None]] = field(default_factory=list)

    def write(self, sent: Values) -> None:
        self.values |= {key: value and value[: self.keeps] for key, value in sent.items()}
        self.marker += 1
        self.edits = {key: value for key, value in self.edits.items() if key not in sent}

    def edit(self, key: str, value: str | None) -> None:
        self.values[key] = value
        self.marker += 1
        self.edits[key] = value
        if value == self.values_left.get(key):  # taken back before anybody looked
            self.edits.pop(key)
            if key in self.edits_left:
                self.edits[key] = self.edits_left[key]

    def left(self, there: Values) -> None:
        """A run is over: what it saw on the other side is carried; what a write without an answer brought may be."""
        self.edits = {key: value for key, value in self.edits.items() if not _carried(value, there[key])}
        self.edits_left, self.values_left = dict(self.edits), dict(self.values)


Answers = Callable[[Side, Values], bool]


def _always(side: Side, sent: Values) -> bool:
    return True


class MasterData(RuleBasedStateMachine):
    @initialize(espo=st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, TYPED)), shortens=st.booleans())
    def start(self, espo: dict[str, str | None], shortens: bool) -> None:
        self.sides = {
            Side.espocrm: System(filled(FIELDS, name="Müller", **espo)),
            Side.advoware: System(filled(FIELDS, name="Müller"), keeps=ADVOWARE_KEEPS if shortens else None),
        }
        self.base = Base()
        self.intents: list[Intent] = []
        self.superseded: list[Intent] = []
        self.run()

    # --- What people do ---------------------------------------------------------------------------------------------

    @rule(side=st.sampled_from(Side), key=st.sampled_from(KEYS), value=TYPED)
    def somebody_edits(self, side: Side, key: str, value: str | None) -> None:
        self.sides[side].edit(key, value)
        ours = [*self.intents, *self.superseded]
        if any((intent.side, intent.field, intent.sent) == (side, key, value) for intent in ours):
            # Just what we sent there ourselves: nobody can tell it from our own write, and it says the same.
            self.sides[side].edits.pop(key, None)

    # --- What a run does --------------------------------------------------------------------------------------------

    @rule()
    def run(self) -> None:
        self._run(_always)

    @rule()
    def run_with_an_answer_that_only_echoes(self) -> None:
        self._run(_always, echo=Side.advoware)

    @rule(lost=st.sampled_from(Side), applied=st.booleans())
    def run_whose_answer_is_lost(self, lost: Side, applied: bool) -> None:
        def answers(side: Side, sent: Values) -> bool:
            if side is not lost:
                return True
            if applied:
                self.sides[side].write(sent)
            return False

        self._run(answers)

    @precondition(lambda self: self.sides[Side.advoware].keeps is None)
    @rule(slow=st.sampled_from(Side))
    def run_that_loses_its_lease_while_its_write_is_under_way(self, slow: Side) -> None:
        def answers(side: Side, sent: Values) -> bool:
            if side is slow:
                self.sides[side].landing.append(dict(sent))
            return side is not slow

        self._run(answers)
        self.superseded += [intent for intent in self.intents if intent.phase == "sent"]

    @rule(side=st.sampled_from(Side))
    def a_late_write_lands(self, side: Side) -> None:
        system = self.sides[side]
        if system.landing:
            system.write(system.landing.pop(0))

    def teardown(self) -> None:
        if not hasattr(self, "sides"):
            return
        for side in Side:
            while self.sides[side].landing:
                self.a_late_write_lands(side)
        self.run()
        self.run()
        self.superseded = []
        last = self._run(_always)
        assert last.verdict is Verdict.no_change
        assert not self.intents
        espo, advo = self.sides[Side.espocrm].values, self.sides[Side.advoware].values
        keeps = self.sides[Side.advoware].keeps
        assert all(advo[key] in (espo[key], espo[key] and espo[key][:keeps]) for key in KEYS)

    # --- A run, step by step ----------------------------------------------------------------------------------------

    def _run(self, answers: Answers, echo: Side | None = None) -> Comparison:
        """A run in which `answers` decides, for each write, whether its answer comes."""
        read = {side: dict(system.values) for side, system in self.sides.items()}
        comparison = self._decide(read)
        self._check(comparison)
        answer: dict[Side, Values] = {}
        self._keep_base(comparison, read, answer)  # what both agree on, before anything is written
        for side, sent in ((Side.advoware, comparison.to_advo), (Side.espocrm, comparison.to_espo)):
            if sent and not answers(side, sent):
                self.intents += self._intents(side, sent, read)
                break
            if sent:
                intents = self._intents(side, sent, read)
                self.sides[side].write(sent)
                answer[side] = sent if echo is side else dict(self.sides[side].values)
                if side is Side.advoware:  # EspoCRM's answers are known to show what it holds
                    marker = str(self.sides[side].marker)
                    self.intents += to_be_confirmed(intents, answer=answer[side], marker=marker)
            self._keep_base(comparison, read, answer)
        for side, system in self.sides.items():
            system.left({**read[side.other], **answer.get(side.other, {})})
        return comparison

    def _decide(self, read: dict[Side, dict[str, str | None]]) -> Comparison:
        looks: dict[Side, Settled] = {}
        for side in Side:
            looks[side] = settle(
                side=side,
                intents=self.intents,
                superseded=self.superseded,
                values=read[side],
                marker_now=str(self.sides[side].marker),
                base=self.base,
                versions=FIELDS.versions,
            )
            self.base = looks[side].base
        self.intents = []
        sides = BothSides(
            espo=read[Side.espocrm],
            advo=read[Side.advoware],
            base=self.base,
            fieldmap=FIELDS,
            no_base=NOTHING_KNOWN,
            forced_conflicts=looks[Side.espocrm].conflicts | looks[Side.advoware].conflicts,
            late={key: side for side, look in looks.items() for key in look.late},
        )
        return compare(sides, Policy())

    def _intents(self, side: Side, sent: Values, read: dict[Side, dict[str, str | None]]) -> list[Intent]:
        marker = str(self.sides[side].marker)
        return [
            Intent(side, key, value, before=read[side][key], other=read[side.other][key], marker=marker)
            for key, value in sent.items()
        ]

    def _keep_base(
        self, comparison: Comparison, read: dict[Side, dict[str, str | None]], answer: dict[Side, Values]
    ) -> None:
        sides = BothSides(read[Side.espocrm], read[Side.advoware], self.base, FIELDS, NOTHING_KNOWN)
        seen = seen_base(sides, comparison)
        self.base = next_base(
            base=seen,
            comparison=comparison,
            espo=read[Side.espocrm],
            advo=read[Side.advoware],
            answer_advo=answer.get(Side.advoware),
            answer_espo=answer.get(Side.espocrm),
            fieldmap=FIELDS,
        )

    # --- What must hold ---------------------------------------------------------------------------------------------

    def _check(self, comparison: Comparison) -> None:
        logged = {result.field for result in comparison.conflicts}
        ours = {result.field for result in comparison.cases(MergeCase.late_writer)}
        for side, sent in ((Side.advoware, comparison.to_advo), (Side.espocrm, comparison.to_espo)):
            system, other = self.sides[side], self.sides[side.other]
            for key, value in sent.items():
                # Back at what both sides last agreed on, the edits made since come to nothing.
                lost = key in system.edits and system.edits[key] != self.base.of(side).get(key)
                if lost and not _carried(system.edits[key], value):
                    assert key in logged, f"the edit of {key} in {side} is lost in silence"
                if key not in logged and key not in ours and self.base.holds(key, FIELDS):
                    assert key in other.edits, f"{key} of {side.other} flows to {side} though nobody touched it"


def _carried(edit: str | None, there: str | None) -> bool:
    return edit == there or (edit is not None and there is not None and edit.startswith(there))


TestMasterData = MasterData.TestCase
