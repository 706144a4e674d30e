"""Each row of the quirks table names a test that is there."""

import ast
from pathlib import Path

import pytest

from syncapp.remotes.advoware.client import AdvowareClient
from syncapp.remotes.http.quirks import Quirk
from syncapp.remotes.registry import QUIRKS

ROOT = Path(__file__).resolve().parents[2]


def defined(body: list[ast.stmt], names: list[str]) -> bool:
    wanted, *rest = names
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == wanted:
            return not rest or defined(node.body, rest)
    return False


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.what[:40])
def test_the_test_of_a_row_exists(quirk: Quirk) -> None:
    file, *names = quirk.test.split("::")
    assert defined(ast.parse((ROOT / file).read_text()).body, names), quirk.test


def test_no_row_twice_and_whole_sentences() -> None:
    assert len({quirk.what for quirk in QUIRKS}) == len(QUIRKS)
    for quirk in QUIRKS:
        assert quirk.what.endswith(".")
        assert quirk.ours.endswith(".")


def test_advoware_s_client_can_delete_nothing_but_a_termin() -> None:
    assert [name for name in dir(AdvowareClient) if "delete" in name or "remove" in name] == ["delete_termin"]
