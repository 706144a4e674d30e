"""IBAN and BIC: check digits, lengths, spellings, and what may be shown."""

import pytest

from syncapp.core.bankverbindungen.iban import LENGTHS, compact, is_valid, is_valid_bic, masked
from syncapp.core.bankverbindungen.plan_builder import fault_of
from syncapp.core.bankverbindungen.shapes import Account, BankKeep, Keeper, Kept

KEEPER = Keeper(b"key")


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
    "account, fault",
    [
        (Account("DE89370400440532013000"), None),
        (Account("de89 3704 0044 0532 0130 00", "cobadeff"), None),
        (Account("DE89370400440532013000", "COBA"), "bic"),
        (Account(""), "iban"),
        (Account("DE89370400440532013000", kontoinhaber="Mü\x00ller"), "kontoinhaber"),
    ],
)
def test_fault(account: Account, fault: str | None) -> None:
    assert fault_of(account) == fault


class TestKeeper:
    account = Account("DE89 3704 0044 0532 0130 00", "COBADEFFXXX", "Käthe  Müller", "Commerzbank")

    @pytest.mark.parametrize("how", list(BankKeep))
    def test_is_recognised_in_any_spelling(self, how: BankKeep) -> None:
        kept = KEEPER.keep(self.account, how)
        names = frozenset({"iban", "bic", "kontoinhaber", "bankname"})
        assert KEEPER.same(
            kept, Account("DE89370400440532013000", "cobadeff", "KA\u0308THE MÜLLER", "commerzbank"), names
        )
        assert not KEEPER.same(kept, Account("DE89370400440532013000", "cobadeff", "K. Müller", "commerzbank"), names)
        assert KEEPER.same(kept, Account("DE89370400440532013000"), frozenset({"iban"}))
        assert Kept.from_json(kept.to_json()) == kept

    def test_a_hash_shows_nothing_and_needs_the_key(self) -> None:
        kept = KEEPER.keep(self.account, BankKeep.hash)
        assert all(len(text) == 32 for _, text in kept.values)
        assert Keeper(b"other").keep(self.account, BankKeep.hash) != kept
        assert KEEPER.keep(Account(), BankKeep.hash).value("iban") == ""
        assert kept.value("iban") != kept.value("bic")

    def test_resealed(self) -> None:
        plain = KEEPER.keep(self.account)
        sealing = Keeper(b"key", BankKeep.hash)
        assert sealing.resealed(plain) == sealing.keep(self.account)
        assert KEEPER.resealed(plain) == plain
        assert KEEPER.resealed(sealing.keep(self.account)) == sealing.keep(self.account)

    def test_a_number_for_an_entry_without_one(self) -> None:
        number = KEEPER.number(self.account, {})
        assert number < 0
        assert number == KEEPER.number(Account("DE89370400440532013000"), {})
        assert number != KEEPER.number(Account("AT611904300234573201"), {})
        assert number > -(2**63)

    def test_no_repr_shows_an_account(self) -> None:
        for shown in (repr(self.account), repr(KEEPER.keep(self.account)), repr(KEEPER)):
            assert "3704" not in shown
            assert "Käthe" not in shown
            assert "key" not in shown.replace("Keeper", "").replace("BankKeep", "")
