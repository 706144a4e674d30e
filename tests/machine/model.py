"""Two model sides and a model of the service that applies a plan, for the scenarios and the machine.

Purpose: everything that can happen between two looks, without HTTP: crashes at each step, lost answers, refusals, a
lost database, people on both sides. The sides behave as the real ones were seen to (order of lists unstable, lists
replaced as a whole, kommKz 0 on GET and read-only on PUT, remarks cut).
Invariant: `World.sync` follows the order of writing that the plan names; it decides nothing itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from syncapp.core.kommunikation.answers import (
    Answered,
    acquitted,
    after_answer,
    content_hash,
    final_links,
    likely_culprit,
    never_lands,
    relevant_row_ids,
    was_lost,
)
from syncapp.core.kommunikation.kinds import Form, Medium, form_of, item_form
from syncapp.core.kommunikation.refusals import Refusals
from syncapp.core.kommunikation.shapes import (
    ContactPlan,
    Entry,
    Facts,
    Item,
    KommPolicy,
    Link,
    ListName,
    Operation,
    PostEntry,
    PutEntry,
    Report,
    ReportCode,
    Stop,
)
from syncapp.core.parts import Direction
from syncapp.core.spelling import emails, phones
from tests.core.kommunikation.planned import plan

REGION = "DE"


class Crash(Exception):
    """The worker dies here."""


class Lost(Exception):
    """No answer comes: the run ends here, and says so."""


class Refused(Exception):
    """EspoCRM's 400, naming the list."""

    def __init__(self, medium: Medium) -> None:
        super().__init__(medium)
        self.medium = medium


class Stale(Exception):
    """EspoCRM's 409 `modified`."""


@dataclass
class EspoSide:
    """The contact points of one EspoCRM record."""

    items: dict[Form, Item] = field(default_factory=dict)
    version: int = 1
    touched: bool = True
    stored_hash: str | None = None
    max_phones: int | None = None
    refuses: set[Form] = field(default_factory=set)
    patches: int = 0

    def read(self) -> list[Item]:
        """In an order that changes with every version, as the real one's does."""
        items = [self.items[form] for form in sorted(self.items)]
        turn = self.version % (len(items) or 1)
        return items[turn:] + items[:turn]

    def put(self, item: Item, *, replaces: Form | None = None) -> Form:
        """A person adds an item, or types it over another."""
        form = item_form(item.medium, item.value, REGION)
        if replaces is not None:
            del self.items[replaces]
        if self._count(item.medium, without=form) >= (self.max_phones or 99) and item.medium is Medium.phone:
            return form
        self.items[form] = replace(item, primary=False)
        self._by_person()
        return form

    def add(self, value: str, type: str = "Office") -> Form:
        medium = Medium.email if "@" in value else Medium.phone
        return self.put(Item(medium, value, type if medium is Medium.phone else None))

    def remove(self, form: Form) -> None:
        del self.items[form]
        self._by_person()

    def change_type(self, form: Form, type: str, *, elsewhere: bool = False) -> None:
        self.items[form] = replace(self.items[form], type=type)
        if not elsewhere:
            self._by_person()

    def patch(
        self, *, version: int, phones: tuple[Item, ...] | None, emails: tuple[Item, ...] | None, stored_hash: str | None
    ) -> None:
        """Our PATCH: whole lists, all or nothing."""
        if version != self.version:
            raise Stale
        self._check(phones, Medium.phone)
        self._check(emails, Medium.email)
        for medium, sent in ((Medium.phone, phones), (Medium.email, emails)):
            if sent is not None:
                kept = {form: item for form, item in self.items.items() if form.medium is not medium}
                self.items = kept | {item_form(medium, item.value, REGION): item for item in sent}
        self.stored_hash = stored_hash or self.stored_hash
        self.version += 1
        self.touched = False
        self.patches += 1

    def _check(self, sent: tuple[Item, ...] | None, medium: Medium) -> None:
        if sent is None:
            return
        forms = [item_form(medium, item.value, REGION) for item in sent]
        assert len(forms) == len(set(forms)), "the same value twice in one list"
        assert not sent or sum(item.primary for item in sent) == 1, "one primary"
        for form, item in zip(forms, sent, strict=True):
            before = self.items.get(form)
            if before:
                assert replace(before, primary=item.primary) == item, "an untouched item was changed"
            elif form in self.refuses or not _taken_by_espocrm(item):
                raise Refused(medium)
        if medium is Medium.phone and self.max_phones is not None and len(sent) > self.max_phones:
            raise Refused(medium)

    def _count(self, medium: Medium, *, without: Form) -> int:
        return sum(form.medium is medium for form in self.items if form != without)

    def _by_person(self) -> None:
        """A person saved the record: EspoCRM sees to one primary in each list."""
        for medium in Medium:
            forms = [form for form in self.items if form.medium is medium]
            if forms and not any(self.items[form].primary for form in forms):
                self.items[forms[0]] = replace(self.items[forms[0]], primary=True)
        self.version += 1
        self.touched = True


