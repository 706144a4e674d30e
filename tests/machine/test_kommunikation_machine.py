"""A state machine over the contact plan: people on both sides, syncs in every direction, faults at each step.

Each machine is a random story. Whatever happened, `settle` then demands what the sync promises: both sides agree on
every contact point that EspoCRM can hold, nothing is lost in silence, nothing stands twice, what was deleted stays
deleted, people's remarks are whole, one run settles everything and the next writes nothing.
"""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import Form, espo_spelling, form_of
from syncapp.core.kommunikation.knowledge import cut_write
from syncapp.core.kommunikation.shapes import KommPolicy, Link, OnConflict, PostEntry, ReportCode, TypeChange, Variant
from syncapp.core.parts import Direction
from tests.machine.model import REGION, Crash, Lost, Run, World

PHONES = ("+49511123451", "0511/123451", "0511 123452", "+49 511 123453", "0171 1234567", "491717654321")
EMAILS = ("a@example.org", "A@Example.org", "b@example.org")
BAD = ("0511 999999", "0511 999998")
ODDITIES = ("siehe Akte", "www.example.org", "müller@example.org", "12", *BAD)
# What EspoCRM refuses though nothing about it looks odd.
REFUSED = {form for value in BAD if (form := form_of(value, REGION))}
REMARKS = ("", "Sekretariat", "nur vormittags [ESPOCRM:kaputt:1]", "  eingerückt\nzweite Zeile")
TYPES = ("Office", "Mobile", "Home", "Fax", "Other")
ONLY_THERE = {
    ReportCode.not_representable,
    ReportCode.over_maximum,
    ReportCode.refused,
    ReportCode.frozen,
    ReportCode.let_go,
}

picks = st.integers(0, 11)
espo_values = st.sampled_from([espo_spelling(value, REGION) or "" for value in (*PHONES, *EMAILS)])
advo_values = st.sampled_from((*PHONES, *EMAILS, *ODDITIES))


