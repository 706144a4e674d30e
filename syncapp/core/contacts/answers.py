"""What a remote answer makes of our links, and the hash that tells people that nothing moved.

Purpose: the service that applies a plan asks here after every answer what to commit, and whether a further write is
due because Advoware did not keep the remark whole.
Invariant: a link whose remark still has to be put back keeps the user's text in its pending row until that is done.
To extend: whatever else an answer can tell about an entry is read in `after_answer`, nowhere else.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from syncapp.core import markers
from syncapp.core.contacts.board import REMARK_BACK
from syncapp.core.contacts.kinds import KNOWN_KOMM_KZ, Medium, espo_spelling, is_ordinary
from syncapp.core.contacts.knowledge import canonical_remark
from syncapp.core.contacts.shapes import (
    ContactPlan,
    Entry,
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


@dataclass(frozen=True)
class Answered:
    """link: to be committed now in place of the operation's intent. done: the link after the PATCH.

    follow_up: one more write that puts the user's remark back; its own answer goes through `after_answer` again.
    """

    link: Link
    done: Link
    follow_up: Operation | None = None


def after_answer(operation: Operation, answer: Entry) -> Answered:
    """Reads the answer to an operation's write."""
    if operation.write is None or operation.intent is None or operation.done is None:
        raise ValueError("only operations with a write have an answer")
    done = _as_answered(operation.done, operation.write, answer)
    waiting = replace(operation.intent, entry_id=answer.id, pending=None)
    link = done if operation.settles is Phase.advoware else waiting
    if operation.variant is Variant.remark_back or markers.same_remark(operation.write.bemerkung, answer.bemerkung):
        return Answered(link, done)
    return _remark_refused(operation, operation.write, answer, link, done)


def _as_answered(done: Link, write: PostEntry | PutEntry, answer: Entry) -> Link:
    """The link with what the answer knows better: the id, the real kommKz, this side's spelling."""
    komm_kz = done.komm_kz
    if isinstance(write, PostEntry) and answer.komm_kz in KNOWN_KOMM_KZ:
        komm_kz = answer.komm_kz or komm_kz
    base = done.base
    # The entry may hold another value than the base (frozen, removal owed): then the answer says nothing about it.
    if base and base.advo == write.tlf:
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
        what=REMARK_BACK,
        entry_id=answer.id,
        write=PutEntry(answer.id, answer.tlf or "", text, write.online),
        intent=link,
        done=done,
    )
    return Answered(link, done, follow_up)


def final_links(plan: ContactPlan, answers: Iterable[Answered], failed: Iterable[Operation] = ()) -> tuple[Link, ...]:
    """All links after the PATCH: the plan's, with what the answers (in their order) brought.

    A write that was refused leaves its intent, from which the next run plans it again; a refused POST leaves nothing.
    """
    links: dict[int | None, Link] = {link.entry_id: link for link in plan.links_after if link.entry_id is not None}
    for answered in answers:
        links[answered.done.entry_id] = answered.done
    for operation in failed:
        if operation.intent and operation.entry_id is not None:
            links[operation.entry_id] = operation.intent
    return tuple(links.values())


def likely_culprit(plan: ContactPlan, medium: Medium, *, region: str, rule: str | None) -> tuple[int, str] | None:
    """What to take out when EspoCRM refuses a list: entry id and tlf, to be added to `Facts.refused`.

    EspoCRM names list and rule, never the value. So first what looks odd, then the newest (the highest entry id); where
    there are too many, the newest whatever it looks like. None: nothing of ours is new in that list.
    """
    additions = [
        (operation.entry_id, operation.done.base.advo)
        for operation in plan.operations
        if operation.variant in (Variant.var4, Variant.var6)
        and operation.entry_id is not None
        and operation.done
        and operation.done.base
        and operation.done.base.medium is medium
    ]
    by_age = rule == TOO_MANY
    return max(additions, key=lambda one: (by_age or not is_ordinary(one[1], region), one[0]), default=None)


def content_hash(row_ids: Iterable[str]) -> str:
    """The hash shown in EspoCRM: MD5 over the sorted rowIds, first 16 hex digits. A fingerprint, no protection."""
    joined = "".join(sorted(row_ids))
    return hashlib.md5(joined.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()[:16]


def is_relevant(entry: Entry, region: str) -> bool:
    """Whether the entry counts for the hash: it has a marker, or a value that EspoCRM could hold."""
    return markers.parse(entry.bemerkung).found is not None or espo_spelling(entry.tlf, region) is not None


def relevant_row_ids(entries: Sequence[Entry], region: str) -> tuple[str, ...]:
    return tuple(entry.row_id for entry in entries if entry.row_id and is_relevant(entry, region))
