"""One account: what is wrong with it, and how it is kept so that it is recognised and not shown."""

import pytest

from syncapp.core.bankverbindungen.plan_builder import fault_of
from syncapp.core.bankverbindungen.shapes import Account, BankKeep, Keeper, Kept

KEEPER = Keeper(b"key")


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
