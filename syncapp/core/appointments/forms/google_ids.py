"""The id of an event that we make: the same for the same Termin, another after each deletion.

Invariant: Google burns an id with its event, so a generation is used once; a text of `a-v0-9`, 52 characters long.
"""

import base64
import hashlib

# The private properties of an event of ours. They travel with copies: only with the event's own id do they count.
OWN_ID = "advosyncId"
FR_NR = "advosyncFrNr"


def google_id(*, installation: str, calendar_id: str, fr_nr: int, generation: int) -> str:
    """base32hex of SHA-256 over what makes the event what it is, lower case, without padding."""
    named = "\n".join((installation, calendar_id, str(fr_nr), str(generation)))
    digest = hashlib.sha256(named.encode(errors="surrogatepass")).digest()
    return base64.b32hexencode(digest).decode().rstrip("=").lower()
