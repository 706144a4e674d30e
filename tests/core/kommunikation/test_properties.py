"""What holds for every plan, whatever the input: odd values, null everywhere, links that fit nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from syncapp.core.kommunikation import markers
from syncapp.core.kommunikation.answers import content_hash
from syncapp.core.kommunikation.kinds import Medium, espo_spelling, form_of, item_form
from syncapp.core.kommunikation.shapes import (
    VARIANT_ORDER,
    ContactPlan,
    Entry,
    Facts,
    Item,
    KommPolicy,
    Link,
    LinkBase,
    ListName,
    OnConflict,
    Pending,
    PostEntry,
    PutEntry,
    TypeChange,
    Variant,
)
from syncapp.core.parts import Direction
from syncapp.core.spelling.letters import plain
from tests.core.kommunikation.planned import plan
from tests.machine.model import World

REGION = "DE"
PHONES = ("+4951110001", "0511 10001", "0511/10002", "+491711234567", "0800 123", "12")
EMAILS = ("a@example.org", "A@Example.org", "b@example.org")
ODD = (
    "siehe Akte",
    "www.example.org",
    "müller@example.org",
    "a b@example.org",
    " ",
    "x" * 500,
    "@",
    "☎",
    "\ud800",
    "\n1",
)
MEDIA = {Medium.phone: PHONES, Medium.email: EMAILS}

tlfs = st.one_of(st.none(), st.sampled_from((*PHONES, *EMAILS, *ODD)), st.text(max_size=20))
komm_kzs = st.one_of(st.none(), st.integers(-1, 14))
valid_kzs = st.integers(1, 12)
found_markers = st.one_of(
    st.builds(markers.Marker, st.sampled_from((*PHONES, *EMAILS)), valid_kzs), st.builds(markers.SlotMarker, valid_kzs)
)
remarks = st.one_of(
    st.none(),
    st.text(max_size=10),
    st.builds(
        lambda before, mark, after: before + mark.text + after,
        st.sampled_from(("", "vor ")),
        found_markers,
        st.text(max_size=5),
    ),
)
row_ids = st.one_of(st.none(), st.text(max_size=5))


@st.composite
def entry_lists(draw: st.DrawFn, unique: bool = False) -> list[Entry]:
    built = st.builds(Entry, st.integers(1, 8), row_ids, tlfs, remarks, komm_kzs, st.one_of(st.none(), st.booleans()))
    return draw(st.lists(built, max_size=6, unique_by=(lambda entry: entry.id) if unique else None))


@st.composite
def item_lists(draw: st.DrawFn) -> list[Item]:
    """As EspoCRM holds them: international, each once, one primary a list."""
    chosen = draw(st.lists(st.sampled_from((*PHONES, *EMAILS)), max_size=5))
    types = st.sampled_from((None, "Office", "Mobile", "Home", "Fax", "Other", "Assistant"))
    items: dict[object, Item] = {}
    for value in chosen:
        spelled, form = espo_spelling(value, REGION), form_of(value, REGION)
        if spelled and form and form not in items:
            type = draw(types) if form.medium is Medium.phone else None
            primary = not any(item.medium is form.medium for item in items.values())
            items[form] = Item(form.medium, spelled, type, primary, draw(st.booleans()), draw(st.booleans()))
    return list(items.values())


@st.composite
def bases(draw: st.DrawFn) -> LinkBase | None:
    if draw(st.booleans()):
        return None
    medium = draw(st.sampled_from(Medium))
    advo = draw(st.sampled_from(MEDIA[medium]))
    form = item_form(medium, advo, REGION)
    # Two spellings of one contact point: a base that names two has its own test among the tables.
    espo = draw(st.sampled_from([one for one in MEDIA[medium] if item_form(medium, one, REGION) == form]))
    return LinkBase(form.medium, form.key, espo_spelling(espo, REGION) or espo, advo)


@st.composite
def link_lists(draw: st.DrawFn) -> list[Link]:
    pending = st.one_of(
        st.none(),
        st.builds(Pending, bases(), st.sampled_from(("", *PHONES)), st.text(max_size=10), st.text(max_size=5)),
    )
    built = st.builds(
        Link,
        st.integers(1, 10),
        valid_kzs,
        bases(),
        st.sampled_from((None, "Office", "Fax")),
        pending,
        st.booleans(),
        refused_value=st.one_of(st.none(), st.sampled_from(PHONES)),
    )
    return draw(st.lists(built, max_size=6, unique_by=lambda link: link.entry_id))


facts_of_a_run = st.builds(
    Facts,
    max_phones=st.sampled_from((None, 2, 10)),
    espo_untouched=st.booleans(),
    empty_seen=st.just(frozenset(ListName)),
    version_moved=st.booleans(),
    refused=st.sampled_from((frozenset(), frozenset({(1, "0511 10001")}))),
)
policies = st.builds(KommPolicy, st.sampled_from(OnConflict), st.sampled_from(TypeChange))
inputs = st.fixed_dictionaries(
    {
        "items": item_lists(),
        "entries": entry_lists(),
        "links": link_lists(),
        "stored_hash": st.sampled_from((None, "0123456789abcdef")),
        "direction": st.sampled_from(Direction),
        "facts": facts_of_a_run,
        "policy": policies,
    }
)


def planned(given: dict[str, object]) -> ContactPlan:
    return plan(**given)  # type: ignore[arg-type]


@given(inputs)
def test_every_input_gives_a_plan_that_can_be_printed(given: dict[str, object]) -> None:
    made = planned(given)
    assert made.stopped is None
    assert len(made.steps()) == len(made.operations)


@given(inputs, st.randoms())
def test_the_order_of_the_lists_does_not_matter(given: dict[str, list[object]], random: object) -> None:
    shuffled = dict(given)
    for name in ("items", "entries", "links"):
        shuffled[name] = sorted(given[name], key=lambda _: random.random())  # type: ignore[attr-defined]
    one, other = planned(given), planned(shuffled)
    assert (one.operations, one.phones, one.emails) == (other.operations, other.phones, other.emails)
    assert set(one.links_after) == set(other.links_after)
    assert one.skipped == other.skipped


@given(inputs)
def test_each_entry_is_written_at_most_once_and_has_one_link(given: dict[str, list[Entry]]) -> None:
    made = planned(given)
    written = [operation.write.entry_id for operation in made.writes if isinstance(operation.write, PutEntry)]
    assert len(written) == len(set(written))
    ids = {entry.id for entry in given["entries"]}
    for links in (made.links_before, made.links_after):
        linked = [link.entry_id for link in links if link.entry_id is not None]
        assert len(linked) == len(set(linked))
        assert ids <= set(linked)


@given(inputs)
def test_operations_stand_in_the_order_of_carrying_out(given: dict[str, object]) -> None:
    made = planned(given)
    ranks = [VARIANT_ORDER[operation.variant] for operation in made.operations]
    assert ranks == sorted(ranks)
    anywhere = (Variant.match, Variant.remark_back)  # marker repairs settle with whatever their entry waits for
    phases = [operation.settles for operation in made.writes if operation.variant not in anywhere]
    assert phases == sorted(phases)


@given(inputs)
def test_lists_hold_each_value_once_and_one_primary(given: dict[str, list[Item]]) -> None:
    made = planned(given)
    before = {(item.medium, item.value): item for item in given["items"]}
    for medium, items in ((Medium.phone, made.phones), (Medium.email, made.emails)):
        if items is None:
            continue
        forms = [item_form(item.medium, item.value, REGION) for item in items]
        assert len(forms) == len(set(forms))
        assert all(item.medium is medium for item in items)
        assert not items or sum(item.primary for item in items) == 1
        for item in items:
            untouched = before.get((medium, item.value))
            assert untouched is None or replace(untouched, primary=item.primary) == item


# Items of an EspoCRM that takes national numbers and keeps extensions: one number may stand there in many spellings.
SPELLINGS = (
    "+4951110001",
    "0511 10001",
    "4951110001",
    "+4951110001 ext. 1",
    "+4951110001 ext. 2",
    "+491711234567",
    "0171/1234567",
    "Zentrale",
    "-",
    "\u200b",
)


@st.composite
def odd_item_lists(draw: st.DrawFn) -> list[Item]:
    """Each value once, as EspoCRM keeps them; but what one number is, it does not care."""
    numbers = draw(st.lists(st.sampled_from(SPELLINGS), unique=True, max_size=8))
    addresses = draw(st.lists(st.sampled_from(EMAILS), unique_by=str.lower, max_size=3))
    flags = st.booleans()
    phones = [Item(Medium.phone, value, "Office", n == 0, draw(flags), draw(flags)) for n, value in enumerate(numbers)]
    return phones + [Item(Medium.email, value, None, n == 0, draw(flags)) for n, value in enumerate(addresses)]


odd_entries = st.builds(Entry, st.integers(1, 8), row_ids, st.one_of(tlfs, st.sampled_from(SPELLINGS)), remarks)


def sent_lists(made: ContactPlan) -> list[tuple[Medium, tuple[Item, ...]]]:
    lists = ((Medium.phone, made.phones), (Medium.email, made.emails))
    return [(medium, sent) for medium, sent in lists if sent is not None]


@given(inputs, odd_item_lists(), st.lists(odd_entries, max_size=6))
def test_what_espocrm_showed_goes_back_unless_an_operation_takes_it_out_by_name(
    given: dict[str, object], shown: list[Item], entries: list[Entry]
) -> None:
    made = planned(dict(given, items=shown, entries=entries))
    for medium, sent in sent_lists(made):
        out = [item for operation in made.operations for item in operation.takes_out if item.medium is medium]
        new = [item for operation in made.operations for item in operation.puts_in if item.medium is medium]
        before = [item for item in shown if item.medium is medium]
        assert set(out) <= set(before)
        assert Counter(item.value for item in [*out, *sent]) == Counter(item.value for item in [*before, *new])
        untouched = [replace(item, primary=False) for item in before if item not in out]
        assert not set(untouched) - {replace(item, primary=False) for item in sent}
    for operation in made.operations:
        if operation.takes_out:
            assert operation.variant in (Variant.remove_item, Variant.change_item)


@given(odd_item_lists(), st.lists(st.builds(Entry, st.integers(1, 8), row_ids, st.sampled_from(SPELLINGS)), max_size=6))
def test_a_first_link_takes_nothing_away(shown: list[Item], entries: list[Entry]) -> None:
    made = plan(items=shown, entries=entries, links=[])
    for medium, sent in sent_lists(made):
        values = {item.value for item in sent}
        assert all(item.value in values for item in shown if item.medium is medium)


NUMBERS = ("+4915150405214", "+4951110001", "+436641234567", "+41446681800", "+33142685300")
RESPELLED: tuple[Callable[[str], str], ...] = (
    str,
    lambda number: number[1:],
    lambda number: "00" + number[1:],
    lambda number: f"{number[:3]} (0) {number[3:]}",
    lambda number: " ".join(number),
    lambda number: "\u202f".join(number[1:]),
    lambda number: f"\u200e{number}\ufeff",
)


@given(
    st.lists(st.sampled_from(NUMBERS), unique=True, min_size=1), st.sampled_from(("DE", "AT", "CH", "FR")), st.data()
)
def test_a_first_link_invents_nothing_however_advoware_spells_the_numbers(
    numbers: list[str], region: str, data: st.DataObject
) -> None:
    items = [Item(Medium.phone, number, "Office", number == numbers[0]) for number in numbers]
    spelled = [data.draw(st.sampled_from(RESPELLED))(number) for number in numbers]
    entries = [Entry(n, f"row{n}", tlf) for n, tlf in enumerate(spelled, start=1)]
    made = plan(items=items, entries=entries, links=[], facts=Facts(region=region))
    assert not made.changes_espocrm
    assert not any(isinstance(operation.write, PostEntry) for operation in made.writes)
    assert not made.reports


@given(inputs)
def test_what_is_added_can_be_held_by_espocrm(given: dict[str, list[Item]]) -> None:
    made = planned(given)
    before = {item.value for item in given["items"]}
    for item in (*(made.phones or ()), *(made.emails or ())):
        assert item.value in before or espo_spelling(item.value, REGION) == item.value


@given(inputs)
def test_peoples_remarks_are_kept_to_the_letter(given: dict[str, list[Entry]]) -> None:
    without_pending = dict(given, links=[replace(link, pending=None) for link in given["links"]])  # type: ignore[type-var]
    made = planned(without_pending)
    texts: dict[int, set[str]] = {}
    for entry in given["entries"]:
        texts.setdefault(entry.id, set()).add(markers.strip(entry.bemerkung))
    for operation in made.writes:
        if isinstance(operation.write, PutEntry):
            assert markers.strip(operation.write.bemerkung) in texts[operation.write.entry_id]


@given(inputs)
def test_to_advoware_leaves_espocrms_lists_alone(given: dict[str, object]) -> None:
    made = planned(dict(given, direction=Direction.to_advoware))
    assert not made.changes_espocrm
    assert not any(
        operation.variant in (Variant.remove_item, Variant.add_item, Variant.change_item)
        for operation in made.operations
    )


@given(inputs)
def test_to_espocrm_changes_no_value_in_advoware(given: dict[str, list[Entry]]) -> None:
    made = planned(dict(given, direction=Direction.to_espocrm))
    held: dict[int, set[str]] = {}
    for entry in given["entries"]:
        held.setdefault(entry.id, set()).add(plain(entry.tlf or ""))  # signs that nobody sees are no value
    for operation in made.writes:
        assert isinstance(operation.write, PutEntry)
        assert plain(operation.write.tlf) in held[operation.write.entry_id]


@given(inputs)
def test_nothing_is_posted_that_stands_in_an_entry_already(given: dict[str, list[Entry]]) -> None:
    # An id that comes twice holds what its last row says; which one that is has its own test.
    given = dict(given, entries=list({entry.id: entry for entry in given["entries"]}.values()))
    made = planned(dict(given, policy=KommPolicy()))
    links: list[Link] = list(made.links_before)
    effective = {link.base.form for link in links if link.base}
    held = {form_of(entry.tlf, REGION) for entry in given["entries"]} - effective
    posted = [operation.write.tlf for operation in made.writes if isinstance(operation.write, PostEntry)]
    assert not {form_of(tlf, REGION) for tlf in posted} & held
    assert len(posted) == len(set(posted))


@given(item_lists(), entry_lists(unique=True), st.sampled_from(Direction), policies, st.booleans())
def test_a_plan_made_from_the_result_of_a_plan_is_empty(
    items: list[Item], entries: list[Entry], direction: Direction, policy: KommPolicy, hashed: bool
) -> None:
    world = World(policy=policy)
    world.espo.items = {item_form(item.medium, item.value, REGION): item for item in items}
    world.advo.entries = {entry.id: entry for entry in entries}
    world.advo.next_id = 100
    world.espo.stored_hash = "0123456789abcdef" if hashed else None
    world.finish(direction)
    again = world.sync(direction)
    assert again.is_silent, again.plan.steps()


@given(st.lists(st.text()), st.randoms())
def test_hash_depends_on_the_row_ids_alone(row_ids: list[str], random: object) -> None:
    shuffled = sorted(row_ids, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert content_hash(row_ids) == content_hash(shuffled)
    assert len(content_hash(row_ids)) == 16
    assert content_hash([*row_ids, "one more"]) != content_hash(row_ids)
