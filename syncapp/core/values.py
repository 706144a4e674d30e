"""Normal forms and equality: text, dates, phones, e-mails.

Purpose: two spellings mean the same if and only if their normal forms are equal; every comparison in core goes
through the functions here.
Invariant: a canonical value is its own canonical value, an E.164 number its own normal form, and no function here
raises for a text, however odd: what cannot be read stays as it is, so that comparing goes on and validation names it.
To extend: a new kind of value gets one function for its normal form and one that says whether a target accepts it.
"""

import re
from datetime import date as calendar_date
from functools import lru_cache
from unicodedata import decimal

import phonenumbers
from email_validator import EmailNotValidError, validate_email

# The empty date of .NET: systems built on it hand it out where nothing was ever entered.
DOTNET_EMPTY_DATE = "0001-01-01"

# A date, optionally followed by a time without zone, or by midnight with one. Any other zoned time could mean the
# day before or after, so it is not read as a date at all.
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?|00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d\d:?\d\d)))?"
)

# From the first digit on, letters would be read as keypad digits ("0511 12345 abends"); only an extension may follow.
_NUMBER_THEN_LETTERS = re.compile(r"\d.*?(?P<rest>[^\W\d_].*)", re.DOTALL)
_EXTENSION = re.compile(r"(?:ext|extn|extension|x|xt)[.:=]?\s*\d{1,7}\W*", re.IGNORECASE)

_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", re.IGNORECASE | re.ASCII)
_LONGEST_EMAIL = 254

_WEB_ADDRESS = re.compile(
    r"(?:https?://(?:[\w-]+\.)*[\w-]+(?::\d+)?(?:[/?#]\S*)?"  # with a scheme, any host will do
    r"|(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]\S*)?)",  # without one, a host name that ends like a domain
    re.IGNORECASE,
)


class NotAValue(TypeError):
    """The JSON holds a structure or a truth value where text belongs: nothing that could be compared or carried."""


def text(value: object) -> str | None:
    """The canonical text of a JSON value: trimmed; "", null and [] are None; numbers become their digits.

    Raises NotAValue for anything else, since carrying `{"a": 1}` as text would invent a value.
    """
    if value is None or value == []:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NotAValue(type(value).__name__)
    return str(value).strip() or None


def date(value: object) -> str | None:
    """The day as `YYYY-MM-DD`, from any of the spellings of either system; None where there is none.

    What is no real date (`2001-02-31`, `5.1.2001`) comes back as its text: it still differs from every real date, so
    a change to it is seen, and `is_real_date` lets validation refuse it by name before it is written anywhere.
    """
    spelled = text(value)
    match = _DATE.fullmatch(spelled) if spelled else None
    if not match:
        return spelled
    day = match[1]
    if day == DOTNET_EMPTY_DATE:
        return None
    return day if is_real_date(day) else spelled


def is_real_date(day: str) -> bool:
    """Whether this is a day of the calendar in the form `YYYY-MM-DD`."""
    try:
        return calendar_date.fromisoformat(day).isoformat() == day
    except ValueError:
        return False


def phone_normal_form(value: str, region: str) -> str:
    """E.164 where the text parses as a number (extensions do not count), else its digits, else the trimmed text."""
    number = _parse(value, region)
    if number is not None:
        return _e164(number)
    digits = "".join(str(decimal(char)) for char in value if char.isdecimal())
    return digits or value.strip()


def phone_e164(value: str, region: str) -> str | None:
    """What EspoCRM can be given for this text, or None where it would refuse it.

    EspoCRM takes every *possible* number, whether or not it is in use (it stored +4911), and drops extensions.
    """
    number = _parse(value, region)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return _e164(number)


def is_mobile(value: str, region: str) -> bool:
    """Whether the number is certainly a mobile one (countries that do not tell them apart: no)."""
    number = _parse(value, region)
    return number is not None and phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def email_normal_form(value: str) -> str:
    """Trimmed and in lower case. Not case-folded: that would make one of `straße@` and `strasse@`."""
    return value.strip().lower()


def email_for_espocrm(value: str) -> str | None:
    """The spelling that EspoCRM can be given, trimmed, letter case kept; None where it would refuse the address.

    It refuses umlauts on either side of the @, spaces, and hosts without a dot. Nobody asks the DNS here, and reserved
    names such as `firma.local` pass: the library refuses those, EspoCRM does not, so it is shown a neutral host.
    """
    address = value.strip()
    local, _, host = address.rpartition("@")
    if not _HOST.fullmatch(host) or len(address) > _LONGEST_EMAIL:
        return None
    try:
        validate_email(f"{local}@example.com", check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return None
    return address


def email_acceptable(value: str) -> bool:
    """Whether EspoCRM takes this address (given as `email_for_espocrm` spells it)."""
    return email_for_espocrm(value) is not None


def phone_ordinary(value: str, region: str) -> bool:
    """Whether the number fits its country's numbering plan. Stricter than `phone_e164`: a hint, never a refusal."""
    number = _parse(value, region)
    return number is not None and phonenumbers.is_valid_number(number)


def email_ordinary(value: str) -> bool:
    """Whether the address could be reached from anywhere. Stricter than `email_acceptable`: a hint, never a refusal."""
    try:
        validate_email(value.strip(), check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return False
    return True


def web_address(value: str) -> bool:
    """Whether the text is one web address, with or without a scheme, and nothing else."""
    return _WEB_ADDRESS.fullmatch(value.strip()) is not None


@lru_cache(maxsize=4096)  # a run asks many times for the few numbers that it deals with; nobody changes the answer
def _parse(value: str, region: str) -> phonenumbers.PhoneNumber | None:
    letters = _NUMBER_THEN_LETTERS.search(value)
    if letters and not _EXTENSION.fullmatch(letters["rest"]):
        return None
    try:
        number = phonenumbers.parse(value, region)
        # "00000" would become +490000, which reads back as another number: such a thing is no number.
        return number if _e164(phonenumbers.parse(_e164(number), region)) == _e164(number) else None
    except phonenumbers.NumberParseException:
        return None


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
