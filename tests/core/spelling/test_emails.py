"""E-mail addresses: what tells two apart, and what EspoCRM takes."""

import pytest

from syncapp.core.spelling import emails


def test_emails_are_equal_whatever_the_letter_case() -> None:
    assert emails.normal_form(" SHARED@Example.ORG") == emails.normal_form("shared@example.org")
    assert emails.normal_form("straße@example.org") != emails.normal_form("strasse@example.org")


@pytest.mark.parametrize(
    "address",
    [
        "Max.Mueller@example.org",
        "a+b@sub.example.de",
        "a@firma.local",
        "a@b.test",
        "a@xn--exmple-cua.de",
        pytest.param(" a2@example.org ", id="trimmed-before-it-is-sent"),
    ],
)
def test_addresses_that_espocrm_takes(address: str) -> None:
    assert emails.for_espocrm(address) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("not-an-email", id="e3-no-address"),
        pytest.param("müller@exämple.de", id="e3c-umlauts"),
        pytest.param("müller@example.de", id="umlaut-in-front"),
        pytest.param("a b@example.org", id="blank-inside"),
        pytest.param('"a b"@example.org', id="quoted"),
        pytest.param("a@example.org; b@example.org", id="two-addresses"),
        pytest.param("a..b@example.org", id="two-dots"),
        pytest.param("a@b@example.org", id="two-ats"),
        pytest.param("a@localhost", id="no-dot"),
        pytest.param("@example.org", id="nothing-in-front"),
        pytest.param("x" * 65 + "@example.org", id="too-long-in-front"),
        pytest.param("www.example.org", id="web-address"),
        pytest.param("", id="empty"),
    ],
)
def test_addresses_that_espocrm_refuses(address: str) -> None:
    assert emails.for_espocrm(address) is None
