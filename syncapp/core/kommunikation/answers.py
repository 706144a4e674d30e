"""What a remote answer makes of our links, and the hash that tells people that nothing moved.

Purpose: the service that applies a plan asks here after every answer what to commit, and whether a further write is
due because Advoware did not keep the remark whole.
Invariant: a link whose remark still has to be put back keeps the user's text in its pending row until that is done.
To extend: whatever else an answer can tell about an entry is read in `after_answer`, nowhere else.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.kinds import KNOWN_KOMM_KZ, Medium, espo_spelling, form_of, is_ordinary
from syncapp.core.kommunikation.knowledge import canonical_remark
from syncapp.core.kommunikation.shapes import (
    ContactPlan,
    Entry,
    Item,
    Link,
    Operation,
    Pending,
    Phase,
    PostEntry,
    PutEntry,
    Variant,
)

# EspoCRM's word for a list that is longer than it may be.
TOO_MANY = "maxCount"
# These give an entry its value; the others leave it as it was, and what their answers show of it is nobody's refusal.
GIVES_VALUE = frozenset(
    {
        Variant.type_change,
        Variant.add_entry,
        Variant.clear_entry,
        Variant.change_entry,
        Variant.revert,
        Variant.emptied,
    }
)


class Accused(NamedTuple):
    """An addition that was left out because its list was refused. `certain`: EspoCRM itself named it."""

    medium: Medium
    entry_id: int
    tlf: str
    certain: bool = False

    @property
    def addition(self) -> tuple[int, str]:
        """As `Facts.refused` names it."""
        return (self.entry_id, self.tlf)


@dataclass(frozen=True)
class Answered:
    """link: to be committed now in place of the operation's intent. done: the link after the PATCH.

    follow_up: one more write that puts the remark back; its own answer goes through `after_answer` again.
    taken: Advoware keeps the value that it was given; if not, the operation has failed, and the link remembers it.
    """

    link: Link
    done: Link
    follow_up: Operation | None = None
    taken: bool = True


def after_answer(operation: Operation, answer: Entry, *, region: str, before: Entry | None = None) -> Answered:
    """Reads the answer to an operation's write. before: the entry as it was when that was sent."""
    if operation.write is None or operation.intent is None or operation.done is None:
        raise ValueError("only operations with a write have an answer")
    same_value = _same_value(operation.write.tlf, answer.tlf, region)
    if operation.variant in GIVES_VALUE and not same_value:
        return _not_taken(operation.write, operation.intent, operation.done, answer=answer, before=before)
    done = _as_answered(operation.done, operation.write, answer, same_value=same_value)
    waiting = replace(operation.intent, entry_id=answer.id, pending=None)
    link = done if operation.settles is Phase.advoware else waiting
    if operation.variant is Variant.remark_back or markers.same_remark(operation.write.bemerkung, answer.bemerkung):
        return Answered(link, done)
    return _remark_refused(operation, operation.write, answer, link, done)


def _same_value(sent: str, kept: str | None, region: str) -> bool:
    """Whatever the spelling. Extensions count: what goes to Advoware has one only where EspoCRM keeps them."""
    return form_of(sent, region, extensions=True) == form_of(kept, region, extensions=True)


def _not_taken(
    write: PostEntry | PutEntry, intent: Link, done: Link, *, answer: Entry, before: Entry | None
) -> Answered:
    """A good status, and another value in the entry than was sent.

    What was to be emptied keeps its base, so that it counts as deleted in EspoCRM and does not come back; else the base
    is EspoCRM's value, so that what Advoware kept instead does not pass for a change that somebody made there. The
    remark is put back: its new marker would be a lie to whoever has nothing but markers.
    """
    link = _as_answered(done, write, answer, same_value=False) if done.base else replace(intent, pending=None)
    if link.base:
        link = replace(link, base=replace(link.base, advo=answer.tlf or "", not_taken=write.tlf))
    return Answered(link, link, _remark_as_before(link, intent, answer, before), taken=False)


def _remark_as_before(link: Link, intent: Link, answer: Entry, before: Entry | None) -> Operation | None:
    """The write that gives an entry its remark of before; where that was one that Advoware had cut, the user's text."""
    if before is None or answer.tlf is None:
        return None
    was_cut = intent.pending is not None and intent.pending.cut_remark is not None
    remark = intent.pending.remark_before if was_cut and intent.pending else before.bemerkung or ""
    if markers.same_remark(remark, answer.bemerkung):
        return None
    write = PutEntry(answer.id, answer.tlf, remark, before.online is not False)
    return Operation(Variant.remark_back, Phase.advoware, answer.id, write, intent=link, done=link)


def _as_answered(done: Link, write: PostEntry | PutEntry, answer: Entry, *, same_value: bool) -> Link:
    """The link with what the answer knows better: the id, the real kommKz, this side's spelling.

    Another value than the one that a write of the remark repeated is somebody's edit, which the next run carries.
    """
    komm_kz = done.komm_kz
    if isinstance(write, PostEntry) and answer.komm_kz in KNOWN_KOMM_KZ:
        komm_kz = answer.komm_kz or komm_kz
    base = done.base
    # The entry may hold another value than the base (frozen, removal owed): then the answer says nothing about it.
    if base and base.advo == write.tlf and same_value:
        base = replace(base, advo=answer.tlf or "")
    return replace(done, entry_id=answer.id, komm_kz=komm_kz, base=base)