def _taken_by_espocrm(item: Item) -> bool:
    if item.medium is Medium.email:
        return emails.for_espocrm(item.value) is not None
    return phones.for_espocrm(item.value, REGION) == item.value


@dataclass
class AdvoSide:
    """The Kommunikation of one Beteiligter. `real_komm_kz` is what GET hides."""

    entries: dict[int, Entry] = field(default_factory=dict)
    real_komm_kz: dict[int, int] = field(default_factory=dict)
    next_id: int = 1
    next_row: int = 1
    remark_max: int | None = None
    posts: int = 0
    puts: int = 0

    def read(self) -> list[Entry]:
        return [replace(entry, komm_kz=0) for entry in self.entries.values()]

    def add(self, tlf: str | None, *, remark: str | None = None, komm_kz: int = 1) -> int:
        """A person adds an entry."""
        return self._new(Entry(0, None, tlf, remark, komm_kz, True)).id

    def edit(self, entry_id: int, **changes: object) -> None:
        """A person changes `tlf` or `bemerkung`."""
        self._store(replace(self.entries[entry_id], **changes))  # type: ignore[arg-type]

    def remove(self, entry_id: int) -> None:
        del self.entries[entry_id]

    def post(self, write: PostEntry) -> Entry:
        self.posts += 1
        return self._new(Entry(0, None, write.tlf, write.bemerkung, write.komm_kz, write.online))

    def put(self, write: PutEntry) -> Entry:
        self.puts += 1
        changes = {"tlf": write.tlf, "bemerkung": write.bemerkung, "online": write.online}
        return replace(self._store(replace(self.entries[write.entry_id], **changes)), komm_kz=0)  # type: ignore[arg-type]

    def forms(self) -> set[Form]:
        return {form for form in map(self.form, self.entries) if form}

    def form(self, entry_id: int) -> Form | None:
        return form_of(self.entries[entry_id].tlf, REGION)

    def holders(self, form: Form) -> list[int]:
        return [entry_id for entry_id in self.entries if self.form(entry_id) == form]

    def _new(self, entry: Entry) -> Entry:
        entry = replace(entry, id=self.next_id)
        self.next_id += 1
        self.real_komm_kz[entry.id] = entry.komm_kz or 10
        return self._store(entry)

    def _store(self, entry: Entry) -> Entry:
        remark = entry.bemerkung if self.remark_max is None else (entry.bemerkung or "")[: self.remark_max]
        stored = replace(entry, bemerkung=remark, row_id=f"row{self.next_row}")
        self.next_row += 1
        self.entries[entry.id] = stored
        return stored


@dataclass
class Run:
    """What one sync did."""

    plans: list[ContactPlan] = field(default_factory=list)
    wrote: int = 0
    patched: bool = False
    failed: int = 0

    @property
    def plan(self) -> ContactPlan:
        return self.plans[-1]

    @property
    def reports(self) -> list[Report]:
        return [report for one in self.plans for report in one.reports]

    @property
    def is_silent(self) -> bool:
        return not self.wrote and not self.patched


