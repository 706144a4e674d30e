"""Every package that an installation runs says its licence, and the page names all of them."""

from email.message import Message

import pytest

from advosync_project import licences


@pytest.mark.parametrize("name", sorted(licences.every_package()))
def test_licence_is_known(name: str) -> None:
    assert licences.licence_of(name)


def test_the_page_names_every_package_and_what_those_need() -> None:
    page = licences.page()
    assert all(f"| {name} |" in page for name in licences.every_package())
    assert {"django", "psycopg", "psycopg-binary", "urllib3", "asgiref"} <= licences.every_package()
    assert "pytest" not in licences.every_package()


def test_a_package_that_says_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences.metadata, "metadata", lambda name: Message())
    with pytest.raises(ValueError, match="supervisor does not say its licence"):
        licences.licence_of("supervisor")
