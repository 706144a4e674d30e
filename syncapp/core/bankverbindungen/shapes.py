"""What goes into a plan of bank accounts: the account, item, entry, and what holds for this installation and run.

Invariant: an account's values never stand in a `repr`. What a link keeps of them is a `Kept`, which says by itself how
much that is. To extend: a further field is one of `Account`, and a name in FIELDS.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from syncapp.core.child_lists.shapes import ListFacts, ListPolicy, PairLink
from syncapp.core.spelling import letters
from syncapp.core.spelling.iban import compact, masked

FIELDS = ("iban", "bic", "kontoinhaber", "bankname")


@dataclass(frozen=True)
class Account:
    iban: str = field(default="", repr=False)
    bic: str = field(default="", repr=False)
    kontoinhaber: str = field(default="", repr=False)
    bankname: str = field(default="", repr=False)

    @property
    def key(self) -> str:
        """The identity: the compact IBAN."""
        return compact(self.iban)

    @property
    def masked(self) -> str:
        return masked(self.iban)

    def normal(self, name: str) -> str:
        """One field as it is compared."""
        if name == "iban":
            return self.key
        if name == "bic":
            bic = compact(self.bic)
            return bic.removesuffix("XXX") if len(bic) == 11 else bic
        return " ".join(letters.plain(str(getattr(self, name))).split()).casefold()


class BankKeep(StrEnum):
    plain = "plain"
    hash = "hash"


@dataclass(frozen=True)
class Kept:
    """What a link keeps of an account: normal forms, or only their HMACs; `tail` is what a case may show."""

    how: BankKeep
    tail: str
    values: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def value(self, name: str) -> str:
        return dict(self.values).get(name, "")

    def filled(self) -> frozenset[str]:
        return frozenset(name for name, value in self.values if value)

    def as_agreed(self, held: "Kept") -> "Kept":
        """All of it is sent."""
        return self

    @property
    def unit(self) -> str:
        """All of it: an account is one."""
        return json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False)

    def with_unit(self, text: str) -> "Kept":
        return self.from_json(json.loads(text))

    def to_json(self) -> dict[str, object]:
        return {"how": self.how.value, "tail": self.tail, "values": dict(self.values)}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> "Kept":
        values = stored.get("values")
        pairs = tuple(sorted(values.items())) if isinstance(values, dict) else ()
        return cls(BankKeep(str(stored["how"])), str(stored["tail"]), pairs)


AccountLink = PairLink[Kept]


@dataclass(frozen=True)
class Keeper:
    """How much of an account is kept. `key`: the secret of the HMAC; without it a hash could be guessed by trying."""

    key: bytes = field(repr=False)
    how: BankKeep = BankKeep.plain

    def keep(self, account: Account, how: BankKeep | None = None) -> Kept:
        chosen = how or self.how
        seal = self._hashed if chosen is BankKeep.hash else lambda _, text: text
        values = ((name, seal(name, account.normal(name))) for name in FIELDS)
        return Kept(chosen, account.masked, tuple(sorted(values)))

    def same(self, kept: Kept, account: Account, names: frozenset[str]) -> bool:
        """Whether the account is what was kept, however it was kept."""
        now = self.keep(account, kept.how)
        return all(kept.value(name) == now.value(name) for name in names)

    def number(self, account: Account, raw: Mapping[str, object]) -> int:
        """A number for an entry that has none of its own: below zero, and the same for the same IBAN, or, where it has
        none of those either, for the same entry as read."""
        if account.key:
            return _numbered(self._hashed("iban", account.key))
        return _numbered(self._hashed("entry", json.dumps(dict(raw), sort_keys=True, default=str)))

    def number_of(self, kept: Kept) -> int:
        """The same, of what was kept of an account."""
        iban = kept.value("iban")
        sealed = iban if kept.how is BankKeep.hash else self._hashed("iban", iban)
        return _numbered(sealed or "0")

    def resealed(self, kept: Kept) -> Kept:
        """What was kept in plain, as this setting wants it; a hash stays one."""
        if kept.how is BankKeep.hash or self.how is BankKeep.plain:
            return kept
        hashed = ((name, self._hashed(name, text)) for name, text in kept.values)
        return Kept(BankKeep.hash, kept.tail, tuple(sorted(hashed)))

    def resealed_link(self, link: AccountLink) -> AccountLink:
        """All of a link's values; intents are dropped, since they hold texts (the next look compares with the base)."""
        return replace(
            link,
            base_espo=link.base_espo and self.resealed(link.base_espo),
            base_advo=link.base_advo and self.resealed(link.base_advo),
            pending=link.pending and replace(link.pending, sent=self.resealed(link.pending.sent)),
            refused=link.refused and replace(link.refused, value=self.resealed(link.refused.value)),
            sent=(),
            late=(),
        )

    def _hashed(self, name: str, text: str) -> str:
        return hmac.new(self.key, f"{name}:{text}".encode(), hashlib.sha256).hexdigest()[:32] if text else ""


def _numbered(sealed: str) -> int:
    return -int(sealed[:15], 16) - 1


@dataclass(frozen=True)
class BankItem:
    """One account in EspoCRM. `is_old`: older than the day on which this kind was switched on. `is_ours`:
    created by us."""

    espo_id: str
    account: Account
    aktiv: bool = True
    is_old: bool = False
    entry_number: int | None = None
    version: str | None = None
    is_ours: bool = False


@dataclass(frozen=True)
class BankEntry:
    """One account in Advoware. Where it has no number of its own, `Keeper.number` gives one below zero."""

    id: int
    account: Account
    row_id: str | None = None


class BankChange(StrEnum):
    task = "task"
    post = "post"


@dataclass(frozen=True)
class BankPolicy(ListPolicy):
    """The settings of this kind."""

    change: BankChange = BankChange.task
    blind_post: bool = False


@dataclass(frozen=True)
class BankFacts(ListFacts):
    """readable: whether Advoware's list can be read at all. carried: the fields that both sides have."""

    keeper: Keeper
    readable: bool = True
    carried: frozenset[str] = frozenset(FIELDS)
    has_active: bool = True
