"""Key files of the stand-in's service accounts, as Google hands them out; their token_uri points to the stand-in."""

import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.models.google import ServiceAccount

EMAIL = "advosync@sandbox.iam.gserviceaccount.com"


def make(*, origin: str, email: str = EMAIL) -> dict[str, str]:
    """A new key for the account; the one before it stops working, as after a rotation."""
    private, public = new_pair()
    token_uri = f"{origin.rstrip('/')}/sandbox/google/token"
    ServiceAccount.objects.update_or_create(email=email, defaults={"public_key": public, "token_uri": token_uri})
    return {
        "type": "service_account",
        "project_id": "sandbox",
        "private_key_id": secrets.token_hex(20),
        "private_key": private,
        "client_email": email,
        "client_id": "100000000000000000001",
        "token_uri": token_uri,
    }


def new_pair() -> tuple[str, str]:
    """A private key and its public half, as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()
