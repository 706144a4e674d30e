"""Every package that an installation runs says its licence, and the page names all of them."""

from email.message import Message
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from advosync_project import licences


@pytest.mark.parametrize("name", sorted(licences.every_package()))
def test_licence_is_known(name: str) -> None:
    assert licences.licence_of(name)


def test_the_page_names_every_package_and_what_those_need() -> None:
    page = licences.page()
    assert all(f"| {name} |" in page for name in licences.every_package())
    assert {"django", "psycopg", "psycopg-binary", "urllib3", "asgiref"} <= licences.every_package()
    assert "pytest" not in licences.every_package()


@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0"])
def test_whatever_a_supported_python_needs_is_pinned(python: str) -> None:
    """Debian 12 has 3.11.2, where redis needs a package more than here: it came in whichever version was the newest."""
    lists = (licences.REQUIREMENTS, licences.REQUIREMENTS.with_name("constraints.txt"))
    lines = [line for path in lists for line in path.read_text().splitlines() if "==" in line]
    pinned = {canonicalize_name(Requirement(line.split("#")[0]).name) for line in lines}
    surroundings = {"python_version": python.rpartition(".")[0], "python_full_version": python, "extra": ""}
    needed = {
        canonicalize_name(one.name)
        for package in licences.every_package()
        for one in map(Requirement, metadata.requires(package) or ())
        if one.marker is None or one.marker.evaluate(surroundings)
    }
    assert needed - pinned == set()


def test_a_package_that_says_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences.metadata, "metadata", lambda name: Message())
    with pytest.raises(ValueError, match="supervisor does not say its licence"):
        licences.licence_of("supervisor")


def test_no_package_asks_for_a_newer_python_than_debians() -> None:
    """Debian 12 has 3.11.2: one that asks for 3.11.5 cannot be installed there, nor anything beside it."""
    asked = {name: metadata.metadata(name).get("Requires-Python", "") for name in licences.every_package()}
    assert [name for name, versions in asked.items() if not SpecifierSet(versions).contains("3.11.2")] == []
