"""What `make install-check` reads out of docs/DEPLOYMENT.md: nothing is left out, nothing is typed by mistake."""

import re
import shlex

from advosync_project.declarations import SETTINGS
from tests.install import machine, page

BLOCKS = list(page.blocks())
COMMANDS = [command for block in (*BLOCKS, *page.later_blocks()) for command in block.lines]


def test_the_chapters_of_a_new_machine_are_followed() -> None:
    assert {block.where[0] for block in BLOCKS} == set("123456")
    assert any("pip install" in command for command in COMMANDS)
    assert not any("git clone" in command for command in COMMANDS), "the other way of installing"


def test_with_postgresql_three_lines_take_the_place_of_the_copy() -> None:
    _backup, restoring, updating = page.later_blocks()
    first_words = [" ".join(command.split()[:4]) for command in restoring.lines]
    assert first_words[:5] == [
        "systemctl stop advosync.target",
        "runuser -u postgres --",
        "runuser -u postgres --",
        "runuser -u postgres --",
        "advosync migrate",
    ]
    assert not any("sqlite" in command for command in restoring.lines)
    assert any("pip install" in command for command in updating.lines)


def test_a_text_that_a_command_is_fed_belongs_to_it() -> None:
    fed = [command for command in COMMANDS if "<<'END'" in command]
    assert [command.splitlines()[-1] for command in fed] == ["END"]


def test_every_row_that_stands_in_for_a_line_is_used_and_can_be_done() -> None:
    used = {row for command in COMMANDS if (row := page.instead_of(command))}
    assert used == set(page.INSTEAD)
    assert all(callable(getattr(machine.Machine, row.done)) for row in page.INSTEAD)


def test_everything_else_is_one_command_of_a_shell() -> None:
    typed = [command for command in COMMANDS if page.instead_of(command) is None and "<<" not in command]
    assert all(shlex.split(command) for command in typed)
    assert len(typed) > 15


def test_no_line_is_typed_with_a_word_that_stands_for_another() -> None:
    """The lines about a standby once came into the way of the machine: whoever has no second one cannot type them."""
    typed = "\n".join(command for command in COMMANDS if page.instead_of(command) is None and "<<" not in command)
    assert set(re.findall(r"[A-Z][A-Z-]{3,}", typed)) == {"YOUR-NAME"}  # which the machine has
    assert "…" not in typed


def test_every_section_that_is_passed_over_is_there() -> None:
    text = page.PAGE.read_text()
    assert [name for name in page.NOT_FOLLOWED if f"\n### {name}\n" not in text] == []


def test_every_setting_of_the_page_gets_a_value() -> None:
    chosen = page.settings() | machine.EXAMPLES
    assert set(chosen) <= set(SETTINGS)
    assert [name for name, value in chosen.items() if "…" in value] == []
