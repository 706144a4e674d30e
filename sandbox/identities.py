"""Made-up people and companies for the seed: the same every time, none of them real.

Numbers come from the ranges that the Bundesnetzagentur keeps free for films, addresses from example domains. Pure: a
further oddity is a line in `identity`, a further name a word in a list; both change every seed after it.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, cycle

WOMEN = ("Anja", "Käthe", "Zoë", "Frieda", "Jördis", "Lena", "Marlene", "Özlem", "Renate", "Sünje", "Ulrike", "Wiebke")
MEN = ("Björn", "Çem", "Dietmar", "Götz", "Henning", "Jürgen", "Karsten", "Lars", "Matthias", "Ole", "Rüdiger", "Sören")
FAMILIES = (
    "Müller",
    "Größer",
    "Strauß",
    "Weiß",
    "Jäger",
    "Köhler",
    "Schröder",
    "Böttcher",
    "Voß",
    "Nußbaum",
    "Petersen",
    "Hartmann",
    "Lindemann",
    "Oelrichs",
    "Yıldız",
    "Kowalczyk",
    "von der Heide",
)
TRADES = ("Tiefbau", "Bäckerei", "Spedition", "Maschinenfabrik", "Gartengestaltung", "Druckerei", "Elektrotechnik")
LEGAL_FORMS = ("GmbH", "KG", "GmbH & Co. KG", "e.V.", "UG", "AG")
NATURAL = "natürliche Person"
TITLES = ("", "", "", "Dr.", "", "Prof. Dr.", "Dipl.-Ing.")
LANDLINES = (("30", "23125"), ("40", "66969"), ("69", "90009"), ("89", "99998"), ("221", "4710"))
MOBILES = (("171", "39200"), ("176", "040690"))
PLAIN_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ç": "c", "ı": "i", "ë": "e", " ": "-"})
FIRST_BIRTHDAY = date(1938, 2, 28)


@dataclass(frozen=True)
class Contact:
    """One phone or e-mail. `value` is EspoCRM's spelling (E.164), `spelled` the one that people use."""

    value: str
    spelled: str
    komm_kz: int
    type: str | None = None


@dataclass(frozen=True)
class Identity:
    fields: dict[str, str | None]
    contacts: tuple[Contact, ...]

    @property
    def is_company(self) -> bool:
        return self.fields["rechtsform"] != NATURAL


def phone(area: str, number: str, *, komm_kz: int, type_: str) -> Contact:
    return Contact(f"+49{area}{number}", f"0{area} / {number}", komm_kz, type_)


def email(address: str, *, komm_kz: int = 4) -> Contact:
    return Contact(address, address, komm_kz)


def _plain(text: str) -> str:
    return text.lower().translate(PLAIN_LETTERS)


def _numbers(nth: int) -> tuple[Contact, Contact]:
    """Office and mobile: no two of the first 200 alike, and no office number that is another's fax."""
    area, start = LANDLINES[(nth + nth // 5) % len(LANDLINES)]
    mobile_area, mobile_start = MOBILES[nth % len(MOBILES)]
    office = phone(area, f"{start}{2 * nth % 1000:03d}", komm_kz=1, type_="Office")
    mobile = phone(mobile_area, f"{mobile_start}{nth // len(MOBILES) % 100:02d}", komm_kz=3, type_="Mobile")
    return office, mobile


def _fax(nth: int) -> Contact:
    area, start = LANDLINES[(nth + nth // 5) % len(LANDLINES)]
    return phone(area, f"{start}{(2 * nth + 1) % 1000:03d}", komm_kz=2, type_="Fax")


def _full_names(chance: random.Random) -> Iterator[tuple[bool, str, str]]:
    """(woman, first name, family name): all combinations in a fixed disorder, then again."""
    everybody = [
        (woman, first, last) for woman in (True, False) for first in (WOMEN if woman else MEN) for last in FAMILIES
    ]
    chance.shuffle(everybody)
    return cycle(everybody)


def _person(chance: random.Random, nth: int, full_name: tuple[bool, str, str]) -> Identity:
    woman, first, last = full_name
    if nth % 7 == 3:
        last = f"{last}-{FAMILIES[FAMILIES.index(last) - 1]}"
    if nth % 9 == 4:
        first = f"{first}-{'Maria' if woman else 'Peter'}"
    title = TITLES[nth % len(TITLES)] or None
    form, ending = ("Frau", "") if woman else ("Herr", "r")
    born = FIRST_BIRTHDAY + timedelta(days=chance.randrange(25_000))
    office, mobile = _numbers(nth)
    address = f"{_plain(first)}.{_plain(last)}{nth}@example.org"
    return Identity(
        fields={
            "name": last,
            "vorname": first,
            "rechtsform": NATURAL,
            "titel": title,
            "anrede": form,
            "bAnrede": " ".join(word for word in (f"Sehr geehrte{ending} {form}", title, last) if word),
            "zusatz": "c/o Kanzlei am Ufer" if nth % 11 == 5 else None,
            "geburtsdatum": None if nth % 6 == 2 else born.isoformat(),
        },
        contacts=(mobile, email(address, komm_kz=8)) if nth % 3 else (office, mobile, email(address)),
    )


def _company(chance: random.Random, nth: int) -> Identity:
    form = LEGAL_FORMS[nth // 5 % len(LEGAL_FORMS)]
    owner, trade = chance.choice(FAMILIES), chance.choice(TRADES)
    office, _mobile = _numbers(nth)
    return Identity(
        fields={
            "name": f"{owner} {trade} {form}",
            "vorname": None,
            "rechtsform": form,
            "titel": None,
            "anrede": "Firma",
            "bAnrede": "Sehr geehrte Damen und Herren",
            "zusatz": "Abteilung Recht & Einkauf" if nth % 2 else None,
            "geburtsdatum": None,
        },
        contacts=(office, _fax(nth), email(f"info{nth}@{_plain(owner)}-{_plain(trade)}.example.com")),
    )


def identities(*, seed: int = 7) -> Iterator[Identity]:
    """Without end. Every fifth is a company; every eighth shares its first number with the one before."""
    chance = random.Random(seed)  # noqa: S311 - the same people every time is the point
    full_names = _full_names(chance)
    before: Identity | None = None
    for nth in count():
        made = _company(chance, nth) if nth % 5 == 4 else _person(chance, nth, next(full_names))
        if nth % 8 == 7 and before is not None:
            made = Identity(made.fields, (before.contacts[0], *made.contacts[1:]))
        yield made
        before = made