@dataclass
class World:
    """Both sides, our database, and the service in between."""

    espo: EspoSide = field(default_factory=EspoSide)
    advo: AdvoSide = field(default_factory=AdvoSide)
    policy: KommPolicy = field(default_factory=KommPolicy)
    facts: Facts = field(default_factory=Facts)
    links: tuple[Link, ...] = ()
    version: int | None = None
    empty_seen: frozenset[ListName] = frozenset()
    dirty: bool = False
    # Faults for the next run: the step at which the worker dies, the writes that answer 403, an edit before the PATCH.
    crash_at: int | None = None
    # The step at which a write is sent and not answered; it lands when the test says so, or never.
    lost_at: int | None = None
    late: list[PostEntry | PutEntry] = field(default_factory=list)
    late_look: bool = False
    forbidden: set[int] = field(default_factory=set)
    before_patch: Callable[[], None] | None = None
    steps: int = 0
    last: Run = field(default_factory=Run)

    def lose_database(self) -> None:
        self.links, self.version, self.empty_seen, self.dirty = (), None, frozenset(), False
        self.time_passes()

    def held(self) -> set[int]:
        """Entries in which Advoware keeps another value than it was given, or what it was told to empty."""
        links = [link for link in self.links if link.base and link.base.not_taken is not None]
        return {link.entry_id for link in links if link.entry_id in self.advo.entries}

    def stray(self) -> set[int]:
        """Those of them that show what nobody means: still what Advoware kept, in place of the value of their link."""
        shown = {link.entry_id for link in self.links if link.base and link.base.not_taken}
        bases = {link.entry_id: link.base for link in self.links if link.base}
        return {one for one in self.held() & shown if (self.advo.entries[one].tlf or "") == bases[one].advo}

    def preview(
        self, direction: Direction = Direction.both, refused: frozenset[tuple[int, str]] = frozenset()
    ) -> ContactPlan:
        facts = replace(
            self.facts,
            max_phones=self.espo.max_phones,
            espo_untouched=not self.espo.touched,
            empty_seen=self.empty_seen,
            refused=refused,
            version_moved=self.version is not None and self.version != self.espo.version,
            late_over=not self.late_look,
        )
        return plan(
            items=self.espo.read(),
            entries=self.advo.read(),
            links=self.links,
            stored_hash=self.espo.stored_hash,
            direction=direction,
            facts=facts,
            policy=self.policy,
        )

    def sync(self, direction: Direction = Direction.both) -> Run:
        """One run. Raises Crash where it was told to; everything committed until then stays."""
        run, self.steps, self.dirty = Run(), 0, True
        self.last = run
        refusals = Refusals()
        while True:
            version, planned = self.espo.version, self.preview(direction, refusals.left_out)
            run.plans.append(planned)
            if planned.stopped:
                self.empty_seen = planned.empty_lists
                return run
            try:
                self._carry_out(planned, version, run, refusals.unproven)
            except Refused as refusal:
                out = likely_culprit(planned, refusal.medium, region=REGION)
                assert out is not None, "EspoCRM refused lists that held nothing new"
                refusals = Refusals((*refusals.accused, out))
            except Stale:
                continue
            else:
                if refusals.unproven and not run.failed:
                    refusals = Refusals()
                    continue
                self.dirty, self.empty_seen = planned.skipped or run.failed > 0, frozenset()
                return run

    def lands(self) -> int | None:
        """What was sent longest ago arrives; the entry that it has changed or made."""
        write = self.late.pop(0)
        if isinstance(write, PostEntry):
            return self.advo.post(write).id
        return self.advo.put(write).id if write.entry_id in self.advo.entries else None

    def time_passes(self) -> None:
        """Nothing that was sent before can land any more."""
        self.late.clear()
        self.late_look = False

    def finish(self, direction: Direction = Direction.both) -> Run:
        """As the dispatcher does: a run that only noticed an empty list is followed by the next at once."""
        run = self.sync(direction)
        if run.plan.stopped is Stop.empty_list:
            run = self.sync(direction)
        return run

    def _carry_out(
        self, planned: ContactPlan, version: int, run: Run, innocent: frozenset[tuple[int, str]] = frozenset()
    ) -> None:
        self.links, self.late_look = planned.links_before, self.late_look or planned.new_late
        answers: list[Answered] = []
        failed: list[Operation] = []
        writes = planned.writes
        for place, operation in enumerate(writes):
            if operation.needs & {one.entry_id for one in failed}:
                failed.append(operation)
                continue
            todo: Operation | None = operation
            while todo:
                try:
                    answered = self._write(todo, run)
                except Lost:
                    self._note_outage(todo, writes[place + 1 :])
                    raise
                if answered is None:
                    failed.append(todo)
                    break
                answers.append(answered)
                if not answered.taken:
                    failed.append(replace(todo, entry_id=answered.link.entry_id, intent=answered.link))
                todo = answered.follow_up
        equal = all(report.code is not ReportCode.not_taken for report in planned.reports)
        self._patch(planned, version, run, whole=equal and not failed and not innocent)
        run.failed += len(failed)
        self.links = acquitted(final_links(planned, answers, failed), innocent)
        if not failed:
            self.version = self.espo.version

    def _write(self, operation: Operation, run: Run) -> Answered | None:
        self._step()
        if self.steps in self.forbidden:
            self.forbidden.discard(self.steps)
            return None
        write = operation.write
        assert write is not None
        if isinstance(write, PostEntry):
            form = form_of(write.tlf, REGION)
            assert not form or set(self.advo.holders(form)) <= self.stray(), f"{write.tlf} would stand there twice"
        if self.steps == self.lost_at:
            self.late.append(write)
            raise Lost
        before = None if isinstance(write, PostEntry) else self.advo.entries[write.entry_id]
        answer = self.advo.post(write) if isinstance(write, PostEntry) else self.advo.put(write)
        run.wrote += 1
        self._step()
        answered = after_answer(operation, answer, region=REGION, before=before)
        others = tuple(link for link in self.links if link != operation.intent and link.entry_id != answer.id)
        self.links = (*others, answered.link)
        return answered

    def _note_outage(self, lost: Operation, unsent: Sequence[Operation]) -> None:
        """As writing.py does."""
        intents, is_post = [one.intent for one in unsent], isinstance(lost.write, PostEntry)
        links = [never_lands(link) if link in intents else link for link in self.links]
        self.links = tuple(was_lost(link) if is_post and link == lost.intent else link for link in links)
        self.late_look = self.late_look or is_post

    def _patch(self, planned: ContactPlan, version: int, run: Run, *, whole: bool) -> None:
        stored_hash = None
        if whole and not planned.skipped:
            stored_hash = content_hash(relevant_row_ids(self.advo.read(), REGION))
        if not planned.changes_espocrm and stored_hash in (None, self.espo.stored_hash):
            return
        if self.before_patch:
            edit, self.before_patch = self.before_patch, None
            edit()
        self._step()
        self.espo.patch(version=version, phones=planned.phones, emails=planned.emails, stored_hash=stored_hash)
        run.patched = True
        self._step()

    def _step(self) -> None:
        """A place where the worker can die: before and after every remote write."""
        self.steps += 1
        if self.crash_at == self.steps:
            self.crash_at = None
            raise Crash


def settle(world: World) -> list[Run]:
    """Fault-free runs in direction both until one has settled everything; then one more, which must be silent."""
    run = world.finish()
    again = world.sync()
    assert again.is_silent, again.plan.steps()
    return [run, again]


def spelled(world: World) -> tuple[set[Form], set[Form]]:
    return set(world.espo.items), world.advo.forms()


__all__ = ["AdvoSide", "Crash", "EspoSide", "Form", "Lost", "Refused", "Run", "Stale", "World", "settle", "spelled"]
