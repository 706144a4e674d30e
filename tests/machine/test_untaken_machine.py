"""The machine of contact points once more, with an Advoware that says yes to a write and keeps another value.

Such an entry is told of at every run and never settles by itself; all else that the sync promises holds around it. It
takes a run more to settle, since what Advoware kept instead is seen with the next look.
"""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from syncapp.core.kommunikation.kinds import Form, form_of
from syncapp.core.kommunikation.shapes import Entry, PutEntry, ReportCode
from syncapp.core.parts import Direction
from tests.core.kommunikation.test_not_taken import keeps
from tests.machine.model import REGION, Run
from tests.machine.test_kommunikation_machine import TYPES, ContactsMachine, advo_values, espo_values, picks

LOOKS = 3


class UntakenMachine(ContactsMachine):
    @precondition(lambda self: self.world.espo.items)
    @rule(pick=picks, value=espo_values)
    def a_change_is_not_taken(self, pick: int, value: str) -> None:
        self.settles()
        if self.world.espo.items:
            self.espo_changes(pick=pick, value=value)
            self._sync_untaken()

    @precondition(lambda self: self.world.espo.items)
    @rule(pick=picks)
    def a_deletion_is_not_taken(self, pick: int) -> None:
        self.settles()
        if self.world.espo.items:
            self.espo_deletes(pick=pick)
            self._sync_untaken()

    @rule(value=espo_values, type=st.sampled_from(TYPES))
    def a_slot_stays_empty(self, value: str, type: str) -> None:
        self.espo_adds(value=value, type=type)
        self._sync_untaken()

    @precondition(lambda self: self.world.held())
    @rule(pick=picks, value=st.one_of(advo_values, st.none()))
    def what_was_kept_is_changed(self, pick: int, value: str | None) -> None:
        held = sorted(self.world.held())
        old = self.world.advo.form(held[pick % len(held)])
        if old != form_of(value, REGION):
            self.world.advo.edit(held[pick % len(held)], tlf=value)
            self._left_advo(old, becomes=value)
            self._came_to_advo(held[pick % len(held)])

    def _left_advo(self, form: Form | None, *, becomes: str | None) -> None:
        """What stands on only where Advoware keeps it instead of another value is nobody's any more."""
        super()._left_advo(form, becomes=becomes)
        if form and set(self.world.advo.holders(form)) <= self.world.held():
            self.alive.discard(form)

    def _sync_untaken(self) -> None:
        """Advoware answers the first write of another value with a good status, and keeps its own."""
        changes = iter(range(100))

        def is_the_first(write: PutEntry) -> bool:
            held: Entry = self.world.advo.entries[write.entry_id]
            return (held.tlf or "") != write.tlf and next(changes) == 0

        heal = keeps(self.world, when=is_the_first)
        self._sync(Direction.both)
        heal()

    def _come_to_rest(self) -> None:
        for _ in range(LOOKS):
            run = self._sync(Direction.both)
            assert run is not None
            if run.is_silent:
                break

    def _only_there(self, run: Run) -> set[int | None]:
        return super()._only_there(run) | _kept(run)

    def _check_people(self, run: Run) -> None:
        """What Advoware keeps instead is nobody's deleted value that came back."""
        theirs: set[Form] = {form for one in _kept(run) if one and (form := self.world.advo.form(one))}
        self.gone -= theirs
        super()._check_people(run)


def _kept(run: Run) -> set[int | None]:
    return {report.entry_id for report in run.reports if report.code is ReportCode.not_taken}


TestUntakenMachine = UntakenMachine.TestCase
