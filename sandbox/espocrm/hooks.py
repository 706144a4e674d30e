"""What a firm's own scripts do before a record is saved: bank accounts are checked.

To extend: a further script is a function, called by the name of its entity type.
"""

import re
from collections.abc import Mapping

from sandbox.espocrm.answers import EspoRefusal
from sandbox.espocrm.entities import BANK, EntityType
from sandbox.switches import switches

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")


def before_save(entity: EntityType, values: Mapping[str, object]) -> None:
    if entity is not BANK or not switches("espocrm")["bank_hook"]:
        return
    iban, bic = values.get("iban"), values.get("bic")
    if iban is not None and not is_right(str(iban)):
        raise EspoRefusal(400, "invalidIbanChecksum")
    if bic is not None and not BIC.fullmatch(str(bic)):
        raise EspoRefusal(400, "invalidBic")


def is_right(iban: str) -> bool:
    if not IBAN.fullmatch(iban):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