class ContactsMachine(RuleBasedStateMachine):
    """Random stories, and a ghost that knows what has to come of them.

    alive: values that people put somewhere and nobody took away since. in_step: values that both sides hold since the
    last settled sync. gone: those of them that people deleted. texts: people's own remarks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.alive: set[Form] = set()
        self.gone: set[Form] = set()
        self.in_step: set[Form] = set()
        self.texts: dict[int, str] = {}

    @initialize(
        on_conflict=st.sampled_from(OnConflict),
        type_change=st.sampled_from(TypeChange),
        maximum=st.sampled_from([None, None, 3]),
        remark_max=st.sampled_from([None, None, 45, 12]),
    )
    def an_installation(
        self, on_conflict: OnConflict, type_change: TypeChange, maximum: int | None, remark_max: int | None
    ) -> None:
        self.world.policy = KommPolicy(on_conflict, type_change)
        self.world.espo.max_phones = maximum
        self.world.advo.remark_max = remark_max
        self.world.espo.refuses = set(REFUSED)

    # --- people in EspoCRM

    @rule(value=espo_values, type=st.sampled_from(TYPES))
    def espo_adds(self, value: str, type: str) -> None:
        form = form_of(value, REGION)
        assert form
        if form not in self.world.espo.items:
            self._came_to_espo(self.world.espo.add(value, type))

    @precondition(lambda self: self.world.espo.items)
    @rule(pick=picks)
    def espo_deletes(self, pick: int) -> None:
        form = self._item(pick)
        self.world.espo.remove(form)
        self._went(form)

    @precondition(lambda self: self.world.espo.items)
    @rule(pick=picks, value=espo_values)
    def espo_changes(self, pick: int, value: str) -> None:
        old, new = self._item(pick), form_of(value, REGION)
        if not new or new in self.world.espo.items:
            return
        item = replace(self.world.espo.items[old], value=value, medium=new.medium)
        item = replace(item, type=item.type or "Office" if new.medium == "phone" else None)
        self.world.espo.put(item, replaces=old)
        self._went(old)
        if new in self.world.espo.items:
            self._came_to_espo(new)

    @precondition(lambda self: self.world.espo.items)
    @rule(pick=picks, type=st.sampled_from(TYPES), elsewhere=st.booleans())
    def type_changes(self, pick: int, type: str, elsewhere: bool) -> None:
        form = self._item(pick)
        if form.medium == "phone":
            self.world.espo.change_type(form, type, elsewhere=elsewhere)

    # --- people in Advoware

    @rule(value=advo_values, remark=st.sampled_from(REMARKS))
    def advo_adds(self, value: str, remark: str) -> None:
        entry_id = self.world.advo.add(value, remark=remark)
        self._remember_text(entry_id)
        self._came_to_advo(entry_id)

    @precondition(lambda self: self.world.advo.entries)
    @rule(pick=picks, value=st.one_of(advo_values, st.none()))
    def advo_changes(self, pick: int, value: str | None) -> None:
        entry_id = self._entry(pick)
        old = self.world.advo.form(entry_id)
        if old == form_of(value, REGION):
            return
        self.world.advo.edit(entry_id, tlf=value)
        self._left_advo(old, becomes=value)
        self._came_to_advo(entry_id)

    @precondition(lambda self: self.world.advo.entries)
    @rule(pick=picks)
    def advo_deletes(self, pick: int) -> None:
        entry_id = self._entry(pick)
        old, known_as = self.world.advo.form(entry_id), self._known_as(entry_id)
        self.world.advo.remove(entry_id)
        self.texts.pop(entry_id, None)
        self._left_advo(old, becomes=None)
        # What a run was moving elsewhere is not what went with its entry; nor can anybody tell who took it away.
        bases = [one.pending.base for one in self.world.links if one.entry_id is None and one.pending]
        moving = {base.form for base in bases if base}
        if known_as not in moving:
            self._left_advo(known_as, becomes=None)
        if old in moving:
            self.gone.discard(old)

    @precondition(lambda self: self.world.advo.entries)
    @rule(pick=picks, value=st.one_of(st.none(), advo_values))
    def advo_copies(self, pick: int, value: str | None) -> None:
        """With its remark, marker and all; perhaps with another value."""
        entry = self.world.advo.entries[self._entry(pick)]
        entry_id = self.world.advo.add(value or entry.tlf, remark=entry.bemerkung)
        # A remark in which nobody has written is ours, and what Advoware has cut of it nobody's text.
        if entry.id in self.texts:
            self._remember_text(entry_id)
        self._came_to_advo(entry_id)

    @precondition(lambda self: self.world.advo.entries)
    @rule(pick=picks, text=st.sampled_from(REMARKS), keep_marker=st.booleans())
    def advo_writes_remark(self, pick: int, text: str, keep_marker: bool) -> None:
        entry_id = self._entry(pick)
        found = markers.parse(self.world.advo.entries[entry_id].bemerkung).found
        remark = f"{text} {found.text}" if found and keep_marker else text
        self.world.advo.edit(entry_id, bemerkung=remark)
        self._remember_text(entry_id)

    # --- runs and faults

    @rule(direction=st.sampled_from(Direction))
    def syncs(self, direction: Direction) -> None:
        self._sync(direction)

    @rule(direction=st.sampled_from(Direction), step=st.integers(1, 14))
    def crashes(self, direction: Direction, step: int) -> None:
        self.world.crash_at = step
        self._sync(direction)
        self.world.crash_at = None

    @rule(direction=st.sampled_from(Direction), step=st.integers(1, 8))
    def a_write_is_not_answered(self, direction: Direction, step: int) -> None:
        self.world.lost_at = 2 * step - 1
        self._sync(direction)
        self.world.lost_at = None

    @precondition(lambda self: self.world.late)
    @rule()
    def what_was_late_lands(self) -> None:
        """What people had typed over it before any look is gone unseen: nobody can help that."""
        held = {entry_id: self.world.advo.form(entry_id) for entry_id in self.world.advo.entries}
        entry_id = self.world.lands()
        if entry_id in held:
            self._lose(held[entry_id])
        cut = any(
            link.entry_id == entry_id and cut_write(link, self.world.advo.entries[link.entry_id])
            for link in self.world.links
        )
        if entry_id in self.texts and not cut:  # the beginning of a mark is nobody's remark
            self._remember_text(entry_id)

    @rule(step=st.integers(1, 8))
    def a_write_is_forbidden(self, step: int) -> None:
        self.world.forbidden = {2 * step - 1}
        self._sync(Direction.both)
        self.world.forbidden = set()

    @rule(direction=st.sampled_from(Direction), value=espo_values)
    def someone_edits_meanwhile(self, direction: Direction, value: str) -> None:
        def edit() -> None:
            self.espo_adds(value, "Office")

        self.world.before_patch = edit
        self._sync(direction)
        self.world.before_patch = None

    @rule()
    def database_is_lost(self) -> None:
        for link in self.world.links:
            # A remark that Advoware cut a moment ago was whole only in our database.
            if link.entry_id in self.texts and cut_write(link, self.world.advo.entries[link.entry_id]):
                self._remember_text(link.entry_id)
        self.world.lose_database()
        self.in_step, self.gone = set(), set()

    @rule()
    def settles(self) -> None:
        self._settle()

    def teardown(self) -> None:
        self._settle()

    @invariant()
    def no_marker_is_lost_on_the_way(self) -> None:
        """A link never points to two entries, nor two links to one."""
        ids = [link.entry_id for link in self.world.links if link.entry_id is not None]
        assert len(ids) == len(set(ids))

    # --- the ghost

    def _item(self, pick: int) -> Form:
        forms = sorted(self.world.espo.items)
        return forms[pick % len(forms)]

    def _entry(self, pick: int) -> int:
        ids = sorted(self.world.advo.entries)
        return ids[pick % len(ids)]

    def _known_as(self, entry_id: int) -> Form | None:
        """The value that its link stands for, whatever it holds: it goes with the entry. That a link was made from a
        copied marker, after the database was lost, nobody can see; what Advoware never took, nobody there can take
        away."""
        bases = [link.base for link in self.world.links if link.entry_id == entry_id]
        return next((base.form for base in bases if base and base.not_taken is None), None)

    def _bases(self) -> set[Form]:
        """What our links, or the markers where there are none, still take for synced."""
        if self.world.links:
            pending = [link.pending.base for link in self.world.links if link.pending]
            bases = [link.base for link in self.world.links] + pending
            return {base.form for base in bases if base}
        found = [markers.parse(entry.bemerkung).marker for entry in self.world.advo.entries.values()]
        return {form for marker in found if marker and (form := form_of(marker.value, REGION))}

    def _came_to_espo(self, form: Form) -> None:
        """A value put back before we saw that it was gone is a change and its reversal: nobody can see it."""
        self.gone.discard(form)
        if form in self.world.espo.items and form not in self._bases():
            self.alive.add(form)

    def _came_to_advo(self, entry_id: int) -> None:
        form = self.world.advo.form(entry_id)
        if form is None:
            return
        self.gone.discard(form)
        self.in_step.discard(form)
        if form not in self._bases():
            self.alive.add(form)

    def _went(self, form: Form) -> None:
        self.alive.discard(form)
        if form in self.in_step:
            self.gone.add(form)

    def _left_advo(self, form: Form | None, *, becomes: str | None) -> None:
        if form is None or self.world.advo.holders(form):
            return
        self.alive.discard(form)
        # What EspoCRM cannot take freezes the item instead of changing or removing it.
        if (
            form in self.in_step
            and (becomes is None or espo_spelling(becomes, REGION))
            and form_of(becomes, REGION) not in REFUSED
        ):
            self.gone.add(form)

    def _remember_text(self, entry_id: int) -> None:
        self.texts[entry_id] = markers.strip(self.world.advo.entries[entry_id].bemerkung)

    # --- runs

    def _sync(self, direction: Direction) -> Run | None:
        held = {entry_id: self.world.advo.form(entry_id) for entry_id in self.world.advo.entries}
        run: Run | None
        try:
            run = self.world.finish(direction)
        except (Crash, Lost):
            run = None
        self.in_step = self._proven() if run and direction is Direction.both else set()
        self._judge(self.world.last, direction, held)
        return run

    def _proven(self) -> set[Form]:
        """What a run has left equal on both sides, also one of which a write was refused; without what such a write is
        still to bring somewhere."""
        bases = {link.base.form for link in self.world.links if link.base}
        awaited = {form for link in self.world.links if (form := _awaited(link))}
        return (bases & set(self.world.espo.items) & self.world.advo.forms()) - awaited

    def _judge(self, run: Run, direction: Direction, held: dict[int, Form | None]) -> None:
        for report in run.reports:
            if report.code in (ReportCode.lost_value, ReportCode.by_marker_alone):
                self._lose(form_of(report.params["value"], REGION))
        for planned in run.plans:
            if direction is Direction.to_advoware:
                assert not planned.changes_espocrm
            for operation in planned.operations:
                if operation.variant is Variant.revert and operation.done and operation.done.base:
                    self.gone.discard(operation.done.base.form)
                if direction is Direction.to_espocrm and operation.write:
                    assert not isinstance(operation.write, PostEntry)
                    assert form_of(operation.write.tlf, REGION) == held[operation.write.entry_id]

    def _lose(self, form: Form | None) -> None:
        """Logged, and so not lost in silence."""
        if form:
            self.alive.discard(form)

    def _come_to_rest(self) -> None:
        run = self._sync(Direction.both)
        assert run is not None
        assert not self.world.dirty, "one run settles everything"

    def _settle(self) -> None:
        self.world.time_passes()
        self._come_to_rest()
        again = self.world.sync()
        assert again.is_silent, again.plan.steps()
        self._check_agreement(again)
        self._check_people(again)
        self._check_refusals(again)
        self.in_step = set(self.world.espo.items) & self.world.advo.forms()

    def _only_there(self, run: Run) -> set[int | None]:
        return {report.entry_id for report in run.reports if report.code in ONLY_THERE}

    def _check_agreement(self, run: Run) -> None:
        only_there = self._only_there(run)
        items = set(self.world.espo.items)
        for entry_id in self.world.advo.entries:
            form = self.world.advo.form(entry_id)
            assert form is None or form in items or entry_id in only_there, "missing in EspoCRM"
        frozen = {link.base.form for link in self.world.links if link.base and link.entry_id in only_there}
        assert items <= self.world.advo.forms() | frozen, "missing in Advoware"

    def _check_refusals(self, run: Run) -> None:
        """EspoCRM names the list, never the value: whom it meant must not be put down to a good one."""
        refused = {report.entry_id for report in run.reports if report.code is ReportCode.refused}
        refused |= {link.entry_id for link in self.world.links if link.refused_value is not None}
        assert {self.world.advo.form(entry_id) for entry_id in refused if entry_id} <= REFUSED, "a good one is refused"

    def _check_people(self, run: Run) -> None:
        everywhere = set(self.world.espo.items) | self.world.advo.forms()
        assert self.alive <= everywhere, "lost in silence"
        frozen = {link.base.form for link in self.world.links if link.base} - self.world.advo.forms()
        assert not (self.gone & everywhere) - frozen, "a deleted value came back"
        texts = {entry_id: markers.strip(entry.bemerkung) for entry_id, entry in self.world.advo.entries.items()}
        for entry_id, text in self.texts.items():
            assert texts[entry_id] == text, "a person's remark was changed"


def _awaited(link: Link) -> Form | None:
    form = link.pending.base.form if link.pending and link.pending.base else None
    return form if link.base is None or link.base.form != form else None


def _as_test(machine: type[RuleBasedStateMachine]) -> type:
    return machine.TestCase


TestContactsMachine = _as_test(ContactsMachine)
