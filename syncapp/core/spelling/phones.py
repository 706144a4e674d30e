"""Phone numbers: what a text means, when two are the same, and how EspoCRM wants them.

Purpose: people write one number in a hundred ways (docs/spellings.toml holds them).
Invariant: a number in EspoCRM's spelling is its own reading in every region; nothing here raises for a text, however
odd, and no text costs more than its length: what is longer than LONGEST is no number. In doubt a text is no number: it
stays where it is and is reported, since a wrong number that looks right is worse than none.
To extend: a spelling that is read wrongly becomes a row of the table of spellings first.
"""

import re
from functools import lru_cache
from unicodedata import decimal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from syncapp.core.spelling.letters import plain

LONGEST = 250
LONGEST_EXTENSION = 7
PLUS = ("+", "\uff0b")
# Digits of a number in its country, area code included. Only direct dialling makes longer ones.
LONGEST_SUBSCRIBER = 11

# From the first digit on, letters would be read as keypad digits ("0511 12345 abends"); only an extension may follow.
_NUMBER_THEN_LETTERS = re.compile(r"\d.*?(?P<rest>[^\W\d_].*)", re.DOTALL)
_EXTENSION = re.compile(r"(?:ext|extn|extension|x|xt)[.:=]?\s*\d{1,7}\W*", re.IGNORECASE)
# "1. 0511 12345": the 1 counts numbers and belongs to none.
_COUNTED = re.compile(r"\W*[1-9]\d?[.):]\s+\(?[+0]")
# Where a second number could begin: "0511 1234 / 0511 1235".
_NEXT_NUMBER = re.compile(r"[\s/.–—-]+(?=\(?[0+])")
_TWO_NUMBERS = 14  # digits that two numbers have at the least
# "0511 12345/46": two numbers, of which the second is given by its end.
_OTHER_END = re.compile(r"(?P<first>.*\d)\s*/\s*\d{1,3}", re.DOTALL)


def normal_form(value: str, region: str, *, extensions: bool = False) -> str:
    """E.164 where the text can be read as a number, else its digits, else the plain text.

    extensions: whether an extension tells two numbers apart; where EspoCRM drops them, it cannot.
    """
    number = _read(value, region)
    if number is not None:
        return _e164(number) + (f";ext={number.extension}" if extensions and number.extension else "")
    text = plain(value)
    return (digits(text) if len(text) <= LONGEST else "") or text


def for_espocrm(value: str, region: str, *, extensions: bool = False) -> str | None:
    """What EspoCRM can be given for this text, or None where it would refuse it.

    EspoCRM takes every *possible* number, whether or not it is in use (it stored +4911), and drops extensions unless it
    was told to keep them.
    """
    number = _read(value, region)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return _e164(number) + (f" ext. {number.extension}" if extensions and number.extension else "")


def readings(value: str, region: str) -> tuple[str, ...]:
    """Every number (E.164) that the text may mean, the one that counts first. More than one: it is ambiguous."""
    return tuple(_e164(number) for number in _readings(value, region))


def digits(text: str) -> str:
    """The digits alone, of whatever script."""
    return "".join(str(decimal(char)) for char in text if char.isdecimal())


def has_extension(value: str, region: str) -> bool:
    number = _read(value, region)
    return number is not None and bool(number.extension)


def is_mobile(value: str, region: str) -> bool:
    """Whether the number is certainly a mobile one (countries that do not tell them apart: no)."""
    number = _read(value, region)
    return number is not None and phonenumbers.number_type(number) == PhoneNumberType.MOBILE


def is_ordinary(value: str, region: str) -> bool:
    """Whether the number fits its country's numbering plan. Stricter than `for_espocrm`: a hint, never a refusal."""
    number = _read(value, region)
    return number is not None and phonenumbers.is_valid_number(number)


def is_international(value: str) -> bool:
    """Whether the text itself says which country it belongs to."""
    start = _from_first_digit(plain(value))
    return start.startswith(PLUS) or digits(start[:2]) == "00"


def _read(value: str, region: str) -> PhoneNumber | None:
    return next(iter(_readings(value, region)), None)


def _readings(value: str, region: str) -> tuple[PhoneNumber, ...]:
    return _readings_of_short(value, region) if len(value) <= LONGEST else ()


@lru_cache(maxsize=4096)  # a run asks many times for the few numbers that it deals with; nobody changes the answer
def _readings_of_short(value: str, region: str) -> tuple[PhoneNumber, ...]:
    text = plain(value).replace("\t", " ")
    if not text or _says_more(text) or _are_several(text, region):
        return ()
    national, international = _parse(text, region), _without_plus(text, region)
    if international is None:
        return () if national is None or not _is_dialled(text, national, region) else (national,)
    if national is None or _e164(national) == _e164(international) or not _is_plausible(national):
        return (international,)
    return (international, national)


def _says_more(text: str) -> bool:
    """Words, or the number of a list: not one number and nothing else."""
    letters = _NUMBER_THEN_LETTERS.search(text)
    words = letters is not None and _EXTENSION.fullmatch(letters["rest"]) is None
    return words or _COUNTED.match(text) is not None


def _are_several(text: str, region: str) -> bool:
    end = _OTHER_END.fullmatch(text)
    if end and _is_valid(end["first"], region):
        return True
    if len(digits(text)) < _TWO_NUMBERS:
        return False
    return sum(_is_valid(part, region) for part in _NEXT_NUMBER.split(text)) > 1


def _is_valid(text: str, region: str) -> bool:
    number = _parse(text, region)
    return number is not None and phonenumbers.is_valid_number(number)


def _without_plus(text: str, region: str) -> PhoneNumber | None:
    """The reading as an international number whose plus somebody left out, as telephone systems do."""
    start = _from_first_digit(text)
    if not start or start[0] in PLUS or _begins_with_zero(start):
        return None
    number = _parse("+" + start, region)
    home = phonenumbers.country_code_for_region(region)
    counts = number is not None and number.country_code == home and phonenumbers.is_valid_number(number)
    return number if counts else None


def _from_first_digit(text: str) -> str:
    place = next((place for place, char in enumerate(text) if char in PLUS or char.isdecimal()), len(text))
    return text[place:]


def _begins_with_zero(start: str) -> bool:
    return start[:1].isdecimal() and decimal(start[0]) == 0


def _is_dialled(text: str, number: PhoneNumber, region: str) -> bool:
    """Without zero or plus it may lack its area code, or be dialled as it stands (110, 116117): +49110 is nobody's.

    With one zero it may lack another (`049 151 …`): then it would be a number that is too long, and looks right.
    """
    start = _from_first_digit(text)
    if start[0] in PLUS or _is_plausible(number):
        return True
    return _begins_with_zero(start) and _without_plus(start[1:], region) is None


def _is_plausible(national: PhoneNumber) -> bool:
    """Whether somebody may have left out the zero in front, rather than the plus."""
    return phonenumbers.is_valid_number(national) and len(str(national.national_number)) <= LONGEST_SUBSCRIBER


def _parse(text: str, region: str) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, region)
        again = phonenumbers.parse(_e164(number), region)
    except phonenumbers.NumberParseException:
        return None
    # "00000" would become +490000, or read back as another number: such a thing is no number.
    zeros = number.italian_leading_zero and not phonenumbers.is_valid_number(number)
    if zeros or _e164(again) != _e164(number):
        return None
    return number if number.extension is None or _is_extended(number) else None


def _is_extended(number: PhoneNumber) -> bool:
    """`0511~12345` is no number 0511 with an extension."""
    return len(number.extension or "") <= LONGEST_EXTENSION and phonenumbers.is_valid_number(number)


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
