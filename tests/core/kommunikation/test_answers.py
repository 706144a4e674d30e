"""What the answer to one write makes of its link, and the write that it asks for."""

from dataclasses import replace

import pytest

from syncapp.core.kommunikation.answers import after_answer
from syncapp.core.kommunikation.kinds import Medium
from syncapp.core.kommunikation.shapes import (
    Entry,
    Link,
    LinkBase,
    Operation,
    Pending,
    Phase,
    PostEntry,
    PutEntry,
    Variant,
)

OLD, NEW, MARKER = "+4951110001", "+4951110002", "[EspoSync:neu]"
BASE = LinkBase(Medium.phone, OLD, espo=OLD, advo=OLD)
NEW_BASE = LinkBase(Medium.phone, NEW, espo=NEW, advo=NEW)
LINK = Link(7, 1, base=BASE)
BEFORE = Entry(7, tlf=OLD, bemerkung="Pforte", online=True)


def giving(value: str = NEW, **pending: str) -> Operation:
    """A change of the entry, about to be answered."""
    written = Pending(NEW_BASE, value, MARKER, **pending)
    return Operation(
        Variant.change_entry,
        Phase.advoware,
        7,
        PutEntry(7, value, MARKER, online=True),
        intent=replace(LINK, pending=written),
        done=replace(LINK, base=replace(NEW_BASE, espo=value, advo=value)),
    )


def put_back(remark: str, *, online: bool = True) -> PutEntry:
    return PutEntry(7, OLD, remark, online)


@pytest.mark.parametrize(
    "before, write",
    [
        (BEFORE, put_back("Pforte")),
        (replace(BEFORE, bemerkung=None), put_back("")),
        (replace(BEFORE, online=False), put_back("Pforte", online=False)),
        (replace(BEFORE, online=None), put_back("Pforte")),
    ],
    ids=["as it was", "without a remark", "not online", "online unknown"],
)
def test_a_value_that_is_not_kept_puts_the_entry_s_remark_back(before: Entry, write: PutEntry) -> None:
    answered = after_answer(giving(), replace(BEFORE, bemerkung=MARKER), region="DE", before=before)
    link = replace(LINK, base=replace(NEW_BASE, advo=OLD, not_taken=NEW))
    assert (answered.taken, answered.link, answered.done) == (False, link, link)
    assert answered.follow_up == Operation(Variant.remark_back, Phase.advoware, 7, write, intent=link, done=link)


def test_of_a_remark_that_advoware_had_cut_the_whole_text_is_put_back() -> None:
    cut = giving(remark_before="Pforte, dann links", cut_remark="Pforte, da")
    before = replace(BEFORE, bemerkung="Pforte, da")
    follow_up = after_answer(cut, replace(BEFORE, bemerkung=MARKER), region="DE", before=before).follow_up
    assert follow_up is not None
    assert follow_up.write == put_back("Pforte, dann links")


@pytest.mark.parametrize(
    "before, answer",
    [(BEFORE, BEFORE), (None, replace(BEFORE, bemerkung=MARKER)), (BEFORE, Entry(7, bemerkung=MARKER))],
    ids=["its remark stands", "nobody knows it", "the answer lacks the value"],
)
def test_nothing_is_put_back_where(before: Entry | None, answer: Entry) -> None:
    answered = after_answer(giving(), answer, region="DE", before=before)
    assert (answered.taken, answered.follow_up) == (False, None)


def test_what_is_not_emptied_keeps_its_base_and_has_no_write_under_way() -> None:
    removal = Operation(
        Variant.clear_entry,
        Phase.advoware,
        7,
        PutEntry(7, "", "", online=False),
        intent=replace(LINK, pending=Pending(None, "", "")),
        done=replace(LINK, base=None),
    )
    answered = after_answer(removal, BEFORE, region="DE", before=BEFORE)
    assert answered.link == replace(LINK, base=replace(BASE, not_taken=""))
    assert not answered.taken


def test_an_extension_that_both_have_is_no_difference() -> None:
    extension = "+49 511 10002 ext. 12"
    answer = replace(BEFORE, tlf=extension, bemerkung=MARKER)
    assert after_answer(giving(extension), answer, region="DE", before=BEFORE).taken


def test_an_entry_that_waits_for_espocrm_has_its_number_at_once() -> None:
    link = Link(None, 1)
    post = Operation(
        Variant.add_entry,
        Phase.espocrm,
        None,
        PostEntry(NEW, MARKER, 1),
        intent=link,
        done=replace(link, base=NEW_BASE),
    )
    answered = after_answer(post, Entry(9, tlf=NEW, bemerkung=MARKER, komm_kz=1), region="DE")
    assert (answered.link, answered.done) == (replace(link, entry_id=9), replace(link, entry_id=9, base=NEW_BASE))
