"""`anschrift` beside a PUT: which lines follow, and when people have to look."""

import pytest

from syncapp.core.adressen.shapes import Address, LetterBlock
from syncapp.core.adressen.spelling.letter_block import renewed

OLD = Address("Hauptstr. 5", "30159", "Hannover")
NEW = Address("Wall 1", "20095", "Hamburg")
SAME_TOWN = Address("Wall 1", "30159", "Hannover")


@pytest.mark.parametrize(
    "block, after, expected",
    [
        ("", NEW, ""),
        ("  ", NEW, "  "),
        ("Firma X\nHauptstraße 5\n30159 Hannover", NEW, "Firma X\nWall 1\n20095 Hamburg"),
        ("Firma X\r\nHauptstr. 5\r\nD-30159 Hannover", NEW, "Firma X\r\nWall 1\r\n20095 Hamburg"),
        ("Hauptstr. 5\n30159 Hannover", SAME_TOWN, "Wall 1\n30159 Hannover"),
        ("Hauptstr. 5", SAME_TOWN, "Wall 1"),
        ("Hauptstr. 5", NEW, None),
        ("30159 Hannover", SAME_TOWN, None),
        ("Firma X, Hauptstr. 5, 30159 Hannover", NEW, None),
        ("Frau Meier", NEW, None),
    ],
)
def test_by_lines(block: str, after: Address, expected: str | None) -> None:
    from dataclasses import replace

    assert renewed(replace(OLD, anschrift=block), after, mode=LetterBlock.lines) == expected


def test_kept_by_setting() -> None:
    from dataclasses import replace

    full = replace(OLD, anschrift="Hauptstr. 5\n30159 Hannover")
    assert renewed(full, NEW, mode=LetterBlock.keep) is None
    assert renewed(OLD, NEW, mode=LetterBlock.keep) == ""


def test_people_are_asked_until_the_block_changes_or_they_say_so() -> None:
    from syncapp.core.child_lists import answers
    from tests.core.adressen.test_rows import HERE, paired

    for by_answer in (True, False):
        world, espo_id, number = paired()
        world.edit_entry(number, anschrift="Frau Meier\npersönlich")
        world.edit_item(espo_id, strasse="Wall 1", **HERE)
        world.run()
        assert (world.rows(), world.cases()) == ([(8, "put_entry")], [(8, "letter_block")])
        assert world.entries[number].address.anschrift == "Frau Meier\npersönlich"
        assert world.is_still()
        assert world.cases() == [(8, "letter_block")]
        if by_answer:
            world.links = answers.letter_block_checked(world.links, entry_id=number)
        else:
            world.edit_entry(number, anschrift="Frau Meier")
        assert world.is_still()
        assert world.cases() == []
