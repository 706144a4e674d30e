"""IBAN and BIC: check digits, lengths, spellings, and what may be shown."""

import pytest

from syncapp.core.spelling.iban import LENGTHS, compact, is_valid, is_valid_bic, masked, masked_in


@pytest.mark.parametrize(
    "iban",
    [
        "DE89370400440532013000",
        "AT611904300234573201",
        "CH9300762011623852957",
        "GB82WEST12345698765432",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "FR1420041010050500013M02606",
    ],
)
def test_valid(iban: str) -> None:
    assert is_valid(iban)
    assert len(iban) == LENGTHS[iban[:2]]


@pytest.mark.parametrize(
    "iban",
    [
        "",
        "DE",
        "DE89370400440532013001",  # check digits
        "DE8937040044053201300",  # too short
        "DE893704004405320130000",
        "de89370400440532013000",  # not compact
        "DE89 3704 0044 0532 0130 00",
        "8937040044053201300089",
        "DE８９370400440532013000",
        "ZZ11",
        "12345678",
    ],
)
def test_invalid(iban: str) -> None:
    assert not is_valid(iban)


def test_an_unknown_country_is_judged_by_its_check_digits() -> None:
    def with_digits(rest: str) -> str:
        return next(f"XX{digits:02}{rest}" for digits in range(2, 99) if is_valid(f"XX{digits:02}{rest}"))

    assert is_valid(with_digits("A" * 11))
    assert is_valid(with_digits("1" * 30))
    for length in (10, 31):
        assert not any(is_valid(f"XX{digits:02}{'1' * length}") for digits in range(2, 99))


def test_compact() -> None:
    assert compact(" de89-3704 0044_0532.0130\u00a000 ") == "DE89370400440532013000"


@pytest.mark.parametrize(
    "bic, right",
    [
        ("COBADEFF", True),
        ("COBADEFFXXX", True),
        ("COBADEFFXX", False),
        ("C0BADEFF", False),
        ("", False),
        ("ÄOBADEFF", False),
    ],
)
def test_bic(bic: str, right: bool) -> None:
    assert is_valid_bic(bic) is right


@pytest.mark.parametrize(
    "text, shown", [("DE89 3704 0044 0532 0130 00", "DE…3000"), ("DE1234", "…"), ("", "…"), ("DE12345678901", "…")]
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("", ""),
        ("DE89370400440532013000", "DE…3000"),
        ("bitte auf de89 3704 0044 0532 0130 00 zahlen", "bitte auf DE…3000 zahlen"),
        ("IBAN:DE89-3704-0044-0532-0130-00, AT61 1904 3002 3457 3201", "IBAN:DE…3000, AT…3201"),
        ("xDE89370400440532013000x", "xDE…3000x"),
        ("DE89370400440532013001", "DE89370400440532013001"),  # check digits: it is none
        ("AB12345678901234567890", "AB12345678901234567890"),
        ("Zimmer DE89, 30159 Hannover", "Zimmer DE89, 30159 Hannover"),
    ],
)
def test_every_iban_in_a_text_is_masked(text: str, shown: str) -> None:
    assert masked_in(text) == shown
