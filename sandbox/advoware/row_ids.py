"""Row ids as Advoware makes them: base64 of random bytes, new at every write."""

import base64
import secrets


def new_row_id() -> str:
    return base64.b64encode(secrets.token_bytes(15)).decode()