def _remark_refused(
    operation: Operation, write: PostEntry | PutEntry, answer: Entry, link: Link, done: Link
) -> Answered:
    refused = canonical_remark(write.bemerkung)
    text = operation.user_text_before
    pending = Pending(link.base, answer.tlf or "", write.bemerkung, text)
    link, done = replace(link, refused_remark=refused, pending=pending), replace(done, refused_remark=refused)
    follow_up = Operation(
        variant=Variant.remark_back,
        settles=operation.settles,
        entry_id=answer.id,
        write=PutEntry(answer.id, answer.tlf or "", text, write.online),
        intent=link,
        done=done,
    )
    return Answered(link, done, follow_up)


def final_links(plan: ContactPlan, answers: Iterable[Answered], failed: Iterable[Operation] = ()) -> tuple[Link, ...]:
    """All links after the PATCH: the plan's, with what the answers (in their order) brought.

    A refused POST leaves nothing; one without an answer is waited for.
    """
    links: dict[int | None, Link] = {link.entry_id: link for link in plan.links_after if link.entry_id is not None}
    for answered in answers:
        links[answered.done.entry_id] = answered.done
    for operation in failed:
        if operation.intent and operation.entry_id is not None:
            links[operation.entry_id] = _after_refusal(operation.intent, operation)
    awaited = tuple(link for link in plan.links_after if link.entry_id is None and link.pending is not None)
    return (*links.values(), *awaited)


def _after_refusal(intent: Link, operation: Operation) -> Link:
    """A write that was refused leaves its intent, from which the next run plans it again.

    Where the PATCH settles it, the write was about the remark alone: what EspoCRM has taken both sides hold by now, and
    whoever deletes or changes it before the marker is written deletes or changes what was synced.
    """
    done, intent = operation.done, never_lands(intent)
    if operation.settles is Phase.advoware or done is None or intent.pending is None:
        return intent
    return replace(done, pending=replace(intent.pending, base=done.base))


def never_lands(intent: Link) -> Link:
    """Of a write that was refused, or was not sent."""
    return replace(intent, pending=intent.pending and replace(intent.pending, lands=False))


def was_lost(intent: Link) -> Link:
    """Of a write that was sent, and whose run has seen no answer."""
    return replace(intent, pending=intent.pending and replace(intent.pending, lost=True))


def likely_culprit(plan: ContactPlan, medium: Medium, *, region: str) -> Accused | None:
    """What to take out when EspoCRM refuses a list, to be added to `Facts.refused`.

    EspoCRM names list and rule, never the value. So first what looks odd, then the newest (the highest entry id). None:
    nothing of ours is new in that list.
    """
    additions = [
        (operation.entry_id, operation.done.base.advo)
        for operation in plan.operations
        if operation.variant in (Variant.add_item, Variant.change_item)
        and operation.entry_id is not None
        and operation.done
        and operation.done.base
        and operation.done.base.medium is medium
    ]
    newest = max(additions, key=lambda one: (not is_ordinary(one[1], region), one[0]), default=None)
    return Accused(medium, *newest) if newest else None


def room_left(plan: ContactPlan, medium: Medium) -> int | None:
    """How many EspoCRM takes at most, where it refuses the list of this plan as too long: one less than was sent.

    None: nothing is added to it, so that no list of ours could be shorter.
    """
    sent = plan.phones if medium is Medium.phone else plan.emails
    added = any(
        item.medium is medium for one in plan.operations if one.variant is Variant.add_item for item in one.puts_in
    )
    return len(sent) - 1 if sent and added else None


def is_doubtful(items: Iterable[Item], medium: Medium, region: str) -> bool:
    """Whether EspoCRM holds something in that list that it would hardly take today: then additions may be blameless."""
    values = [item.value for item in items if item.medium is medium]
    return any(espo_spelling(value, region) != value for value in values)


def acquitted(links: Iterable[Link], innocent: frozenset[tuple[int, str]]) -> tuple[Link, ...]:
    """The links without the refusals that nothing proves: the next plan brings these values again."""
    return tuple(
        replace(link, refused_value=None) if (link.entry_id, link.refused_value) in innocent else link for link in links
    )


def content_hash(row_ids: Iterable[str]) -> str:
    """The hash shown in EspoCRM: MD5 over the sorted rowIds, first 16 hex digits. A fingerprint, no protection."""
    joined = "".join(sorted(row_ids))
    return hashlib.md5(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]


def is_relevant(entry: Entry, region: str) -> bool:
    """Whether the entry counts for the hash: it has a marker, or a value that EspoCRM could hold."""
    return markers.parse(entry.bemerkung).found is not None or espo_spelling(entry.tlf, region) is not None


def relevant_row_ids(entries: Sequence[Entry], region: str) -> tuple[str, ...]:
    return tuple(entry.row_id for entry in entries if entry.row_id and is_relevant(entry, region))
