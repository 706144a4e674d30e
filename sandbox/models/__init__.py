"""Tables of the stand-ins, in the database alias "sandbox", imported here so that Django knows them."""

from sandbox.models import advoware, espocrm, google

__all__ = ["advoware", "espocrm", "google"]
