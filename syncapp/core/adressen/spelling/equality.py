"""When two German addresses are the same, and when people have to be asked.

Purpose: a normal form that exists only to be compared; nothing of it is ever written to either side.
Invariant: what is equal here, a postman takes for one address; ü is not ue (that is "similar", for people to decide).
To extend: a further spelling that means the same is a line of STREET_RULES, with a pair in the test.

| part | rule |
| --- | --- |
| all | compatibility forms, soft hyphens away, one kind of dash, one blank, letter case (ß is ss) |
| street | line breaks and commas are blanks; Str., Straße, -str are one; Pl. is Platz; 5 a is 5a, 5 - 7 is 5-7 |
| Postfach | a street line that says nothing but "Postfach 12 34" is the Postfach, as Advoware's own field is |
| code | blanks and the country's letter away |
| city | full stops and brackets away; parts of towns and "a. M." stay |
| country | one ISO code for every name; empty is the home country |
"""

import re
from dataclasses import dataclass, replace
from unicodedata import normalize

from syncapp.core.adressen.shapes import Address
from syncapp.core.adressen.spelling.countries import country_code
from syncapp.core.spelling import letters

DASHES = re.compile("[‐‑‒–—―−﹣-]")
STREET_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r","), " "),
    (re.compile(r"str(?:asse\b|\.)"), "str "),
    (re.compile(r"-str\b"), " str"),
    (re.compile(r"pl\.(?=\s|\d|$)"), "platz "),
    (re.compile(r"(?<=[^\W\d_])(?=\d)"), " "),
    (re.compile(r"(\d)\s+([a-z])(?=$|[\s/-])"), r"\1\2"),
    (re.compile(r"(\d[a-z]?)\s*([-/])\s*(?=\d)"), r"\1\2"),
    (re.compile(r"\.$"), ""),
)
POSTFACH_LINE = re.compile(r"(?:postfach|p\.? ?o\.? ?box)\s*([\d ]+)")
CODE_LETTERS = re.compile(r"^(?:d|de|a|at|ch)-")
HOUSE_NUMBER = re.compile(r"\s\d+[a-z]?(?:[-/]\d*[a-z]?)*$")
# Behind the S, which may be a capital: Hauptstraße, Große Straße, Lange-Straße.
FULL_STREET = re.compile(r"(?<=s)tra(?:ß|ss)e\b", re.IGNORECASE)
SHORT_STREET = re.compile(r"(?<=s)tr(?:\.|\b)", re.IGNORECASE)
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


@dataclass(frozen=True, order=True)
class AddressForm:
    """The normal form. `main` is what a PUT of Advoware can write; the rest is fixed once the entry exists."""

    street: str = ""
    code: str = ""
    city: str = ""
    country: str = ""
    postfach: str = ""
    postfach_code: str = ""


def form_of(address: Address, *, home: str) -> AddressForm:
    street, postfach = _street(address.strasse), _postfach(address.postfach)
    line = POSTFACH_LINE.fullmatch(street)
    if line:
        street, postfach = "", postfach or line[1].replace(" ", "")
    code, postfach_code = code_form(address.plz), code_form(address.postfach_plz)
    if postfach and not street:
        code, postfach_code = postfach_code or code, ""
    if not postfach:
        postfach_code = ""
    country = country_code(address.land, home=home)
    return AddressForm(street, code, _city(address.ort), country, postfach, postfach_code)


def is_similar(one: Address, other: Address, *, home: str) -> bool:
    """Unequal, and yet perhaps the same: what only people can tell."""
    a, b = form_of(one, home=home), form_of(other, home=home)
    if a == b:
        return False
    return (
        _same_street_without_number(a, b)
        or _same_place_other_code(a, b)
        or _transliterated(a) == _transliterated(b)
        or (bool(one.land.strip()) != bool(other.land.strip()) and replace(a, country=b.country) == b)
    )


def _same_street_without_number(a: AddressForm, b: AddressForm) -> bool:
    names = [HOUSE_NUMBER.sub("", form.street) for form in (a, b)]
    return bool(a.code and names[0]) and a.code == b.code and names[0] == names[1]


def _same_place_other_code(a: AddressForm, b: AddressForm) -> bool:
    place = (a.street, a.postfach)
    return any(place) and place == (b.street, b.postfach) and a.code != b.code


def _transliterated(form: AddressForm) -> AddressForm:
    return replace(form, street=form.street.translate(UMLAUTS), city=form.city.translate(UMLAUTS))


def both_ways(street: str) -> str:
    """The street with Straße where it says Str., and with Str. where it says Straße; else as it is."""
    if FULL_STREET.search(street):
        return FULL_STREET.sub("tr.", street)
    return SHORT_STREET.sub("traße", street)


def folded(text: str) -> str:
    """What all parts have in common. Like `letters.plain`, it composes no text that is longer than any real one."""
    seen = letters.plain(text)
    if len(seen) <= letters.LONGEST_COMPOSED:
        seen = normalize("NFKC", seen)
    return " ".join(DASHES.sub("-", seen).casefold().split())


def _street(text: str) -> str:
    # A line break parts what a comma parts where there is only one line: it goes to Advoware as one.
    street = folded(", ".join(text.splitlines()))
    for pattern, replacement in STREET_RULES:
        street = " ".join(pattern.sub(replacement, street).split())
    return street


def _postfach(text: str) -> str:
    return re.sub(r"postfach|\s", "", folded(text))


def code_form(text: str) -> str:
    return CODE_LETTERS.sub("", folded(text).replace(" ", ""))


def _city(text: str) -> str:
    return " ".join(re.sub(r"[.()\[\]]", "", folded(text)).split())
